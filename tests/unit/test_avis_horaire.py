"""When a mail about notices may leave: quiet hours and the daily mail, across both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.avis.horaire import GATHER, PARIS, Horaire, again, leaves, quiet

NIGHT = (20, 8)


def paris(text: str, fold: int = 0) -> datetime:
    """An instant by the wall's clock of Paris; ``fold`` 1: the second time that hour comes, in autumn."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold)


@pytest.mark.parametrize(("at", "hours", "expected"), [
    ("2026-11-23 19:59", NIGHT, False), ("2026-11-23 20:00", NIGHT, True), ("2026-11-24 00:00", NIGHT, True),
    ("2026-11-24 07:59", NIGHT, True), ("2026-11-24 08:00", NIGHT, False), ("2026-11-24 12:30", (12, 14), True),
    ("2026-11-24 14:00", (12, 14), False), ("2026-11-24 11:59", (12, 14), False), ("2026-11-24 03:00", None, False),
    ("2026-11-24 03:00", (5, 5), False), ("2026-11-24 23:00", (0, 23), False), ("2026-11-24 22:59", (0, 23), True),
])
def test_quiet_hours_by_the_wall(at: str, hours: tuple[int, int] | None, expected: bool) -> None:
    assert quiet(paris(at), hours) is expected


@pytest.mark.parametrize(("at", "wanted", "expected"), [
    ("2026-11-23 10:00", Horaire(), "2026-11-23 09:05"),
    ("2026-11-23 19:56", Horaire(), "2026-11-24 07:00"),
    ("2026-11-23 23:00", Horaire(), "2026-11-24 07:00"),
    ("2026-11-23 23:00", Horaire(calme=None), "2026-11-23 22:05"),
    ("2026-11-23 23:00", Horaire(calme=(8, 8)), "2026-11-23 22:05"),
    # one mail a day
    ("2026-11-23 10:00", Horaire(quotidien=True), "2026-11-24 07:00"),
    ("2026-11-23 07:30", Horaire(quotidien=True), "2026-11-23 07:00"),
    ("2026-11-23 07:56", Horaire(quotidien=True), "2026-11-24 07:00"),
    ("2026-11-23 10:00", Horaire(quotidien=True, calme=(7, 9)), "2026-11-24 08:00"),
    ("2026-11-23 10:00", Horaire(quotidien=True, calme=None), "2026-11-24 07:00"),
    # spring, 29/03/2026: 2 h does not exist
    ("2026-03-28 21:00", Horaire(), "2026-03-29 06:00"),
    ("2026-03-29 01:30", Horaire(calme=(1, 2)), "2026-03-29 01:00"),
    ("2026-03-28 23:00", Horaire(calme=(22, 3)), "2026-03-29 01:00"),
    ("2026-03-28 12:00", Horaire(quotidien=True), "2026-03-29 06:00"),
    # autumn, 25/10/2026: 2 h comes twice
    ("2026-10-24 21:00", Horaire(), "2026-10-25 07:00"),
    ("2026-10-25 01:30", Horaire(calme=(1, 2)), "2026-10-25 00:00"),
    ("2026-10-25 01:30", Horaire(calme=(1, 3)), "2026-10-25 02:00"),
    ("2026-10-24 12:00", Horaire(quotidien=True), "2026-10-25 07:00"),
])
def test_when_a_mail_leaves(at: str, wanted: Horaire, expected: str) -> None:
    assert leaves(paris(at), wanted) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_the_second_two_oclock_is_quiet_like_the_first() -> None:
    for fold in (0, 1):
        assert quiet(paris("2026-10-25 02:30", fold), (2, 3))
    assert leaves(paris("2026-10-25 02:30", 1), Horaire(calme=(2, 3))) == datetime(2026, 10, 25, 2, tzinfo=UTC)


HOURS = st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(INSTANTS, HOURS, st.booleans())
def test_no_mail_leaves_in_quiet_hours_nor_too_late(
        at: datetime, hours: tuple[int, int] | None, daily: bool) -> None:
    wanted = Horaire(daily, hours)
    found = leaves(at, wanted)
    assert not quiet(found, hours)
    assert at + GATHER <= found <= at + timedelta(hours=50)
    assert again(found, wanted) == found


@given(INSTANTS, INSTANTS, HOURS, st.booleans())
def test_what_happened_first_leaves_first(
        one: datetime, other: datetime, hours: tuple[int, int] | None, daily: bool) -> None:
    first, second = sorted((one, other))
    assert leaves(first, Horaire(daily, hours)) <= leaves(second, Horaire(daily, hours))

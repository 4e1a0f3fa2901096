"""What may be lent, for how long, and where a delegation stands on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.delegations import rules
from portal.delegations.rules import State

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 24)


@pytest.mark.parametrize(("today", "revoked", "expected"), [
    (date(2026, 11, 30), False, State.COMING),
    (FIRST, False, State.ACTIVE),
    (LAST, False, State.ACTIVE),
    (date(2026, 12, 25), False, State.ENDED),
    (FIRST, True, State.REVOKED),
    (date(2027, 6, 1), True, State.REVOKED),
])
def test_both_days_count_whole(today: date, revoked: bool, expected: State) -> None:
    assert rules.state(FIRST, LAST, revoked, today) is expected


def test_a_secretary_stays_until_revoked() -> None:
    assert rules.state(FIRST, None, False, date(2040, 1, 1)) is State.ACTIVE


@pytest.mark.parametrize(("instant", "expected"), [
    (datetime(2026, 12, 24, 22, 59, 59, tzinfo=UTC), State.ACTIVE),  # 23:59:59 in Paris, winter
    (datetime(2026, 12, 24, 23, 0, 0, tzinfo=UTC), State.ENDED),
    (datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC), State.COMING),
    (datetime(2026, 11, 30, 23, 0, 0, tzinfo=UTC), State.ACTIVE),
])
def test_it_turns_at_midnight_in_paris(instant: datetime, expected: State) -> None:
    with clock.freeze(instant):
        assert rules.state(FIRST, LAST, False, clock.today()) is expected


@pytest.mark.parametrize(("last", "midnight"), [
    # The nights on which the clocks of Paris change: the day is 23, then 25 hours long.
    (date(2027, 3, 28), datetime(2027, 3, 28, 22, 0, tzinfo=UTC)),
    (date(2026, 10, 25), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
])
def test_the_last_day_is_whole_when_the_clocks_change(last: date, midnight: datetime) -> None:
    for instant, expected in ((midnight - timedelta(seconds=1), State.ACTIVE), (midnight, State.ENDED)):
        with clock.freeze(instant):
            assert rules.state(date(2026, 10, 1), last, False, clock.today()) is expected


@pytest.mark.parametrize(("lent", "given_rights"), [
    ({"lire"}, {"lire", "consulter"}),
    ({"accepter"}, {"accepter", "consulter"}),
    ({"lire", "rediger"}, {"lire", "rediger", "consulter", "preparer"}),
])
def test_what_comes_with_a_right(lent: set[str], given_rights: set[str]) -> None:
    assert rules.granted(rules.MEDECIN, frozenset(lent)) == given_rights


@given(st.sets(st.sampled_from([*rules.RIGHTS, "tout"])))
def test_a_secretary_never_gets_more(lent: set[str]) -> None:
    assert rules.granted(rules.SECRETAIRE, frozenset(lent)) == {"consulter", "preparer"}


@pytest.mark.parametrize(("starts", "expected"), [
    (date(2026, 12, 1), date(2027, 6, 1)), (date(2026, 8, 31), date(2027, 2, 28)),
    (date(2027, 8, 31), date(2028, 2, 29)),
])
def test_six_months_later(starts: date, expected: date) -> None:
    assert rules.latest_end(starts, 6) == expected


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 60))
def test_the_latest_end_is_never_too_far(starts: date, months: int) -> None:
    ends = rules.latest_end(starts, months)
    assert (ends.year - starts.year) * 12 + ends.month - starts.month == months
    assert ends.day <= starts.day


@pytest.mark.parametrize(("typed", "number"), [
    ("10100000033", 10100000033), (" 101 0000 0033 ", 10100000033), ("1010000003", None), ("", None),
    ("101000000330", None), ("1010000003x", None), ("١٠١٠٠٠٠٠٠٣٣", None),
])
def test_an_rpps_number_has_eleven_digits(typed: str, number: int | None) -> None:
    assert rules.rpps(typed) == number

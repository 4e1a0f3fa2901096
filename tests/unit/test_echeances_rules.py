"""What the calendar says: months, public holidays, office hours."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import PARIS
from portal.echeances import rules

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(("year", "month", "day"), [
    (1961, 4, 2), (2000, 4, 23), (2008, 3, 23), (2011, 4, 24), (2024, 3, 31), (2025, 4, 20), (2026, 4, 5),
    (2027, 3, 28), (2038, 4, 25), (2049, 4, 18), (2285, 3, 22),
])
def test_easter_of_the_published_tables(year: int, month: int, day: int) -> None:
    assert rules.easter(year) == date(year, month, day)


@given(st.integers(1583, 4099))
def test_easter_is_a_sunday_from_22_march_to_25_april(year: int) -> None:
    found = rules.easter(year)
    assert found.weekday() == 6 and date(year, 3, 22) <= found <= date(year, 4, 25)


def test_the_public_holidays_of_2026() -> None:
    assert sorted(rules.holidays(2026)) == [date(2026, *one) for one in (
        (1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))]


def test_two_holidays_of_one_day_are_one() -> None:
    """In 2008 the Ascension fell on the first of May."""
    assert len(rules.holidays(2008)) == 10


@pytest.mark.parametrize(("day", "months", "expected"), [
    (date(2026, 11, 22), 6, date(2027, 5, 22)), (date(2026, 11, 22), -6, date(2026, 5, 22)),
    (date(2026, 8, 31), 6, date(2027, 2, 28)), (date(2027, 8, 31), 6, date(2028, 2, 29)),
    (date(2026, 1, 31), -2, date(2025, 11, 30)), (date(2026, 12, 15), 1, date(2027, 1, 15)),
    (date(2026, 1, 15), -1, date(2025, 12, 15)), (date(9999, 12, 1), 1, date.max), (date(1, 1, 1), -1, date.min),
])
def test_months_later_keeps_the_day_or_takes_the_last_of_the_month(day: date, months: int, expected: date) -> None:
    assert rules.months_later(day, months) == expected


@pytest.mark.parametrize(("at", "hours", "expected"), [
    # Monday 23 November 2026 is an ordinary day.
    ("2026-11-23 09:00", 2, "2026-11-23 11:00"), ("2026-11-23 08:10", 2, "2026-11-23 11:00"),
    ("2026-11-23 16:30", 2, "2026-11-24 10:30"), ("2026-11-23 15:00", 2, "2026-11-23 17:00"),
    ("2026-11-23 17:00", 1, "2026-11-24 10:00"), ("2026-11-23 23:59", 1, "2026-11-24 10:00"),
    ("2026-11-23 10:00", 8, "2026-11-24 10:00"), ("2026-11-23 09:00", 24, "2026-11-25 17:00"),
    # over a weekend
    ("2026-11-27 16:00", 2, "2026-11-30 10:00"), ("2026-11-28 12:00", 2, "2026-11-30 11:00"),
    # Tuesday 14 July; Christmas on a Friday, then a weekend
    ("2026-07-13 16:00", 2, "2026-07-15 10:00"), ("2026-12-24 16:00", 2, "2026-12-28 10:00"),
    # Easter Monday and the change to summer time of 2027, the day before it
    ("2027-03-26 16:00", 2, "2027-03-30 10:00"),
    # nothing promised: the first office moment
    ("2026-11-28 12:00", 0, "2026-11-30 09:00"), ("2026-11-23 12:34", 0, "2026-11-23 12:34"),
    ("2026-11-23 12:34", -5, "2026-11-23 12:34"),
])
def test_office_hours_pass_only_while_somebody_is_there(at: str, hours: int, expected: str) -> None:
    assert rules.working_hours_later(paris(at), hours) == paris(expected)


def test_a_promise_of_years_is_refused_rather_than_counted() -> None:
    with pytest.raises(ValueError, match="too many"):
        rules.working_hours_later(paris("2026-11-23 09:00"), 10**9)


@given(DAYS, st.integers(0, 23), st.integers(0, 200))
def test_a_promise_ends_in_office_hours_and_never_earlier_than_a_shorter_one(day: date, hour: int, hours: int) -> None:
    at = datetime(day.year, day.month, day.day, hour, 17, tzinfo=PARIS)
    end = rules.working_hours_later(at, hours)
    assert end >= at and rules.is_working(end.date()) and rules.OPENING <= end.time() <= rules.CLOSING
    assert rules.working_hours_later(at, hours + 1) > end

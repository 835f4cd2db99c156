"""Calendars: data windows, the four dates of an obligation, working days and Tết."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiendo.calendars import Calendar, holiday_years
from tiendo.errors import SettingsError
from tiendo.periods import Period

ND09 = Calendar()
GREGORIAN = Calendar(name="gregorian")
calendars = st.sampled_from([ND09, GREGORIAN])
years = st.integers(2000, 2040)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        pytest.param("2013-Q1", "2012-12-15", "2013-03-14", id="the first quarter begins in December"),
        pytest.param("2013-Q4", "2013-09-15", "2013-12-14", id="the fourth ends in December"),
        pytest.param("2013-03", "2013-02-15", "2013-03-14", id="a month from the 15th to the 14th"),
        pytest.param("2013-01", "2012-12-15", "2013-01-14", id="January from December on"),
        pytest.param("2013-H1", "2012-12-15", "2013-06-14", id="a half is two quarters"),
        pytest.param("2013-9M", "2012-12-15", "2013-09-14", id="nine months are three"),
        pytest.param("2013", "2012-12-15", "2013-12-14", id="a year from 15 to 14 December"),
        pytest.param("2011-2015", "2010-12-15", "2015-12-14", id="a term of five such years"),
    ],
)
def test_nd09_windows_run_from_the_15th_to_the_14th(period: str, first: str, last: str) -> None:
    assert ND09.bounds(Period.parse(period)) == (day(first), day(last))


def test_gregorian_windows_are_calendar_months() -> None:
    assert GREGORIAN.bounds(Period.parse("2012-Q1")) == (day("2012-01-01"), day("2012-03-31"))
    assert GREGORIAN.bounds(Period.parse("2012-02")) == (day("2012-02-01"), day("2012-02-29"))


@given(calendars, years, st.sampled_from(["month", "quarter", "half"]))
def test_quarters_tile_the_year_and_months_the_quarters(calendar: Calendar, year: int, kind: str) -> None:
    for whole in (Period("year", year), *Period("year", year).parts("quarter")):
        windows = [calendar.bounds(part) for part in whole.parts(kind)]
        if not windows:
            continue  # no half lies in a quarter
        first, last = calendar.bounds(whole)
        assert (windows[0][0], windows[-1][1]) == (first, last)
        joints = pairwise(windows)
        assert all(after[0] - before[1] == timedelta(days=1) for before, after in joints)


@given(calendars, years, st.sampled_from(["month", "quarter", "half", "year"]), st.integers(0, 11))
def test_consecutive_periods_leave_no_day_out(calendar: Calendar, year: int, kind: str, number: int) -> None:
    period = Period("month", year, number + 1).at_end(kind)
    assert period is not None
    end, start = calendar.bounds(period)[1], calendar.bounds(period.next())[0]
    assert start - end == timedelta(days=1)


@pytest.mark.parametrize(
    ("calendar", "period", "opens", "cut_off", "due", "locks"),
    [
        pytest.param(
            ND09, "2026-Q2", "2026-06-02", "2026-06-14", "2026-06-16", "2026-07-16",
            id="two working days after the 14th, opened ten before",
        ),
        pytest.param(
            ND09, "2025-Q1", "2025-03-04", "2025-03-14", "2025-03-18", "2025-04-17",
            id="a cut-off on Friday: the weekend does not count",
        ),
        pytest.param(
            Calendar(name="gregorian", due_days=10), "2011-Q1", "2011-03-28", "2011-03-31", "2011-04-11",
            "2011-05-11", id="ten calendar days end on a Sunday and move to Monday",
        ),
        pytest.param(
            Calendar(due_days=0), "2026-06", "2026-06-01", "2026-06-14", "2026-06-15", "2026-07-15",
            id="due on the cut-off itself, a Sunday: moved to Monday",
        ),
        pytest.param(
            Calendar(due_working_days=0), "2026-06", "2026-06-01", "2026-06-14", "2026-06-15", "2026-07-15",
            id="no working days of grace, the cut-off a Sunday: moved to Monday",
        ),
        pytest.param(
            Calendar(name="gregorian", due_days=3), "2025-H1", "2025-06-19", "2025-06-30", "2025-07-03",
            "2025-08-02", id="calendar days win over working days",
        ),
        pytest.param(
            Calendar(name="gregorian"), "2024-12", "2024-12-19", "2024-12-31", "2025-01-03", "2025-02-02",
            id="New Year's Day is no working day",
        ),
    ],
)  # fmt: skip
def test_an_obligation_has_four_dates(
    calendar: Calendar, period: str, opens: str, cut_off: str, due: str, locks: str
) -> None:
    deadline = calendar.deadline(Period.parse(period))
    found = (deadline.opens, deadline.cut_off, deadline.due, deadline.locks)
    assert [each.isoformat() for each in found] == [opens, cut_off, due, locks]


@given(calendars, years, st.integers(0, 11), st.integers(0, 20), st.none() | st.integers(0, 40))
def test_every_due_date_is_a_working_day_and_the_dates_keep_their_order(
    like: Calendar, year: int, month: int, working: int, calendar_days: int | None
) -> None:
    calendar = Calendar(name=like.name, due_working_days=working, due_days=calendar_days)
    deadline = calendar.deadline(Period("month", year, month + 1))
    assert calendar.is_working(deadline.due)
    assert deadline.opens < deadline.due < deadline.locks
    assert deadline.cut_off <= deadline.due
    assert calendar.working_days_between(deadline.opens, deadline.due) == calendar.opens_working_days


def test_tet_is_no_time_to_work() -> None:
    """Lunar New Year 2025: 29 January; offices closed from Saturday 25 January to Sunday 2 February."""
    tet = [day("2025-01-28") + timedelta(days=n) for n in range(4)]
    assert not any(ND09.is_working(each) for each in tet)
    assert ND09.next_working(day("2025-01-28")) == day("2025-02-03")
    month = Period.parse("2025-01")
    far = Calendar(name="gregorian", due_working_days=1)
    assert far.deadline(month).due == day("2025-02-03")


@pytest.mark.parametrize("holiday", ["2025-01-01", "2025-04-30", "2025-05-01", "2025-09-02", "2025-04-07"])
def test_public_holidays_are_no_working_days(holiday: str) -> None:
    assert not ND09.is_working(day(holiday))


def test_the_workspace_adds_days_off_and_make_up_days() -> None:
    friday, saturday = day("2025-05-09"), day("2025-05-10")
    assert ND09.is_working(friday)
    assert not ND09.is_working(saturday)
    own = Calendar(days_off=frozenset({friday}), working_days=frozenset({saturday, day("2025-09-02")}))
    assert not own.is_working(friday)
    assert own.is_working(saturday)
    assert own.is_working(day("2025-09-02")), "a make-up day wins over the holiday table"


def test_the_holiday_table_knows_tet_of_this_year_and_the_next() -> None:
    """Fails when the library's table has gone stale: raise the version of `holidays` then."""
    this = datetime.now(tz=UTC).date()
    following = date(this.year + 1, 1, 1)
    assert holiday_years([this, following]) == {this.year, this.year + 1}
    for year in (this.year, this.year + 1):
        window = [date(year, 1, 21) + timedelta(days=n) for n in range(31)]
        runs = [d for d in window if not any(ND09.is_working(d + timedelta(days=n)) for n in range(5))]
        assert runs, f"no five days off between 21 January and 20 February {year}: Tết is not known"


@given(st.dates(date(2020, 1, 1), date(2027, 1, 1)), st.integers(-15, 15))
def test_working_days_are_counted_as_they_are_added(start: date, count: int) -> None:
    end = ND09.add_working_days(start, count)
    if count:
        assert ND09.is_working(end)
    if count >= 0:
        assert ND09.working_days_between(start, end) == count
        assert ND09.working_days_between(end, start) == -count
    else:  # a start that is itself a day off lies between
        assert ND09.working_days_between(end, start) == -count - (not ND09.is_working(start))


def test_the_last_instant_on_time_is_the_due_hour_in_the_workspace() -> None:
    assert ND09.due_instant(day("2026-09-16")).astimezone(UTC) == datetime(2026, 9, 16, 10, tzinfo=UTC)
    midnight = Calendar(due_hour=24).due_instant(day("2026-09-16"))
    assert midnight.date() == day("2026-09-16")
    assert midnight.hour == 23


def test_civil_dates_are_those_of_the_workspaces_time_zone() -> None:
    assert ND09.civil_date(datetime(2026, 9, 16, 17, 30, tzinfo=UTC)) == day("2026-09-17")


def test_an_unknown_calendar_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"\[calendar\] name = 'lunar'.*gregorian, nd09"):
        Calendar(name="lunar")

"""Dates of a period: its data window, the four dates of an obligation, working days and holidays.

SPEC §3. `nd09` is the window of Decree 09/2019/NĐ-CP (15th to 14th), `gregorian` the calendar month.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from tiendo.errors import SettingsError
from tiendo.periods import Period

SATURDAY = 5

# The day of the month on which a data window opens, and how many months before the period's first.
WINDOWS = {"gregorian": (1, 0), "nd09": (15, 1)}


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("VN", years=year))


@dataclass(frozen=True)
class Deadline:
    """The four civil dates of an obligation, and the hour (0 to 24) to which its due day counts."""

    opens: date
    cut_off: date
    due: date
    locks: date
    hour: int

    def is_live(self, day: date) -> bool:
        """Whether a return is taken on a day: the obligation is open, or late and not locked yet."""
        return self.opens <= day <= self.locks


@dataclass(frozen=True)
class Calendar:
    """When periods begin and end, and when their returns are due (settings `[calendar]`)."""

    name: str = "nd09"
    timezone: str = "Asia/Ho_Chi_Minh"
    opens_working_days: int = 10
    due_working_days: int = 2
    due_days: int | None = None  # calendar days after the cut-off; wins over due_working_days
    due_hour: int = 17
    correction_days: int = 1
    lock_days: int = 30
    days_off: frozenset[date] = field(default_factory=frozenset)
    working_days: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if self.name not in WINDOWS:
            known = ", ".join(sorted(WINDOWS))
            raise SettingsError(
                f"[calendar] name = {self.name!r}: không có lịch này; dùng một trong: {known}"
            )

    def bounds(self, period: Period) -> tuple[date, date]:
        """First and last day of the period's data window."""
        day, months_before = WINDOWS[self.name]
        first = _month_start(period.first_month - months_before, day)
        after_last = _month_start(period.last_month + 1 - months_before, day)
        return first, after_last - timedelta(days=1)

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day: no weekend, no public holiday; the workspace's own days win."""
        if day in self.working_days:
            return True
        if day in self.days_off:
            return False
        return day.weekday() < SATURDAY and day not in _public_holidays(day.year)

    def next_working(self, day: date) -> date:
        """That day if it is a working day, else the next one that is."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The day `count` working days after (before, if negative) a day; 0 gives the day itself."""
        step = timedelta(days=1 if count > 0 else -1)
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def working_days_between(self, earlier: date, later: date) -> int:
        """Working days after `earlier` up to and with `later`; negative when `later` comes first."""
        if later < earlier:
            return -self.working_days_between(later, earlier)
        days = (earlier + timedelta(days=n) for n in range(1, (later - earlier).days + 1))
        return sum(self.is_working(day) for day in days)

    def deadline(self, period: Period) -> Deadline:
        """When a return for the period opens, is cut off, is due and locks, by the settings alone."""
        cut_off = self.bounds(period)[1]
        return self.deadline_at(cut_off, self.usual_due(cut_off))

    def usual_due(self, cut_off: date) -> date:
        """The due date after a cut-off by the settings, before it is moved to a working day."""
        if self.due_days is not None:
            return cut_off + timedelta(days=self.due_days)
        return self.add_working_days(cut_off, self.due_working_days)

    def deadline_at(self, cut_off: date, due: date, hour: int | None = None) -> Deadline:
        """The deadline of a due date, which moves to a working day; what is not given follows by the settings."""
        due = self.next_working(due)
        opens = self.add_working_days(due, -self.opens_working_days)
        locks = due + timedelta(days=self.lock_days)
        return Deadline(opens, min(cut_off, due), due, locks, self.due_hour if hour is None else hour)

    def instant(self, day: date, hour: int) -> datetime:
        """That hour of a civil day as an instant."""
        return datetime.combine(day, time(hour) if hour < 24 else time.max, ZoneInfo(self.timezone))

    def due_instant(self, due: date, hour: int | None = None) -> datetime:
        """The last instant of a due day that is on time; without an hour that of the settings."""
        return self.instant(due, self.due_hour if hour is None else hour)

    def civil_date(self, instant: datetime) -> date:
        """The civil date of an instant in the workspace's time zone."""
        return instant.astimezone(ZoneInfo(self.timezone)).date()


def _month_start(ordinal: int, day: int) -> date:
    return date(ordinal // 12, ordinal % 12 + 1, day)


def holiday_years(days: Iterable[date]) -> set[int]:
    """Years for which the library's holiday table knows Tết; a table gone stale lacks it."""
    return {day.year for day in days if len(_public_holidays(day.year)) > 5}

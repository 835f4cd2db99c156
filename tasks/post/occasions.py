"""When people may be written to, and at which steps before and after a due date."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from tasks.post.recipients import Directory
from tiendo.calendars import Calendar


@dataclass(frozen=True)
class ReminderRules:
    """Settings `[reminders]`: steps in working days from the due date, hours of sending, share to doubt."""

    ladder: tuple[int, ...] = (-10, -3, -1, 1, 3, 5)
    hours: str = "07:30-17:00"
    mass_alarm_share: float = 0.5

    @property
    def opens(self) -> time:
        """From when on a working day people may be written to."""
        return time.fromisoformat(self.hours.partition("-")[0])

    @property
    def closes(self) -> time:
        """Until when."""
        return time.fromisoformat(self.hours.partition("-")[2])

    def step(self, working_days: int) -> int | None:
        """The last step reached, so many working days after the due date (before it, if not positive)."""
        side = [step for step in self.ladder if (step > 0) == (working_days > 0)]
        return max((step for step in side if step <= working_days), default=None)


@dataclass(frozen=True)
class Occasion:
    """One run of reminding: for whom, by which calendar and rules, of which day, written at which instant."""

    directory: Directory
    calendar: Calendar
    rules: ReminderRules
    today: date
    now: datetime

    @cached_property
    def sends_at(self) -> datetime:
        """The first instant of today (from now on, if now is today) or later in the hours of sending."""
        midnight = self.calendar.instant(self.today, 0)
        now = self.now.astimezone(midnight.tzinfo)
        start = now if now.date() == self.today else midnight
        if start.time() > self.rules.closes:
            start = self.calendar.instant(start.date() + timedelta(days=1), 0)
        day = self.calendar.next_working(start.date())
        return max(start, datetime.combine(day, self.rules.opens, midnight.tzinfo))

    @property
    def day(self) -> date:
        """The day on which what is written now is read."""
        return self.sends_at.date()

"""Days told from a period, as the plan's table `deadlines` writes them. FORMATS §2.

`cutoff+2wd` and `due+10wd` count working days, `cutoff+10d` and `due+30d` calendar days after the day named; `day:15` is
a day of the month after the period's last one, `last_month:6` a day of the last one itself.
"""

import calendar as months
import re
from dataclasses import dataclass
from datetime import date, timedelta

from tiendo.calendars import Calendar
from tiendo.periods import Period

CUT_OFF, DUE = "cutoff", "due"
LAST_MONTH, NEXT_MONTH = "last_month", "day"

# Column of the table → the day that a `+` may count from in it, and how people may write it.
COUNTED_FROM = {"cut_off": "", "due": CUT_OFF, "locks": DUE}
HOW_TO_WRITE = {
    "cut_off": "viết last_month:5 (ngày 5 của tháng cuối kỳ), day:5 (ngày 5 tháng sau kỳ), hoặc để trống",
    "due": "viết cutoff+2wd (ngày làm việc), cutoff+10d (ngày thường), day:15 hoặc last_month:6",
    "locks": "viết due+30d (ngày thường), due+10wd (ngày làm việc), day:28, last_month:28, hoặc để trống",
}

LONGEST_MONTH = 31

_COUNTED = re.compile(r"(cutoff|due)\+(\d{1,3})(wd|d)", re.ASCII)
_IN_MONTH = re.compile(r"(day|last_month):(\d{1,2})", re.ASCII)


@dataclass(frozen=True)
class DateRule:
    """A day: so many days after another (`anchor` CUT_OFF or DUE), or a day of a month (LAST_MONTH, NEXT_MONTH)."""

    anchor: str
    count: int
    is_working: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether it counts on from another day of the same obligation."""
        return self.anchor in (CUT_OFF, DUE)

    @property
    def rank(self) -> tuple[bool, int]:
        """Earlier days of a month have lower ranks, whatever the period."""
        return self.anchor == NEXT_MONTH, self.count

    def day(self, period: Period, after: date, calendar: Calendar) -> date:
        """The day it names for a period; `after` is the day that its anchor stands for, where it counts on."""
        if self.is_counted:
            if self.is_working:
                return calendar.add_working_days(after, self.count)
            return after + timedelta(days=self.count)
        year, month = divmod(period.last_month + (self.anchor == NEXT_MONTH), 12)
        # A month without a 31st ends on its last day.
        return date(year, month + 1, min(self.count, months.monthrange(year, month + 1)[1]))


def date_rule(text: str, column: str) -> DateRule | None:
    """The rule written in a column of `deadlines`; None for what cannot stand there."""
    if (match := _COUNTED.fullmatch(text)) and match[1] == COUNTED_FROM[column]:
        return DateRule(match[1], int(match[2]), match[3] == "wd")
    if (match := _IN_MONTH.fullmatch(text)) and 1 <= int(match[2]) <= LONGEST_MONTH:
        return DateRule(match[1], int(match[2]))
    return None

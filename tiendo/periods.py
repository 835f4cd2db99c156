"""Reporting periods and target spans: their names, order and parts. Dates of a period are in `calendars`."""

import re
from dataclasses import dataclass
from functools import total_ordering

from tiendo.errors import InputError

MONTHS = {"month": 1, "quarter": 3, "half": 6, "nine_months": 9, "year": 12}
FREQUENCIES = ("month", "quarter", "half", "year")
KINDS = ("month", "quarter", "half", "nine_months", "year", "term")  # from short to long

# How many periods of a kind a year has, and so how its ordinal index is counted.
PER_YEAR = {"month": 12, "quarter": 4, "half": 2, "nine_months": 1, "year": 1}

# Years that a plan can speak of: beyond them there are neither dates nor holidays.
YEARS = range(1900, 2201)

_FORMS = {
    "quarter": re.compile(r"(\d{4})-Q([1-4])", re.ASCII),
    "half": re.compile(r"(\d{4})-H([12])", re.ASCII),
    "nine_months": re.compile(r"(\d{4})-9M()", re.ASCII),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII),
    "term": re.compile(r"(\d{4})-(\d{4})", re.ASCII),
    "year": re.compile(r"(\d{4})()", re.ASCII),
}


@total_ordering
@dataclass(frozen=True)
class Period:
    """One period or span. `number` counts it within its year; a term's number is its last year."""

    kind: str
    year: int
    number: int = 1

    @classmethod
    def parse(cls, text: str) -> "Period":
        """The period written as 2013-Q4, 2013-H1, 2013-9M, 2013, 2013-03 or 2011-2015.

        Raises InputError for anything else.
        """
        for kind, form in _FORMS.items():
            if match := form.fullmatch(text.strip()):
                period = cls(kind, int(match[1]), int(match[2] or 1))
                is_forward = kind != "term" or period.number > period.year
                if is_forward and period.years.start in YEARS and period.years.stop in YEARS:
                    return period
        raise InputError(
            f"{text!r} không phải là kỳ; viết 2013-Q4, 2013-H1, 2013-9M, 2013, 2013-03 hoặc 2011-2015"
        )

    @classmethod
    def of_index(cls, kind: str, index: int) -> "Period":
        """The period of a kind whose `index` this is."""
        year, number = divmod(index, PER_YEAR[kind])
        return cls(kind, year, number + 1)

    def __str__(self) -> str:
        forms = {
            "month": f"{self.year}-{self.number:02d}",
            "quarter": f"{self.year}-Q{self.number}",
            "half": f"{self.year}-H{self.number}",
            "nine_months": f"{self.year}-9M",
            "year": f"{self.year}",
            "term": f"{self.year}-{self.number}",
        }
        return forms[self.kind]

    def __lt__(self, other: "Period") -> bool:
        return (self.last_month, -self.first_month) < (other.last_month, -other.first_month)

    @property
    def index(self) -> int:
        """Ordinal within the kind: two periods that follow each other differ by 1. Not for terms."""
        return self.year * PER_YEAR[self.kind] + self.number - 1

    @property
    def first_month(self) -> int:
        """The first month as an ordinal, year·12 + month − 1."""
        if self.kind in ("term", "nine_months"):
            return self.year * 12
        return self.year * 12 + (self.number - 1) * MONTHS[self.kind]

    @property
    def last_month(self) -> int:
        """The last month as an ordinal, year·12 + month − 1."""
        if self.kind == "term":
            return self.number * 12 + 11
        return self.first_month + MONTHS[self.kind] - 1

    @property
    def years(self) -> range:
        """The calendar years the period touches."""
        return range(self.first_month // 12, self.last_month // 12 + 1)

    def previous(self) -> "Period":
        """The period of the same kind before this one (a term: of the same length)."""
        return self._shifted(-1)

    def next(self) -> "Period":
        """The period of the same kind after this one (a term: of the same length)."""
        return self._shifted(1)

    def _shifted(self, by: int) -> "Period":
        if self.kind == "term":
            length = self.number - self.year + 1
            return Period("term", self.year + by * length, self.number + by * length)
        return Period.of_index(self.kind, self.index + by)

    def same_last_year(self) -> "Period":
        """The same period of the year before (cùng kỳ năm trước)."""
        return Period(self.kind, self.year - 1, self.number - (self.kind == "term"))

    def contains(self, other: "Period") -> bool:
        """Whether the other period lies wholly within this one."""
        return self.first_month <= other.first_month and other.last_month <= self.last_month

    def parts(self, kind: str) -> list["Period"]:
        """The periods of a kind that lie wholly within this one, in order."""
        years = range(self.years.start, self.years.stop)
        every = (Period(kind, year, n + 1) for year in years for n in range(PER_YEAR[kind]))
        return [part for part in every if self.contains(part)]

    def last_of(self, kind: str) -> "Period | None":
        """The last period of a kind that ends no later than this one, within the year or before it."""
        if kind not in PER_YEAR:
            return None
        size = MONTHS[kind] if kind != "nine_months" else 12
        index = (self.last_month + 1) // size - 1
        return Period.of_index(kind, index)

    def at_end(self, kind: str) -> "Period | None":
        """The period of a kind that contains this one's last month (None past a nine-month span)."""
        month_of_year = self.last_month % 12
        number = month_of_year // MONTHS[kind] + 1
        if kind == "nine_months" and number > 1:
            return None
        return Period(kind, self.last_month // 12, number)

"""Rounds: what the office asks for a period, of whom, until when, and what the review of it is called. FORMATS §2.

Where the plan's table says nothing of a period there is one regular round, as the calendar has it. A round gives its
dates to the units that it names (none named: to all who owe). A round that is not ad hoc asks only the indicators it
names; an ad hoc one asks them beside what is owed anyway, of those who report them, whatever their frequency. Who is not
named owes as usual: to be let off there is `period waive`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from tiendo.calendars import Calendar, Deadline
from tiendo.periods import MONTHS, Period
from tiendo.plan import Plan
from tiendo.plan_tables import ASKS

AD_HOC = "ad_hoc"
NO_ROUND = ""


@dataclass(frozen=True)
class Round:
    """One row of the table `rounds`; no units or no indicators named means all that are owed."""

    code: str
    name: str
    period: Period
    kind: str  # regular, interim, final, ad_hoc
    against: str  # own, year, term, "" for what the settings say
    asks: frozenset[str]  # of plan_tables.ASKS
    units: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    opens: date | None = None
    cut_off: date | None = None
    due: date | None = None
    locks: date | None = None

    @property
    def is_ad_hoc(self) -> bool:
        """Whether it asks beside what is owed anyway."""
        return self.kind == AD_HOC

    def concerns(self, units: pd.Series) -> pd.Series:
        """Which of some units (codes) it names."""
        return units.isin(self.units) if self.units else pd.Series(True, index=units.index)

    def dated(self, deadline: Deadline, calendar: Calendar) -> Deadline:
        """A deadline (of the round's cut-off) with the other dates that the round sets.

        What follows from the due date follows from the round's.
        """
        usual = calendar.deadline_at(deadline.cut_off, self.due, deadline.hour) if self.due else deadline
        return replace(
            usual, opens=self.opens or usual.opens, locks=max(self.locks or usual.locks, usual.due)
        )


def rounds_of(plan: Plan, period: Period | None = None) -> list[Round]:
    """The rounds of a period (default: all) in the plan's order."""
    rows = plan.tables["rounds"].to_dict("records")
    return [_round(row) for row in rows if period in (None, Period.parse(row["period"]))]


def _round(row: dict[Any, Any]) -> Round:
    dates = {
        name: None if pd.isna(row[name]) else row[name].date()
        for name in ("opens", "cut_off", "due", "locks")
    }
    lists = {name: tuple(filter(None, row[name].split(";"))) for name in ("units", "indicators", "asks")}
    return Round(
        code=row["code"],
        name=row["name"],
        period=Period.parse(row["period"]),
        kind=row["kind"],
        against=row["against"],
        asks=frozenset(lists["asks"]),
        units=lists["units"],
        indicators=lists["indicators"],
        **dates,
    )


def round_of(plan: Plan, period: Period) -> Round | None:
    """The round that a review of the period belongs to, by which it is called and judged; None where none is planned.

    An ad hoc one only where it is the period's only one: beside another it asks something of its own.
    """
    rounds = rounds_of(plan, period)
    return next((each for each in rounds if not each.is_ad_hoc), rounds[0] if len(rounds) == 1 else None)


def against_of(plan: Plan, period: Period, usual: str) -> str:
    """What a review of the period is judged against if nobody says otherwise: as its round says, else as usual."""
    planned = round_of(plan, period)
    return planned.against if planned and planned.against else usual


def rounds_by_unit(plan: Plan, period: Period, units: pd.Series) -> pd.Series:
    """The code of each unit's round for a period, NO_ROUND where it is the usual one."""
    codes = pd.Series(NO_ROUND, index=units.index, dtype="str")
    for each in rounds_of(plan, period):
        codes = codes.mask(each.concerns(units), each.code)
    return codes


def asked_beside(plan: Plan, period: Period, units: pd.Series) -> pd.DataFrame:
    """What each unit is asked beside its figures (bool columns of ASKS) in its return for a period.

    A round asks in everything that closes with its period: a template holds it all, and the review of a span of years
    asks at that span's end.
    """
    asked = pd.DataFrame(False, index=units.index, columns=list(ASKS))
    for each in _closing_with(plan, period):
        concerned = each.concerns(units)
        for name in each.asks:
            asked[name] |= concerned
    # The year's own figure is no estimate of it.
    asked["year_estimate"] &= period.kind in MONTHS and MONTHS[period.kind] < MONTHS["year"]
    return asked


def _closing_with(plan: Plan, period: Period) -> Sequence[Round]:
    return [each for each in rounds_of(plan) if each.period.last_month == period.last_month]

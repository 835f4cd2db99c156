"""Who owes which indicator: reporters, what a unit owes for a period, what a closing holds. SPEC §2, FORMATS §2."""

from datetime import date

import pandas as pd

from tiendo.calendars import Calendar
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import TIER, Plan, units_on

LEVEL = "level:"


def reporter_sets(plan: Plan, day: date) -> tuple[pd.Series, pd.DataFrame]:
    """Who reports on a day, said once for all indicators with the same `reported_by`.

    Returns indicator → set (the `reported_by` text; indexed by indicator code; none for what no unit reports:
    `nobody`, `source:`, branched types and headings), and the members (set, unit) of each set.
    """
    indicators = plan.indicators
    owing = indicators[indicators.is_reported]
    units = units_on(plan.units, day)
    members = [(text, unit) for text in owing.reported_by.unique() for unit in _members(text, units)]
    return owing.reported_by, pd.DataFrame(members, columns=["set", "unit"], dtype="str")


def _members(reported_by: str, units: pd.DataFrame) -> list[str]:
    found: list[str] = []
    for word in reported_by.split(";"):
        if word == TIER:
            found += units.code[units.reports].tolist()
        elif word.startswith(LEVEL):
            found += units.code[units.level == word.removeprefix(LEVEL)].tolist()
        elif word in units.index:
            found.append(word)
    return list(dict.fromkeys(found))


def owed_on(plan: Plan, day: date) -> pd.DataFrame:
    """Every owing pair on a day: indicator, unit, frequency, required."""
    sets, members = reporter_sets(plan, day)
    owing = plan.indicators.loc[sets.index, ["code", "frequency", "required", "reported_by"]]
    pairs = owing.merge(members, left_on="reported_by", right_on="set")
    return pairs.rename(columns={"code": "indicator"})[["indicator", "unit", "frequency", "required"]]


def owing_units(plan: Plan, period: Period, calendar: Calendar) -> list[str]:
    """Units that owe a return for the period: valid on its last day, named by an indicator of its frequency."""
    sets, members = reporter_sets(plan, calendar.bounds(period)[1])
    due = sets[plan.indicators.loc[sets.index, "frequency"] == period.kind]
    return sorted(set(members.unit[members.set.isin(set(due))]))


def owed_indicators(plan: Plan, unit: str, period: Period, calendar: Calendar) -> pd.DataFrame:
    """The rows of `plan.indicators` that a unit owes for one period, in the plan's order."""
    sets, members = reporter_sets(plan, calendar.bounds(period)[1])
    own = set(members.set[members.unit == unit])
    indicators = plan.indicators
    return indicators[
        (indicators.frequency == period.kind) & indicators.index.isin(sets.index[sets.isin(own)])
    ]


def closing_periods(plan: Plan, period: Period) -> list[Period]:
    """The periods that close with this one and that some indicator is reported for, shortest first.

    2013-Q4 closes 2013-Q4, 2013-H2 and 2013; a month of the quarter's end is closed by itself.
    """
    used = set(plan.indicators.frequency)
    closing = [last for kind in FREQUENCIES if (last := period.last_of(kind))]
    return [
        each
        for each in closing
        if each.kind in used and each.last_month == period.last_month and _length(each) >= _length(period)
    ]


def _length(period: Period) -> int:
    return period.last_month - period.first_month

"""Who owes which indicator: reporters, what a unit owes for a period, what a closing holds. SPEC §2, FORMATS §2."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from tiendo.calendars import Calendar
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan, units_on
from tiendo.reporters import units_named
from tiendo.rounds import rounds_of


def reporter_sets(plan: Plan, day: date) -> tuple[pd.Series, pd.DataFrame]:
    """Who reports on a day, said once for all indicators with the same `reported_by`.

    Returns indicator → set (the `reported_by` text; indexed by indicator code; none for what no unit reports:
    `nobody`, `source:`, branched types and headings), and the members (set, unit) of each set.
    """
    indicators = plan.indicators
    owing = indicators[indicators.is_reported]
    units = units_on(plan.units, day)
    heirs = plan.heirs_on(day)
    members = [
        (text, unit)
        for text in owing.reported_by.unique()
        for unit in units_named(_those_there(text.split(";"), units, heirs), units)
    ]
    return owing.reported_by, pd.DataFrame(members, columns=["set", "unit"], dtype="str")


def _those_there(words: list[str], units: pd.DataFrame, heirs: Mapping[str, list[str]]) -> list[str]:
    """The words of `reported_by`, in the place of a unit that is gone those who came after it."""
    return [each for word in words for each in ([word] if word in units.index else heirs.get(word, [word]))]


def owed_on(plan: Plan, day: date) -> pd.DataFrame:
    """Every owing pair on a day: indicator, unit, frequency, required."""
    sets, members = reporter_sets(plan, day)
    owing = plan.indicators.loc[sets.index, ["code", "frequency", "required", "reported_by"]]
    pairs = owing.merge(members, left_on="reported_by", right_on="set")
    return pairs.rename(columns={"code": "indicator"})[["indicator", "unit", "frequency", "required"]]


def owed_for(plan: Plan, period: Period, calendar: Calendar) -> pd.DataFrame:
    """Every owing pair for a period (columns of `owed_on`): by frequency, and as the period's rounds ask.

    A unit is looked up on the period's last day.
    """
    every = owed_on(plan, calendar.bounds(period)[1])
    owed = every[every.frequency == period.kind]
    for each in rounds_of(plan, period):
        asked = every[each.concerns(every.unit) & every.indicator.isin(each.indicators)]
        if each.is_ad_hoc:
            owed = pd.concat([owed, asked]).drop_duplicates(["indicator", "unit"])
        elif each.indicators:
            owed = owed[~each.concerns(owed.unit) | owed.indicator.isin(each.indicators)]
    return owed.reset_index(drop=True)


def owing_units(plan: Plan, period: Period, calendar: Calendar) -> list[str]:
    """Units that owe a return for the period: valid on its last day, and asked for something (see `owed_for`)."""
    if any(each.indicators for each in rounds_of(plan, period)):
        return sorted(owed_for(plan, period, calendar).unit.unique())
    sets, members = reporter_sets(plan, calendar.bounds(period)[1])
    due = sets[plan.indicators.loc[sets.index, "frequency"] == period.kind]
    return sorted(set(members.unit[members.set.isin(set(due))]))


def owed_indicators(plan: Plan, unit: str, period: Period, calendar: Calendar) -> pd.DataFrame:
    """The rows of `plan.indicators` that a unit owes for one period, in the plan's order."""
    owed = owed_for(plan, period, calendar)
    return plan.indicators[plan.indicators.index.isin(owed.indicator[owed.unit == unit])]


def closing_periods(plan: Plan, period: Period) -> list[Period]:
    """The periods that close with this one and that something is asked for, shortest first.

    2013-Q4 closes 2013-Q4, 2013-H2 and 2013; a month of the quarter's end is closed by itself.
    """
    used = set(plan.indicators.frequency)
    ad_hoc = {each.period for each in rounds_of(plan) if each.is_ad_hoc}
    closing = [last for kind in FREQUENCIES if (last := period.last_of(kind))]
    return [
        each
        for each in closing
        if (each.kind in used or each in ad_hoc)
        and each.last_month == period.last_month
        and _length(each) >= _length(period)
    ]


def _length(period: Period) -> int:
    return period.last_month - period.first_month

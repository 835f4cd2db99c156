"""Deadlines: when each unit's return for a period opens, is cut off, is due and locks. SPEC §3, FORMATS §2.

The calendar has one for everybody; the plan's table `deadlines` gives tiers their own, the table `rounds` gives some
units theirs for one period. The period itself ends for all on the same day, the last of its data window.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tiendo.calendars import Calendar, Deadline
from tiendo.date_rules import DateRule, date_rule
from tiendo.periods import MONTHS, PER_YEAR, Period
from tiendo.plan import Plan
from tiendo.reporting import owing_units
from tiendo.rounds import Round, rounds_by_unit, rounds_of

DEADLINE_COLUMNS = ["opens", "cut_off", "due", "locks", "hour"]
NO_TIER = ""  # of a code that is no unit on the day
INSTANT = "datetime64[us, UTC]"

Grid = np.ndarray[Any, np.dtype[Any]]


def deadlines_of(plan: Plan, calendar: Calendar, period: Period, units: pd.Series) -> pd.DataFrame:
    """The deadline of each unit (codes) for a period: DEADLINE_COLUMNS, the index as given; dates are civil.

    A unit's tier is the one that it has on the period's last day.
    """
    if _is_usual(plan):
        return _frame([calendar.deadline(period)], np.zeros(len(units), dtype=np.int64), units.index)
    levels = plan.units_on(calendar.bounds(period)[1]).level
    tiers = units.map(levels).astype("str").fillna(NO_TIER)
    keys = pd.MultiIndex.from_arrays([tiers, rounds_by_unit(plan, period, units)])
    number, distinct = keys.factorize()
    rounds = {each.code: each for each in rounds_of(plan, period)}
    deadlines = [_deadline(plan, calendar, period, tier, rounds.get(code)) for tier, code in distinct]
    return _frame(deadlines, number, units.index)


def _frame(deadlines: list[Deadline], number: Grid, index: pd.Index) -> pd.DataFrame:
    """DEADLINE_COLUMNS: of the deadline with each number."""
    rows = [[getattr(each, name) for name in DEADLINE_COLUMNS] for each in deadlines]
    frame = pd.DataFrame(rows, columns=DEADLINE_COLUMNS, dtype=object).astype({"hour": "int64"})
    return frame.take(number).set_axis(index)


def _is_usual(plan: Plan) -> bool:
    """Whether everybody has the calendar's dates, as most plans have it."""
    return plan.tables["deadlines"].empty and plan.tables["rounds"].empty


def _deadline(
    plan: Plan, calendar: Calendar, period: Period, tier: str, planned: Round | None = None
) -> Deadline:
    if planned is None:
        return _tier_deadline(plan, calendar, period, tier, None)
    return planned.dated(_tier_deadline(plan, calendar, period, tier, planned.cut_off), calendar)


def _tier_deadline(plan: Plan, calendar: Calendar, period: Period, tier: str, given: date | None) -> Deadline:
    """The deadline by the row of the table that is in force on the period's last day, else by the calendar.

    `given`: the cut-off that a round sets, from which the other dates count.
    """
    last = calendar.bounds(period)[1]
    rule = _tier_rule(plan, tier, period.kind, last)
    if rule is None:
        return calendar.deadline_at(given or last, calendar.usual_due(given or last))
    cut_off = given or (rule.cut_off.day(period, last, calendar) if rule.cut_off else last)
    deadline = calendar.deadline_at(cut_off, rule.due.day(period, cut_off, calendar), rule.hour)
    if rule.locks is None:
        return deadline
    return replace(deadline, locks=max(rule.locks.day(period, deadline.due, calendar), deadline.due))


@dataclass(frozen=True)
class _TierRule:
    """One row of the table `deadlines`; None for what is left to the calendar."""

    due: DateRule
    cut_off: DateRule | None
    locks: DateRule | None
    hour: int | None


def _tier_rule(plan: Plan, tier: str, frequency: str, last: date) -> _TierRule | None:
    """The row for a tier and a frequency that is in force on a period's last day: the one in force since latest."""
    # A few rows, asked for each period: plain records are a tenth of what selecting from a frame costs.
    found = [
        row
        for row in plan.tables["deadlines"].to_dict("records")
        if (row["level"], row["frequency"]) == (tier, frequency)
        and not row["valid_from"] > pd.Timestamp(last)
    ]
    if not found:
        return None
    row = max(found, key=lambda each: pd.Timestamp.min if pd.isna(each["valid_from"]) else each["valid_from"])
    due = date_rule(row["due"], "due")
    assert due is not None, "the plan was checked"
    return _TierRule(
        due=due,
        cut_off=date_rule(row["cut_off"], "cut_off"),
        locks=date_rule(row["locks"], "locks"),
        hour=None if pd.isna(row["hour"]) else int(row["hour"]),
    )


def every_deadline(plan: Plan, calendar: Calendar, period: Period) -> Iterator[Deadline]:
    """The deadlines that units may have for a period: of each tier of the plan, in each of the period's rounds."""
    if _is_usual(plan):
        yield calendar.deadline(period)
        return
    rounds = [None, *rounds_of(plan, period)]
    for tier in plan.units.level.unique():
        for planned in rounds:
            yield _deadline(plan, calendar, period, tier, planned)


def is_live(plan: Plan, calendar: Calendar, period: Period, day: date) -> bool:
    """Whether any unit's return for the period may be taken on a day: open, or late and not locked yet."""
    return any(each.is_live(day) for each in every_deadline(plan, calendar, period))


def last_due(plan: Plan, calendar: Calendar, period: Period) -> date:
    """The day on which the last of the units that owe a return for the period has to have sent it."""
    if _is_usual(plan):
        return calendar.deadline(period).due
    units = pd.Series(owing_units(plan, period, calendar), dtype="str")
    if units.empty:
        return _deadline(plan, calendar, period, NO_TIER).due
    due: date = deadlines_of(plan, calendar, period, units).due.max()
    return due


def last_closed(plan: Plan, calendar: Calendar, kind: str, today: date) -> Period:
    """The latest period of a kind whose returns were all due before a day."""
    running = today.year * PER_YEAR[kind] + (today.month - 1) // MONTHS[kind]
    period = Period.of_index(kind, running + 1)
    while last_due(plan, calendar, period) >= today:
        period = period.previous()
    return period


def live_periods(plan: Plan, calendar: Calendar, day: date) -> list[Period]:
    """Periods of the term that something is asked for and for which some return may be taken on a day."""
    kinds = plan.indicators.frequency.unique()
    asked = {period for kind in kinds for period in plan.term.span.parts(kind)}
    asked |= {each.period for each in rounds_of(plan) if each.is_ad_hoc}
    return sorted(period for period in asked if is_live(plan, calendar, period, day))


def due_instants(calendar: Calendar, days: pd.Series, hours: pd.Series, working_days: int = 0) -> pd.Series:
    """The last instant (UTC) of each due day that is on time, or of the day so many working days later."""
    pairs = pd.MultiIndex.from_arrays([days, hours])
    number, distinct = pairs.factorize()
    instants = [
        pd.Timestamp(calendar.due_instant(calendar.add_working_days(day, working_days), int(hour)))
        for day, hour in distinct
    ]
    found = pd.DatetimeIndex(pd.to_datetime(instants, utc=True)).take(number)
    return pd.Series(found, index=days.index, dtype=INSTANT)

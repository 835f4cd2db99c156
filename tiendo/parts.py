"""Parts: what one file says for one unit and one period. An accepted part becomes a submission.

Parts and the plan's indicators make a grid: row = part, column = place of the indicator in the plan. All that
is asked of many returns at once (owed, missing, parts of a sum, last period's figure) is asked of such grids.
"""

from typing import Any

import numpy as np
import pandas as pd

from tiendo.calendars import Calendar
from tiendo.deadlines import deadlines_of
from tiendo.errors import InputError
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.reporting import reporter_sets
from tiendo.rounds import Round, rounds_of

Grid = np.ndarray[Any, np.dtype[Any]]

PART_KEY = ["file", "unit", "period"]
ABOUT_PERIOD = ["kind", "number", "first_month", "last_month", "cut_off"]
DATES = ["opens", "due", "locks", "hour"]  # of the unit's obligation
NO_PERIOD = -1  # `number` and `last_month` of a text that is no period
NOWHERE = -1  # the place of an indicator that the plan does not have


def parts_of(rows: pd.DataFrame, plan: Plan, calendar: Calendar) -> pd.DataFrame:
    """The parts of typed rows, in the order in which they appear.

    Columns: file, unit, period; sheet and line of the first row; kind, number (the period's index),
    first_month and last_month (ordinals), cut_off (the last day of the period's data window, on which units are looked
    up); DATES (hour: of the due day). A text that names no period for which returns are made has kind "" and number −1.
    """
    first = rows.drop_duplicates(PART_KEY)[[*PART_KEY, "sheet", "line"]].reset_index(drop=True)
    periods = {text: _reporting_period(text) for text in first.period.unique()}
    known = {text: _about(period, calendar) for text, period in periods.items()}
    about = pd.DataFrame([known[text] for text in first.period], columns=ABOUT_PERIOD)
    dates = [no_dates(first.index[:0])]
    for text, some in first.groupby("period", sort=False):
        period = periods[str(text)]
        dates.append(
            deadlines_of(plan, calendar, period, some.unit)[DATES] if period else no_dates(some.index)
        )
    return pd.concat([first, about, pd.concat(dates).reindex(first.index)], axis=1)


def no_dates(index: pd.Index) -> pd.DataFrame:
    """DATES of what has none."""
    return pd.DataFrame(None, columns=DATES, index=index, dtype=object)


def _reporting_period(text: str) -> Period | None:
    try:
        period = Period.parse(text)
    except InputError:
        return None
    return period if period.kind in FREQUENCIES else None


def _about(period: Period | None, calendar: Calendar) -> tuple[object, ...]:
    """What ABOUT_PERIOD names."""
    if period is None:
        return ("", NO_PERIOD, NO_PERIOD, NO_PERIOD, None)
    return (period.kind, period.index, period.first_month, period.last_month, calendar.bounds(period)[1])


def part_of_rows(rows: pd.DataFrame, parts: pd.DataFrame) -> pd.Series:
    """The part (index of `parts`) of each typed row."""
    codes = [pd.factorize(pd.concat([parts[name], rows[name]]))[0].astype(np.int64) for name in PART_KEY]
    sizes = [int(code.max(initial=0)) + 1 for code in codes]
    keys = (codes[0] * sizes[1] + codes[1]) * sizes[2] + codes[2]
    of = pd.Index(keys[: len(parts)]).get_indexer(keys[len(parts) :])
    return pd.Series(parts.index.to_numpy()[of], index=rows.index)


def places_of(plan: Plan, indicators: pd.Series) -> Grid:
    """The place of each indicator in the plan, NOWHERE where it has none."""
    return plan.indicators.index.get_indexer(pd.Index(indicators))


def owed_grid(plan: Plan, parts: pd.DataFrame) -> Grid:
    """Whether a part's unit owes an indicator for its period: bool, part × indicator.

    It does when the indicator has the period's frequency and names the unit, and the unit is valid on the
    period's last day; and as the period's rounds ask (`rounds`).
    """
    grid = np.zeros((len(parts), len(plan.indicators)), dtype=bool)
    at = np.arange(len(parts))
    for text, some in parts[parts.kind != ""].groupby("period", sort=False):
        kind, cut_off = some.kind.iloc[0], some.cut_off.iloc[0]
        sets, members = reporter_sets(plan, cut_off)
        names = pd.Index(sets.unique())
        of_indicator = names.get_indexer(sets.reindex(plan.indicators.index))
        due = (plan.indicators.frequency == kind).to_numpy() & (of_indicator != NOWHERE)
        units = pd.Index(some.unit.unique())
        known = members[members.unit.isin(units)]
        is_member = np.zeros((len(units), len(names) + 1), dtype=bool)  # the last column: in no set
        is_member[units.get_indexer(known.unit), names.get_indexer(known.set)] = True
        rows = at[parts.index.get_indexer(some.index)]
        reported = is_member[units.get_indexer(some.unit)][:, of_indicator] & (of_indicator != NOWHERE)
        rounds = rounds_of(plan, Period.parse(str(text)))
        grid[rows] = _as_asked(reported, reported & due, rounds, some.unit, plan.indicators.index)
    return grid


def _as_asked(
    reported: Grid, owed: Grid, rounds: list[Round], units: pd.Series, indicators: pd.Index
) -> Grid:
    """What units owe where rounds ask for it: part × indicator, from all that they report and what they owe usually."""
    for each in rounds:
        concerned = each.concerns(units).to_numpy()[:, None]
        asked = indicators.isin(each.indicators)[None, :]
        if each.is_ad_hoc:
            owed = owed | (concerned & asked & reported)
        elif each.indicators:
            owed = owed & (~concerned | asked)
    return owed


def filled_grid(shape: tuple[int, int], part: Grid, place: Grid, values: Grid) -> Grid:
    """A grid of floats with the values at their places, NaN elsewhere; of two for one place the last."""
    grid = np.full(shape, np.nan)
    grid[part, place] = values
    return grid

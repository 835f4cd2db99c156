"""Pace, forecast and the pace needed: where a figure is heading within its target's span. SPEC §8.

The formulas are plain operators, so each takes a number or a column; what is unknown is NaN and stays so. Time is counted
in months: a moment is the number of whole months before it, so the end of the month with ordinal m is m + 1.
"""

from typing import Any

import numpy as np
import pandas as pd

from tiendo.bands import at_least
from tiendo.methods import Figures

# The least ratio of the pace so far to the required one, from best to worst; below the last it is MOVING_AWAY.
PACES = {"on_track": 0.95, "slow": 0.6, "very_slow": 0.0}
MOVING_AWAY = "moving_away"

# In a line through many points one of a year ago weighs half as much as one of today: what was done lately says more
# of what will be done, and a whole year must still count, or a seasonal figure would be taken for a change.
HALF_LIFE_MONTHS = 12
LEAST_POINTS = 3  # with fewer the line through baseline and figure is all that can be said


def linear_pace(
    actual: Figures, baseline: Figures, target: Figures, elapsed: Figures, length: Figures
) -> Figures:
    """((A−B)/(t−t0)) / ((T−B)/(tT−t0)): the pace so far against the required one; 1 is as required. SPEC §8.

    elapsed: t − t0, length: tT − t0. NaN where no time has passed, or T = B.
    """
    return _quotient(_pace(actual, baseline, elapsed), _pace(target, baseline, length))


def compound_pace(
    actual: Figures, baseline: Figures, target: Figures, elapsed: Figures, length: Figures
) -> Figures:
    """(ln(A/B)/(t−t0)) / (ln(T/B)/(tT−t0)): the same of a figure that grows or shrinks by a share. SPEC §8.

    NaN unless B, A, T > 0.
    """
    positive = np.greater(actual, 0) & np.greater(baseline, 0) & np.greater(target, 0)
    logs = [np.log(np.where(positive, figure, np.nan)) for figure in (actual, baseline, target)]
    return linear_pace(logs[0], logs[1], logs[2], elapsed, length)


def linear_forecast(actual: Figures, baseline: Figures, elapsed: Figures, length: Figures) -> Figures:
    """B + (A−B)·(tT−t0)/(t−t0): where the line through baseline and figure ends. SPEC §8. NaN if no time has passed."""
    return np.add(baseline, np.multiply(_pace(actual, baseline, elapsed), length))


def needed_pace(actual: Figures, target: Figures, periods: Figures) -> Figures:
    """(T−A)/n: the change a period that the n periods left need on average; negative where it must fall. SPEC §8."""
    return _quotient(np.subtract(target, actual), periods)


def weight_of(age: Figures) -> Figures:
    """0.5^(age/12 months): what a point of that age weighs beside one of today."""
    return np.power(0.5, np.divide(age, HALF_LIFE_MONTHS))


def _pace(figure: Figures, baseline: Figures, months: Figures) -> Figures:
    return np.where(np.greater(months, 0), _quotient(np.subtract(figure, baseline), months), np.nan)


def _quotient(top: Figures, bottom: Figures) -> Figures:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.equal(bottom, 0), np.nan, np.divide(top, bottom))


def pace_word(pace: pd.Series) -> pd.Series:
    """on_track, slow, very_slow or moving_away for each ratio of paces; "" where there is none."""
    conditions = [at_least(pace, least) for least in PACES.values()]
    words = np.select([*conditions, pace.notna()], [*PACES, MOVING_AWAY], "")
    return pd.Series(words, index=pace.index, dtype="str")


def fitted_lines(points: pd.DataFrame) -> pd.DataFrame:
    """The weighted least-squares line through each row's points (row, moment, figure), the newest weighing 1.

    Indexed by row: points (their number), mean_moment x̄, mean_figure ȳ and slope = Σw(x−x̄)(y−ȳ)/Σw(x−x̄)², with x̄, ȳ
    the weighted means and w = `weight_of` the age. Rows with fewer than LEAST_POINTS moments are left out.
    """
    rows = points.row
    points = points[rows.groupby(rows).transform("size") >= LEAST_POINTS]
    rows = points.row
    weight = weight_of(points.groupby(rows).moment.transform("max") - points.moment)
    whole = weight.groupby(rows).sum()
    mean_moment = (weight * points.moment).groupby(rows).sum() / whole
    mean_figure = (weight * points.figure).groupby(rows).sum() / whole
    away = points.moment - rows.map(mean_moment)
    risen = (weight * away * (points.figure - rows.map(mean_figure))).groupby(rows).sum()
    spread = (weight * away**2).groupby(rows).sum()
    number = rows.groupby(rows).size()
    columns: dict[str, Any] = {
        "points": number,
        "mean_moment": mean_moment,
        "mean_figure": mean_figure,
        "slope": risen / spread,
    }
    return pd.DataFrame(columns)

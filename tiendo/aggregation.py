"""One figure out of many units' figures. SPEC §5, aggregation; the sums themselves come from the warehouse."""

from collections.abc import Callable

import numpy as np
import pandas as pd

Aggregate = Callable[[pd.DataFrame], "pd.Series"]


def _quotient(top: pd.Series, bottom: pd.Series) -> pd.Series:
    """top / bottom, and NaN where there is nothing to divide by."""
    return top / bottom.where(bottom != 0)


# `f` has the sums of warehouse.figures; beside them `scale`, `members`, `units_met` and `gathers` (a node of others).
AGGREGATES: dict[str, Aggregate] = {
    "sum": lambda f: f.total,
    "min": lambda f: f.least,
    "max": lambda f: f.most,
    "mean": lambda f: _quotient(f.total, f.known),
    # One unit's own figure is itself, whatever it weighs.
    "weighted_mean": lambda f: _quotient(f.weighted, f.weights).where(f.gathers | (f.members > 1), f.total),
    "ratio": lambda f: _quotient(f.top, f.bottom) * f.scale,
    "any": lambda f: f.most,
    # Missing is never 0: judged on the units that have reported; the figure is flagged partial.
    "all": lambda f: f.least,
    # A reporting unit's own row shows its own figure.
    "count_met": lambda f: f.units_met.where(f.gathers, f.total),
    # Not additive: with more than one reporter there is no figure for all of them, whether or not each still has one.
    "none": lambda f: f.total.where((f.known == 1) & (f.reported <= 1)),
}


def aggregated(frame: pd.DataFrame) -> pd.Series:
    """The figure to date of each row by its `aggregation`; NaN where none can be given."""
    actual = pd.Series(np.nan, index=frame.index)
    for name in frame.aggregation.dropna().unique():
        rows = frame.aggregation == name
        actual[rows] = AGGREGATES[name](frame[rows]).astype(float)
    return actual

"""Rows that can only say again what is wrong with a file already: so many of them are left out.

A unit owes some hundred figures. A table of a hundred thousand rows would otherwise give as many findings, which
nobody reads, and which would cost the others the time and memory that they need.
"""

from collections.abc import Collection

import pandas as pd

MOST_TIMES = 3  # rows of one indicator for one unit and period: the second is wrong already
MOST_UNKNOWN = 200  # rows of a file whose indicator the plan does not have
MOST_PARTS = 200  # units and periods of a file whose sender speaks for itself alone

CASE = ["file", "unit", "period", "indicator"]


def without_excess(
    cells: pd.DataFrame, known: pd.Index, many_units_files: Collection[int]
) -> tuple[pd.DataFrame, pd.Series]:
    """The raw cells without excess rows, and of each file that has some, how many.

    cells: with CASE; known: codes of the plan's indicators; many_units_files: whose senders may speak for others.
    """
    if cells.empty or cells.file.value_counts().max() <= MOST_UNKNOWN:
        return cells, pd.Series(dtype="int64")
    keys = cells[CASE].fillna("")
    is_known = keys.indicator.isin(known)
    again = keys.groupby(CASE, sort=False).cumcount() >= MOST_TIMES
    unknown = ~is_known & ((~is_known).groupby(keys.file).cumsum() > MOST_UNKNOWN)
    part = ~keys.duplicated(["file", "unit", "period"])
    several = (part.groupby(keys.file).cumsum() > MOST_PARTS) & ~keys.file.isin(list(many_units_files))
    is_excess = again | unknown | several
    return cells[~is_excess], cells.file[is_excess].value_counts()

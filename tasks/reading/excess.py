"""Rows that can only say again what is wrong with a file already: so many of them are left out, in the reading child.

A unit owes some hundred figures. A table of a hundred thousand rows would otherwise give as many findings, which
nobody reads, and which would cost the others the time and memory that they need.
"""

from collections import Counter
from collections.abc import Collection
from typing import Any

from tasks.reading.raw_texts import Column

MOST_TIMES = 3  # rows of one indicator for one unit and period: the second is wrong already
MOST_NAMED = 5_000  # rows of a table that names its indicators, or of a plan that is not known
MOST_UNKNOWN = 200  # rows of a file whose indicator the plan does not have
MOST_PARTS = (
    100  # units and periods of a file whose sender speaks for itself alone: a whole term by months, and more
)


def kept_rows(columns: dict[str, Column], known: Collection[str], speaks_for_others: bool) -> list[int]:
    """The places of the rows that are not excess.

    columns: unit, period and indicator at least; known: codes of the plan's indicators.
    """
    parts: set[tuple[str, str]] = set()
    times: Counter[tuple[str, str, str]] = Counter()
    unknown = 0
    kept = []
    rows = zip(columns["unit"], columns["period"], columns["indicator"], strict=True)
    for place, row in enumerate(rows):
        part = row[:2]
        if part not in parts and len(parts) >= MOST_PARTS and not speaks_for_others:
            continue
        parts.add(part)
        if row[2] in known:
            times[row] += 1
            if times[row] <= MOST_TIMES:
                kept.append(place)
        else:
            unknown += 1
            if unknown <= MOST_UNKNOWN:
                kept.append(place)
    return kept


def without_excess(
    columns: dict[str, Column], rows: list[int], known: Collection[str], speaks_for_others: bool
) -> dict[str, Any]:
    """columns and rows of a file without excess, and how many (`excess`); {} where there is none.

    known: codes of the plan's indicators; none: the rows may say names, which are not known here.
    """
    if len(rows) <= MOST_UNKNOWN:
        return {}
    kept = kept_rows(columns, known, speaks_for_others) if known else list(range(min(len(rows), MOST_NAMED)))
    if len(kept) == len(rows):
        return {}
    return {
        "columns": {name: [cells[place] for place in kept] for name, cells in columns.items()},
        "rows": [rows[place] for place in kept],
        "excess": len(rows) - len(kept),
    }

"""What a new version of a return says otherwise than the version before it, in words."""

import pandas as pd

from tiendo.labels import label
from tiendo.parts import PART_KEY
from tiendo.wording import short_number

SAID = ["number", "state", "qualifier"]
KEY = [*PART_KEY, "indicator", "place"]
NOTHING = "–"
SIGNS = {">=": "≥ ", "<=": "≤ ", "~": "≈ "}


def changed_cells(
    parts: pd.DataFrame, values: pd.DataFrame, before: pd.DataFrame, locale: str
) -> pd.DataFrame:
    """file, unit, indicator, before and after (texts) of what each part says otherwise than `before`.

    parts: of those that are compared; values (part and the value's columns): what they say; before (unit,
    period and the value's columns): the versions before them. A cell that only one of the two fills counts.
    """
    compared = parts[PART_KEY]
    now = values.join(compared, on="part", how="inner")[[*KEY, *SAID]]
    then = before.merge(compared, on=["unit", "period"])[[*KEY, *SAID]]
    both = now.merge(then, on=KEY, how="outer", suffixes=("", "_before"))
    told = both.assign(
        before=_told(both[[f"{name}_before" for name in SAID]], locale), after=_told(both[SAID], locale)
    )
    changed = told[told.before != told.after]
    in_order = changed.sort_values(["file", "unit", "period", "place"], kind="stable")
    return in_order[["file", "unit", "indicator", "before", "after"]]


def _told(said: pd.DataFrame, locale: str) -> list[str]:
    """Each row (number, state, qualifier) in words: `≥ 60`, a state, or nothing."""
    rows = zip(*(said[name] for name in said), strict=True)
    return [_words(number, state, qualifier, locale) for number, state, qualifier in rows]


def _words(number: float, state: object, qualifier: object, locale: str) -> str:
    if not pd.isna(number):
        return SIGNS.get(str(qualifier), "") + short_number(number, locale)
    return NOTHING if pd.isna(state) or not state else label("state", str(state), locale)

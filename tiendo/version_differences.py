"""What two versions of a return say otherwise: old, new, change and reason, figure by figure."""

import numpy as np
import pandas as pd

from tiendo.corrections import FIGURES

DIFFERENCE_COLUMNS = [
    "indicator", "name", "field", "old", "new", "change", "status_old", "status_new", "reason",
]  # fmt: skip
SAID = {
    **FIGURES,
    "state": "state",
    "qualifier": "qualifier",
    "status": "status",
}  # field → column of a value
KEY = "indicator"


def version_differences(
    old: pd.DataFrame, new: pd.DataFrame, corrections: pd.DataFrame, names: pd.Series
) -> pd.DataFrame:
    """The fields that differ (DIFFERENCE_COLUMNS), in the order of `names` (indicator → name, the plan's).

    old, new: the values of the two versions (columns of `value`); one that is not there has none. corrections: indicator,
    field, reason of those made between them, oldest first. reason: of the last correction of the field; else what the
    unit says, reason or note, of its new figure. A status is told as a field of its own where nothing else differs.
    """
    both = old.merge(new, on=KEY, how="outer", suffixes=("_old", "_new"))
    parts = [_differing(both, field, column) for field, column in SAID.items() if field != "status"]
    told = pd.concat(parts, ignore_index=True)
    alone = both[~both[KEY].isin(told[KEY])]
    told = pd.concat([told, _differing(alone, "status", "status")], ignore_index=True)
    told = _with_reasons(told, corrections)
    place = told[KEY].map({code: number for number, code in enumerate(names.index)}).fillna(len(names))
    order = told.assign(place=place, name=told[KEY].map(names).fillna("")).sort_values(
        ["place", KEY], kind="stable"
    )
    return order[DIFFERENCE_COLUMNS].reset_index(drop=True)


def _differing(both: pd.DataFrame, field: str, column: str) -> pd.DataFrame:
    before, after = both[f"{column}_old"], both[f"{column}_new"]
    if field in FIGURES:
        differs = ~((before == after) | (before.isna() & after.isna()))
        change = after - before
    else:
        before, after = before.fillna(""), after.fillna("")
        differs, change = before != after, pd.Series(np.nan, index=both.index)
    frame = both.assign(field=field, old=_cells(before), new=_cells(after), change=change)
    texts = ["status_old", "status_new", "reason_new", "note_new"]
    return frame.assign(**{name: frame[name].fillna("") for name in texts})[differs]


def _cells(column: pd.Series) -> pd.Series:
    """Figures as numbers, whole ones without decimals; None where there is none."""
    if column.dtype.kind != "f":
        return column.astype(object)
    cells = [None if np.isnan(x) else int(x) if x.is_integer() else x for x in column.tolist()]
    return pd.Series(cells, index=column.index, dtype=object)


def _with_reasons(told: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    last = corrections.drop_duplicates([KEY, "field"], keep="last").set_index([KEY, "field"]).reason
    of_cell = corrections.drop_duplicates(KEY, keep="last").set_index(KEY).reason
    own = last.reindex(pd.MultiIndex.from_frame(told[[KEY, "field"]])).to_numpy()
    by_office = pd.Series(own, index=told.index).fillna(told[KEY].map(of_cell))
    by_unit = told.reason_new.where(told.reason_new != "", told.note_new)
    return told.assign(reason=by_office.fillna(by_unit))

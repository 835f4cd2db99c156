"""Verdicts: what becomes of each part and of each file, from its findings. FORMATS §3."""

import numpy as np
import pandas as pd

from tiendo.finding_codes import CODES, ERROR, FILE, WARNING
from tiendo.kinds import EVIDENCE
from tiendo.parts import PART_KEY, Grid

ACCEPTED, WITH_WARNINGS, RETURNED = "accepted", "accepted_with_warnings", "returned"
REJECTED, DUPLICATE, ATTACHED = "rejected", "duplicate", "attached"
LOADED = (ACCEPTED, WITH_WARNINGS, RETURNED)

# Of a file that its sender can mend as it is, to be corrected rather than refused, though nothing of it was loaded:
# the letter says what to do with it; it does not go back itself, since a formula is not kept when it is written anew.
MENDABLE = ("uncached_formula",)

# Of a file's parts the worst verdict is the file's; it is a duplicate only if all of it is.
_WORST = (DUPLICATE, ACCEPTED, WITH_WARNINGS, RETURNED)

RESULT_COLUMNS = ["file", "unit", "period", "version", "verdict", "errors", "warnings"]


def unfit_files(found: pd.DataFrame) -> set[int]:
    """Files with an error that keeps all of them from loading."""
    levels = found.code.map({code: of.level for code, of in CODES.items()})
    return {int(file) for file in found.file[(levels == FILE) & (found.severity == ERROR)]}


def part_verdicts(parts: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """The verdict of each part (file, unit, period, is_duplicate) that belongs to a file fit to load.

    A finding without a period concerns every part of its file.
    """
    own = found[found.period != ""].groupby([*PART_KEY, "severity"]).size().unstack(fill_value=0)
    whole = found[found.period == ""].groupby(["file", "severity"]).size().unstack(fill_value=0)
    keys = pd.MultiIndex.from_frame(parts[PART_KEY])
    verdict = pd.Series(ACCEPTED, index=parts.index, dtype="str")
    for severity, word in ((WARNING, WITH_WARNINGS), (ERROR, RETURNED)):
        has = _counted(own, keys, severity) + _counted(whole, parts.file, severity) > 0
        verdict = verdict.mask(pd.Series(has, index=parts.index), word)
    return verdict.mask(parts.is_duplicate, DUPLICATE)


def _counted(counts: pd.DataFrame, keys: "pd.Index | pd.Series", severity: str) -> Grid:
    if severity not in counts:
        return np.zeros(len(keys))
    return counts[severity].reindex(keys).fillna(0).to_numpy()


def results(files: pd.DataFrame, parts: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """One row a file (RESULT_COLUMNS; `file` is its number in the batch).

    files: file, sender, kind, period (what the file says of itself, None: nothing). parts: file, unit, period,
    version, verdict of the files fit to load. Units, periods and versions of several are joined by `;`.
    """
    about = files.set_index("file")
    joined = {name: _joined(parts, name).reindex(about.index) for name in ("unit", "period", "version")}
    worst = parts.verdict.map(_WORST.index).groupby(parts.file).max().map(dict(enumerate(_WORST)))
    counts = found.groupby(["file", "severity"]).size().unstack(fill_value=0)
    mendable = set(found.file[found.code.isin(MENDABLE)]) - set(found.file[~found.code.isin(MENDABLE)])
    unfit = pd.Series(REJECTED, index=about.index).mask(about.index.isin(list(mendable)), RETURNED)
    unfit = unfit.mask((about.kind == EVIDENCE) & ~about.index.isin(found.file), ATTACHED)
    return pd.DataFrame(
        {
            "unit": joined["unit"].fillna(about.sender),
            "period": joined["period"].fillna(about.period).fillna(""),
            "version": pd.Series(
                [_as_number(text) for text in joined["version"]], index=about.index, dtype=object
            ),
            "verdict": worst.reindex(about.index).fillna(unfit),
            "errors": _counted(counts, about.index, ERROR).astype("int64"),
            "warnings": _counted(counts, about.index, WARNING).astype("int64"),
        }
    ).reset_index()[RESULT_COLUMNS]


def _joined(parts: pd.DataFrame, name: str) -> pd.Series:
    """Of each file what its parts say in a column, each once, joined by `;`."""
    once = parts.drop_duplicates(["file", name])
    return once[name].astype(str).groupby(once.file).agg(";".join)


def _as_number(text: object) -> "int | str | None":
    if not isinstance(text, str):
        return None
    return int(text) if text.isdecimal() else text

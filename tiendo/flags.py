"""Flags: what a reader must know of a judged figure. SPEC §2, §6, §7."""

import numpy as np
import pandas as pd

from tiendo.bands import ASSESSABLE, near

JUDGED = (
    *ASSESSABLE,
    "unassessable",
)  # bands of what was looked at; where nothing is owed nothing is partial

# Types that divide by the target: a unit with a target of zero has nothing to measure itself by.
ZERO_TARGET_TYPES = ("ratio", "rate", "reduction")


def flags_of(frame: pd.DataFrame) -> pd.Series:
    """The flags of each judged row, joined by `;`: partial, stale, gaps, estimate, qualified, late, zero_target,
    weights_missing, sources_differ, and `branch:CODE` for the branch that decided.
    """
    has_figure = frame.known > 0
    is_judged = has_figure & frame.band.isin(JUDGED)
    is_of_many = frame.gathers | (frame.members > 1)
    marks = {
        "partial": is_judged & (frame.reported < frame.expected),
        "stale": is_judged & (frame.stale > 0),
        "gaps": frame.gaps > 0,
        "estimate": has_figure & (frame.estimates > 0),
        "qualified": has_figure & (frame.qualifiers > 0),
        "late": (frame.type == "milestone") & near(frame.done.fillna(0), 1.0) & (frame.days_early < 0),
        "zero_target": frame.type.isin(ZERO_TARGET_TYPES) & (frame.target == 0),
        "weights_missing": (frame.aggregation == "weighted_mean")
        & is_of_many
        & (frame.weighed < frame.known),
        "sources_differ": _sources_differ(frame),
    }
    joined = _joined(marks, frame.index)
    by_branch = joined.where(joined == "", joined + ";") + "branch:" + frame.decided_by
    return joined.mask(frame.decided_by != "", by_branch)


def _joined(marks: dict[str, pd.Series], index: pd.Index) -> pd.Series:
    """The names of the marks that hold, joined by `;`: each combination that occurs is written once."""
    bits = np.zeros(len(index), dtype=np.int64)
    for place, holds in enumerate(marks.values()):
        bits |= holds.fillna(False).to_numpy(dtype=np.int64) << place
    found, which = np.unique(bits, return_inverse=True)
    names = list(marks)
    texts = [";".join(name for place, name in enumerate(names) if code >> place & 1) for code in found]
    return pd.Series(np.array(texts, dtype=object)[which], index=index, dtype="str")


def _sources_differ(frame: pd.DataFrame) -> pd.Series:
    """Where the figures standing beside the one that counts are further from it than the tolerance (in percent)."""
    if "beside" not in frame:
        return pd.Series(False, index=frame.index)
    # As reported: what is shown may be a rate worked out of it.
    figure = frame.level_figure
    allowed = figure.abs() * frame.tolerance_pct.fillna(0) / 100
    apart = (frame.beside - figure).abs()
    return (apart > allowed) & ~near(frame.beside, figure) & frame.beside.notna()


RESTATED = "restated"  # what units had that are no longer there is in it (quy đổi)


def with_flag(flags: pd.Series, name: str, holds: pd.Series) -> pd.Series:
    """The flags of some rows with one more where it holds."""
    added = flags.where(flags == "", flags + ";") + name
    return flags.mask(holds.fillna(False).astype(bool), added)

"""Judgements that follow from others: any_of and all_of from their branches, main headings from their components.

SPEC §6, §7. All rows of a review at once, whatever the number of units.
"""

import numpy as np
import pandas as pd

from tiendo.bands import ASSESSABLE, MET, BandRules, band_of
from tiendo.plan import BRANCHED, Plan
from tiendo.targets import ASSIGNED

JUST_EXCEEDED = 100.0 + 1e-6  # beside figures of 100 the one that exceeds is the better

# What a row takes from the branch that decides it.
TAKEN = [
    "actual",
    "target",
    "baseline",
    "attainment",
    "margin",
    "band",
    "expected",
    "reported",
    "coverage",
    "span",
]
TAKEN += ["estimates", "preliminary", "known", "stale", "gaps", "qualifiers"]


def with_branches(plan: Plan, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of any_of and all_of take what their deciding branch has; `decided_by` names it.

    any_of: the best branch, if it is met or none is unknown; all_of: the worst, if none is unknown. Branches that
    do not apply, or that the unit does not report, are left out; of equals the first in the plan decides.
    """
    frame = frame.assign(decided_by="")
    rows = _keys(frame[frame.type.isin(BRANCHED)]).assign(
        is_any=lambda f: frame.type[f.row].eq("any_of").to_numpy()
    )
    branches = plan.tables["branches"].assign(place=lambda f: range(len(f)))
    pairs = rows.merge(branches[["indicator", "branch", "place"]], on="indicator")
    found = _applying(pairs.merge(_judged(frame, "branch"), on=["branch", "unit"]))
    tally = _tally(rows, found)
    frame.loc[tally.index, "band"] = tally.band_without_figure
    known = found[found.is_known]
    best_first = known.score.where(~known.is_any, -known.score)
    decided = (
        known.assign(rank=best_first)
        .sort_values(["row", "rank", "place"])
        .drop_duplicates("row")
        .set_index("row")
    )
    is_complete = (tally.known == tally.applying)[decided.index]
    decided = decided[is_complete | (decided.is_any & decided.band.isin(MET))]
    for column in TAKEN:
        frame.loc[decided.index, column] = frame.loc[decided["at"], column].to_numpy()
    frame.loc[decided.index, "decided_by"] = decided.branch
    return frame


def with_headings(plan: Plan, frame: pd.DataFrame, rules: BandRules) -> pd.DataFrame:
    """A main indicator without a figure of its own: the share of its components that are met; met when all are.

    Components that do not apply are left out. Headings of headings come after these.
    """
    level = _heading_levels(plan)
    for depth in sorted(set(level)):
        frame = _with_one_level(plan, frame, level.index[level == depth], rules)
    return frame


def _with_one_level(plan: Plan, frame: pd.DataFrame, headings: pd.Index, rules: BandRules) -> pd.DataFrame:
    rows = _keys(frame[frame.indicator.isin(headings)])
    components = _judged(frame, "component")
    components["indicator"] = components.component.map(plan.indicators.parent)
    found = _applying(rows.merge(components, on=["indicator", "unit"]))
    tally = _tally(rows, found)
    share = (100.0 * tally.met / tally.applying).where(tally.known > 0)
    whole, no = pd.Series(1.0, index=share.index), pd.Series(False, index=share.index)
    band = band_of(share, share * np.nan, no, whole, rules)
    frame.loc[tally.index, "attainment"] = share
    frame.loc[tally.index, "band"] = band.where(tally.known > 0, tally.band_without_figure)
    return frame


def _heading_levels(plan: Plan) -> pd.Series:
    """How many headings lie below each heading, at most: 0 for those over components with figures."""
    parents = plan.indicators.parent[plan.indicators.is_heading]
    level = pd.Series(0, index=parents.index)
    for _ in range(len(parents)):
        above = (level + 1).groupby(parents).max().reindex(level.index).fillna(0).astype(int)
        if (above <= level).all():
            break
        level = level.clip(lower=above)
    return level


def _keys(rows: pd.DataFrame) -> pd.DataFrame:
    """row (the place in the frame), indicator, unit."""
    return rows[["indicator", "unit"]].rename_axis("row").reset_index()


def _judged(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The declared judgement of each indicator (under another name) and unit, with `at`, its place in the frame."""
    own = frame[frame.series == ASSIGNED].drop_duplicates(["indicator", "unit"])
    own = own[["indicator", "unit", "band", "attainment"]].rename_axis("at").reset_index()
    return own.rename(columns={"indicator": name})


def _applying(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of row and part whose part applies, with is_known and score: its attainment.

    A threshold of 0 that is met or exceeded has none: it counts as just that.
    """
    pairs = pairs[pairs.band != "not_applicable"]
    unmeasured = pairs.band.map({"met": 100.0, "exceeded": JUST_EXCEEDED}).fillna(0.0)
    return pairs.assign(is_known=pairs.band.isin(ASSESSABLE), score=pairs.attainment.fillna(unmeasured))


def _tally(rows: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """By row: applying, known, met (numbers of parts) and the band of a row none of whose parts is known."""
    found = found.assign(is_met=found.band.isin(MET))
    by = found.groupby("row")
    sums = pd.DataFrame({"applying": by.size(), "known": by.is_known.sum(), "met": by.is_met.sum()})
    tally = sums.reindex(rows.row).fillna(0).astype(int)
    bands = by.band.agg(["first", "nunique"]).reindex(rows.row)
    same = bands["first"].where((bands["nunique"] == 1) & (tally.known == 0), "unassessable")
    return tally.assign(band_without_figure=same.where(tally.applying > 0, "not_applicable"))

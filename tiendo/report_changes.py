"""What an adjusted report says otherwise than the one issued before it, and why.

Figures of the two sides are attainment rows (FORMATS §4): those stored with the issued report, and those of now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from tiendo.bands import BANDS, BandRules, near
from tiendo.explaining import resting_on
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.plan_tables import TABLES
from tiendo.targets import ASSIGNED

COMPARED = ("target", "actual", "attainment")
CHANGE_COLUMNS = [
    "code",
    "name",
    "series",
    "span",
    "kind",
    *(each for name in COMPARED for each in (f"{name}_before", name)),
    "status_before",
    "status",
    "band_before",
    "band",
    "change",
    "change_pct",
]

# In the order in which they are told: a band moved; a figure changed; only its status did; not there before; not now.
KINDS = ("moved", "changed", "status", "added", "dropped")
LEVELS = ("term", "resolution")  # whose counts by band are compared


@dataclass(frozen=True)
class Basis:
    """From what one of the two reports was judged."""

    version: int
    as_of: datetime
    today: date
    plan_version: int
    bands: BandRules


@dataclass(frozen=True)
class ReportChanges:
    """What a report says otherwise than the one before it; the frames are not to be changed.

    number: which adjusted version this is (bản điều chỉnh n). before: the basis of the report that it takes the place
    of; issued_on, path: when that was issued, and where it lies below the workspace. rows: CHANGE_COLUMNS and causes
    (words). counts: level, band, before, now.
    values: what units' figures became, with the words of why (`cause`): unit, unit_name, period, indicator, name,
    before, now (words), version, cause. reasons: what else the two differ in, in words.
    """

    number: int
    before: Basis
    issued_on: date
    path: str
    rows: pd.DataFrame
    counts: pd.DataFrame
    values: pd.DataFrame
    reasons: tuple[str, ...]

    @property
    def moved(self) -> int:
        """How many indicators stand in another band."""
        return int((self.rows.kind == "moved").sum())

    @property
    def title(self) -> str:
        """The name of the adjusted version."""
        return f"bản điều chỉnh {self.number}"


def changed_rows(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The indicators of which two reviews say something else (CHANGE_COLUMNS), bands that moved first.

    before, now: attainment rows of level indicator, of the same unit. change is that of the figure to date,
    change_pct its share of the figure before in percent (infinite where that was 0, NaN where there was none).
    """
    key = ["code", "series"]
    columns = [*key, "name", "span", *COMPARED, "status", "band"]
    both = now[columns].merge(
        before[columns], on=key, how="outer", suffixes=("", "_before"), indicator="side"
    )
    both["name"] = both["name"].fillna(both.name_before)
    both["span"] = both["span"].fillna(both.span_before)
    texts = ("band", "band_before", "status", "status_before")
    both = both.assign(**{text: both[text].fillna("") for text in texts})
    other = pd.Series(False, index=both.index)
    for name in COMPARED:
        left, right = both[name].astype(float), both[f"{name}_before"].astype(float)
        other |= ~(near(left, right) | (left.isna() & right.isna()))
    kinds = [
        (both.side == "left_only", "added"),
        (both.side == "right_only", "dropped"),
        (both.band != both.band_before, "moved"),
        (other, "changed"),
        (both.status != both.status_before, "status"),
    ]
    both["kind"] = np.select([holds for holds, _ in kinds], [kind for _, kind in kinds], "")
    both["change"] = both.actual.astype(float) - both.actual_before.astype(float)
    was = both.actual_before.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        both["change_pct"] = 100 * both.change / was.abs()
    found = both[both.kind != ""]
    order = found.assign(
        rank=found.kind.map({kind: at for at, kind in enumerate(KINDS)}), later=found.series != ASSIGNED
    )
    return order.sort_values(["rank", "code", "later"], kind="stable", ignore_index=True)[CHANGE_COLUMNS]


def alarming(rows: pd.DataFrame, share_pct: float) -> pd.DataFrame:
    """Those changes that readers of an issued report must hear of: a band moved, or more than a share of the figure."""
    came_or_went = rows.actual.isna() != rows.actual_before.isna()
    is_large = (rows.change_pct.abs() > share_pct) | came_or_went
    return rows[(rows.kind == "moved") | ((rows.kind == "changed") & is_large)]


def changed_counts(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """level, band, before, now of the counts of the term and of the resolution, bands with any of either."""
    rows = []
    for level in LEVELS:
        then, present = (_counts(frame, level) for frame in (before, now))
        rows += [
            (level, band, then.get(band, 0), present.get(band, 0))
            for band in BANDS
            if then.get(band, 0) or present.get(band, 0)
        ]
    return pd.DataFrame(rows, columns=["level", "band", "before", "now"])


def _counts(frame: pd.DataFrame, level: str) -> Mapping[str, int]:
    rows = frame[frame.level == level]
    return {} if rows.empty else {band: int(rows.iloc[0][band] or 0) for band in BANDS}


def behind_changes(plan: Plan, rows: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Which changed values stand behind which changed indicators: code, at (the row of `values`).

    values: unit, period, indicator. Values of before a flow's span do not enter it.
    """
    rests = resting_on(plan).rename(columns={"indicator": "code", "input": "indicator"})
    spans = {text: Period.parse(text).first_month for text in rows["span"].unique()}
    ends = {text: Period.parse(text).last_month for text in values.period.unique()}
    told = rows[["code"]].assign(start=rows["span"].map(spans)).drop_duplicates("code")
    given = values[["indicator"]].assign(at=values.index, month=values.period.map(ends))
    found = told.merge(rests, on="code").merge(given, on="indicator")
    is_flow = found.indicator.map(plan.indicators.accumulation).eq("flow")
    return found[~is_flow | (found.month >= found.start)][["code", "at"]].reset_index(drop=True)


def redefined(old: Plan, new: Plan) -> set[str]:
    """The indicators of which two plans say something else: their own rows, targets, branches or stages."""
    codes: set[str] = set()
    for name, column in _ABOUT_INDICATORS.items():
        then, now = (_as_texts(plan, name) for plan in (old, new))
        other = pd.concat([then, now]).drop_duplicates(keep=False)
        codes |= set(other[column])
    return codes


_ABOUT_INDICATORS = {
    "indicators": "code",
    "targets": "indicator",
    "branches": "indicator",
    "stages": "indicator",
}


def _as_texts(plan: Plan, name: str) -> pd.DataFrame:
    return plan.tables[name][TABLES[name].names].astype(str).drop_duplicates()

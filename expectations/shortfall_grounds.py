"""Grounds for asking why: a unit's own target, how far the unit has come, and whether it says the reason."""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from expectations.grounds import SPANS, SUMS, Batch
from expectations.last_period import LastPeriod
from tiendo.bands import band_of
from tiendo.inheritance import with_inherited_targets
from tiendo.intake_rules import OFF
from tiendo.methods import METHODS, growth, points_cut
from tiendo.parts import Grid
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.reporting import reporter_sets
from tiendo.succession import code_of
from tiendo.targets import ASSIGNED, chosen_targets, elapsed_share

SHORT = ("lagging", "stalled")

# Types whose attainment follows from a unit's own figure; the others need stages, other years or figures.
JUDGED = ("ratio", "rate", "reduction", "gap", "threshold", "range", "ceiling", "rank")


def shortfall_columns(batch: Batch, last: LastPeriod) -> dict[str, Grid]:
    """explained: NaN where a shortfall from the unit's own target lacks reason or remedy; attainment (%)."""
    attainment = np.full(batch.owed.shape, np.nan)
    is_short = np.zeros(batch.owed.shape, dtype=bool)
    if batch.rules.reason_required != OFF:
        for judged in _judged_by_period(batch, last):
            attainment[judged.part, judged.place] = judged.attainment
            is_short[judged.part, judged.place] = judged.band.isin(SHORT)
    rows = batch.checked
    silent = ((rows.reason == "") | (rows.remedy == "")).to_numpy()
    needs = batch.of_rows(is_short.astype(float)) == 1
    return {"explained": np.where(needs & silent, np.nan, 1.0), "attainment": batch.of_rows(attainment)}


def flows_judged(plan: Plan, units: Collection[str]) -> list[str]:
    """The flows that units of a batch have targets of their own for: their sums to date are needed."""
    flows = plan.indicators[plan.indicators.accumulation == "flow"]
    targets = plan.targets
    heirs = plan.links.successor.map(code_of)
    if heirs.isin(list(units)).any():  # their predecessors' targets may be theirs
        units = [*units, *plan.links.predecessor.map(code_of)]
    own = set(targets.indicator[targets.unit.isin(list(units))])
    alone = set(targets.indicator[targets.unit == ""]) & set(flows.index[flows.reported_by.isin(list(units))])
    return [code for code in flows.index if code in own | alone]


def _judged_by_period(batch: Batch, last: LastPeriod) -> list[pd.DataFrame]:
    plan, parts = batch.rules.plan, batch.parts
    known = {*parts.unit, plan.term.authority}
    judged = []
    for text, some in parts.groupby("period", sort=False):
        shown = with_inherited_targets(plan, some.cut_off.iloc[0])
        targets = chosen_targets(shown, Period.parse(str(text)), "own", known)
        targets = targets[(targets.series == ASSIGNED) & ~targets.is_later]
        own = _own(plan, targets, some.cut_off.iloc[0])
        units = some[["unit"]].rename_axis("part").reset_index()
        asked = own.merge(units, on="unit")
        if len(asked):
            judged.append(_judged(batch, last, asked, Period.parse(str(text))))
    return judged


def _own(plan: Plan, targets: pd.DataFrame, day: date) -> pd.DataFrame:
    """The targets of units; of the authority's those that one unit alone reports for count as that unit's."""
    sets, members = reporter_sets(plan, day)
    lone = members[~members.set.duplicated(keep=False)].set_index("set").unit
    reporter = targets.indicator.map(sets).map(lone)
    is_whole = targets.unit == plan.term.authority
    alone = targets[is_whole & reporter.notna()].assign(unit=reporter)
    return pd.concat([targets, alone]).drop_duplicates(["indicator", "unit"])


def _judged(batch: Batch, last: LastPeriod, targets: pd.DataFrame, period: Period) -> pd.DataFrame:
    """part, place, attainment and band of each target whose unit has given a figure."""
    places = batch.indicators.index.get_indexer(pd.Index(targets.indicator))
    about = batch.indicators[["type", "direction", "flags", "accumulation", "aggregation"]].iloc[places]
    rows = pd.concat([targets, about.reset_index(drop=True)], axis=1).assign(place=places)
    rows["actual"] = _actual(batch, last, rows, period)
    rows = rows[rows.type.isin(JUDGED) & rows.actual.notna()].reset_index(drop=True)
    rows["actual"] = _as_rate(rows, period)
    rows["is_corridor"] = rows["flags"].str.contains("corridor")
    rows["top_n"] = rows.top_n.fillna(rows.target)
    rows["direction"] = np.where(rows.direction == "up", 1.0, -1.0)
    rows["attainment"], rows["margin"] = np.nan, np.nan
    for name in rows.type.unique():
        some = rows[rows.type == name]
        rows.loc[some.index, "attainment"] = METHODS[name].attainment(some)
        rows.loc[some.index, "margin"] = METHODS[name].margin(some)
    elapsed = elapsed_share(rows, period)
    is_by_margin = rows.type == "threshold"
    rows["band"] = band_of(rows.attainment, np.sign(rows.margin), is_by_margin, elapsed, batch.rules.bands)
    return rows[["part", "place", "attainment", "band"]]


def _actual(batch: Batch, last: LastPeriod, rows: pd.DataFrame, period: Period) -> pd.Series:
    """The figure to date over each target's span; a mean of yearly rates is not to be had from one return."""
    amount = pd.Series(batch.grid("amount")[rows.part, rows.place], index=rows.index)
    actual = amount.mask((rows.accumulation == "rate") & (rows.span_kind == "term"))
    flows = (rows.accumulation == "flow") & (rows.span_kind != period.kind) & amount.notna()
    for span in SPANS:
        some = rows[flows & (rows.span_kind == span)]
        if len(some):
            actual[some.index] = _summed(batch, last.to_date(span), some)
    return actual.mask(flows & ~rows.span_kind.isin(SPANS))


def _summed(batch: Batch, to_date: dict[str, Grid], rows: pd.DataFrame) -> Grid:
    """What flows come to with this period's figure added."""
    at = (rows.part, rows.place)
    whole = {name: np.nan_to_num(batch.grid(name)[at]) + to_date[name][at] for name in SUMS}
    quotient = batch.quotient(pd.DataFrame(whole, index=rows.index), rows.place.to_numpy())
    return np.where(batch.is_ratio[rows.place], quotient, whole["number"])


def _as_rate(rows: pd.DataFrame, period: Period) -> pd.Series:
    """Levels as yearly rates where the indicator says so (flag from_levels)."""
    years = period.last_month // 12 - rows.baseline_year
    grown = growth(rows.actual, rows.baseline, years)
    cut = points_cut(rows.actual, rows.baseline, years)
    rate = pd.Series(np.where(rows.type == "reduction", cut, grown), index=rows.index)
    return rows.actual.where(~rows["flags"].str.contains("from_levels"), rate)

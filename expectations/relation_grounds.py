"""Grounds from other figures: bounds, the parts of a sum, a figure that another limits, a second source."""

import numpy as np
import pandas as pd

from expectations.grounds import COUNTS_AS_ZERO, SAME_COLUMNS, SEVERITIES, Batch, rounded_up
from tiendo.aggregation import AGGREGATES, aggregated
from tiendo.bands import TOLERANCE
from tiendo.finding_codes import ERROR
from tiendo.parts import Grid
from tiendo.reporting import reporter_sets

# Ways to make one figure of many units' that need those figures alone, as a weighted mean does not.
COMPARABLE = ("sum", "min", "max", "mean", "ratio", "any", "all")


def bound_columns(batch: Batch) -> dict[str, Grid]:
    """low_<severity> and high_<severity>: the plan's rules min and max, the severity being the rule's."""
    columns = {}
    for severity in SEVERITIES:
        low = batch.of_indicators(batch.rule_values("min", severity))
        high = batch.of_indicators(batch.rule_values("max", severity))
        columns[f"low_{severity}"] = low - TOLERANCE * np.abs(low)
        columns[f"high_{severity}"] = high + TOLERANCE * np.abs(high)
    return columns


def parts_columns(batch: Batch) -> dict[str, Grid]:
    """parts_total, and parts_gap beside parts_limit_<severity>: a figure against the sum of its parts.

    Only where the unit owes every part and has given it. The limit is the total indicator's tolerance in
    percent; a rule `parts_sum` may give another, and the severity, which is `error` without one.
    """
    amount, total = batch.grid("amount"), np.full(batch.owed.shape, np.nan)
    indicators = batch.indicators
    for code, parts in indicators[indicators.part_of != ""].groupby("part_of", sort=False):
        places = indicators.index.get_indexer(parts.index)
        total[:, indicators.index.get_loc(code)] = amount[:, places].sum(axis=1)
    figure = batch.checked.figure.to_numpy(dtype=float)
    sums = np.where(batch.checked.is_ratio, np.nan, batch.of_rows(total))
    columns = {"parts_total": sums, "parts_gap": np.abs(figure - sums)}
    is_ruled = indicators.index.isin(batch.rules.plan.tables["rules"].query("check == 'parts_sum'").indicator)
    for severity in SEVERITIES:
        holds = batch.has_rule("parts_sum", severity) | ((severity == ERROR) & ~is_ruled)
        percent = pd.Series(batch.rule_values("parts_sum", severity), index=indicators.index)
        percent = percent.fillna(indicators.tolerance_pct).fillna(0).where(holds)
        limit = batch.of_indicators(percent.to_numpy()) / 100 * np.abs(figure)
        columns[f"parts_limit_{severity}"] = rounded_up(limit, np.fmax(np.abs(figure), np.abs(sums)))
    return columns


def comparison_columns(batch: Batch) -> dict[str, Grid]:
    """bound_<severity>: the least bound set by rules `compare`; most_of_<severity>: its place; most_<severity>.

    most_ is the bound widened by what double precision cannot hold, to compare with. The bound is the other
    indicator's figure in the same return times the rule's value (1 where it has none).
    """
    amount, places, columns = batch.grid("amount"), batch.indicators.index, {}
    for severity in SEVERITIES:
        most, by = np.full(batch.owed.shape, np.nan), np.full(batch.owed.shape, np.nan)
        rules = batch.rules_of("compare", severity)
        factors = rules.value.fillna(1.0)
        for code, other_code, factor in zip(rules.indicator, rules.other, factors, strict=True):
            place, other = places.get_loc(code), places.get_loc(other_code)
            bound = amount[:, other] * factor
            tighter = (bound < most[:, place]) | (np.isnan(most[:, place]) & ~np.isnan(bound))
            most[tighter, place], by[tighter, place] = bound[tighter], other
        bounds = batch.of_rows(most)
        columns[f"bound_{severity}"] = bounds
        columns[f"most_{severity}"] = bounds + TOLERANCE * np.abs(bounds)
        columns[f"most_of_{severity}"] = batch.of_rows(by)
    return columns


def source_columns(batch: Batch) -> dict[str, Grid]:
    """agency_figure, tier_figure, and source_gap beside source_limit: an agency's figure and all the others'.

    Said of the agency's row, or of the last of the others' where the agency's figure came before. Only where
    every other reporter has said something; their figures of the period are aggregated as the indicator says.
    """
    rows = batch.checked
    names = ("agency_figure", "tier_figure", "source_gap", "source_limit")
    columns = {name: np.full(len(rows), np.nan) for name in names}
    two_sourced = batch.indicators[
        (batch.indicators.figure_of != "") & batch.indicators.aggregation.isin(COMPARABLE)
    ]
    said = _said_by_all(batch, two_sourced)
    for indicator, figures in two_sourced.iterrows():
        mine = said[said.indicator == indicator]
        for period, some in mine.groupby("period", sort=False):
            _compare_sources(batch, figures, str(period), some, columns)
    return columns


def _said_by_all(batch: Batch, two_sourced: pd.DataFrame) -> pd.DataFrame:
    """What each unit now says of the indicators: SAME_COLUMNS, amount and row (the checked one, if it is)."""
    rows = batch.checked
    rows = rows[rows.is_owed & (rows.state != "") & rows.indicator.isin(two_sourced.index)]
    mine = rows.sort_values("part")[SAME_COLUMNS].assign(row=lambda own: own.index)
    same = batch.past.same
    known = same[same.indicator.isin(two_sourced.index)][SAME_COLUMNS].assign(row=np.nan)
    both = pd.concat([known, mine]) if len(known) else mine
    both = both.drop_duplicates(["unit", "period", "indicator"], keep="last")
    places = batch.indicators.index.get_indexer(pd.Index(both.indicator))
    number = np.where(batch.is_ratio[places], batch.quotient(both, places), both.number)
    amount = np.where(both.state.isin(COUNTS_AS_ZERO), 0.0, np.where(both.state == "value", number, np.nan))
    return both.assign(amount=amount.astype(float))


def _compare_sources(
    batch: Batch, indicator: pd.Series, period: str, said: pd.DataFrame, columns: dict[str, Grid]
) -> None:
    is_agency = said.unit == indicator.figure_of
    agency, others = said[is_agency & said.amount.notna()], said[~is_agency & (said.state != "")]
    cut_off = batch.parts.cut_off[batch.parts.period == period].iloc[0]
    members = reporter_sets(batch.rules.plan, cut_off)[1]
    expected = set(members.unit[members.set == indicator.reported_by]) - {indicator.figure_of}
    if agency.empty or not expected <= set(others.unit) or others.amount.isna().all():
        return
    rows = agency.row.dropna() if agency.row.notna().any() else others.row.dropna()
    if rows.empty:
        return
    at, own, together = int(rows.max()), float(agency.amount.iloc[0]), _aggregate(indicator, others)
    columns["agency_figure"][at], columns["tier_figure"][at] = own, together
    columns["source_gap"][at] = abs(own - together)
    tolerance = 0.0 if np.isnan(indicator.tolerance_pct) else indicator.tolerance_pct
    limit = tolerance / 100 * abs(own)
    columns["source_limit"][at] = limit + TOLERANCE * max(abs(own), abs(together))


def _aggregate(indicator: pd.Series, others: pd.DataFrame) -> float:
    assert indicator.aggregation in AGGREGATES
    sums = pd.DataFrame(
        {
            "aggregation": [indicator.aggregation],
            "scale": [indicator.scale],
            "total": [others.amount.sum()],
            "least": [others.amount.min()],
            "most": [others.amount.max()],
            "known": [others.amount.notna().sum()],
            "expected": [others.amount.notna().sum()],
            "top": [others.numerator.sum()],
            "bottom": [others.denominator.sum()],
        }
    )
    return float(aggregated(sums).iloc[0])

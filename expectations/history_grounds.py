"""Grounds from the last period: whose unit has slipped, what changed much, fell, or was copied."""

import numpy as np
import pandas as pd

from expectations.grounds import SEVERITIES, Batch, rounded_up
from expectations.last_period import LastPeriod
from tiendo.bands import TOLERANCE
from tiendo.finding_codes import ERROR, WARNING
from tiendo.parts import Grid
from tiendo.periods import Period

# A unit of measure slips by a thousand, or by a hundred where a percentage is typed as a fraction, give or
# take half an order of magnitude, since the figure itself moves too.
HALF_ORDER = 0.5
THOUSANDS = 3
FRACTION = 1.0

LEAST_COPIED = 3  # fewer equal figures are no sign of a copied return


def history_columns(batch: Batch, last: LastPeriod) -> dict[str, Grid]:
    """Columns of the checks against the last period.

    previous; fraction: 1 where a percentage without a past looks like a fraction; slip: the power of ten by which the
    unit of measure seems to have slipped, 0: none; change (in
    percent) and change_limit_<severity>; floor_<severity>; copied: 1 on the first row of a copied return.
    """
    figure, previous = batch.checked.figure.to_numpy(dtype=float), batch.of_rows(last.figure)
    is_counted = batch.of_indicators((batch.indicators.accumulation != "state").to_numpy(dtype=float)) == 1
    before = np.where(is_counted & (previous != 0), previous, np.nan)
    slip = _slips(batch, figure, before)
    change = 100 * np.abs(figure - before) / np.abs(before)
    columns = {
        "previous": previous,
        "slip": slip,
        "fraction": _fractions(batch, figure, previous),
        "change": change,
        "copied": _copied(batch, last, figure, previous),
    }
    has_own = batch.has_rule("max_change_pct", ERROR) | batch.has_rule("max_change_pct", WARNING)
    for severity in SEVERITIES:
        limit = batch.rule_values("max_change_pct", severity)
        if severity == WARNING:
            limit = np.where(has_own, limit, batch.rules.large_change_pct)
        # A slipped unit says already why the figure has changed so much.
        limits = np.where((slip != 0) & (severity == WARNING), np.nan, batch.of_indicators(limit))
        columns[f"change_limit_{severity}"] = rounded_up(limits, change)
        columns[f"floor_{severity}"] = _floors(batch, last, severity, previous)
    return columns


def _slips(batch: Batch, figure: Grid, before: Grid) -> Grid:
    ratio = figure / np.where(figure == 0, np.nan, before)
    with np.errstate(divide="ignore", invalid="ignore"):
        order = np.log10(np.abs(ratio))
    by_thousand = np.abs(np.abs(order) - THOUSANDS) <= HALF_ORDER
    is_percent = batch.indicators.unit.str.startswith("%").to_numpy() & ~batch.is_ratio
    as_fraction = (batch.of_indicators(is_percent.astype(float)) == 1) & (np.abs(before) > FRACTION)
    as_fraction &= (np.abs(figure) <= FRACTION) & (figure != 0)
    return np.select([as_fraction, by_thousand], [-2.0, np.sign(order) * THOUSANDS], 0.0)


def _fractions(batch: Batch, figure: Grid, previous: Grid) -> Grid:
    """Where a percentage is at most 1, though its targets or baselines are not, and there is no past to say so."""
    targets = batch.rules.plan.targets
    sizes = targets[["target", "baseline", "low", "high"]].abs().max(axis=1).groupby(targets.indicator).min()
    is_percent = batch.indicators.unit.str.startswith("%").to_numpy() & ~batch.is_ratio
    is_large = sizes.reindex(batch.indicators.index).to_numpy(dtype=float) > FRACTION
    asks = batch.of_indicators((is_percent & is_large).astype(float)) == 1
    is_small = (figure != 0) & (np.abs(figure) <= FRACTION)
    return np.where(asks & is_small & np.isnan(previous), 1.0, 0.0)


def _floors(batch: Batch, last: LastPeriod, severity: str, previous: Grid) -> Grid:
    """The figure below which one that must not fall would be."""
    indicators = batch.indicators
    ruled = batch.has_rule("not_falling", severity)
    if severity == WARNING:
        ruled = (
            ruled
            | ((indicators.accumulation == "cumulative") & ~batch.has_rule("not_falling", ERROR)).to_numpy()
        )
    holds = batch.of_indicators(ruled.astype(float)) == 1
    # Without a target of the whole term a cumulative figure begins anew with each year.
    targets = batch.rules.plan.targets
    spans = targets["span"].map({text: Period.parse(text).kind for text in targets["span"].unique()})
    is_yearly = indicators.index.isin(targets.indicator) & ~indicators.index.isin(
        targets.indicator[spans == "term"]
    )
    year = batch.parts.last_month.to_numpy()[batch.checked.part] // 12
    begins_anew = (batch.of_indicators(is_yearly.astype(float)) == 1) & (
        batch.of_rows(last.month) // 12 != year
    )
    floor = np.where(holds & ~begins_anew, previous, np.nan)
    return floor - TOLERANCE * np.abs(floor)


def _copied(batch: Batch, last: LastPeriod, figure: Grid, previous: Grid) -> Grid:
    rows = batch.checked
    just_before = batch.parts.first_month.to_numpy()[rows.part] - 1
    same = (figure == previous) & (batch.of_rows(last.month) == just_before)
    given = pd.DataFrame({"part": rows.part, "same": same, "nonzero": same & (figure != 0)})[
        ~np.isnan(figure)
    ]
    whole = given.groupby("part").agg(same=("same", "all"), nonzero=("nonzero", "sum"))
    copied = whole.index[whole.same & (whole.nonzero >= LEAST_COPIED)]
    return (rows.part.isin(copied) & ~rows.part.duplicated()).to_numpy(dtype=float)

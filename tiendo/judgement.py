"""Judgement: figures and targets become attainment, margin and band, a column at a time. SPEC §6–7.

The rows judged are (indicator, unit, series); the unit is the authority, a reporter or a unit between them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tiendo import methods
from tiendo.aggregation import aggregated
from tiendo.bands import ASSESSABLE, BandRules, band_of, near
from tiendo.derived import with_branches, with_headings
from tiendo.flags import ZERO_TARGET_TYPES, flags_of
from tiendo.measures import BESIDE, Moment, roots
from tiendo.methods import METHODS
from tiendo.milestones import with_milestones
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.targets import ASSIGNED, elapsed_share

ATTAINMENT_COLUMNS: list[str] = [
    "level",
    "code",
    "name",
    "unit",
    "period",
    "span",
    "series",
    "type",
    "baseline",
    "target",
    "actual",
    "in_period",
    "previous",
    "same_period",
    "year_target",
    "term_target",
    "status",
    "attainment",
    "margin",
    "band",
    "flags",
    "pace",
    "forecast",
    "forecast_attainment",
    "forecast_band",
    "judgement",
    "weight",
    "expected",
    "reported",
    "coverage",
    "n",
    "exceeded",
    "met",
    "advancing",
    "lagging",
    "stalled",
    "not_started",
    "missing",
    "unassessable",
    "not_due",
    "not_applicable",
    "index",
    "first_met",
    "needed",
    "official",
]

# By what the yearly figures of an every_year row are found again.
YEAR_KEY = ["indicator", "unit", "series", "span_kind", "span_start"]

ABOUT = ["name", "type", "direction", "flags", "weight", "nobody", "is_heading", "tolerance_pct"]


def rows_to_judge(plan: Plan, targets: pd.DataFrame, members: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Every (indicator, unit, series) of a review, with its target (NaN without one) and its span.

    The authority is judged on every indicator; other units on those they report, gather, or have a target for.
    Without a target of its own a unit's figure is shown over the authority's span, else over the year.
    """
    authority = plan.term.authority
    indicators = plan.indicators
    sets = (
        (indicators.reported_by + "|" + indicators.figure_of)
        .rename("set")
        .rename_axis("indicator")
        .reset_index()
    )
    nodes = members.loc[~members.node.isin([authority, BESIDE]), ["set", "node"]].drop_duplicates()
    held = sets.merge(nodes, on="set").rename(columns={"node": "unit"})[["indicator", "unit"]]
    whole = pd.DataFrame({"indicator": indicators.index, "unit": authority}, dtype="str")
    known_units = {authority, *nodes.node}
    with_target = targets.loc[targets.unit.isin(known_units), ["indicator", "unit"]]
    pairs = pd.concat([whole, held, with_target]).drop_duplicates()
    rows = pairs.merge(targets, on=["indicator", "unit"], how="left")
    rows["series"] = rows.series.fillna(ASSIGNED)
    return _with_default_spans(rows, authority, period)


def _with_default_spans(rows: pd.DataFrame, authority: str, period: Period) -> pd.DataFrame:
    rows["has_target"] = rows["span"].notna()
    rows["is_later"] = rows.is_later.eq(True)
    own = rows[(rows.unit == authority) & rows.has_target].drop_duplicates("indicator").set_index("indicator")
    year = Period("year", period.last_month // 12)
    default: dict[str, str | int] = {
        "span": str(year),
        "span_kind": "year",
        "span_start": year.first_month,
        "span_end": year.last_month,
    }
    for column, value in default.items():
        rows[column] = rows[column].fillna(rows.indicator.map(own[column])).fillna(value)
    rows[["span_start", "span_end"]] = rows[["span_start", "span_end"]].astype(int)
    return rows


@dataclass(frozen=True)
class Evidence:
    """What is known for a judgement.

    figures: by `question_key` (root, span_kind, span_start, unit): the sums of warehouse.figures, with members (units
    owing), the owed bounds, units_met (count_met) and beside (the figure standing beside, of another source).
    years: YEAR_KEY with years_met, years_due, worst (every_year).
    stage_shares: indicator, place (1, 2, …) and share of the weights done.
    """

    figures: pd.DataFrame
    years: pd.DataFrame
    stage_shares: pd.DataFrame


def judge(
    plan: Plan, rows: pd.DataFrame, evidence: Evidence, moment: Moment, rules: BandRules
) -> pd.DataFrame:
    """The rows with actual, attainment (percent, unrounded), margin, band, flags, expected, reported, coverage."""
    frame = _with_figures(plan, rows, evidence)
    frame["actual"] = with_yearly_rates(frame)
    frame = _with_benchmarks(plan, frame, evidence.figures)
    frame = with_milestones(frame, evidence.stage_shares, moment)
    frame = with_attainment(frame)
    frame["band"] = _bands(frame, moment, rules)
    frame = _without_beginning(frame)
    frame = with_headings(plan, with_branches(plan, frame), rules)
    frame["flags"] = flags_of(frame)
    frame["status"] = np.select(
        [frame.estimates > 0, frame.preliminary > 0, frame.known > 0],
        ["estimate", "preliminary", "final"],
        "",
    )
    blank = ~frame.band.isin(ASSESSABLE)
    frame.loc[blank, ["attainment", "margin"]] = np.nan
    return frame


def _with_figures(plan: Plan, rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    about = plan.indicators[ABOUT].rename(columns={"flags": "kinds"})
    frame = rows.merge(about, left_on="indicator", right_index=True, how="left")
    frame["root"] = frame.indicator.map(roots(plan))
    key = ["root", "span_kind", "span_start", "unit"]
    frame = frame.merge(evidence.figures, on=key, how="left")
    frame = frame.merge(evidence.years, on=YEAR_KEY, how="left")
    counts = [
        "members",
        "known",
        "valued",
        "reported",
        "not_applicable",
        "left_out",
        "estimates",
    ]
    counts += ["preliminary", "stale", "gaps", "qualifiers", "weighed"]
    frame[counts] = frame[counts].fillna(0).astype(int)
    frame["first_is_due"] = frame.first_is_due.eq(True)
    frame["gathers"] = frame.gathers.eq(True)
    frame["expected"] = frame.members - frame.left_out
    frame["coverage"] = methods.share(frame.reported, frame.expected)
    frame["actual"] = aggregated(frame)
    frame["level_figure"] = frame.actual
    return frame


def with_yearly_rates(frame: pd.DataFrame) -> pd.Series:
    """Levels become yearly rates where the indicator says so (flag from_levels); other figures stay."""
    # A number of units is no level, whatever the figures are that it counts.
    by_levels = frame.kinds.str.contains("from_levels") & (frame.aggregation != "count_met")
    years = frame.latest // 12 - frame.baseline_year
    grown = methods.growth(frame.actual, frame.baseline, years)
    cut = methods.points_cut(frame.actual, frame.baseline, years)
    rate = pd.Series(np.where(frame.type == "reduction", cut, grown), index=frame.index)
    return frame.actual.where(~by_levels, rate)


def _with_benchmarks(plan: Plan, frame: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """The target of type `benchmark`: the benchmark indicator's figure over the row's span, plus the offset.

    A rate worked out of levels is the benchmark's own, by its baseline.
    """
    if not frame.type.eq("benchmark").any():
        return frame
    authority = plan.term.authority
    has_figure = (frame.unit == authority) & ~_is_idle(frame)
    own = frame[has_figure].drop_duplicates("indicator").set_index("indicator").actual
    whole = figures[(figures.unit == authority) & ~_is_idle(figures)]
    of_span = whole.assign(actual=aggregated(whole)).set_index(["root", "span_kind", "span_start"]).actual
    asked = [frame.benchmark.map(roots(plan)), frame.span_kind, frame.span_start]
    figure = pd.Series(of_span.reindex(pd.MultiIndex.from_arrays(asked)).to_numpy(), index=frame.index)
    by_levels = frame.benchmark.map(plan.indicators["flags"]).str.contains("from_levels").eq(True)
    figure = figure.where(figure.notna() & ~by_levels, frame.benchmark.map(own))
    target = figure + frame.offset.fillna(0)
    return frame.assign(target=frame.target.where(frame.type != "benchmark", target))


def with_attainment(frame: pd.DataFrame) -> pd.DataFrame:
    """attainment and margin by each row's type; rows of any_of and all_of are left to their branches."""
    frame["is_corridor"] = frame.kinds.str.contains("corridor")
    frame["top_n"] = frame.top_n.fillna(frame.target)
    frame["sign"] = np.where(frame.direction == "up", 1.0, -1.0)
    inputs = frame.drop(columns="direction").rename(columns={"sign": "direction"})
    frame["attainment"], frame["margin"] = np.nan, np.nan
    for name, method in METHODS.items():
        rows = frame.index[frame.type == name]
        if len(rows):
            mine = inputs.loc[rows]
            frame.loc[rows, "attainment"] = np.asarray(method.attainment(mine), dtype=float)
            frame.loc[rows, "margin"] = np.asarray(method.margin(mine), dtype=float)
    return frame


def _bands(frame: pd.DataFrame, moment: Moment, rules: BandRules) -> pd.Series:
    """The band of each row, in the order in which SPEC §7 excludes one after the other."""
    by_figure = band_by_figure(frame, moment.period, rules)
    has_members = frame.members > 0
    zero_target = frame.type.isin(ZERO_TARGET_TYPES) & frame.has_target & (frame.target == 0)
    is_every_year = frame.type == "every_year"
    nobody_yet = frame.reported == 0
    conditions = [
        (frame.nobody | ~has_members, "not_applicable"),
        (frame.is_later, "not_due"),
        (zero_target, "not_applicable"),
        (frame.not_applicable == frame.members, "not_applicable"),
        (frame.left_out == frame.members, "not_due"),
        (is_every_year & ~(frame.years_due > 0), "not_due"),
        (nobody_yet & ~frame.first_is_due, "not_due"),
        (nobody_yet, "missing"),
        (_is_idle(frame), "not_started"),
        (frame.attainment.isna() & ~((frame.type == "threshold") & frame.margin.notna()), "unassessable"),
        (~frame.has_target, "unassessable"),
    ]
    words = np.select([c for c, _ in conditions], [w for _, w in conditions], by_figure)
    return pd.Series(words, index=frame.index, dtype="str")


def _is_idle(frame: pd.DataFrame) -> pd.Series:
    """Where nobody has a value in the span: all that was reported is that it has not started."""
    return (frame.valued == 0) & (frame.reported > 0)


def _without_beginning(frame: pd.DataFrame) -> pd.DataFrame:
    """Where nothing has started there is no figure to measure: its attainment is 0, whatever 0 would be worth."""
    idle = frame.band == "not_started"
    return frame.assign(
        actual=frame.actual.mask(idle),
        margin=frame.margin.mask(idle),
        attainment=frame.attainment.mask(idle, 0.0),
    )


def band_by_figure(frame: pd.DataFrame, period: Period, rules: BandRules) -> pd.Series:
    """The band that attainment (and, for `threshold`, the margin) alone would give each row."""
    sign = sign_of(frame.actual, frame.target, frame.margin)
    return band_of(frame.attainment, sign, frame.type == "threshold", elapsed_share(frame, period), rules)


def sign_of(actual: pd.Series, target: pd.Series, margin: pd.Series) -> pd.Series:
    """−1, 0 or 1 for each margin; 0 where the figure is its target, up to the tolerance."""
    return pd.Series(np.sign(margin), index=margin.index).mask(near(actual, target), 0.0)

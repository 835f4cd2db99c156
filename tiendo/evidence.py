"""Evidence for a judgement, gathered by asking for figures: to date, year by year, and of the past. SPEC §5–6, §8.

The core does not know where figures come from: it is handed `ask`, which answers a Question with the sums per node.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from tiendo.aggregation import aggregated
from tiendo.bands import ASSESSABLE, MET, BandRules, at_least
from tiendo.flags import RESTATED, with_flag
from tiendo.judgement import YEAR_KEY, Evidence, judge, rows_to_judge
from tiendo.measures import BESIDE, Moment, Question, members_of, roots, wanted_figures
from tiendo.milestones import stage_shares
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.targets import ASSIGNED, chosen_targets

Ask = Callable[[Question], pd.DataFrame]
SPAN_KEY = ["root", "span_kind", "span_start"]


def judged(
    plan: Plan,
    moment: Moment,
    against: Sequence[str],
    nodes: str,
    rules: BandRules,
    ask: Ask,
    only: pd.Index | None = None,
) -> dict[str, pd.DataFrame]:
    """For each `against` (own, year, term) every row of a review, judged (see `judgement.judge`), with in_period beside.

    `nodes`: "authority" or "all". `only`: the indicators to judge (default: all). However many `against`, it asks once.
    """
    members = members_of(plan, moment, nodes)
    rows = {each: _rows(plan, moment, each, members, only) for each in against}
    evidence = gather(plan, moment, pd.concat(rows.values()), members, ask)
    met = _units_met(plan, moment, against, members, rules, ask)
    found = {}
    for each in against:
        known = replace(evidence, figures=_with_units_met(evidence.figures, met.get(each)))
        frame = judge(plan, rows[each], known, moment, rules)
        frame = frame.assign(flags=with_flag(frame["flags"], RESTATED, _are_restated(plan, moment, frame)))
        found[each] = _with_in_period(plan, frame, known.figures, moment.period)
    return found


def _are_restated(plan: Plan, moment: Moment, frame: pd.DataFrame) -> pd.Series:
    """Which units' own rows rest on what their predecessors had: they came after others within the target's span."""
    links = plan.links[plan.links.date <= pd.Timestamp(moment.units_day)]
    latest = links.groupby("successor").date.max()
    keys = plan.units_on(moment.units_day).key
    since = frame.unit.map(keys.map(latest.to_dict()).dropna().to_dict())
    month = pd.to_datetime(since).dt.year * 12 + pd.to_datetime(since).dt.month - 1
    return (month >= frame.span_start) & (frame.known > 0) & ~frame.gathers


def _rows(
    plan: Plan, moment: Moment, against: str, members: pd.DataFrame, only: pd.Index | None
) -> pd.DataFrame:
    targets = chosen_targets(plan, moment.period, against, {plan.term.authority, *members.node})
    rows = rows_to_judge(plan, targets, members, moment.period)
    return rows if only is None else rows[rows.indicator.isin(only)]


def gather(plan: Plan, moment: Moment, rows: pd.DataFrame, members: pd.DataFrame, ask: Ask) -> Evidence:
    """The evidence for some rows: figures to date and within the period, and yearly figures."""
    rows = rows.assign(root=rows.indicator.map(roots(plan)), type=rows.indicator.map(plan.indicators.type))
    figures = figures_of(plan, moment, _spans_of(plan, rows, moment.period), members, ask)
    return Evidence(figures, _yearly(plan, moment, rows, members, ask), stage_shares(plan))


def _spans_of(plan: Plan, rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The (root, span_kind, span_start) of the rows' targets and benchmarks, and of the reviewed period for flows."""
    compared = rows[rows.type == "benchmark"].assign(root=lambda own: own.benchmark.map(roots(plan)))
    spans = pd.concat([rows[SPAN_KEY], compared[SPAN_KEY].dropna()]).drop_duplicates()
    flows = plan.indicators.index[plan.indicators.accumulation == "flow"]
    own = spans.loc[spans.root.isin(flows), ["root"]].drop_duplicates()
    own = own.assign(span_kind=period.kind, span_start=period.first_month)
    return pd.concat([spans, own]).drop_duplicates()


def figures_of(
    plan: Plan, moment: Moment, spans: pd.DataFrame, members: pd.DataFrame, ask: Ask
) -> pd.DataFrame:
    """The sums for each (root, span_kind, span_start) and node.

    Columns: SPAN_KEY, unit, the sums, scale and aggregation, members, owed bounds, gathers, units_met (NaN), beside.
    """
    reported = spans[spans.root.map(plan.indicators.is_reported).astype(bool)]
    wanted = wanted_figures(plan, moment, reported.rename(columns={"root": "indicator"}))
    sums = ask(Question(wanted, members, moment.units_day))
    sizes = members.groupby(["set", "node"]).unit.nunique().rename("members").reset_index()
    frame = wanted[
        [
            "id",
            "indicator",
            "set",
            "measure",
            "span_kind",
            "span_start",
            "first_owed",
            "first_is_due",
            "last_owed",
        ]
    ]
    frame = frame.merge(sizes, on="set").merge(sums, on=["id", "node"], how="left")
    frame = frame.rename(columns={"indicator": "root", "node": "unit"}).drop(columns=["id", "set"])
    about = plan.indicators.loc[frame.root, ["aggregation", "scale"]].reset_index(drop=True)
    frame = frame.assign(aggregation=about.aggregation, scale=about.scale, units_met=np.nan)
    frame["gathers"] = frame.unit.isin([plan.term.authority, BESIDE])
    beside = frame[(frame.unit == BESIDE) & (frame.known > 0)]
    beside = beside.assign(beside=aggregated(beside), unit=plan.term.authority)
    frame = frame[frame.unit != BESIDE]
    return frame.merge(beside[[*SPAN_KEY, "unit", "beside"]], on=[*SPAN_KEY, "unit"], how="left")


def _units_met(
    plan: Plan, moment: Moment, against: Sequence[str], members: pd.DataFrame, rules: BandRules, ask: Ask
) -> dict[str, pd.DataFrame]:
    """For each `against`, how many of a node's units have met their own target: root, unit (the node), units_met.

    NaN where none of them can be assessed.
    """
    counted = plan.indicators.index[plan.indicators.aggregation.eq("count_met") & plan.indicators.is_reported]
    if counted.empty:
        return {}
    sets = plan.indicators.reported_by + "|" + plan.indicators.figure_of
    lines = members[members.node != members.code]
    lines = lines[["set", "code", "node"]].rename(columns={"code": "unit"})
    of_units = judged(_adding_up(plan, counted), moment, against, "all", rules, ask, only=counted)
    found = {}
    for each, rows in of_units.items():
        own = rows[rows.series == ASSIGNED]
        met = own.band.isin(MET).astype(float).where(own.band.isin(ASSESSABLE))
        table = own.assign(set=own.indicator.map(sets), met=met)[["indicator", "unit", "set", "met"]]
        by = table.merge(lines, on=["set", "unit"]).groupby(["indicator", "node"]).met
        counts = by.sum(min_count=1).rename("units_met").reset_index()
        found[each] = counts.rename(columns={"indicator": "root", "node": "unit"})
    return found


def _with_units_met(figures: pd.DataFrame, met: pd.DataFrame | None) -> pd.DataFrame:
    """The figures with units_met, and `gathers` where a node's figure is that count."""
    if met is None:
        return figures
    key = ["root", "unit"]
    frame = figures.drop(columns="units_met").merge(met.assign(has_units=True), on=key, how="left")
    return frame.assign(gathers=frame.gathers | frame.has_units.eq(True)).drop(columns="has_units")


def _adding_up(plan: Plan, codes: pd.Index) -> Plan:
    """The plan with the given indicators summed, so that a unit's own row shows the unit's own figure."""
    table = plan.tables["indicators"]
    summed = table.assign(aggregation=table.aggregation.mask(table.code.isin(codes), "sum"))
    return replace(plan, tables={**plan.tables, "indicators": summed})


def _yearly(plan: Plan, moment: Moment, rows: pd.DataFrame, members: pd.DataFrame, ask: Ask) -> pd.DataFrame:
    """For every_year rows (YEAR_KEY): years_met, years_due, and the worst figure of the years due."""
    mine = rows[rows.type == "every_year"]
    years_due = _years_due(mine, moment.period)
    parts = [_one_year(plan, moment, mine, members, year, ask) for year in years_due]
    if not parts:
        return rows[YEAR_KEY].iloc[:0].assign(years_met=1.0, years_due=1.0, worst=1.0)
    years = pd.concat(parts)
    grouped = years.groupby(YEAR_KEY)
    table = grouped.agg(
        years_met=("met", "sum"), years_due=("met", "size"), low=("actual", "min"), high=("actual", "max")
    )
    down = table.index.get_level_values("indicator").map(plan.indicators.direction.to_dict()) == "down"
    table["worst"] = table.low.where(~down, table.high)
    return table[["years_met", "years_due", "worst"]].astype(float).reset_index()


def _years_due(rows: pd.DataFrame, period: Period) -> list[int]:
    if rows.empty:
        return []
    first, last = int(rows.span_start.min()) // 12, min(int(rows.span_end.max()), period.last_month)
    return [
        year for year in range(first, last // 12 + 1) if Period("year", year).last_month <= period.last_month
    ]


def _one_year(
    plan: Plan,
    moment: Moment,
    rows: pd.DataFrame,
    members: pd.DataFrame,
    year: int,
    ask: Ask,
) -> pd.DataFrame:
    whole = Period("year", year)
    rows = rows[(rows.span_start <= whole.first_month) & (rows.span_end >= whole.last_month)]
    spans = rows[["root"]].drop_duplicates().assign(span_kind="year", span_start=whole.first_month)
    then = replace(moment, period=whole, units=moment.units_day)
    figures = figures_of(plan, then, spans, members, ask).drop(columns=["span_kind", "span_start"])
    frame = (
        rows[[*YEAR_KEY, "root", "target"]]
        .drop_duplicates(YEAR_KEY)
        .merge(figures, on=["root", "unit"], how="left")
    )
    frame["actual"] = aggregated(frame).where(frame.valued > 0)
    sign = np.where(frame.indicator.map(plan.indicators.direction) == "down", -1.0, 1.0)
    return frame.assign(met=at_least(sign * frame.actual, sign * frame.target) & frame.actual.notna())


def _with_in_period(plan: Plan, frame: pd.DataFrame, figures: pd.DataFrame, period: Period) -> pd.DataFrame:
    """in_period: a flow's sum within the reviewed period, any other figure as it is."""
    own = figures[(figures.span_kind == period.kind) & (figures.span_start == period.first_month)]
    own = own.assign(in_period=aggregated(own))
    frame = frame.merge(own[["root", "unit", "in_period"]], on=["root", "unit"], how="left")
    is_flow = frame.root.map(plan.indicators.accumulation) == "flow"
    return frame.assign(in_period=frame.in_period.where(is_flow, frame.actual))

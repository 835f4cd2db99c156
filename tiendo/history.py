"""The authority's figures at past closings: the period before, the same one last year, the first date a target was met,
and the points through which its forecast goes.

A closing's figures do not change until a return for it or for an earlier one does, so the warehouse keeps them and a
review works out only its own (DESIGN §5).
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from tiendo.aggregation import aggregated
from tiendo.ahead import POINT_COLUMNS, with_forecast
from tiendo.bands import MET, BandRules
from tiendo.evidence import Ask, figures_of
from tiendo.judgement import band_by_figure, with_attainment, with_yearly_rates
from tiendo.measures import Moment, measure_of, members_of
from tiendo.periods import Period
from tiendo.plan import Plan

KEPT_KEY = ["kind", "number", "indicator", "measure", "span_start"]
KEPT_COLUMNS = [*KEPT_KEY, "actual", "latest"]  # latest: the month (ordinal) that the figure is of

# Types whose past closings are judged by the same formula and target as the present one.
DATED_TYPES = ("ratio", "gap", "rate", "threshold", "range", "ceiling", "reduction", "rank")


def with_history(
    plan: Plan, moment: Moment, frame: pd.DataFrame, kept: pd.DataFrame, rules: BandRules, ask: Ask
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The judged rows with what was (previous, same_period, first_met: the authority's only) and what is ahead of them
    (`ahead.with_forecast`), and the figures newly worked out.

    `kept`: KEPT_COLUMNS as worked out before; the second result has the same columns and only what was not in it.
    """
    frame, points, fresh = _with_past(plan, moment, frame, kept, rules, ask)
    return with_forecast(plan, moment, frame, points, rules), fresh


def _with_past(
    plan: Plan, moment: Moment, frame: pd.DataFrame, kept: pd.DataFrame, rules: BandRules, ask: Ask
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The rows with what was, the figures of their targets' spans (ahead.POINT_COLUMNS), and those newly worked out."""
    own = frame[
        (frame.unit == plan.term.authority) & ~frame.nobody & ~frame.is_heading & (frame.measure.notna())
    ]
    if own.empty:
        nothing = pd.DataFrame(columns=POINT_COLUMNS, dtype=float)
        return frame.assign(previous=np.nan, same_period=np.nan, first_met=""), nothing, kept.iloc[:0]
    needs = _needs(plan, moment, own)
    fresh = _worked_out(plan, moment, needs, kept, own, ask)
    known = pd.concat([kept, fresh]) if len(kept) else fresh
    past = needs.merge(known, on=KEPT_KEY, how="left")
    past = past.assign(actual=_rates(plan, own, past))
    for name in ("previous", "same_period"):
        figures = past[past.purpose == name].set_index("row").actual
        frame[name] = frame.index.map(figures.to_dict()).astype(float)
    frame["first_met"] = frame.index.map(_first_met(own, past, moment, rules))
    done = pd.to_datetime(frame.done_on).dt.strftime("%Y-%m-%d")
    frame["first_met"] = frame.first_met.where(frame.first_met.notna(), done).fillna("")
    dated = past[past.purpose == "dated"]
    return frame, pd.DataFrame({"row": dated.row, "moment": dated.latest + 1, "figure": dated.actual}), fresh


def _needs(plan: Plan, moment: Moment, own: pd.DataFrame) -> pd.DataFrame:
    """The closings whose figure is needed: row (of the judged frame), purpose, KEPT_KEY, month."""
    rows = []
    columns = ["root", "span_kind", "span_start", "type"]
    asked = [("previous", moment.period.previous())]
    if moment.period.kind != "term":  # a term has no like period of the year before
        asked.append(("same_period", moment.period.same_last_year()))
    frequencies = {str(code): str(kind) for code, kind in plan.indicators.frequency.items()}
    for at, root, span_kind, span_start, kind in own[columns].itertuples():
        frequency = frequencies[root]
        for purpose, past in asked:
            start = _span_start_then(span_kind, int(span_start), past)
            closing = replace(moment, period=past).closing(frequency)
            rows.append((at, purpose, root, span_kind, start, closing))
        if kind in DATED_TYPES:
            last = moment.closing(frequency)
            first = Period("month", int(span_start) // 12, int(span_start) % 12 + 1).at_end(frequency)
            assert first is not None
            for number in range(first.index, last.index + 1):
                closing = Period.of_index(frequency, number)
                rows.append((at, "dated", root, span_kind, int(span_start), closing))
    return _keyed(plan, rows)


def _keyed(plan: Plan, rows: list[tuple[int, str, str, str, int, Period]]) -> pd.DataFrame:
    columns = ["row", "purpose", "indicator", "span_kind", "span_start", "closing"]
    needs = pd.DataFrame(rows, columns=columns)
    needs["kind"] = [closing.kind for closing in needs.closing]
    needs["number"] = [closing.index for closing in needs.closing]
    needs["month"] = [closing.last_month for closing in needs.closing]
    term_start = plan.term.span.first_month
    about = plan.indicators.loc[needs.indicator, ["accumulation", "flags"]]
    needs["measure"] = [
        measure_of(accumulation, "geometric" in flags, kind, start, term_start)
        for accumulation, flags, kind, start in zip(
            about.accumulation, about["flags"], needs.span_kind, needs.span_start, strict=True
        )
    ]
    return needs.drop(columns="closing")


def _span_start_then(span_kind: str, span_start: int, past: Period) -> int:
    """Where the target's span, or the like one that held the past period, began."""
    if span_kind == "term":
        return span_start
    like = past.at_end(span_kind)
    return like.first_month if like else past.last_month // 12 * 12


def _worked_out(
    plan: Plan, moment: Moment, needs: pd.DataFrame, kept: pd.DataFrame, own: pd.DataFrame, ask: Ask
) -> pd.DataFrame:
    """Figures of the needed closings that are not kept yet (KEPT_COLUMNS); the present closing's are at hand."""
    own = own[own.aggregation.ne("count_met")]
    kinds = own.root.map(plan.indicators.frequency)
    here = own.assign(
        indicator=own.root,
        kind=kinds,
        number=[moment.closing(kind).index for kind in kinds],
        # What nobody had a value of within the span is no figure, though it may have counted as 0.
        actual=own.level_figure.where(own.valued > 0),
    )
    at_hand = here[KEPT_COLUMNS].drop_duplicates(KEPT_KEY)
    known = pd.concat([kept[KEPT_KEY], at_hand[KEPT_KEY]])
    missing = needs.merge(known.drop_duplicates().assign(is_known=True), on=KEPT_KEY, how="left")
    missing = missing[missing.is_known.isna()].drop_duplicates(KEPT_KEY)
    closings = missing.groupby(["kind", "number"])
    parts = [
        _at_closing(plan, moment, str(rows.kind.iloc[0]), int(rows.number.iloc[0]), rows, ask)
        for _, rows in closings
    ]
    fresh = pd.concat([at_hand, *parts])
    again = (
        fresh.merge(kept[KEPT_KEY].assign(is_known=True), on=KEPT_KEY, how="left").is_known.notna().to_numpy()
    )
    return fresh[~again]


def _at_closing(
    plan: Plan, moment: Moment, kind: str, number: int, rows: pd.DataFrame, ask: Ask
) -> pd.DataFrame:
    # The past is shown as it was reported: by the units of its own day.
    then = replace(moment, period=Period.of_index(kind, number), units=None)
    spans = rows[["indicator", "span_kind", "span_start"]].rename(columns={"indicator": "root"})
    figures = figures_of(plan, then, spans, members_of(plan, then, "authority"), ask)
    figures["actual"] = aggregated(figures).where(figures.valued > 0)
    found = rows[[*KEPT_KEY, "span_kind"]].merge(
        figures.rename(columns={"root": "indicator"})[
            ["indicator", "span_kind", "span_start", "actual", "latest"]
        ],
        on=["indicator", "span_kind", "span_start"],
        how="left",
    )
    return found[KEPT_COLUMNS]


def _rates(plan: Plan, own: pd.DataFrame, past: pd.DataFrame) -> pd.Series:
    """The past figures, turned into yearly rates where the indicator is reported as levels."""
    columns = ["kinds", "type", "aggregation", "baseline", "baseline_year"]
    about = own.loc[past.row, columns].reset_index(drop=True)
    return with_yearly_rates(about.assign(actual=past.actual, latest=past.latest))


def _first_met(own: pd.DataFrame, past: pd.DataFrame, moment: Moment, rules: BandRules) -> dict[int, str]:
    """Row → the last day of the first closing at which its target was met."""
    dated = past[past.purpose == "dated"].reset_index(drop=True)
    then = own.loc[dated.row].reset_index(drop=True).assign(actual=dated.actual)
    judged = with_attainment(then)
    band = band_by_figure(judged, moment.period, rules)
    met = dated[band.isin(MET) & dated.actual.notna()].sort_values("month").drop_duplicates("row")
    ends = [
        moment.calendar.bounds(Period.of_index(kind, int(number)))[1]
        for kind, number in zip(met.kind, met.number, strict=True)
    ]
    return {int(row): end.isoformat() for row, end in zip(met.row, ends, strict=True)}

"""Pace and forecast of judged rows, a column at a time: which rows have them, from where, by which line. SPEC §8.

A target asks for a way from its baseline B at t0 to T at the end of its span, tT; the figure A is of t, the end of the
last period with a value. Of which rows what can be said:

- flows begin with 0 at the span's start; stocks and cumulated figures with their baseline at the end of its year (at the
  span's start where no year is given); cumulated ones without a baseline with 0 at the term's start, for a target of the
  term. Without a beginning there is no pace, and a forecast only through three figures or more;
- a pace: `ratio`, `gap` and `threshold`, if the target lies ahead of the baseline: a threshold that is to be kept has no
  way to go, and of a flow that should be small no more is asked for;
- a forecast: these, `range` and `ceiling`. A yearly rate is a pace itself; `every_year`, `milestone` and `rank` move by
  steps; the target of `benchmark` moves, the branch that decides `any_of` and `all_of` may change, and so may the
  units that `count_met` counts: of all these SPEC §8 says nothing, and nothing is given;
- the pace needed: `ratio`, `gap` and `threshold`, with or without a beginning, and before anything has started.

Where a span is over there is nothing to foretell: the forecast is the figure itself.
"""

import numpy as np
import pandas as pd

from tiendo.bands import ASSESSABLE, MET, BandRules, band_of
from tiendo.forecast import (
    compound_pace,
    fitted_lines,
    linear_forecast,
    linear_pace,
    needed_pace,
    pace_word,
)
from tiendo.judgement import sign_of, with_attainment
from tiendo.measures import Moment, roots
from tiendo.periods import MONTHS
from tiendo.plan import Plan

PACED = ("ratio", "gap", "threshold")
FORESEEN = (*PACED, "range", "ceiling")
COMPOUND = ("ratio", "gap")  # on a stock
LEVELS = ("flow", "cumulative", "stock")  # accumulations whose figure is a level, or a sum on its way to one

POINT_COLUMNS = ["row", "moment", "figure"]
_OF_A_FORECAST = ["type", "kinds", "direction", "target", "baseline", "low", "high", "cap", "top_n"]
_OF_A_FORECAST += ["worst", "years_met", "years_due", "done", "days_early"]


def with_forecast(
    plan: Plan, moment: Moment, frame: pd.DataFrame, points: pd.DataFrame, rules: BandRules
) -> pd.DataFrame:
    """The judged rows with pace (a word), forecast, forecast_attainment, forecast_band, needed and so_far.

    needed: the change still needed a period of the indicator's frequency, on average from the figure's date to the
    span's end, in the indicator's unit; 0 where the target is met. so_far: the mean change a period until now.
    points: row (of the frame), moment, figure: past figures of some rows, the present one with them (POINT_COLUMNS).
    """
    way = _ways(plan, moment, frame)
    pace, so_far = _paces(frame, way)
    foreseen = _forecast(frame, way, points)
    is_over = way.is_judged & way.is_over
    value = foreseen.mask(is_over, frame.actual)
    attainment, band = _judged(frame, foreseen, rules)
    return frame.assign(
        pace=pace_word(pace),
        so_far=so_far,
        forecast=value,
        forecast_attainment=attainment.mask(is_over, frame.attainment),
        forecast_band=band.mask(is_over, frame.band),
        needed=_needed(frame, way),
    )


def _about(plan: Plan) -> pd.DataFrame:
    """What counts of each indicator (indexed by code): of its own target, and of the one whose figure it shows."""
    own = plan.indicators
    root = own.loc[roots(plan)]
    accumulation, aggregation = root.accumulation.to_numpy(), root.aggregation.to_numpy()
    is_rate = own["flags"].str.contains("from_levels").to_numpy()
    about = {
        "is_level": np.isin(accumulation, LEVELS) & ~is_rate,
        # A quotient of sums is no sum: it does not begin with 0.
        "is_sum": (accumulation == "flow") & (aggregation != "ratio"),
        "is_cumulative": accumulation == "cumulative",
        "is_stock": accumulation == "stock",
        "counts_units": aggregation == "count_met",
        "is_paced": own.type.isin(PACED).to_numpy(),
        "is_foreseen": own.type.isin(FORESEEN).to_numpy(),
        "is_compound": own.type.isin(COMPOUND).to_numpy(),
        "is_gap": own.type.eq("gap").to_numpy(),
        "sign": np.where(own.direction == "up", 1.0, -1.0),
        "months": root.frequency.map(MONTHS).astype(float).to_numpy(),
    }
    return pd.DataFrame(about, index=own.index)


def _ways(plan: Plan, moment: Moment, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame's rows with `_about` of their indicators and their way: base B, start t0, at t, end tT (moments)."""
    about = _about(plan)
    way = about.iloc[about.index.get_indexer(pd.Index(frame.indicator))].set_index(frame.index)
    # Of what merely has not started no figure is shown: it stands where it began, at the last closing.
    idle = frame.band == "not_started"
    closing = {kind: moment.closing(kind).last_month + 1 for kind in ("month", "quarter", "half", "year")}
    last = way.months.map({float(MONTHS[kind]): at for kind, at in closing.items()})
    from_nothing = way.is_sum | (way.is_cumulative & frame.baseline.isna() & (frame.span_kind == "term"))
    of_baseline = (frame.baseline_year.astype(float) + 1) * 12
    base = frame.baseline.astype(float).mask(from_nothing, 0.0)
    return way.assign(
        is_level=way.is_level & ~(way.counts_units & frame.gathers),
        is_judged=frame.band.isin(ASSESSABLE),
        is_over=frame.span_end <= moment.period.last_month,
        base=base,
        start=of_baseline.fillna(frame.span_start).mask(from_nothing, frame.span_start),
        end=frame.span_end + 1.0,
        at=(frame.latest + 1.0).mask(idle, last),
        figure=frame.actual.mask(idle, base),
        idle=idle,
    )


def _paces(frame: pd.DataFrame, way: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The ratio of the pace so far to the required one, and the mean change a period so far; NaN where there is none."""
    # A gap goes from baseline to target wherever that lies; a sum goes nowhere but up.
    is_ahead = (way.sign * (frame.target - way.base) > 0) | (way.is_gap & ~way.is_sum)
    has_pace = way.is_judged & ~way.idle & way.is_level & way.is_paced & is_ahead & (way["end"] > way.start)
    given = (frame.actual, way.base, frame.target, way["at"] - way.start, way["end"] - way.start)
    linear, compound = linear_pace(*given), compound_pace(*given)
    pace = np.where(way.is_stock & way.is_compound & ~np.isnan(compound), compound, linear)
    elapsed = (way["at"] - way.start).where(way["at"] > way.start)
    so_far = (frame.actual - way.base) / elapsed * way.months
    return pd.Series(pace, index=frame.index).where(has_pace), so_far.where(has_pace)


def _forecast(frame: pd.DataFrame, way: pd.DataFrame, points: pd.DataFrame) -> pd.Series:
    """Where the figure will be at the span's end: by the line through many points, else through baseline and figure."""
    can_be = way.is_judged & ~way.idle & way.is_level & way.is_foreseen & ~way.is_over
    elapsed, length = way["at"] - way.start, way["end"] - way.start
    simple = pd.Series(linear_forecast(frame.actual, way.base, elapsed, length), index=frame.index)
    lines = fitted_lines(_with_beginnings(way[can_be], points))
    fitted = lines.mean_figure + lines.slope * (way["end"].reindex(lines.index) - lines.mean_moment)
    return fitted.reindex(frame.index).fillna(simple).where(can_be)


def _with_beginnings(way: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """The points of rows that are on their way, not before its beginning, which is one of them where it is known."""
    mine = points[points.row.isin(way.index)]
    start = mine.row.map(way.start)
    mine = mine[(mine.moment >= start) & mine.figure.notna()]
    known = way[way.base.notna() & way.index.isin(mine.row)]
    first = pd.DataFrame({"row": known.index, "moment": known.start, "figure": known.base})
    # A figure that was carried on is of one moment, however many closings it stands at.
    return pd.concat([first, mine[POINT_COLUMNS]]).drop_duplicates(["row", "moment"], keep="last")


def _judged(frame: pd.DataFrame, foreseen: pd.Series, rules: BandRules) -> tuple[pd.Series, pd.Series]:
    """Attainment and band of what is foreseen, by the rows' own methods, the whole span being over by then."""
    attainment = pd.Series(np.nan, index=frame.index)
    band = pd.Series("", index=frame.index, dtype="str")
    rows = frame.index[foreseen.notna()]
    if len(rows):
        then = with_attainment(frame.loc[rows, _OF_A_FORECAST].assign(actual=foreseen[rows]))
        sign = sign_of(then.actual, then.target, then.margin)
        whole = pd.Series(1.0, index=rows)
        band[rows] = band_of(then.attainment, sign, then.type == "threshold", whole, rules)
        attainment[rows] = then.attainment
    return attainment, band


def _needed(frame: pd.DataFrame, way: pd.DataFrame) -> pd.Series:
    periods = (way["end"] - way["at"]) / way.months
    can_be = way.is_judged & way.is_level & way.is_paced & ~way.is_over & (periods > 0)
    can_be &= ~(way.is_sum & (way.sign < 0))
    needed = pd.Series(needed_pace(way.figure, frame.target, periods), index=frame.index)
    return needed.mask(frame.band.isin(MET), 0.0).where(can_be)

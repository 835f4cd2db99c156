"""What the warehouse is asked for: which figure of which indicator, over which units and which span.

A *measure* names how one unit's figure to date is taken from its standing row: `last` (stock, cumulative, state),
`own` (the last within the span: a month's flow, a year's rate), the running sum of a span (`quarter`, `half`, `year`,
`term`, or `since` a year within the term), or the mean of the yearly rates (`rate`, `geometric`, or these `_since` a
year within the term). SPEC §5.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from tiendo.calendars import Calendar
from tiendo.deadlines import last_due
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.reporting import reporter_sets

# Whose figures a review shows: those of the units of its day, or those of today's units. SPEC §2.
AS_REPORTED, RESTATED = "as_reported", "restated"

NONE_OWED = -1  # a month ordinal before all others: no period is owed and due
BESIDE = "~beside"  # the node that gathers the figures standing beside the one that counts (figure_of)

SUM_OF = {"month": "own", "quarter": "quarter", "half": "half", "nine_months": "year", "year": "year"}


@dataclass(frozen=True)
class Moment:
    """Where a review stands: the period reviewed, the day from which it is judged, and the day whose units are shown.

    units: None for those of the period's last day (as reported). plan: whose deadlines are asked for (None: the
    calendar's alone).
    """

    period: Period
    today: date
    calendar: Calendar
    units: date | None = None
    plan: Plan | None = None

    @property
    def units_day(self) -> date:
        """The day whose units are shown."""
        return self.units or self.calendar.bounds(self.period)[1]

    def closing(self, frequency: str) -> Period:
        """The last period of a frequency that ends by the review's end."""
        last = self.period.last_of(frequency)
        assert last is not None
        return last

    def is_due(self, period: Period) -> bool:
        """Whether a return for the period was due by today."""
        if self.plan is None:
            return self.calendar.deadline(period).due <= self.today
        return last_due(self.plan, self.calendar, period) <= self.today


def roots(plan: Plan) -> pd.Series:
    """Indicator → the indicator whose reported figure it shows (itself, unless `source:`)."""
    source = plan.indicators.source
    root = pd.Series(plan.indicators.index, index=plan.indicators.index, dtype="str")
    while (further := root.map(source)).ne("").any():
        root = root.mask(further != "", further)
    return root


def measure_of(
    accumulation: str, is_geometric: bool, span_kind: str, span_start: int, term_start: int
) -> str:
    """The measure that gives an indicator's figure to date over a target's span."""
    if accumulation == "flow":
        if span_kind == "term":
            return "term" if span_start <= term_start else "since"
        return SUM_OF[span_kind]
    if accumulation == "rate":
        if span_kind != "term":
            return "own"
        rate = "geometric" if is_geometric else "rate"
        return rate if span_start <= term_start else f"{rate}_since"
    return "last"


def owed_bounds(moment: Moment, spans: pd.DataFrame) -> pd.DataFrame:
    """First and last owed period of each (frequency, span_start), as month ordinals of their ends.

    Adds first_owed (end of the first period of the frequency within the span), first_is_due (bool: it ends by the
    review's end and its return was due by today) and last_owed (end of the latest such period, else NONE_OWED).
    """
    keys = spans[["frequency", "span_start"]].drop_duplicates()
    rows = [(f, s, *_owed(moment, f, int(s))) for f, s in zip(keys.frequency, keys.span_start, strict=True)]
    columns = ["frequency", "span_start", "first_owed", "first_is_due", "last_owed"]
    return spans.merge(pd.DataFrame(rows, columns=columns), on=["frequency", "span_start"], how="left")


def _owed(moment: Moment, frequency: str, span_start: int) -> tuple[int, bool, int]:
    first = Period("month", span_start // 12, span_start % 12 + 1).at_end(frequency)
    assert first is not None
    if first.first_month < span_start:
        first = first.next()
    last = moment.closing(frequency)
    while last.last_month >= first.last_month and not moment.is_due(last):
        last = last.previous()
    is_due = last.last_month >= first.last_month
    return first.last_month, is_due, last.last_month if is_due else NONE_OWED


@dataclass(frozen=True)
class Question:
    """What is asked of the warehouse.

    wanted: id, indicator, set, measure, period (the closing whose standing rows are read), span_start, last_owed,
    base_period and term_start (for `since`), weight_indicator, weight_period, weight_is_flow, aggregation,
    accumulation, is_dated (whether it matters when a figure last changed).
    members: set, unit (key), node — whose figures are gathered under which node. units_day: the day on which they
    are the units; figures of before are asked for restated.
    """

    wanted: pd.DataFrame
    members: pd.DataFrame
    units_day: date


ASKED_ABOUT = ["type", "frequency", "accumulation", "aggregation", "flags"]
ASKED_ABOUT += ["reported_by", "figure_of", "weight_indicator"]


def wanted_figures(plan: Plan, moment: Moment, spans: pd.DataFrame) -> pd.DataFrame:
    """The `wanted` frame for (indicator, span_kind, span_start) rows of root indicators."""
    indicators = plan.indicators
    spans = spans[["indicator", "span_kind", "span_start"]].drop_duplicates()
    about = indicators.loc[spans.indicator, ASKED_ABOUT]
    frame = pd.concat([spans.reset_index(drop=True), about.reset_index(drop=True)], axis=1)
    frame["is_dated"] = frame.accumulation.eq("state") | frame.type.eq("milestone")
    term_start = plan.term.span.first_month
    frame["measure"] = [
        measure_of(acc, "geometric" in flags, kind, start, term_start)
        for acc, flags, kind, start in zip(
            frame.accumulation, frame["flags"], frame.span_kind, frame.span_start, strict=True
        )
    ]
    frame = owed_bounds(moment, frame)
    closing = {f: str(moment.closing(f)) for f in FREQUENCIES}
    frame["set"] = frame.reported_by + "|" + frame.figure_of
    frame["period"] = frame.frequency.map(closing)
    frame["base_period"] = [
        str(Period("month", (start - 1) // 12, 12).last_of(frequency)) if measure.endswith("since") else ""
        for measure, start, frequency in zip(frame.measure, frame.span_start, frame.frequency, strict=True)
    ]
    frame["weight_period"] = frame.weight_indicator.map(indicators.frequency).map(closing).fillna("")
    frame["weight_is_flow"] = frame.weight_indicator.map(indicators.accumulation).eq("flow")
    return frame.assign(id=range(len(frame)), term_start=term_start)


def members_of(plan: Plan, moment: Moment, nodes: str) -> pd.DataFrame:
    """Whose figures are gathered under which node: set, unit (key), code (the unit's), node.

    `nodes`: "authority" (its own figures, and those beside them) or "all" (every reporter and every unit above it too).
    A set is `reported_by|figure_of`. The units are those of the moment's `units_day`.
    """
    texts, members = reporter_sets(plan, moment.units_day)
    figure_of = plan.indicators.loc[texts.index, "figure_of"]
    pairs = pd.DataFrame({"text": texts, "figure_of": figure_of}).drop_duplicates()
    frame = pairs.merge(members, left_on="text", right_on="set")
    frame["set"] = frame.text + "|" + frame.figure_of
    counts = (frame.figure_of == "") | (frame.figure_of == frame.unit)
    authority = frame.assign(node=np.where(counts, plan.term.authority, BESIDE))
    units = plan.units_on(moment.units_day)
    parts = [authority]
    if nodes == "all":
        parts.append(frame.merge(_lines_above(units, plan.term.authority), on="unit"))
    every = pd.concat(parts)[["set", "unit", "node"]].drop_duplicates()
    return every.assign(code=every.unit, unit=every.unit.map(units.key)).reset_index(drop=True)


def _lines_above(units: pd.DataFrame, authority: str) -> pd.DataFrame:
    """unit, node for each unit itself and every unit above it, without the authority."""
    parent = units.parent.to_dict()
    rows = []
    for unit in units.index:
        node, seen = unit, set[str]()
        while node and node in units.index and node not in seen and node != authority:
            rows.append((unit, node))
            seen.add(node)
            node = parent.get(node, "")
    return pd.DataFrame(rows, columns=["unit", "node"], dtype="str")

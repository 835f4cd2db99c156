"""Which target an indicator is judged against in a review. SPEC §6, target spans."""

from collections.abc import Collection
from datetime import date

import pandas as pd

from tiendo.calendars import Calendar
from tiendo.periods import KINDS, Period
from tiendo.plan import Plan

ASSIGNED = "assigned"
AGAINST = ("own", "year", "term")

TARGET_COLUMNS = [
    "indicator",
    "unit",
    "series",
    "span",
    "span_kind",
    "span_start",
    "span_end",
    "is_later",
    "target",
    "low",
    "high",
    "cap",
    "top_n",
    "baseline",
    "baseline_year",
    "benchmark",
    "offset",
    "due",
    "text",
    "year_target",
    "term_target",
]


def preference(kind: str) -> list[str]:
    """Kinds of span in the order they are looked for: the kind itself, then longer ones, then shorter ones."""
    at = KINDS.index(kind)
    return [kind, *KINDS[at + 1 :], *reversed(KINDS[:at])]


def chosen_targets(
    plan: Plan, period: Period, against: str, units: Collection[str] | None = None
) -> pd.DataFrame:
    """One target a (indicator, unit, series) for a review of `period` judged `against` own, year or term.

    TARGET_COLUMNS; `unit` is the authority's code where the plan leaves it empty; spans as month ordinals. A span must
    contain the review's last month; where only later ones are there `is_later` is true, earlier ones are no target.
    year_target and term_target are those that stand beside the chosen one (a range's low bound).
    `units`: only theirs (default: of all).
    """
    frame = _with_spans(plan, period, units)
    wanted = {"own": period.kind, "year": "year", "term": "term"}[against]
    order = {kind: rank for rank, kind in enumerate(preference(wanted))}
    ranked = frame.assign(rank=frame.span_kind.map(order) + frame.is_later * len(order))
    key = ["indicator", "unit", "series"]
    best = ranked.sort_values([*key, "rank", "span_start"], kind="stable").drop_duplicates(key)
    for name in ("year", "term"):
        beside = frame[(frame.span_kind == name) & ~frame.is_later].sort_values("span_start", kind="stable")
        beside = beside.drop_duplicates(key)
        shown = beside.set_index(key).shown.rename(f"{name}_target")
        best = best.join(shown, on=key)
    return best[TARGET_COLUMNS].reset_index(drop=True)


def _with_spans(plan: Plan, period: Period, units: Collection[str] | None) -> pd.DataFrame:
    targets = plan.targets
    targets = targets.assign(unit=targets.unit.mask(targets.unit == "", plan.term.authority))
    if units is not None:
        targets = targets[targets.unit.isin(units)]
    spans = {text: Period.parse(text) for text in targets["span"].unique()}
    frame = targets.assign(
        span_kind=targets["span"].map({text: span.kind for text, span in spans.items()}),
        span_start=targets["span"].map({text: span.first_month for text, span in spans.items()}),
        span_end=targets["span"].map({text: span.last_month for text, span in spans.items()}),
    )
    frame["shown"] = frame.target.fillna(frame.low).fillna(frame.top_n)
    frame["is_later"] = frame.span_start > period.last_month
    return frame[frame.is_later | (frame.span_end >= period.last_month)]


def elapsed_share(targets: pd.DataFrame, period: Period) -> pd.Series:
    """Share of each target's span (months) that has run by the end of the reviewed period."""
    months = targets.span_end - targets.span_start + 1
    return ((period.last_month - targets.span_start + 1) / months).clip(0, 1)


def overdue_targets(plan: Plan, judged: pd.DataFrame, calendar: Calendar, today: date) -> pd.DataFrame:
    """Targets and milestone stages whose date has passed and that are not met.

    `judged`: the authority's attainment rows (level indicator) with `done_stages` for milestones. Returns indicator,
    name, kind (target, stage), what, due, days_overdue, attainment, band, lead_agency; longest overdue first.
    """
    met = ("exceeded", "met", "not_applicable")
    judged = judged[judged.series == ASSIGNED]
    open_rows = judged[~judged.band.isin(met)]
    due = pd.to_datetime(open_rows["due"])
    late = open_rows[due < pd.Timestamp(today)]
    rows = late.assign(kind="target", what="", indicator=late.code)
    stages = _open_stages(plan, judged, today)
    every = pd.concat([rows, stages], ignore_index=True)
    every["days_overdue"] = (pd.Timestamp(today) - pd.to_datetime(every["due"])).dt.days
    every["lead_agency"] = every.indicator.map(plan.indicators.lead)
    columns = [
        "indicator",
        "name",
        "kind",
        "what",
        "due",
        "days_overdue",
        "attainment",
        "band",
        "lead_agency",
    ]
    return every.sort_values(["days_overdue", "indicator"], ascending=[False, True])[columns].reset_index(
        drop=True
    )


def _open_stages(plan: Plan, judged: pd.DataFrame, today: date) -> pd.DataFrame:
    stages = plan.tables["stages"].assign(place=lambda s: s.groupby("indicator").cumcount() + 1)
    rows = stages.merge(
        judged[["code", "name", "attainment", "band", "done_stages"]],
        left_on="indicator",
        right_on="code",
        suffixes=("_stage", ""),
    )
    late = rows[(rows.due < pd.Timestamp(today)) & ~(rows.place <= rows.done_stages)]
    return late.assign(kind="stage", what=late.name_stage)

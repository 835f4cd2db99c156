"""Giving an officer's judgement, and listing those that hold in a period beside what is computed."""

from dataclasses import replace
from datetime import date, datetime
from unicodedata import normalize

import pandas as pd

from tasks.office.workspace import Workspace
from tasks.officers_words import held_judgements
from tasks.reading_figures import judge_period
from tiendo.errors import InputError
from tiendo.judgement import rows_to_judge
from tiendo.measures import Moment, members_of
from tiendo.outlooks import OFFICIAL, OUTLOOK, OfficerJudgement, agreement
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.plan_reading import nearest
from tiendo.targets import ASSIGNED, chosen_targets
from warehouse.judgement_store import add_judgement

LIST_COLUMNS = ["indicator", "unit", "band", "forecast_band", "outlook", "official"]
LIST_COLUMNS += ["reason", "author", "recorded_at", "agrees"]


def give_judgement(workspace: Workspace, judgement: OfficerJudgement, now: datetime, user: str) -> bool:
    """Record a judgement, audited; False where the same was said last.

    Raises InputError for a period outside the term, an unknown indicator or unit, or a unit that has nothing to do with
    the indicator.
    """
    plan = workspace.current_plan().plan
    period = Period.parse(judgement.period)
    plan.term.require(period)
    if judgement.indicator not in plan.indicators.index:
        known = nearest(judgement.indicator, plan.indicators.index)
        raise InputError(f"chỉ tiêu {judgement.indicator!r}: không có trong kế hoạch; {known}")
    unit = "" if judgement.unit == plan.term.authority else judgement.unit
    if unit:
        _require_unit(plan, Moment(period, workspace.calendar.civil_date(now), workspace.calendar), judgement)
    kept = replace(
        judgement,
        unit=unit,
        period=str(period),
        reason=normalize("NFC", judgement.reason.strip()),
        author=normalize("NFC", judgement.author.strip()),
    )
    return add_judgement(workspace.engine, kept, now, user)


def _require_unit(plan: Plan, moment: Moment, judgement: OfficerJudgement) -> None:
    """Raises InputError unless a review of the period has a row of the indicator for the unit."""
    there = plan.units_on(moment.units_day)
    if judgement.unit not in there.index:
        known = nearest(judgement.unit, there.index)
        raise InputError(f"--unit {judgement.unit!r}: không có đơn vị này trong kỳ {moment.period}; {known}")
    members = members_of(plan, moment, "all")
    targets = chosen_targets(plan, moment.period, "own", {plan.term.authority, *members.node})
    rows = rows_to_judge(plan, targets, members, moment.period)
    of_indicator = rows.unit[rows.indicator == judgement.indicator]
    if judgement.unit not in set(of_indicator):
        raise InputError(
            f"--unit {judgement.unit!r}: đơn vị không báo cáo và không được giao chỉ tiêu {judgement.indicator} "
            f"trong kỳ {moment.period}; dùng đơn vị có chỉ tiêu này, hoặc bỏ --unit để nhận định số chung"
        )


def judgement_table(
    workspace: Workspace, period: Period, against: str | None, today: date, as_of: datetime | None = None
) -> pd.DataFrame:
    """The judgements that hold in a period (LIST_COLUMNS), of the authority and of units, as known at an instant.

    against: own, year or term: the targets that the computed bands are of (None: as its round or the settings say).
    """
    against = against or workspace.usual_against(period, as_of)
    judged = judge_period(workspace, period, [against], today, as_of, nodes="all")
    plan = judged.loaded.plan
    said = held_judgements(workspace.engine, plan, judged.moment, as_of, "all")
    rows = judged.rows[against]
    columns = ["indicator", "unit", "band", "forecast_band", "span", "term_target"]
    computed = rows.loc[rows.series == ASSIGNED, columns]
    table = said.merge(computed, on=["indicator", "unit"], how="left")
    table[["band", "forecast_band"]] = table[["band", "forecast_band"]].fillna("")
    for kind in (OUTLOOK, OFFICIAL):
        table[kind] = table.verdict.where(table.kind == kind, "")
    agrees = [agreement(kind, table[kind], table, plan.term.span, period) for kind in (OUTLOOK, OFFICIAL)]
    table["agrees"] = agrees[0].where(table.kind == OUTLOOK, agrees[1])
    table["is_below"] = table.unit != plan.term.authority
    return table.sort_values(["is_below", "indicator", "unit", "kind"], kind="stable")[LIST_COLUMNS]

"""Templates issued: for each unit one workbook with all that it owes at a closing. FORMATS §3."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import pandas as pd

from tasks.office.workspace import Workspace, made_folder
from tasks.post.recipients import Directory
from tasks.template.asked_rows import asked_rows
from tasks.template.template_book import TemplateSheet, write_template
from tiendo.deadlines import deadlines_of
from tiendo.errors import InputError
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.plan_reading import nearest
from tiendo.rounds import asked_beside
from warehouse.plan_store import LoadedPlan


@dataclass(frozen=True)
class Issue:
    """One issue of templates: for which closing, by which plan, when."""

    workspace: Workspace
    loaded: LoadedPlan
    period: Period
    now: datetime

    @cached_property
    def terms(self) -> pd.DataFrame:
        """By unit: `deadlines.DEADLINE_COLUMNS`, and whether words are asked beside the figures (narrative)."""
        plan, calendar = self.loaded.plan, self.workspace.calendar
        units = pd.Series(plan.units_on(calendar.bounds(self.period)[1]).index, dtype="str")
        dates = deadlines_of(plan, calendar, self.period, units)
        narrative = asked_beside(plan, self.period, units).narrative
        return dates.assign(narrative=narrative).set_axis(units, axis=0)


def template_name(unit: str, period: Period) -> str:
    """The name of a unit's template for a closing."""
    return f"Mau_{unit}_{period}.xlsx"


def issue_templates(
    workspace: Workspace, period: Period, units: Sequence[str], out: Path, now: datetime
) -> list[Path]:
    """Write the templates of a closing into a folder: of the units given, else of all that owe something.

    Returns the files, in the order of the units' codes. Raises InputError for a span nothing is owed for or not
    of the plan's term, a unit that is not one or owes nothing, a folder that cannot be written.
    """
    issue = Issue(workspace, workspace.current_plan(), period, now)
    issue.loaded.plan.term.require(period)
    rows = asked_rows(workspace, issue.loaded.plan, period)
    wanted = _wanted_units(issue.loaded.plan, rows, period, units)
    made_folder(out)
    by_unit = dict(list(rows.groupby("unit")))
    return [_written(issue, unit, by_unit[unit], out) for unit in wanted]


def _wanted_units(plan: Plan, rows: pd.DataFrame, period: Period, units: Sequence[str]) -> list[str]:
    owing = sorted(rows.unit.unique())
    if not owing:
        raise InputError(f"kỳ {period}: không đơn vị nào nợ báo cáo; xem frequency trong indicators.csv")
    for unit in units:
        if unit not in set(plan.units.code):
            near = nearest(unit, owing)[:200]
            raise InputError(f"--unit {unit!r}: kế hoạch không có đơn vị này; {near}")
        if unit not in owing:
            raise InputError(f"--unit {unit}: đơn vị này không nợ báo cáo kỳ {period}")
    return sorted(set(units)) or owing


def _written(issue: Issue, unit: str, rows: pd.DataFrame, out: Path) -> Path:
    path = out / template_name(unit, issue.period)
    write_template(path, template_sheet(issue, unit, rows))
    return path


def template_sheet(issue: Issue, unit: str, rows: pd.DataFrame) -> TemplateSheet:
    """The template of one unit, with the rows that it is asked (of `asked_rows`)."""
    workspace, plan = issue.workspace, issue.loaded.plan
    terms = issue.terms.loc[unit].to_dict()
    day = workspace.calendar.bounds(issue.period)[1]
    contact = Directory(plan, day).office[0]
    return TemplateSheet(
        workspace=workspace.name,
        unit=unit,
        unit_name=plan.unit_name(unit, day),
        period=issue.period,
        cut_off=terms["cut_off"],
        due=terms["due"],
        due_hour=terms["hour"],
        plan_version=issue.loaded.version,
        issued_at=issue.now,
        rows=rows.drop(columns="unit"),
        locale=workspace.settings.workspace.locale,
        key=workspace.signing_key,
        asks_narrative=bool(terms["narrative"]),
        contact=tuple(text for text in (contact.name, contact.phone, contact.email) if text),
    )

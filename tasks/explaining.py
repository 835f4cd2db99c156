"""What is behind a figure of a review: how it was judged, which values went into it, and where these stand."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd

from tasks.issued import reviewed_then
from tasks.office.workspace import Workspace
from tasks.reading_figures import JudgedPeriod, judge_period
from tasks.tracing.figure_ground import ground, needed
from tasks.tracing.judged_steps import judged_steps
from tasks.tracing.value_cells import archived_path, located
from tasks.tracing.value_steps import HELPERS, value_words
from tiendo.errors import InputError
from tiendo.explaining import STEP_COLUMNS
from tiendo.periods import Period
from tiendo.plan_reading import nearest
from tiendo.targets import AGAINST

_TEXTS = [
    "step", "indicator", "unit", "period", "field", "status", "state", "qualifier", "file", "cell", "sha256",
    "archived", "sender", "formula", "says", "source", "origin", "measure",
]  # fmt: skip


def explained(
    workspace: Workspace,
    indicator: str,
    period: Period,
    *,
    now: datetime,
    unit: str | None = None,
    against: str | None = None,
    as_of: datetime | None = None,
    report: int | None = None,
) -> pd.DataFrame:
    """The steps behind a figure (STEP_COLUMNS), in the order in which they are read.

    `unit`: by default the authority. `report`: as in the issued report of that version, with its instant, plan and
    thresholds. Raises InputError for an indicator, unit, `against` or version that is not one, or a unit that does not
    report the indicator.
    """
    today = workspace.calendar.civil_date(as_of or now)
    if report is not None:
        then = reviewed_then(workspace, period, report)
        workspace, against, as_of, today = then.workspace, then.against, then.as_of, then.today
    against = against or workspace.usual_against(period, as_of)
    _require(against, AGAINST, "--against")
    plan = workspace.current_plan().plan
    _require(indicator, plan.indicators.index, "chỉ tiêu")
    unit = unit or plan.term.authority
    _require(unit, plan.units.code, "--unit")
    judged = _judged(workspace, indicator, period, unit, against, today, as_of)
    with ground(workspace, judged, indicator, against, as_of) as known:
        steps = pd.DataFrame(list(judged_steps(known, indicator, unit, 0)))
    return _with_places(workspace, judged, steps.reindex(columns=[*STEP_COLUMNS, *HELPERS]))


def _require(code: str, known: Iterable[str], what: str) -> None:
    if code not in set(known):
        raise InputError(f"{what} {code!r}: không có mã này; {nearest(code, list(known))}")


def _judged(
    workspace: Workspace,
    indicator: str,
    period: Period,
    unit: str,
    against: str,
    today: date,
    as_of: datetime | None,
) -> JudgedPeriod:
    """The period judged, for the units too where the figure needs them: it counts the units that have met theirs."""
    plan = workspace.current_plan().plan
    counts_units = plan.indicators.aggregation[needed(plan, indicator)].eq("count_met").any()
    nodes = "authority" if unit == plan.term.authority and not counts_units else "all"
    return judge_period(workspace, period, [against], today, as_of, nodes)


def _with_places(workspace: Workspace, judged: JudgedPeriod, steps: pd.DataFrame) -> pd.DataFrame:
    """The steps with the cell and the archived copy of each value, and the words of these steps (STEP_COLUMNS)."""
    steps = steps.assign(**{name: steps[name].astype(object).fillna("").astype("str") for name in _TEXTS})
    values = steps[steps.sha256 != ""]
    steps.loc[values.index, "cell"] = located(workspace, judged.loaded, values.assign(path=values.file))
    copies = {sha256: archived_path(workspace, sha256) for sha256 in values.sha256.unique()}
    root = workspace.root
    archived = {sha: copy.relative_to(root).as_posix() if copy else "" for sha, copy in copies.items()}
    steps.loc[values.index, "archived"] = values.sha256.map(archived)
    zone = ZoneInfo(workspace.calendar.timezone)
    rows = steps.loc[values.index].to_dict("records")
    steps.loc[values.index, "says"] = [value_words(row, zone) for row in rows]
    return steps.loc[_about_its_row(steps), STEP_COLUMNS].reset_index(drop=True)


def _about_its_row(steps: pd.DataFrame) -> pd.Series:
    """All but findings about other rows of a value's file: one that holds many units has the indicator many times."""
    rows = steps.cell.str.extract(r"(\d+)$", expand=False)
    of_value = rows.where(steps.sha256 != "").ffill()
    is_other = (steps.step == "finding") & rows.notna() & of_value.notna() & (rows != of_value)
    return ~is_other

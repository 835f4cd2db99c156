"""What a flow takes from its run instead of the clock: the instant it was scheduled for, its period, its name."""

import gc
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from tasks.office.workspace import Workspace, open_workspace
from tasks.steps import in_flow_run
from tiendo.deadlines import last_closed
from tiendo.periods import Period

WORKSPACE_VARIABLE = "TIENDO_WORKSPACE"


def instant_of_run(given: datetime | None) -> datetime:
    """The instant a run stands for: as given, else as scheduled, so that a run made again answers the same."""
    if given is not None:
        return given.astimezone(UTC)
    if in_flow_run():
        from prefect.runtime import flow_run

        scheduled = flow_run.scheduled_start_time
        return datetime.fromtimestamp(scheduled.timestamp(), tz=UTC)
    return datetime.now(tz=UTC)


def asked_period(workspace: Workspace, period: str | None, instant: datetime) -> Period:
    """The period asked for, else the quarter whose returns were last due. Raises InputError for no period."""
    if period:
        return Period.parse(period)
    plan, calendar = workspace.current_plan().plan, workspace.calendar
    return last_closed(plan, calendar, "quarter", calendar.civil_date(instant))


def flow_workspace(given: str | None) -> Workspace:
    """The workspace a flow works on, opened: as given, else the environment's."""
    _keep_imports()
    return open_workspace(given or os.environ.get(WORKSPACE_VARIABLE))


@cache
def _keep_imports() -> None:
    # The hundred thousands of objects that Prefect, pandas and the others are made of stay to the end: looking
    # through them each time Python looks for garbage took a twentieth of a country's collect.
    gc.freeze()


def run_name(flow: str) -> Callable[[], str]:
    """How a flow's runs are named in the UI: the flow, and its period or else its day (`assess 2026-Q3`)."""

    def name() -> str:
        from prefect.runtime import flow_run

        given = flow_run.parameters
        day = given.get("today") or given.get("now") or flow_run.scheduled_start_time
        return f"{flow} {given.get('period') or str(day)[:10]}"

    return name

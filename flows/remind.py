"""remind: who owes a return, which indicators are past their date, which issued reports have changed; messages."""

import pandas as pd
from prefect import flow

from flows.parameters import DryRun, RunInstant, Today, WorkspaceFolder
from tasks.artifacts import leave_table
from tasks.reminding import overdue_indicators, owed_returns, write_reminders
from tasks.run_context import flow_workspace, instant_of_run, run_name
from tasks.watching import changed_reports, tell_of_changes


@flow(name="remind", flow_run_name=run_name("remind"))
def remind(
    workspace: WorkspaceFolder = None,
    today: Today = None,
    dry_run: DryRun = False,
    now: RunInstant = None,
) -> pd.DataFrame:
    """Put the reminders and alerts of a day into the outbox, each once; one row a message."""
    here, instant = flow_workspace(workspace), instant_of_run(now)
    day = today or here.calendar.civil_date(instant)
    owed = owed_returns(here, day, instant)
    overdue = overdue_indicators(here, day)
    changed = changed_reports(here, instant)
    reminders = write_reminders(here, owed, overdue, day, instant, dry_run)
    alerts = tell_of_changes(here, changed, day, instant, dry_run)
    messages = pd.concat([reminders, alerts], ignore_index=True)
    leave_table("nhac-han", messages, "Tin nhắc hạn và quá hạn", here.settings.workspace.timezone)
    return messages

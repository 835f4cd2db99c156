"""dispatch: hand over what waits in the outbox, one message a recipient and channel."""

import pandas as pd
from prefect import flow

from flows.parameters import DryRun, RunInstant, WorkspaceFolder
from tasks.artifacts import leave_table
from tasks.dispatching import send_messages, waiting_messages
from tasks.run_context import flow_workspace, instant_of_run, run_name


@flow(name="dispatch", flow_run_name=run_name("dispatch"))
def dispatch(
    workspace: WorkspaceFolder = None, now: RunInstant = None, dry_run: DryRun = False
) -> pd.DataFrame:
    """Send the messages that are due; one row a message with its new state. With dry_run: what would be sent."""
    here, instant = flow_workspace(workspace), instant_of_run(now)
    if dry_run:
        return waiting_messages(here, instant)
    sent = send_messages(here, instant)
    leave_table("da-gui", sent, "Tin đã gửi", here.settings.workspace.timezone)
    return sent

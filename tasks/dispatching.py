"""The steps of dispatch: the outbox handed over through the channels of the workspace."""

import os
from datetime import UTC, datetime

import pandas as pd

from tasks.office.workspace import Workspace
from tasks.post.channels import open_channels
from tasks.post.delivery import PostOffice, dispatch
from tasks.steps import step
from warehouse.outbox_store import pending

WAITING_COLUMNS = ["id", "kind", "unit", "period", "channel", "recipient", "subject", "state", "not_before"]


@step(name="send messages")
def send_messages(workspace: Workspace, now: datetime) -> pd.DataFrame:
    """Hand over the messages that are due at `now`; one row a message with its new state."""
    references = {name: channel.url for name, channel in workspace.settings.channels.items()}
    channels = open_channels(references, os.environ)
    started = datetime.now(UTC)

    def clock() -> datetime:
        return now + (datetime.now(UTC) - started)

    return dispatch(PostOffice(workspace.engine, workspace.root, channels, clock))


def waiting_messages(workspace: Workspace, now: datetime) -> pd.DataFrame:
    """The messages that would be handed over at `now` (WAITING_COLUMNS)."""
    rows = pending(workspace.engine)
    due = rows.not_before.isna() | (rows.not_before <= pd.Timestamp(now))
    return rows.loc[due, WAITING_COLUMNS].reset_index(drop=True)

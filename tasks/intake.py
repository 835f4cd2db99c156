"""The steps of collect: receive, read, validate, answer, load, and empty the inbox."""

from collections.abc import Iterator
from datetime import datetime

import pandas as pd

from tasks.answering import answered
from tasks.artifacts import leave_table
from tasks.office.settings import Settings
from tasks.office.workspace import Workspace
from tasks.reading.returns import Limits, Reading, read_returns
from tasks.receiving import LEDGER_COLUMNS, let_go, receive
from tasks.steps import step
from tasks.validating import Validated, validate_batch
from tiendo.verdicts import RESULT_COLUMNS
from warehouse.intake_store import IntakeBatch, commit_intake

# So many files are validated and loaded together: 16 chunks of 64 hold the returns of all districts of the
# country, and bound the memory where communes report. Smaller batches, the next one read meanwhile, were not faster.
CHUNKS_A_BATCH = 16

MEGABYTE = 2**20


def batches(workspace: Workspace, received: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The files received, in order, in batches that fit into memory."""
    size = CHUNKS_A_BATCH * workspace.settings.scale.chunk
    for start in range(0, len(received), size):
        yield received.iloc[start : start + size]


@step(name="receive")
def receive_files(workspace: Workspace, now: datetime) -> pd.DataFrame:
    """What waits in the inbox, hashed and archived, in order of receipt (`receiving.RECEIVED_COLUMNS`)."""
    return receive(workspace, now)


@step(name="read")
def read_files(workspace: Workspace, received: pd.DataFrame) -> Reading:
    """The archived copies, read in child processes."""
    files = received[["file", "archived"]].rename(columns={"archived": "path"})
    return read_returns(files, limits_of(workspace.settings))


def limits_of(settings: Settings) -> Limits:
    """What one file may cost, by the settings."""
    intake = settings.intake
    return Limits(
        file_bytes=intake.max_file_mb * MEGABYTE,
        part_bytes=intake.max_part_mb * MEGABYTE,
        unpacked_bytes=intake.max_unpacked_mb * MEGABYTE,
        rows=intake.max_rows,
        columns=intake.max_columns,
        seconds=intake.max_seconds,
        chunk=settings.scale.chunk,
    )


@step(name="validate")
def validate_returns(workspace: Workspace, received: pd.DataFrame, reading: Reading) -> Validated:
    """The cells typed and validated in one run, with versions and verdicts."""
    return validate_batch(workspace, received, reading)


@step(name="answer")
def answer_senders(workspace: Workspace, validated: Validated, now: datetime) -> pd.DataFrame:
    """A message to each sender (outbox rows), and the marked workbook of each return that goes back."""
    return answered(workspace, validated, now)


@step(name="load")
def load_returns(workspace: Workspace, validated: Validated, messages: pd.DataFrame) -> pd.DataFrame:
    """Receipts, submissions, values, findings and messages recorded together; one row a file as result."""
    commit_intake(workspace.engine, intake_batch(validated, messages))
    paths = validated.files.set_index("file").path
    return validated.results.assign(file=validated.results.file.map(paths))


def intake_batch(validated: Validated, messages: pd.DataFrame) -> IntakeBatch:
    """A validated batch as the warehouse takes it."""
    results = validated.results[["file", "verdict", "errors", "warnings"]]
    receipts = validated.files[["file", *LEDGER_COLUMNS]].merge(results, on="file")
    new = validated.parts[~validated.parts.is_duplicate]
    recorded_at = validated.files.set_index("file").recorded_at
    submissions = new.assign(plan_version=validated.loaded.version, recorded_at=new.file.map(recorded_at))
    values = validated.values.join(validated.parts[["file", "unit", "period"]], on="part")
    return IntakeBatch(receipts, submissions, values, validated.findings, messages)


@step(name="empty inbox")
def empty_inbox(received: pd.DataFrame) -> None:
    """Remove the files that are in the ledger now."""
    let_go(received)


def joined_results(results: list[pd.DataFrame]) -> pd.DataFrame:
    """One row a file of all batches (RESULT_COLUMNS, `file` its path below the workspace)."""
    if not results:
        return pd.DataFrame(columns=RESULT_COLUMNS)
    return pd.concat(results, ignore_index=True)[RESULT_COLUMNS]


def show_results(results: pd.DataFrame) -> None:
    """Leave the table of files in the run's artifacts."""
    leave_table("tep-da-nhan", results, "Tệp đã nhận và kết quả")

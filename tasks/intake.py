"""The steps of collect: receive, read, validate, answer, load, and empty the inbox."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
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

# So many chunks are validated and loaded together, while the next are being read. A validation run costs a fifth
# of a second before its first row, so more of them gain nothing; fewer leave cores idle and hold more in memory.
CHUNKS_A_BATCH = 4

MEGABYTE = 2**20


@dataclass(frozen=True, eq=False)
class Batch:
    """Files received (RECEIVED_COLUMNS), and what they hold, as soon as it is read."""

    received: pd.DataFrame
    contents: "Future[Reading]"


def batches(workspace: Workspace, received: pd.DataFrame) -> Iterator[Batch]:
    """The files received, in order, in batches that fit into memory; the next one is read ahead."""
    size = CHUNKS_A_BATCH * workspace.settings.scale.chunk
    limits = limits_of(workspace.settings)
    with ThreadPoolExecutor(max_workers=1) as ahead:
        begun: Batch | None = None
        for start in range(0, len(received), size):
            some = received.iloc[start : start + size]
            files = some[["file", "archived"]].rename(columns={"archived": "path"})
            following = Batch(some, ahead.submit(read_returns, files, limits))
            if begun is not None:
                yield begun
            begun = following
        if begun is not None:
            yield begun


@step(name="receive")
def receive_files(workspace: Workspace, now: datetime) -> pd.DataFrame:
    """What waits in the inbox, hashed and archived, in order of receipt (`receiving.RECEIVED_COLUMNS`)."""
    return receive(workspace, now)


@step(name="read")
def read_files(batch: Batch) -> Reading:
    """The archived copies, read in child processes."""
    return batch.contents.result()


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

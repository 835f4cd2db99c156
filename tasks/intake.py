"""The steps of collect: receive, read, validate, answer, load, and let go of what is recorded."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath

import pandas as pd

from tasks.answering import answered
from tasks.artifacts import leave_table
from tasks.fencing import validate_fenced
from tasks.office.workspace import Workspace
from tasks.reading.known import what_is_known
from tasks.reading.limits import MEGABYTE, limits_of
from tasks.reading.returns import Reading, read_returns
from tasks.receiving import LEDGER_COLUMNS, let_go, receive
from tasks.sources.asking import Answer
from tasks.sources.opening import inbox_of
from tasks.steps import step
from tasks.validating import Validated
from tiendo.verdicts import RESULT_COLUMNS
from warehouse.intake_store import IntakeBatch, commit_intake

# So many files are validated and loaded together: 16 chunks of 64 hold the returns of all districts of the
# country, and bound the memory where communes report. Smaller batches, the next one read meanwhile, were not faster.
CHUNKS_A_BATCH = 16

UNANSWERED = "unanswered"


# A workbook's cells take some ten times its bytes in memory, so a batch stays well under a gigabyte; the returns of
# all districts of the country are a third of it.
BYTES_A_BATCH = 64 * MEGABYTE


def batches(workspace: Workspace, received: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The files received, in order, in batches that fit into memory.

    What came in one message is in one batch: it is let go only when all of it is recorded.
    """
    most = CHUNKS_A_BATCH * workspace.settings.scale.chunk
    came_in, _ = pd.factorize(received.waiting)
    sizes = received["size"].groupby(came_in).agg(["count", "sum"])
    batch = _batch_numbers(list(sizes.itertuples(index=False, name=None)), most)
    for _, files in received.groupby([batch[each] for each in came_in], sort=False):
        yield files


def _batch_numbers(sizes: Sequence[tuple[int, int]], most: int) -> list[int]:
    """The number of the batch of each of some groups, given their counts of files and of bytes, in order."""
    numbers, number, files, size = [], 0, 0, 0
    for count, total in sizes:
        if files and (files + count > most or size + total > BYTES_A_BATCH):
            number, files, size = number + 1, 0, 0
        numbers.append(number)
        files, size = files + count, size + total
    return numbers


@step(name="receive")
def receive_files(workspace: Workspace, now: datetime, answer: Answer | None = None) -> pd.DataFrame:
    """The files of one source, by default the inbox, in order of receipt (`receiving.RECEIVED_COLUMNS`)."""
    arrivals = answer.arrivals if answer else inbox_of(workspace.root).arrivals()
    return receive(workspace, arrivals, now)


@step(name="read")
def read_files(workspace: Workspace, received: pd.DataFrame) -> Reading:
    """The archived copies, read in child processes; what was refused at receipt is not read."""
    some = received[received.code.isna()]
    names = [PurePosixPath(path).name for path in some.path]
    settings = workspace.settings
    files = pd.DataFrame({"file": some.file, "path": some.archived, "name": names})
    files = files.assign(speaks_for_others=some.sender.isin(settings.intake.many_units_from))
    return read_returns(files, limits_of(settings), what_is_known(workspace.current_plan().plan))


@step(name="validate")
def validate_returns(workspace: Workspace, received: pd.DataFrame, reading: Reading) -> Validated:
    """The cells typed and validated in one run, with versions and verdicts."""
    return validate_fenced(workspace, received, reading)


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
    """Let go, at their source, of the files that are in the ledger now."""
    let_go(received)


def joined_results(results: list[pd.DataFrame], answered: Sequence[Answer] = ()) -> pd.DataFrame:
    """One row a file of all batches (RESULT_COLUMNS, `file` what people know it by).

    `attrs[UNANSWERED]`: source → why it did not answer.
    """
    table = pd.concat(results, ignore_index=True) if results else pd.DataFrame(columns=RESULT_COLUMNS)
    table = table[RESULT_COLUMNS]
    table.attrs[UNANSWERED] = {each.source: each.failure for each in answered if each.failure}
    return table


def show_results(results: pd.DataFrame) -> None:
    """Leave the table of files, and of sources that did not answer, in the run's artifacts."""
    leave_table("tep-da-nhan", results, "Tệp đã nhận và kết quả")
    if silent := results.attrs[UNANSWERED]:
        failures = pd.DataFrame(list(silent.items()), columns=["Nguồn", "detail"])
        leave_table("nguon-khong-tra-loi", failures, "Nguồn không trả lời")

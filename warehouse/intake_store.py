"""What was received: files, submissions, values and findings, committed together and read back."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from tiendo.errors import TiendoError
from warehouse.audit_log import append, append_all
from warehouse.bulk import chunks, insert_frame, next_id, read_frame
from warehouse.connecting import reading, writing
from warehouse.intake_rows import answers, entries, numbered, of_files, placed
from warehouse.outbox_store import enqueue
from warehouse.schema import (
    approval,
    backdating,
    correction,
    finding,
    officer_judgement,
    period_act,
    plan_version,
    receipt,
    submission,
    value,
)
from warehouse.standing import forget

Stamp = tuple[str, str, str]  # sha256, sender, stamp: what makes a file received the same one
STAMP = ["sha256", "sender", "stamp"]
KEY = ["unit", "period"]


class StaleBatch(TiendoError):  # noqa: N818 - the team's name for it
    """Another run has recorded newer versions since this batch was numbered; number it again and retry."""


@dataclass(frozen=True)
class IntakeBatch:
    """The outcome of reading and checking some files, ready to be recorded; `file` is a number within it.

    receipts: file, sha256, source, sender, path, stamp, size, received_at, recorded_at, verdict, errors,
    warnings.
    submissions: file, unit, period, kind, number (the period's index), version, content_digest, verdict,
    plan_version, received_at, recorded_at; one for each (unit, period) of a file; origin and about where they say it.
    values: file, period, indicator, number, numerator, denominator, state, status, qualifier, year_estimate,
    outlook, outlook_reason, note, reason, remedy, carried_from (the version of the same unit and period that
    gave it); `unit` too where a file holds several units.
    findings: file and the columns of the table. messages: columns of the outbox; `file` if they answer one.
    """

    receipts: pd.DataFrame
    submissions: pd.DataFrame
    values: pd.DataFrame
    findings: pd.DataFrame
    messages: pd.DataFrame


def commit_intake(engine: Engine, batch: IntakeBatch) -> None:
    """Record a batch in one transaction: receipts, submissions, values, findings, answers and audit.

    A file whose receipt is there already (same sha256, sender and stamp) is passed over with all its rows,
    so a batch may be committed again after a crash. What was carried forward from the periods touched on is
    forgotten. Raises StaleBatch, leaving nothing behind, when a version is not the next one of its unit and
    period.
    """
    with writing(engine) as connection:
        record_batch(connection, batch)


def record_batch(connection: Connection, batch: IntakeBatch) -> pd.DataFrame:
    """The same in the caller's `writing` transaction; gives the new submissions with their ids."""
    receipts = _new_receipts(connection, batch.receipts)
    if receipts.empty:
        return batch.submissions.iloc[:0].assign(id=[])
    receipt_of = receipts.set_index("file").id
    submissions = _new_submissions(connection, of_files(batch.submissions, receipt_of))
    insert_frame(connection, receipt, receipts)
    insert_frame(connection, submission, submissions)
    values = placed(of_files(batch.values, receipt_of), submissions)
    insert_frame(connection, value, values)
    insert_frame(connection, finding, numbered(of_files(batch.findings, receipt_of)))
    enqueue(connection, answers(batch.messages, receipt_of))
    findings = of_files(batch.findings, receipt_of)
    append_all(connection, entries(receipts, submissions, findings, values))
    forget(connection, submissions[["kind", "unit", "number"]])
    return submissions


def known_stamps(engine: Engine, stamps: Iterable[Stamp]) -> set[Stamp]:
    """Those of the given (sha256, sender, stamp) that have a receipt."""
    with reading(engine) as connection:
        return _known(connection, stamps)


def submissions_of(
    engine: Engine,
    units: Collection[str] | None = None,
    periods: Collection[str] | None = None,
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """Every version of every submission (all columns of the table), as known at `as_of` (default: now)."""
    statement = _chosen(sa.select(submission), units, periods, as_of)
    with reading(engine) as connection:
        return read_frame(connection, statement.order_by(submission.c.id))


def current_submissions(
    engine: Engine,
    units: Collection[str] | None = None,
    periods: Collection[str] | None = None,
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """The newest version of each (unit, period), all columns, as known at `as_of` (default: now)."""
    statement = _chosen(sa.select(submission).where(~is_superseded(as_of)), units, periods, as_of)
    with reading(engine) as connection:
        return read_frame(connection, statement.order_by(submission.c.id))


def current_values(
    engine: Engine,
    units: Collection[str] | None = None,
    periods: Collection[str] | None = None,
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """The values of the current submissions: unit, period, version and the columns of `value`."""
    statement = sa.select(submission.c.unit, submission.c.period, submission.c.version, value)
    statement = statement.join(value, value.c.submission == submission.c.id).where(~is_superseded(as_of))
    with reading(engine) as connection:
        return read_frame(connection, _chosen(statement, units, periods, as_of))


def reported_indicators(engine: Engine, periods: Collection[str]) -> pd.DataFrame:
    """unit, period, indicator of the cells that the current submissions of the periods fill."""
    columns = sa.select(submission.c.unit, submission.c.period, value.c.indicator)
    statement = columns.join(value, value.c.submission == submission.c.id).where(value.c.state != "")
    with reading(engine) as connection:
        return read_frame(connection, _chosen(statement.where(~is_superseded(None)), None, periods, None))


# What a review depends on, and when each was recorded.
_RECORDED = (
    submission.c.recorded_at,
    plan_version.c.loaded_at,
    *(table.c.recorded_at for table in (period_act, approval, correction, officer_judgement, backdating)),
)


def last_recorded(engine: Engine, as_of: datetime | None = None) -> datetime | None:
    """The instant at which something was last recorded (by `as_of`) that a review depends on.

    That is a return or a plan, or what the office decided about periods, returns and figures.
    """
    each = [sa.select(sa.func.max(at).label("at")) for at in _RECORDED]
    if as_of is not None:
        each = [rows.where(at <= as_of) for rows, at in zip(each, _RECORDED, strict=True)]
    latest = sa.union_all(*each).subquery()
    with reading(engine) as connection:
        at: datetime | None = connection.scalar(sa.select(sa.func.max(latest.c.at)))
    return at


def record_backdating(
    engine: Engine,
    files: pd.DataFrame,
    *,
    received_at: datetime,
    reason: str,
    recorded_at: datetime,
    recorded_by: str,
) -> None:
    """Note that files (sha256, sender, path) count as received at another moment, and why; audited.

    Doing it twice changes nothing.
    """
    said = {"received_at": received_at, "reason": reason}
    with writing(engine) as connection:
        for file in files.itertuples():
            named = {"sha256": file.sha256, "sender": file.sender, **said}
            if connection.execute(sa.select(backdating).filter_by(**named)).first():
                continue
            row = {"id": next_id(connection, backdating), "path": file.path, **named}
            row |= {"recorded_at": recorded_at, "recorded_by": recorded_by}
            connection.execute(sa.insert(backdating).values(row))
            subject = f"{file.sender} {file.path}"
            after = received_at.isoformat()
            append(connection, recorded_at, recorded_by, "backdate", subject, after=after, reason=reason)


def backdated(engine: Engine, sha256s: Iterable[str]) -> pd.DataFrame:
    """The dating back noted for files of the given contents, oldest first: all columns of the table."""
    rows = sa.select(backdating).where(backdating.c.sha256.in_(set(sha256s))).order_by(backdating.c.id)
    with reading(engine) as connection:
        return read_frame(connection, rows)


def receipts_of(engine: Engine, sha256s: Iterable[str]) -> pd.DataFrame:
    """receipt (id), sha256, sender and received_at of every file of the given contents that was received before."""
    columns = (receipt.c.id.label("receipt"), receipt.c.sha256, receipt.c.sender, receipt.c.received_at)
    rows = sa.select(*columns).order_by(receipt.c.id)
    with reading(engine) as connection:
        found = [
            read_frame(connection, rows.where(receipt.c.sha256.in_(some))) for some in chunks(set(sha256s))
        ]
    return pd.concat(found, ignore_index=True)


def _known(connection: Connection, stamps: Iterable[Stamp]) -> set[Stamp]:
    wanted = set(stamps)
    found: set[Stamp] = set()
    for some in chunks({sha256 for sha256, _, _ in wanted}):
        columns = sa.select(receipt.c.sha256, receipt.c.sender, receipt.c.stamp)
        rows = connection.execute(columns.where(receipt.c.sha256.in_(some)))
        found |= {(row.sha256, row.sender, row.stamp) for row in rows}
    return wanted & found


def _new_receipts(connection: Connection, receipts: pd.DataFrame) -> pd.DataFrame:
    """The receipts that are not there yet, each with its id."""
    stamps = pd.Series(
        list(receipts[STAMP].itertuples(index=False, name=None)), index=receipts.index, dtype=object
    )
    known = _known(connection, stamps)
    fresh = receipts[~stamps.isin(known) & ~receipts.duplicated(STAMP)]
    first = next_id(connection, receipt)
    return fresh.assign(id=range(first, first + len(fresh)))


def _new_submissions(connection: Connection, rows: pd.DataFrame) -> pd.DataFrame:
    """The submissions with their ids and the ids of those they supersede; raises StaleBatch."""
    rows = rows.sort_values(["version", "file"])  # what is superseded goes before what supersedes it
    newest = _newest(connection, set(rows.period)).set_index(KEY)
    keys = pd.MultiIndex.from_frame(rows[KEY])
    first = next_id(connection, submission)
    rows = rows.assign(id=range(first, first + len(rows)))
    order = rows.groupby(KEY).cumcount()
    expected = newest.version.reindex(keys).fillna(0).to_numpy() + 1 + order
    stale = rows[rows.version != expected]
    if len(stale):
        row = stale.iloc[0]
        raise StaleBatch(f"{row.unit} {row.period}: bản {row.version} không nối tiếp bản đang có trong kho")
    before = rows.groupby(KEY).id.shift()
    return rows.assign(
        supersedes=before.fillna(pd.Series(newest.id.reindex(keys).to_numpy(), index=rows.index))
    )


def _newest(connection: Connection, periods: Collection[str]) -> pd.DataFrame:
    columns = sa.select(submission.c.id, submission.c.unit, submission.c.period, submission.c.version)
    return read_frame(connection, columns.where(submission.c.period.in_(periods), ~is_superseded(None)))


def is_superseded(as_of: datetime | None, rows: sa.FromClause = submission) -> sa.ColumnElement[bool]:
    """Whether a row of `submission` (or of an alias of it) has a later version, as known at an instant."""
    later = submission.alias()
    same = sa.and_(later.c.period == rows.c.period, later.c.unit == rows.c.unit)
    newer = sa.select(sa.literal(1)).where(same, later.c.version > rows.c.version)
    if as_of is not None:
        newer = newer.where(later.c.recorded_at <= as_of)
    return sa.exists(newer.correlate(rows))


def _chosen(
    statement: sa.Select[Any],
    units: Collection[str] | None,
    periods: Collection[str] | None,
    as_of: datetime | None,
) -> sa.Select[Any]:
    if units is not None:
        statement = statement.where(submission.c.unit.in_(units))
    if periods is not None:
        statement = statement.where(submission.c.period.in_(periods))
    if as_of is not None:
        statement = statement.where(submission.c.recorded_at <= as_of)
    return statement

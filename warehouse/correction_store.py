"""Corrections kept: new versions of returns that the office made, and each figure that it changed."""

import json
from collections.abc import Collection
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from tiendo.approvals import CONFIRMED
from warehouse.approval_store import record_acts
from warehouse.audit_log import Entry, append_all
from warehouse.bulk import insert_frame, next_id, read_frame
from warehouse.connecting import writing
from warehouse.intake_store import KEY, IntakeBatch, record_batch
from warehouse.schema import approval, correction, submission, value


def commit_corrections(
    engine: Engine, batch: IntakeBatch, corrections: pd.DataFrame, at: datetime, by: str
) -> None:
    """Record corrected versions and what was corrected, with its audit, in one transaction.

    corrections: unit, period, indicator, field, was, now, reason. A corrected version stands where the one before it
    stood: what was last said of that one (confirmed, accepted, returned) is said of it too. Raises StaleBatch, leaving
    nothing behind, when another version was recorded meanwhile.
    """
    with writing(engine) as connection:
        made = record_batch(connection, batch)
        ids = made.rename(columns={"id": "submission"})[[*KEY, "submission"]]
        first = next_id(connection, correction)
        rows = corrections.merge(ids, on=KEY, validate="many_to_one")
        rows = rows.assign(id=range(first, first + len(rows)), recorded_at=pd.Timestamp(at), recorded_by=by)
        insert_frame(connection, correction, rows)
        append_all(connection, _entries(rows, at, by))
        _say_again(connection, made, at, by)


def _entries(rows: pd.DataFrame, at: datetime, by: str) -> list[Entry]:
    return [
        Entry(
            at,
            by,
            "correct figure",
            f"{row['unit']} {row['period']} {row['indicator']} {row['field']}",
            before=row["was"],
            after=row["now"],
            reason=row["reason"],
        )
        for row in rows.to_dict("records")
    ]


def _say_again(connection: Connection, made: pd.DataFrame, at: datetime, by: str) -> None:
    """What was last said of the versions before, of each sort, said of those that took their places."""
    before = made.assign(submission=made.supersedes.astype("int64"), made=made.id)
    acts = sa.select(approval).where(approval.c.submission.in_(before.submission)).order_by(approval.c.id)
    said = read_frame(connection, acts)
    sort = said.act.where(said.act == CONFIRMED, "office")
    last = said.assign(sort=sort).drop_duplicates(["submission", "sort"], keep="last").sort_values("id")
    again = last.merge(before[["submission", "made", *KEY, "version"]], on="submission")
    if len(again):
        was = [json.dumps({"version": version - 1}) for version in again.version]
        again = again.assign(submission=again.made, recorded_at=pd.Timestamp(at), recorded_by=by, before=was)
        record_acts(connection, again)


def corrections_of(
    connection: Connection,
    periods: Collection[str],
    units: Collection[str] | None = None,
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """The corrections of the periods' returns: unit, period, version and the columns of the table, as recorded."""
    columns = (submission.c.unit, submission.c.period, submission.c.version, correction)
    rows = sa.select(*columns).join_from(correction, submission).where(submission.c.period.in_(periods))
    if units is not None:
        rows = rows.where(submission.c.unit.in_(units))
    if as_of is not None:
        rows = rows.where(correction.c.recorded_at <= as_of)
    return read_frame(connection, rows.order_by(correction.c.id))


def values_of(connection: Connection, unit: str, period: str) -> pd.DataFrame:
    """The values of all versions of one return: version and the columns of `value`."""
    rows = sa.select(submission.c.version, value).join_from(submission, value)
    rows = rows.where(submission.c.unit == unit, submission.c.period == period)
    return read_frame(connection, rows.order_by(submission.c.version, value.c.indicator))

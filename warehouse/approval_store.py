"""Approvals kept: what heads of units and the office said of returns, and which current versions are unapproved."""

import json
from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.approvals import IMPORT, OFFICE_ACTS, RESTING_COLUMNS
from tiendo.periods import Period
from tiendo.verdicts import ACCEPTED, ATTACHED, RETURNED
from warehouse.audit_log import Entry, append_all
from warehouse.bulk import insert_frame, next_id, read_frame
from warehouse.carrying import REPORTED
from warehouse.intake_store import is_superseded
from warehouse.schema import approval, receipt, submission, value

UNAPPROVED_COLUMNS = ["submission", "unit", "period", "kind", "number"]
MOST_NAMED = 10_000  # ids in one query: SQLite takes 32 766 parameters


def approvals_of(
    connection: Connection,
    periods: Collection[str],
    units: Collection[str] | None = None,
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """What was said of all versions of the periods' returns, in that order: id and `approvals.ACT_COLUMNS`."""
    rows = sa.select(approval).join(submission, submission.c.id == approval.c.submission)
    rows = rows.where(submission.c.period.in_(periods))
    if units is not None:
        rows = rows.where(submission.c.unit.in_(units))
    if as_of is not None:
        rows = rows.where(approval.c.recorded_at <= as_of)
    return read_frame(connection, rows.order_by(approval.c.id))


def record_acts(connection: Connection, acts: pd.DataFrame) -> pd.DataFrame:
    """Write acts, with their audit, in the caller's `writing` transaction; the same rows with their ids.

    acts: `approvals.ACT_COLUMNS`; of the submission unit, period, version; before: what was so before (JSON).
    """
    first = next_id(connection, approval)
    numbered = acts.assign(id=range(first, first + len(acts)))
    insert_frame(connection, approval, numbered)
    append_all(connection, [_entry(row) for row in numbered.to_dict("records")])
    return numbered


def _entry(row: Mapping[Hashable, Any]) -> Entry:
    after = {name: row[name] for name in ("version", "act", "document")}
    return Entry(
        row["recorded_at"],
        row["recorded_by"],
        f"submission {row['act']}",
        f"{row['unit']} {row['period']}",
        before=row["before"],
        after=json.dumps(after, ensure_ascii=False),
        reason=row["reason"],
    )


def current_versions(connection: Connection, period: str, units: Collection[str]) -> pd.DataFrame:
    """The newest version of each unit's return for a period: all columns of `submission`."""
    own = sa.select(submission).where(submission.c.period == period, submission.c.unit.in_(units))
    return read_frame(connection, own.where(~is_superseded(None)).order_by(submission.c.unit))


def signed_copies(connection: Connection, units: Collection[str]) -> pd.DataFrame:
    """The signed copies that units sent, newest first: sender, path, sha256, stamp, received_at."""
    columns = [receipt.c[name] for name in ("sender", "path", "sha256", "stamp", "received_at")]
    own = sa.select(*columns).where(receipt.c.verdict == ATTACHED, receipt.c.sender.in_(units))
    return read_frame(connection, own.order_by(receipt.c.received_at.desc(), receipt.c.id.desc()))


def last_office_act(rows: sa.FromClause, as_of: datetime | None) -> sa.ScalarSelect[str]:
    """What the office last said of a row of `submission`; NULL where it has said nothing."""
    acts = sa.select(approval.c.act).where(
        approval.c.submission == rows.c.id, approval.c.act.in_(OFFICE_ACTS)
    )
    if as_of is not None:
        acts = acts.where(approval.c.recorded_at <= as_of)
    return acts.order_by(approval.c.id.desc()).limit(1).correlate(rows).scalar_subquery()


def unapproved_submissions(
    connection: Connection,
    closings: Iterable[Period],
    needs_acceptance: bool,
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """The current versions that are not approved (UNAPPROVED_COLUMNS), of periods up to the closings, one a kind.

    Where the office has to accept each return, all that it has not, but what it imported; else those it sent back.
    """
    rows = sa.select(submission.c.id.label("submission"), *(submission.c[c] for c in UNAPPROVED_COLUMNS[1:]))
    within = (
        sa.and_(submission.c.kind == closing.kind, submission.c.number <= closing.index)
        for closing in closings
    )
    rows = rows.where(sa.or_(*within), ~is_superseded(as_of))
    if as_of is not None:
        rows = rows.where(submission.c.recorded_at <= as_of)
    last = last_office_act(submission, as_of)
    if needs_acceptance:
        was_imported = (submission.c.origin == IMPORT) & last.is_(None)
        rows = rows.where(last.is_distinct_from(ACCEPTED), ~was_imported)
    else:
        # Few were ever sent back: of them alone is asked whether they still are.
        sent_back = sa.select(approval.c.submission).where(approval.c.act == RETURNED)
        rows = rows.where(submission.c.id.in_(sent_back), last == RETURNED)
    return read_frame(connection, rows.order_by(submission.c.id))


def figures_of(
    connection: Connection,
    unapproved: pd.DataFrame,
    closings: Iterable[Period],
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """The figures that some current versions (UNAPPROVED_COLUMNS) give: `approvals.RESTING_COLUMNS`.

    closings: up to which periods a later figure of the unit makes one not its last any more.
    """
    ends = {closing.kind: closing.index for closing in closings}
    found = [pd.DataFrame(columns=RESTING_COLUMNS)]
    for text, some in unapproved.groupby("period"):
        period = Period.parse(str(text))
        later = [Period.of_index(period.kind, n) for n in range(period.index + 1, ends[period.kind] + 1)]
        ids = some.submission.tolist()
        for start in range(0, len(ids), MOST_NAMED):
            statement = _figures(ids[start : start + MOST_NAMED], later, as_of)
            found.append(_dated(read_frame(connection, statement), period))
    filled = [part for part in found if len(part)] or found[:1]
    return pd.concat(filled, ignore_index=True)[RESTING_COLUMNS]


def _figures(ids: list[int], later: list[Period], as_of: datetime | None) -> sa.Select[tuple[object, ...]]:
    """indicator, unit, and `next`: the number of the first of the later periods with a figure of the same."""
    further: sa.ColumnElement[Any] = sa.literal(None, sa.Integer)
    if later:
        newer, figure = submission.alias("newer"), value.alias("figure")
        same = (newer.c.unit == submission.c.unit) & (figure.c.indicator == value.c.indicator)
        # The periods are named one by one: the index finds a unit's version by its period.
        of_later = newer.c.period.in_([str(period) for period in later]) & ~is_superseded(as_of, newer)
        if as_of is not None:
            of_later &= newer.c.recorded_at <= as_of
        numbers = sa.select(sa.func.min(newer.c.number)).join_from(
            newer, figure, figure.c.submission == newer.c.id
        )
        numbers = numbers.where(of_later, same, figure.c.state.in_(REPORTED))
        further = numbers.correlate(submission, value).scalar_subquery()
    return (
        sa.select(value.c.indicator, submission.c.unit, further.label("next"))
        .join_from(submission, value, value.c.submission == submission.c.id)
        .where(submission.c.id.in_(ids), value.c.state.in_(REPORTED))
    )


def _dated(figures: pd.DataFrame, period: Period) -> pd.DataFrame:
    next_number = pd.to_numeric(figures.pop("next"))
    last_of_year = Period("year", period.year).parts(period.kind)[-1].index
    return figures.assign(
        period=str(period),
        is_last=next_number.isna(),
        is_last_of_year=~(next_number <= last_of_year),
    )

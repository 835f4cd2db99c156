"""Where figures came from: the versions that stand behind them, the files that gave these, and what was done to them.

Set-wise: for some indicators of some units at once, as known at an instant.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from warehouse.bulk import chunks, read_frame
from warehouse.schema import approval, correction, finding, receipt, submission, value

Holds = Callable[[sa.FromClause], sa.ColumnElement[bool]]  # whether a row of `submission` counts


FIGURE = ["number", "numerator", "denominator", "state", "status", "qualifier"]
KEY = ["unit", "period", "indicator"]


def values_behind(
    connection: Connection,
    indicators: Collection[str],
    units: Collection[str],
    last: Mapping[str, int],
    counts: Holds | None = None,
) -> pd.DataFrame:
    """What the current versions say of some indicators of some units, and where each value first came from.

    last: kind of period → the index of its last period. counts: which rows of `submission` count (by default all).
    Columns: indicator, unit, period, kind, at (the period's index), version, submission, FIGURE, note, reason,
    origin_version and origin_submission (those that gave the value: an earlier version where it was carried), origin
    ('' a return, import, correction), receipt, source, sender, path, sha256, received_at, recorded_at.
    """
    within = [(submission.c.kind == kind) & (submission.c.number <= number) for kind, number in last.items()]
    chosen = _current(counts).where(sa.or_(*within)).subquery("chosen")
    columns = (chosen.c[name] for name in ("unit", "period", "kind", "at", "version", "submission"))
    figures = (value.c[name] for name in ("indicator", *FIGURE, "note", "reason"))
    origin = submission.alias("origin")
    rows = (
        sa.select(
            *columns,
            *figures,
            origin.c.version.label("origin_version"),
            origin.c.id.label("origin_submission"),
            origin.c.origin,
            *(origin.c[name] for name in ("receipt", "received_at", "recorded_at")),
            *(receipt.c[name] for name in ("source", "sender", "path", "sha256")),
        )
        .select_from(chosen)
        .join(value, value.c.submission == chosen.c.submission)
        .join(origin, _gave(origin, chosen))
        .join(receipt, receipt.c.id == origin.c.receipt)
        .where(value.c.indicator.in_(set(indicators)))
    )
    found = [read_frame(connection, rows.where(chosen.c.unit.in_(some))) for some in chunks(set(units))]
    return pd.concat(found, ignore_index=True) if found else read_frame(connection, rows.where(sa.false()))


def _current(counts: Holds | None) -> sa.Select[Any]:
    """The newest version of each (unit, period) among those that count."""
    later = submission.alias("later")
    newer = sa.select(sa.literal(1)).where(
        later.c.period == submission.c.period,
        later.c.unit == submission.c.unit,
        later.c.version > submission.c.version,
    )
    columns = (submission.c.unit, submission.c.period, submission.c.kind, submission.c.version)
    rows = sa.select(*columns, submission.c.number.label("at"), submission.c.id.label("submission"))
    if counts is not None:
        newer, rows = newer.where(counts(later)), rows.where(counts(submission))
    return rows.where(~sa.exists(newer.correlate(submission)))


def corrections_of(
    connection: Connection, submissions: Collection[int], as_of: datetime | None = None
) -> pd.DataFrame:
    """The office's corrections that made the given versions: all columns of the table, oldest first."""
    return _of_submissions(connection, correction, submissions, as_of)


def approvals_of(
    connection: Connection, submissions: Collection[int], as_of: datetime | None = None
) -> pd.DataFrame:
    """What was decided about the given versions: all columns of the table, oldest first."""
    return _of_submissions(connection, approval, submissions, as_of)


def _of_submissions(
    connection: Connection, table: sa.Table, submissions: Collection[int], as_of: datetime | None
) -> pd.DataFrame:
    rows = sa.select(table).order_by(table.c.id)
    if as_of is not None:
        rows = rows.where(table.c.recorded_at <= as_of)
    ids = {int(each) for each in submissions}
    found = [read_frame(connection, rows.where(table.c.submission.in_(some))) for some in chunks(ids)]
    return pd.concat(found, ignore_index=True) if found else read_frame(connection, rows.where(sa.false()))


def findings_of(
    connection: Connection, receipts: Collection[int], indicators: Collection[str]
) -> pd.DataFrame:
    """What was found in the rows of some indicators in some files: all columns of the table."""
    rows = sa.select(finding).where(finding.c.indicator.in_(set(indicators)))
    rows = rows.order_by(finding.c.receipt, finding.c.ordinal)
    ids = {int(each) for each in receipts}
    found = [read_frame(connection, rows.where(finding.c.receipt.in_(some))) for some in chunks(ids)]
    return pd.concat(found, ignore_index=True) if found else read_frame(connection, rows.where(sa.false()))


def recorded_since(connection: Connection, since: datetime) -> pd.DataFrame:
    """kind, number (a period's index) and last (instant) of what was recorded after an instant, one row a period."""
    columns = (submission.c.kind, submission.c.number)
    rows = sa.select(*columns, sa.func.max(submission.c.recorded_at).label("last"))
    return read_frame(connection, rows.where(submission.c.recorded_at > since).group_by(*columns))


CHANGED_COLUMNS = [
    *KEY, *FIGURE, *(f"{name}_before" for name in FIGURE), "version", "version_before", "origin", "note",
    "reason", "received_at", "recorded_at", "recorded_by",
]  # fmt: skip


def changed_values(
    connection: Connection,
    since: datetime,
    until: datetime,
    last: Mapping[str, int],
    counted: Callable[[datetime], Holds],
) -> pd.DataFrame:
    """What counts at `until` otherwise than at `since`, one row a value (CHANGED_COLUMNS).

    last: kind of period → the index of its last period. counted: which versions count at an instant. `…_before` is
    what counted then, version_before its version (NaN: there was none); note is the unit's own, reason and recorded_by
    those of the office's correction, if it is one.
    """
    now = _values_of(connection, _touched(since, until, last, counted(until)))
    then = _values_of(connection, _touched(since, until, last, counted(since)))[[*KEY, *FIGURE, "version"]]
    both = now.merge(then, on=KEY, how="left", suffixes=("", "_before"))
    same = pd.Series(True, index=both.index)
    for name in ("number", "numerator", "denominator", "state"):
        left, right = both[name], both[f"{name}_before"]
        same &= (left == right) | (left.isna() & right.isna())
    changed = both[~same]
    key = ["submission", "indicator"]
    made = corrections_of(connection, changed.submission).drop_duplicates(key, keep="last")
    told = changed.merge(made[[*key, "reason", "recorded_by"]], on=key, how="left")
    texts = {name: told[name].fillna("") for name in ("reason", "recorded_by", "state_before")}
    return told.assign(**texts)[CHANGED_COLUMNS]


def _touched(since: datetime, until: datetime, last: Mapping[str, int], counts: Holds) -> sa.Select[Any]:
    """The versions that count, of those (unit, period) of which something was recorded or decided in between."""
    other = submission.alias("other")
    decided = sa.exists(
        sa.select(sa.literal(1)).where(
            approval.c.submission == other.c.id,
            approval.c.recorded_at > since,
            approval.c.recorded_at <= until,
        ).correlate(other)
    )  # fmt: skip
    is_fresh = (other.c.recorded_at > since) & (other.c.recorded_at <= until)
    same = (other.c.period == submission.c.period) & (other.c.unit == submission.c.unit)
    is_touched = sa.exists(sa.select(sa.literal(1)).where(same, is_fresh | decided).correlate(submission))
    within = [(submission.c.kind == kind) & (submission.c.number <= number) for kind, number in last.items()]
    return _current(counts).where(is_touched, sa.or_(*within))


def _values_of(connection: Connection, versions: sa.Select[Any]) -> pd.DataFrame:
    """KEY, version, FIGURE and note of what some versions say, and of the versions that gave it: submission, origin,
    received_at, recorded_at.
    """
    chosen, origin = versions.subquery("chosen"), submission.alias("origin")
    rows = (
        sa.select(
            *(chosen.c[name] for name in ("unit", "period", "version")),
            *(value.c[name] for name in ("indicator", *FIGURE, "note")),
            origin.c.id.label("submission"),
            *(origin.c[name] for name in ("origin", "received_at", "recorded_at")),
        )
        .select_from(chosen)
        .join(value, value.c.submission == chosen.c.submission)
        .join(origin, _gave(origin, chosen))
    )
    return read_frame(connection, rows)


def _gave(origin: sa.FromClause, chosen: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a version is the one that gave a value: the chosen one, or that from which it was carried."""
    given = sa.func.coalesce(value.c.carried_from, chosen.c.version)
    same = (origin.c.period == chosen.c.period) & (origin.c.unit == chosen.c.unit)
    return same & (origin.c.version == given)

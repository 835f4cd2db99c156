"""The audit held against what it tells of: each row that must have an entry, each entry that must have its row.

The chain alone cannot show that its last rows were cut off, or that it was grown anew; the tables it speaks of can.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.approvals import ACTS
from warehouse.audit_log import problems
from warehouse.bulk import read_frame
from warehouse.intake_rows import ACTIONS, REFUSED
from warehouse.plan_store import stored_digest
from warehouse.schema import (
    APPEND_ONLY,
    approval,
    backdating,
    correction,
    officer_judgement,
    period_act,
    plan_version,
    receipt,
    report,
    submission,
    value,
)
from warehouse.seals import value_seals

UNTOLD, GONE, DIFFERS, ALTERED, UNGUARDED = "untold", "gone", "differs", "altered", "unguarded"

KEY = ["action", "subject", "at"]
SUBMISSIONS_A_TURN = 2_000  # whose values are read together: those of some 800 000 cells

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Witness:
    """A table whose rows the audit tells of, one entry a row.

    rows: what is in the table; columns id, KEY and those of `content`. said: an entry's content, in the same order;
    what an entry leaves out (None) is not compared.
    """

    table: str
    actions: tuple[str, ...]
    rows: sa.Select[Any]
    content: tuple[str, ...]
    said: Callable[[Row], tuple[Any, ...]]


def _of_json(*names: str) -> Callable[[Row], tuple[Any, ...]]:
    """The content that an entry's `after` gives under some names."""

    def said(entry: Row) -> tuple[Any, ...]:
        after = _parsed(entry["after"])
        return tuple(after.get(name) for name in names)

    return said


def _parsed(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _instant(text: str) -> Any:
    """The instant that a text names; the text itself if it names none."""
    try:
        return pd.Timestamp(datetime.fromisoformat(text)).tz_convert("UTC")
    except (ValueError, TypeError):
        return text


def _received_at(entry: Row) -> Any:
    """When a return was received, as its entry says; None where it says nothing of it."""
    said = _parsed(entry["after"]).get("received_at")
    return None if said is None else _instant(said)


def _joined(*texts: Any) -> sa.ColumnElement[str]:
    """Texts of columns with a blank between them."""
    said: sa.ColumnElement[str] = sa.cast(texts[0], sa.Text)
    for text in texts[1:]:
        said = said + sa.literal(" ") + sa.cast(text, sa.Text)
    return sa.func.trim(said, type_=sa.Text)


def _actions(origin: sa.Column[Any]) -> sa.ColumnElement[str]:
    return sa.case(*((origin == word, action) for word, action in ACTIONS.items()), else_=ACTIONS[""])


WITNESSES: list[Witness] = [
    Witness(
        "submission",
        tuple(ACTIONS.values()),
        sa.select(
            submission.c.id,
            _actions(submission.c.origin).label("action"),
            _joined(submission.c.unit, submission.c.period).label("subject"),
            submission.c.recorded_at.label("at"),
            submission.c.version,
            submission.c.verdict,
            receipt.c.sha256,
            submission.c.received_at,
            receipt.c.sender,
        ).join_from(submission, receipt),
        ("version", "verdict", "sha256", "received_at", "sender"),
        lambda entry: (
            *_of_json("version", "verdict", "sha256")(entry),
            _received_at(entry),
            entry["actor"] if entry["action"] == ACTIONS[""] else None,
        ),
    ),
    Witness(
        "receipt",
        ("refuse",),
        sa.select(
            receipt.c.id,
            sa.literal("refuse", sa.Text).label("action"),
            receipt.c.path.label("subject"),
            receipt.c.recorded_at.label("at"),
            receipt.c.sender,
            receipt.c.sha256,
        ).where(receipt.c.verdict == REFUSED),
        ("sender", "sha256"),
        lambda entry: (entry["actor"], *_of_json("sha256")(entry)),
    ),
    Witness(
        "plan_version",
        ("plan_load",),
        sa.select(
            plan_version.c.version.label("id"),
            sa.literal("plan_load", sa.Text).label("action"),
            _joined(sa.literal("plan_version", sa.Text), plan_version.c.version).label("subject"),
            plan_version.c.loaded_at.label("at"),
            plan_version.c.loaded_by,
            plan_version.c.digest,
        ),
        ("loaded_by", "digest"),
        lambda entry: (entry["actor"], entry["after"]),
    ),
    Witness(
        "backdating",
        ("backdate",),
        sa.select(
            backdating.c.id,
            sa.literal("backdate", sa.Text).label("action"),
            _joined(backdating.c.sender, backdating.c.path).label("subject"),
            backdating.c.recorded_at.label("at"),
            backdating.c.recorded_by,
            backdating.c.reason,
            backdating.c.received_at,
        ),
        ("recorded_by", "reason", "received_at"),
        lambda entry: (entry["actor"], entry["reason"], _instant(entry["after"])),
    ),
    Witness(
        "report",
        ("issue",),
        sa.select(
            report.c.id,
            sa.literal("issue", sa.Text).label("action"),
            _joined(report.c.period, report.c.kind, report.c.unit).label("subject"),
            report.c.issued_at.label("at"),
            report.c.version,
            report.c.sha256,
        ),
        ("version", "sha256"),
        _of_json("version", "sha256"),
    ),
    Witness(
        "period_act",
        ("period lock", "period unlock", "period waive"),
        sa.select(
            period_act.c.id,
            _joined(sa.literal("period", sa.Text), period_act.c.act).label("action"),
            _joined(period_act.c.period, period_act.c.unit).label("subject"),
            period_act.c.recorded_at.label("at"),
            period_act.c.recorded_by,
            period_act.c.reason,
            sa.cast(period_act.c.expires, sa.Text).label("expires"),
        ),
        ("recorded_by", "reason", "expires"),
        lambda entry: (entry["actor"], entry["reason"], _parsed(entry["after"]).get("expires") or ""),
    ),
    Witness(
        "approval",
        tuple(f"submission {act}" for act in ACTS),
        sa.select(
            approval.c.id,
            _joined(sa.literal("submission", sa.Text), approval.c.act).label("action"),
            _joined(submission.c.unit, submission.c.period).label("subject"),
            approval.c.recorded_at.label("at"),
            approval.c.recorded_by,
            approval.c.reason,
            submission.c.version,
            approval.c.document,
        ).join_from(approval, submission),
        ("recorded_by", "reason", "version", "document"),
        lambda entry: (entry["actor"], entry["reason"], *_of_json("version", "document")(entry)),
    ),
    Witness(
        "correction",
        ("correct figure",),
        sa.select(
            correction.c.id,
            sa.literal("correct figure", sa.Text).label("action"),
            _joined(submission.c.unit, submission.c.period, correction.c.indicator, correction.c.field).label(
                "subject"
            ),
            correction.c.recorded_at.label("at"),
            correction.c.recorded_by,
            correction.c.was,
            correction.c.now,
            correction.c.reason,
        ).join_from(correction, submission),
        ("recorded_by", "was", "now", "reason"),
        lambda entry: (entry["actor"], entry["before"], entry["after"], entry["reason"]),
    ),
    Witness(
        "officer_judgement",
        ("judge",),
        sa.select(
            officer_judgement.c.id,
            sa.literal("judge", sa.Text).label("action"),
            _joined(
                officer_judgement.c.kind,
                officer_judgement.c.indicator,
                sa.case((officer_judgement.c.unit == "", "*"), else_=officer_judgement.c.unit),
                officer_judgement.c.period,
            ).label("subject"),
            officer_judgement.c.recorded_at.label("at"),
            officer_judgement.c.recorded_by,
            officer_judgement.c.verdict,
            officer_judgement.c.reason,
            officer_judgement.c.author,
        ),
        ("recorded_by", "verdict", "reason", "author"),
        lambda entry: (entry["actor"], *_of_json("verdict", "reason", "author")(entry)),
    ),
]


def mismatches(connection: Connection, entries: pd.DataFrame) -> pd.DataFrame:
    """Where the audit's entries and the warehouse's rows do not say the same (`audit_log.PROBLEM_COLUMNS`).

    untold: a row without its entry; gone: an entry without its row; differs: both are there, and say different things
    (`detail`: which columns); altered: values or plan tables are not those that were sealed; unguarded: the database
    does not refuse changes of a table any more.
    """
    matched = [_matched(connection, witness, entries) for witness in WITNESSES]
    sealed = [_altered_plans(connection), _altered_values(connection, entries)]
    return problems(pd.concat([*matched, *sealed, _unguarded(connection)]))


def _matched(connection: Connection, witness: Witness, entries: pd.DataFrame) -> pd.DataFrame:
    """The witness's rows and the entries that tell of them, paired in their order."""
    rows = read_frame(connection, witness.rows).sort_values("id").rename(columns={"id": "of"})
    own = entries[entries.action.isin(witness.actions)].rename(columns={"id": "row"})
    content = [witness.said(entry) for entry in own.to_dict("records")]
    own = own[[*KEY, "row"]].assign(said=pd.Series(content, index=own.index, dtype=object))
    is_there = list(rows[list(witness.content)].itertuples(index=False, name=None))
    rows = rows[[*KEY, "of"]].assign(is_there=pd.Series(is_there, index=rows.index, dtype=object))
    both = _in_turn(rows).merge(_in_turn(own), on=[*KEY, "turn"], how="outer")
    told = both.of.notna() & both.row.notna()
    code = pd.Series(GONE, index=both.index).mask(both.row.isna(), UNTOLD).mask(told, "")
    pairs = zip(both.is_there[told], both.said[told], strict=True)
    differing = pd.Series([_differing(witness.content, *pair) for pair in pairs], index=both.index[told])
    detail = differing.reindex(both.index).fillna("")
    code = code.mask(detail != "", DIFFERS)
    return both.assign(table=_named(witness.table, both.of), code=code, detail=detail)[code != ""]


def _in_turn(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their number among those of the same key."""
    return rows.assign(turn=rows.groupby(KEY).cumcount())


def _differing(names: Iterable[str], is_there: Iterable[Any], said: Iterable[Any]) -> str:
    pairs = zip(names, is_there, said, strict=True)
    return ", ".join(name for name, now, then in pairs if then is not None and now != then)


def _named(table: str, ids: pd.Series) -> list[str]:
    """`submission 12`; the table alone where its row is not there."""
    return [table if pd.isna(number) else f"{table} {int(number)}" for number in ids]


def _altered_plans(connection: Connection) -> pd.DataFrame:
    """Plan versions whose tables are not those that were loaded."""
    versions = read_frame(connection, sa.select(plan_version))
    versions = versions.assign(at=versions.loaded_at, subject=_named("plan_version", versions.version))
    found = [stored_digest(connection, int(version)) for version in versions.version]
    return versions[versions.digest != found].assign(table=lambda rows: rows.subject, code=ALTERED)


def _altered_values(connection: Connection, entries: pd.DataFrame) -> pd.DataFrame:
    """Submissions whose values are not those that were sealed with them; those sealed by no entry are left out."""
    own = entries[entries.action.isin(ACTIONS.values())]
    after = [_parsed(text) for text in own.after]
    told = {"version": "version", "sealed": "values"}
    given = {name: pd.Series([each.get(word) for each in after], own.index) for name, word in told.items()}
    said = own[["subject"]].assign(**given)
    rows = read_frame(
        connection,
        sa.select(
            submission.c.id,
            _joined(submission.c.unit, submission.c.period).label("subject"),
            submission.c.version,
            submission.c.recorded_at.label("at"),
        ).order_by(submission.c.id),
    )
    sealed = rows.merge(said.dropna().drop_duplicates(["subject", "version"]), on=["subject", "version"])
    wrong = [
        some[some.sealed != [seals.get(number, "") for number in some.id]]
        for some in (
            sealed.iloc[n : n + SUBMISSIONS_A_TURN] for n in range(0, len(sealed), SUBMISSIONS_A_TURN)
        )
        for seals in [_seals_between(connection, int(some.id.min()), int(some.id.max()))]
    ]
    found = pd.concat([sealed.iloc[:0], *wrong])
    return found.assign(table=_named("submission", found.id), code=ALTERED)


def _seals_between(connection: Connection, first: int, last: int) -> dict[int, str]:
    return value_seals(
        read_frame(connection, sa.select(value).where(value.c.submission.between(first, last)))
    )


def _unguarded(connection: Connection) -> pd.DataFrame:
    """Tables whose rows the database would let anybody change."""
    guards = _guards(connection)
    missing = [table for table, names in _GUARDS[connection.dialect.name].items() if not names <= guards]
    return pd.DataFrame({"table": missing}).assign(code=UNGUARDED)


_GUARDS = {
    "sqlite": {table: {f"{table}_refuses_update", f"{table}_refuses_delete"} for table in APPEND_ONLY},
    "postgresql": {table: {f"{table}_refuses_change"} for table in APPEND_ONLY},
}


def _guards(connection: Connection) -> set[str]:
    """The names of the triggers that are there and at work."""
    statement = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
    }[connection.dialect.name]
    return set(connection.exec_driver_sql(statement).scalars())

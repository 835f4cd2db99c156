"""The outbox: what is to be sent, once for each dedupe key, and what became of every attempt.

pending → sending → sent, failed, unknown, or pending again. A row that a dead run left `sending` may or may
not have gone out: it becomes `unknown`, which the office is shown, and is never sent again by itself.
"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from tiendo.errors import TiendoError
from warehouse.bulk import chunks, insert_frame, next_id, read_frame
from warehouse.connecting import reading, writing
from warehouse.schema import delivery, outbox

STATES = ("pending", "sending", "sent", "failed", "unknown")
# A living run settles each row within a channel's time-outs; later than this nobody is left to settle it.
LEASE = timedelta(minutes=10)


def enqueue(connection: Connection, messages: pd.DataFrame) -> int:
    """Put messages (columns of the outbox; created_at and dedupe_key needed) into the outbox, in the caller's
    `writing` transaction.

    A dedupe key that is there already is passed over, whatever the rest says. Returns how many were new.
    """
    if messages.empty:
        return 0
    fresh = messages.drop_duplicates("dedupe_key")
    fresh = fresh[~fresh.dedupe_key.isin(known_keys(connection, fresh.dedupe_key))]
    first = next_id(connection, outbox)
    rows = fresh.drop(columns=["id"], errors="ignore").assign(id=range(first, first + len(fresh)))
    if "attachments" in rows:
        rows["attachments"] = [_as_json(paths) for paths in rows.attachments]
    insert_frame(connection, outbox, rows)
    return len(rows)


def claim(engine: Engine, limit: int, now: datetime, lease: timedelta = LEASE) -> pd.DataFrame:
    """Take up to `limit` messages that are due (urgent first, then oldest): each goes to one caller only.

    Rows that were claimed longer than `lease` ago and never settled become `unknown`. Returns the rows taken,
    with all columns of the outbox (attachments as JSON text); their state is `sending`.
    """
    due = sa.or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now)
    chosen = (
        sa.select(outbox)
        .where(outbox.c.state == "pending", due)
        .order_by(outbox.c.urgent.desc(), outbox.c.id)
        .limit(limit)
    )
    with writing(engine) as connection:
        _give_up(connection, now - lease, now)
        taken = read_frame(connection, chosen)
        ids = [int(each) for each in taken.id]
        mark = sa.update(outbox).where(outbox.c.id.in_(ids)).values(state="sending", claimed_at=now)
        connection.execute(mark)
    return taken.assign(state="sending")


def settle(
    engine: Engine,
    outbox_id: int,
    state: str,
    outcome: str,
    detail: str,
    at: datetime,
    not_before: datetime | None = None,
) -> None:
    """Note what became of an attempt, and the message's state: sent, failed, unknown, or pending to be tried
    again from `not_before` on.

    Raises TiendoError if the message was not being sent.
    """
    assert state in STATES, state
    taken = sa.and_(outbox.c.id == outbox_id, outbox.c.state.in_(("sending", "unknown")))
    changes: dict[str, Any] = {
        "state": state,
        "attempts": outbox.c.attempts + 1,
        "not_before": not_before,
        "sent_at": at if state == "sent" else None,
    }
    with writing(engine) as connection:
        if connection.execute(sa.update(outbox).where(taken).values(changes)).rowcount != 1:
            raise TiendoError(f"thư {outbox_id} trong hộp thư đi không ở trạng thái đang gửi")
        _note(connection, [outbox_id], outcome, detail, at)


def pending(engine: Engine) -> pd.DataFrame:
    """Messages that wait to be sent, oldest first."""
    return in_state(engine, ["pending"])


def in_state(engine: Engine, states: Collection[str]) -> pd.DataFrame:
    """Messages in any of the states, oldest first, with all columns of the outbox."""
    with reading(engine) as connection:
        return read_frame(
            connection, sa.select(outbox).where(outbox.c.state.in_(states)).order_by(outbox.c.id)
        )


def of_kind(engine: Engine, kind: str, period: str | None = None) -> pd.DataFrame:
    """Messages of a kind (about a period), whatever became of them, oldest first, with all columns of the outbox."""
    rows = sa.select(outbox).where(outbox.c.kind == kind).order_by(outbox.c.id)
    if period is not None:
        rows = rows.where(outbox.c.period == period)
    with reading(engine) as connection:
        return read_frame(connection, rows)


def known_keys(connection: Connection, keys: pd.Series) -> set[str]:
    """Those of the dedupe keys that are in the outbox already."""
    found: set[str] = set()
    for some in chunks(keys):
        found |= set(connection.scalars(sa.select(outbox.c.dedupe_key).where(outbox.c.dedupe_key.in_(some))))
    return found


def _give_up(connection: Connection, claimed_before: datetime, now: datetime) -> None:
    left = sa.and_(outbox.c.state == "sending", outbox.c.claimed_at <= claimed_before)
    lost = [int(each) for each in connection.scalars(sa.select(outbox.c.id).where(left))]
    if not lost:  # as nearly always, and asked before each message
        return
    changes = {"state": "unknown", "attempts": outbox.c.attempts + 1}
    connection.execute(sa.update(outbox).where(left).values(changes))
    _note(connection, lost, "unknown", "lượt gửi dừng giữa chừng, không rõ thư đã đi hay chưa", now)


def _note(connection: Connection, ids: list[int], outcome: str, detail: str, at: datetime) -> None:
    attempts = sa.select(outbox.c.id.label("outbox"), outbox.c.attempts.label("attempt"))
    rows = read_frame(connection, attempts.where(outbox.c.id.in_(ids)).order_by(outbox.c.id))
    first = next_id(connection, delivery)
    rows = rows.assign(id=range(first, first + len(rows)), at=at, outcome=outcome, detail=detail)
    insert_frame(connection, delivery, rows)


def _as_json(paths: object) -> str:
    return paths if isinstance(paths, str) else json.dumps(list(paths), ensure_ascii=False)  # type: ignore[call-overload]

"""The audit: who did what, when and why, each row sealed by a hash over it and the row before.

The database refuses to change or delete a row (triggers, in `migrations/`); the chain shows it if one was.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from warehouse.bulk import insert_frame, next_id
from warehouse.connecting import reading
from warehouse.schema import audit


@dataclass(frozen=True)
class Entry:
    """One thing done. `before` and `after` are texts (JSON where there is more than one word to say)."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: str = ""
    after: str = ""
    reason: str = ""

    def sealed(self, previous: str) -> str:
        """SHA-256 (hex) over the hash of the row before and this entry as canonical JSON."""
        content = vars(self) | {"at": self.at.astimezone(UTC).isoformat(timespec="microseconds")}
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256((previous + canonical).encode()).hexdigest()


def append(
    connection: Connection,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    *,
    before: str = "",
    after: str = "",
    reason: str = "",
) -> None:
    """Add one entry, in the caller's `writing` transaction: it stands if what it tells of stands."""
    append_all(connection, [Entry(at, actor, action, subject, before, after, reason)])


def append_all(connection: Connection, entries: Iterable[Entry]) -> None:
    """Add entries in their order, in the caller's `writing` transaction."""
    first = next_id(connection, audit)
    last = sa.select(audit.c.hash).where(audit.c.id == first - 1)
    previous = connection.execute(last).scalar() or ""
    rows = []
    for number, entry in enumerate(entries, start=first):
        seal = entry.sealed(previous)
        rows.append(vars(entry) | {"id": number, "previous_hash": previous, "hash": seal})
        previous = seal
    insert_frame(connection, audit, pd.DataFrame(rows))


def broken_links(engine: Engine) -> list[int]:
    """Ids of the rows that are not what was written, or that follow a row which is not there any more."""
    broken, previous, expected = [], "", 1
    with reading(engine) as connection:
        for row in connection.execute(sa.select(audit).order_by(audit.c.id)):
            entry = Entry(row.at, row.actor, row.action, row.subject, row.before, row.after, row.reason)
            is_next = row.id == expected and row.previous_hash == previous
            if not is_next or row.hash != entry.sealed(row.previous_hash):
                broken.append(int(row.id))
            previous, expected = row.hash, row.id + 1
    return broken

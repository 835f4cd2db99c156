"""The audit: who did what, when and why, each row sealed by a hash over it and the row before.

The database refuses to change or delete a row (triggers, in `migrations/`); the chain shows it if one was
(`chain_problems`), and what the rows tell of shows what the chain alone cannot (`audit_matching`).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from warehouse.bulk import insert_frame, next_id, read_frame
from warehouse.connecting import reading
from warehouse.schema import audit

EDITED, UNLINKED, MISSING = "edited", "unlinked", "missing"
PROBLEM_COLUMNS = ["row", "table", "at", "subject", "code", "detail"]


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
        content = vars(self) | {"at": instant_text(self.at)}
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256((previous + canonical).encode()).hexdigest()


def instant_text(at: datetime) -> str:
    """An instant as it is sealed and exported: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


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


def read_entries(connection: Connection) -> pd.DataFrame:
    """The whole audit in its order: all columns of the table."""
    return read_frame(connection, sa.select(audit).order_by(audit.c.id))


def chain_problems(entries: pd.DataFrame) -> pd.DataFrame:
    """What is wrong with the chain of `read_entries` (PROBLEM_COLUMNS, by row).

    edited: a row is not what was written; unlinked: it does not follow the row before it; missing: rows before it are
    not there (`detail`: their ids). A tail cut off, or grown anew by somebody who can reckon hashes, is no break of the
    chain: what the rows tell of shows it, or a hash that was written down elsewhere.
    """
    before = entries.id.shift(fill_value=0)
    is_gap = entries.id > before + 1
    wrong = {
        EDITED: entries.hash != _seals(entries),
        UNLINKED: ~is_gap & (entries.previous_hash != entries.hash.shift(fill_value="")),
        MISSING: is_gap,
    }
    gaps = [_range(int(last) + 1, int(row) - 1) for last, row in zip(before, entries.id, strict=True)]
    told = entries.assign(table="audit", row=entries.id, detail=gaps)
    return problems(pd.concat([told[those].assign(code=code) for code, those in wrong.items()]))


def _range(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}–{last}"


def problems(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as a frame of problems (PROBLEM_COLUMNS), by the id of the audit's row where they have one."""
    texts = ["table", "subject", "code", "detail"]
    full = rows.reindex(columns=PROBLEM_COLUMNS).astype(dict.fromkeys(texts, object))
    full = full.fillna(dict.fromkeys(texts, ""))
    return full.sort_values("row", kind="stable", na_position="last", ignore_index=True)


def _seals(entries: pd.DataFrame) -> list[str]:
    """The hash that each row must have, given what it says and the hash that it says it follows."""
    names = ("at", "actor", "action", "subject", "before", "after", "reason")
    rows = zip(*(entries[name] for name in names), entries.previous_hash, strict=True)
    return [Entry(*row[:-1]).sealed(row[-1]) for row in rows]


def broken_links(engine: Engine) -> list[int]:
    """Ids of the rows that are not what was written, or that follow a row which is not there any more."""
    with reading(engine) as connection:
        broken = chain_problems(read_entries(connection)).row
    return [int(row) for row in np.unique(broken)]

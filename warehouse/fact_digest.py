"""A digest of the fact side, to tell whether two warehouses hold the same facts."""

import hashlib

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from warehouse.bulk import read_frame
from warehouse.connecting import reading
from warehouse.schema import finding, outbox, receipt, submission, value

# Ids and the moment of recording differ between two runs over the same files; nothing else may.
_OWN = ("id", "recorded_at", "receipt", "submission", "supersedes")


def digest(engine: Engine) -> str:
    """SHA-256 of all receipts, submissions, values, findings and dedupe keys, in whatever order they came.

    Without ids and recorded_at, so that a run killed and made again compares with an undisturbed one.
    """
    content = hashlib.sha256()
    with reading(engine) as connection:
        for name, statement in _parts().items():
            rows = read_frame(connection, statement).itertuples(index=False, name=None)
            content.update(name.encode())
            content.update("\n".join(sorted(map(repr, rows))).encode())
    return content.hexdigest()


def _parts() -> dict[str, sa.Select[tuple[object, ...]]]:
    stamp = (receipt.c.sha256, receipt.c.sender, receipt.c.stamp)
    place = (submission.c.unit, submission.c.period, submission.c.version)
    return {
        "receipt": sa.select(*_content(receipt)),
        "submission": sa.select(*stamp, *_content(submission)).join_from(submission, receipt),
        "value": sa.select(*place, *_content(value)).join_from(value, submission),
        "finding": sa.select(*stamp, *_content(finding)).join_from(finding, receipt),
        "outbox": sa.select(outbox.c.dedupe_key),
    }


def _content(table: sa.Table) -> list[sa.Column[object]]:
    return [column for column in table.c if column.name not in _OWN]

"""Who was told of an issued report, and the lines in which its changes are told."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tasks.office.workspace import Workspace
from tasks.post.messages import form_of
from tasks.post.recipients import Directory, Recipient
from tiendo.wording import short_number
from warehouse.outbox_store import of_kind

ISSUED = "review_issued"
MOST_LINES = 10

NOTHING = "–"


def told_of(workspace: Workspace, path: str, directory: Directory) -> list[Recipient]:
    """Those to whom a report (its path below the workspace) was announced, each once."""
    sent = of_kind(workspace.engine, ISSUED)
    sent = sent[sent.attachments == json.dumps([path], ensure_ascii=False)]
    people: dict[str, Recipient] = {}
    for row in sent.to_dict("records"):
        people.setdefault(row["recipient"], _recipient(row, directory))
    return list(people.values())


def _recipient(row: Mapping[Any, Any], directory: Directory) -> Recipient:
    """The person as the plan has them now; one who is not in it any more, at the address written to then."""
    code, channel = row["recipient"], row["channel"]
    if code in directory.people:
        return directory.people[code]
    address = {"phone" if form_of(channel) == "sms" else "email": row["address"]}
    return Recipient(code, directory.unit_name(code), channels=(channel,), **address)


def change_lines(rows: pd.DataFrame) -> list[dict[str, object]]:
    """The changes to be told (rows of report_changes), at most MOST_LINES: code, name, change, bands, causes (words)."""
    return [_line(row) for row in rows.head(MOST_LINES).to_dict("records")]


def _line(row: Mapping[Any, Any]) -> dict[str, object]:
    before, now = (_figure(row[name]) for name in ("actual_before", "actual"))
    moved = row["kind"] == "moved"
    return {
        "code": row["code"],
        "name": row["name"],
        "change": "" if before == now else f"{before} → {now}",
        "band_before": row["band_before"] if moved else "",
        "band": row["band"] if moved else "",
        "causes": row["causes"].replace("\n", "; "),
    }


def _figure(number: float) -> str:
    return NOTHING if pd.isna(number) else short_number(number)

"""A batch's frames made into rows of the fact tables, once the ids are known."""

import json
from collections.abc import Mapping

import pandas as pd

from warehouse.audit_log import Entry, instant_text
from warehouse.seals import value_seals

REFUSED = "rejected"


def of_files(rows: pd.DataFrame, receipt_of: pd.Series) -> pd.DataFrame:
    """The rows of the files that are recorded now, each with its receipt's id."""
    return rows[rows.file.isin(receipt_of.index)].assign(receipt=lambda own: own.file.map(receipt_of))


def placed(values: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """The values with their submission's id, in the order in which the table keeps them."""
    by = ["file", "unit", "period"] if "unit" in values else ["file", "period"]
    ids = submissions.rename(columns={"id": "submission"})[[*by, "submission"]]
    rows = values.merge(ids, on=by, how="left", validate="many_to_one")
    assert rows.submission.notna().all(), "a value belongs to no submission of its file"
    return rows.sort_values(["submission", "indicator"])


def numbered(findings: pd.DataFrame) -> pd.DataFrame:
    """The findings, numbered from 1 within each receipt."""
    return findings.assign(ordinal=findings.groupby("receipt").cumcount() + 1)


def answers(messages: pd.DataFrame, receipt_of: pd.Series) -> pd.DataFrame:
    """The messages that answer the files recorded now, or no file at all."""
    if "file" not in messages:
        return messages
    return messages[messages.file.isna() | messages.file.isin(receipt_of.index)]


# How a submission came (its `origin`) → what the audit calls it.
ACTIONS = {"": "submit", "import": "import", "correction": "correct"}


def entries(
    receipts: pd.DataFrame, submissions: pd.DataFrame, findings: pd.DataFrame, values: pd.DataFrame
) -> list[Entry]:
    """One audit entry for each submission and each file that was refused.

    Of a submission: who sent it (`actor` of the receipts, where the sender is nobody), why (`reason`, if given), which
    version it follows, which file it came from and when, and a seal over its values (placed); of a refusal, why.
    """
    files = receipts.set_index("file")
    return [*_refused(receipts, findings), *_submitted(files, submissions, value_seals(values))]


def _refused(receipts: pd.DataFrame, findings: pd.DataFrame) -> list[Entry]:
    refused = receipts[receipts.verdict == REFUSED]
    if refused.empty:
        return []
    codes = findings.drop_duplicates(["file", "code"]).groupby("file").code.agg(list)
    return [
        Entry(
            at=row["recorded_at"],
            actor=str(row["sender"]),
            action="refuse",
            subject=str(row["path"]),
            after=json.dumps({"sha256": row["sha256"], "codes": codes.get(row["file"], [])}),
        )
        for row in refused.to_dict("records")
    ]


def _submitted(files: pd.DataFrame, submissions: pd.DataFrame, seals: Mapping[int, str]) -> list[Entry]:
    actors = files.actor if "actor" in files else files.sender
    reasons = files.reason if "reason" in files else pd.Series("", index=files.index)
    return [
        Entry(
            at=row["recorded_at"],
            actor=str(actors[row["file"]]),
            action=ACTIONS[row.get("origin", "")],
            subject=f"{row['unit']} {row['period']}",
            before=json.dumps({"version": row["version"] - 1}) if row["version"] > 1 else "",
            after=json.dumps(
                {
                    "version": row["version"],
                    "verdict": row["verdict"],
                    "sha256": files.at[row["file"], "sha256"],
                    "received_at": instant_text(row["received_at"]),
                    "values": seals.get(row["id"], ""),
                }
            ),
            reason=str(reasons[row["file"]]),
        )
        for row in submissions.to_dict("records")
    ]

"""Approving: heads of units confirm returns, the office accepts them or sends them back, and who sent them is told."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from tasks.answering import receipt_code
from tasks.approved import submissions_as_judged
from tasks.office.workspace import Workspace
from tasks.post.messages import Letter, compose, desk_of
from tasks.post.recipients import Directory, Recipient
from tasks.reading_figures import obligations_of
from tiendo.approvals import CONFIRMED, OFFICE_ACTS, documents_of, with_office_verdicts
from tiendo.errors import InputError
from tiendo.period_acts import LOCK, UNLOCK
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan_reading import nearest
from tiendo.verdicts import RETURNED
from warehouse.approval_store import approvals_of, current_versions, record_acts, signed_copies
from warehouse.connecting import reading, writing
from warehouse.correction_store import corrections_of
from warehouse.intake_store import submissions_of
from warehouse.outbox_store import enqueue

LIST_COLUMNS = [
    "unit", "period", "version", "verdict", "stage", "received_at", "document", "reason", "by", "origin",
]  # fmt: skip
DONE_COLUMNS = ["unit", "period", "version", "act", "document", "is_new"]
LONGEST_REASON = 400  # characters: so much of a text has room in a letter


@dataclass(frozen=True)
class Word:
    """What is said of returns: an act (`approvals.ACTS`), on which document, why, when and at whose keyboard."""

    act: str
    reason: str
    at: datetime
    by: str
    document: str = ""

    def __post_init__(self) -> None:
        """Raises InputError without a reason, or with one that no letter has room for."""
        if not self.reason.strip():
            raise InputError("thiếu lý do; ghi --reason LÝ_DO để sau này tra lại được")
        if len(self.reason) > LONGEST_REASON:
            raise InputError(
                f"--reason dài {len(self.reason)} chữ; viết gọn trong {LONGEST_REASON} chữ, "
                "phần còn lại gửi riêng cho đơn vị"
            )


def submission_table(workspace: Workspace, period: Period, units: Sequence[str]) -> pd.DataFrame:
    """Every version of the returns for a period (LIST_COLUMNS), of some units or all: how far it has come.

    document: what its confirmation refers to; reason, by: of the last word on it, else of the correction that made it.
    Raises InputError for an unknown unit.
    """
    _refuse_unknown(workspace, units)
    text, chosen = str(period), list(units) or None
    rows = submissions_as_judged(workspace, [text], chosen)
    with reading(workspace.engine) as connection:
        said = approvals_of(connection, [text], chosen)
        corrected = corrections_of(connection, [text]).drop_duplicates("submission")
    confirming = said[said.act == CONFIRMED]
    words = pd.concat([corrected, said])[["submission", "reason", "recorded_by"]]
    document = _last(rows, confirming, "document")
    table = rows.assign(
        document=document.where(document != "", documents_of(rows.about)),
        reason=_last(rows, words, "reason"),
        by=_last(rows, words, "recorded_by"),
    )
    return table.sort_values(["unit", "version"])[LIST_COLUMNS].reset_index(drop=True)


def _last(rows: pd.DataFrame, said: pd.DataFrame, name: str) -> pd.Series:
    """Of each version what was last said of it under a name; "" where nothing was."""
    last = said.drop_duplicates("submission", keep="last").set_index("submission")[name].astype("str")
    return last.reindex(rows.id).fillna("").set_axis(rows.index)


def say(
    workspace: Workspace, period: Period, units: Sequence[str], word: Word, version: int | None = None
) -> pd.DataFrame:
    """Record a word on the current versions of some units' returns, with its audit and letters (DONE_COLUMNS).

    What was said before just so is not said again (`is_new`). version: the one that is meant. Raises InputError, with
    nothing recorded, where a unit has no return for the period, the version is not the current one, or a confirmation
    refers to no document.
    """
    _refuse_unknown(workspace, units)
    limits = _Limits(workspace, period, word.at)
    with writing(workspace.engine) as connection:
        current = current_versions(connection, str(period), units)
        _refuse_absent(current, period, units, version)
        said = approvals_of(connection, [str(period)], units)
        acts = _acts(workspace, connection, current, period, word)
        stages = with_office_verdicts(current, said, workspace.settings.review.approval).stage
        before = zip(current.version.tolist(), stages, strict=True)
        acts = acts.assign(
            is_new=~_is_repeated(acts, said),
            before=[json.dumps({"version": version, "stage": stage}) for version, stage in before],
        )
        fresh = record_acts(connection, acts[acts.is_new])
        if word.act == RETURNED:
            enqueue(connection, _sent_back(workspace, fresh, limits, word))
    return acts[DONE_COLUMNS]


def _refuse_unknown(workspace: Workspace, units: Sequence[str]) -> None:
    known = sorted(set(workspace.current_plan().plan.units.code))
    for unit in units:
        if unit not in known:
            raise InputError(f"--unit {unit!r}: kế hoạch không có đơn vị này; {nearest(unit, known)[:200]}")


def _refuse_absent(current: pd.DataFrame, period: Period, units: Sequence[str], version: int | None) -> None:
    now = dict(zip(current.unit, current.version, strict=True))
    wrong = [f"{unit}: chưa có báo cáo kỳ {period}" for unit in units if unit not in now]
    wrong += [
        f"{unit} {period}: bản {version} không phải bản hiện hành (nay là bản {newest})"
        for unit, newest in now.items()
        if version is not None and newest != version
    ]
    if wrong:
        see = f"xem bằng: tiendo submission list --period {period}"
        raise InputError(f"chưa ghi gì: {'; '.join(wrong)}; {see}")


def _acts(
    workspace: Workspace, connection: Connection, current: pd.DataFrame, period: Period, word: Word
) -> pd.DataFrame:
    """The word as acts on each of the current versions."""
    acts = current[["id", "unit", "period", "version"]].rename(columns={"id": "submission"})
    documents = _documents(workspace, connection, current, period, word)
    return acts.assign(
        act=word.act,
        document=[documents[unit] for unit in acts.unit],
        reason=word.reason.strip(),
        recorded_at=pd.Timestamp(word.at),
        recorded_by=word.by,
    )


def _documents(
    workspace: Workspace, connection: Connection, current: pd.DataFrame, period: Period, word: Word
) -> dict[str, str]:
    """Unit → what the word refers to. A confirmation needs a document: named, told by the sender, or a signed copy."""
    named = word.document.strip()
    if word.act != CONFIRMED:
        return dict.fromkeys(current.unit, named)
    copies = _copies(workspace, signed_copies(connection, current.unit.tolist()), period)
    told = dict(zip(current.unit, documents_of(current.about), strict=True))
    found = {
        unit: copies.get((unit, named.upper()), named) or told[unit] or copies.get((unit, ""), "")
        for unit in current.unit
    }
    if lacking := [unit for unit, document in found.items() if not document]:
        raise InputError(
            f"chưa ghi gì: {', '.join(lacking)} chưa có văn bản đã ký cho kỳ {period}; ghi số văn bản bằng --document, "
            "hoặc nhận bản ký của đơn vị trước"
        )
    return found


def _copies(workspace: Workspace, copies: pd.DataFrame, period: Period) -> dict[tuple[str, str], str]:
    """(unit, receipt's code) → a signed copy's name and code; under code "" the newest that came while it was live."""
    named: dict[tuple[str, str], str] = {}
    deadline = workspace.calendar.deadline(period)
    for copy in copies.to_dict("records"):
        code = receipt_code(copy["sha256"], copy["sender"], copy["stamp"])
        text = f"bản ký {PurePosixPath(copy['path']).name}, mã tiếp nhận {code}"
        named[copy["sender"], code] = text
        if deadline.is_live(workspace.calendar.civil_date(copy["received_at"])):
            named.setdefault((copy["sender"], ""), text)
    return named


def _is_repeated(acts: pd.DataFrame, said: pd.DataFrame) -> pd.Series:
    """Whether the last word of the same sort on a version says just the same."""
    sort = said.act.isin(OFFICE_ACTS)
    last = said[sort if acts.act.isin(OFFICE_ACTS).all() else ~sort].drop_duplicates(
        "submission", keep="last"
    )
    same = acts.merge(
        last, on=["submission", "act", "document", "reason"], how="left", suffixes=("", "_before")
    )
    return pd.Series(same.recorded_by_before.notna().to_numpy(), index=acts.index)


@dataclass(frozen=True)
class _Limits:
    """Until when what is sent back now may be corrected."""

    workspace: Workspace
    period: Period
    now: datetime

    @cached_property
    def _obligations(self) -> pd.DataFrame:
        if self.period.kind not in FREQUENCIES:
            return pd.DataFrame({"unit": []}).set_index("unit")
        plan = self.workspace.current_plan().plan
        today = self.workspace.calendar.civil_date(self.now)
        return obligations_of(self.workspace, plan, [self.period], today).set_index("unit")

    @cached_property
    def _first_received(self) -> pd.Series:
        return (
            submissions_of(self.workspace.engine, periods=[str(self.period)])
            .groupby("unit")
            .received_at.min()
        )

    def of(self, unit: str) -> dict[str, Any]:
        """correct_by (instant: to count as in time; None: it cannot any more), locks (date or None), is_locked."""
        if unit not in self._obligations.index:
            return {"correct_by": None, "locks": None, "is_locked": False}
        row: Any = self._obligations.loc[unit]
        calendar = self.workspace.calendar
        today = calendar.civil_date(self.now)
        is_locked = row.act == LOCK or (row.locks < today and row.act != UNLOCK)
        last = calendar.add_working_days(max(row.due, today), calendar.correction_days)
        came_in_time = self._first_received[unit] <= pd.Timestamp(calendar.due_instant(row.due, row.hour))
        by = calendar.due_instant(last, row.hour) if came_in_time and not is_locked else None
        return {"correct_by": by, "locks": row.locks, "is_locked": is_locked}


def _sent_back(workspace: Workspace, fresh: pd.DataFrame, limits: _Limits, word: Word) -> pd.DataFrame:
    """The outbox rows that tell each unit's reporters and heads what the office says."""
    directory = Directory(workspace.current_plan().plan, workspace.calendar.civil_date(word.at))
    settings = workspace.settings
    desk = desk_of(directory, settings.channels, settings.workspace.locale, settings.workspace.timezone)
    return compose(_letters(fresh, directory, limits), desk, word.at)


def _letters(
    fresh: pd.DataFrame, directory: Directory, limits: _Limits
) -> Iterator[tuple[Letter, Recipient]]:
    for row in fresh.to_dict("records"):
        context = {
            "unit_name": directory.unit_name(row["unit"]),
            "version": row["version"],
            "reason": row["reason"],
            **limits.of(row["unit"]),
        }
        period = Period.parse(row["period"])
        letter = Letter("sent_back", context, unit=row["unit"], period=period, about=f"approval {row['id']}")
        yield from ((letter, recipient) for recipient in directory.answerable(row["unit"]))

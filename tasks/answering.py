"""Answering: what each sender is told of a file, and the marked workbook that goes back with wrong cells."""

import hashlib
import logging
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from tasks.office.workspace import Workspace
from tasks.post.changes import changed_cells
from tasks.post.evidence import returns_beside
from tasks.post.messages import Letter, compose, desk_of
from tasks.post.recipients import Directory, Recipient
from tasks.template.answers import with_entries, write_corrected, write_findings_csv
from tasks.template.asked_rows import asked_rows
from tasks.template.faults_sheet import Fault
from tasks.template.template_words import word
from tasks.templates import Issue, template_sheet
from tasks.validating import Validated
from tiendo.finding_codes import ERROR, WARNING
from tiendo.kinds import BOOKS
from tiendo.periods import Period
from tiendo.verdicts import ACCEPTED, ATTACHED, DUPLICATE, REJECTED, RETURNED, WITH_WARNINGS
from tiendo.versions import replaced

LOG = logging.getLogger(__name__)

RETURNS = "returns"
RECEIPT_LETTERS = 8  # of a receipt's code: short enough to be read out on the telephone

KIND_OF = {
    ACCEPTED: "received",
    WITH_WARNINGS: "received",
    RETURNED: "to_correct",
    REJECTED: "rejected",
    DUPLICATE: "rejected",
    ATTACHED: "rejected",
}

Record = dict[Hashable, Any]


def answered(workspace: Workspace, validated: Validated, now: datetime) -> pd.DataFrame:
    """The outbox rows that answer each file; the workbooks that go back are written, and go with them."""
    directory = Directory(validated.loaded.plan, workspace.calendar.civil_date(now))
    settings = workspace.settings
    desk = desk_of(directory, settings.channels, settings.workspace.locale, settings.workspace.timezone)
    letters = _Letters(workspace, validated, directory, now)
    return compose(letters.addressed(), desk, now)


def receipt_code(sha256: str, sender: str, stamp: str) -> str:
    """The code by which a file received is spoken of; the same however often the file is read."""
    return hashlib.sha256("|".join((sha256, sender, stamp)).encode()).hexdigest()[:RECEIPT_LETTERS].upper()


@dataclass(frozen=True)
class _Letters:
    """The letters that answer a batch."""

    workspace: Workspace
    validated: Validated
    directory: Directory
    now: datetime

    def addressed(self) -> Iterator[tuple[Letter, Recipient]]:
        """One letter a file, to each who reports for its sender; of a sender nobody knows, to the office."""
        known = set(self.validated.loaded.plan.units.code)
        verdicts = self.validated.results.verdict.tolist()
        for file, verdict in zip(self.validated.files.to_dict("records"), verdicts, strict=True):
            sender = file["sender"]
            recipients = self.directory.reporters(sender) if sender in known else self.directory.office
            letter = self._letter(file, verdict)
            yield from ((letter, recipient) for recipient in recipients)

    def _letter(self, file: Record, verdict: str) -> Letter:
        code = receipt_code(file["sha256"], file["sender"], file["stamp"])
        found = self._found.get(file["file"], [])
        submissions = self._submissions.get(file["file"], [])
        period = _closing(submissions)
        attached: tuple[str, ...] = ()
        if period and verdict == RETURNED:
            attached, found = self._attached(file, period, code, found)
        context = {
            "unit_name": self.directory.unit_name(file["sender"]),
            "file": PurePosixPath(file["path"]).name,
            "received_at": file["received_at"].to_pydatetime(),
            "receipt": code,
            "submissions": submissions,
            "changes": self._changes.get(file["file"], []),
            "warnings": [each for each in found if each["severity"] == WARNING],
            "findings": [each for each in found if each["severity"] == ERROR],
            "verdict": verdict,
            "kept_beside": self._beside.get(file["sender"], []) if verdict == ATTACHED else [],
        }
        return Letter(
            KIND_OF[verdict], context, unit=file["sender"], period=period, about=code, attachments=attached
        )

    @cached_property
    def _found(self) -> dict[int, list[Record]]:
        """The findings of each file, with the names of their units and indicators."""
        return _by_file(self._named(self.validated.findings))

    def _named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows (file, unit, indicator) with `name`, the indicator's, and as `unit` the unit's name.

        A unit is named where the row's file speaks for several.
        """
        spoken_for = self.validated.parts.groupby("file").unit.nunique()
        shown = rows.unit.where(rows.file.isin(spoken_for.index[spoken_for > 1]), "")
        units = {unit: self.directory.unit_name(unit) for unit in shown.unique() if unit}
        names = self.validated.loaded.plan.indicators["name"].to_dict()
        named = {"unit": [units.get(unit, "") for unit in shown]}
        return rows.assign(**named, name=[names.get(code, "") for code in rows.indicator])

    @cached_property
    def _submissions(self) -> dict[int, list[Record]]:
        """Of each file: unit, period, version, valid, owed, kept of its new submissions, in order of periods."""
        parts = self.validated.parts
        kept = self.validated.values.groupby("part").carried_from.max().reindex(parts.index).fillna(0)
        new = parts.assign(kept=kept.astype(int), indicator="")[~parts.is_duplicate]
        by_file = _by_file(self._named(new)[["file", "unit", "period", "version", "valid", "owed", "kept"]])
        for rows in by_file.values():
            for row in rows:
                row["period"] = Period.parse(row["period"])
            rows.sort(key=lambda row: row["period"])
        return by_file

    @cached_property
    def _changes(self) -> dict[int, list[Record]]:
        """Of each file: unit, indicator, name, before and after of what differs from the version before."""
        parts, values = self.validated.parts, self.validated.values
        locale, before = self.workspace.settings.workspace.locale, self.validated.before
        changed = [changed_cells(parts[:0], values, before, locale)]
        for wave in range(1, int(parts.wave.max() if len(parts) else 0) + 1):
            now = parts[parts.wave == wave]
            changed.append(changed_cells(now[now.version > 1], values, before, locale))
            before = replaced(before, now, values[values.part.isin(now.index)])
        return _by_file(self._named(pd.concat(changed, ignore_index=True)))

    @cached_property
    def _beside(self) -> dict[str, list[Period]]:
        return returns_beside(self.workspace, self.validated, self.directory.day)

    def _attached(
        self, file: Record, period: Period, code: str, told: list[Record]
    ) -> tuple[tuple[str, ...], list[Record]]:
        """What goes back with a letter; without it where a file's content keeps it from being written."""
        try:
            return self._sent_back(file, period, code, told)
        except Exception:
            # What one sender typed must not keep the others from their answers; the letter says all of it anyway.
            LOG.exception("nothing goes back with the answer to %s", file["path"])
            return (), told

    def _sent_back(
        self, file: Record, period: Period, code: str, told: list[Record]
    ) -> tuple[tuple[str, ...], list[Record]]:
        """What goes back, written below returns/<period>, and the findings with the cells as it names them.

        It is the marked workbook of a template, the findings of a CSV.
        """
        folder = self.workspace.root / RETURNS / str(period)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"CanSua_{file['sender']}_{period}_{code}"
        found = self.validated.findings[self.validated.findings.file == file["file"]]
        asked = self._asked(period) if file["kind"] in BOOKS else pd.DataFrame({"unit": []})
        asked = asked[asked.unit == file["unit"]]
        if asked.empty:
            path = folder / f"{name}.csv"
            write_findings_csv(path, found)
        else:
            path = folder / f"{name}.xlsx"
            issue = Issue(self.workspace, self.validated.loaded, period, self.now)
            cells = self.validated.cells[self.validated.cells.file == file["file"]]
            sheet = replace(template_sheet(issue, file["unit"], asked), about=file["about"] or {})
            sheet = with_entries(sheet, cells)
            told = _as_marked(told, write_corrected(path, sheet, found), word("sheet_entry", sheet.locale))
        return (path.relative_to(self.workspace.root).as_posix(),), told

    @cached_property
    def _asked_of(self) -> dict[Period, pd.DataFrame]:
        return {}

    def _asked(self, closing: Period) -> pd.DataFrame:
        """What the units whose returns go back are asked at a closing, worked out once."""
        if closing not in self._asked_of:
            files = self.validated.files
            units = set(files.unit[(self.validated.results.verdict == RETURNED) & files.kind.isin(BOOKS)])
            self._asked_of[closing] = asked_rows(self.workspace, self.validated.loaded.plan, closing, units)
        return self._asked_of[closing]


def _by_file(rows: pd.DataFrame) -> dict[int, list[Record]]:
    records: dict[int, list[Record]] = {}
    for record in rows.to_dict("records"):
        records.setdefault(record["file"], []).append(record)
    return records


def _closing(submissions: list[Record]) -> Period | None:
    """The closing that a file is for: the shortest of its periods that end last."""
    periods: list[Period] = [row["period"] for row in submissions]
    return next((each for each in periods if each.last_month == periods[-1].last_month), None)


def _as_marked(told: list[Record], faults: list[Fault], sheet: str) -> list[Record]:
    """The findings with their cells as the workbook that goes back names them."""
    return [
        each | {"cell": fault.cell, "sheet": sheet if fault.place else each["sheet"]}
        for each, fault in zip(told, faults, strict=True)
    ]

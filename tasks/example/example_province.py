"""The example province of `tiendo demo`: Lào Cai's real districts, invented people and figures.

The plan, the figures of past periods and those typed at the closing are tables in `example/province/`; from
them come the returns: past periods as CSV from the office, the closing in template workbooks.
"""

from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from tasks.example.filling import fill_template
from tasks.office.new_workspace import EXAMPLES, PROVINCE, make_workspace
from tasks.office.workspace import Workspace
from tasks.submitting import Backdating, submit_files
from tasks.templates import template_name
from tiendo.labels import label
from tiendo.periods import Period

FOLDER = EXAMPLES / PROVINCE
CLOSING = Period("quarter", 2024, 4)
OFFICE = "VPTU"  # keeps the figures of the years before tiendo, and sends them for everybody

# Who does not send, who sends with mistakes, and whose file lies in another unit's folder.
SILENT = ("084", "STT")
CORRECTED, UNCORRECTED = "082", "085"
MISPLACED, FINDER = "087", "086"

SETTINGS: dict[str, dict[str, Any]] = {
    "workspace": {"name": "Tỉnh Lào Cai (mẫu)", "place": "Lào Cai"},
    "intake": {"many_units_from": [OFFICE]},
}


@dataclass(frozen=True)
class Story:
    """When things happen in the example: at the closing of the fourth quarter of 2024."""

    opened: datetime
    first_returns: datetime
    reminded: datetime
    corrected: datetime
    reviewed: datetime


def story(workspace: Workspace) -> Story:
    """The instants of the example, off the workspace's own calendar."""
    zone = ZoneInfo(workspace.settings.workspace.timezone)
    dates = workspace.calendar.deadline(CLOSING)
    before, after = (workspace.calendar.add_working_days(dates.due, days) for days in (-1, 3))
    days = ((dates.opens, 8), (dates.cut_off, 9), (before, 8), (dates.due, 10), (after, 8))
    return Story(*(datetime.combine(day, time(hour), zone) for day, hour in days))


def make_province(folder: Path) -> Path:
    """The example's workspace in a new folder; its absolute path."""
    return make_workspace(folder, PROVINCE, **SETTINGS)


def send_history(workspace: Workspace, now: datetime) -> int:
    """Put the figures of past closings, one CSV each, into the office's inbox, dated back; how many files."""
    figures = _table("history")
    closings = figures.period.map(_closing_of)
    folder = _made(workspace.root / "so-cu")
    for closing, rows in figures.groupby(closings):
        file = folder / f"{closing}.csv"
        rows.to_csv(file, index=False)
        due = workspace.calendar.deadline(Period.parse(str(closing))).due
        received = workspace.calendar.instant(due, 15)
        note = Backdating(received, "Số liệu trước khi dùng tiendo, nhập từ sổ của Văn phòng", now, OFFICE)
        submit_files(workspace, [file], OFFICE, note)
    return int(closings.nunique())


def _closing_of(period: str) -> str:
    """A half year's and a year's figures come with those of their last quarter."""
    return str(Period.parse(period).last_of("quarter"))


def fill_returns(workspace: Workspace, templates: Path) -> Path:
    """Fill the closing's templates in a new folder, right ones and such with mistakes; the folder."""
    folder = _made(workspace.root / "da-dien")
    typed = _table("closing")
    typed["state"] = [label("state", code) if code else "" for code in typed.state]
    for unit, entries in typed.groupby("unit"):
        if unit not in SILENT:
            fill_template(
                templates / template_name(str(unit), CLOSING), entries, folder / _file_of(str(unit))
            )
    for unit, mistakes in _table("mistakes").groupby("unit"):
        wrong = _with_mistakes(typed[typed.unit == unit], mistakes)
        fill_template(
            templates / template_name(str(unit), CLOSING), wrong, folder / _file_of(str(unit), "sai")
        )
    (folder / "hong.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    return folder


def _with_mistakes(entries: pd.DataFrame, mistakes: pd.DataFrame) -> pd.DataFrame:
    entries = entries.copy()
    for mistake in mistakes.to_dict("records"):
        here = (entries.period == mistake["period"]) & (entries.indicator == mistake["indicator"])
        entries.loc[here, str(mistake["field"])] = mistake["typed"]
    return entries


def send_first(workspace: Workspace, folder: Path) -> None:
    """The first returns: most are right, two have mistakes, one lies in a wrong folder, one is broken."""
    for unit in _table("closing").unit.unique():
        if unit not in (*SILENT, CORRECTED, UNCORRECTED, MISPLACED):
            submit_files(workspace, [folder / _file_of(unit)], unit)
    for unit in (CORRECTED, UNCORRECTED):
        submit_files(workspace, [folder / _file_of(unit, "sai")], unit)
    submit_files(workspace, [folder / _file_of(MISPLACED)], FINDER)
    submit_files(workspace, [folder / "hong.xlsx"], MISPLACED)


def send_again(workspace: Workspace, folder: Path, unit: str) -> None:
    """A unit sends its right return: corrected, or into its own folder."""
    submit_files(workspace, [folder / _file_of(unit)], unit)


def _file_of(unit: str, which: str = "") -> str:
    return f"{unit}_{CLOSING}{'_' + which if which else ''}.xlsx"


def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", dtype=str, keep_default_na=False)


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder

"""The measured workspace and its returns: template workbooks of the product, filled by the units."""

import shutil
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from benchmarks.plan_data import FIRST_YEAR, Size, plan_tables
from benchmarks.returns_data import Return
from tasks.office.workspace import Workspace, open_workspace
from tasks.template.asked_rows import asked_rows
from tasks.template.template_book import write_template
from tasks.template.template_sheet import TemplateSheet
from tiendo.periods import Period
from tiendo.plan import read_plan
from warehouse.plan_store import store_plan

KEY = "0123456789abcdef" * 4
SETTINGS = '[workspace]\nname = "benchmark"\n'
ISSUED = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
FILLED = ("value", "numerator", "denominator", "state", "reason", "remedy", "note")


def quarter(number: int) -> Period:
    """The quarter of a number, from 0, of the term."""
    return Period("quarter", FIRST_YEAR + number // 4, number % 4 + 1)


def received_at(workspace: Workspace, period: Period) -> datetime:
    """The instant at which the returns of a period are taken in: the morning of their due day."""
    return workspace.calendar.due_instant(workspace.calendar.deadline(period).due) - timedelta(hours=6)


def make_workspace(root: Path, size: Size, merged_on: date | None = None) -> Workspace:
    """A new workspace with the plan (`plan_data.plan_tables`) loaded and nothing received."""
    (root / "plan").mkdir(parents=True)
    (root / "tiendo.toml").write_text(SETTINGS, encoding="utf-8")
    (root / ".signing-key").write_text(KEY, encoding="ascii")
    tables = plan_tables(size, merged_on)
    for name, table in tables.items():
        table.to_csv(root / "plan" / f"{name}.csv", index=False)
    workspace = open_workspace(root)
    store_plan(workspace.engine, read_plan(tables), ISSUED, "benchmark")
    return workspace


def fill_inbox(root: Path, returns: Path) -> None:
    """Lay the workbooks of a folder of returns (one a unit) into the units' inboxes."""
    for file in sorted(returns.glob("*.xlsx")):
        folder = root / "inbox" / file.stem
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / f"Mau_{file.stem}.xlsx")


def make_returns(workspace: Workspace, returns: list[Return], out: Path, workers: int) -> None:
    """Write the filled workbooks of one quarter's returns into a folder that is not there yet."""
    unfinished = out.with_name(f"{out.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    rows = asked_rows(workspace, workspace.current_plan().plan, quarter(returns[0].quarter))
    by_unit = dict(list(rows.groupby("unit")))
    asked = [by_unit[each.code].drop(columns="unit") for each in returns]
    root = [workspace.root] * len(returns)
    with ProcessPoolExecutor(max_workers=workers) as pool:
        list(pool.map(_write, root, returns, asked, [unfinished] * len(returns), chunksize=8))
    unfinished.rename(out)


def _write(root: Path, given: Return, asked: pd.DataFrame, out: Path) -> None:
    workspace, period = open_workspace(root, migrate=False), quarter(given.quarter)
    deadline = workspace.calendar.deadline(period)
    said = given.cells().set_index("indicator")
    rows = asked.assign(
        **{name: said[name].reindex(asked.indicator).to_numpy(dtype=object) for name in FILLED}
    )
    sheet = TemplateSheet(
        workspace=workspace.name,
        unit=given.code,
        unit_name=f"Huyện {given.unit + 1}",
        period=period,
        cut_off=deadline.cut_off,
        due=deadline.due,
        due_hour=workspace.calendar.due_hour,
        plan_version=1,
        issued_at=ISSUED,
        rows=rows,
        key=workspace.signing_key,
    )
    write_template(out / f"{given.code}.xlsx", sheet)

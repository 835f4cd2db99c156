"""An office of three districts whose inbox is collected, and what comes of it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from intake_samples import TABLES, instant

from flows.collect import collect
from tasks.office.plan_files import read_plan_folder
from tasks.office.workspace import Workspace, open_workspace
from tiendo.plan import read_plan
from warehouse.bulk import read_frame
from warehouse.connecting import reading
from warehouse.intake_store import current_values
from warehouse.plan_store import store_plan
from warehouse.schema import finding

NOW = instant("2014-01-08 09:00")  # 2013-Q4 is open until 10 January 2014
HEAD = "unit,period,indicator,value,numerator,denominator,state,status,note\n"
SETTINGS = """
[calendar]
name = "gregorian"
due_days = 10
lock_days = 400
[rules]
reason_required = "off"
"""


def with_plan(folder: Path, settings: str = SETTINGS, tables: Mapping[str, str] = TABLES) -> Workspace:
    """A workspace in a folder with a plan (by default the sample's), loaded."""
    (folder / "plan").mkdir(parents=True)
    (folder / "tiendo.toml").write_text(settings)
    for name, text in tables.items():
        (folder / "plan" / f"{name}.csv").write_text(text)
    workspace = open_workspace(folder)
    store_plan(workspace.engine, read_plan(read_plan_folder(folder / "plan")), NOW, "test")
    return workspace


def drop(office: Workspace, unit: str, name: str, content: str | bytes) -> Path:
    """A file put into a unit's inbox."""
    path = office.root / "inbox" / unit / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def quarter(che: object = 100, viec: object = 7, unit: str = "080", period: str = "2013-Q4") -> str:
    """A quarter's return of a unit."""
    rows = [f"CHE,{che},,,,,", f"VIEC,{viec},,,,,", "NUOC,,45,50,,,", "NGHEO,30,,,,,"]
    return HEAD + "\n".join(f"{unit},{period},{row}" for row in rows)


def collected(office: Workspace, now: datetime = NOW) -> pd.DataFrame:
    """One collecting; the table of its files, by name."""
    table = collect.fn(workspace=str(office.root), now=now)
    return table.set_index(table.file.map(lambda path: Path(path).name))


def line(table: pd.DataFrame, name: str) -> tuple[object, ...]:
    """(unit, period, version, verdict, errors, warnings) of one file."""
    return tuple(table.loc[name].tolist()[1:])


def rows_of(office: Workspace, table: sa.Table) -> pd.DataFrame:
    with reading(office.engine) as connection:
        return read_frame(connection, sa.select(table))


def figures(office: Workspace, unit: str = "080", period: str = "2013-Q4") -> dict[str, float]:
    """Indicator → number of a unit's current version."""
    values = current_values(office.engine, [unit], [period])
    return dict(zip(values.indicator, values.number, strict=True))


def codes(office: Workspace) -> list[str]:
    return sorted(rows_of(office, finding).code)

"""A warehouse with past quarters in it, filled as the flows would have, but without workbooks."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.plan_data import Size, sort_of
from benchmarks.returns_data import Return
from benchmarks.workbooks import quarter, received_at
from tasks.office.workspace import Workspace, open_workspace
from tasks.publishing import assess_period
from warehouse.intake_store import IntakeBatch, commit_intake

TEXTS = ("outlook", "outlook_reason", "note", "reason", "remedy")


def fill_quarters(root: Path, size: Size, quarters: int, last_of: Collection[str] | None = None) -> None:
    """Load and review the first so many quarters of the term; the last one of some units only, where they are given."""
    workspace = open_workspace(root)
    figures = _first_figures(size)
    for number in range(quarters):
        units = last_of if last_of is not None and number == quarters - 1 else size.unit_codes
        _load_and_review(workspace, figures[figures.unit.isin(units)], number)
    workspace.engine.dispose()


def correct_quarter(root: Path, size: Size, number: int, every: int) -> None:
    """Load another version of a quarter's returns of every so many units, a day after the first one, and review it."""
    workspace = open_workspace(root)
    figures = _first_figures(size)
    some = figures[figures.unit.isin(size.unit_codes[::every])]
    _load_and_review(workspace, some.assign(number=some.number * 1.01), number, version=2)
    workspace.engine.dispose()


def _load_and_review(workspace: Workspace, figures: pd.DataFrame, number: int, version: int = 1) -> None:
    now = received_at(workspace, quarter(number)) + timedelta(days=version - 1)
    commit_intake(workspace.engine, _batch(figures, number, version, now))
    assess_period(workspace, quarter(number), None, None, now)


def _first_figures(size: Size) -> pd.DataFrame:
    """The figures of the first quarter without what is wrong with them."""
    tables = [Return(size, n, 0).cells().assign(unit=unit) for n, unit in enumerate(size.unit_codes)]
    figures = pd.concat(tables, ignore_index=True)
    for name in ("value", "numerator", "denominator"):
        figures[name] = pd.to_numeric(figures[name], errors="coerce")
    figures = figures[figures.denominator != 0]
    number = figures.indicator.str[1:].astype(int)
    grows = number.map(lambda n: sort_of(n).accumulation == "cumulative")
    return figures.assign(grows=grows).rename(columns={"value": "number"})


def _batch(figures: pd.DataFrame, number: int, version: int, now: datetime) -> IntakeBatch:
    period = quarter(number)
    units = figures.unit.unique()
    files = pd.DataFrame({"file": range(len(units)), "unit": units})
    receipts = files.assign(
        sha256=[f"{number}-{version}-{unit}" for unit in files.unit], source="inbox", sender=files.unit, path="",
        stamp="", size=0, received_at=now, recorded_at=now, verdict="accepted", errors=0, warnings=0,
    )  # fmt: skip
    submissions = files.assign(
        period=str(period), kind=period.kind, number=period.index, version=version, content_digest=receipts.sha256,
        verdict="accepted", plan_version=1, received_at=now, recorded_at=now,
    )  # fmt: skip
    growth = np.where(figures.grows, number + 1.0, 1 + 0.01 * number)
    values = figures.assign(
        file=figures.unit.map(files.set_index("unit").file), period=str(period),
        number=figures.number * growth, state=figures.state.fillna("value"), status="final", qualifier="=",
        year_estimate=np.nan, carried_from=np.nan, **dict.fromkeys(TEXTS, ""),
    ).drop(columns="unit")  # fmt: skip
    given = values[["number", "numerator", "denominator"]].notna().any(axis=1) | (values.state != "value")
    nothing = pd.DataFrame({"file": pd.Series(dtype=int)})
    return IntakeBatch(receipts, submissions, values[given], nothing, pd.DataFrame())

"""A warehouse with past quarters in it, filled as the flows would have, but without workbooks."""

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


def fill_quarters(root: Path, size: Size, quarters: int) -> None:
    """Load and review the first so many quarters of the term."""
    workspace = open_workspace(root)
    figures = _first_figures(size)
    for number in range(quarters):
        period, now = quarter(number), received_at(workspace, quarter(number))
        commit_intake(workspace.engine, _batch(workspace, size, figures, number))
        assess_period(workspace, period, None, None, now)
    workspace.engine.dispose()


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


def _batch(workspace: Workspace, size: Size, figures: pd.DataFrame, number: int) -> IntakeBatch:
    period, now = quarter(number), received_at(workspace, quarter(number))
    files = pd.DataFrame({"file": range(size.units), "unit": size.unit_codes})
    receipts = files.assign(
        sha256=[f"{number}-{unit}" for unit in files.unit], source="inbox", sender=files.unit, path="",
        stamp="", size=0, received_at=now, recorded_at=now, verdict="accepted", errors=0, warnings=0,
    )  # fmt: skip
    submissions = files.assign(
        period=str(period), kind=period.kind, number=period.index, version=1, content_digest=receipts.sha256,
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

"""Reading the returns alone: in the product's child processes with their scan, and with nothing but calamine."""

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd
from python_calamine import load_workbook

from benchmarks.floor import KEYS, SHEET
from benchmarks.runs import Arguments, Laps
from tasks.office.workspace import open_workspace
from tasks.reading.known import what_is_known
from tasks.reading.returns import read_returns


def inbox(given: Arguments) -> list[str]:
    """The workbooks in the inbox."""
    return sorted(map(str, (Path(given["root"]) / "inbox").glob("*/*.xlsx")))


def scanned(given: Arguments, _: Laps) -> None:
    """As collect reads them."""
    paths = inbox(given)
    plan = open_workspace(given["root"]).current_plan().plan
    reading = read_returns(
        pd.DataFrame({"file": range(len(paths)), "path": paths}), known=what_is_known(plan)
    )
    assert reading.files.code.isna().all()


def bare(given: Arguments, _: Laps) -> None:
    """The cells of the two sheets, one file after the other."""
    for path in inbox(given):
        cells(path)


def bare_at_once(given: Arguments, _: Laps) -> None:
    """The same in as many processes as there are cores; what is read stays there."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(count_of_cells, inbox(given), chunksize=32))


def count_of_cells(path: str) -> int:
    """How many rows a file has."""
    return len(cells(path))


def cells(path: str) -> list[list[object]]:
    """The rows of a template's table; its keys are read too."""
    with load_workbook(path) as book:
        book.get_sheet_by_name(KEYS).to_python()
        rows: list[list[object]] = book.get_sheet_by_name(SHEET).to_python()
        return rows

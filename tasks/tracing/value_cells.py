"""In which cell of a file received a value stands: found by reading the archived file again, in a child process."""

import csv
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from tasks.office.workspace import Workspace
from tasks.reading.known import what_is_known
from tasks.reading.limits import limits_of
from tasks.reading.plain_returns import with_plain_resolved
from tasks.reading.returns import Reading, read_returns
from tasks.sources.opening import archive_of
from tiendo.approvals import CORRECTION
from tiendo.cells import in_unicode
from tiendo.intake_rules import IntakeRules
from warehouse.plan_store import LoadedPlan

# Beyond so many files the cells are not looked up: a unit's own explanation has them.
MOST_FILES = 200

KEY = ["unit", "period", "indicator"]
_FILE = ["sha256", "sender", "source"]


def archived_path(workspace: Workspace, sha256: str) -> Path | None:
    """Where the copy of a file lies in the archive; None if it is not there any more."""
    folder = archive_of(workspace.root).folder / sha256[:2]
    return next(iter(sorted(folder.glob(f"{sha256}*"))), None)


def located(workspace: Workspace, loaded: LoadedPlan, wanted: pd.DataFrame) -> pd.Series:
    """The cell of each wanted value (`Nhập số liệu!F9`, of a CSV `dòng 12`), "" where it is not found.

    wanted: KEY, sha256, path, sender, source, is_ratio and state, indexed as the result is.
    """
    wanted = wanted[[*KEY, "path", *_FILE, "is_ratio", "state"]]
    files = wanted.drop_duplicates(_FILE)
    if len(files) > MOST_FILES:
        return pd.Series("", index=wanted.index, dtype="str")
    copies = pd.Series([archived_path(workspace, sha256) for sha256 in files.sha256], dtype=object)
    files = files.assign(copy=copies.to_numpy())[copies.notna().to_numpy()].reset_index(drop=True)
    files = files.assign(file=range(len(files)))
    own = files.source == CORRECTION  # the office's own files are no returns
    rows = pd.concat([_rows_read(workspace, loaded, files[~own]), _rows_corrected(files[own])])
    asked = wanted.reset_index(names="at").merge(files[["file", *_FILE]], on=_FILE)
    found = asked.merge(rows, on=["file", *KEY]).drop_duplicates("at").set_index("at")
    return pd.Series(_addresses(found), index=found.index, dtype="str").reindex(wanted.index, fill_value="")


def _rows_read(workspace: Workspace, loaded: LoadedPlan, files: pd.DataFrame) -> pd.DataFrame:
    """file, KEY, row, sheet and the columns (letters) of value, numerator, denominator and state in returns."""
    if files.empty:
        return pd.DataFrame(columns=["file", *KEY])
    names = [PurePosixPath(path).name for path in files.path]
    asked = pd.DataFrame(
        {"file": files.file, "path": files["copy"], "name": names, "speaks_for_others": True}
    )
    reading = read_returns(asked, limits_of(workspace.settings), what_is_known(loaded.plan))
    rules = IntakeRules(loaded.plan, loaded.version, workspace.calendar)
    reading = with_plain_resolved(reading, files[["file", "sender", "path"]], rules)
    return _with_columns(reading)


def _with_columns(reading: Reading) -> pd.DataFrame:
    cells, _ = in_unicode(reading.cells)
    fields = reading.places[reading.places.field.isin(["value", "numerator", "denominator", "state"])]
    letters = fields.pivot(index="file", columns="field", values="column").add_prefix("in_")
    return cells[["file", *KEY, "row", "sheet"]].merge(letters.reset_index(), on="file", how="left")


def _rows_corrected(files: pd.DataFrame) -> pd.DataFrame:
    """file, KEY and row of the rows of the office's own files of corrections."""
    rows = [
        (file, *row) for file, copy in zip(files.file, files["copy"], strict=True) for row in _lines(copy)
    ]
    return pd.DataFrame(rows, columns=["file", *KEY, "row"])


def _lines(copy: Path) -> Iterator[tuple[str, str, str, int]]:
    with copy.open(encoding="utf-8-sig", newline="") as text:
        for number, row in enumerate(csv.DictReader(text), start=2):
            yield (*(str(row.get(name) or "").strip() for name in KEY), number)  # type: ignore[misc]


def _addresses(found: pd.DataFrame) -> list[str]:
    return [_address(row) for row in found.to_dict("records")]


def _address(row: dict[object, object]) -> str:
    """The address of one value: of both cells of a ratio, of the state where there is no figure."""
    number = int(str(row["row"]).partition(".")[0])
    sheet = row.get("sheet")
    if not isinstance(sheet, str):
        return f"dòng {number}"
    fields = ("numerator", "denominator") if row["is_ratio"] else ("value",)
    fields = fields if row["state"] == "value" else ("state",)
    letters = [row.get(f"in_{field}") for field in fields]
    return ", ".join(f"{sheet}!{letter}{number}" for letter in letters if isinstance(letter, str))

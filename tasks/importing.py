"""Importing past periods' figures on adopting tiendo in mid-term: checked whole, then loaded as history.

Imported figures are facts like any other, but nobody was late with them: they come without obligations, due dates or
locks, and no reason for a shortfall is asked. Where a unit has reported itself its word stands.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from tasks.known_past import history_of
from tasks.office.alone import alone
from tasks.office.workspace import Workspace
from tasks.past_checking import IMPORT, Checked, check_files_of_past, given_twice
from tasks.reading.limits import MEGABYTE
from tasks.sources.archive import Archive
from tasks.sources.opening import archive_of
from tasks.validating import VALUE_COLUMNS, intake_rules
from tiendo.errors import InputError
from tiendo.finding_codes import ERROR, WARNING
from tiendo.findings import together
from tiendo.intake_rules import OFF, IntakeRules
from tiendo.parts import PART_KEY
from tiendo.past_checks import CASE
from tiendo.verdicts import ACCEPTED, DUPLICATE, WITH_WARNINGS
from tiendo.versions import numbered, with_carried
from warehouse.intake_store import IntakeBatch, commit_intake, known_stamps
from warehouse.plan_store import LoadedPlan

SUFFIX = ".csv"

# So much of the files is checked together, and loaded together: the figures of some 300 000 rows.
BYTES_A_BATCH = 16 * MEGABYTE

RESULT_COLUMNS = ["file", "verdict", "units", "periods", "submissions", "unchanged", "values", "warnings"]
PROBLEM_COLUMNS = ["file", "row", "unit", "period", "indicator", "code", "found", "message", "fix"]


class ImportRefusedError(InputError):
    """Something in the files is wrong, and nothing of them was loaded; `problems` (PROBLEM_COLUMNS) says all of it."""

    def __init__(self, problems: pd.DataFrame) -> None:
        self.problems = problems
        files = problems.file.nunique()
        super().__init__(f"{len(problems)} lỗi trong {files} tệp; chưa nạp gì, sửa hết rồi nhập lại")


@dataclass(frozen=True)
class Deed:
    """Who imports, when, and why."""

    by: str
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InputError("--reason trống: ghi vì sao nhập, số lấy từ đâu; lý do được lưu vào nhật ký")


@dataclass(frozen=True, eq=False)
class Imported:
    """What an import came to: RESULT_COLUMNS, one row a file; warnings (PROBLEM_COLUMNS)."""

    files: pd.DataFrame
    warnings: pd.DataFrame


def import_past(workspace: Workspace, path: Path, deed: Deed) -> Imported:
    """Check the CSV files of a path (a file, or a folder with all below it) and load them: all, or nothing.

    The same figures again change nothing. Raises InputError where there is no such file, ImportRefusedError where
    something in the files is wrong.
    """
    loaded = workspace.current_plan()
    rules = _rules(workspace, loaded)
    with alone(workspace.root, "collect"):  # what units send meanwhile waits until the import is through
        files = _new_files(workspace, _files_of(path))
        checked = [check_files_of_past(workspace, some, rules, deed.at) for some in _batches(files)]
        found = together([*(each.findings for each in checked), given_twice(checked, rules)])
        if (found.severity == ERROR).any():
            raise ImportRefusedError(_told(found[found.severity == ERROR], files))
        results = [_load(workspace, each, loaded, deed) for each in checked]
    return Imported(_results(files, results), _told(found[found.severity == WARNING], files))


def _rules(workspace: Workspace, loaded: LoadedPlan) -> IntakeRules:
    """As for returns; the office speaks for all units, and asks for no reasons."""
    office = frozenset({loaded.plan.term.authority})
    return replace(intake_rules(workspace, loaded), many_units_from=office, reason_required=OFF)


def _files_of(path: Path) -> pd.DataFrame:
    """file, path, name (what people know it by), sha256, size of each CSV file, in the order of their names."""
    if path.is_file():
        if path.suffix.lower() != SUFFIX:
            raise InputError(f"{path}: chỉ nhập tệp .csv; mở bằng Excel rồi lưu dạng CSV UTF-8")
        found = [(path, path.name)]
    else:
        below = sorted(each for each in path.rglob("*") if each.suffix.lower() == SUFFIX and each.is_file())
        found = [(each, f"{path.resolve().name}/{each.relative_to(path).as_posix()}") for each in below]
    if not found:
        there = "không có tệp .csv nào" if path.is_dir() else "không có tệp hay thư mục này"
        raise InputError(f"{path}: {there}; chỉ tệp .csv hoặc thư mục chứa các tệp .csv")
    rows = [(number, str(each), name, *_content(each)) for number, (each, name) in enumerate(found)]
    return pd.DataFrame(rows, columns=["file", "path", "name", "sha256", "size"])


def _content(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file."""
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest(), path.stat().st_size
    except OSError as error:
        raise InputError(f"{path}: không đọc được ({error.strerror}); kiểm tra quyền đọc") from None


def _new_files(workspace: Workspace, files: pd.DataFrame) -> pd.DataFrame:
    """The files with is_new: their bytes were not imported before, nor by a file before them."""
    known = {
        sha256 for sha256, _, _ in known_stamps(workspace.engine, [(s, "", IMPORT) for s in files.sha256])
    }
    return files.assign(is_new=~files.sha256.isin(known) & ~files.sha256.duplicated())


def _batches(files: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The new files in batches that fit into memory."""
    new = files[files.is_new]
    for _, some in new.groupby(new["size"].cumsum() // BYTES_A_BATCH):
        yield some


def _load(workspace: Workspace, checked: Checked, loaded: LoadedPlan, deed: Deed) -> pd.DataFrame:
    """Record some files that are right; RESULT_COLUMNS, `file` being the file's number."""
    parts, values = _versions(workspace, checked, loaded, deed)
    receipts = _receipts(checked, parts, deed)
    about = json.dumps({"by": deed.by, "reason": deed.reason.strip()}, ensure_ascii=False)
    submissions = parts[~parts.is_duplicate].assign(
        plan_version=loaded.version, recorded_at=pd.Timestamp(deed.at), origin=IMPORT, about=about
    )
    values = values.join(parts[PART_KEY], on="part")
    archive = archive_of(workspace.root)
    for path, sha256 in zip(receipts.original, receipts.sha256, strict=True):
        _keep(archive, Path(path), sha256)
    archive.settle()
    batch = IntakeBatch(receipts, submissions, values, checked.findings, messages=pd.DataFrame())
    commit_intake(workspace.engine, batch)
    return _counted(receipts, parts, values)


def _counted(receipts: pd.DataFrame, parts: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """RESULT_COLUMNS of some files, by their number."""
    of = parts.groupby("file")
    unchanged = of.is_duplicate.sum()
    counts = {
        "units": of.unit.nunique(),
        "periods": of.period.nunique(),
        "submissions": of.size() - unchanged,
        "unchanged": unchanged,
        "values": values.file[values.carried_from.isna()].value_counts(),
    }
    table = receipts.set_index("file")[["verdict", "warnings"]]
    numbers = {name: count.reindex(table.index).fillna(0).astype("int64") for name, count in counts.items()}
    return table.assign(**numbers).reset_index()[RESULT_COLUMNS]


def _versions(
    workspace: Workspace, checked: Checked, loaded: LoadedPlan, deed: Deed
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The parts as the next versions, and their values with those kept of the versions before."""
    parts = checked.parts.assign(received_at=pd.Timestamp(deed.at))
    history = history_of(workspace.engine, loaded.plan, parts)
    newest = history.versions.sort_values("version").drop_duplicates(CASE, keep="last")
    parts = numbered(parts, newest)
    warned = pd.MultiIndex.from_frame(checked.findings.loc[checked.findings.severity == WARNING, PART_KEY])
    is_warned = pd.MultiIndex.from_frame(parts[PART_KEY]).isin(warned)
    verdict = np.where(is_warned, WITH_WARNINGS, ACCEPTED)
    parts = parts.assign(verdict=np.where(parts.is_duplicate, DUPLICATE, verdict))
    said = checked.values.astype(dict.fromkeys(_texts(checked.values), "str"))
    said = said[~said.part.map(parts.is_duplicate)]
    kept = checked.owed.copy()
    kept[said.part, said.place] = False
    values = with_carried(said[["part", "place", *VALUE_COLUMNS]], parts, history.values, kept)
    return parts, values


def _texts(values: pd.DataFrame) -> list[str]:
    return [str(name) for name in values if isinstance(values[name].dtype, pd.CategoricalDtype)]


def _receipts(checked: Checked, parts: pd.DataFrame, deed: Deed) -> pd.DataFrame:
    """The rows of the ledger, with who is to stand in the audit, and why; `original`: where the file lies."""
    files, found = checked.files, checked.findings
    warnings = found[found.severity == WARNING].file.value_counts().reindex(files.file).fillna(0).to_numpy()
    is_new = files.file.isin(parts.file[~parts.is_duplicate])
    verdict = np.where(is_new, np.where(warnings > 0, WITH_WARNINGS, ACCEPTED), DUPLICATE)
    at = pd.Timestamp(deed.at)
    return files.assign(
        original=files.path, path=files["name"], source=IMPORT, sender="", stamp=IMPORT, received_at=at,
        recorded_at=at, verdict=verdict, errors=0, warnings=warnings.astype(int), actor=deed.by,
        reason=deed.reason.strip(),
    )  # fmt: skip


def _keep(archive: Archive, path: Path, sha256: str) -> None:
    """Keep a file's bytes. Raises InputError if they are not those that were checked."""
    with path.open("rb") as opened:
        kept = archive.keep(opened, path.suffix)
    if kept.sha256 != sha256:
        raise InputError(f"{path}: tệp đã thay đổi trong lúc nhập; chưa nạp tệp này, hãy nhập lại")


def _told(found: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """Findings as people at the keyboard need them (PROBLEM_COLUMNS)."""
    names = files.set_index("file")["name"]
    said = found.assign(file=found.file.map(names), row=found.line.where(found.line > 0))
    return said[PROBLEM_COLUMNS].reset_index(drop=True)


def _results(files: pd.DataFrame, results: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """RESULT_COLUMNS of every file; one whose bytes were imported before changes nothing."""
    counts = {name: 0 for name in RESULT_COLUMNS if name not in ("file", "verdict")}
    known = files.loc[~files.is_new, ["file"]].assign(verdict=DUPLICATE, **counts)
    table = pd.concat([*results, known]).sort_values("file", ignore_index=True)[RESULT_COLUMNS]
    return table.assign(file=table.file.map(files.set_index("file")["name"]))

"""Correcting: a file of the office's corrections is held against what returns say now, and made into new versions."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from expectations.grounds import Batch
from tasks.correction_batch import Deed, Work, correction_batch
from tasks.known_past import history_of, past_of
from tasks.office.alone import alone
from tasks.office.workspace import Workspace
from tasks.validating import intake_rules
from tiendo.correction_checks import Known, header_problems, is_reporting_period, problems
from tiendo.corrections import (
    CASE,
    CELL,
    COLUMNS,
    CorrectionError,
    applied,
    problems_of,
    side_texts,
    typed,
    with_present,
)
from tiendo.errors import InputError
from tiendo.finding_codes import ERROR
from tiendo.intake_rules import IntakeRules
from tiendo.parts import NOWHERE, owed_grid, part_of_rows, parts_of, places_of
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.reporting import owed_for
from warehouse.correction_store import commit_corrections
from warehouse.intake_store import current_submissions, current_values
from warehouse.plan_store import LoadedPlan

DONE_COLUMNS = [*CELL, "field", "was", "now", "reason", "version"]
DEFAULT_FIELD = "value"
BEFORE, AFTER = 0, 1  # of each return, as two files of one batch: what it says, and what it is to say


@dataclass(frozen=True, eq=False)
class Corrected:
    """What was corrected: DONE_COLUMNS, one row a field; and the doubts about it (unit, period, indicator, message)."""

    rows: pd.DataFrame
    doubts: pd.DataFrame


def correct_returns(workspace: Workspace, path: Path, deed: Deed) -> Corrected:
    """Apply a file of corrections (CSV, columns of `corrections.COLUMNS`) whole, or not at all.

    Each return corrected gets a new version; what is not corrected in it is carried. Raises InputError for a file that
    cannot be read, CorrectionError with all that is wrong in one that can.
    """
    content = _content(path)
    rows = _rows(content, path.name, deed)
    with alone(workspace.root, "collect"):  # what units send meanwhile waits until this is through
        loaded = workspace.current_plan()
        known = _known(workspace, loaded.plan, rows)
        _refuse(path.name, problems(rows, known))
        corrected = applied(known.values, rows)
        found = _found(workspace, loaded, known, corrected, rows)
        _refuse(path.name, _as_problems(found[found.severity == ERROR], rows))
        doubts = found[found.severity != ERROR]
        told = _told(rows, known)
        work = Work(path.name, content, known.versions, corrected, told, doubts)
        batch = correction_batch(workspace, loaded, work, deed)
        commit_corrections(workspace.engine, batch, told, deed.at, deed.by)
    version = known.versions.set_index(CASE).version.reindex(pd.MultiIndex.from_frame(told[CASE])) + 1
    return Corrected(told.assign(version=version.to_numpy())[DONE_COLUMNS], doubts)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path}: không đọc được ({error.strerror}); kiểm tra tên tệp và quyền đọc"
        ) from None


def _rows(content: bytes, name: str, deed: Deed) -> pd.DataFrame:
    """The rows of the file, typed, each with its number in it."""
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{name}: không phải CSV UTF-8; lưu lại dạng “CSV UTF-8 (dấu phẩy)”") from None
    head = [each.strip() for each in lines[0]] if lines else []
    _refuse(name, header_problems(head))
    numbered = [
        (number, line) for number, line in enumerate(lines[1:], 2) if any(cell.strip() for cell in line)
    ]
    if not numbered:
        raise InputError(f"{name}: không có dòng đính chính nào")
    long = [
        (number, "", "nhiều ô hơn số cột", "bỏ ô thừa") for number, line in numbered if len(line) > len(head)
    ]
    _refuse(name, problems_of(long))
    cells = [[cell.strip() for cell in line] + [""] * (len(head) - len(line)) for _, line in numbered]
    frame = pd.DataFrame(cells, columns=head, dtype="str").reindex(columns=COLUMNS, fill_value="")
    frame = frame.assign(row=[number for number, _ in numbered])
    frame = frame.assign(
        field=frame.field.mask(frame.field == "", DEFAULT_FIELD),
        reason=frame.reason.mask(frame.reason == "", deed.reason.strip()),
    )
    return typed(frame)


def _refuse(name: str, found: pd.DataFrame) -> None:
    if len(found):
        raise CorrectionError(name, found)


def _known(workspace: Workspace, plan: Plan, rows: pd.DataFrame) -> Known:
    """What the corrections are held against, of the units and periods that they name."""
    periods = [text for text in rows.period.unique() if is_reporting_period(text)]
    units = rows.unit.unique().tolist()
    cases = pd.MultiIndex.from_frame(rows[CASE].drop_duplicates())
    versions = current_submissions(workspace.engine, units, periods)
    values = current_values(workspace.engine, units, periods)
    versions, values = (
        each[pd.MultiIndex.from_frame(each[CASE]).isin(cases)].reset_index(drop=True)
        for each in (versions, values)
    )
    owed = [owed_for(plan, Period.parse(text), workspace.calendar).assign(period=text) for text in periods]
    none = pd.DataFrame(columns=CELL, dtype="str")
    return Known(plan, pd.concat([none, *owed])[CELL], versions, values)


def _found(
    workspace: Workspace, loaded: LoadedPlan, known: Known, corrected: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """The findings of the corrected returns that they did not have before, by the checks of any return.

    The reason of a correction answers the doubts about it, as a note does.
    """
    from expectations.suite import validate

    rules = intake_rules(workspace, loaded)
    entries = pd.concat(
        [_entries(known.values, BEFORE, rules), _entries(corrected, AFTER, rules, rows)], ignore_index=True
    )
    parts = parts_of(entries, rules.plan, rules.calendar).assign(is_duplicate=False)
    entries = entries.assign(part=part_of_rows(entries, parts))
    owed = owed_grid(rules.plan, parts)
    # What a plan of before asked for is carried as it is; nobody owes it any more.
    entries = entries[owed[entries.part, entries.place]].reset_index(drop=True)
    history = history_of(workspace.engine, rules.plan, parts)
    batch = Batch(entries, parts, owed, rules, past_of(workspace.engine, parts, history, rules))
    found = validate(batch)
    key = [*CELL, "code"]
    before = pd.MultiIndex.from_frame(found.loc[found.file == BEFORE, key])
    new: pd.DataFrame = found[(found.file == AFTER) & ~pd.MultiIndex.from_frame(found[key]).isin(before)]
    return new


def _entries(
    values: pd.DataFrame, file: int, rules: IntakeRules, rows: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Values as the typed rows of a return (`cells.ENTRY_COLUMNS`, place)."""
    place = places_of(rules.plan, values.indicator)
    some = values[place != NOWHERE].assign(place=place[place != NOWHERE])
    is_ratio = some.indicator.map(rules.plan.indicators.aggregation) == "ratio"
    if rows is not None:
        reasons = (
            rows.drop_duplicates(CELL).set_index(CELL).reason.reindex(pd.MultiIndex.from_frame(some[CELL]))
        )
        some = some.assign(note=pd.Series(reasons.to_numpy(), index=some.index).fillna(some.note))
    number = some.number.mask(is_ratio | (some.state != "value"))
    entries: pd.DataFrame = some.assign(file=file, sheet=None, line=0, name="", broken=False, number=number)
    return entries


def _as_problems(found: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Findings of corrected returns as problems of the file: each at the rows that correct its cell, else its return."""
    of_cell = rows.drop_duplicates(CELL).set_index(CELL).row
    of_case = rows.drop_duplicates(CASE).set_index(CASE).row
    at = of_cell.reindex(pd.MultiIndex.from_frame(found[CELL])).to_numpy()
    other = of_case.reindex(pd.MultiIndex.from_frame(found[CASE])).to_numpy()
    row = np.where(np.isnan(at), other, at).astype(int)
    says = [
        f"{indicator}: {message.rstrip('.')}"
        for indicator, message in zip(found.indicator, found.message, strict=True)
    ]
    return problems_of(zip(row, ["now"] * len(found), says, found.fix.str.rstrip("."), strict=True))


def _told(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    """The corrections as they are kept: `was` as it stood in the warehouse, `now` as it stands from now on."""
    now = side_texts(rows, "now")
    return with_present(rows, known.values).assign(was=lambda own: own.present, now=now)[COLUMNS]

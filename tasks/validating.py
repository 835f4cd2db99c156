"""Validating: what was read is typed, held against plan and past, and given its versions and verdicts."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from expectations.grounds import Batch
from tasks.known_past import History, history_of, past_of
from tasks.office.workspace import Workspace
from tasks.reading.returns import Reading
from tasks.template.return_fields import KEY_NAMES
from tasks.template.signing import is_signed
from tiendo.cells import number_form, type_cells
from tiendo.file_checks import EVIDENCE, check_files
from tiendo.finding_codes import ERROR
from tiendo.findings import addressed, findings, in_order, no_findings, together
from tiendo.intake_rules import IntakeRules
from tiendo.parts import NOWHERE, PART_KEY, Grid, owed_grid, part_of_rows, parts_of, places_of
from tiendo.verdicts import RETURNED, part_verdicts, results, unfit_files
from tiendo.versions import late_parts, numbered, with_carried
from tiendo.wording import date_text
from warehouse.plan_store import LoadedPlan

FOLDER_AND_SIGNATURE = "folder+signature"

# Signed scans, letters and signatures: kept as evidence beside a return.
EVIDENCE_SUFFIXES = (
    ".pdf",
    ".jpg",
    ".jpeg",
    ".png",
    ".tif",
    ".tiff",
    ".doc",
    ".docx",
    ".p7s",
    ".p7m",
    ".sig",
)

ASIDES = {"year_estimate": np.nan, "outlook": ""}  # what a row may say beside its figure, and nothing of it

VALUE_COLUMNS = [
    "indicator", "number", "numerator", "denominator", "state", "status", "qualifier", "year_estimate",
    "outlook", "outlook_reason", "note", "reason", "remedy",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Validated:
    """A batch with all that was found out about it. Files and parts are numbered.

    files: as received and read. parts: of the files fit to load, with version, is_duplicate, verdict, valid
    and owed (numbers of cells). values: part, VALUE_COLUMNS, carried_from (version). before: unit, period,
    version and VALUE_COLUMNS of the versions that come before. findings: in order, with their cells. results:
    `verdicts.RESULT_COLUMNS`, one a file. cells: raw, as read.
    """

    files: pd.DataFrame
    parts: pd.DataFrame
    values: pd.DataFrame
    before: pd.DataFrame
    findings: pd.DataFrame
    results: pd.DataFrame
    cells: pd.DataFrame
    loaded: LoadedPlan


def intake_rules(workspace: Workspace, loaded: LoadedPlan) -> IntakeRules:
    """The rules of a workspace's settings and its current plan."""
    settings = workspace.settings
    return IntakeRules(
        plan=loaded.plan,
        plan_version=loaded.version,
        calendar=workspace.calendar,
        many_units_from=frozenset(settings.intake.many_units_from),
        partial=settings.intake.partial,
        large_change_pct=settings.rules.large_change_pct,
        reason_required=settings.rules.reason_required,
        bands=workspace.bands,
        locale=settings.workspace.locale,
    )


def validate_batch(workspace: Workspace, received: pd.DataFrame, reading: Reading) -> Validated:
    """The batch validated. Nothing is written but figures carried forward, which are reckoned anyway."""
    loaded = workspace.current_plan()
    rules = intake_rules(workspace, loaded)
    files = _files(workspace, received, reading)
    typed = _typed(files, reading, rules)
    history = history_of(workspace.engine, rules.plan, typed.parts)
    parts = _with_versions(typed, history, reading.digests, files)
    batch = _batch(workspace, replace(typed, parts=parts), history, rules)
    late = _late(parts, history.versions, rules)
    checked = _checked(batch)
    found = together([typed.findings[_concerns(typed.findings, batch)], checked, late])
    parts = parts.assign(verdict=part_verdicts(parts, found), owed=_owed_cells(batch))
    good = _good_values(batch, found, parts)
    values = with_carried(good, parts, history.values, _kept(batch, found, parts))
    parts = parts.assign(valid=good.part.value_counts().reindex(parts.index).fillna(0).astype("int64"))
    found = in_order(addressed(_one_status_each(found, files), reading.places))
    return Validated(
        files=files,
        parts=parts,
        values=values,
        before=history.values,
        findings=found,
        results=results(files, parts, found),
        cells=reading.cells,
        loaded=loaded,
    )


def _files(workspace: Workspace, received: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """What was received and what was read of it; a scan or letter is no return that cannot be read."""
    files = received.merge(reading.files, on="file", how="left")
    is_evidence = files.path.str.lower().str.endswith(EVIDENCE_SUFFIXES)
    kind, code = files.kind.mask(is_evidence, EVIDENCE), files.code.mask(is_evidence, None)
    return files.assign(kind=kind, code=code, signed=_signed(workspace, files) | is_evidence)


def _signed(workspace: Workspace, files: pd.DataFrame) -> pd.Series:
    if workspace.settings.intake.trust != FOLDER_AND_SIGNATURE:
        return pd.Series(True, index=files.index)
    key = workspace.signing_key
    keys_of = files[list(KEY_NAMES)].to_dict("records")
    signed = [is_signed({str(name): said for name, said in keys.items()}, key) for keys in keys_of]
    return pd.Series(signed, index=files.index, dtype=bool)


@dataclass(frozen=True)
class _Typed:
    """The parts of files fit to load (index 0 … n−1), their rows and what they owe; findings of all files."""

    rows: pd.DataFrame
    parts: pd.DataFrame
    owed: Grid
    findings: pd.DataFrame


def _typed(files: pd.DataFrame, reading: Reading, rules: IntakeRules) -> _Typed:
    forms = {
        file: number_form(str(kind), bool(comma), rules.locale)
        for file, kind, comma in zip(files.file, files.kind, files.decimal_comma, strict=True)
    }
    entries = type_cells(reading.cells, forms, rules.locale)
    parts = parts_of(entries.rows, rules.calendar)
    rows = entries.rows.assign(part=part_of_rows(entries.rows, parts))
    owed = owed_grid(rules.plan, parts)
    whole = check_files(files, parts, rows, owed, rules)
    unfit = list(unfit_files(whole))
    is_fit = ~parts.file.isin(unfit).to_numpy()
    rows = rows[~rows.file.isin(unfit)]
    number = np.cumsum(is_fit) - 1
    rows = rows.assign(part=number[rows.part], place=places_of(rules.plan, rows.indicator))
    typed = entries.findings[~entries.findings.file.isin(unfit)]
    return _Typed(rows, parts[is_fit].reset_index(drop=True), owed[is_fit], together([whole, typed]))


def _with_versions(
    typed: _Typed, history: History, digests: pd.DataFrame, files: pd.DataFrame
) -> pd.DataFrame:
    digest = digests.fillna({"unit": "", "period": ""}).set_index(PART_KEY).content_digest
    received_at = files.set_index("file").received_at
    parts = typed.parts.assign(
        content_digest=digest.reindex(pd.MultiIndex.from_frame(typed.parts[PART_KEY])).to_numpy(),
        received_at=received_at.reindex(typed.parts.file).array,
    )
    newest = history.versions.sort_values("version").drop_duplicates(["unit", "period"], keep="last")
    return numbered(parts, newest)


def _batch(workspace: Workspace, typed: _Typed, history: History, rules: IntakeRules) -> Batch:
    """What is to be checked: duplicates change nothing and owe nothing."""
    parts = typed.parts
    new = ~parts.is_duplicate.to_numpy()
    rows = typed.rows[new[typed.rows.part]]
    past = past_of(workspace.engine, parts[new], history, rules)
    return Batch(rows, parts, typed.owed & new[:, None], rules, past)


def _checked(batch: Batch) -> pd.DataFrame:
    if batch.checked.empty:
        return no_findings()
    # Only a batch with figures pays for importing Great Expectations.
    from expectations.suite import validate

    return validate(batch)


def _concerns(found: pd.DataFrame, batch: Batch) -> pd.Series:
    """Whether a finding is of a file, or of a row that is not a duplicate's."""
    return (found.entry < 0) | found.entry.isin(batch.rows.index)


def _late(parts: pd.DataFrame, versions: pd.DataFrame, rules: IntakeRules) -> pd.DataFrame:
    new = parts[~parts.is_duplicate]
    late = new[late_parts(new, versions, rules.calendar)].assign(line=0)
    due, hour = [date_text(day, rules.locale) for day in late.due], rules.calendar.due_hour
    return findings(late, "late", locale=rules.locale, due=due, hour=hour)


def _owed_cells(batch: Batch) -> Grid:
    """Of each part: how many cells were asked for, the optional ones that were given among them."""
    required = batch.owed & batch.indicators.required.to_numpy()
    said = batch.checked[batch.checked.is_owed & (batch.checked.state != "")]
    required[said.part, said.place] = True
    cells: Grid = required.sum(axis=1)
    return cells


def _good_values(batch: Batch, found: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """part, place and VALUE_COLUMNS of the cells that load."""
    wrong = found[(found.severity == ERROR) & (found.entry >= 0)]
    rows = batch.checked[batch.checked.is_owed & (batch.checked.state != "") & (batch.checked.entry >= 0)]
    rows = _without_asides(rows[~rows.entry.isin(wrong.entry[~wrong.field.isin(list(ASIDES))])], wrong)
    if not batch.rules.partial:
        rows = rows[rows.part.map(parts.verdict) != RETURNED]
    number = rows.figure.where(rows.is_ratio, rows.number)
    is_value = rows.state == "value"
    figures = {"number": number, "numerator": rows.numerator, "denominator": rows.denominator}
    rows = rows.assign(**{name: figure.where(is_value) for name, figure in figures.items()})
    return rows[["part", "place", *VALUE_COLUMNS]]


def _without_asides(rows: pd.DataFrame, wrong: pd.DataFrame) -> pd.DataFrame:
    """The rows without what is wrong beside their figure: that does not keep the figure from loading."""
    aside = wrong[wrong.field.isin(list(ASIDES))]
    return rows.assign(
        **{
            name: rows[name].mask(rows.entry.isin(aside.entry[aside.field == name]), nothing)
            for name, nothing in ASIDES.items()
        }
    )


def _kept(batch: Batch, found: pd.DataFrame, parts: pd.DataFrame) -> Grid:
    """Part × indicator: where the version before keeps its value, the cell being wrong or missing."""
    kept = np.zeros(batch.owed.shape, dtype=bool)
    wrong = found[(found.severity == ERROR) & (found.indicator != "") & ~found.field.isin(list(ASIDES))]
    place = places_of(batch.rules.plan, wrong.indicator)
    part = part_of_rows(wrong, parts)
    kept[part[place != NOWHERE], place[place != NOWHERE]] = True
    if not batch.rules.partial:
        kept[parts.verdict == RETURNED] = True
    return kept & batch.owed


def _one_status_each(found: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """A wrong status of a whole sheet is said once, at the cell where it is chosen."""
    cell = found.file.map(files.set_index("file").status_cell)
    of_sheet = (found.code == "bad_status") & cell.notna()
    once = found[~of_sheet | ~found.duplicated(["file", "code"])]
    whole = of_sheet[once.index]
    return once.assign(
        cell=once.cell.mask(whole, cell[once.index].fillna("")),
        indicator=once.indicator.mask(whole, ""),
        line=once.line.mask(whole, 0),
    )

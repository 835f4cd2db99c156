"""Validating: what was read is typed, held against plan and past, and given its versions and verdicts."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from expectations.grounds import Batch
from expectations.last_period import LastPeriod
from tasks.known_past import History, history_of, past_of
from tasks.office.workspace import Workspace
from tasks.reading.plain_returns import with_plain_resolved
from tasks.reading.returns import Reading
from tasks.template.return_fields import KEY_NAMES
from tasks.template.signing import is_signed
from tiendo.approvals import documents_of
from tiendo.cells import in_unicode, number_form, type_cells
from tiendo.corrections import repeated_corrections
from tiendo.file_checks import check_files
from tiendo.finding_codes import ERROR, INFO, WARNING
from tiendo.findings import addressed, findings, in_order, no_findings, together
from tiendo.inheritance import with_inherited_targets
from tiendo.intake_rules import IntakeRules
from tiendo.kinds import BOOKS, EVIDENCE, TEMPLATE
from tiendo.locked_cells import changed_cells, redefined
from tiendo.parts import NOWHERE, PART_KEY, Grid, owed_grid, part_of_rows, parts_of, places_of
from tiendo.periods import Period
from tiendo.reporting import reporter_sets
from tiendo.verdicts import RETURNED, part_verdicts, results, unfit_files
from tiendo.versions import late_parts, numbered, replayed, with_carried
from tiendo.wording import date_text
from tiendo.year_plans import year_plans
from warehouse.connecting import reading as warehouse_reading
from warehouse.correction_store import corrections_of
from warehouse.intake_store import receipts_of
from warehouse.period_store import acts_of
from warehouse.plan_store import LoadedPlan, load_plan

FOLDER_AND_SIGNATURE = "folder+signature"
REFUSAL = ["code", "seen", "facts"]

# What a row may say beside its figure, and nothing of it.
ASIDES = {"year_estimate": np.nan, "outlook": "", "outlook_reason": ""}

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
        acts=acts_of(workspace.engine),
    )


def validate_batch(workspace: Workspace, received: pd.DataFrame, reading: Reading) -> Validated:
    """The batch validated. Nothing is written but figures carried forward, which are reckoned anyway."""
    loaded = workspace.current_plan()
    rules = intake_rules(workspace, loaded)
    reading = with_plain_resolved(reading, received, rules)
    files = _files(workspace, received, reading)
    cells, encodings = in_unicode(reading.cells)
    files = files.assign(encoding=files.encoding.fillna(files.file.map(encodings)))
    files, typed, history = _numbered(workspace, files, replace(reading, cells=cells), rules)
    parts = typed.parts
    batch = _batch(workspace, typed, history, rules)
    late = _late(parts, history.versions, rules)
    checked = _checked(batch)
    locked = [_locked(batch, cells, files), _redefined(workspace, batch, files), _undone(workspace, batch)]
    found = together([typed.findings[_concerns(typed.findings, batch)], *locked, checked, late])
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
        cells=cells,
        loaded=loaded,
    )


def _files(workspace: Workspace, received: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """What was received and what was read of it; what was refused at receipt was not read."""
    files = received.drop(columns=REFUSAL, errors="ignore").merge(reading.files, on="file", how="left")
    if "code" in received:
        at_receipt = received.code.notna().to_numpy()
        files.loc[at_receipt, REFUSAL] = received.loc[at_receipt, REFUSAL].to_numpy()
    return files.assign(signed=_signed(workspace, files), replayed_on=None)


def _signed(workspace: Workspace, files: pd.DataFrame) -> pd.Series:
    """Whether each file may be taken as ours: signed, or, where folders are trusted, all; what has no figures is."""
    if workspace.settings.intake.trust != FOLDER_AND_SIGNATURE:
        return pd.Series(True, index=files.index)
    keys = workspace.signing_keys
    said = files[list(KEY_NAMES)].to_dict("records")
    signed = [is_signed({str(name): text for name, text in each.items()}, keys) for each in said]
    return pd.Series(signed, index=files.index, dtype=bool) | (files.kind == EVIDENCE)


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
    entries = type_cells(reading.cells, forms, rules.locale, reading.flaws)
    parts = parts_of(entries.rows, rules.plan, rules.calendar)
    rows = entries.rows.assign(part=part_of_rows(entries.rows, parts))
    owed = owed_grid(rules.plan, parts)
    whole = check_files(files, parts, rows, owed, rules, reading.flaws)
    unfit = list(unfit_files(whole))
    is_fit = ~parts.file.isin(unfit).to_numpy()
    rows = rows[~rows.file.isin(unfit)]
    number = np.cumsum(is_fit) - 1
    rows = rows.assign(part=number[rows.part], place=places_of(rules.plan, rows.indicator))
    typed = entries.findings[~entries.findings.file.isin(unfit)]
    return _Typed(rows, parts[is_fit].reset_index(drop=True), owed[is_fit], together([whole, typed]))


def _numbered(
    workspace: Workspace, files: pd.DataFrame, reading: Reading, rules: IntakeRules
) -> tuple[pd.DataFrame, _Typed, History]:
    """The files typed, their parts numbered as versions; without those that would bring back what was given up.

    Which they are shows only when the parts are numbered: then they are refused, and the others numbered anew.
    """
    known = receipts_of(workspace.engine, files.sha256)
    while True:
        typed = _typed(files, reading, rules)
        history = history_of(workspace.engine, rules.plan, typed.parts)
        parts = _with_versions(typed, history, reading.digests, files)
        received = replayed(
            parts, files, history.versions.merge(known, on="receipt", suffixes=("_of_version", ""))
        )
        if received.empty:
            return files, replace(typed, parts=parts), history
        days = received.map(workspace.calendar.civil_date)
        files = files.assign(replayed_on=files.replayed_on.fillna(files.file.map(days)))


def _with_versions(
    typed: _Typed, history: History, digests: pd.DataFrame, files: pd.DataFrame
) -> pd.DataFrame:
    digest = digests.fillna({"unit": "", "period": ""}).set_index(PART_KEY).content_digest
    of_file = files.set_index("file").reindex(typed.parts.file)
    about = pd.Series([_as_text(said) for said in of_file.about], index=typed.parts.index, dtype="str")
    said = digest.reindex(pd.MultiIndex.from_frame(typed.parts[PART_KEY])).to_numpy()
    parts = typed.parts.assign(
        content_digest=_signed_digests(said, documents_of(about)),
        received_at=of_file.received_at.array,
        about=about,
    )
    newest = history.versions.sort_values("version").drop_duplicates(["unit", "period"], keep="last")
    return numbered(parts, newest)


def _as_text(about: object) -> str:
    """What a sender said of a return (`return_fields.SENDER_FIELDS`) as JSON; "" where nothing."""
    if not isinstance(about, dict) or not about:
        return ""
    texts = {name: f"{cell:.15g}" if isinstance(cell, float) else str(cell) for name, cell in about.items()}
    return json.dumps(texts, ensure_ascii=False, sort_keys=True)


def _signed_digests(digests: Iterable[str], documents: pd.Series) -> list[str]:
    """Of each part what its content is known by: the same figures under a signed document are a new word."""
    return [
        hashlib.sha256(f"{digest} {document}".encode()).hexdigest() if document else digest
        for digest, document in zip(digests, documents, strict=True)
    ]


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


def _locked(batch: Batch, cells: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """Findings of locked cells that were changed; a .csv has none."""
    rows = batch.rows
    about = files.set_index("file")
    kind = rows.file.map(about.kind)
    rows = rows[kind.isin(BOOKS)]
    if rows.empty:
        return no_findings()
    version = pd.to_numeric(about.plan_version, errors="coerce")
    is_current = rows.file.map((version == batch.rules.plan_version) & (about.kind == TEMPLATE))
    said = cells.reset_index(drop=True).loc[rows.index, ["measure", "target", "previous"]]
    expected = {"target": _year_plans(batch), "previous": _last_figures(batch)}
    return changed_cells(rows.join(said), batch.rules.plan, is_current, expected, batch.rules.locale)


def _redefined(workspace: Workspace, batch: Batch, files: pd.DataFrame) -> pd.DataFrame:
    """Findings of rows of older templates whose indicator is reported in another way today."""
    version = pd.to_numeric(files.set_index("file").plan_version, errors="coerce")
    found = [no_findings()]
    for older in sorted(set(version[version.between(1, batch.rules.plan_version - 1)])):
        changed = redefined(load_plan(workspace.engine, int(older)).plan, batch.rules.plan)
        files_of = version.index[version == older]
        rows = batch.rows[batch.rows.file.isin(files_of) & batch.rows.indicator.isin(changed)]
        said = rows.assign(entry=rows.index, field="value", template_version=int(older))
        found.append(findings(said, "redefined", locale=batch.rules.locale))
    return together(found)


def _undone(workspace: Workspace, batch: Batch) -> pd.DataFrame:
    """Findings of rows that say again what the office has corrected; a word in the note answers the doubt."""
    with warehouse_reading(workspace.engine) as connection:
        made = corrections_of(connection, batch.parts.period.unique().tolist())
    if made.empty:
        return no_findings()
    again = repeated_corrections(batch.rows.assign(entry=batch.rows.index), made, batch.rules.locale)
    confirmed = again.note != ""
    told = ((WARNING, again[~confirmed]), (INFO, again[confirmed]))
    return together(
        findings(rows, "undoes_correction", locale=batch.rules.locale, severity=severity)
        for severity, rows in told
    )


def _year_plans(batch: Batch) -> Grid:
    """The year's plan as a template shows it: part × indicator, NaN where there is none."""
    plan, parts = batch.rules.plan, batch.parts
    grid = np.full(batch.owed.shape, np.nan)
    for text, some in parts[parts.kind != ""].groupby("period", sort=False):
        sets, members = reporter_sets(plan, some.cut_off.iloc[0])
        lone = members[~members.set.duplicated(keep=False)].set_index("set").unit
        shown = with_inherited_targets(plan, some.cut_off.iloc[0])
        plans = year_plans(shown, Period.parse(str(text)), some.unit.unique(), sets.map(lone).dropna())
        units = some[["unit"]].rename_axis("part").reset_index()
        known = plans.merge(units, on="unit")
        grid[known.part, places_of(plan, known.indicator)] = known.target
    return grid


def _last_figures(batch: Batch) -> Grid:
    """Last period's figures of what a template shows as it was reported (a flow is shown summed up)."""
    is_flow = (batch.indicators.accumulation == "flow").to_numpy()
    return np.where(is_flow, np.nan, LastPeriod(batch).figure)


def _concerns(found: pd.DataFrame, batch: Batch) -> pd.Series:
    """Whether a finding is of a file, or of a row that is not a duplicate's."""
    return (found.entry < 0) | found.entry.isin(batch.rows.index)


def _late(parts: pd.DataFrame, versions: pd.DataFrame, rules: IntakeRules) -> pd.DataFrame:
    new = parts[~parts.is_duplicate]
    late = new[late_parts(new, versions, rules.calendar)].assign(line=0)
    due = [date_text(day, rules.locale) for day in late.due]
    return findings(late.assign(due=due), "late", locale=rules.locale)


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
    return as_values(rows)


def as_values(rows: pd.DataFrame) -> pd.DataFrame:
    """part, place and VALUE_COLUMNS of checked rows (`Batch.checked`)."""
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

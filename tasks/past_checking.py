"""Past periods' figures checked before they are imported: read, typed and held against plan and past, as returns are.

Less is asked of them than of a return: nothing is owed, so nothing is missing, late or locked, and no shortfall needs a
reason. What is there must be right all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from expectations.grounds import NO_ENTRY, Batch
from tasks.known_past import history_of, past_of
from tasks.office.workspace import Workspace
from tasks.reading.known import what_is_known
from tasks.reading.limits import limits_of
from tasks.reading.returns import Reading, read_returns
from tasks.validating import as_values
from tiendo.cells import in_unicode, number_form, type_cells
from tiendo.file_checks import check_files
from tiendo.finding_codes import ERROR
from tiendo.findings import addressed, findings, in_order, no_findings, together
from tiendo.intake_rules import IntakeRules
from tiendo.parts import NOWHERE, PART_KEY, Grid, owed_grid, part_of_rows, parts_of, places_of
from tiendo.past_checks import CASE, check_past
from warehouse.intake_store import submissions_of

IMPORT = "import"  # source and stamp of the receipts, origin of the submissions

# Said of what is not there: of the past nobody is asked for more than there is.
OF_ABSENCE = "missing_value"


@dataclass(frozen=True, eq=False)
class Checked:
    """Files checked together: files, their parts (with content_digest), values (part, place, VALUE_COLUMNS), findings.

    owed: part × indicator.
    """

    files: pd.DataFrame
    parts: pd.DataFrame
    owed: Grid
    values: pd.DataFrame
    findings: pd.DataFrame


def check_files_of_past(
    workspace: Workspace, files: pd.DataFrame, rules: IntakeRules, at: datetime
) -> Checked:
    """Some files read, typed and held against plan and past, as returns are."""
    reading = read_returns(
        files[["file", "path", "name"]].assign(speaks_for_others=True),
        limits_of(workspace.settings),
        what_is_known(rules.plan),
    )
    cells, encodings = in_unicode(reading.cells)
    about = reading.files.assign(encoding=reading.files.encoding.fillna(reading.files.file.map(encodings)))
    forms = {
        file: number_form(str(kind), bool(comma), rules.locale)
        for file, kind, comma in zip(about.file, about.kind, about.decimal_comma, strict=True)
    }
    entries = type_cells(cells, forms, rules.locale, reading.flaws)
    parts = parts_of(entries.rows, rules.plan, rules.calendar)
    rows = entries.rows.assign(part=part_of_rows(entries.rows, parts))
    owed = owed_grid(rules.plan, parts)
    returned = _returned(workspace, parts)
    whole = together(
        [
            _of_files(files, about, rows, reading, rules, at),
            check_past(parts, owed, returned, rules, workspace.calendar.civil_date(at)),
        ]
    )
    batch, parts = _batch(workspace, rows, parts, owed, whole, rules)
    found = together([whole, entries.findings, _of_rows(batch)])
    found = in_order(addressed(found, reading.places))
    is_said = batch.checked.is_owed & (batch.checked.state != "") & (batch.checked.entry != NO_ENTRY)
    digests = reading.digests.set_index(PART_KEY).content_digest
    keys = pd.MultiIndex.from_frame(parts[PART_KEY])
    parts = parts.assign(content_digest=digests.reindex(keys).to_numpy())
    values = _compact(as_values(batch.checked[is_said]).join(batch.checked.line))
    return Checked(files, parts, batch.owed, values, found)


def _of_files(
    files: pd.DataFrame,
    about: pd.DataFrame,
    rows: pd.DataFrame,
    reading: Reading,
    rules: IntakeRules,
    at: datetime,
) -> pd.DataFrame:
    """Findings of files as such: which cannot be read, which say nothing, which were written in an unusual way."""
    instant = pd.Timestamp(at).tz_convert("UTC")
    said = about.assign(
        sender=rules.plan.term.authority, path=about.file.map(files.set_index("file")["name"])
    )
    said = said.assign(received_at=instant, recorded_at=instant, signed=True, replayed_on=None)
    no_parts = parts_of(rows.iloc[:0], rules.plan, rules.calendar)
    nothing_owed = owed_grid(rules.plan, no_parts)
    return check_files(said, no_parts, rows.iloc[:0].assign(part=0), nothing_owed, rules, reading.flaws)


def _returned(workspace: Workspace, parts: pd.DataFrame) -> pd.DataFrame:
    """unit, period, version of all that units have reported, or the office has corrected, of the parts' periods."""
    versions = submissions_of(workspace.engine, None, parts.period.unique().tolist())
    return versions.loc[versions.origin != IMPORT, [*CASE, "version"]]


def _batch(
    workspace: Workspace,
    rows: pd.DataFrame,
    parts: pd.DataFrame,
    owed: Grid,
    whole: pd.DataFrame,
    rules: IntakeRules,
) -> tuple[Batch, pd.DataFrame]:
    """The parts that can be taken, numbered anew, with their rows, ready to be held against plan and past."""
    bad = pd.MultiIndex.from_frame(whole.loc[whole.severity == ERROR, PART_KEY])
    is_fit = ~pd.MultiIndex.from_frame(parts[PART_KEY]).isin(bad)
    number = np.cumsum(is_fit) - 1
    rows = rows[is_fit[rows.part]]
    rows = rows.assign(part=number[rows.part], place=places_of(rules.plan, rows.indicator))
    fit = parts[is_fit].reset_index(drop=True).assign(is_duplicate=False)
    history = history_of(workspace.engine, rules.plan, fit)
    return Batch(rows, fit, owed[is_fit], rules, past_of(workspace.engine, fit, history, rules)), fit


def _of_rows(batch: Batch) -> pd.DataFrame:
    """Findings of rows; without what is only said of cells that are not there."""
    if batch.checked.empty:
        return no_findings()
    # Only a batch with figures pays for importing Great Expectations.
    from expectations.suite import validate

    found = validate(batch)
    empty = batch.checked.entry[batch.checked.state == ""]
    return found[(found.code != OF_ABSENCE) | ~found.entry.isin(empty)]


def _compact(values: pd.DataFrame) -> pd.DataFrame:
    """The values with each text kept once: those of all files wait until all are known to be right."""
    texts = [name for name in values if values[name].dtype.kind not in "iufb"]
    return values.astype(dict.fromkeys(texts, "category"))


def given_twice(checked: Sequence[Checked], rules: IntakeRules) -> pd.DataFrame:
    """Findings of cells that an earlier file gives too."""
    if not checked:
        return no_findings()
    said = pd.concat(
        [
            each.values[["part", "place", "line"]].join(each.parts[["file", *CASE]], on="part")
            for each in checked
        ],
        ignore_index=True,
    )
    said = said[said.place != NOWHERE]
    key = [*CASE, "place"]
    again = said[said.duplicated(key, keep=False)]
    again = again[again.groupby(key).file.transform("nunique") > 1]
    names = pd.concat([each.files for each in checked]).set_index("file")["name"]
    first = again.drop_duplicates(key).set_index(key)
    later = again[again.duplicated(key)]
    where = first.reindex(pd.MultiIndex.from_frame(later[key]))
    told = [f"{names[file]} dòng {line}" for file, line in zip(where.file, where.line, strict=True)]
    indicator = rules.plan.indicators.index.to_numpy()[later.place]
    return findings(
        later.assign(indicator=indicator, first=told), "given_twice", locale=rules.locale, found=indicator
    )

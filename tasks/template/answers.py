"""What goes back where a return is to be corrected: the same workbook, marked, or a CSV of findings."""

import csv
import io
from collections.abc import Hashable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter.workbook import Workbook

from tasks.book.strict_sheet import Style, write_whole
from tasks.template.faults_sheet import Fault, write_faults
from tasks.template.return_fields import ENTRY_FIELDS
from tasks.template.template_book import write_filled
from tasks.template.template_entry import STATUS_COLUMN
from tasks.template.template_layout import STATUS, Layout, layout
from tasks.template.template_page import WHOLE_SHEET, Mark, Place
from tasks.template.template_sheet import ASKED_COLUMNS, Asked, TemplateSheet
from tasks.template.template_words import word
from tiendo.findings import FINDING_COLUMNS
from tiendo.labels import label

CSV_COLUMNS = [name for name in FINDING_COLUMNS if name != "file"]

# Cells to fill beside the figure itself.
OTHER_INPUTS = ("state", "reason", "remedy", "note")
OUTLOOK_INPUTS = ("outlook", "outlook_reason")

# The texts of a finding, as Fault takes them.
FAULT_TEXTS = ["severity", "cell", "indicator", "found", "message", "fix"]

SEVERITIES = ("error", "warning", "info")  # from the gravest

LONGEST_TEXT = 32_767  # of a cell

Line = tuple[int, Asked]  # a row of the sheet, from 0, and what it asks

# What a spreadsheet would take for a formula at the beginning of a CSV field.
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def with_entries(sheet: TemplateSheet, cells: pd.DataFrame) -> TemplateSheet:
    """The template with what a sender typed: raw cells of one file (indicator, period and ENTRY_FIELDS).

    Rows that the template does not ask for are left out; of a row sent twice the first stays.
    """
    entered = [name for name in ENTRY_FIELDS if name in cells and name in ASKED_COLUMNS]
    keys = ["indicator", "period"]
    typed = cells[[*keys, *entered]].drop_duplicates(keys)
    typed = typed.assign(**{name: [_within_a_cell(cell) for cell in typed[name]] for name in entered})
    asked = sheet.rows.drop(columns=entered, errors="ignore")
    return replace(sheet, rows=asked.merge(typed, on=keys, how="left"))


def _within_a_cell(cell: Any) -> Any:
    """What was typed, as far as a cell of a workbook can hold it."""
    is_long = isinstance(cell, str) and len(cell) > LONGEST_TEXT
    return f"{cell[: LONGEST_TEXT - 1]}…" if is_long else cell


def write_corrected(path: Path, sheet: TemplateSheet, findings: pd.DataFrame) -> list[Fault]:
    """Writes the workbook of a returned file: values as typed, wrong cells red with a note, the sheet *Lỗi*.

    sheet: filled with what was typed (with_entries). findings: FINDING_COLUMNS of the file; a cell is known
    by indicator, period and field, wherever it stood in the file that was sent. The workbook opens at the
    first red cell. Gives the findings with their places in it.
    """
    table = layout(sheet.asked(), sheet.locale)
    found = faults(findings, table)

    def add_faults(book: Workbook, style: Style) -> None:
        write_faults(book, style, sheet, table, found)

    write_filled(path, sheet, table, marks(found, sheet.locale), add_faults)
    return found


def faults(findings: pd.DataFrame, table: Layout) -> list[Fault]:
    """The findings of one file with their places in the template."""
    lines: dict[tuple[str, str], Line] = {}
    for row, asked in reversed(list(table.asked())):
        lines |= {(asked.indicator, ""): (row, asked), (asked.indicator, asked.period): (row, asked)}
    texts = findings[FAULT_TEXTS].astype("object").fillna("").astype("str").to_dict("records")
    about = zip(texts, findings["period"], findings["field"], strict=True)
    return [
        _fault(said, lines.get((said["indicator"], period)), field, table) for said, period, field in about
    ]


def _fault(texts: dict[Hashable, Any], line: Line | None, field: str, table: Layout) -> Fault:
    """A finding with the cell to fill at which it is shown, or that of the file as it was sent."""
    fault = Fault(**{str(name): text for name, text in texts.items()})
    if field == "status":
        return replace(fault, place=WHOLE_SHEET, cell=table.address(STATUS, STATUS_COLUMN))
    if line is None:
        return fault
    row, asked = line
    name = _cell_to_fill(asked, field)
    return replace(fault, place=(asked.indicator, asked.period, name), cell=table.address(row, name))


def _cell_to_fill(asked: Asked, field: str) -> str:
    """The input of a row in which a field's fault is mended: a ratio has no value of its own."""
    is_asked = asked.asks_outlook if field in OUTLOOK_INPUTS else asked.asks_year_estimate
    if field in OTHER_INPUTS or (field in (*OUTLOOK_INPUTS, "year_estimate") and is_asked):
        return field
    if not asked.ratio:
        return "value"
    return field if field == "denominator" else "numerator"


def marks(found: Iterable[Fault], locale: str) -> dict[Place, Mark]:
    """All that is wrong with each cell as one mark, the gravest first."""
    notes: dict[Place, list[tuple[int, str]]] = {}
    for fault in found:
        if fault.place is not None:
            severity = label("severity", fault.severity, locale)
            note = word("fault_note", locale, severity=severity, message=fault.message, fix=fault.fix)
            notes.setdefault(fault.place, []).append((SEVERITIES.index(fault.severity), note))
    return {
        place: Mark(SEVERITIES[min(said)[0]], "\n".join(dict.fromkeys(note for _, note in sorted(said))))
        for place, said in notes.items()
    }


def write_findings_csv(path: Path, findings: pd.DataFrame) -> None:
    """Writes findings as CSV, UTF-8 with the BOM by which Excel knows it: FINDING_COLUMNS but the file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in findings[CSV_COLUMNS].astype("object").fillna("").itertuples(index=False):
        writer.writerow([_harmless(str(cell)) for cell in row])
    write_whole(path, text.getvalue().encode("utf-8-sig"))


def _harmless(text: str) -> str:
    """What a return held must not become a formula when Excel opens the file."""
    if text.startswith(FORMULA_BEGINNINGS) and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "").replace(",", "").isdecimal()

"""An issued template filled as an officer fills it: cells get what was typed, all else stays as it was."""

import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd
from python_calamine import load_workbook

from tasks.reading.file_kinds import XLSX
from tasks.reading.reading_workbook import read_workbook
from tasks.reading.returns import Limits
from tasks.template.return_fields import ENTRY_FIELDS


def fill_template(template: Path, entries: pd.DataFrame, filled: Path) -> None:
    """Write a copy of a template with entries typed in: period, indicator and the fields of a return.

    Cells take numbers as numbers and other texts as texts; an empty entry leaves its cell as it is. Raises
    KeyError if an entry's row or field is not in the template.
    """
    said = read_workbook(template, template.read_bytes(), XLSX, {}, Limits().for_child())
    keys = zip(said["columns"]["period"], said["columns"]["indicator"], strict=True)
    rows = dict(zip(keys, said["rows"], strict=True))
    typed = dict(_typed(entries, rows, said["fields"]))
    part = _part_of(template, said["sheet"])
    with zipfile.ZipFile(template) as old, zipfile.ZipFile(filled, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            new.writestr(item, _with_cells(content.decode(), typed) if item.filename == part else content)


def _typed(
    entries: pd.DataFrame, rows: Mapping[tuple[str, str], int], columns: Mapping[str, str]
) -> Iterable[tuple[str, str]]:
    """Address and text of every cell that something was typed into."""
    for entry in entries.to_dict("records"):
        row = rows[entry["period"], entry["indicator"]]
        for field in ENTRY_FIELDS:
            if text := str(entry.get(field, "")):
                yield f"{columns[field]}{row}", text


def _part_of(template: Path, sheet: str) -> str:
    """The part of our own archive that holds a sheet: they are numbered in the book's order."""
    with load_workbook(str(template)) as book:
        return f"xl/worksheets/sheet{book.sheet_names.index(sheet) + 1}.xml"


def _with_cells(xml: str, typed: Mapping[str, str]) -> str:
    for address, text in typed.items():
        cell = re.search(rf'<c r="{address}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', xml)
        assert cell, f"no cell {address}"
        xml = xml[: cell.start()] + _cell(address, cell[1], text) + xml[cell.end() :]
    return xml


def _cell(address: str, style: str | None, text: str) -> str:
    opened = f'<c r="{address}"{style or ""}'
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return f"{opened}><v>{text}</v></c>"
    return f'{opened} t="inlineStr"><is><t>{escape(text)}</t></is></c>'

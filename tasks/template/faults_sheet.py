"""The sheet *Lỗi* of a workbook that goes back: each finding, its place, what was found, why, how to mend."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from tasks.book.strict_sheet import StrictSheet, Style
from tasks.book.text_fit import line_count, row_height
from tasks.template.template_columns import PIXELS_PER_CHARACTER
from tasks.template.template_layout import Layout
from tasks.template.template_page import FAULT_COLOURS, HEAD_FILL, LINE_COLOUR, Place
from tasks.template.template_sheet import TemplateSheet
from tasks.template.template_words import word
from tiendo.labels import label, period_label

# Columns with their widths.
COLUMNS = {"number": 5, "severity": 10, "cell": 9, "indicator": 34, "found": 20, "message": 38, "fix": 38}
HEADINGS = 3  # their row, from 0
A4 = 9
INDENT = 2  # characters of a column that an indented text does not have
LINK_COLOUR = "#0563C1"


@dataclass(frozen=True)
class Fault:
    """One finding as its sender is told of it; `place` is its cell in the template, None for none.

    `cell` is that cell's address; without a place, the address in the file as it was sent.
    """

    severity: str
    cell: str
    indicator: str
    found: str
    message: str
    fix: str
    place: Place | None = None


def write_faults(
    book: Workbook, style: Style, sheet: TemplateSheet, layout: Layout, faults: Iterable[Fault]
) -> None:
    """Adds the sheet to the workbook; addresses lead to their cells in the sheet of figures."""
    page = _Page(StrictSheet(book.add_worksheet(word("sheet_faults", sheet.locale))), style, sheet.locale)
    period = period_label(sheet.period, sheet.locale)
    _write_head(page, word("faults_title", sheet.locale, name=sheet.unit_name, period=period))
    names = {asked.indicator: asked.name for _, asked in layout.asked()}
    for number, fault in enumerate(faults, 1):
        about = f"{fault.indicator} {names.get(fault.indicator, '')}".strip()
        _write_texts(page, number, fault, about or page.word("fault_everywhere"))
        _write_address(page, number, fault)


@dataclass(frozen=True)
class _Page:
    """The sheet while it is written."""

    out: StrictSheet
    style: Style
    locale: str

    def word(self, key: str) -> str:
        return word(key, self.locale)

    def box(self, **properties: Any) -> Format:
        """A cell of the table."""
        return self.style(border=1, border_color=LINE_COLOUR, text_wrap=True, **properties)


def _write_head(page: _Page, title: str) -> None:
    out, style = page.out, page.style
    out.text(0, 0, title, style(bold=True, font_size=16, font_color=HEAD_FILL))
    out.text(1, 0, page.word("faults_rule"), style(italic=True))
    head = style(bold=True, font_color="#FFFFFF", bg_color=HEAD_FILL, border=1, align="center")
    for column, (name, width) in enumerate(COLUMNS.items()):
        out.sheet.set_column(column, column, width)
        out.text(HEADINGS, column, page.word(f"fault_{name}"), head)
    for row, height in {0: 28, 1: 20, HEADINGS: 26}.items():
        out.sheet.set_row(row, height)
    out.sheet.freeze_panes(HEADINGS + 1, 0)
    out.sheet.hide_gridlines(2)
    out.sheet.set_landscape()
    out.sheet.set_paper(A4)
    out.sheet.fit_to_pages(1, 0)
    out.sheet.repeat_rows(HEADINGS)


def _write_texts(page: _Page, number: int, fault: Fault, about: str) -> None:
    row = HEADINGS + number
    fill, ink = FAULT_COLOURS[fault.severity]
    page.out.number(row, _column("number"), number, page.box(align="center"))
    severity = page.box(align="center", bg_color=fill, font_color=ink)
    page.out.text(row, _column("severity"), label("severity", fault.severity, page.locale), severity)
    message = fault.message[:1].upper() + fault.message[1:]
    texts = {"indicator": about, "found": fault.found, "message": message, "fix": fault.fix}
    for name, text in texts.items():
        page.out.text(row, _column(name), text, page.box(indent=1))
    lines = max(
        line_count(text, (COLUMNS[name] - INDENT) * PIXELS_PER_CHARACTER) for name, text in texts.items()
    )
    page.out.sheet.set_row(row, row_height(lines))


def _write_address(page: _Page, number: int, fault: Fault) -> None:
    row, column = HEADINGS + number, _column("cell")
    if fault.place is None:
        page.out.text(row, column, fault.cell, page.box(align="center"))
    else:
        link = page.box(align="center", underline=1, font_color=LINK_COLOUR)
        page.out.link(row, column, (page.word("sheet_entry"), fault.cell), link, fault.cell)


def _column(name: str) -> int:
    return list(COLUMNS).index(name)

"""The workbook that a unit fills for one closing. FORMATS §3, UX §1."""

from collections.abc import Callable, Mapping
from pathlib import Path

from xlsxwriter.workbook import Workbook

from tasks.book.strict_sheet import Style, write_workbook
from tasks.template.signing import sign
from tasks.template.template_entry import write_entry
from tasks.template.template_layout import Layout, layout
from tasks.template.template_page import Mark, Place
from tasks.template.template_sheet import Asked, TemplateSheet
from tasks.template.template_sides import write_guide, write_hidden, write_narrative, write_sender
from tasks.template.template_words import word
from tiendo.labels import period_label

__all__ = ["Asked", "TemplateSheet", "sign", "write_template"]

Extra = Callable[[Workbook, Style], None]


def write_template(path: Path, sheet: TemplateSheet) -> None:
    """Writes the workbook; the same sheet gives the same bytes.

    Raises InputError where it cannot be written, or something in it would be lost.
    """
    write_filled(path, sheet, layout(sheet.asked(), sheet.locale), {}, None)


def write_filled(
    path: Path, sheet: TemplateSheet, table: Layout, marks: Mapping[Place, Mark], extra: Extra | None
) -> None:
    """The same workbook with cells marked as wrong and, after the table, the sheet that `extra` adds."""

    def fill(book: Workbook) -> None:
        style = Style(book)
        write_entry(book, style, sheet, table, marks)
        if sheet.asks_narrative:
            write_narrative(book, style, sheet)
        if extra is not None:
            extra(book, style)
        write_guide(book, style, sheet)
        write_sender(book, style, sheet)
        write_hidden(book, style, sheet)

    title = word("title", sheet.locale, period=period_label(sheet.period, sheet.locale))
    write_workbook(path, sheet.issued_at, title, fill)

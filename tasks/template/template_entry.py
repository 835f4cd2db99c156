"""The sheet of a template that people fill: title, rules, status, table, signatures, and how it prints."""

from collections.abc import Mapping

from xlsxwriter.workbook import Workbook

from tasks.book.strict_sheet import StrictSheet, Style
from tasks.template.return_fields import STATUS_MARK, column_letters
from tasks.template.template_checks import (
    STATUSES_NAME,
)
from tasks.template.template_columns import heading
from tasks.template.template_formulas import (
    counter_formula,
    counter_result,
    rule_formula,
    rule_result,
    stem,
)
from tasks.template.template_layout import (
    FIELDS,
    FIRST_LINE,
    HEADINGS,
    LETTERS,
    RULE,
    STATUS,
    SUBTITLE,
    TITLE,
    Layout,
)
from tasks.template.template_page import (
    FAULT_COLOURS,
    HEAD_FILL,
    LINE_COLOUR,
    WHOLE_SHEET,
    Mark,
    Page,
    Place,
    sheet_status,
)
from tasks.template.template_rows import comment, stop, write_lines
from tasks.template.template_sheet import TemplateSheet
from tasks.template.template_words import word
from tiendo.labels import period_label
from tiendo.wording import date_text

HEIGHTS = {TITLE: 28, SUBTITLE: 20, RULE: 20, STATUS: 24, HEADINGS: 52, LETTERS: 14}
CHECK_FILLS = {"ok": "#C6E7C8", "missing": "#FFE08A", "fix_number": "#F8B4AE", "look_fell": "#FFD9A0"}

# The column whose cell above the table holds the status of the whole sheet.
STATUS_COLUMN = "measure"

MARGINS = {"left": 0.79, "right": 0.59, "top": 0.59, "bottom": 0.71}  # inches: 20, 15, 15, 18 mm
A4 = 9
LINES_ABOVE = 3  # stay in sight above the cell where the sheet opens

FOOTER_LENGTH = 200  # of the 255 characters that Excel takes, page numbers and codes aside


def write_entry(
    book: Workbook, style: Style, template: TemplateSheet, layout: Layout, marks: Mapping[Place, Mark]
) -> None:
    """Adds the sheet to the workbook"""
    sheet = book.add_worksheet(word("sheet_entry", template.locale))
    page = Page(StrictSheet(sheet), style, template, layout, marks)
    _set_columns(page)
    _write_head(page)
    results = write_lines(page)
    _write_rules(page, results)
    _write_signatures(page)
    _colour_checks(page)
    _set_view(page)
    _set_print(page)


def _set_columns(page: Page) -> None:
    columns = page.layout.columns
    for place, column in enumerate(columns.all):
        hidden = {"hidden": True} if place >= columns.visible else {}
        page.out.sheet.set_column(place, place, column.width, None, hidden)


def _write_head(page: Page) -> None:
    template, columns, style = page.template, page.layout.columns, page.style
    last = columns.visible - 1
    period = period_label(template.period, template.locale).upper()
    title = style(bold=True, font_size=16, align="center", font_color=HEAD_FILL)
    page.out.merge(TITLE, 0, last, page.word("title", period=period), title)
    page.out.merge(SUBTITLE, 0, last, _subtitle(page), style(bold=True, align="center"))
    white = {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD_FILL}
    head = style(**white, border=1, border_color="#FFFFFF", align="center", text_wrap=True)
    letter = style(italic=True, font_size=9, border=1, border_color=LINE_COLOUR, align="center")
    rows = [row for _, row in page.layout.asked()]
    for place, column in enumerate(columns.all[: columns.visible]):
        page.out.text(HEADINGS, place, heading(column, columns, rows, template.locale), head)
        page.out.text(LETTERS, place, column_letters(place), letter)
    for place, column in enumerate(columns.all):
        page.out.text(FIELDS, place, column.field, style())
    for row, height in HEIGHTS.items():
        page.out.sheet.set_row(row, height)
    page.out.sheet.set_row(FIELDS, None, None, {"hidden": True})


def _subtitle(page: Page) -> str:
    template = page.template
    return page.word(
        "subtitle",
        unit=template.unit,
        name=template.unit_name,
        cut_off=date_text(template.cut_off, template.locale),
        due=date_text(template.due, template.locale),
        hour=template.due_hour,
    )


def _write_rules(page: Page, results: list[str]) -> None:
    """The rules, the choice of status for the whole sheet, and the live counters."""
    out, style, locale = page.out, page.style, page.template.locale
    rule = style(italic=True, font_color="#C00000")
    out.formula(RULE, 0, rule_formula(locale), rule, rule_result(locale))
    choice = (STATUS, page.at(STATUS_COLUMN))
    out.text(STATUS, page.at("name"), page.word("status_label"), style(bold=True, align="right"))
    out.value(*choice, sheet_status(page), page.input_of(WHOLE_SHEET, bold=True, align="center"))
    if WHOLE_SHEET in page.marks:
        out.note(*choice, *comment(page.marks[WHOLE_SHEET].text))
    options = {"validate": "list", "source": f"={STATUSES_NAME}", "input_message": page.word("status_hint")}
    out.validate(choice, choice, {**options, **stop(page, "list")})
    out.text(STATUS, page.at("indicator"), STATUS_MARK, style())
    out.text(STATUS, page.at("period"), STATUS_COLUMN, style())
    first, last = (page.layout.address(row, "check") for row in (FIRST_LINE, page.layout.last))
    counters = counter_formula(first, last, len(results), locale)
    counted = style(bold=True, font_size=13, font_color=HEAD_FILL, align="right")
    out.formula(STATUS, page.at("check"), counters, counted, counter_result(results, locale))


def _write_signatures(page: Page) -> None:
    """Room for two names under the printed table."""
    row, centre = page.layout.last + 2, page.style(bold=True, align="center")
    page.out.text(row, page.at("name"), page.word("sign_officer"), centre)
    page.out.text(row, page.at("remedy"), page.word("sign_head"), centre)


def _colour_checks(page: Page) -> None:
    """Colour beside the word: green, amber, red by the word's beginning."""
    place = page.at("check")
    for key, fill in CHECK_FILLS.items():
        begins = {"type": "text", "criteria": "begins with", "value": stem(key, page.template.locale)}
        look = page.style.book.add_format({"bg_color": fill})
        area = (FIRST_LINE, place, page.layout.last, place)
        page.out.sheet.conditional_format(*area, {**begins, "format": look})


def _set_view(page: Page) -> None:
    sheet = page.out.sheet
    row, column = _first_cell(page)
    left = page.at("name") + 1
    sheet.freeze_panes(FIRST_LINE, left, max(row - LINES_ABOVE, FIRST_LINE), left)
    sheet.set_selection(row, column, row, column)
    sheet.hide_gridlines(2)
    sheet.set_zoom(90)
    # Protection guides, it does not guard: widths and heights stay free, and what is typed is checked again.
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _first_cell(page: Page) -> tuple[int, int]:
    """Where the sheet opens: at the first of the cells that are marked the gravest, else at the first to fill."""
    gravity = list(FAULT_COLOURS)
    rows = {(asked.indicator, asked.period): row for row, asked in page.layout.asked()}
    marked = [
        (gravity.index(mark.severity), STATUS, page.at(STATUS_COLUMN))
        if place == WHOLE_SHEET
        else (gravity.index(mark.severity), rows[place[:2]], page.at(place[2]))
        for place, mark in page.marks.items()
    ]
    if marked:
        return min(marked)[1:]
    row, asked = next(page.layout.asked())
    return row, page.at("numerator" if asked.ratio else "value")


def _set_print(page: Page) -> None:
    sheet, template = page.out.sheet, page.template
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(**MARGINS)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADINGS, LETTERS)
    sheet.print_area(0, 0, page.layout.last + 2, page.layout.columns.visible - 1)
    said = page.word("footer", period=template.period, unit=template.unit, name=template.unit_name)
    said = said[:FOOTER_LENGTH].replace("&", "&&")
    look = '&"Times New Roman,Italic"&9'
    sheet.set_footer(f"&L{look}{said}&R{look}{page.word('page')}")

"""The sheets of a template beside the table: guide, sender, and the hidden keys and lists."""

from collections.abc import Iterator

from xlsxwriter.workbook import Workbook

from tasks.book.strict_sheet import StrictSheet, Style
from tasks.book.text_fit import line_count, row_height
from tasks.template.return_fields import (
    KEYS_SHEET,
    NARRATIVE_FIELDS,
    SENDER_FIELDS,
    SENDER_MARK,
    SENDER_VALUE,
    column_letters,
)
from tasks.template.template_checks import (
    BEGINNINGS_NAME,
    CHECK_WORDS,
    CHECKS_NAME,
    OUTLOOKS_NAME,
    STATES_NAME,
    STATUSES_NAME,
    beginnings,
)
from tasks.template.template_columns import PIXELS_PER_CHARACTER
from tasks.template.template_guide import guide
from tasks.template.template_page import HEAD_FILL, INPUT_FILL, LINE_COLOUR
from tasks.template.template_sheet import TemplateSheet
from tasks.template.template_words import word
from tiendo.labels import codes, period_label
from tiendo.wording import date_text

LISTS_SHEET = "_lists"
GUIDE_WIDTHS = (4, 38, 72)
NARRATIVE_WIDTH = 96
NARRATIVE_HEIGHT = 76.0  # points: four lines
BOLD = 0.9  # as much of a plain text goes into the same room


def write_guide(book: Workbook, style: Style, template: TemplateSheet) -> None:
    """The sheet that says how to fill the template, first of all how to make it editable."""
    out = StrictSheet(book.add_worksheet(word("sheet_guide", template.locale)))
    for place, width in enumerate(GUIDE_WIDTHS):
        out.sheet.set_column(place, place, width)
    due = date_text(template.due, template.locale)
    contact = "\n".join(template.contact)
    lines = guide(template.locale, template.asked_beside, due=due, hour=template.due_hour, contact=contact)
    for row, (kind, name, text) in enumerate(lines):
        _guide_line(out, style, row, (kind, name, text))
    out.sheet.hide_gridlines(2)
    out.sheet.protect("", {})
    _fit_to_width(out)


def _guide_line(out: StrictSheet, style: Style, row: int, line: tuple[str, str, str]) -> None:
    kind, name, text = line
    name_room, room = (width * PIXELS_PER_CHARACTER for width in GUIDE_WIDTHS[1:])
    if kind == "first":
        look = style(bold=True, font_size=14, font_color="#C00000")
        out.text(row, 0, name, look)
        out.sheet.set_row(row, 30)
    elif kind == "heading":
        out.text(row, 0, name, style(bold=True, font_size=13, font_color=HEAD_FILL, bottom=1))
        for place in (1, 2):
            out.blank(row, place, style(bottom=1))
        out.sheet.set_row(row, 28)
    else:
        out.text(row, 1, name, style(text_wrap=True, bold=True))
        out.text(row, 2, text, style(text_wrap=True))
        lines = max(line_count(text, room), line_count(name, name_room * BOLD))
        out.sheet.set_row(row, row_height(lines))


def write_sender(book: Workbook, style: Style, template: TemplateSheet) -> None:
    """The sheet for who made and who approved the return, and the letter it goes with."""
    out = StrictSheet(book.add_worksheet(word("sheet_sender", template.locale)))
    out.sheet.set_column(0, 0, 34)
    out.sheet.set_column(1, 1, 48)
    out.sheet.set_column(2, 2, None, None, {"hidden": True})
    out.text(
        0, 0, word("sender_title", template.locale), style(bold=True, font_size=14, font_color=HEAD_FILL)
    )
    for row, name in enumerate(SENDER_FIELDS, 2):
        out.text(row, 0, word(name, template.locale), style(bold=True))
        box = style(bg_color=INPUT_FILL, border=1, border_color=LINE_COLOUR, locked=False, num_format="@")
        out.value(row, SENDER_VALUE, template.about.get(name), box)
        out.text(row, SENDER_MARK, name, style())
        out.sheet.set_row(row, 24)
    out.sheet.hide_gridlines(2)
    out.sheet.protect("", {})
    _fit_to_width(out)


def write_narrative(book: Workbook, style: Style, template: TemplateSheet) -> None:
    """The sheet for what the round asks in words, with a large cell for each question."""
    out = StrictSheet(book.add_worksheet(word("sheet_narrative", template.locale)))
    out.sheet.set_column(0, 0, 30)
    out.sheet.set_column(1, 1, NARRATIVE_WIDTH)
    out.sheet.set_column(2, 2, None, None, {"hidden": True})
    period = period_label(template.period, template.locale).upper()
    title = word("narrative_title", template.locale, period=period)
    out.text(0, 0, title, style(bold=True, font_size=14, font_color=HEAD_FILL))
    out.text(1, 0, word("narrative_rule", template.locale), style(italic=True))
    box = style(
        bg_color=INPUT_FILL, border=1, border_color=LINE_COLOUR, locked=False, num_format="@",
        text_wrap=True, valign="top", indent=1,
    )  # fmt: skip
    for row, name in enumerate(NARRATIVE_FIELDS, 3):
        said = template.about.get(name)
        out.text(row, 0, word(name, template.locale), style(bold=True, text_wrap=True, valign="top"))
        out.value(row, SENDER_VALUE, said, box)
        out.text(row, SENDER_MARK, name, style())
        lines = line_count(str(said or ""), (NARRATIVE_WIDTH - 2) * PIXELS_PER_CHARACTER)
        out.sheet.set_row(row, row_height(lines, least=NARRATIVE_HEIGHT))
    out.sheet.hide_gridlines(2)
    out.sheet.set_landscape()
    out.sheet.protect("", {"format_rows": True})
    _fit_to_width(out)


def _fit_to_width(out: StrictSheet) -> None:
    out.sheet.set_paper(9)
    out.sheet.fit_to_pages(1, 0)


def write_hidden(book: Workbook, style: Style, template: TemplateSheet) -> None:
    """The hidden sheets: the keys of the template, and the lists that cells choose from."""
    keys = StrictSheet(book.add_worksheet(KEYS_SHEET))
    for row, (name, value) in enumerate(template.keys().items()):
        keys.text(row, 0, name, style())
        keys.text(row, 1, value, style())
    lists = StrictSheet(book.add_worksheet(LISTS_SHEET))
    for place, (name, words) in enumerate(_lists(template.locale)):
        for row, text in enumerate(words):
            lists.text(row, place, text, style())
        letter = column_letters(place)
        book.define_name(name, f"={LISTS_SHEET}!${letter}$1:${letter}${len(words)}")
    for hidden in (keys, lists):
        hidden.sheet.very_hidden()
        hidden.sheet.protect("", {})


def _lists(locale: str) -> Iterator[tuple[str, list[str]]]:
    yield STATES_NAME, list(codes("state", locale))
    yield STATUSES_NAME, list(codes("status", locale))
    yield OUTLOOKS_NAME, list(codes("outlook", locale))
    yield BEGINNINGS_NAME, list(beginnings(locale))
    yield CHECKS_NAME, [word(key, locale) for key in CHECK_WORDS]

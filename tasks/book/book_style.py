"""How the review workbook looks and prints: fonts, colours, number forms, page setup, safe sheet names."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tiendo.labels import period_label
from tiendo.review import Review
from tiendo.wording import date_text, raised

FONT = "Times New Roman"
BODY = 12
TITLE = 13
# Without a scheme, or Excel would show the theme's own font; family 1 is that of fonts with serifs.
LETTERS: dict[str, Any] = {"font_name": FONT, "font_size": BODY, "font_scheme": "none", "font_family": 1}
DEFAULT_COLUMN_PIXELS = 72  # tells xlsxwriter that a digit of the default font is 8 pixels wide
DEFAULT_ROW_PIXELS = 21
POINTS_PER_PIXEL = 0.75
DEFAULT_ROW_POINTS = DEFAULT_ROW_PIXELS * POINTS_PER_PIXEL

A4 = 9
MILLIMETRE = 1 / 25.4  # inches
MARGINS = {
    "left": 30 * MILLIMETRE,
    "right": 20 * MILLIMETRE,
    "top": 20 * MILLIMETRE,
    "bottom": 20 * MILLIMETRE,
}
HEADER_MARGIN = 10 * MILLIMETRE

# Between the margins A4 landscape has 247 × 170 mm: that at 96 pixels to the inch and printed at 85 %, and at
# 72 points to the inch; both less a little for printers that round up. A sheet is printed one page wide: in
# another font its columns may be wider, and then it is printed smaller instead of on two pages.
SCALE = 85  # percent
LEAST_SCALE = 72  # letters of 12 points are then still as large as those of a footnote
PAGE_PIXELS = 1092
PAGE_POINTS_UNSCALED = 476.0

DRAFT = "bản nháp – chưa phát hành"

GRID = "#A6A6A6"
WHITE = "#FFFFFF"
BETTER, WORSE = "#1E7B34", "#C00000"  # beside ▲ and ▼
# Headings, and the rows of groups and totals, under each letterhead.
ACCENTS = {"party": ("#8B1A1A", "#F3EAE2"), "government": ("#1F3864", "#E4EAF4")}

# Fill and letters of each band; the word is always there beside the colour.
BAND_COLOURS = {
    "exceeded": ("#1E7B34", "#FFFFFF"),
    "met": ("#A9D08E", "#000000"),
    "advancing": ("#FFF2B3", "#000000"),
    "lagging": ("#F8CBAD", "#000000"),
    "stalled": ("#E98B7C", "#000000"),
    "not_started": ("#BFBFBF", "#000000"),
    "missing": ("#FFFFFF", "#C00000"),
    "unassessable": ("#E7E6E6", "#404040"),
    "not_due": ("#DDEBF7", "#000000"),
    "not_applicable": ("#FFFFFF", "#595959"),
}

VIETNAMESE = "[$-42A]"
DATE_FORM = "dd/mm/yyyy"
MOMENT_FORM = "hh:mm dd/mm/yyyy"
DATE_TEXT = "%d/%m/%Y"  # the same for text
COUNT_FORM = f"{VIETNAMESE}#,##0"
TARGET_FORM = f"{VIETNAMESE}#,##0.0##"  # with as many decimals as it has
PERCENT_FORM = f'{VIETNAMESE}#,##0.0"%"'
SHARE_FORM = f"{VIETNAMESE}0.0%"
CHANGE_FORM = f'{VIETNAMESE}"▲ "#,##0.0;{VIETNAMESE}"▼ "#,##0.0;{VIETNAMESE}0.0'
MARGIN_FORM = f"{VIETNAMESE}+#,##0.0;{VIETNAMESE}-#,##0.0;{VIETNAMESE}0.0"
ESTIMATE_MARK = '" (ước)"'
MOST_PLACES = 3  # decimals printed of a target that is no round number

LONGEST_NAME = 31
_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_RESERVED_NAMES = {"", "history"}

_LONGEST_FOOTER = 255  # characters, codes included


@dataclass(frozen=True)
class Column:
    """One column of a printed table: the field it shows, its heading, width in pixels and kind of cell.

    Neighbours with the same `over` stand under that heading. `needs`: the width its longest figure takes,
    given where the page has room; `grows`: its share of the width then left.
    """

    field: str
    heading: str
    pixels: int
    kind: str = "text"
    over: str = ""
    needs: int = 0
    grows: int = 0


@dataclass(frozen=True)
class Book:
    """A workbook being written: its review, its sheets' names by page, and the formats made so far.

    `is_draft`: it is not issued, and says so on every page instead of a version.
    """

    workbook: Workbook
    review: Review
    names: Mapping[str, str] = field(default_factory=dict)
    is_draft: bool = False
    formats: dict[frozenset[tuple[str, Any]], Format] = field(default_factory=dict)

    def look(self, **properties: Any) -> Format:
        """The format with these properties in the book's font, made once."""
        key = frozenset(properties.items())
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(LETTERS | {"valign": "vcenter"} | properties)
        return self.formats[key]

    @property
    def version_text(self) -> str:
        """The report's number, or that it has none yet; and which adjusted version it is, if it is one."""
        changes = self.review.changes
        adjusted = f" ({changes.title})" if changes else ""
        return (raised(DRAFT) if self.is_draft else f"Phiên bản {self.review.version}") + adjusted

    @property
    def accent(self) -> str:
        """The colour of headings."""
        return ACCENTS[self.review.letterhead][0]

    @property
    def soft(self) -> str:
        """The colour of the rows of groups and totals."""
        return ACCENTS[self.review.letterhead][1]


@dataclass(frozen=True)
class Paper:
    """One sheet of a book being written, with the columns of its table."""

    book: Book
    sheet: Worksheet
    columns: Sequence[Column]
    heights: dict[int, float] = field(default_factory=dict)

    def set_height(self, row: int, points: float) -> None:
        """Make a row so high, in whole pixels, and remember it."""
        self.heights[row] = round(points / POINTS_PER_PIXEL) * POINTS_PER_PIXEL
        self.sheet.set_row(row, self.heights[row])

    def height(self, first: int, end: int) -> float:
        """The height in points of the rows from `first` up to but not including `end`."""
        return sum(self.heights.get(row, DEFAULT_ROW_POINTS) for row in range(first, end))

    @property
    def review(self) -> Review:
        """The review that the sheet is about."""
        return self.book.review

    @property
    def last(self) -> int:
        """The number of the last column."""
        return len(self.columns) - 1

    @property
    def pixels(self) -> int:
        """The width of all columns."""
        return sum(column.pixels for column in self.columns)

    @property
    def scale(self) -> float:
        """The percentage at which the sheet is printed to be one page wide."""
        return min(SCALE * PAGE_PIXELS / self.pixels, 100.0)

    @property
    def page_points(self) -> float:
        """The height in points of a page of this sheet at that scale."""
        return 100 * PAGE_POINTS_UNSCALED / self.scale


@dataclass(frozen=True)
class Page:
    """A sheet that a book will have: the key others link to it by, the name wanted, and what writes it."""

    key: str
    name: str
    columns: Sequence[Column]
    write: Callable[[Paper], None]


def places_of(decimals: float) -> int:
    """Decimals printed of a figure: the plan's, or one where it does not say."""
    return 1 if math.isnan(decimals) else int(decimals)


def target_places(target: float, decimals: float) -> int:
    """Decimals printed of a target: those of its figure or as many as it has, so that readers can recompute."""
    own = (places for places in range(MOST_PLACES) if math.isclose(round(target, places), target))
    return max(places_of(decimals), next(own, MOST_PLACES))


def figure_form(decimals: float, is_estimate: bool = False) -> str:
    """Number form of a figure with so many decimals (one where the plan says nothing)."""
    return form_of(places_of(decimals), is_estimate)


def form_of(places: int, is_estimate: bool = False) -> str:
    """Number form with so many decimals."""
    form = f"{VIETNAMESE}#,##0" + ("." + "0" * places if places else "")
    return form + ESTIMATE_MARK if is_estimate else form


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names that a workbook accepts: NFC, at most 31 characters, no two alike whatever their case."""
    names: list[str] = []
    taken = set(_RESERVED_NAMES)
    for text in wanted:
        plain = _FORBIDDEN_IN_NAMES.sub("-", unicodedata.normalize("NFC", text)).strip(" '")
        name, number = plain[:LONGEST_NAME].strip(" '"), 1
        while name.casefold() in taken:
            number += 1
            tail = f" ({number})"
            name = (plain or "Trang")[: LONGEST_NAME - len(tail)].strip(" '") + tail
        taken.add(name.casefold())
        names.append(name)
    return names


def set_up_page(paper: Paper) -> None:
    """A4 landscape with the margins, header, footer and column widths of a printed report."""
    sheet = paper.sheet
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(**MARGINS)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.hide_gridlines(2)
    sheet.set_header(f'&C&"{FONT},Regular"&{BODY} &P', {"margin": HEADER_MARGIN})
    sheet.set_footer(footer_text(paper.book), {"margin": HEADER_MARGIN})
    set_widths(paper)


def set_widths(paper: Paper) -> None:
    """Make the columns as wide as the paper has them."""
    for number, column in enumerate(paper.columns):
        paper.sheet.set_column_pixels(number, number, column.pixels, paper.book.look())


def footer_text(book: Book) -> str:
    """The footer with its codes: period and authority on the left, version (or draft) and date on the right."""
    review = book.review
    font = f'&"{FONT},Italic"&{BODY} '  # the space keeps a figure from joining the font size
    right = f"&R{font}{book.version_text} · lập ngày {date_text(review.today)}"
    left = f"Báo cáo {period_label(review.period)} – {review.subject}".replace("&", "&&")
    room = _LONGEST_FOOTER - len(right) - len(font) - 2
    return f"&L{font}{left[:room].rstrip('&')}{right}"

"""The look of a template's sheet: what stands where, in which colours and number formats."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.format import Format

from tasks.book.strict_sheet import StrictSheet, Style
from tasks.template.template_layout import Layout
from tasks.template.template_sheet import Asked, TemplateSheet
from tasks.template.template_words import word
from tiendo.labels import label
from tiendo.wording import number_text

HEAD_FILL, LOCKED_FILL, INPUT_FILL = "#1F4E79", "#F2F2F2", "#FFF9D6"
GROUP_FILLS = {"period": "#BDD7EE", "programme": "#DDEBF7", "scheme": "#F3F8FC"}
LINE_COLOUR = "#A6A6A6"
FAULT_COLOURS = {  # from the gravest
    "error": ("#FFC7CE", "#9C0006"),
    "warning": ("#FFD9A0", "#7F4B00"),
    "info": ("#DDEBF7", "#1F4E79"),
}

SHOWN_DECIMALS = 3  # at most, where the plan names none

Place = tuple[str, str, str]  # indicator, period, field
WHOLE_SHEET: Place = ("", "", "status")  # the choice that holds for every row


@dataclass(frozen=True)
class Mark:
    """What is wrong with a cell: severity (error, warning, info) and what its comment says."""

    severity: str
    text: str


@dataclass(frozen=True)
class Page:
    """A template's sheet while it is written."""

    out: StrictSheet
    style: Style
    template: TemplateSheet
    layout: Layout
    marks: Mapping[Place, Mark] = field(default_factory=dict)

    def word(self, key: str, **details: object) -> str:
        """Words in the template's language."""
        return word(key, self.template.locale, **details)

    def at(self, name: str) -> int:
        """The 0-based place of a column."""
        return self.layout.columns.at(name)

    def locked(self, **properties: Any) -> Format:
        """A cell that only shows."""
        return self.style(border=1, border_color=LINE_COLOUR, bg_color=LOCKED_FILL, **properties)

    def input(self, **properties: Any) -> Format:
        """A cell to fill."""
        colours = {"border": 1, "border_color": LINE_COLOUR, "bg_color": INPUT_FILL}
        return self.style(**{**colours, "locked": False, **properties})

    def input_of(self, place: Place, **properties: Any) -> Format:
        """A cell to fill, red where something is wrong with it."""
        mark = self.marks.get(place)
        if mark is None:
            return self.input(**properties)
        fill, ink = FAULT_COLOURS[mark.severity]
        return self.input(**properties, bg_color=fill, font_color=ink)

    def figure_format(self, asked: Asked, *figures: float | None) -> str:
        """Number format with the plan's decimals, else with as many as the figures need."""
        decimals = asked.decimals
        if decimals is None:
            decimals = max((needed_decimals(figure) for figure in figures), default=0)
        return self.number_format("#,##0" + ("." + "0" * decimals if decimals else ""))

    @property
    def typed_format(self) -> str:
        """Number format of a cell to fill: it shows the decimals that were typed."""
        return self.number_format("#,##0." + "#" * SHOWN_DECIMALS)

    def number_format(self, form: str) -> str:
        """The number format with the marks of the template's language."""
        return f"[$-42A]{form}" if self.template.locale == "vi" else form


def needed_decimals(figure: float | None) -> int:
    """Decimals, at most SHOWN_DECIMALS, that a figure needs to be shown whole."""
    if figure is None or not math.isfinite(figure):
        return 0
    shown = f"{figure:.{SHOWN_DECIMALS}f}".rstrip("0")
    return len(shown.partition(".")[2])


def typed(page: Page, asked: Asked, name: str) -> Any:
    """What was typed into a cell: a state or an outlook as its word, a qualifier before its figure."""
    value = getattr(asked, name)
    locale = page.template.locale
    if name in ("state", "outlook") and value is not None:
        return label(name, str(value), locale)
    if name == "value" and isinstance(value, int | float) and asked.qualifier in (">=", "<=", "~"):
        decimals = asked.decimals if asked.decimals is not None else needed_decimals(value)
        return f"{asked.qualifier}{number_text(value, decimals, locale)}"
    return value


def sheet_status(page: Page) -> Any:
    """The status of the whole sheet: as it was given, else final."""
    given = next((row.status for _, row in page.layout.asked() if row.status), "final")
    return label("status", str(given), page.template.locale)

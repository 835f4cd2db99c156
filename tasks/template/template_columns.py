"""The columns of a template's table: what each is headed, how wide it is, and where it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from tasks.template.return_fields import ASKS_FIELD, column_letters
from tasks.template.template_sheet import Asked
from tasks.template.template_words import word

Rows = list[Asked]

PIXELS_PER_CHARACTER = 8  # of column width, in the book's font


def _always(_: Rows) -> bool:
    return True


def _some_ratio(rows: Rows) -> bool:
    return any(row.ratio for row in rows)


def _some_year_estimate(rows: Rows) -> bool:
    return any(row.asks_year_estimate for row in rows)


def _some_outlook(rows: Rows) -> bool:
    return any(row.asks_outlook for row in rows)


def _mixed(rows: Rows) -> bool:
    """Whether rows ask for different things, so that the heading alone cannot say which."""
    return len({row.asks for row in rows}) > 1


@dataclass(frozen=True)
class Column:
    """A column of the table: its name is its key in WORDS; `field`, its name in the hidden row."""

    name: str
    width: float
    field: str = ""
    is_input: bool = False
    shown: Callable[[Rows], bool] = _always


COLUMNS = (
    Column("tt", 5),
    Column("name", 33, "name"),
    Column("measure", 10, "measure"),
    Column("target", 10, "target"),
    Column("previous", 10, "previous"),
    Column("asked", 7.5, shown=_mixed),
    Column("numerator", 10, "numerator", is_input=True, shown=_some_ratio),
    Column("denominator", 10, "denominator", is_input=True, shown=_some_ratio),
    Column("value", 11, "value", is_input=True),
    Column("percent", 8),
    Column("state", 14, "state", is_input=True),
    Column("year_estimate", 11, "year_estimate", is_input=True, shown=_some_year_estimate),
    Column("outlook", 13, "outlook", is_input=True, shown=_some_outlook),
    Column("outlook_reason", 22, "outlook_reason", is_input=True, shown=_some_outlook),
    Column("reason", 22, "reason", is_input=True),
    Column("remedy", 22, "remedy", is_input=True),
    Column("note", 14, "note", is_input=True),
    Column("check", 14),
)

# For programs: hidden, to the right, so that the letters of what people see begin with A.
HIDDEN = (
    Column("indicator", 8, "indicator"),
    Column("period", 8, "period"),
    Column(ASKS_FIELD, 8, ASKS_FIELD),
    Column("status", 8, "status", is_input=True),
    Column("qualifier", 8, "qualifier", is_input=True),
)


@dataclass(frozen=True)
class Columns:
    """The columns of one table, in order; `visible` of them are for people."""

    all: tuple[Column, ...]
    visible: int

    @cached_property
    def places(self) -> dict[str, int]:
        """The 0-based place of each column."""
        return {column.name: place for place, column in enumerate(self.all)}

    def pixels(self, name: str) -> float:
        """The width of a column."""
        return self.all[self.at(name)].width * PIXELS_PER_CHARACTER

    def at(self, name: str) -> int:
        """The 0-based place of a column."""
        return self.places[name]

    def has(self, name: str) -> bool:
        """Whether the table has the column."""
        return name in self.places

    def letters(self, name: str) -> str:
        """The letters of a column."""
        return column_letters(self.at(name))


def columns_for(rows: Rows) -> Columns:
    """The columns that these rows need."""
    shown = tuple(column for column in COLUMNS if column.shown(rows))
    return Columns(shown + HIDDEN, len(shown))


def heading(column: Column, columns: Columns, rows: Rows, locale: str) -> str:
    """The heading of a column; that of the figure says what kind of figure is asked."""
    if column.name != "value":
        return word(column.name, locale)
    if columns.has("asked"):
        return word("value", locale, column=columns.letters("asked"))
    if all(row.ratio for row in rows):
        return word("value_ratio", locale)
    return word(f"value_{rows[0].asks}", locale)

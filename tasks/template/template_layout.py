"""Where everything of a template's table stands: the lines in their groups, and the address of each cell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tasks.template.return_fields import column_letters
from tasks.template.template_columns import Columns, Rows, columns_for
from tasks.template.template_sheet import Asked
from tiendo.labels import period_label
from tiendo.periods import Period

# Rows of the sheet, from 0.
TITLE, SUBTITLE, RULE, STATUS, FIELDS, HEADINGS, LETTERS, FIRST_LINE = range(8)


@dataclass(frozen=True)
class Group:
    """A line of the table that names what follows: a period, a programme or a scheme."""

    level: str
    mark: str
    text: str


# From the outermost in.
LEVELS = ("period", "programme", "scheme")


@dataclass(frozen=True)
class Layout:
    """Where everything of a table stands: its columns, and its lines from FIRST_LINE on (0-based rows)."""

    columns: Columns
    lines: tuple[Asked | Group, ...]

    def asked(self) -> Iterator[tuple[int, Asked]]:
        """The sheet's row of every line to fill."""
        return ((n, line) for n, line in enumerate(self.lines, FIRST_LINE) if isinstance(line, Asked))

    @property
    def last(self) -> int:
        """The sheet's row of the last line."""
        return FIRST_LINE + len(self.lines) - 1

    def address(self, row: int, name: str) -> str:
        """A1 address of a column's cell in a row."""
        return f"{self.columns.letters(name)}{row + 1}"

    def cell(self, row: int) -> Callable[[str], str]:
        """Addresses within one row, by column."""
        return partial(self.address, row)


def layout(rows: Rows, locale: str) -> Layout:
    """The table for rows that stand in their order."""
    return Layout(columns_for(rows), tuple(_lines(rows, locale)))


def _lines(rows: Rows, locale: str) -> Iterator[Asked | Group]:
    """The rows under headings for programme and scheme, and for their period where there are several."""
    levels = LEVELS if len({row.period for row in rows}) > 1 else LEVELS[1:]
    above = dict.fromkeys(levels, "")
    count = dict.fromkeys(levels, 0)
    for row in rows:
        for depth, level in enumerate(levels):
            name = getattr(row, level)
            if name == above[level]:
                continue
            above |= dict.fromkeys(levels[depth:], "") | {level: name}
            count |= dict.fromkeys(levels[depth + 1 :], 0) | {level: count[level] + 1}
            yield Group(level, _mark(level, count[level]), _group_text(level, name, locale))
        yield row


def _mark(level: str, number: int) -> str:
    """What stands in the first column: A for a period, I for a programme, nothing for a scheme."""
    if level == "period":
        return column_letters(number - 1)
    return _roman(number) if level == "programme" else ""


def _roman(number: int) -> str:
    tens, ones = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]


def _group_text(level: str, name: str, locale: str) -> str:
    return period_label(Period.parse(name), locale).upper() if level == "period" else name

"""Finding the table of a return among the sheets of a workbook. Runs in the reading child.

A template's table is known by its hidden row of field names; without one, a table is known by its headings.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from tasks.reading.archive_scan import Limits
from tasks.reading.raw_texts import RefusedError
from tasks.template.return_fields import FIGURE_FIELDS, HEADING_MARKS, KEYS_SHEET, TABLE_MARKS
from tiendo.folding import folded

# The table's head stands near the top; rows inserted above it by hand still leave it within these.
HEAD_ROWS = 100
# A sheet may be as long or as wide as the limits allow, but not both at once: this is 100 bytes a cell.
MOST_CELLS = 4_000_000

Row = list[Any]


class Table(NamedTuple):
    """The sheet that holds the table: its cells, and where the row of field names is (0-based)."""

    sheet: str
    rows: list[Row]
    first_row: int  # rows and columns of the sheet before `rows` begins
    first_column: int
    head: int
    fields: dict[str, int]
    is_plain: bool = False


def find_table(book: CalamineWorkbook, headings: dict[str, str], limits: Limits) -> Table:
    """The table with field names, else the one with headings that are known; what people see comes first.

    Of several the one that is filled. Raises RefusedError where there is none, or where two say different things.
    """
    visible = [each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
    hidden = [name for name in book.sheet_names if name not in visible and name != KEYS_SHEET]
    sheets: dict[str, tuple[CalamineSheet, list[Row]]] = {}
    for find in (_with_fields, _with_headings):
        for names in (visible, hidden):
            tables: list[Table] = []
            for name in names:
                if name not in sheets:
                    sheets[name] = _opened(book, name, limits)
                tables += find(name, *sheets[name], headings)
            if tables:
                return _the_one(tables)
    raise RefusedError("not_a_template", "no_field_row", names=", ".join(sorted(TABLE_MARKS)))


def _opened(book: CalamineWorkbook, name: str, limits: Limits) -> tuple[CalamineSheet, list[Row]]:
    sheet = book.get_sheet_by_name(name)
    _check_size(name, sheet, limits)
    return sheet, sheet.to_python()


def _the_one(tables: list[Table]) -> Table:
    """The only table with figures, or the first of those that say the same."""
    if len(tables) == 1:
        return tables[0]
    filled = [table for table in tables if _figures(table)] or tables[:1]
    if any(_figures(table) != _figures(filled[0]) for table in filled):
        names = ", ".join(f"“{table.sheet}”" for table in filled)
        raise RefusedError("two_tables", "tables", names=names)
    return filled[0]


def _figures(table: Table) -> set[tuple[Any, ...]]:
    """What the rows say in numbers, each with what it is said of."""
    about = [table.fields[name] for name in ("indicator", "period", "name") if name in table.fields]
    figures = [table.fields[name] for name in FIGURE_FIELDS if name in table.fields]
    return {
        tuple(row[column] for column in (*about, *figures))
        for row in table.rows[table.head + 1 :]
        if any(isinstance(row[column], int | float) for column in figures)
    }


def _with_fields(
    name: str, sheet: CalamineSheet, rows: list[Row], headings: dict[str, str]
) -> Iterator[Table]:
    for head, row in enumerate(rows[:HEAD_ROWS]):
        if TABLE_MARKS.issubset(row):
            _check_headings(_places(row), rows[head + 1 : head + 2], headings)
            yield Table(name, rows, *(sheet.start or (0, 0)), head, _places(row))
            return


def _with_headings(
    name: str, sheet: CalamineSheet, rows: list[Row], headings: dict[str, str]
) -> Iterator[Table]:
    for head, row in enumerate(rows[:HEAD_ROWS]):
        if fields := _headed(row, headings):
            yield Table(name, rows, *(sheet.start or (0, 0)), head, fields, is_plain=True)
            return


def _check_size(name: str, sheet: CalamineSheet, limits: Limits) -> None:
    if (
        sheet.height > limits["rows"]
        or sheet.width > limits["columns"]
        or sheet.height * sheet.width > MOST_CELLS
    ):
        most = {"most_rows": limits["rows"], "most_columns": limits["columns"]}
        raise RefusedError(
            "too_large", "sheet_size", sheet=name, rows=sheet.height, columns=sheet.width, **most
        )


def _places(head: Row) -> dict[str, int]:
    """Column of each field name; where a column was copied, the first one counts."""
    places: dict[str, int] = {}
    for column, name in enumerate(head):
        if isinstance(name, str) and name:
            places.setdefault(name, column)
    return places


def _check_headings(fields: dict[str, int], below: list[Row], headings: dict[str, str]) -> None:
    """Raises RefusedError where the hidden names of the columns are not those of the headings that people see."""
    wrong = [
        f"{field} – “{row[column]}”"
        for row in below
        for field, column in fields.items()
        if _field_of(row[column], headings, field) != field
    ]
    if wrong:
        raise RefusedError("not_a_template", "fields_moved", names=", ".join(wrong))


def _field_of(heading: Any, headings: dict[str, str], field: str) -> str:
    """The field that a heading names, the given one where it names none; names stand for codes too."""
    named = headings.get(_heading(heading), field)
    return field if {named, field} == HEADING_MARKS else named


def _headed(row: Row, headings: dict[str, str]) -> dict[str, int]:
    """Column of each field by the headings of a row, folded; {} where it is no row of headings.

    Raises RefusedError where two columns could be the figure.
    """
    named = [(column, headings.get(_heading(cell), "")) for column, cell in enumerate(row)]
    fields: dict[str, int] = {}
    for column, field in named:
        if field:
            fields.setdefault(field, column)
    if not ({"value", "numerator"} & set(fields) and HEADING_MARKS & set(fields)):
        return {}
    figures = [str(row[column]) for column, field in named if field == "value"]
    if len(figures) > 1:
        raise RefusedError("not_a_template", "two_figures", names=", ".join(f"“{name}”" for name in figures))
    return fields


def _heading(cell: Any) -> str:
    """A heading as it is looked up: folded, without what stands in parentheses."""
    return folded(cell.partition("(")[0]) if isinstance(cell, str) else ""

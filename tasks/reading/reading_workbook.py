"""Reading a workbook into columns. Runs in the reading child: standard library, calamine, orjson.

A template's table is known by its hidden row of field names. Without one, a table is known by its headings.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, load_workbook

from tasks.reading.archive_scan import Limits, entries_of
from tasks.reading.file_kinds import ODS, XLS, XLSX
from tasks.reading.raw_texts import Column, RefusedError, tidy, tidy_code, tidy_column, tidy_text
from tasks.reading.sheet_facts import Area, Cell, Facts, SheetFacts
from tasks.reading.sheet_tables import HEAD_ROWS, Row, Table, find_table
from tasks.reading.xlsx_scan import Sheet, facts_of, scanned_xlsx
from tasks.template.return_fields import (
    ASKS_FIELD,
    ASKS_RATIO,
    ENTRY_FIELDS,
    FIGURE_FIELDS,
    HEADING_MARKS,
    KEYS_SHEET,
    LOCKED_FIELDS,
    NARRATIVE_FIELDS,
    SENDER_FIELDS,
    SENDER_MARK,
    SENDER_VALUE,
    STATUS_MARK,
    TEMPLATE_FORMAT,
    column_letters,
)
from tiendo.kinds import PLAIN, TEMPLATE

MOST_MERGED = 1_000  # areas looked at: a table that is merged more often is told so often enough
ERROR_LENGTH = 200
CENTURY = "20"
SAID_FIELDS = frozenset({*SENDER_FIELDS, *NARRATIVE_FIELDS})

Keys = dict[str, str | None]


def read_workbook(
    path: Path, content: bytes, kind: str, known: Mapping[str, Any], limits: Limits
) -> dict[str, Any]:
    """Keys, places and columns of a workbook; raises RefusedError for one that holds no table to be taken.

    known: what `tasks.reading.known` says of the plan; {} for nothing.
    """
    if kind == XLSX:
        return _read_xlsx(content, known, limits)
    facts = _other_facts(path, kind, limits)
    keys, table, about = _opened(content, known, limits)
    return {"about": about} | _said(keys, table, known, lambda _: facts.get(table.sheet, SheetFacts()))


def _read_xlsx(content: bytes, known: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    entries = entries_of(content, limits)
    values, sheets = scanned_xlsx(content, entries, limits)
    try:
        keys, table, about = _opened(values, known, limits)
    except RefusedError as refusal:
        if refusal.seen == "sheet_size":  # a closer look says which cell it is that lies so far out
            scanned_xlsx(content, entries, {**limits, "careful": True})
        raise
    sheet = sheets.get(
        table.sheet, Sheet(table.sheet, b"", b"")
    )  # of a name that only the reader understands
    said = _said(keys, table, known, lambda is_complete: facts_of(sheet, closely=not is_complete))
    return {"about": about, **said}


def _opened(values: bytes, known: Mapping[str, Any], limits: Limits) -> tuple[Keys, Table, dict[str, Any]]:
    try:
        with load_workbook(BytesIO(values)) as book:
            table = find_table(book, known.get("headings", {}), limits)
            return _keys(book), table, _sender(book, known.get("sender_sheets", ()))
    except PasswordError as error:
        raise RefusedError("encrypted", "locked") from error
    except CalamineError as error:
        raise RefusedError("unreadable", "broken_book", error=str(error)[:ERROR_LENGTH]) from error


def _said(
    keys: Keys, table: Table, known: Mapping[str, Any], facts: Callable[[bool], SheetFacts]
) -> dict[str, Any]:
    """What is told of a workbook. Only where a figure is missing the cells are looked at for the reason."""
    looked = facts(False) if table.is_plain else None
    said = _contents(table, keys, known.get("locked", {}), looked)
    is_plain = table.is_plain or not keys
    is_complete = _is_complete(table, said["rows"], set(known.get("declared", ())))
    return {
        "kind": PLAIN if is_plain else TEMPLATE,
        "keys": keys,
        "titles": _titles(table),
        **said,
        **_flaws(table, said["rows"], looked or facts(is_complete)),
    }


def _is_complete(table: Table, rows: list[int], declared: set[str]) -> bool:
    """Whether each row has its figure, or says why it has none."""
    asks, state = (table.fields.get(name) for name in (ASKS_FIELD, "state"))
    value, top, bottom = (table.fields.get(name) for name in FIGURE_FIELDS)
    for row in (table.rows[number - 1 - table.first_row] for number in rows):
        is_ratio = asks is not None and row[asks] == ASKS_RATIO
        figures = (top, bottom) if is_ratio or value is None else (value,)
        lacks = any(column is None or row[column] == "" for column in figures)
        if lacks and (state is None or row[state] not in declared):
            return False
    return True


def _other_facts(path: Path, kind: str, limits: Limits) -> Facts:
    # Few files are of these kinds: what scans them is imported for them alone.
    if kind == XLS:
        from tasks.reading.xls_scan import scan_xls

        return scan_xls(path, dict(limits))
    assert kind == ODS
    from tasks.reading.ods_scan import scan_ods

    return scan_ods(path, dict(limits))


def _keys(book: CalamineWorkbook) -> Keys:
    """The keys of the hidden sheet; {} where there is none."""
    if KEYS_SHEET not in book.sheet_names:
        return {}
    rows = book.get_sheet_by_name(KEYS_SHEET).to_python(nrows=HEAD_ROWS)
    keys = {str(row[0]): tidy_code(row[1]) for row in rows if len(row) > 1 and row[0]}
    if (form := keys.get("format")) != TEMPLATE_FORMAT:
        raise RefusedError("not_a_template", "other_format", format=str(form)[:ERROR_LENGTH])
    return keys


def _sender(book: CalamineWorkbook, sheets: Collection[str]) -> dict[str, Any]:
    """What was typed of SENDER_FIELDS and NARRATIVE_FIELDS."""
    said: dict[str, Any] = {}
    for name in set(sheets).intersection(book.sheet_names):
        for row in book.get_sheet_by_name(name).to_python(nrows=HEAD_ROWS, skip_empty_area=False):
            if len(row) > SENDER_MARK and row[SENDER_MARK] in SAID_FIELDS and row[SENDER_VALUE] != "":
                said[str(row[SENDER_MARK])] = tidy(row[SENDER_VALUE])
    return said


def _titles(table: Table) -> list[str]:
    """Of the name of the sheet and the texts above its table those that name a year: they say of which period it is."""
    above = [cell for row in table.rows[: table.head] for cell in row if isinstance(cell, str)]
    return [tidied for text in (table.sheet, *above) if CENTURY in text and (tidied := tidy_text(text))]


def _contents(
    table: Table, keys: Keys, locked: Mapping[str, Mapping[str, str]], looked: SheetFacts | None
) -> dict[str, Any]:
    kept, left_out = _data_rows(table, looked or SheetFacts())
    data = [table.rows[n] for n in kept]
    columns: dict[str, Column] = {
        "unit": [keys.get("unit")] * len(data),
        "indicator": _codes(table, data, "indicator"),
        "period": _codes(table, data, "period"),
        **dict(_entries(table, data)),
    }
    if not table.is_plain:
        columns |= {
            field: _differing(columns, field, locked.get(field, {})) for field in locked if field in columns
        }
    if "unit" in table.fields and not keys:
        columns["unit"] = _codes(table, data, "unit")
    fields = {name: _letters(table, column) for name, column in table.fields.items()}
    if "name" in fields:
        fields.setdefault("indicator", fields["name"])  # where a row without a code says what it is of
    place, status = _sheet_status(table)
    if "status" not in columns:
        fields.pop("status", None)  # it stands above the table, not in the rows
    if status is not None:
        given = columns.get("status", [None] * len(data))
        columns["status"] = [status if own is None else own for own in given]
    return {
        "sheet": table.sheet,
        "fields": fields,
        "status_cell": place,
        "columns": columns,
        "rows": [n + table.first_row + 1 for n in kept],
        "left_out": [n + table.first_row + 1 for n in left_out],
    }


def _data_rows(table: Table, looked: SheetFacts) -> tuple[list[int], list[int]]:
    """The rows of indicators, and those that hold a figure without saying of which indicator.

    looked: of a plain table, what its reader does not tell: a formula that lacks its result says something too.
    """
    names = HEADING_MARKS if table.is_plain else ("indicator",)
    marks = [table.fields[name] for name in names if name in table.fields]
    named = {n for mark in marks for n, row in enumerate(table.rows) if row[mark] != "" and n > table.head}
    figures = [table.fields[name] for name in FIGURE_FIELDS if name in table.fields]
    flawed = {
        row - table.first_row
        for row, column in (*looked.errors, *looked.uncached)
        if column - table.first_column in figures
    }
    kept = sorted(
        n for n in named if not table.is_plain or n in flawed or _says_anything(table, table.rows[n])
    )
    nameless = [n for n in range(table.head + 1, len(table.rows)) if n not in named]
    left_out = [
        n for n in nameless if any(isinstance(table.rows[n][column], int | float) for column in figures)
    ]
    return kept, left_out


def _says_anything(table: Table, row: Row) -> bool:
    """Whether a row of a plain table holds an entry: the heading of a group, the letters of the columns and the
    line of signatures do not."""
    said = [table.fields[name] for name in (*FIGURE_FIELDS, "state") if name in table.fields]
    return any(row[column] not in ("", _letters(table, column)) for column in said)


def _codes(table: Table, data: list[Row], field: str) -> Column:
    column = table.fields.get(field)
    if column is None:
        return [None] * len(data)
    cells = [row[column] for row in data]
    codes = {cell: tidy_code(cell) for cell in set(cells)}
    return [codes[cell] for cell in cells]


def _entries(table: Table, data: list[Row]) -> Iterator[tuple[str, Column]]:
    """The fields that hold anything."""
    asks = table.fields.get(ASKS_FIELD)
    for field in (*LOCKED_FIELDS, *ENTRY_FIELDS):
        column = table.fields.get(field)
        if column is None:
            continue
        values = [row[column] for row in data]
        if field == "value" and asks is not None:
            values = [_own_value(table, row, asks, column) for row in data]
        if values.count("") < len(values):
            yield field, tidy_column(values)


def _own_value(table: Table, row: Row, asks: int, column: int) -> Any:
    """What was typed as a row's value: that of a ratio is the sheet's own formula, unless it has nothing to go by."""
    parts = [row[table.fields[name]] for name in ("numerator", "denominator") if name in table.fields]
    is_formula = row[asks] == ASKS_RATIO and any(part != "" for part in parts)
    return "" if is_formula else row[column]


def _differing(columns: Mapping[str, Column], field: str, expected: Mapping[str, str]) -> Column:
    """What a locked column says otherwise than the plan does; the rest need not be told."""
    pairs = zip(columns["indicator"], columns[field], strict=True)
    return [None if expected.get(code) == text else text for code, text in pairs]


def _flaws(table: Table, rows: list[int], facts: SheetFacts) -> dict[str, Any]:
    """What a scan found in the cells of entries, and how many rows of the table are hidden."""
    hidden = len(facts.hidden.intersection(row - 1 for row in rows))
    if facts.is_plain:
        return {"flaws": [], "hidden": hidden}
    fields = {
        column + table.first_column: field for field, column in table.fields.items() if field in ENTRY_FIELDS
    }
    flaws = [(cell, "not_a_number", error) for cell, error in facts.errors.items()]
    flaws += [(cell, "uncached_formula", "") for cell in facts.uncached]
    over_rows = [area for area in facts.merged if area[2] > area[0]]
    flaws += list(_merged(rows, fields, over_rows[:MOST_MERGED]))
    data = set(rows)
    told = [
        (row + 1, fields[column], code, found)
        for (row, column), code, found in flaws
        if column in fields and row + 1 in data and not _is_own_formula(table, row, fields[column])
    ]
    return {"flaws": sorted(told), "hidden": hidden}


def _merged(rows: list[int], fields: dict[int, str], areas: list[Area]) -> Iterator[tuple[Cell, str, str]]:
    for top, left, bottom, right in areas:
        area = f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
        inside = [row - 1 for row in rows if top <= row - 1 <= bottom]
        yield from (
            ((row, column), "merged_cells", area)
            for row in inside
            for column in fields
            if left <= column <= right
        )


def _is_own_formula(table: Table, row: int, field: str) -> bool:
    """Whether what stands there is the sheet's own: the value of a ratio."""
    asks = table.fields.get(ASKS_FIELD)
    if field != "value" or asks is None:
        return False
    return bool(table.rows[row - table.first_row][asks] == ASKS_RATIO)


def _sheet_status(table: Table) -> tuple[str | None, Any]:
    """Address and content of the cell that gives the status of the whole sheet."""
    if table.is_plain or "period" not in table.fields:
        return None, None
    mark, named = table.fields["indicator"], table.fields["period"]
    for number, row in enumerate(table.rows[: table.head]):
        if row[mark] == STATUS_MARK and row[named] in table.fields:
            column = table.fields[row[named]]
            return f"{_letters(table, column)}{number + table.first_row + 1}", tidy(row[column])
    return None, None


def _letters(table: Table, column: int) -> str:
    return column_letters(column + table.first_column)

"""Frames into tables and query results into frames, by columns: 285 000 rows in a second or two."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from warehouse.schema import Instant

Cells = list[Any]
T = TypeVar("T")


def insert_frame(connection: Connection, table: sa.Table, frame: pd.DataFrame) -> None:
    """Insert every row of a frame: by the driver's executemany on SQLite, by COPY on PostgreSQL.

    The frame's columns that the table has are written, the others left out. Absent numbers, dates and
    instants (None, NaN, NaT) become NULL, absent text ''. Instants must be timezone-aware. Raises
    SQLAlchemy's IntegrityError when a key is there already; the whole transaction is then to be given up.
    """
    if frame.empty:
        return
    written = {c: _written(frame[c.name], c) for c in table.columns if c.name in frame.columns}
    told = {column: cells for column, cells in written.items() if not _goes_without_saying(cells, column)}
    names = [column.name for column in told]
    rows = zip(*told.values(), strict=True)
    load = _execute_many if connection.dialect.name == "sqlite" else _copy
    driver: Any = connection.dialect.dbapi
    try:
        load(connection, table, names, rows)
    except driver.Error as error:
        # As SQLAlchemy would raise it, so that a caller sees one kind of error from both databases.
        statement = f"INSERT INTO {table.name}"
        raise sa.exc.DBAPIError.instance(statement, None, error, driver.Error) from error


def read_frame(connection: Connection, statement: sa.Select[Any]) -> pd.DataFrame:
    """A query's rows as a frame, typed by the query's columns.

    Text is never absent (''); numbers and columns of integers that may be NULL are float64 with NaN, other
    integers int64, dates datetime64[us], instants datetime64[us, UTC], yes/no bool.
    """
    result = connection.execute(statement)
    assert result.cursor is not None
    rows = result.cursor.fetchall()  # the driver's own tuples: a Row object for each would double the time
    result.close()
    wanted = list(statement.selected_columns)
    cells: Iterable[Iterable[Any]] = zip(*rows, strict=True) if rows else [()] * len(wanted)
    return pd.DataFrame(
        {str(column.key): _read(list(values), column) for column, values in zip(wanted, cells, strict=True)}
    )


def fill_temporary(connection: Connection, table: sa.Table, frame: pd.DataFrame | None = None) -> None:
    """A temporary table made anew, with the rows of a frame (None: empty); what was in it is gone."""
    table.drop(connection, checkfirst=True)
    table.create(connection)
    if frame is not None:
        insert_frame(connection, table, frame)


def next_id(connection: Connection, table: sa.Table) -> int:
    """The id that the next row gets. Inside `writing` only, where no other writer can take the same."""
    last = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
    return int(last or 0) + 1


def chunks(values: Iterable[T], size: int = 10_000) -> Iterator[list[T]]:
    """The values in lists that fit into one query: SQLite takes 32 766 parameters, PostgreSQL 65 535."""
    every = list(values)
    for start in range(0, len(every), size):
        yield every[start : start + size]


def _goes_without_saying(cells: Cells, column: sa.Column[Any]) -> bool:
    """Whether every cell is what the column holds if nothing is said: half of a return's columns are empty."""
    if column.primary_key:
        return False
    if column.server_default is None:
        return bool(column.nullable) and cells.count(None) == len(cells)
    return _is_empty_text(column.server_default) and cells.count("") == len(cells)


def _is_empty_text(default: Any) -> bool:
    return str(getattr(default, "arg", "")) == "''"


def _execute_many(
    connection: Connection, table: sa.Table, names: list[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    statement = table.insert().compile(dialect=connection.dialect, column_keys=names)
    # The driver's own cursor takes the rows one by one; SQLAlchemy would want them all in a list.
    cursor: Any = connection.connection.cursor()
    cursor.executemany(str(statement), rows)


def _copy(connection: Connection, table: sa.Table, names: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    quote = connection.dialect.identifier_preparer
    columns = ", ".join(quote.quote(name) for name in names)
    statement = f"COPY {quote.format_table(table)} ({columns}) FROM STDIN"
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _written(series: pd.Series, column: sa.Column[Any]) -> Cells:
    for kind, write in _WRITERS.items():
        if isinstance(column.type, kind):
            return write(series)
    raise TypeError(f"column {column} has no way to be written")


def _write_numbers(series: pd.Series) -> Cells:
    numbers = series.to_numpy(dtype=float, na_value=np.nan)
    absent = np.isnan(numbers)
    if not absent.any():
        return numbers.tolist()
    cells = numbers.astype(object)
    cells[absent] = None
    return cells.tolist()


def _write_integers(series: pd.Series) -> Cells:
    if series.dtype.kind in "iu":
        return series.tolist()
    numbers = series.to_numpy(dtype=float, na_value=np.nan)
    there = ~np.isnan(numbers)
    cells = np.full(len(numbers), None, dtype=object)
    cells[there] = numbers[there].astype(np.int64)
    return cells.tolist()


def _write_yes_no(series: pd.Series) -> Cells:
    return [None if absent else bool(cell) for cell, absent in zip(series, series.isna(), strict=True)]


def _write_dates(series: pd.Series) -> Cells:
    return _iso(pd.to_datetime(series), "D")


def _write_instants(series: pd.Series) -> Cells:
    moments = pd.to_datetime(series)
    if moments.dt.tz is None and moments.notna().any():
        raise ValueError(f"the instants of {series.name} have no time zone")
    return _iso(pd.to_datetime(moments, utc=True).dt.tz_localize(None), "us")


def _iso(moments: pd.Series, unit: str) -> Cells:
    # As SQLAlchemy itself keeps dates on SQLite; PostgreSQL reads it in the session's time zone, UTC.
    words = np.datetime_as_string(moments.to_numpy(dtype=f"datetime64[{unit}]"))
    return [None if word == "NaT" else word.replace("T", " ") for word in words.tolist()]


def stored_texts(series: pd.Series) -> Cells:
    """A column's texts as the database keeps them: absent ones empty, what it cannot hold replaced."""
    texts = series.fillna("").tolist()
    if series.dtype == object:
        texts = [text if isinstance(text, str) else str(text) for text in texts]
    return texts if _is_storable("".join(texts)) else [_storable(text) for text in texts]


def _is_storable(text: str) -> bool:
    return "\0" not in text and text == _storable(text)


def _storable(text: str) -> str:
    """The text as UTF-8 can hold it and PostgreSQL takes it: one such cell must not stop the batch."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


_WRITERS: dict[type[sa.types.TypeEngine[Any]], Callable[[pd.Series], Cells]] = {
    Instant: _write_instants,
    sa.Date: _write_dates,
    sa.Boolean: _write_yes_no,
    sa.Integer: _write_integers,
    sa.Float: _write_numbers,
    sa.Text: stored_texts,
}


def _read(cells: Cells, column: sa.ColumnElement[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Instant):
        return _read_instants(cells)
    if isinstance(kind, sa.Date):
        return np.array(cells, dtype="datetime64[D]").astype("datetime64[us]")
    if isinstance(kind, sa.Boolean):
        return np.array(cells, dtype=bool)
    if isinstance(kind, sa.Integer):
        return _read_integers(cells, column)
    if isinstance(kind, sa.Float):
        return np.array(cells, dtype=float)
    return pd.Series(cells, dtype="str").fillna("")


def _read_integers(cells: Cells, column: sa.ColumnElement[Any]) -> Any:
    may_be_absent = getattr(column, "nullable", False) or None in cells
    return np.array(cells, dtype=float if may_be_absent else np.int64)


def _read_instants(cells: Cells) -> Any:
    if cells and not all(cell is None or isinstance(cell, str) for cell in cells):
        return pd.Series(pd.to_datetime(cells, utc=True)).astype("datetime64[us, UTC]")
    return pd.Series(np.array(cells, dtype="datetime64[us]")).dt.tz_localize("UTC")

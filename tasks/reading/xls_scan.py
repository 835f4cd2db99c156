"""A look at the records of an old Excel workbook (.xls), before anything reads its values.

BIFF8 (Excel 97 and later) and BIFF5 (Excel 5 and 95): [MS-XLS] in the words of Microsoft's open specifications.
A workbook is one stream of records (u16 kind, u16 length, content) in an OLE file: the globals, then each sheet's
part from BOF to EOF. Standard library and olefile only: the reading child imports it.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import olefile

from tasks.reading.archive_scan import Limits
from tasks.reading.raw_texts import RefusedError
from tasks.reading.sheet_facts import Facts, SheetFacts
from tasks.template.return_fields import column_letters

BOF, EOF, FILEPASS, CODEPAGE, BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0042, 0x0085
ROW, MERGEDCELLS, BOOLERR, MULRK = 0x0208, 0x00E5, 0x0205, 0x00BD
FORMULAS = frozenset((0x0006, 0x0206, 0x0406))
# Number, RK, label, label of the shared strings, label with runs: one cell each, at row and column.
SINGLE_VALUES = frozenset((0x0203, 0x027E, 0x0204, 0x00FD, 0x00D6, BOOLERR)) | FORMULAS

BIFF8 = 0x0600
WORKSHEETS = frozenset((0, 1))  # of the kinds of BOUNDSHEET: worksheet, macro sheet; the others have no cells
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
UNKNOWN_ERROR = "#VALUE!"
HIDDEN_ROW = 0x20  # of a row's flags: fDyZero
NO_NUMBER, ERROR_RESULT = b"\xff\xff", 2  # of a formula's result

STREAMS = ("workbook", "book")  # the newer first: a file may hold both
FAT_SLACK = 109  # sectors of the allocation table that the header itself names
HEADER_BYTES = 512

_TWO = struct.Struct("<HH")
_AREA = struct.Struct("<4H")

Record = tuple[int, bytes]


class Sheet(NamedTuple):
    """A sheet as the globals announce it: where its part of the stream begins, its kind, its name."""

    start: int
    kind: int
    name: str


def ole_kind(path: Path) -> str:
    """What an OLE file is: "workbook", "encrypted" (a new workbook with a password), "document" or "other"."""
    try:
        with _opened(path) as ole:
            names = _stream_names(ole)
    except (RefusedError, OSError):
        return "other"
    if "encryptedpackage" in names:
        return "encrypted"
    if names.keys() & STREAMS:
        return "workbook"
    return "document" if "worddocument" in names else "other"


def scan_xls(path: Path, limits: Limits) -> Facts:
    """What was seen of each sheet of a workbook.

    Raises RefusedError for a password, a broken stream, or a value beyond limits["rows"] and limits["columns"].
    """
    stream = _stream(path)
    facts: Facts = {}
    with _doubted():
        for sheet in _sheets(stream):
            facts[sheet.name] = _seen(stream, sheet, limits)
    return facts


def _seen(stream: bytes, sheet: Sheet, limits: Limits) -> SheetFacts:
    found = SheetFacts()
    if sheet.kind in WORKSHEETS:
        for kind, content in _part(stream, sheet.start):
            _look(kind, content, found, sheet.name, limits)
    return found


def _broken() -> RefusedError:
    return RefusedError("unreadable", "broken_archive")


@contextmanager
def _doubted() -> Iterator[None]:
    """Bytes made to mislead let a reader fail in any way there is: whichever it is, the file is broken."""
    try:
        yield
    except RefusedError:
        raise
    except Exception as error:
        raise _broken() from error


def _opened(path: Path) -> olefile.OleFileIO:
    _check_header(path)
    with _doubted():
        return olefile.OleFileIO(path)


def _stream_names(ole: olefile.OleFileIO) -> dict[str, str]:
    """The streams at the root: their names by the same in small letters."""
    with _doubted():
        return {entry[0].lower(): entry[0] for entry in ole.listdir() if len(entry) == 1}


def _check_header(path: Path) -> None:
    """Refuses an allocation table far larger than its file needs: olefile would take hours to put it together."""
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    if len(header) < HEADER_BYTES:
        raise _broken()
    sector = 1 << min(int.from_bytes(header[30:32], "little"), 16)
    needed = path.stat().st_size // sector // max(sector // 4, 1)
    if int.from_bytes(header[44:48], "little") > 2 * needed + FAT_SLACK:
        raise _broken()


def _stream(path: Path) -> bytes:
    """The stream of records of a workbook."""
    with _opened(path) as ole:
        names = _stream_names(ole)
        if "encryptedpackage" in names:
            raise RefusedError("encrypted", "locked")
        stream = next((names[name] for name in STREAMS if name in names), None)
        if stream is None:
            raise _broken()
        with _doubted():
            return bytes(ole.openstream(stream).read())


def _records(stream: bytes, start: int) -> Iterator[Record]:
    """The records from a place on; raises RefusedError where the stream ends before they do."""
    end = len(stream)
    while start + _TWO.size <= end:
        kind, length = _TWO.unpack_from(stream, start)
        start += _TWO.size
        if start + length > end:
            raise _broken()
        yield kind, stream[start : start + length]
        start += length
    raise _broken()


def _part(stream: bytes, start: int) -> Iterator[Record]:
    """The records of one part, from after its BOF to its EOF, without the parts inside it (charts)."""
    records = _records(stream, start)
    kind, content = next(records)
    if kind != BOF:
        raise _broken()
    yield kind, content
    depth = 1
    for kind, content in records:
        depth += (kind == BOF) - (kind == EOF)
        if depth == 0:
            return
        if depth == 1 and kind != EOF:
            yield kind, content


def _sheets(stream: bytes) -> list[Sheet]:
    """The sheets that the globals name; raises RefusedError if two share a place or a name."""
    codec, is_wide = "cp1252", False
    sheets: list[Sheet] = []
    for kind, content in _part(stream, 0):
        if kind == BOF:
            is_wide = int.from_bytes(content[:2], "little") >= BIFF8
        elif kind == FILEPASS:
            raise RefusedError("encrypted", "locked")
        elif kind == CODEPAGE:
            codec = f"cp{int.from_bytes(content[:2], 'little')}"
        elif kind == BOUNDSHEET:
            sheets.append(_sheet(content, is_wide, codec))
    if len({sheet.start for sheet in sheets}) < len(sheets) or len({sheet.name for sheet in sheets}) < len(
        sheets
    ):
        raise _broken()
    return sheets


def _sheet(content: bytes, is_wide: bool, codec: str) -> Sheet:
    start, kind, length = int.from_bytes(content[:4], "little"), content[5], content[6]
    if not is_wide:
        return Sheet(start, kind, _decoded(content[7 : 7 + length], codec))
    if content[7] & 1:
        return Sheet(start, kind, content[8 : 8 + 2 * length].decode("utf-16-le"))
    return Sheet(start, kind, content[8 : 8 + length].decode("latin-1"))


def _decoded(name: bytes, codec: str) -> str:
    try:
        return name.decode(codec)
    except LookupError:  # a code page of the Macintosh, say
        return name.decode("latin-1")


def _look(kind: int, content: bytes, found: SheetFacts, sheet: str, limits: Limits) -> None:
    """Notes what one record says of its sheet."""
    if kind in SINGLE_VALUES:
        row, column = _TWO.unpack_from(content)
        _check_near(row, column, sheet, limits)
        if error := _error(kind, content):
            found.errors[row, column] = error
    elif kind == MULRK:
        _check_near(*_last_of_many(content), sheet, limits)
    elif kind == ROW:
        row, _, _, height = _AREA.unpack_from(content)
        if content[12] & HIDDEN_ROW or height == 0:
            found.hidden.add(row)
    elif kind == MERGEDCELLS:
        found.merged += (area for area in _areas(content) if area[2] > area[0])


def _last_of_many(content: bytes) -> tuple[int, int]:
    """The last cell of a row of small numbers."""
    row, _ = _TWO.unpack_from(content)
    return row, int.from_bytes(content[-2:], "little")


def _error(kind: int, content: bytes) -> str | None:
    if kind == BOOLERR:
        return ERRORS.get(content[6], UNKNOWN_ERROR) if content[7] else None
    if kind in FORMULAS and content[12:14] == NO_NUMBER and content[6] == ERROR_RESULT:
        return ERRORS.get(content[8], UNKNOWN_ERROR)
    return None


def _areas(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Merged areas: first row, first column, last row, last column."""
    count = int.from_bytes(content[:2], "little")
    for n in range(count):
        first_row, last_row, first_column, last_column = _AREA.unpack_from(content, 2 + n * _AREA.size)
        yield first_row, first_column, last_row, last_column


def _check_near(row: int, column: int, sheet: str, limits: Limits) -> None:
    if row >= limits["rows"] or column >= limits["columns"]:
        most = {"most_rows": limits["rows"], "most_columns": limits["columns"]}
        cell = f"{column_letters(column)}{row + 1}"
        raise RefusedError("too_large", "far_cell", sheet=sheet, cell=cell, **most)

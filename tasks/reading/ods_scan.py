"""A look at an OpenDocument spreadsheet's content, as bytes and without an XML parser, before anything reads its values.

One walk over the tags of content.xml: tables, their rows and cells, and how often each of them is repeated. Cells
have their places only by counting. Standard library only: the reading child imports it.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import NamedTuple

from tasks.reading.archive_scan import Limits, entries_of, unpacked
from tasks.reading.raw_texts import RefusedError
from tasks.reading.sheet_facts import Cell, Facts, SheetFacts
from tasks.template.return_fields import column_letters

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
LOCKED_WHOLE = (
    "encrypted-package"  # the one entry of a workbook that newer LibreOffice locks with all its parts
)
LOCKED_PART = b"encryption-data"

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
NAMESPACES = {
    f"{_URN}table:1.0": "table",
    f"{_URN}office:1.0": "office",
    f"{_URN}text:1.0": "text",
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext",
}
TABLE, ROW, CELL, COVERED = "table:table", "table:table-row", "table:table-cell", "table:covered-table-cell"
PARAGRAPH, BLANKS = "text:p", "text:s"
TAGS = (TABLE, ROW, CELL, COVERED, PARAGRAPH, BLANKS)
NAME, FORMULA, TYPE, SHOWN_TYPE = "table:name", "table:formula", "office:value-type", "calcext:value-type"
ROWS, COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"
ROWS_SPANNED, COLUMNS_SPANNED = "table:number-rows-spanned", "table:number-columns-spanned"
VISIBILITY, BLANK_COUNT = "table:visibility", "text:c"
ATTRIBUTES = (
    *(NAME, FORMULA, TYPE, SHOWN_TYPE, ROWS, COLUMNS),
    *(ROWS_SPANNED, COLUMNS_SPANNED, VISIBILITY, BLANK_COUNT),
)
FILLED = {FORMULA, TYPE, SHOWN_TYPE}  # attributes of a cell with something in it
HIDDEN = ("collapse", "filter")

# Repetition makes millions of cells of a few bytes: the reader spends 100 bytes on each, a note of ours 200.
MOST_CELLS, MOST_NOTED = 4_000_000, 1_000_000
MOST_DIGITS = 10
PROLOG_BYTES = 1024

UNKNOWN_ERROR = "#VALUE!"
_ERROR = re.compile(r"#(?:REF!|N/A|DIV/0!|NAME\?|NULL!|NUM!|VALUE!)|Err:\d{3}")
_TAG = re.compile(rb"<(/?)([^\s<>/!?\"'=]++)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_ATTRIBUTE = re.compile(rb"([^\s=<>\"'/]++)\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)')")
_CODEC = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")  # UTF-16, with and without its mark
# What is no tag: how it begins, how it ends, whether what is between is text.
_OTHERS = ((b"<!--", b"-->", False), (b"<![CDATA[", b"]]>", True), (b"<?", b"?>", False))

Names = dict[bytes, str]  # as a file writes them -> as they are written here
Attributes = dict[str, str]


class Token(NamedTuple):
    """Text, and the tag after it; no tag (name b"") where the text is cut by something else."""

    text: bytes
    is_end: bool = False
    name: bytes = b""
    attributes: bytes = b""

    @property
    def is_whole(self) -> bool:
        """Whether the tag is the element's end, too."""
        return self.attributes.endswith(b"/")


@dataclass
class Walk:
    """Where the walk stands: the sheet, its row and column from 0, how often this row is repeated, the open cell."""

    limits: Limits
    facts: Facts = field(default_factory=dict)
    sheet: str = ""
    found: SheetFacts = field(default_factory=SheetFacts)
    row: int = 0
    rows: int = 1
    column: int = 0
    is_hidden: bool = False  # the row
    cell: Attributes | None = None
    depth: int = 0  # of the elements open within the cell
    is_text: bool = False  # the outermost of them is a paragraph; a comment or a drawing is no content
    texts: list[bytes] = field(default_factory=list)
    cells: int = 0  # with something in them, in all sheets, each repetition counted
    noted: int = 0
    blanks: int = 0


def scan_ods(path: Path, limits: Limits) -> Facts:
    """What was seen of each sheet of a workbook.

    An error is told as the sheet shows it: LibreOffice has some of its own (`Err:502`). Raises RefusedError for a
    password, a DOCTYPE, a broken file, a value beyond limits["rows"] and limits["columns"], or too many repetitions.
    """
    content = _content(path, limits)
    walk = Walk(limits)
    names: Names | None = None
    for token in _tokens(content):
        if names is None:
            names = _names(token.attributes) if token.name else None
        else:
            _step(walk, token, names)
    if names is None or walk.cell is not None:
        raise _broken()
    return walk.facts


def _broken() -> RefusedError:
    return RefusedError("unreadable", "broken_archive")


def _content(path: Path, limits: Limits) -> bytes:
    archive = path.read_bytes()
    entries = entries_of(archive, limits)
    manifest = unpacked(archive, entries[MANIFEST]) if MANIFEST in entries else b""
    if LOCKED_WHOLE in entries or LOCKED_PART in manifest:
        raise RefusedError("encrypted", "locked")
    if CONTENT not in entries:
        raise _broken()
    content = unpacked(archive, entries[CONTENT])
    codec = _CODEC.search(content[:PROLOG_BYTES])
    if content.startswith(_WIDE) or (codec and codec[1].lower() not in (b"utf-8", b"us-ascii")):
        raise RefusedError("hostile", "encoding", name=CONTENT)
    return content


def _tokens(content: bytes) -> Iterator[Token]:
    """The tags with the text before each; raises RefusedError for a declaration, or where a tag does not end."""
    done = 0
    while (start := content.find(b"<", done)) >= 0:
        if tag := _TAG.match(content, start):
            yield Token(content[done:start], bool(tag[1]), tag[2], tag[3])
            done = tag.end()
            continue
        opening, closing, is_text = next(
            (other for other in _OTHERS if content.startswith(other[0], start)), (b"", b"", False)
        )
        if not opening and content.startswith(b"<!", start):
            raise RefusedError("hostile", "doctype", name=CONTENT)
        end = content.find(closing, start + len(opening)) if opening else -1
        if end < 0:
            raise _broken()
        yield Token(content[done:start] + (content[start + len(opening) : end] if is_text else b""))
        done = end + len(closing)


def _names(root: bytes) -> Names:
    """The names looked for, with the prefixes that the root declares; the usual ones hold in any case, since the
    reader of values goes by them."""
    prefixes = [(prefix, f"{prefix}:".encode()) for prefix in NAMESPACES.values()]
    for name, value in _pairs(root):
        usual = NAMESPACES.get(value.decode(errors="replace"))
        if usual and (name == b"xmlns" or name.startswith(b"xmlns:")):
            own = name[6:]
            prefixes.append((usual, own + b":" if own else b""))
    return {
        own + name.partition(":")[2].encode(): name
        for usual, own in prefixes
        for name in (*TAGS, *ATTRIBUTES)
        if name.partition(":")[0] == usual
    }


def _pairs(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    for name, double, single in _ATTRIBUTE.findall(raw):
        yield name, double or single


def _attributes(token: Token, names: Names) -> Attributes:
    return {
        names[name]: html.unescape(value.decode(errors="replace"))
        for name, value in _pairs(token.attributes)
        if name in names
    }


def _step(walk: Walk, token: Token, names: Names) -> None:
    name = names.get(token.name)
    if walk.cell is not None:
        _step_inside(walk, token, name, names)
    elif name is None:
        return
    elif token.is_end:
        if name == ROW:
            walk.row += walk.rows
    elif name == TABLE:
        _begin_table(walk, _attributes(token, names))
    elif name == ROW:
        _begin_row(walk, _attributes(token, names))
        if token.is_whole:
            walk.row += walk.rows
    elif name in (CELL, COVERED):
        walk.cell, walk.depth, walk.texts = _attributes(token, names), 0, []
        if token.is_whole:
            _end_cell(walk, walk.cell)


def _step_inside(walk: Walk, token: Token, name: str | None, names: Names) -> None:
    """One step within a cell: only text of its own paragraphs counts."""
    assert walk.cell is not None
    if walk.depth and walk.is_text and token.text:
        walk.texts.append(token.text)
    if not token.name:
        return
    if token.is_end:
        if walk.depth == 0:
            _end_cell(walk, walk.cell)
        walk.depth -= 1
        return
    if walk.depth == 0:
        walk.is_text = name == PARAGRAPH
    if name == BLANKS:
        _add_blanks(walk, _count(_attributes(token, names), BLANK_COUNT))
    walk.depth += not token.is_whole


def _begin_table(walk: Walk, attributes: Attributes) -> None:
    walk.sheet, walk.found = attributes.get(NAME, ""), SheetFacts()
    walk.facts[walk.sheet] = walk.found
    walk.row = 0


def _begin_row(walk: Walk, attributes: Attributes) -> None:
    walk.rows, walk.column = _count(attributes, ROWS), 0
    walk.is_hidden = attributes.get(VISIBILITY) in HIDDEN


def _end_cell(walk: Walk, attributes: Attributes) -> None:
    columns = _count(attributes, COLUMNS)
    text = html.unescape(b"".join(walk.texts).decode(errors="replace")).strip()
    if text or attributes.keys() & FILLED:
        _check_near(walk, columns)
        walk.cells += walk.rows * columns
        if walk.cells > MOST_CELLS:
            raise _too_many(walk, columns)
        _look(walk, attributes, text, columns)
        if walk.is_hidden:  # rows of nothing may be hidden by the million
            walk.found.hidden.update(range(walk.row, walk.row + walk.rows))
    rows_spanned = _count(attributes, ROWS_SPANNED)
    if rows_spanned > 1:
        last = (walk.row + rows_spanned - 1, walk.column + _count(attributes, COLUMNS_SPANNED) - 1)
        walk.found.merged.append((walk.row, walk.column, *last))
    walk.column += columns
    walk.cell = None


def _look(walk: Walk, attributes: Attributes, text: str, columns: int) -> None:
    """Notes an error or a formula without a result, for each repetition of the cell."""
    error = _error(attributes, text)
    is_uncached = FORMULA in attributes and TYPE not in attributes and not text
    if not (error or is_uncached):
        return
    _note(walk, walk.rows * columns)
    places: Iterator[Cell] = product(
        range(walk.row, walk.row + walk.rows), range(walk.column, walk.column + columns)
    )
    if error:
        walk.found.errors.update(dict.fromkeys(places, error))
    else:
        walk.found.uncached.update(places)


def _error(attributes: Attributes, text: str) -> str | None:
    if attributes.get(SHOWN_TYPE) == "error":
        return text or UNKNOWN_ERROR
    return text if _ERROR.fullmatch(text) else None


def _count(attributes: Attributes, name: str) -> int:
    """How often something is repeated: 1 unless said otherwise."""
    said = attributes.get(name, "1").strip()
    if not (said.isascii() and said.isdigit() and len(said) <= MOST_DIGITS):
        raise _broken()
    return max(int(said), 1)


def _note(walk: Walk, count: int) -> None:
    walk.noted += count
    if walk.noted > MOST_NOTED:
        raise _too_many(walk, 1)


def _add_blanks(walk: Walk, count: int) -> None:
    walk.blanks += count
    if walk.blanks > walk.limits["part_bytes"]:
        sizes = {"size_bytes": walk.blanks, "limit_bytes": walk.limits["part_bytes"]}
        raise RefusedError("too_large", "unpacked_size", **sizes)


def _too_many(walk: Walk, columns: int) -> RefusedError:
    size = {"rows": walk.row + walk.rows, "columns": walk.column + columns}
    return RefusedError("too_large", "sheet_size", sheet=walk.sheet, **size, **_most(walk))


def _check_near(walk: Walk, columns: int) -> None:
    """Raises RefusedError with the first cell that lies beyond the limits."""
    rows, limits = walk.row + walk.rows, walk.limits
    if rows <= limits["rows"] and walk.column + columns <= limits["columns"]:
        return
    row = max(walk.row, limits["rows"]) if rows > limits["rows"] else walk.row
    is_wide = walk.column + columns > limits["columns"]
    column = max(walk.column, limits["columns"]) if is_wide else walk.column
    cell = f"{column_letters(column)}{row + 1}"
    raise RefusedError("too_large", "far_cell", sheet=walk.sheet, cell=cell, **_most(walk))


def _most(walk: Walk) -> dict[str, int]:
    return {"most_rows": walk.limits["rows"], "most_columns": walk.limits["columns"]}

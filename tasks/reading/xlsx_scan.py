"""A look at the parts of an .xlsx workbook, as bytes and without a parser, before anything reads it.

What is safe and needed for values is handed on in a new archive, so that the reader sees what was looked at and
nothing else: no macro, no drawing, no link. Found on the way, because the reader of values does not tell: cells
with an error, formulas without a stored result, merged areas and hidden rows. Standard library only.
"""

import html
import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from tasks.reading.archive_scan import Entries, Limits, beginning, stored, unpacked
from tasks.reading.raw_texts import RefusedError
from tasks.reading.sheet_facts import Area, Cell, SheetFacts
from tasks.template.return_fields import column_letters

WORKBOOK, WORKBOOK_LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
NEEDED = (
    "[content_types].xml",
    "_rels/.rels",
    WORKBOOK,
    WORKBOOK_LINKS,
    "xl/sharedstrings.xml",
    "xl/styles.xml",
)
XML_ENDINGS = (".xml", ".rels", ".vml")
PROLOG_BYTES = 4096
TAG_BYTES = 400
CELL_BYTES = 2**16  # a formula has 8192 letters at the most, a text 32 767
TAIL_BYTES = 2**20  # what follows the cells is mostly shorter
HIDDEN, ERRORS = b" hidden=", (b't="e"', b"t='e'")
ROW_TAG, CELL_TAG, CELL_END, PREFIXED_CELL = b"<row ", b"<c ", b"</c>", b":c "
MERGED, MERGED_END = b"<mergeCells", b"</mergeCells"
EMPTY_TEXTS = ("str", "inlineStr")  # types of cells that the reader keeps though they may be empty
MOST_DIGITS = 10

# Links of these kinds are what people put into cells, or are never followed: a formula's stored result counts.
HARMLESS_LINKS = ("hyperlink", "externalLinkPath", "externalLinkLongPath")
DDE = b"ddeLink"

# "Strict" workbooks are the same in other namespaces, which the reader does not know.
STRICT = b"http://purl.oclc.org/ooxml/"
TRANSITIONAL = {
    STRICT + b"spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    STRICT + b"officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
}

_DECLARED = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROOT = re.compile(rb"<[A-Za-z_]")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")  # UTF-16, with and without its mark
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b([^<>]*)>")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^<>]*)>")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^<>]*>")
_PASSED_OVER = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_BEGIN = re.compile(rb"<(?:\w+:)?sheetData\b[^<>]*>")
_END = re.compile(rb"</(\w+:)?sheetData")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^<>]*)>")
_TAG = re.compile(rb"<(/?)(?:\w+:)?(row|c|f|v|t)\b([^<>]*?)(/?)>([^<]*)")
_VALUE = re.compile(rb"<(?:\w+:)?[vt]\b[^<>]*>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
# A formula that its result does not follow at once: `</f><v>12</v>` is how it should be.
_UNFINISHED = re.compile(rb"</f>(?!<v>[^<])|<f\b[^<>]*/>(?!<v>[^<])")
_REFERENCE = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\b[^<>]*ref\s*=\s*[\"']([A-Za-z]+)([0-9]+):([A-Za-z]+)([0-9]+)[\"']"
)

Attributes = dict[str, str]


class Sheet(NamedTuple):
    """A sheet as bytes: its cells, and what follows them."""

    name: str
    cells: bytes
    tail: bytes


def scanned_xlsx(content: bytes, entries: Entries, limits: Limits) -> tuple[bytes, dict[str, Sheet]]:
    """The workbook's parts that hold values, as an archive of their own, and its sheets for a closer look.

    Raises RefusedError for what is hostile, broken, or has something in a cell beyond the limits.
    """
    parts: dict[str, bytes] = {}
    needed = _needed(content, entries)
    for name, entry in entries.items():
        if not name.lower().endswith(XML_ENDINGS):
            continue
        if name in needed:
            parts[name] = unpacked(content, entry)
            _check_beginning(name, parts[name][:PROLOG_BYTES])
        else:
            _check_beginning(name, beginning(content, entry, PROLOG_BYTES))
        _check_links(name, content, entries)
    if STRICT in parts[WORKBOOK]:
        parts = {name: _transitional(part) for name, part in parts.items()}
    sheets: dict[str, Sheet] = {}
    for name, part in _sheets(parts):
        parts[part], sheets[name] = _scanned_sheet(name, parts[part], limits)
    return stored(parts), sheets


def _needed(content: bytes, entries: Entries) -> set[str]:
    """Names of the parts that a reader of values opens: the book's own and, wherever they lie, its sheets."""
    links = _links(unpacked(content, entries[WORKBOOK_LINKS])) if WORKBOOK_LINKS in entries else ()
    sheets = {_part(link.get("Target", "")) for link in links if link.get("Type", "").endswith("/worksheet")}
    return {name for name in entries if name.lower() in NEEDED or name in sheets}


def _part(target: str) -> str:
    """The name of a part that the book's links name."""
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _check_beginning(name: str, head: bytes) -> None:
    """What may stand before an XML part's root element: no DOCTYPE, and letters that can be looked at."""
    if head.startswith(_WIDE) or head[4:8].startswith(_WIDE):
        raise RefusedError("hostile", "encoding", name=name)
    said = _PASSED_OVER.sub(b"", head)
    root = _ROOT.search(said)
    hides_what_follows = said.strip() and root is None and len(head) == PROLOG_BYTES
    if hides_what_follows or _DECLARED.search(said, 0, root.start() if root else len(said)):
        raise RefusedError("hostile", "doctype", name=name)


def _check_links(name: str, content: bytes, entries: Entries) -> None:
    if name.endswith(".rels"):
        for link in _links(unpacked(content, entries[name])):
            kind = link.get("Type", "").rpartition("/")[2]
            if link.get("TargetMode", "").lower() == "external" and kind not in HARMLESS_LINKS:
                raise RefusedError("hostile", "external", name=name, target=link.get("Target", "")[:120])
    elif "externallinks/" in name.lower() and DDE in unpacked(content, entries[name]):
        raise RefusedError("hostile", "external", name=name, target="DDE")


def _links(part: bytes) -> Iterator[Attributes]:
    return (_attributes(found[1]) for found in _LINK.finditer(part))


def _attributes(tag: bytes) -> Attributes:
    return {
        name.decode("utf-8", "replace"): html.unescape((double or single).decode("utf-8", "replace"))
        for name, double, single in _ATTRIBUTE.findall(tag)
    }


def _transitional(part: bytes) -> bytes:
    for strict, usual in TRANSITIONAL.items():
        part = part.replace(strict, usual)
    return part


def _sheets(parts: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet of cells."""
    links = {link.get("Id"): link.get("Target", "") for link in _links(parts.get(WORKBOOK_LINKS, b""))}
    for found in _SHEET.finditer(parts[WORKBOOK]):
        about = _attributes(found[1])
        target = links.get(next((about[name] for name in about if name.endswith(":id")), ""), "")
        part = _part(target)
        if part in parts and "name" in about:
            yield about["name"], part


def _scanned_sheet(name: str, part: bytes, limits: Limits) -> tuple[bytes, Sheet]:
    """A sheet's part down to its cells, without the size that it claims."""
    begin = _BEGIN.search(part)
    ends = list(_END.finditer(part, max(len(part) - TAIL_BYTES, 0))) or list(_END.finditer(part))
    if begin is None or begin[0].endswith(b"/>"):
        return _DIMENSION.sub(b"", part), Sheet(name, b"", b"")
    if not ends or ends[-1].start() < begin.end():
        raise RefusedError("unreadable", "broken_archive")
    end = ends[-1]
    sheet = Sheet(name, part[begin.end() : end.start()], part[end.end() :])
    if limits.get("careful") or _may_reach_beyond(sheet, limits):
        _walk(sheet, SheetFacts(), limits)
    head, closing = part[: begin.end()], b"%b></%bworksheet>" % (end[0], end[1] or b"")
    return b"".join((_DIMENSION.sub(b"", head), sheet.cells, closing)), sheet


def facts_of(sheet: Sheet, closely: bool) -> SheetFacts:
    """What can be seen of a sheet; `closely`: what is the matter with its cells too."""
    facts = SheetFacts(merged=_merged(sheet.tail), hidden=_hidden(sheet.cells))
    if closely and not (_is_plainly_written(sheet) and _noted(sheet.cells, facts)):
        _walk(sheet, facts, None)
    return facts


def _merged(tail: bytes) -> list[Area]:
    start = tail.find(MERGED)
    found = _MERGED.findall(tail, start, tail.find(MERGED_END, start)) if start >= 0 else []
    return [
        (int(top) - 1, _column(left), int(bottom) - 1, _column(right)) for left, top, right, bottom in found
    ]


def _hidden(cells: bytes) -> set[int]:
    """Rows that are hidden or filtered away."""
    starts = (cells.rfind(b"<", max(at - TAG_BYTES, 0), at) for at in _found(cells, HIDDEN))
    tags = [_tag_at(cells, start) for start in starts if start >= 0]
    rows = [_attributes(tag) for tag in tags if _ROW.match(tag + b">")]
    return {_number(row.get("r", ""), 0) - 1 for row in rows if row.get("hidden") in ("1", "true")}


def _found(body: bytes, what: bytes) -> Iterator[int]:
    at = body.find(what)
    while at >= 0:
        yield at
        at = body.find(what, at + len(what))


def _tag_at(body: bytes, start: int) -> bytes:
    return body[max(start, 0) : max(start, 0) + TAG_BYTES].partition(b">")[0]


def _column(letters: bytes) -> int:
    """The 0-based index of a column by its letters."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + letter - 64
    return index - 1


def _may_reach_beyond(sheet: Sheet, limits: Limits) -> bool:
    """Whether something may lie beyond the limits, by the sheet's last row.

    What lies out there and does not show in it is left to the limits of this process: a file that ends it is read
    again with `careful`.
    """
    last_row = _attributes(_tag_at(sheet.cells, sheet.cells.rfind(ROW_TAG))).get("r", "")
    is_odd = bool(sheet.cells) and not sheet.cells.startswith(ROW_TAG)
    return is_odd or b"='" in sheet.cells[:TAG_BYTES] or _number(last_row, 0) > limits["rows"]


def _is_plainly_written(sheet: Sheet) -> bool:
    """Whether the cells are written as we and Excel do it: no prefixes, no blanks between, double quotes."""
    cells = sheet.cells
    return cells.startswith(ROW_TAG) and b"='" not in cells[:TAG_BYTES] and PREFIXED_CELL not in cells


def _noted(cells: bytes, facts: SheetFacts) -> bool:
    """Notes errors and formulas without a result where they show; False where a cell does not say which it is."""
    errors = (at for mark in ERRORS for at in _found(cells, mark))
    for at in (*errors, *(found.start() for found in _UNFINISHED.finditer(cells))):
        start = cells.rfind(CELL_TAG, max(at - CELL_BYTES, 0), at)
        end = cells.find(CELL_END, at, at + CELL_BYTES)
        tag = _tag_at(cells, start)
        about = _attributes(tag)
        if min(start, end) < 0 or _REFERENCE.fullmatch(about.get("r", "")) is None:
            return False
        inner = cells[start + len(tag) : end]
        value = _VALUE.search(inner)
        has_formula = _FORMULA.search(inner) is not None
        _note(_place(about["r"], 0, 0), about.get("t"), value[1] if value else b"", has_formula, facts)
    return True


def _note(place: Cell, kind: str | None, value: bytes, has_formula: bool, facts: SheetFacts) -> None:
    if value and kind == "e":
        facts.errors[place] = value.decode("utf-8", "replace")
    elif has_formula and not value and kind != "str":
        facts.uncached.add(place)


def _number(text: str, otherwise: int) -> int:
    """A row's number as its tag says it."""
    return int(text) if text.isdecimal() and len(text) < MOST_DIGITS else otherwise


def _walk(sheet: Sheet, facts: SheetFacts, limits: Limits | None) -> None:
    """Every cell, one after the other; raises RefusedError for one with something in it beyond the limits.

    Tag by tag, so that the time it takes grows with the sheet's length alone, whatever stands in it.
    """
    row, column = -1, -1
    kind, value, has_formula, is_open = "", b"", False, False
    for found in _TAG.finditer(sheet.cells):
        closes, name, tag, closes_itself, text = found.groups()
        if name == b"row" and not closes:
            row, column = _number(_attributes(tag).get("r", ""), row + 2) - 1, -1
        elif name == b"c" and not closes:
            about = _attributes(tag)
            row, column = _place(about.get("r", ""), row, column + 1)
            kind, value, has_formula, is_open = about.get("t", ""), b"", False, not closes_itself
        elif name == b"c":
            _check_place(sheet.name, (row, column), bool(value) or kind in EMPTY_TEXTS, limits)
            _note((row, column), kind, value, has_formula, facts)
            is_open = False
        elif is_open and name == b"f":
            has_formula = True
        elif is_open and not closes:
            value = value or text
    if is_open:
        _check_place(sheet.name, (row, column), bool(value), limits)


def _check_place(sheet: str, place: Cell, is_kept: bool, limits: Limits | None) -> None:
    """Raises RefusedError where a cell that its reader keeps lies beyond the limits."""
    row, column = place
    if limits and is_kept and (row >= limits["rows"] or column >= limits["columns"]):
        most = {"most_rows": limits["rows"], "most_columns": limits["columns"]}
        raise RefusedError(
            "too_large", "far_cell", sheet=sheet, cell=f"{column_letters(column)}{row + 1}", **most
        )


def _place(reference: str, row: int, column: int) -> Cell:
    """The place that a reference names; a cell without one follows the last."""
    found = _REFERENCE.fullmatch(reference)
    return (int(found[2]) - 1, _column(found[1].encode())) if found else (row, column)

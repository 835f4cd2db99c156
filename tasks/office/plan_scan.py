"""What stands in a workbook's XML that its reader does not tell: cells that would silently become empty.

The reader gives an error (`#REF!`) and a formula without a stored result as empty cells, and makes room for every
cell up to the farthest one. So the XML is scanned first, by regular expressions: no parser, no entities.
"""

import html
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tiendo.errors import InputError

MEGABYTE = 2**20
LARGEST_FILE, LARGEST_UNPACKED = 20 * MEGABYTE, 200 * MEGABYTE
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 200_000, 200, 5_000_000

_WORKBOOK = "xl/workbook.xml"
_SAVE_AGAIN = "mở bằng Excel hoặc LibreOffice, lưu lại dạng .xlsx, không đặt mật khẩu"
_ENCRYPTED = 0x1
_NOT_UTF8 = (b"\xff\xfe", b"\xfe\xff")

# `[^<>]*` ends at the next tag whatever a file holds, so the time a scan takes grows with its length alone.
_ATTRIBUTE = r'\s(?:\w+:)?{}\s*=\s*"([^"]*)"'
_END = re.compile(rb"</(?:\w+:)?(?:worksheet|chartsheet|dialogsheet)>\s*\Z")
_TAG = re.compile(rb"<(/?)(?:\w+:)?(row|c|f|v|is|t)\b([^<>]*?)(/?)>([^<]*)")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^<>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^<>]*)>")
_REFERENCE = re.compile(rb'\sr\s*=\s*["\']([A-Za-z]{0,3})(\d{1,9})["\']')
_TYPE = re.compile(rb'\st\s*=\s*["\'](\w+)["\']')


@dataclass
class SheetScan:
    """One sheet: the size up to its farthest filled cell, and what would be lost, by (row, column) from 1."""

    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    without_result: list[tuple[int, int]] = field(default_factory=list)


def scan_workbook(path: Path) -> dict[str, SheetScan]:
    """Sheet's name → what its XML holds. Raises InputError for what is no workbook, or too large a one."""
    try:
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise InputError(f"{path}: {_megabytes(size)}, giới hạn {_megabytes(LARGEST_FILE)}; {_SMALLER}")
        with zipfile.ZipFile(path) as archive:
            _check_size(path, archive)
            return {name: _checked(path, name, archive.read(part)) for name, part in _sheets(archive)}
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, UnicodeDecodeError, EOFError):
        raise InputError(f"{path}: không mở được, không phải sổ tính nguyên vẹn; {_SAVE_AGAIN}") from None
    except OSError as error:
        raise InputError(f"{path}: không đọc được ({error.strerror}); kiểm tra quyền đọc") from None


_SMALLER = "bỏ hình ảnh và dữ liệu thừa, chỉ giữ các bảng của kế hoạch"


def _check_size(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise InputError(f"{path}: không mở được, có mật khẩu; {_SAVE_AGAIN}")
    if (size := sum(part.file_size for part in parts)) > LARGEST_UNPACKED:
        unpacked = f"{_megabytes(size)} sau khi mở nén, giới hạn {_megabytes(LARGEST_UNPACKED)}"
        raise InputError(f"{path}: {unpacked}; {_SMALLER}")
    if archive.testzip() is not None:  # a part that is larger than it says, or spoiled
        raise zipfile.BadZipFile


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of every sheet."""
    relations = archive.read("xl/_rels/workbook.xml.rels").decode()
    part_of = {
        _attribute(tag, "Id"): posixpath.normpath(posixpath.join("/xl", _attribute(tag, "Target")))[1:]
        for tag in _RELATION.findall(relations)
    }
    for tag in _SHEET.findall(archive.read(_WORKBOOK).decode()):
        yield _attribute(tag, "name"), part_of[_attribute(tag, "id")]


def _attribute(tag: str, name: str) -> str:
    found = re.search(_ATTRIBUTE.format(name), tag)
    if found is None:
        raise KeyError(name)
    return html.unescape(found.group(1))


def _checked(path: Path, name: str, xml: bytes) -> SheetScan:
    if xml.startswith(_NOT_UTF8) or b"<!DOCTYPE" in xml:
        raise InputError(f"{path}: trang {name} không do Excel hay LibreOffice ghi; {_SAVE_AGAIN}")
    if not _END.search(xml[-100:]):
        raise InputError(f"{path}: trang {name} bị cắt mất phần cuối; {_SAVE_AGAIN}")
    scan = _scan(xml)
    if scan.rows > MOST_ROWS or scan.columns > MOST_COLUMNS or scan.rows * scan.columns > MOST_CELLS:
        size = f"{scan.rows} dòng × {scan.columns} cột, giới hạn {MOST_ROWS} × {MOST_COLUMNS}"
        raise InputError(f"{path}: trang {name} có {size}; xóa những ô nằm xa bảng")
    return scan


def _scan(xml: bytes) -> SheetScan:
    scan = SheetScan()
    row = column = 0
    kind = error = b""
    has_formula = has_result = False
    for found in _TAG.finditer(xml):
        closing, tag, attributes, single, text = found.groups()
        if tag == b"row" and not closing:
            place = _REFERENCE.search(attributes)
            row, column = int(place.group(2)) if place else row + 1, 0
        elif tag == b"c" and not closing:
            place, typed = _REFERENCE.search(attributes), _TYPE.search(attributes)
            column = _number(place.group(1)) if place else column + 1
            row = int(place.group(2)) if place else row
            kind, error = typed.group(1) if typed else b"", b""
            has_formula = has_result = False
        elif tag == b"c":
            _note(scan, (row, column), kind, error, has_formula, has_result)
        elif tag == b"f":
            has_formula = True
        elif not closing:  # what a cell holds: v, is, t
            has_result = has_result or bool(text) or (tag == b"v" and kind == b"str" and not single)
            error = error or text
    return scan


def _note(
    scan: SheetScan, place: tuple[int, int], kind: bytes, error: bytes, has_formula: bool, has_result: bool
) -> None:
    if not (has_formula or has_result or kind == b"e"):
        return  # a format alone
    scan.rows, scan.columns = max(scan.rows, place[0]), max(scan.columns, place[1])
    if kind == b"e":
        scan.errors[place] = html.unescape(error.decode(errors="replace")).strip() or "#?"
    elif has_formula and not has_result:
        scan.without_result.append(place)


def _number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB".replace(".", ",")

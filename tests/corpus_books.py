"""What a script can do to a workbook: its parts as text, archives that no program would write, old containers."""

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from xml.sax.saxutils import escape

SHEET, KEYS, STRINGS = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet4.xml", "xl/sharedStrings.xml"
BOOK, BOOK_RELS, TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
BOOK_TEXTS = (SHEET, STRINGS)  # where a workbook of ours names its unit
SHEET_RELS = "xl/worksheets/_rels/sheet1.xml.rels"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Parts = dict[str, bytes]
MEGABYTE = 2**20


def parts_of(book: bytes) -> Parts:
    """The parts of an archive, by name, in their order."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """An archive of the parts, as any program writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2014, 1, 5, 8, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def replaced(parts: Parts, part: str, *changes: tuple[str, str]) -> Parts:
    """The parts with texts of one replaced; each old text must be there."""
    text = parts[part].decode()
    for old, new in changes:
        assert old in text, f"{old!r} is not in {part}"
        text = text.replace(old, new)
    return parts | {part: text.encode()}


# Cells


def cell_xml(address: str, style: str, value: object) -> str:
    """The element of a cell that holds a number or a text."""
    if isinstance(value, str):
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        return f'<c r="{address}"{style} t="inlineStr">{text}</c>'
    return f'<c r="{address}"{style}><v>{value!r}</v></c>'


def cell_match(xml: str, address: str) -> re.Match[str]:
    """Where a cell's element stands in a sheet."""
    match = re.search(rf'<c r="{address}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', xml, re.DOTALL)
    assert match, f"no cell {address}"
    return match


def with_cell(parts: Parts, address: str, element: str, part: str = SHEET) -> Parts:
    """The parts with a cell's element replaced; `{s}` in it is the cell's own style, `{r}` its address."""
    xml = parts[part].decode()
    match = cell_match(xml, address)
    new = element.replace("{s}", match[1] or "").replace("{r}", f'r="{address}"')
    return parts | {part: (xml[: match.start()] + new + xml[match.end() :]).encode()}


def filled(parts: Parts, typed: Mapping[str, object], part: str = SHEET) -> Parts:
    """The parts with numbers and texts typed into cells."""
    xml = parts[part].decode()
    for address, value in typed.items():
        match = cell_match(xml, address)
        xml = xml[: match.start()] + cell_xml(address, match[1] or "", value) + xml[match.end() :]
    return parts | {part: xml.encode()}


def row_xml(parts: Parts, number: int) -> str:
    """The element of a row of the entry sheet."""
    match = re.search(rf'<row r="{number}"[^>]*>.*?</row>', parts[SHEET].decode(), re.DOTALL)
    assert match, f"no row {number}"
    return match[0]


def column_of(address: str) -> str:
    return re.sub(r"\d", "", address)


def row_of(address: str) -> int:
    return int(re.sub(r"\D", "", address))


def shifted(row: str, number: int) -> str:
    """A row's element, moved to another row."""
    return re.sub(r'( r="[A-Z]*)\d+"', rf'\g<1>{number}"', row)


# Archives that no program would write


@dataclass(frozen=True)
class Entry:
    """An entry as its archive describes it; what is not given is true to the content."""

    name: bytes
    content: bytes = b""
    packed: bytes | None = None  # the deflated content, if not of `content`
    size: int | None = None
    crc: int | None = None
    flags: int = 0x800
    at: int | None = None  # the offset its directory names, if not its own
    method: int = 8


def archive_of(entries: Iterable[Entry], eocd_count: int | None = None) -> bytes:
    """An archive written entry by entry, exactly as told."""
    body, directory, count = bytearray(), bytearray(), 0
    for entry in entries:
        packed = deflated(entry.content) if entry.packed is None else entry.packed
        size = len(entry.content) if entry.size is None else entry.size
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        common = struct.pack(
            "<HHHHHIIIHH",
            20,
            entry.flags,
            entry.method,
            0,
            0x4421,
            crc,
            len(packed),
            size,
            len(entry.name),
            0,
        )
        offset = len(body) if entry.at is None else entry.at
        if entry.at is None:
            body += b"PK\x03\x04" + common + entry.name + packed
        directory += b"PK\x01\x02\x14\x00" + common + struct.pack("<HHHII", 0, 0, 0, 0, offset) + entry.name
        count += 1
    count = count if eocd_count is None else eocd_count
    end = struct.pack("<HHHHIIH", 0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), len(body), 0)
    return bytes(body + directory) + b"PK\x05\x06" + end


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def entries_of(parts: Parts) -> list[Entry]:
    return [Entry(name.encode(), content) for name, content in parts.items()]


def bomb(name: str, start: bytes, block: bytes, times: int, end: bytes) -> Entry:
    """An entry of `start`, many equal blocks and `end`, whose text nobody ever holds in memory.

    A block deflated with a full flush may stand any number of times.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    middle = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(start)
    for _ in range(times):
        crc = zlib.crc32(block, crc)
    size = len(start) + len(block) * times + len(end)
    return Entry(
        name.encode(), packed=first + middle * times + deflated(end), size=size, crc=zlib.crc32(end, crc)
    )


# Other containers

FREE, END, FAT_SECTOR, NO_STREAM = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
SECTOR = 512


def ole(*streams: str) -> bytes:
    """A compound file, as old Office programs write it, with streams of these names and random content."""
    contents = [
        Random(n).randbytes(9 * SECTOR) for n in range(len(streams))
    ]  # too long for the small streams
    directory_sectors = (len(streams) + 4) // 4
    sizes = [len(content) // SECTOR for content in contents]
    fat, starts = [FAT_SECTOR, *_chain(1, directory_sectors)], []
    for size in sizes:
        starts.append(len(fat))
        fat += _chain(len(fat), size)
    fat += [FREE] * (SECTOR // 4 - len(fat))
    header = struct.pack("<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
                         b"", 0, 1, 1, 0, 4096, END, 0, END, 0)  # fmt: skip
    header += struct.pack("<109I", 0, *[FREE] * 108)
    rows = [_directory_row("Root Entry", 5, 1, END, 0, left=NO_STREAM)]
    for n, (name, start, size) in enumerate(zip(streams, starts, sizes, strict=True)):
        right = n + 2 if n + 1 < len(streams) else NO_STREAM
        rows.append(_directory_row(name, 2, NO_STREAM, start, size * SECTOR, right=right))
    rows += [b"\0" * 128] * (directory_sectors * 4 - len(rows))
    return header + struct.pack(f"<{len(fat)}I", *fat) + b"".join(rows) + b"".join(contents)


def _chain(start: int, size: int) -> list[int]:
    return [*range(start + 1, start + size), END]


def _directory_row(
    name: str, kind: int, child: int, start: int, size: int, left: int = NO_STREAM, right: int = NO_STREAM
) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, left, right, child)
    return head + b"\0" * 36 + struct.pack("<IQ", start, size)


# Old encodings of Vietnamese

TONES = {"\u0300": 0, "\u0309": 1, "\u0303": 2, "\u0301": 3, "\u0323": 4}
_TCVN3_ROWS = {
    "a": (0x61, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9), "ă": (0xA8, 0xBB, 0xBC, 0xBD, 0xBE, 0xC6),
    "â": (0xA9, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB), "e": (0x65, 0xCC, 0xCE, 0xCF, 0xD0, 0xD1),
    "ê": (0xAA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6), "i": (0x69, 0xD7, 0xD8, 0xDC, 0xDD, 0xDE),
    "o": (0x6F, 0xDF, 0xE1, 0xE2, 0xE3, 0xE4), "ô": (0xAB, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9),
    "ơ": (0xAC, 0xEA, 0xEB, 0xEC, 0xED, 0xEE), "u": (0x75, 0xEF, 0xF1, 0xF2, 0xF3, 0xF4),
    "ư": (0xAD, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9), "y": (0x79, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE),
    "đ": (0xAE,), "Đ": (0xA7,), "Ă": (0xA1,), "Â": (0xA2,), "Ê": (0xA3,), "Ô": (0xA4,), "Ơ": (0xA5,), "Ư": (0xA6,),
}  # fmt: skip
_VNI_BASES = {
    "a": "a", "ă": "aê", "â": "aâ", "e": "e", "ê": "eâ", "i": "i", "o": "o", "ô": "oâ", "ơ": "ô", "u": "u", "ư": "ö",
    "y": "y", "đ": "ñ", "Đ": "Ñ",
}  # fmt: skip
_VNI_TONES = "øûõùï"
_VNI_JOINED = {"ă": "èúüéë", "â": "àåãáä", "i": "ìæóíò", "y": "øûõùî"}


def _letters(text: str) -> Iterable[tuple[str, int | None]]:
    """Letters without their tone, and the tone (as in TONES)."""
    for letter in unicodedata.normalize("NFC", text):
        plain = unicodedata.normalize("NFD", letter)
        tone = next((TONES[mark] for mark in plain if mark in TONES), None)
        yield unicodedata.normalize("NFC", "".join(m for m in plain if m not in TONES)), tone


def tcvn3(text: str) -> bytes:
    """A text as TCVN 5712 (`ABC`) programs wrote it, tones on small letters."""
    out = bytearray()
    for letter, tone in _letters(text):
        row = _TCVN3_ROWS.get(letter, (ord(letter),) if ord(letter) < 128 else None)
        assert row is not None, letter
        out.append(row[0 if tone is None else tone + 1])
    return bytes(out)


def vni(text: str) -> bytes:
    """A text as VNI-Windows programs wrote it."""
    out = ""
    for letter, tone in _letters(text):
        base = _VNI_BASES.get(letter, letter)
        if tone is None:
            out += base
        elif letter == "i":
            out += _VNI_JOINED["i"][tone]
        elif letter == "y" and tone == 4:
            out += "î"
        elif letter == "ê":
            out += "e" + _VNI_JOINED["â"][tone]
        elif letter == "ô":
            out += "o" + _VNI_JOINED["â"][tone]
        elif letter in _VNI_JOINED and letter != "y":
            out += "a" + _VNI_JOINED[letter][tone]
        else:
            out += base + _VNI_TONES[tone]
    return out.encode("latin-1")


def windows_1258(text: str) -> bytes:
    """A text as Vietnamese Windows wrote it: letters of the code page, tones after them."""
    marks = {tone: mark for mark, tone in TONES.items()}
    return "".join(letter + marks.get(tone, "") for letter, tone in _letters(text)).encode("cp1258")

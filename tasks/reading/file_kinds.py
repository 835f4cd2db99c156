"""What a file is by its content; its name only says what it was meant to be. Standard library only."""

import re
from pathlib import Path, PurePath

from tasks.reading.archive_scan import Limits, entries_of
from tasks.reading.raw_texts import RefusedError
from tiendo.kinds import CSV, EVIDENCE

XLSX, XLS, ODS, ZIP = "xlsx", "xls", "ods", "zip"

BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", "")
TEXT_SUFFIXES = (".csv", ".txt")
SIGNATURE_SUFFIXES = (".p7s", ".p7m", ".sig")  # DER has no magic of its own
LETTER_SUFFIX = ".doc"

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"II*\x00", b"MM\x00*", b"GIF8")
HEIF = re.compile(rb"....ftyp(?:heic|heix|mif1|msf1|avif)", re.DOTALL)
PDF = b"%PDF-"
PDF_WITHIN = 1024  # some scanners write a few bytes first

ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # told even of a damaged one

# What a file is that we do not take, in a word for its sender.
OTHER_ARCHIVES = {b"Rar!": "RAR", b"7z\xbc\xaf\x27\x1c": "7-Zip", b"\x1f\x8b": "GZip"}
OTHER_PROGRAMS = (
    (re.compile(rb"\s*\{\\rtf"), "RTF"),
    (re.compile(rb"(?s)\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta)\b", re.I), "HTML"),
    (re.compile(rb"(?s)\s*<\?xml.*urn:schemas-microsoft-com:office:spreadsheet"), "XML Spreadsheet 2003"),
)
HEAD_BYTES = 4096

OFFICE_LETTER = "word/document.xml"
BOOK, BINARY_BOOK, OPEN_CONTENT = "xl/workbook.xml", "xl/workbook.bin", "content.xml"
LOCKED_OPEN = "encrypted-package"  # what a locked .ods holds instead


def kind_of(path: Path, content: bytes, name: str, limits: Limits) -> str:
    """One of xlsx, xls, ods, csv, zip and evidence (what is kept beside a return).

    name: of the file as it was sent. Raises RefusedError for what is none of these, or an archive that may not be
    opened.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in SIGNATURE_SUFFIXES:
        return EVIDENCE
    if not content:
        raise RefusedError("unreadable", "empty")
    if content.startswith(ZIP_MAGICS):
        return _zip_kind(content, limits)
    if content.startswith(OLE_MAGIC):
        return _ole_kind(path, suffix)
    if content.startswith(PICTURES) or HEIF.match(content) or PDF in content[:PDF_WITHIN]:
        return EVIDENCE
    return _text_kind(content, suffix)


def _zip_kind(content: bytes, limits: Limits) -> str:
    names = set(entries_of(content, limits))
    if BOOK in names:
        return XLSX
    if OFFICE_LETTER in names:
        return EVIDENCE
    if LOCKED_OPEN in names:
        raise RefusedError("encrypted", "locked")
    if OPEN_CONTENT in names:
        return ODS
    if BINARY_BOOK in names:
        raise RefusedError("unknown_format", "other_program", what="Excel Binary (.xlsb)")
    if "[Content_Types].xml" in names:
        raise RefusedError("unknown_format", "other_program", what="Office")
    return ZIP


def _ole_kind(path: Path, suffix: str) -> str:
    from tasks.reading.xls_scan import ole_kind

    kind = ole_kind(path)
    if kind == "workbook":
        return XLS
    if kind == "encrypted" or (kind == "other" and ENCRYPTED_STREAM in path.read_bytes()):
        raise RefusedError("encrypted", "locked")
    if kind == "document" or suffix == LETTER_SUFFIX:
        return EVIDENCE
    raise RefusedError("unknown_format", "no_table", suffix=suffix)


def _text_kind(content: bytes, suffix: str) -> str:
    head = content[:HEAD_BYTES]
    for magic, what in OTHER_ARCHIVES.items():
        if head.startswith(magic):
            raise RefusedError("unknown_format", "other_archive", what=what)
    for form, what in OTHER_PROGRAMS:
        if form.match(head):
            raise RefusedError("unknown_format", "other_program", what=what)
    if suffix in TEXT_SUFFIXES or (suffix in BOOK_SUFFIXES and _is_table(head)):
        return CSV
    if suffix in BOOK_SUFFIXES and suffix:
        raise RefusedError("unknown_format", "no_table", suffix=suffix)
    raise RefusedError("unknown_format", "ending" if suffix else "no_ending", suffix=suffix)


def _is_table(head: bytes) -> bool:
    """Whether text begins with the heading of a .csv return, in whichever encoding."""
    line = head.replace(b"\x00", b"").lower().partition(b"\n")[0]
    return b"indicator" in line and b"period" in line

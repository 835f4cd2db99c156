"""The corpus: wrong, odd and hostile files, each made by a script from a genuine template, and what becomes of them.

A case is a row of CASES. Its file lies in the inbox of a district that has no other, so that no verdict depends on
another case. What a district's good return says is in `corpus_office.District.figures`.
"""

import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

import corpus_edits as make
from corpus_books import (
    BOOK,
    BOOK_RELS,
    MEGABYTE,
    SHEET,
    STRINGS,
    TYPES,
    Entry,
    ole,
    tcvn3,
    vni,
    windows_1258,
    zipped,
)  # fmt: skip
from corpus_edits import Builder, csv, element, key, plain, typed
from corpus_office import PAST, PERIOD, District

GOOD, WARNED, RETURNED = "accepted", "accepted_with_warnings", "returned"
REJECTED, ATTACHED, DUPLICATE = "rejected", "attached", "duplicate"

Loaded = dict[str, dict[str, float]]  # period → indicator → number


def everything(district: District) -> Loaded:
    """All that a good template says."""
    return district.loaded


def quarter(district: District) -> Loaded:
    """All that a good CSV says."""
    return {PERIOD: district.loaded[PERIOD]}


def nothing(_: District) -> Loaded:
    return {}


def but(
    of: Callable[[District], Loaded] = everything, **changes: float | None
) -> Callable[[District], Loaded]:
    """The same with other figures for some indicators (`VON__DN`: VON-DN), None for those that do not load."""

    def loaded(district: District) -> Loaded:
        said = {period: dict(numbers) for period, numbers in of(district).items()}
        for name, number in changes.items():
            period = "2013" if name == "THU" else PERIOD
            said[period].pop(name.replace("__", "-"), None)
            if number is not None:
                said[period][name.replace("__", "-")] = number
        return {period: numbers for period, numbers in said.items() if numbers}

    return loaded


LOADS = {GOOD: everything, WARNED: everything, RETURNED: everything, DUPLICATE: everything}


@dataclass(frozen=True)
class Case:
    """One file: how it is made, its verdict (`;` between those of an archive's members) and the codes it is told.

    at: the cell that the first finding names, as `CHE_value`, or its address. says: words in what the sender is
    told. loads: the figures that the warehouse has afterwards; by default all of a good template, nothing of what
    is refused. past: figures of the quarter before, as CSV. earlier: files that came on the days before.
    """

    id: str
    build: Builder
    verdict: str
    codes: str = ""
    name: str | bytes = "Mau.xlsx"
    at: str = ""
    says: str = ""
    loads: Callable[[District], Loaded] | None = None
    sender: str | None = None
    past: Builder | None = None
    earlier: tuple[Builder, ...] = ()

    def figures(self, district: District) -> Loaded:
        """What of the file the warehouse should have."""
        return (self.loads or LOADS.get(self.verdict.partition(";")[0], nothing))(district)


def _q3(district: District, **changes: str | None) -> bytes:
    return district.csv(PAST, **changes).encode()


def past(**changes: str | None) -> Builder:
    return lambda district: _q3(district, **changes)


FILES = [
    Case("an empty workbook", plain(b""), REJECTED, "unreadable"),
    Case("an empty csv", plain(b""), REJECTED, "unreadable", name="a.csv"),
    Case("cut off after its first bytes", make.cut(0, -12), REJECTED, "unreadable"),
    Case("cut off in the middle", make.cut(0.5), REJECTED, "unreadable"),
    Case("cut off before its directory", make.cut(0.9), REJECTED, "unreadable"),
    Case("cut off within its end", make.cut(1, 10), REJECTED, "unreadable"),
    Case("cut off by one byte", make.cut(1, 1), REJECTED, "unreadable"),
    Case("a bit flipped in the table", make.flipped(b"xl/worksheets/sheet1.xml", 800), REJECTED, "unreadable|hostile"),
    Case("a bit flipped in the directory", make.flipped(b"PK\x01\x02", 1), REJECTED, "unreadable"),
    Case("a bit flipped in the end", make.flipped(b"PK\x05\x06", 3), REJECTED, "unreadable"),
    Case("random bytes", plain(Random(1).randbytes(5000)), REJECTED, "unknown_format"),
    Case("zeros", plain(bytes(5000)), REJECTED, "unknown_format"),
    Case("html called xlsx", plain("<html><table><tr><td>1</td></tr></table></html>"), REJECTED, "unknown_format"),
    Case("html called xls", plain("\n <!DOCTYPE html>\n<table></table>"), REJECTED, "unknown_format", name="a.xls"),
    Case("RTF called xlsx", plain(r"{\rtf1\ansi Bao cao}"), REJECTED, "unknown_format"),
    Case(
        "XML Spreadsheet 2003 called xlsx",
        plain('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'),
        REJECTED,
        "unknown_format",
    ),
    Case("a PDF called xlsx", plain(make.PDF), ATTACHED),
    Case("a picture called xlsx", plain(make.JPG), ATTACHED),
    Case("another picture called xlsx", plain(make.PNG), ATTACHED),
    Case("a letter called xlsx", plain(make.DOCX), ATTACHED),
    Case("a PDF", plain(make.PDF), ATTACHED, name="Báo cáo đã ký.pdf"),
    Case("a letter", plain(make.DOCX), ATTACHED, name="Cong van.docx"),
    Case("an old letter", plain(ole("WordDocument", "1Table")), ATTACHED, name="Cong van.doc"),
    Case("a signature", plain(b"0\x82\x01\x0a" + bytes(266)), ATTACHED, name="Mau.xlsx.p7s"),
    Case("a workbook called csv", make.good, GOOD, name="Mau.csv"),
    Case("a workbook called xls", make.good, GOOD, name="Mau.xls"),
    Case("a workbook called txt", make.good, GOOD, name="Mau.txt"),
    Case("a workbook called ods", make.good, GOOD, name="Mau.ods"),
    Case("a workbook whose name has no ending", make.good, GOOD, name="Mau"),
    Case("a csv called xlsx", csv(), GOOD, loads=quarter),
    Case("a csv called txt", csv(), GOOD, name="a.txt", loads=quarter),
    Case("a workbook with a password", plain(ole("EncryptionInfo", "EncryptedPackage")), REJECTED, "encrypted"),
    Case("a workbook in a locked archive", make.locked, REJECTED, "encrypted"),
    Case("a program called xlsx", plain(b"MZ\x90\0" + bytes(500)), REJECTED, "unknown_format"),
    Case("a program", plain(b"MZ\x90\0" + bytes(500)), REJECTED, "unknown_format", name="cai dat.exe"),
    Case(
        "a program that unpacks a template",
        lambda district: b"MZ\x90\0" + bytes(500) + district.file,
        REJECTED,
        "unknown_format",
    ),
    Case("a RAR archive", plain(b"Rar!\x1a\x07\x01\0" + bytes(99)), REJECTED, "unknown_format", name="a.rar"),
    Case("a 7-Zip archive", plain(b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(99)), REJECTED, "unknown_format", name="a.7z"),
    Case("a disk image", plain(bytes(32769) + b"CD001" + bytes(99)), REJECTED, "unknown_format", name="a.iso"),
    Case(
        "a binary workbook",
        plain(zipped({TYPES: b"<Types/>", "xl/workbook.bin": bytes(99)})),
        REJECTED,
        "unknown_format",
        name="Mau.xlsb",
    ),
    Case("a mail", plain("From: a@b.example\r\nSubject: Bao cao\r\n\r\nKinh gui"), REJECTED, "unknown_format",
         name="thu.eml"),
    Case("an Outlook mail", plain(ole("__properties_version1.0")), REJECTED, "unknown_format", name="thu.msg"),
    Case("an old container without a workbook", plain(ole("Contents")), REJECTED, "unknown_format"),
    Case("more than 20 MB", plain(make.large(21 * MEGABYTE)), REJECTED, "too_large"),
]  # fmt: skip

ROW_BLOCK = b"<row><c><v>1</v></c></row>" * 20_000
STRING_BLOCK = b"<si><t>" + b"a" * 500_000 + b"</t></si>"

ARCHIVES = [
    Case("20 000 entries", make.with_entries(*(Entry(b"xl/e%d.xml" % n, b"<a/>") for n in range(20_000))),
         REJECTED, "too_large"),
    Case("an entry above its folder", make.with_entries(Entry(b"../../evil.xml", b"<a/>")), REJECTED, "hostile"),
    Case("an entry at the root", make.with_entries(Entry(b"/tmp/evil.xml", b"<a/>")), REJECTED, "hostile"),
    Case("an entry on a drive", make.with_entries(Entry(b"C:evil.xml", b"<a/>")), REJECTED, "hostile"),
    Case("an entry with a backslash", make.with_entries(Entry(rb"xl\evil.xml", b"<a/>")), REJECTED, "hostile"),
    Case("an entry with a NUL", make.with_entries(Entry(b"xl/a.xml\0.png", b"<a/>")), REJECTED, "hostile"),
    Case("two entries of one name", make.with_entries(Entry(SHEET.encode(), b"<worksheet/>")), REJECTED, "hostile"),
    Case("two entries of one name but for case", make.with_entries(Entry(SHEET.upper().encode(), b"<worksheet/>")),
         REJECTED, "hostile"),
    Case("entries that overlap", make.overlapping, REJECTED, "hostile"),
    Case("a sheet of 500 MB", make.bombed(SHEET, "</sheetData>", ROW_BLOCK, 1000), REJECTED, "hostile"),
    Case("texts of 500 MB", make.bombed(STRINGS, "</sst>", STRING_BLOCK, 1000), REJECTED, "hostile"),
    Case("a sheet of 500 MB that says it is small",
         lambda d: _understated(make.bombed(SHEET, "</sheetData>", ROW_BLOCK, 1000)(d)), REJECTED, "hostile"),
    Case("an archive written as a stream", make.streamed, GOOD),
    Case("an archive that is not packed", make.unpacked, GOOD),
    Case("a line break after the end", lambda district: district.file + b"\r\n", GOOD),
    Case("a part of more than 50 MB", make.padded(51 * MEGABYTE), REJECTED, "too_large"),
    Case("parts of more than 200 MB together", make.padded(*[42 * MEGABYTE] * 5), REJECTED, "too_large"),
    Case("a part longer than its directory says", make.with_wrong_size(SHEET, 5000), REJECTED, "hostile"),
    Case("a part shorter than its directory says", make.with_wrong_size(SHEET, 500_000), REJECTED, "hostile"),
]  # fmt: skip


def _understated(book: bytes) -> bytes:
    """The directory and the entry's own head say that a sheet is 5 kB long."""
    size = next(e.file_size for e in _infos(book) if e.filename == SHEET).to_bytes(4, "little")
    return book.replace(size, (5000).to_bytes(4, "little"))


def _infos(book: bytes) -> list[object]:
    return zipfile.ZipFile(io.BytesIO(book)).infolist()


XML = [
    Case("a DOCTYPE in the sheet", make.declared(SHEET, "<!DOCTYPE x>"), REJECTED, "hostile"),
    Case("a billion laughs in the texts", make.declared(STRINGS, make.LAUGHS, "&a9;"), REJECTED, "hostile"),
    Case("a billion laughs in the book", make.declared(BOOK, make.LAUGHS), REJECTED, "hostile"),
    Case("an entity from outside in the texts", make.declared(STRINGS, make.OUTSIDE, "&e;"), REJECTED, "hostile"),
    Case("a DOCTYPE in the links", make.declared(BOOK_RELS, "<!DOCTYPE x>"), REJECTED, "hostile"),
    Case("a DOCTYPE in the list of types", make.declared(TYPES, "<!DOCTYPE x>"), REJECTED, "hostile"),
    Case("a DOCTYPE in small letters", make.declared(SHEET, "<!doctype x>"), REJECTED, "hostile"),
    Case("a DOCTYPE after a comment", make.declared(STRINGS, f"<!-- a -->{make.OUTSIDE}", "&e;"), REJECTED, "hostile"),
    Case("a DOCTYPE after a comment that looks like an element",
         make.declared(STRINGS, f"<!-- <a> -->{make.OUTSIDE}", "&e;"), REJECTED, "hostile"),
    Case("a DOCTYPE after a long comment",
         make.declared(STRINGS, f"<!--{'a' * 9000}-->{make.OUTSIDE}", "&e;"), REJECTED, "hostile"),
    Case("a DOCTYPE after an instruction that looks like an element",
         make.declared(STRINGS, f"<?a <b> ?>{make.OUTSIDE}", "&e;"), REJECTED, "hostile"),
    Case("a sheet in UTF-16", make.recoded(SHEET, "UTF-16"), REJECTED, "hostile"),
    Case("a sheet in UTF-16 with a DOCTYPE", make.recoded(SHEET, "UTF-16", make.OUTSIDE), REJECTED, "hostile"),
    Case("a sheet in UTF-16 without a mark", make.recoded(SHEET, "UTF-16-LE"), REJECTED, "hostile"),
    Case("an OLE object elsewhere", make.linked("oleObject"), REJECTED, "hostile"),
    Case("a template elsewhere", make.linked("attachedTemplate", part=BOOK_RELS), REJECTED, "hostile"),
    Case("a picture elsewhere", make.linked("image"), REJECTED, "hostile"),
    Case("a frame elsewhere", make.linked("frame", part=BOOK_RELS), REJECTED, "hostile"),
    Case("a DDE link", make.with_external_link(make.DDE), REJECTED, "hostile"),
    Case("a hyperlink", make.linked("hyperlink"), GOOD),
    Case("a hyperlink to a file", make.linked("hyperlink", "file:///C:/So%20lieu.xlsx"), GOOD),
    Case("a link to another workbook",
         make.with_external_link(make.OTHER_BOOK, make.OTHER_BOOK_LINK,
                                 VIEC_value="<c {r}{s}><f>[1]So!$A$1</f><v>77</v></c>"), GOOD, loads=but(VIEC=77)),
]  # fmt: skip

SHEETS = [
    Case("a cell at the far corner", make.with_rows(make.far("XFD1048576")), REJECTED, "too_large"),
    Case("a cell in the last row, column AX", make.with_rows(make.far("AX1048576")), REJECTED, "too_large"),
    Case("a cell in the last row", make.with_rows(make.far("A1048576")), REJECTED, "too_large"),
    Case("a cell in the last column", make.element(CHE_note='<c {r}/><c r="XFD10"><v>7</v></c>'), REJECTED,
         "too_large"),
    Case("a far cell in small letters", make.with_rows(make.far("xfd1048576")), REJECTED, "too_large"),
    Case("a far cell in single quotes", make.with_rows(make.far("XFD1048576", quote="'")), REJECTED, "too_large"),
    Case("a far cell among single quotes",
         lambda d: zipped(make.replaced(make.single_quoted(d.book), SHEET,
                                        ("</sheetData>", make.far("XFD1048576", quote="'") + "</sheetData>"))),
         REJECTED, "too_large"),
    Case("a far cell before the others", make.changed(SHEET, ("<sheetData>", "<sheetData>" + make.far("XFD1048576"))),
         REJECTED, "too_large"),
    Case("a far cell with a text", make.with_rows(make.far("XFD1048576", "<is><t>a</t></is>", style=' t="inlineStr"')),
         REJECTED, "too_large"),
    Case("a cell beyond the last column", make.with_rows(make.far("XFE50")), REJECTED, "too_large"),
    Case("a cell with an impossible address", make.with_rows(make.far("A99999999999")), REJECTED,
         "too_large|unreadable"),
    Case("a million rows", make.many_rows(100, 1_000_000), REJECTED, "too_large"),
    Case("100 001 rows", make.many_rows(100, 100_001), REJECTED, "too_large"),
    Case("201 columns", make.with_rows(make.far("GS40")), REJECTED, "too_large"),
    Case("200 columns", make.with_rows(make.far("GR40")), GOOD),
    Case("far cells that are styled but empty", make.with_rows(make.far("XFD1048576", "", style=' s="5"')), GOOD),
    Case("90 000 hidden rows",
         make.with_rows("".join(f'<row r="{n}" hidden="1"/>' for n in range(100, 90_100))), GOOD),
    Case("5 000 merged areas", make.with_merged(*(f"A{n}:T{n + 90_000}" for n in range(30, 5_030))), GOOD),
    Case("an impossible merged area", make.with_merged("ZZZZZZZZZ1:ZZZZZZZZZZ99999999999999999999"), GOOD),
    Case("5 000 sheets",
         make.changed(BOOK, ("<sheets>", "<sheets>" + "".join(
             f'<sheet name="S{n}" sheetId="{n + 100}" r:id="rId2"/>' for n in range(5_000)))), GOOD),
    Case("a row whose number is none", make.changed(SHEET, ('<row r="10"', '<row r="x10"')), GOOD),
    Case("a hidden row without a number", make.changed(SHEET, ('<row r="10"', '<row r="" hidden="1"')),
         REJECTED, "unreadable"),
    Case("a hidden last row", make.with_rows('<row r="1048576" hidden="1"/>'), GOOD),
    Case("a dimension too small", make.changed(SHEET, ('<dimension ref="', '<dimension ref="A1:B2" x="')), GOOD),
    Case("a dimension too large",
         make.changed(SHEET, ('<dimension ref="', '<dimension ref="A1:XFD1048576" x="')), GOOD),
    Case("addresses in small letters", make.of_parts(make.lower_case), GOOD),
    Case("cells without addresses", make.without_references, GOOD),
    Case("elements with a prefix", make.of_parts(make.prefixed), GOOD),
    Case("cells with a prefix", make.of_parts(make.half_prefixed), GOOD),
    Case("cells with a prefix and a far one",
         lambda d: zipped(make.half_prefixed(make.replaced(d.book, SHEET,
                                                           ("</sheetData>", make.far("XFD1048576") + "</sheetData>")))),
         REJECTED, "too_large"),
    Case("a table whose part lies elsewhere", make.of_parts(make.in_another_folder), GOOD),
    Case("attributes in single quotes", make.of_parts(make.single_quoted), GOOD),
    Case("a comment within a cell", element(VIEC_value="<c {r}{s}><!-- <v>1</v> --><v>77</v></c>"), GOOD,
         loads=but(VIEC=77)),
    Case("a comment that holds a row", make.changed(SHEET, ("<sheetData>", "<!-- <sheetData><row/> --><sheetData>")),
         GOOD),
    Case("a text that is not in the list", element(CHE_note='<c {r} t="s"><v>99999</v></c>'), REJECTED, "unreadable"),
    Case("a figure that is a text not in the list", element(VIEC_value='<c {r} t="s"><v>-1</v></c>'), RETURNED,
         "not_a_number", at="VIEC_value", loads=but(VIEC=None)),
    Case("a style that is negative", element(VIEC_value='<c {r} s="-1"><v>77</v></c>'), GOOD, loads=but(VIEC=77)),
    Case("a style that is not in the list", element(VIEC_value='<c {r} s="999999"><v>77</v></c>'), GOOD,
         loads=but(VIEC=77)),
    Case("an infinite number", element(VIEC_value="<c {r}><v>1e999</v></c>"), RETURNED, "not_a_number",
         at="VIEC_value", loads=but(VIEC=None)),
    Case("NaN", element(VIEC_value="<c {r}><v>NaN</v></c>"), RETURNED, "not_a_number", at="VIEC_value",
         loads=but(VIEC=None)),
    Case("inf", element(VIEC_value="<c {r}><v>inf</v></c>"), RETURNED, "not_a_number", at="VIEC_value",
         loads=but(VIEC=None)),
    Case("the greatest number there is", element(VIEC_value="<c {r}><v>1.7e308</v></c>"), GOOD,
         loads=but(VIEC=1.7e308)),
    Case("a number that is no number", element(VIEC_value="<c {r}><v>12,5x</v></c>"), RETURNED,
         "not_a_number", at="VIEC_value", loads=but(VIEC=None)),
    Case("a sheet that ends too early", make.changed(SHEET, ("</sheetData>", "<row")), REJECTED, "unreadable"),
    Case("a sheet of nested elements", make.with_rows("<row>" * 20_000 + "</row>" * 20_000),
         GOOD),
]  # fmt: skip


def as_text(text: str, number: float | None, codes: str = "", says: str = "") -> Case:
    """A number typed as text into the value of VIEC, and as what it is read."""
    verdict = RETURNED if number is None else WARNED if codes else GOOD
    return Case(f"“{text}” as a number", typed(VIEC_value=text), verdict, codes, says=says, loads=but(VIEC=number),
                at="VIEC_value" if codes else "")  # fmt: skip


TEXTS = [
    as_text("12,5", 12.5),
    as_text(" 1250 ", 1250),
    as_text("1.234,5", 1234.5),
    as_text("1.234.567", 1234567),
    as_text("1 234 567", 1234567),
    as_text("1\u00a0234,5", 1234.5),
    as_text("−12,5", -12.5),
    as_text("trên 60", 60),
    as_text("~ 60,5", 60.5),
    as_text("1.234", 1234, "ambiguous_number"),
    as_text("12.5", 12.5, "ambiguous_number"),
    as_text("12,5 %", None, "not_a_number", says="12,5"),
    as_text("875 ha", None, "not_a_number", says="875"),
    as_text("1,2 triệu", None, "not_a_number"),
    as_text("mười hai", None, "not_a_number"),
    as_text("5/10", None, "not_a_number"),
    as_text("1.2.3", None, "not_a_number"),
    as_text("=1+1", None, "not_a_number"),
    as_text("#REF!", None, "not_a_number"),
    Case("a state in the cell of the value", typed(VIEC_value="Không phát sinh"), GOOD, loads=but(VIEC=float("nan"))),
    Case("a date as a number", make.by_openpyxl(lambda b, d: _put(b, d, "VIEC", date(2013, 12, 31))), RETURNED,
         "not_a_number", at="VIEC_value", loads=but(VIEC=None)),
    Case("a truth value as a number", element(VIEC_value='<c {r} t="b"><v>1</v></c>'), RETURNED, "not_a_number",
         at="VIEC_value", loads=but(VIEC=None)),
    *(
        Case(f"a note that begins “{note[:9]}”", typed(CHE_note=note, VIEC_value="875 ha"), RETURNED, "not_a_number",
             at="VIEC_value", loads=but(VIEC=None))
        for note in ("=cmd|' /C calc'!A0", "=HYPERLINK(\"http://enemy.example\",\"x\")", "+1+1", "-1+1", "@SUM(1)")
    ),
    Case("a note with HTML and braces", typed(CHE_note="<img src=x onerror=alert(1)> {{ 7*7 }}", VIEC_value="875 ha"),
         RETURNED, "not_a_number", loads=but(VIEC=None)),
    Case("HTML as a number", typed(VIEC_value="<img src=x onerror=alert(1)>{0}{x}"), RETURNED, "not_a_number",
         loads=but(VIEC=None)),
    Case("a note longer than Excel has room for", typed(CHE_note="dài " * 10_000, VIEC_value="875 ha"), RETURNED,
         "not_a_number", loads=but(VIEC=None)),
    *(
        Case(f"{name} longer than Excel has room for", typed(**{cell: "dài " * 10_000, "VIEC_value": "875 ha"}),
             RETURNED, f"{codes}not_a_number", loads=but(VIEC=None))
        for name, cell, codes in (("a reason", "CHE_reason", ""), ("a remedy", "CHE_remedy", ""))
    ),
    Case("a state longer than Excel has room for", typed(CHE_state="dài " * 10_000), RETURNED, "bad_state",
         at="CHE_state", loads=but(CHE=None)),
    Case("a figure longer than Excel has room for", typed(VIEC_value="dài " * 10_000), RETURNED, "not_a_number",
         at="VIEC_value", loads=but(VIEC=None)),
    Case("a status longer than Excel has room for", typed(sheet_status="dài " * 10_000), RETURNED, "bad_status",
         at="sheet_status", loads=nothing),
    Case("a number of 100 000 digits", csv(CHE="1" * 100_000), RETURNED, "not_a_number", name="a.csv",
         loads=but(quarter, CHE=None)),
    Case("a number of 100 000 points", csv(CHE="1" + "." * 100_000 + "x"), RETURNED, "not_a_number", name="a.csv",
         loads=but(quarter, CHE=None)),
    Case("a code of 100 000 letters", csv(CHE=None, **{"C" * 100_000: "1"}), RETURNED,
         "missing_value unknown_indicator", name="a.csv", loads=but(quarter, CHE=None)),
    Case("half a letter in UTF-16",
         csv(lambda t: b"\xff\xfe" + t.encode("utf-16-le").replace(b".\0", b"\x00\xd8")), REJECTED,
         "unreadable|unknown_format", name="a.csv"),
    Case("notes of 40 MB", make.with_long_notes, REJECTED, "too_large"),
    Case("a note with control characters", typed(CHE_note="a_x0000_b_x000B_c", VIEC_value="875 ha"), RETURNED,
         "not_a_number", loads=but(VIEC=None)),
    Case("a csv with a formula as number", csv(CHE="=cmd|' /C calc'!A0"), RETURNED, "not_a_number", name="a.csv",
         loads=but(quarter, CHE=None)),
    Case("a csv with a note of 200 000 letters", csv(NGHEO="30.5,,,,,,," + "a" * 200_000), REJECTED,
         "unreadable", name="a.csv"),
]  # fmt: skip


def _put(book: object, district: District, code: str, value: object, field: str = "value") -> None:
    book.worksheets[0][district.places[f"{code}.{field}"]] = value


def uncached(after: str) -> Builder:
    return element(VIEC_value="<c {r}{s}><f>1+1</f>" + after)


CONTENTS = [
    *(
        Case(f"{error} as a number", element(VIEC_value=f'<c {{r}}{{s}} t="e"><v>{error}</v></c>'), RETURNED,
             "not_a_number", at="VIEC_value", says=error, loads=but(VIEC=None))
        for error in ("#REF!", "#DIV/0!", "#N/A")
    ),
    Case("an error as the result of a formula", element(VIEC_value='<c {r}{s} t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
         RETURNED, "not_a_number", at="VIEC_value", says="#DIV/0!", loads=but(VIEC=None)),
    Case("an error in single quotes", element(VIEC_value="<c {r} t='e'><v>#REF!</v></c>"), RETURNED, "not_a_number",
         at="VIEC_value", loads=but(VIEC=None)),
    Case("an error in a denominator", element(NUOC_denominator='<c {r} t="e"><v>#N/A</v></c>'), RETURNED,
         "not_a_number", at="NUOC_denominator", loads=but(NUOC=None)),
    Case("an error beside the table", element(CHE_target='<c {r}{s} t="e"><v>#REF!</v></c>'), GOOD),
    Case("a formula with an empty value", uncached("<v></v></c>"), RETURNED, "uncached_formula", at="VIEC_value",
         loads=nothing),
    Case("a formula with a closed value", uncached("<v/></c>"), RETURNED, "uncached_formula", at="VIEC_value",
         loads=nothing),
    Case("a formula with a blank before its closed value", uncached("<v /></c>"), RETURNED, "uncached_formula",
         at="VIEC_value", loads=nothing),
    Case("a formula without a value", uncached("</c>"), RETURNED, "uncached_formula", at="VIEC_value", loads=nothing),
    Case("a formula with a blank as value", uncached("<v> </v></c>"), RETURNED, "missing_value", at="VIEC_value",
         loads=but(VIEC=None)),
    Case("a formula and blanks between", uncached("\n  <v/>\n</c>"), RETURNED, "uncached_formula", at="VIEC_value",
         loads=nothing),
    Case("a shared formula without a value", element(VIEC_value='<c {r}{s}><f t="shared" si="0"/></c>'), RETURNED,
         "uncached_formula", at="VIEC_value", loads=nothing),
    Case("a formula that openpyxl wrote", make.by_openpyxl(lambda b, d: _put(b, d, "VIEC", "=1+1")), RETURNED,
         "uncached_formula", at="VIEC_value", loads=nothing),
    Case("a formula without a value in a numerator", element(NUOC_numerator="<c {r}{s}><f>1+1</f></c>"), RETURNED,
         "uncached_formula", at="NUOC_numerator", loads=nothing),
    Case("a formula without a value beside the table", make.with_rows('<row r="60"><c r="X60"><f>1+1</f></c></row>'),
         GOOD),
    Case("a formula without a value in the check column", make.of_parts(make.unfinished_checks), GOOD),
    Case("a formula without a value among cells with a prefix",
         lambda d: zipped(make.half_prefixed(make.with_cell(d.book, make.address_of(d, "VIEC_value"),
                                                            "<c {r}><f>1+1</f><v></v></c>"))),
         RETURNED, "uncached_formula", at="VIEC_value", loads=nothing),
    Case("a formula with its value", element(VIEC_value="<c {r}{s}><f>70+7</f><v>77</v></c>"), GOOD,
         loads=but(VIEC=77)),
    Case("a formula whose value is text", element(VIEC_value='<c {r}{s} t="str"><f>"12,5"</f><v>12,5</v></c>'), GOOD,
         loads=but(VIEC=12.5)),
    Case("a formula that calls a program, with its value",
         element(VIEC_value="<c {r}{s}><f>cmd|' /C calc'!A0</f><v>77</v></c>"), GOOD, loads=but(VIEC=77)),
    Case("figures merged over two rows", make.merged("CHE_value", "CHE__XK_value"), RETURNED, "merged_cells",
         at="CHE_value", loads=but(CHE=None, CHE__XK=None)),
    Case("figures merged over two rows by Excel", make.merged_by_excel("CHE_value", "CHE__XK_value"), RETURNED,
         "merged_cells", at="CHE_value", loads=but(CHE=None, CHE__XK=None)),
    Case("notes merged over two rows", make.merged("CHE_note", "CHE__XK_note"), GOOD),
    Case("two cells of one row merged", make.merged("CHE_reason", "CHE_remedy"), GOOD),
    Case("rows hidden by hand", make.hidden("VIEC", "XA"), GOOD, "hidden_rows"),
    Case("rows filtered away", make.hidden("CHE", "VIEC", filtered=True), GOOD, "hidden_rows"),
    Case("a row added without a code", make.with_row_after_table({"name": "Chỉ tiêu khác", "value": 55}), WARNED,
         "row_without_code"),
    Case("a remark below the table", make.with_row_after_table({"name": "Ghi chú: số sơ bộ"}), GOOD),
    Case("a column added", make.by_openpyxl(lambda b, d: b.worksheets[0].insert_cols(3)), GOOD),
    Case("figures beside the table", make.with_rows(make.far("X40")), GOOD),
    Case("a row copied", make.with_row_after_table({"name": "Việc làm mới", "value": 5, "indicator": "VIEC",
                                                    "period": PERIOD}), RETURNED, "duplicate_indicator",
         loads=but(VIEC=None)),
    Case("a row deleted", make.without_row("VIEC"), RETURNED, "missing_value", loads=but(VIEC=None)),
    Case("a row deleted that need not be there", make.without_row("NGHEO"), GOOD, loads=but(NGHEO=None)),
    Case("the column of notes deleted", make.by_openpyxl(lambda b, d: _without(b, d, "note")), GOOD),
    Case("the column of figures deleted", make.by_openpyxl(lambda b, d: _without(b, d, "value")), RETURNED,
         "missing_value not_a_template", loads=lambda d: {PERIOD: {"NUOC": d.loaded[PERIOD]["NUOC"]}}),
    Case("rows sorted without their codes", make.sorted_by_hand, RETURNED, "locked_cell_changed",
         loads=but(CHE=None, VIEC=None)),
    Case("an indicator renamed", typed(VIEC_name="Số việc làm mới tạo ra"), RETURNED, "locked_cell_changed",
         loads=but(VIEC=None)),
    Case("an indicator's name in capitals", typed(VIEC_name="VIỆC  LÀM MỚI"), GOOD),
    Case("a plan figure changed", typed(DUONG_target=9), WARNED, "locked_cell_changed", at="DUONG_target"),
    Case("a unit of measure changed", typed(DUONG_measure="m"), RETURNED, "locked_cell_changed",
         at="DUONG_measure", loads=but(DUONG=None)),
    Case("the sheet renamed", make.changed(BOOK, ("Nhập số liệu", "Sheet1")), GOOD),
    Case("sheets in another order", make.by_openpyxl(lambda b, d: b.move_sheet(b.worksheets[0], 2)), GOOD),
    Case("a sheet added before the table", make.by_openpyxl(lambda b, d: b.create_sheet("Nháp", 0)), GOOD),
    Case("a sheet added with figures", make.by_openpyxl(lambda b, d: b.create_sheet("Nháp", 0).append([1, 2, 3])),
         GOOD),
    Case("the hidden sheet deleted", make.of_parts(make.without_keys), WARNED, "not_a_template"),
    Case("the hidden row deleted", make.of_parts(make.without_field_row), WARNED, "not_a_template"),
    Case("the hidden row and the hidden sheet deleted",
         make.of_parts(lambda parts: make.without_field_row(make.without_keys(parts))), WARNED, "not_a_template"),
    Case("a table of another program", make.table_of_another_program, WARNED, "not_a_template"),
    Case("headings that nobody knows", make.by_openpyxl(lambda b, d: _other_headings(b)), REJECTED, "not_a_template"),
    Case("a workbook of something else", make.by_openpyxl(lambda b, d: _only_sheet(b)), REJECTED, "not_a_template"),
    Case("nothing filled in", lambda d: d.blank, RETURNED, "missing_value", loads=nothing),
    Case("a template without rows", make.by_openpyxl(lambda b, d: b.worksheets[0].delete_rows(8, 30)), REJECTED,
         "no_figures"),
]  # fmt: skip


def _without(book: object, district: District, field: str) -> None:
    sheet = book.worksheets[0]
    sheet.merged_cells.ranges.clear()
    sheet.delete_cols(sheet[district.places[f"head.{field}"]].column)


def _other_headings(book: object) -> None:
    sheet = book.worksheets[0]
    sheet.delete_rows(5)
    for column in range(1, sheet.max_column + 1):
        sheet.cell(5, column).value = f"x{column}"


def _only_sheet(book: object) -> None:
    for name in (book.sheetnames[0], "_tiendo"):
        del book[name]


KEYS = [
    Case("the unit of another", key("unit", "D0001"), REJECTED, "wrong_sender"),
    Case("a unit that nobody knows", key("unit", "khac"), REJECTED, "wrong_sender"),
    Case("a period that is none", make.field_everywhere("period", "quý bốn"), REJECTED, "unknown_period"),
    Case("a period that is not owed", make.field_everywhere("period", "2013-11"), REJECTED, "unknown_period"),
    Case("a period beyond the term", make.field_everywhere("period", "2019-Q4"), REJECTED, "unknown_period"),
    Case("a period at the end of time", make.field_everywhere("period", "9999-Q4"), REJECTED, "unknown_period"),
    Case("a year at the end of time", csv(lambda t: t.replace(PERIOD, "9999")), REJECTED, "unknown_period", name="a.csv"),
    Case("a period at the beginning of time", make.field_everywhere("period", "0001-Q1"), REJECTED, "unknown_period"),
    Case("a period in other digits", make.field_everywhere("period", "٢٠١٣-Q4"), REJECTED, "unknown_period"),
    Case("a date as period", make.by_openpyxl(lambda b, d: _put(b, d, "THU", date(2013, 12, 31), "period")), REJECTED,
         "unknown_period"),
    Case("an error as period", element(VIEC_period='<c {r} t="e"><v>#REF!</v></c>'), REJECTED, "unknown_period"),
    Case("90 000 periods", csv(lambda t: t + "".join(f"{t.splitlines()[1][:5]},{n},CHE,1,,\n" for n in range(90_000))),
         REJECTED, "more_rows unknown_period", name="a.csv"),
    Case("90 000 units", csv(lambda t: t + "".join(f"U{n},2013-Q4,CHE,1,,\n" for n in range(90_000))), REJECTED,
         "more_rows wrong_sender", name="a.csv"),
    Case("a unit with a path", key("unit", "../../../etc"), REJECTED, "wrong_sender"),
    Case("the unit twice", make.with_second_unit, REJECTED, "wrong_sender"),
    Case("a version of 400 digits", key("plan_version", "9" * 400), WARNED, "old_template"),
    Case("a period long locked", csv(lambda t: t.replace(PERIOD, "2011-Q1")), REJECTED, "period_locked", name="a.csv"),
    Case("a period not open", csv(lambda t: t.replace(PERIOD, "2014-Q2")), REJECTED, "period_not_open", name="a.csv"),
    Case("rows of another closing", make.field_everywhere("period", "2013-Q3"), REJECTED, "unknown_period"),
    Case("a template of an older plan", key("plan_version", "0"), WARNED, "old_template"),
    Case("a plan's version that is no number", key("plan_version", "mới"), GOOD),
    Case("a format from the future", key("format", "tiendo-template-9"), REJECTED, "not_a_template"),
    Case("a signature that is wrong", key("signature", "0" * 64), GOOD),
    Case("another workspace", key("workspace", "Tỉnh khác"), GOOD),
    Case("a good return in the same file name as another", make.good, GOOD, name="Bao cao.xlsx"),
]  # fmt: skip


FORMATS = [
    Case("Strict OOXML", make.of_parts(make.strict), GOOD),
    Case("a workbook with macros", make.of_parts(make.with_macros), GOOD, name="Mau.xlsm"),
    Case("a workbook with macros called xlsx", make.of_parts(make.with_macros), GOOD),
    Case("saved by openpyxl", make.by_openpyxl(lambda b, d: None), GOOD),
    Case("csv as programs write it", csv(), GOOD, name="a.csv", loads=quarter),
    Case("csv with a byte order mark", csv(lambda t: "\ufeff" + t), GOOD, name="a.csv", loads=quarter),
    Case("csv in UTF-16 LE", csv(lambda t: ("\ufeff" + t).encode("utf-16-le")), GOOD, name="a.csv", loads=quarter),
    Case("csv in UTF-16 BE", csv(lambda t: ("\ufeff" + t).encode("utf-16-be")), GOOD, name="a.csv", loads=quarter),
    Case("csv in windows-1258", make.with_notes(windows_1258), WARNED, "old_encoding", name="a.csv", loads=quarter),
    Case("csv in TCVN3", make.with_notes(tcvn3), WARNED, "old_encoding", name="a.csv", loads=quarter),
    Case("csv in VNI", make.with_notes(vni), WARNED, "old_encoding", name="a.csv", loads=quarter),
    Case("csv in UTF-8 with notes", make.with_notes(str.encode), GOOD, name="a.csv", loads=quarter),
    Case("csv with semicolons and decimal commas", make.with_semicolons, WARNED, "decimal_comma", name="a.csv",
         loads=quarter),
    Case("csv with a quote that does not end", csv(NGHEO='30.5,"'), REJECTED, "unreadable", name="a.csv"),
    Case("csv without the period", csv(lambda t: t.replace("period", "thang", 1)), REJECTED, "not_a_template",
         name="a.csv"),
    Case("csv with a column that nobody knows", csv(lambda t: t.replace("value", "valeu", 1)), REJECTED,
         "not_a_template", name="a.csv"),
    Case("csv with an unquoted comma", csv(lambda t: t.replace("30.5", "30,5,1,2,3")), REJECTED, "unreadable",
         name="a.csv"),
    Case("csv with NUL bytes", csv(lambda t: t.replace("30.5", "30\x005")), REJECTED, "unknown_format",
         name="a.csv"),
    Case("csv with nothing but headings", csv(lambda t: t.splitlines()[0] + "\n"), REJECTED, "no_figures",
         name="a.csv"),
    Case("csv of 100 001 rows", csv(lambda t: t + t.splitlines(keepends=True)[1] * 100_001), REJECTED, "too_large",
         name="a.csv"),
    Case("csv for many units", csv(lambda t: t + "D0001,2013-Q4,CHE,1,,\n"), REJECTED, "wrong_sender", name="a.csv"),
    Case("a zip of a return and its scan", make.archive(Mau_xlsx=make.good, ky_pdf=make.PDF), f"{GOOD};{ATTACHED}",
         name="Nop.zip"),
    Case("a zip called xlsx", make.archive(Mau_xlsx=make.good), REJECTED, "unknown_format"),
    Case("a zip of a good and a bad file", make.archive(Mau_xlsx=make.good, Hong_xlsx=b"rac"), f"{GOOD};{REJECTED}",
         "unknown_format", name="Nop.zip"),
    Case("a zip in a zip", make.archive(Trong_zip=make.archive(Mau_xlsx=make.good)), REJECTED, "unknown_format",
         name="Nop.zip"),
    Case("a zip of nothing", plain(zipped({})), REJECTED, "unknown_format|no_figures", name="Nop.zip"),
    Case("a zip with stray names", make.archive(**{"../x_xlsx": make.good}), REJECTED, "hostile", name="Nop.zip"),
    Case("a zip that is locked", lambda d: make.archive_of([Entry(b"Mau.xlsx", d.file, flags=0x801)]), REJECTED,
         "encrypted", name="Nop.zip"),
    Case("a zip of a bomb",
         lambda d: make.archive_of([make.bomb("Mau.xlsx", b"PK", bytes(MEGABYTE), 500, b"")]), REJECTED,
         "hostile", name="Nop.zip"),
]  # fmt: skip

EMPTY_REST = make.ods_row(None, 1_048_000, 16_384)
ODS = [
    Case("ods of another program", make.ods(EMPTY_REST), WARNED, "not_a_template", name="a.ods"),
    Case("ods called xlsx", make.ods(EMPTY_REST), WARNED, "not_a_template"),
    Case("ods whose row comes a million times", make.ods(make.ods_row("x", 1_000_000)), REJECTED, "too_large",
         name="a.ods"),
    Case("ods whose cell comes 16 384 times", make.ods(make.ods_row(1, 1, 16_384)), REJECTED, "too_large",
         name="a.ods"),
    Case("ods whose cell comes sixteen thousand million times", make.ods(make.ods_row(1, 1_048_000, 16_384)), REJECTED,
         "too_large", name="a.ods"),
    Case("ods with a DOCTYPE", make.ods(head=make.OUTSIDE), REJECTED, "hostile", name="a.ods"),
    Case("ods with a password", make.ods(encrypted=True), REJECTED, "encrypted", name="a.ods"),
    Case("ods with a formula without a value", make.ods(VIEC='<table:table-cell table:formula="of:=1+1"/>'), RETURNED,
         "uncached_formula", name="a.ods", loads=nothing),
    Case("ods with a formula and its value",
         make.ods(VIEC=make.ods_cell(77, ' table:formula="of:=70+7"')), WARNED, "not_a_template", name="a.ods",
         loads=but(VIEC=77)),
    Case("ods with an error", make.ods(VIEC=make.ods_cell("#REF!", ' table:formula="of:=[.#REF!]"')), RETURNED,
         "not_a_number not_a_template", name="a.ods", loads=but(VIEC=None)),
    Case("ods with a broken tag", make.ods("<table:table-row"), REJECTED, "unreadable", name="a.ods"),
]  # fmt: skip

ROWS = [
    Case("an indicator that is not owed", csv(XA=None, LA="5"), RETURNED, "missing_value unknown_indicator",
         name="a.csv", loads=but(quarter, XA=None)),
    Case("90 000 rows of indicators that nobody knows", make.unknown_rows(90_000), RETURNED,
         "more_rows unknown_indicator",
         name="a.csv", loads=quarter),
    Case("a code changed by hand", typed(VIEC_indicator="LA"), RETURNED,
         "missing_value unknown_indicator", loads=but(VIEC=None)),
    Case("an indicator twice in csv", csv(lambda t: t + t.splitlines(keepends=True)[1]), RETURNED,
         "duplicate_indicator", name="a.csv", loads=but(quarter, CHE=None)),
    Case("a figure left out", typed(VIEC_value=None), RETURNED, "missing_value", at="VIEC_value",
         loads=but(VIEC=None)),
    Case("a numerator left out", typed(NUOC_numerator=None), RETURNED, "missing_numerator", at="NUOC_numerator",
         loads=but(NUOC=None)),
    Case("a denominator left out", typed(NUOC_denominator=None), RETURNED, "missing_denominator",
         at="NUOC_denominator", loads=but(NUOC=None)),
    Case("a denominator of 0", typed(NUOC_denominator=0), RETURNED, "zero_denominator", at="NUOC_denominator",
         loads=but(NUOC=None)),
    Case("more than the plan allows", typed(XA_value=25), RETURNED, "out_of_range", at="XA_value",
         loads=but(XA=None)),
    Case("less than the plan allows", typed(XA_value=-1), RETURNED, "out_of_range", at="XA_value",
         loads=but(XA=None)),
    Case("a thousand times last quarter's", typed(XA_value=12), WARNED, "unit_slip", at="XA_value",
         past=past(XA="0.012")),
    Case("six times last quarter's", typed(XA_value=12), WARNED, "large_change", at="XA_value", past=past(XA="2")),
    Case("less to date than last quarter", typed(), WARNED, "fell", at="CHE_value", past=past(CHE="900")),
    Case("the same as last quarter", typed(), WARNED, "copy_of_previous", past=past()),
    Case("parts that do not sum", typed(VON_value=999), RETURNED, "parts_do_not_sum", loads=but(VON=None)),
    Case("more than another figure allows", typed(CHE__XK_value=99_999), RETURNED, "compare_failed",
         at="CHE__XK_value", loads=but(CHE__XK=None)),
    Case("a shortfall without a reason", typed(DUONG_value=3), WARNED, "reason_required", loads=but(DUONG=3)),
    Case("a shortfall with its reason", typed(DUONG_value=3, DUONG_reason="Mưa lũ", DUONG_remedy="Tăng ca"), GOOD,
         loads=but(DUONG=3)),
    Case("a state that is none", typed(VIEC_value=None, VIEC_state="lung tung"), RETURNED, "bad_state",
         at="VIEC_state", loads=but(VIEC=None)),
    Case("a state against a figure", typed(VIEC_state="Không phát sinh"), RETURNED, "bad_state", at="VIEC_state",
         loads=but(VIEC=None)),
    Case("a status that is none", typed(sheet_status="abc"), RETURNED, "bad_status", at="sheet_status",
         loads=nothing),
    Case("a qualifier that is none", csv(NGHEO="30.5,,,,,khoảng như"), RETURNED, "bad_qualifier", name="a.csv",
         loads=but(quarter, NGHEO=None)),
    Case("an outlook that is none", csv(NGHEO="30.5,,,,,,maybe"), RETURNED, "bad_outlook", name="a.csv",
         loads=quarter),
    Case("a quarter that is long due", csv(lambda t: t.replace(PERIOD, PAST)), WARNED, "late", name="a.csv",
         loads=lambda d: {PAST: d.loaded[PERIOD]}),
    Case("one source", plain("unit,period,indicator,value\nA01,2013-H2,XNK,60"), GOOD, name="a.csv", sender="A01",
         loads=lambda d: {"2013-H2": {"XNK": 60}}),
    Case("another source", plain("unit,period,indicator,value\nA02,2013-H2,XNK,50"), GOOD, name="a.csv", sender="A02",
         loads=lambda d: {"2013-H2": {"XNK": 50}}),
    Case("an agency that says something else", plain("unit,period,indicator,value\nSCT,2013-H2,XNK,90"), WARNED,
         "sources_differ", name="a.csv", sender="SCT", loads=lambda d: {"2013-H2": {"XNK": 90}}),
]  # fmt: skip

SENDERS = [
    Case("another unit's csv", csv(lambda t: t.replace("D0", "D1")), REJECTED, "wrong_sender", name="a.csv"),
    Case("a folder that no unit has", make.good, REJECTED, "unknown_unit", sender="huyen-la"),
    Case("a file beside the folders", make.good, REJECTED, "unknown_unit", sender=""),
    Case("the very same file again", make.good, DUPLICATE, earlier=(make.good,)),
    Case("the same figures saved by another program", make.by_openpyxl(lambda b, d: None), DUPLICATE,
         earlier=(make.good,)),
    Case("an older file again after a newer one", make.good, REJECTED, "replayed",
         earlier=(make.good, typed(VIEC_value=5)), loads=but(VIEC=5)),
    Case("older figures again in another file", typed(CHE_note="như cũ"), GOOD, earlier=(make.good, typed(VIEC_value=5))),
    Case("a second version", typed(VIEC_value=6), GOOD, earlier=(make.good,), loads=but(VIEC=6)),
    Case("a second version with a wrong cell", typed(VIEC_value="nhiều", CHE_note="lần 2"), RETURNED, "not_a_number",
         earlier=(make.good,)),
    Case("a second version that cannot be read", plain(b"rac"), REJECTED, "unknown_format", earlier=(make.good,),
         loads=everything),
    Case("a name with HTML", make.good, GOOD, name="<img src=x onerror=alert(1)>.xlsx"),
    Case("a name with a line break", plain(b"rac"), REJECTED, "unknown_format", name="a\nBcc: enemy@x.example.xlsx"),
    Case("a name as long as can be", make.good, GOOD, name="d" * 250 + ".xlsx"),
    Case("a name that is no text", make.good, GOOD, name=b"Mau\xff\xfe.xlsx"),
    Case("a name with braces", plain(b"rac"), REJECTED, "unknown_format", name="{0}{x}{{7*7}}%s.xlsx"),
]  # fmt: skip

# Good returns lie among all of these.
GOOD_RETURNS = [Case(f"good return {n}", make.good, GOOD) for n in range(1, 13)]

GROUPS = (FILES, ARCHIVES, XML, SHEETS, TEXTS, CONTENTS, KEYS, FORMATS, ODS, ROWS, SENDERS)
CASES = [
    case
    for n, group in enumerate(GROUPS)
    for case in (*GOOD_RETURNS[n : n + 1], *group)
] + GOOD_RETURNS[len(GROUPS) :]  # fmt: skip
NUMBER = {case.id: number for number, case in enumerate(CASES, 1)}
assert len(NUMBER) == len(CASES), "two cases of one name"


def sender_of(case: Case, district: District) -> str:
    return district.code if case.sender is None else case.sender


def file_name(case: Case) -> str:
    return os.fsdecode(case.name)

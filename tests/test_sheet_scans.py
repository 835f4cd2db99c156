"""What a look at the bytes of .xls and .ods files finds: errors, merged and hidden parts, and what may not be read."""

import random
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
from corpus_libreoffice import saved_again
from hypothesis import given
from hypothesis import strategies as st

from tasks.reading.ods_scan import scan_ods
from tasks.reading.raw_texts import RefusedError
from tasks.reading.sheet_facts import Facts, SheetFacts
from tasks.reading.xls_scan import ole_kind, scan_xls
from tiendo.labels import LOCALES
from tiendo.seen import seen_text

LIMITS = {
    "rows": 1000,
    "columns": 50,
    "part_bytes": 50 * 2**20,
    "unpacked_bytes": 200 * 2**20,
    "entries": 1000,
}
FREE, LAST, FAT_SECTOR, SECTOR, SMALLEST = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 512, 4096
MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refused(scan: Callable[[], Facts]) -> tuple[str, str, dict[str, object]]:
    """The code, key and facts with which a scan refuses; each locale has words for them."""
    with pytest.raises(RefusedError) as caught:
        scan()
    refusal = caught.value
    assert all(seen_text(refusal.seen, refusal.facts, locale) for locale in LOCALES)
    return refusal.code, refusal.seen, refusal.facts


def ole(streams: dict[str, bytes]) -> bytes:
    """An OLE file of these streams at its root."""
    sectors: list[bytes] = []
    fat: list[int] = []
    starts = []
    for stream in streams.values():
        content = stream.ljust(SMALLEST, b"\0")
        starts.append((len(sectors), len(content)))
        parts = [content[n : n + SECTOR].ljust(SECTOR, b"\0") for n in range(0, len(content), SECTOR)]
        fat += [*range(len(sectors) + 1, len(sectors) + len(parts)), LAST]
        sectors += parts
    entries = [_entry("Root Entry", 5, LAST, 0, child=1 if streams else FREE)]
    for n, (name, (start, size)) in enumerate(zip(streams, starts, strict=True), start=1):
        entries.append(_entry(name, 2, start, size, right=n + 1 if n < len(streams) else FREE))
    folder = b"".join(entries)
    folder = folder.ljust(-(-len(folder) // SECTOR) * SECTOR, b"\0")
    first_folder = len(sectors)
    parts = [folder[n : n + SECTOR] for n in range(0, len(folder), SECTOR)]
    fat += [*range(first_folder + 1, first_folder + len(parts)), LAST]
    sectors += parts
    count = 1
    while len(fat) + count > count * 128:
        count += 1
    first_fat = len(sectors)
    fat += [FAT_SECTOR] * count
    table = struct.pack(f"<{count * 128}I", *fat, *[FREE] * (count * 128 - len(fat)))
    header = MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, count, first_folder, 0, SMALLEST, LAST, 0, LAST, 0)
    header += struct.pack("<109I", *range(first_fat, first_fat + count), *[FREE] * (109 - count))
    return header + b"".join(sectors) + table


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE, right: int = FREE) -> bytes:
    wide = name.encode("utf-16-le")
    head = wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide) + 2, kind, 1)
    return head + struct.pack("<III", FREE, right, child) + bytes(36) + struct.pack("<IQ", start, size)


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


BIFF8, BIFF5 = 0x0600, 0x0500
EOF = record(0x0A)


def bof(version: int = BIFF8, kind: int = 0x10) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", version, kind, 0, 0, 0, 0))


def number(row: int, column: int) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, 0, 1.5))


def many(row: int, first: int, last: int) -> bytes:
    cells = struct.pack("<HI", 0, 0) * (last - first + 1)
    return record(0x00BD, struct.pack("<HH", row, first) + cells + struct.pack("<H", last))


def error(row: int, column: int, code: int, is_error: int = 1) -> bytes:
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, code, is_error))


def formula(row: int, column: int, result: bytes) -> bytes:
    return record(0x0006, struct.pack("<HHH", row, column, 0) + result + bytes(8))


def failed(code: int) -> bytes:
    return bytes((2, 0, code, 0, 0, 0, 0xFF, 0xFF))


def line(row: int, height: int = 255, flags: int = 0x100) -> bytes:
    return record(0x0208, struct.pack("<HHHHHHI", row, 0, 5, height, 0, 0, flags))


def merged(*areas: tuple[int, int, int, int]) -> bytes:
    return record(
        0x00E5, struct.pack("<H", len(areas)) + b"".join(struct.pack("<HHHH", *area) for area in areas)
    )


def name_record(start: int, name: str, version: int, kind: int = 0) -> bytes:
    head = struct.pack("<IBB", start, 0, kind)
    if version == BIFF5:
        coded = name.encode("cp1258")
        return record(0x85, head + bytes((len(coded),)) + coded)
    if name.isascii():
        return record(0x85, head + bytes((len(name), 0)) + name.encode())
    return record(0x85, head + bytes((len(name), 1)) + name.encode("utf-16-le"))


def book(sheets: dict[str, bytes], version: int = BIFF8, extra: bytes = b"", kind: int = 0) -> bytes:
    """The stream of a workbook of these sheets."""
    codepage = record(0x42, struct.pack("<H", 1258 if version == BIFF5 else 1200))
    length = len(bof(version)) + len(extra) + len(codepage) + len(EOF)
    length += sum(len(name_record(0, name, version)) for name in sheets)
    parts, names = b"", b""
    for name, cells in sheets.items():
        names += name_record(length + len(parts), name, version, kind)
        parts += bof(version) + cells + EOF
    return bof(version, 5) + extra + codepage + names + EOF + parts


def xls(folder: Path, stream: bytes, name: str = "Workbook") -> Path:
    path = folder / "a.xls"
    path.write_bytes(ole({name: stream}))
    return path


CELLS = [
    pytest.param(number(0, 0) + many(1, 0, 5), SheetFacts(), id="numbers"),
    pytest.param(
        b"".join(error(0, n, code) for n, code in enumerate((0, 7, 15, 23, 29, 36, 42, 99))),
        SheetFacts(
            errors={
                (0, n): text
                for n, text in enumerate(
                    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#VALUE!")
                )
            }
        ),
        id="each error typed in",
    ),
    pytest.param(error(0, 0, 1, is_error=0), SheetFacts(), id="a truth value is no error"),
    pytest.param(
        formula(4, 2, failed(23)), SheetFacts(errors={(4, 2): "#REF!"}), id="a formula with an error"
    ),
    pytest.param(
        formula(4, 2, struct.pack("<d", 1.5)) + formula(5, 2, bytes((0, 0, 0, 0, 0, 0, 255, 255))),
        SheetFacts(),
        id="formulas with a number and a text",
    ),
    pytest.param(
        merged((1, 3, 0, 2), (7, 7, 0, 5)), SheetFacts(merged=[(1, 0, 3, 2)]), id="merged over rows"
    ),
    pytest.param(
        line(1) + line(2, flags=0x120) + line(3, height=0) + line(4, height=0x80FF),
        SheetFacts(hidden={2, 3}),
        id="hidden rows",
    ),
    pytest.param(
        bof(kind=0x20) + number(5000, 0) + error(1, 1, 7) + EOF + number(0, 0),
        SheetFacts(),
        id="a chart inside",
    ),
]


@pytest.mark.parametrize("version", [BIFF8, BIFF5])
@pytest.mark.parametrize(("cells", "facts"), CELLS)
def test_records_of_an_old_workbook_tell_of_its_sheets(tmp_path, cells, facts, version):
    path = xls(
        tmp_path, book({"Nhâp liêu": cells, "B": b""}, version), "Book" if version == BIFF5 else "Workbook"
    )
    assert ole_kind(path) == "workbook"
    assert scan_xls(path, LIMITS) == {"Nhâp liêu": facts, "B": SheetFacts()}


@pytest.mark.parametrize(
    ("cells", "cell"),
    [
        pytest.param(number(1000, 0), "A1001", id="below"),
        pytest.param(number(0, 50), "AY1", id="to the right"),
        pytest.param(many(0, 40, 60), "BI1", id="in a run of numbers"),
        pytest.param(formula(65535, 255, failed(7)), "IV65536", id="in the last cell"),
    ],
)
def test_a_value_far_out_in_an_old_workbook_is_too_large(tmp_path, cells, cell):
    path = xls(tmp_path, book({"Trang": number(999, 49) + cells}))
    facts = {"sheet": "Trang", "cell": cell, "most_rows": 1000, "most_columns": 50}
    assert refused(lambda: scan_xls(path, LIMITS)) == ("too_large", "far_cell", facts)


def test_a_chart_sheet_has_no_cells(tmp_path):
    path = xls(tmp_path, book({"Biểu đồ": number(5000, 0)}, kind=2))
    assert scan_xls(path, LIMITS) == {"Biểu đồ": SheetFacts()}


GOOD = book({"A": number(0, 0), "B": number(1, 1)})
BROKEN = [
    pytest.param(GOOD[:-4], id="the end is missing"),
    pytest.param(GOOD[:-10], id="a record is cut off"),
    pytest.param(b"", id="nothing"),
    pytest.param(number(0, 0) + GOOD, id="it does not begin as a workbook"),
    pytest.param(book({"A": record(0x0203, b"\0\0")}), id="a cell too short"),
    pytest.param(book({"A": record(0x00E5, b"\xff\xff")}), id="merged areas that are not there"),
    pytest.param(bof() + name_record(4, "A", BIFF8) + EOF, id="a sheet in the midst of a record"),
    pytest.param(bof() + name_record(10**9, "A", BIFF8) + EOF, id="a sheet beyond the end"),
    pytest.param(
        bof() + name_record(0, "A", BIFF8) + name_record(0, "B", BIFF8) + EOF, id="two sheets at one place"
    ),
    pytest.param(bof() * 1000, id="parts within parts that never end"),
]


@pytest.mark.parametrize("stream", BROKEN)
def test_a_broken_stream_of_an_old_workbook_is_unreadable(tmp_path, stream):
    path = xls(tmp_path, stream or b"\0")
    assert refused(lambda: scan_xls(path, LIMITS))[:2] == ("unreadable", "broken_archive")


def test_passwords_are_told(tmp_path):
    path = xls(tmp_path, book({"A": b""}, extra=record(0x2F, bytes(6))))
    assert refused(lambda: scan_xls(path, LIMITS))[:2] == ("encrypted", "locked")
    path.write_bytes(ole({"EncryptionInfo": b"1", "EncryptedPackage": b"2"}))
    assert refused(lambda: scan_xls(path, LIMITS))[:2] == ("encrypted", "locked")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(ole({"Workbook": GOOD}), "workbook", id="a workbook"),
        pytest.param(ole({"WORKBOOK": GOOD}), "workbook", id="a workbook that shouts"),
        pytest.param(ole({"Book": GOOD, "SummaryInformation": b""}), "workbook", id="an older workbook"),
        pytest.param(
            ole({"EncryptionInfo": b"", "EncryptedPackage": b""}), "encrypted", id="with a password"
        ),
        pytest.param(ole({"1Table": b"", "WordDocument": b""}), "document", id="a letter"),
        pytest.param(ole({"PowerPoint Document": b""}), "other", id="slides"),
        pytest.param(ole({}), "other", id="nothing in it"),
        pytest.param(MAGIC, "other", id="the first bytes alone"),
        pytest.param(MAGIC + bytes(5000), "other", id="zeros"),
        pytest.param(MAGIC + b"\xff" * 5000, "other", id="ones"),
        pytest.param(b"", "other", id="empty"),
        pytest.param(b"PK\x03\x04" + bytes(2000), "other", id="an archive"),
    ],
)
def test_the_kind_of_an_ole_file_is_told(tmp_path, content, kind):
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    assert ole_kind(path) == kind
    assert ole_kind(tmp_path / "gone.xls") == "other"


def test_an_allocation_table_that_turns_in_circles_ends(tmp_path):
    content = bytearray(ole({"Workbook": book({"A": number(0, 0) * 500})}))
    table = len(content) - SECTOR
    struct.pack_into("<I", content, table, 0)  # the first sector is its own successor
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    assert refused(lambda: scan_xls(path, LIMITS))[:2] == ("unreadable", "broken_archive")
    struct.pack_into("<I", content, 44, 2**31)  # an allocation table of two thousand million sectors
    path.write_bytes(content)
    assert ole_kind(path) == "other"
    assert refused(lambda: scan_xls(path, LIMITS))[:2] == ("unreadable", "broken_archive")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("scans")


@given(st.integers(0, 2**32), st.integers(1, 30))
def test_flipped_bytes_of_an_old_workbook_do_no_harm(folder, seed, count):
    chance = random.Random(seed)
    content = bytearray(ole({"Workbook": book({"A": CELLS[1].values[0], "B": merged((0, 5, 0, 0))})}))
    for _ in range(count):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path = folder / "flipped.xls"
    path.write_bytes(content)
    assert ole_kind(path) in {"workbook", "encrypted", "document", "other"}
    try:
        scan_xls(path, LIMITS)
    except RefusedError as refusal:
        assert refusal.code in {"unreadable", "too_large", "encrypted"}


# --- OpenDocument

DECLARED = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}


def ods(folder: Path, content: str | bytes, **others: str | bytes) -> Path:
    path = folder / "a.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        for name, part in others.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), part)
    return path


def document(table: str, name: str = "Trang") -> str:
    """The content of a workbook of one sheet."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in DECLARED.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {declared} office:version="1.3">'
        f'<office:body><office:spreadsheet><table:table table:name="{name}"><table:table-column/>{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )


def rows(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def cell(text: str = "", **attributes: str | int) -> str:
    said = "".join(
        f' {name.replace("__", ":").replace("_", "-")}="{value}"' for name, value in attributes.items()
    )
    inner = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell{said}>{inner}</table:table-cell>"


ONE = cell("1", office__value_type="float", office__value=1)
FAILED = cell("#REF!", table__formula="of:=#REF!", office__value_type="string", calcext__value_type="error")
UNCACHED = cell(table__formula="of:=1+1")
EMPTY = "<table:table-cell/>"
SHEETS = [
    pytest.param(rows(ONE, EMPTY) + rows(EMPTY), SheetFacts(), id="a number"),
    pytest.param(rows(EMPTY, FAILED), SheetFacts(errors={(0, 1): "#REF!"}), id="an error"),
    pytest.param(
        rows(cell("Err:502", calcext__value_type="error")),
        SheetFacts(errors={(0, 0): "Err:502"}),
        id="its own",
    ),
    pytest.param(rows(cell("#DIV/0!")), SheetFacts(errors={(0, 0): "#DIV/0!"}), id="an error as text"),
    pytest.param(
        rows(cell(calcext__value_type="error")), SheetFacts(errors={(0, 0): "#VALUE!"}), id="an error unsaid"
    ),
    pytest.param(rows(cell("lỗi #REF! ở đây")), SheetFacts(), id="a text about an error"),
    pytest.param(
        rows(EMPTY)
        + rows(cell(table__number_columns_repeated=3), FAILED, more=' table:number-rows-repeated="2"'),
        SheetFacts(errors={(1, 3): "#REF!", (2, 3): "#REF!"}),
        id="repeated",
    ),
    pytest.param(
        rows(UNCACHED, cell("2", table__formula="of:=1+1")), SheetFacts(uncached={(0, 0)}), id="no result"
    ),
    pytest.param(
        rows(cell(table__formula="of:=&quot;&quot;", office__value_type="string")),
        SheetFacts(),
        id="an empty result",
    ),
    pytest.param(
        rows(EMPTY)
        + rows(
            cell("gộp", table__number_rows_spanned=3, table__number_columns_spanned=2),
            "<table:covered-table-cell/>",
        )
        + rows(cell("ngang", table__number_rows_spanned=1, table__number_columns_spanned=2)),
        SheetFacts(merged=[(1, 0, 3, 1)]),
        id="merged over rows",
    ),
    pytest.param(
        rows(ONE)
        + rows(ONE, more=' table:visibility="collapse"')
        + rows(ONE, more=' table:visibility="filter" table:number-rows-repeated="2"')
        + rows(ONE, more=' table:visibility="visible"')
        + rows(EMPTY, more=' table:visibility="collapse" table:number-rows-repeated="1048571"'),
        SheetFacts(hidden={1, 2, 3}),
        id="hidden rows, those of nothing left out",
    ),
    pytest.param(
        rows(EMPTY, more=' table:number-rows-repeated="999"')
        + rows(cell(table__number_columns_repeated=49), ONE, cell(table__number_columns_repeated=16334))
        + rows(EMPTY, more=' table:number-rows-repeated="1047576"'),
        SheetFacts(),
        id="emptiness without end",
    ),
    pytest.param(
        rows(
            "<table:table-cell><office:annotation><text:p>#REF!</text:p></office:annotation></table:table-cell>",
            "<table:table-cell><draw:frame><text:p>#N/A</text:p><table:table><table:table-row/></table:table>"
            "</draw:frame></table:table-cell>",
            FAILED,
        ),
        SheetFacts(errors={(0, 2): "#REF!"}),
        id="comments and drawings are no content",
    ),
    pytest.param(
        rows("<!-- <table:table-cell> --><?x <table:table-cell>?>", FAILED),
        SheetFacts(errors={(0, 0): "#REF!"}),
        id="comments of XML",
    ),
    pytest.param(
        rows(cell("<![CDATA[#N/A]]>"), cell("<text:span>#N</text:span>/A")),
        SheetFacts(errors={(0, 0): "#N/A", (0, 1): "#N/A"}),
        id="text in pieces",
    ),
    pytest.param(
        "<table:table-row/>" + rows(FAILED), SheetFacts(errors={(1, 0): "#REF!"}), id="a row of nothing"
    ),
    pytest.param(
        f"<table:table-header-rows>{rows(ONE)}</table:table-header-rows><table:table-row-group>{rows(FAILED)}"
        "</table:table-row-group>",
        SheetFacts(errors={(1, 0): "#REF!"}),
        id="rows in groups",
    ),
]


@pytest.mark.parametrize(("table", "facts"), SHEETS)
def test_tags_of_an_opendocument_workbook_tell_of_its_sheets(tmp_path, table, facts):
    assert scan_ods(ods(tmp_path, document(table)), LIMITS) == {"Trang": facts}


def test_other_writers_use_other_prefixes(tmp_path):
    content = document(rows(EMPTY, FAILED) + rows(UNCACHED), "Tên &amp; họ")
    for usual, own in (("table:", "t:"), ("office:", ""), ("text:", "x1:"), ("calcext:", "c:")):
        for before in ("<", "</", " "):
            content = content.replace(before + usual, before + own)
    content = content.replace("xmlns:office=", "xmlns=").replace("xmlns:table=", "xmlns:t=")
    content = content.replace("xmlns:text=", "xmlns:x1=").replace("xmlns:calcext=", "xmlns:c=")
    facts = SheetFacts(errors={(0, 1): "#REF!"}, uncached={(1, 0)})
    assert scan_ods(ods(tmp_path, content), LIMITS) == {"Tên & họ": facts}


@pytest.mark.parametrize(
    ("table", "found"),
    [
        pytest.param(rows(EMPTY, more=' table:number-rows-repeated="1000"') + rows(ONE), "A1001", id="below"),
        pytest.param(rows(cell(table__number_columns_repeated=50), ONE), "AY1", id="to the right"),
        pytest.param(
            rows(ONE, more=' table:number-rows-repeated="1048576"'), "A1001", id="repeated downwards"
        ),
        pytest.param(
            rows(
                cell("1", table__number_columns_repeated=16384), more=' table:number-rows-repeated="1048576"'
            ),
            "AY1001",
            id="repeated everywhere",
        ),
        pytest.param(
            rows(EMPTY, more=' table:number-rows-repeated="9999999999"') + rows(ONE),
            "A10000000000",
            id="beyond reason",
        ),
    ],
)
def test_a_value_far_out_in_an_opendocument_workbook_is_too_large(tmp_path, table, found):
    facts = {"sheet": "Trang", "cell": found, "most_rows": 1000, "most_columns": 50}
    path = ods(tmp_path, document(table))
    assert refused(lambda: scan_ods(path, LIMITS)) == ("too_large", "far_cell", facts)


@pytest.mark.parametrize(
    ("table", "code", "seen"),
    [
        pytest.param(
            rows(cell("1", table__number_columns_repeated=200), more=' table:number-rows-repeated="100000"'),
            *("too_large", "sheet_size"),
            id="a sheet as long and as wide as it may be",
        ),
        pytest.param(
            rows(
                FAILED.replace(">", ' table:number-columns-repeated="20">', 1),
                more=' table:number-rows-repeated="100000"',
            ),
            *("too_large", "sheet_size"),
            id="two million errors",
        ),
        pytest.param(
            rows(cell('<text:s text:c="999999999"/>')),
            "too_large",
            "unpacked_size",
            id="a thousand million blanks",
        ),
        pytest.param(
            rows(cell(table__number_columns_repeated="x")), "unreadable", "broken_archive", id="no number"
        ),
        pytest.param(
            rows(cell(table__number_columns_repeated="9" * 5000)), "unreadable", "broken_archive", id="digits"
        ),
        pytest.param(rows(cell("<!ENTITY a 'b'>")), "hostile", "doctype", id="an entity"),
        pytest.param(rows("<!-- "), "unreadable", "broken_archive", id="a comment without end"),
        pytest.param(
            rows('<table:table-cell a="'), "unreadable", "broken_archive", id="an attribute without end"
        ),
        pytest.param("<a " * 300_000, "unreadable", "broken_archive", id="tags without end"),
        pytest.param("<a b='" * 300_000, "unreadable", "broken_archive", id="attributes without end"),
    ],
)
def test_what_would_blow_up_a_reader_is_refused(tmp_path, table, code, seen):
    path = ods(tmp_path, document(table))
    limits = LIMITS | {"rows": 100_000, "columns": 200}
    assert refused(lambda: scan_ods(path, limits))[:2] == (code, seen)


@pytest.mark.parametrize(
    ("content", "code", "seen"),
    [
        pytest.param("<!DOCTYPE a [<!ENTITY b 'c'>]>" + document(""), "hostile", "doctype", id="a DOCTYPE"),
        pytest.param(document("").encode("utf-16"), "hostile", "encoding", id="UTF-16"),
        pytest.param(document("").replace("UTF-8", "windows-1258"), "hostile", "encoding", id="a code page"),
        pytest.param("", "unreadable", "broken_archive", id="nothing"),
        pytest.param("rác", "unreadable", "broken_archive", id="no tags"),
        pytest.param(document(rows(ONE))[:-160], "unreadable", "broken_archive", id="cut off"),
    ],
)
def test_content_that_may_not_be_read_is_refused(tmp_path, content, code, seen):
    path = ods(tmp_path, content)
    assert refused(lambda: scan_ods(path, LIMITS))[:2] == (code, seen)


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(
            {"META-INF__manifest_xml": "<m:file-entry><m:encryption-data/></m:file-entry>"}, id="each part"
        ),
        pytest.param({"encrypted-package": b"\x01\x02"}, id="all parts together"),
    ],
)
def test_an_opendocument_workbook_with_a_password_is_told(tmp_path, others):
    path = ods(tmp_path, b"\x8f\x12\x00", **others)
    assert refused(lambda: scan_ods(path, LIMITS))[:2] == ("encrypted", "locked")


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_flipped_letters_of_an_opendocument_workbook_do_no_harm(folder, seed, count):
    chance = random.Random(seed)
    table = "".join(param.values[0] for param in SHEETS)
    content = bytearray(document(table).encode())
    for _ in range(count):
        content[chance.randrange(len(content))] = chance.choice(b'<>"/=! 19a\xff')
    try:
        scan_ods(ods(folder, bytes(content)), LIMITS)
    except RefusedError as refusal:
        assert refusal.code in {"unreadable", "too_large", "hostile"}


# --- as LibreOffice writes them


@pytest.fixture(scope="module")
def converted(tmp_path_factory) -> Callable[[str], Path]:
    """A workbook with something of each kind, saved by LibreOffice in another format."""
    if shutil.which("soffice") is None:
        pytest.skip("a workbook saved by LibreOffice")
    folder = tmp_path_factory.mktemp("soffice")
    _write_book(folder / "a.xlsx")
    return lambda form: saved_again(folder / "a.xlsx", form, folder)


def _write_book(path: Path) -> None:
    with xlsxwriter.Workbook(path) as workbook:
        sheet, other = workbook.add_worksheet("Nhập số liệu"), workbook.add_worksheet("Khác")
        sheet.write_formula("A1", "=1/0", None, "#DIV/0!")
        sheet.write_formula("B2", "=NA()", None, "#N/A")
        sheet.write_formula("D4", "=#REF!+1", None, "#REF!")
        sheet.write_row("A5", [1, 2.5, "chữ", True])
        sheet.merge_range("A6:A8", "gộp")
        sheet.merge_range("B6:D6", "một dòng")
        sheet.write("A10", 1)
        sheet.set_row(9, None, None, {"hidden": True})
        chart = workbook.add_chart({"type": "column"})
        chart.add_series({"values": "='Khác'!$A$1:$A$3"})
        sheet.insert_chart("H3", chart)
        other.write_column("A1", [1, 2, 3])
        other.write("AD300", 1)


@pytest.mark.parametrize(("form", "scan"), [("xls", scan_xls), ("ods", scan_ods)])
def test_a_workbook_saved_by_libreoffice_tells_of_its_sheets(converted, form, scan):
    path = converted(form)
    found = scan(path, LIMITS)
    errors = {(0, 0): "#DIV/0!", (1, 1): "#N/A", (3, 3): "#REF!"}
    assert found["Nhập số liệu"] == SheetFacts(errors=errors, merged=[(5, 0, 7, 0)], hidden={9})
    assert found["Khác"] == SheetFacts()
    assert list(found) == python_calamine.load_workbook(path).sheet_names
    code, _, facts = refused(lambda: scan(path, LIMITS | {"rows": 299}))
    assert (code, facts["sheet"], facts["cell"]) == ("too_large", "Khác", "AD300")

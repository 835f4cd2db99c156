"""Reading returns in child processes: what is found, and what a bad file cannot do."""

import os
import re
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheet_samples import OUTPUT, WATER, row, sheet

from tasks.reading.raw_texts import tidy, tidy_text
from tasks.reading.reading_csv import read_csv
from tasks.reading.returns import Limits, Reading, read_returns
from tasks.template.return_fields import RAW_FIELDS, column_letters
from tasks.template.template_book import write_template
from tiendo.errors import TiendoError
from tiendo.seen import seen_text

ENTRY = "Nhập số liệu"
HEADER = "unit,period,indicator,value,numerator,denominator,state,status,qualifier,note,reason,remedy"


def read(*paths: Path, **limits: Any) -> Reading:
    """The files read as one batch, numbered from 0."""
    files = pd.DataFrame({"file": range(len(paths)), "path": [str(path) for path in paths]})
    return read_returns(files, Limits(**limits))


def seen(reading: Reading, number: int = 0, locale: str = "vi") -> str:
    """What the sender of a file is told was seen of it."""
    file = reading.files.loc[number]
    return seen_text(file.seen, file.facts, locale)


def template(folder: Path, name: str = "Mau.xlsx", **entries: Any) -> Path:
    """A template of three rows with values typed into it by another program; `A1` names go to that cell."""
    path = folder / name
    write_template(path, sheet([row(), WATER, OUTPUT]))
    book = openpyxl.load_workbook(path)
    for place, value in entries.items():
        book[ENTRY][place] = value
    book.save(path)
    return path


def cells(reading: Reading, *fields: str) -> list[tuple[Any, ...]]:
    """The cells of some fields, row by row."""
    return list(reading.cells[list(fields)].itertuples(index=False, name=None))


def text_file(folder: Path, text: str | bytes, name: str = "a.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problem(reading: Reading, file: int = 0) -> str | None:
    """The code of a file that could not be read."""
    return reading.files.set_index("file").code[file]


def test_a_template_comes_back_as_it_was_filled(tmp_path):
    reading = read(template(tmp_path, I10=100, L10="Mưa lũ", G11=45, H11=50, K12="Không phát sinh", N12="  "))
    fields = ("row", "indicator", "value", "numerator", "denominator", "state", "reason", "note")
    assert cells(reading, *fields) == [
        (10, "CT1.01", 100.0, None, None, None, "Mưa lũ", None),
        (11, "CT1.02", None, 45.0, 50.0, None, None, None),
        (12, "CT1.03", None, None, None, "Không phát sinh", None, None),
    ]
    assert set(reading.cells.period) == {"2026-Q3"}
    assert list(reading.cells.columns) == ["file", "sheet", "row", *RAW_FIELDS]
    assert set(reading.cells.unit) == {"082"}
    found = reading.files.iloc[0]
    assert (found.kind, found.unit, found.period, found.plan_version) == ("template", "082", "2026-Q3", "3")
    assert (found.sheet, found.rows, found.code) == (ENTRY, 3, None)


def test_the_ratio_that_the_sheet_computes_is_not_what_was_typed(tmp_path):
    write_template(tmp_path / "Mau.xlsx", sheet([WATER | {"numerator": 45.0, "denominator": 50.0}]))
    assert openpyxl.load_workbook(tmp_path / "Mau.xlsx", data_only=True)[ENTRY]["H10"].value == 90
    assert cells(read(tmp_path / "Mau.xlsx"), "value", "numerator", "denominator") == [(None, 45.0, 50.0)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param(0, 0.0, id="zero is a value"),
        pytest.param(12.5, 12.5, id="a number"),
        pytest.param("  trên 60 ", "trên 60", id="a text without outer blanks"),
        pytest.param(unicodedata.normalize("NFD", "gần 60"), "gần 60", id="a text in NFC"),
        pytest.param(True, True, id="a truth value"),
        pytest.param(pd.Timestamp("2026-02-01"), "2026-02-01", id="a date is text"),
        pytest.param("", None, id="empty is nothing"),
    ],
)
def test_a_cell_is_given_as_it_was_typed(tmp_path, typed, found):
    ((value,), *_) = cells(read(template(tmp_path, I10=typed)), "value")
    assert value == found
    assert type(value) is type(found)


def test_the_status_of_the_sheet_holds_for_rows_without_their_own(tmp_path):
    path = template(tmp_path, C4="Ước tính")
    book = openpyxl.load_workbook(path)
    own = next(cell.column_letter for cell in book[ENTRY][5] if cell.value == "status")
    book[ENTRY][f"{own}11"] = "final"
    book.save(path)
    reading = read(path)
    assert cells(reading, "status") == [("Ước tính",), ("final",), ("Ước tính",)]
    assert reading.files.status_cell[0] == "C4"


def test_places_make_the_addresses_of_fields(tmp_path):
    places = read(template(tmp_path)).places.set_index("field").column
    assert places[["value", "numerator", "state", "remedy"]].tolist() == ["I", "G", "K", "M"]
    assert "status" not in places


def test_rows_and_columns_added_by_hand_do_no_harm(tmp_path):
    path = template(tmp_path, I10=100)
    book = openpyxl.load_workbook(path)
    book[ENTRY].merged_cells.ranges.clear()
    book[ENTRY].insert_rows(1, 2)
    book[ENTRY].insert_cols(3)
    book[ENTRY]["C12"] = "của tôi"
    book.move_sheet("Hướng dẫn", -1)
    book[ENTRY].title = "Trang 1"
    book.save(path)
    reading = read(path)
    assert cells(reading, "row", "value")[0] == (12, 100.0)
    assert reading.places.set_index("field").column["value"] == "J"
    assert reading.files.status_cell[0] == "D6"
    assert set(reading.cells.status) == {"Chính thức"}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="a template saved again by LibreOffice")
def test_a_template_saved_again_by_libreoffice_says_the_same(tmp_path):
    path = template(tmp_path, I10="trên 60", G11=45, H11=50, K12="Không phát sinh")
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "xlsx",
    ]
    subprocess.run(
        [*command, "--outdir", tmp_path / "new", path], check=True, capture_output=True, timeout=120
    )
    reading = read(path, tmp_path / "new" / path.name)
    assert reading.files.content_digest.nunique() == 1
    assert reading.files.signature.nunique() == 1


CSV_CASES = [
    pytest.param(f"{HEADER}\n082,2026-Q3,CT1,12.5,,,,,,,,\n", False, id="as programs write it"),
    pytest.param(f"\ufeff{HEADER}\r\n082,2026-Q3,CT1,12.5,,,,,,,,\r\n", False, id="with a byte order mark"),
    pytest.param("period,value,unit,indicator\n2026-Q3,12.5,082,CT1", False, id="columns in any order"),
    pytest.param("Unit , PERIOD,indicator,value\n 082,2026-Q3 , CT1 ,12.5", False, id="blanks and capitals"),
    pytest.param(
        "unit;period;indicator;value\n082;2026-Q3;CT1;12,5", True, id="as a Vietnamese Excel saves it"
    ),
    pytest.param(
        "unit,period,indicator,value\n082,2026-Q3,CT1,12.5\n,,,\n\n", False, id="blank rows at the end"
    ),
]


@pytest.mark.parametrize(("text", "has_decimal_comma"), CSV_CASES)
def test_a_csv_is_read(tmp_path, text, has_decimal_comma):
    reading = read(text_file(tmp_path, text))
    figure = "12,5" if has_decimal_comma else "12.5"
    assert cells(reading, "row", "unit", "period", "indicator", "value", "state", "sheet") == [
        (2, "082", "2026-Q3", "CT1", figure, None, None)
    ]
    found = reading.files.iloc[0]
    assert (found.kind, found.unit, found.period) == ("csv", "082", "2026-Q3")
    assert found.decimal_comma is has_decimal_comma


def test_a_csv_of_many_units_has_a_digest_for_each(tmp_path):
    text = "unit,period,indicator,value\n01,2010,A,1\n01,2010,B,2\n02,2010,A,1\n01,2011,A,1"
    reading = read(text_file(tmp_path, text))
    assert reading.files.unit[0] is None
    assert reading.digests[["unit", "period", "rows"]].to_numpy().tolist() == [
        ["01", "2010", 2],
        ["02", "2010", 1],
        ["01", "2011", 1],
    ]
    assert reading.digests.content_digest.is_unique


BAD_FILES = [
    pytest.param("a.csv", "unit,indicator,value\n", "not_a_template", "period", id="a column is missing"),
    pytest.param(
        "a.csv", "unit,period,indicator,valeu\n", "not_a_template", "“value”", id="nearest name is told"
    ),
    pytest.param(
        "a.csv", "unit,period,indicator,unit\n", "not_a_template", "unit", id="a column stands twice"
    ),
    pytest.param("a.csv", "", "unreadable", "tệp rỗng", id="an empty csv"),
    pytest.param(
        "a.csv", "unit,period,indicator,value\n1,2013,A,12,5\n", "unreadable", "2", id="an unquoted comma"
    ),
    pytest.param(
        "a.csv", 'unit,period,indicator\n"1,2013,A\n', "unreadable", "ngoặc kép", id="an open quote"
    ),
    pytest.param("a.csv", b"unit,period,indicator\n\xff\xfe", "unreadable", "UTF-8", id="another encoding"),
    pytest.param("a.csv", b"PK\x03\x04\0\0", "unreadable", "hỏng", id="a broken archive called csv"),
    pytest.param("a.xlsx", "rác", "unknown_format", "đuôi .xlsx", id="a text called xlsx"),
    pytest.param("a.xlsx", b"PK\x03\x04cut off", "unreadable", "hỏng", id="an archive cut off"),
    pytest.param("a.xlsx", b"", "unreadable", "tệp rỗng", id="an empty file"),
    pytest.param(
        "a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "unknown_format", "", id="an old workbook"
    ),
    pytest.param(
        "a.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
        "",
        id="a workbook with a password",
    ),
    pytest.param("a.doc", "unit,period,indicator\n", "unknown_format", ".doc", id="another kind of file"),
]


SHOWS_PYTHON = re.compile(r"b'|\\x|≠|'|^[\x00-\x7f]*$")


@pytest.mark.parametrize(("name", "content", "code", "told"), BAD_FILES)
def test_a_bad_file_has_a_code_and_stops_no_other(tmp_path, name, content, code, told):
    good = template(tmp_path, I10=100)
    reading = read(text_file(tmp_path, content, name), good)
    assert (problem(reading, 0), problem(reading, 1)) == (code, None)
    assert told in seen(reading)
    assert not SHOWS_PYTHON.search(seen(reading)), "it is told to an officer"
    assert set(reading.cells.file) == {1}
    assert cells(reading, "value")[0] == (100.0,)


def test_a_workbook_that_is_no_template_is_told_so(tmp_path):
    plain = openpyxl.Workbook()
    plain.active.append(["indicator", "value"])
    plain.save(tmp_path / "plain.xlsx")
    book = openpyxl.load_workbook(template(tmp_path))
    book[ENTRY].delete_rows(5)
    book.save(tmp_path / "headless.xlsx")
    reading = read(tmp_path / "plain.xlsx", tmp_path / "headless.xlsx", tmp_path / "gone.xlsx", tmp_path)
    assert reading.files.code.tolist() == ["not_a_template", "not_a_template", "unreadable", "unreadable"]
    assert "dòng ẩn mang tên các cột" in seen(reading)
    assert "dòng ẩn mang tên các cột" in seen(reading, 1)


def with_sheet(path: Path, source: Path, sheet_data: str) -> Path:
    """A copy of a workbook with other cells in its first sheet."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                start, end = content.index("<sheetData>"), content.index("</sheetData>")
                content = content[:start] + "<sheetData>" + sheet_data + content[end:]
            new.writestr(name, content)
    return path


# A cell so far out ends the reader. The scan knows it where it is written as programs write it.
FAR_CELL = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
OUT_OF_ORDER = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="XFD1048576"><v>1</v></c></row>'
DISGUISED = '<row r="1"><c r="A1"><v>1</v></c><c s=">" r="XFD1048576"><v>1</v></c></row>'


def test_a_file_that_kills_its_reader_is_named_and_the_others_are_read(tmp_path):
    good = template(tmp_path, I10=100)
    far = with_sheet(tmp_path / "far.xlsx", good, DISGUISED)
    reading = read(good, far, good, good)
    assert reading.files.code.tolist() == [None, "unreadable", None, None]
    assert seen(reading, 1) == "trình đọc dừng giữa chừng khi đọc tệp (SIGABRT)"
    assert reading.cells.file.value_counts().to_dict() == {0: 3, 2: 3, 3: 3}


@pytest.mark.parametrize("cells", [FAR_CELL, OUT_OF_ORDER])
def test_a_cell_far_outside_is_named(tmp_path, cells):
    good = template(tmp_path, I10=100)
    reading = read(good, with_sheet(tmp_path / "far.xlsx", good, cells), good)
    assert reading.files.code.tolist() == [None, "too_large", None]
    assert "XFD1048576" in seen(reading, 1)
    assert "XFD1048576" in seen(reading, 1, "en")
    assert reading.files.facts[1]["cell"] == "XFD1048576"


def test_a_file_that_takes_too_long_is_named_and_the_others_are_read(tmp_path):
    os.mkfifo(tmp_path / "never.csv")  # opening it waits for a writer that does not come
    reading = read(tmp_path / "never.csv", template(tmp_path), seconds=1.5)
    assert reading.files.code.tolist() == ["unreadable", None]
    assert seen(reading).endswith("(> 1.5 s)")


def test_a_file_that_burns_processor_time_is_named(tmp_path):
    cells = "".join(
        f'<c r="A{n}" s="1"/>' for n in range(1_000_000)
    )  # after a blank they are gone through one by one
    path = with_sheet(tmp_path / "long.xlsx", template(tmp_path), f' <row r="1">{cells}</row>')
    reading = read(path, template(tmp_path), cpu_seconds=1)
    assert reading.files.code.tolist() == ["unreadable", None]
    assert seen(reading).endswith(("(SIGXCPU)", "(SIGKILL)"))


def test_many_killers_among_many_files_are_all_named(tmp_path):
    good = template(tmp_path, I10=100)
    far = with_sheet(tmp_path / "far.xlsx", good, DISGUISED)
    codes = read(far, far, *[good] * 5, far, good, far).files.code.tolist()
    bad = "unreadable"
    assert codes == [bad, bad, None, None, None, None, None, bad, None, bad]


def test_a_reader_that_does_not_start_is_no_fault_of_a_file(tmp_path):
    with pytest.raises(TiendoError, match="does not start"):
        read(template(tmp_path), memory_bytes="1 GB")


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        pytest.param({"file_bytes": 2048}, "kB, giới hạn 2,0 kB", id="the file"),
        pytest.param({"part_bytes": 5120}, "mở nén, giới hạn 5,0 kB", id="a part unpacked"),
        pytest.param({"unpacked_bytes": 10240}, "mở nén, giới hạn 10,0 kB", id="all parts unpacked"),
        pytest.param({"rows": 5}, "×", id="rows"),
        pytest.param({"columns": 5}, "×", id="columns"),
    ],
)
def test_a_file_beyond_a_limit_is_too_large(tmp_path, limits, told):
    reading = read(template(tmp_path), **limits)
    assert problem(reading) == "too_large"
    assert told in seen(reading)


def test_the_digest_tells_what_is_said_not_how(tmp_path):
    first = template(tmp_path, "a.xlsx", I10=100, L10="Mưa")
    again = template(tmp_path, "b.xlsx", L10="Mưa", I10=100.0, B10="Tên khác")
    other = template(tmp_path, "c.xlsx", I10=101, L10="Mưa")
    digests = read(first, again, other).files.content_digest
    assert digests[0] == digests[1] != digests[2]
    table = "unit,period,indicator,value\n"
    one = text_file(tmp_path, f"{table}082,2013,A,1\n082,2013,B,2\n", "d.csv")
    two = text_file(tmp_path, f"{table}082,2013,B,2\n082,2013,A,1\n", "e.csv")
    assert read(one, two).digests.content_digest.nunique() == 1


def test_chunks_and_workers_change_nothing(tmp_path):
    paths = [template(tmp_path, f"{n}.xlsx", I10=n) for n in range(5)]
    whole = read(*paths, workers=1)
    parts = read(*paths, workers=3, chunk=2)
    for name in ("cells", "places", "files", "digests"):
        pd.testing.assert_frame_equal(getattr(whole, name), getattr(parts, name))


def test_no_files_give_empty_frames():
    reading = read()
    assert len(reading.cells) == len(reading.files) == len(reading.places) == len(reading.digests) == 0
    assert list(reading.cells.columns) == ["file", "sheet", "row", *RAW_FIELDS]


def test_the_child_starts_without_pandas():
    heavy = "{'pandas', 'numpy', 'xlsxwriter'}"
    code = f"import sys, tasks.reading.reading_child; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


anything = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(), st.text(), st.dates()
)


@given(anything)
def test_a_tidy_cell_survives_json(cell):
    tidied = tidy(cell)
    assert orjson.loads(orjson.dumps(tidied)) == tidied
    assert tidy(tidied) == tidied


plain_texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30)


@given(st.lists(st.tuples(plain_texts, plain_texts), max_size=8))
def test_every_text_of_a_csv_arrives(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    frame = pd.DataFrame(
        {"unit": "082", "period": "2013", "indicator": "A", "value": "1"}, index=range(len(pairs))
    )
    frame[["note", "reason"]] = pd.DataFrame(pairs, columns=["note", "reason"], dtype=object)
    frame.to_csv(path, index=False)
    columns = read_csv(path, {"rows": 100})["columns"]
    assert columns["note"] == [tidy_text(note) for note, _ in pairs]
    assert columns["reason"] == [tidy_text(reason) for _, reason in pairs]


@given(st.integers(0, 16383))
def test_column_letters_are_those_of_a_spreadsheet(index):
    assert column_letters(index) == openpyxl.utils.get_column_letter(index + 1)

"""CSV returns as programs and spreadsheets write them: encodings, separators, headings, and what is refused."""

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.reading.raw_texts import RefusedError
from tasks.reading.reading_csv import HEADINGS, read_csv
from tasks.template.return_fields import CSV_FIELDS
from tiendo.labels import LOCALES
from tiendo.seen import seen_text

LIMITS = {"rows": 100_000, "columns": 200}
HEADER = "unit,period,indicator,value,note"
NOTE = "Không phát sinh do mưa lũ"
VNI_NOTE = "Khoâng phaùt sinh do möa luõ"
TCVN3_NOTE = "Kh«ng ph¸t sinh do m\u00ada lò"
ROW = f"082,2026-Q3,CT1,12.5,{NOTE}"


def read(folder: Path, content: str | bytes, **limits: int) -> dict[str, Any]:
    """What a file of this content says; what it gives can be written as JSON."""
    path = folder / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read_csv(path, LIMITS | limits)
    orjson.dumps(found)
    return found


def refused(folder: Path, content: str | bytes, **limits: int) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        read(folder, content, **limits)
    refusal = caught.value
    told = [seen_text(refusal.seen, refusal.facts, locale) for locale in LOCALES]
    assert all(told), "each locale has words for it"
    orjson.dumps(refusal.facts)
    return refusal


def table(text: str, separator: str) -> str:
    return text.replace(",", separator)


WELL_READ = [
    pytest.param(f"{HEADER}\n{ROW}\n", None, False, id="as programs write it"),
    pytest.param(f"\ufeff{HEADER}\r\n{ROW}\r\n", None, False, id="with a byte order mark"),
    pytest.param(f"\ufeff\ufeff{HEADER}\n{ROW}\n", None, False, id="with two byte order marks"),
    pytest.param(f"{HEADER}\r{ROW}\r", None, False, id="lines that end as on an old Macintosh"),
    pytest.param(f"\n\r\n{HEADER}\n\n{ROW}", None, False, id="blank lines"),
    pytest.param(
        f" Unit , PERIOD,Indicator,VALUE,note,\n{ROW}", None, False, id="blanks, capitals, a comma at the end"
    ),
    pytest.param(table(f"{HEADER}\n{ROW}", ";"), None, True, id="semicolons, as a Vietnamese Excel saves it"),
    pytest.param(table(f"{HEADER}\n{ROW}", "\t"), None, True, id="tabs"),
    pytest.param("sep=;\r\n" + table(f"{HEADER}\r\n{ROW}", ";"), None, True, id="Excel's line sep="),
    pytest.param("\ufeff" + '"sep=,"\n' + f"{HEADER}\n{ROW}", None, False, id="sep= in quotation marks"),
    pytest.param("SEP=|\n" + table(f"{HEADER}\n{ROW}", "|"), None, False, id="sep= with another separator"),
    pytest.param(
        table(f"{HEADER}\r\n{ROW}", "\t").encode("utf-16"), "UTF-16", True, id="Excel's Unicode Text"
    ),
    pytest.param(
        table(f"{HEADER}\n{ROW}", "\t").encode("utf-16-be"), "UTF-16", True, id="the other way about"
    ),
    pytest.param(f"{HEADER}\n{ROW}".replace(NOTE, VNI_NOTE).encode("cp1252"), "VNI", False, id="VNI"),
    pytest.param(f"{HEADER}\n{ROW}".replace(NOTE, TCVN3_NOTE).encode("cp1252"), "TCVN3", False, id="TCVN3"),
    pytest.param(
        f"{HEADER}\n{ROW}".replace(NOTE, "Không pha\u0301t sinh do mưa lu\u0303").encode("cp1258"),
        *("windows-1258", False),
        id="windows-1258",
    ),
]


@pytest.mark.parametrize(("content", "encoding", "has_decimal_comma"), WELL_READ)
def test_a_csv_is_read(tmp_path, content, encoding, has_decimal_comma):
    found = read(tmp_path, content)
    columns = {
        "unit": ["082"],
        "period": ["2026-Q3"],
        "indicator": ["CT1"],
        "value": ["12.5"],
        "note": [NOTE],
    }
    assert found["columns"] == columns
    assert found["encoding"] == encoding
    assert found["decimal_comma"] is has_decimal_comma
    assert found["fields"] == {"unit": "A", "period": "B", "indicator": "C", "value": "D", "note": "E"}
    assert found["sheet"] is None


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param(f"{HEADER}\n{ROW}\n{ROW}", [2, 3], id="below the heading"),
        pytest.param(f"\n{HEADER}\n,,,\n{ROW}\n", [4], id="blank lines count"),
        pytest.param(f"sep=,\n{HEADER}\n{ROW}", [2], id="the line sep= is no row"),
        pytest.param(
            f'{HEADER}\n{ROW},"\n\n"\n{ROW}'.replace(f"{NOTE},", ""), [2, 3], id="a cell of many lines"
        ),
        pytest.param(f"{HEADER}\n", [], id="no rows"),
    ],
)
def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path, content, rows):
    assert read(tmp_path, content)["rows"] == rows


def test_quoted_cells_hold_separators_lines_and_quotation_marks(tmp_path):
    found = read(tmp_path, f'{HEADER}\n082,2026-Q3,CT1,"1,5","hai dòng:\nmột “""hai""”; ba"\n')
    assert found["columns"]["value"] == ["1,5"]
    assert found["columns"]["note"] == ['hai dòng:\nmột “"hai"”; ba']


def test_short_rows_end_in_empty_cells(tmp_path):
    assert read(tmp_path, f"{HEADER}\n082,2026-Q3,CT1\n")["columns"]["note"] == [None]


def test_an_old_encoding_in_cells_of_a_unicode_file_is_left_for_the_typing(tmp_path):
    found = read(tmp_path, f"{HEADER}\n{ROW}".replace(NOTE, TCVN3_NOTE))
    assert found["encoding"] is None
    assert found["columns"]["note"] == [TCVN3_NOTE]


REFUSED = [
    pytest.param("", "not_a_template", "no_column", {"names": "unit, period, indicator"}, id="nothing"),
    pytest.param("\n \n", "not_a_template", "no_column", {}, id="blank lines alone"),
    pytest.param(
        "unit,indicator,value\n", "not_a_template", "no_column", {"names": "period"}, id="a column missing"
    ),
    pytest.param("a,b\n1,2\n", "not_a_template", "no_column", {}, id="another table"),
    pytest.param(
        "unit,period,indicator,valeu\n",
        "not_a_template",
        "nearest_columns",
        {"names": "“valeu” → “value”"},
        id="a name misspelt",
    ),
    pytest.param(
        "unit,period,indicator,unit\n", "not_a_template", "column_twice", {"names": "unit"}, id="twice"
    ),
    pytest.param(
        "Mã chỉ tiêu;Kỳ;Đơn vị;Thực hiện;Lạ\nCT1;2026-Q3;082;1\n",
        *("not_a_template", "nearest_columns"),
        {
            "names": "“mã chỉ tiêu” → “indicator”, “kỳ” → “period”, “đơn vị” → “unit”, “thực hiện” → “value”, “lạ”",
        },
        id="Vietnamese headings",
    ),
    pytest.param(
        ",".join(f"cột {n}" for n in range(1000)), "not_a_template", "no_column", {}, id="a thousand columns"
    ),
    pytest.param(
        HEADER + ",valuee" * 1000,
        "not_a_template",
        "nearest_columns",
        {"names": "“valuee” → “value”"},
        id="a thousand columns more",
    ),
    pytest.param(
        HEADER + ",unit" * 1000, "not_a_template", "column_twice", {}, id="a column a thousand times"
    ),
    pytest.param(
        f"{HEADER}\n{ROW},5\n",
        "unreadable",
        "too_many_cells",
        {"line": 2, "cells": 6, "columns": 5},
        id="an unquoted comma",
    ),
    pytest.param(
        f"{HEADER}\n{ROW}{',1' * 1000}\n",
        "unreadable",
        "too_many_cells",
        {"cells": 1005},
        id="a row of a thousand cells",
    ),
    pytest.param(
        f'{HEADER}\n"082,2026-Q3,CT1\n', "unreadable", "bad_quotes", {}, id="an open quotation mark"
    ),
    pytest.param(
        f'{HEADER}\n"082"x,2026-Q3\n', "unreadable", "bad_quotes", {"line": 2}, id="a misplaced one"
    ),
    pytest.param(
        f'sep=,\n{HEADER}\n"082"x,2026\n', "unreadable", "bad_quotes", {"line": 3}, id="the same below sep="
    ),
    pytest.param(
        f"{HEADER}\n082,2026-Q3,CT1,1,{'a' * 200_000}\n",
        "unreadable",
        "long_cell",
        {"line": 2, "most": 131_072},
        id="a very long cell",
    ),
    pytest.param(
        f"{HEADER}\n082,Müller GmbH".encode("cp1252"), "unreadable", "no_encoding", {"line": 2}, id="German"
    ),
    pytest.param(HEADER.encode() + b"\n\xff\xfe", "unreadable", "no_encoding", {"line": 2}, id="stray bytes"),
    pytest.param(f"{HEADER}\n082\0,2026", "unknown_format", "no_text", {"suffix": ".csv"}, id="a zero byte"),
    pytest.param(b"PK\x03\x04\0\0\x08\xff", "unknown_format", "no_text", {}, id="an archive"),
    pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe", "unknown_format", "no_text", {}, id="a picture"),
    pytest.param(bytes(range(256)) * 40, "unknown_format", "no_text", {}, id="every byte there is"),
    pytest.param(b"\0" * 10_000, "unknown_format", "no_text", {}, id="zero bytes"),
    pytest.param(
        b"\xff\xfe" + HEADER.encode("utf-16-le") + b"\n", "unreadable", "no_encoding", {}, id="UTF-16 cut off"
    ),
]


@pytest.mark.parametrize(("content", "code", "seen", "facts"), REFUSED)
def test_what_cannot_be_taken_is_refused_with_a_reason(tmp_path, content, code, seen, facts):
    refusal = refused(tmp_path, content)
    assert (refusal.code, refusal.seen) == (code, seen)
    assert facts.items() <= refusal.facts.items()


def test_rows_beyond_the_limit_are_counted(tmp_path):
    refusal = refused(tmp_path, f"{HEADER}\n" + f"{ROW}\n" * 11, rows=10)
    assert (refusal.code, refusal.seen, refusal.facts) == (
        "too_large",
        "row_count",
        {"rows": 11, "most_rows": 10},
    )
    assert len(read(tmp_path, f"{HEADER}\n" + f"{ROW}\n" * 10, rows=10)["rows"]) == 10


MEGABYTES = 20 * 2**20
LARGE = [
    pytest.param(lambda: b"a" * MEGABYTES, id="one word"),
    pytest.param(lambda: b"," * MEGABYTES, id="one line of commas"),
    pytest.param(lambda: b" " * MEGABYTES, id="one line of blanks"),
    pytest.param(lambda: b"\n" * (MEGABYTES // 4), id="blank lines"),
    pytest.param(lambda: b"\r" * (MEGABYTES // 4), id="blank lines of an old Macintosh"),
    pytest.param(lambda: b'"' * MEGABYTES, id="quotation marks"),
    pytest.param(lambda: f"{HEADER}\n".encode() + b"," * MEGABYTES, id="a row of commas"),
    pytest.param(lambda: f"{HEADER}\n".encode() + b"a," * (MEGABYTES // 2), id="a row of cells"),
    pytest.param(
        lambda: f"{HEADER}\n".encode() + b'"' + b"a,b\n" * (MEGABYTES // 4),
        id="a quotation mark never closed",
    ),
    pytest.param(lambda: f"{HEADER}\n".encode() + b"1,\n" * (MEGABYTES // 12), id="two million rows"),
    pytest.param(lambda: b"\xe9\xff " * (MEGABYTES // 3), id="accents"),
    pytest.param(
        lambda: b"".join(b"%x\xe9 " % n for n in range(MEGABYTES // 8)), id="different words of no language"
    ),
    pytest.param(lambda: bytes(MEGABYTES), id="zero bytes"),
    pytest.param(lambda: b"\xe9" * MEGABYTES, id="one word of accents"),
    pytest.param(lambda: b"a" * MEGABYTES + b"\xe9", id="one accent after a long word"),
]

CHILD = """
import re, resource, sys
from pathlib import Path
from tasks.reading.raw_texts import RefusedError
from tasks.reading.reading_csv import read_csv
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
try:
    print(len(read_csv(Path(sys.argv[1]), {"rows": 100_000, "columns": 200})["rows"]), end=" ")
except RefusedError as refusal:
    print(refusal.code, end=" ")
# What getrusage says begins with what the process that forked this one had.
print(int(re.search(r"VmHWM:\\s*([0-9]+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def in_a_child(path: Path) -> tuple[str, int, float]:
    """What a child of a gigabyte says of a file; the megabytes and seconds of processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = [sys.executable, "-c", CHILD, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    said, megabytes = done.stdout.split()
    return said, int(megabytes), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


@pytest.mark.parametrize("content", LARGE)
def test_a_large_file_made_to_hurt_is_answered_soon(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content())
    said, _, seconds = in_a_child(path)
    assert said in {"not_a_template", "unreadable", "unknown_format", "too_large", "0"}
    assert seconds < 30


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "TCVN3"])
def test_a_large_file_is_read_in_time_and_in_modest_memory(tmp_path, encoding):
    note = {"TCVN3": TCVN3_NOTE}.get(encoding, NOTE)
    rows = [f"{n % 700:03d}\t2026-Q3\tCT{n}\t{n},5\t{note} {n} " + "x" * 130 for n in range(100_000)]
    text = "\n".join([table(HEADER, "\t"), *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode({"TCVN3": "cp1252"}.get(encoding, encoding)))
    said, megabytes, seconds = in_a_child(path)
    assert said == "100000"
    assert seconds < 30
    assert megabytes < 500


def test_headings_are_those_of_fields():
    assert set(HEADINGS.values()) <= set(CSV_FIELDS)
    assert all(heading == heading.lower() for heading in HEADINGS)


def test_the_reader_needs_no_heavy_package():
    code = "import sys, tasks.reading.reading_csv; print({'pandas', 'numpy'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("csv")


@given(st.binary(max_size=300))
def test_no_bytes_escape_a_refusal(folder, content):
    for file in (content, HEADER.encode() + b"\n" + content):
        try:
            read(folder, file)
        except RefusedError as refusal:
            assert all(seen_text(refusal.seen, refusal.facts, locale) for locale in LOCALES)


@given(st.text(max_size=100))
def test_no_text_escapes_a_refusal(folder, text):
    for file in (text, f"{HEADER}\n{text}", f"unit,period,indicator,{text}\n"):
        try:
            read(folder, file.encode(errors="replace"))
        except RefusedError as refusal:
            assert all(seen_text(refusal.seen, refusal.facts, locale) for locale in LOCALES)

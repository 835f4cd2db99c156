"""Archives: what is looked at before anything is unpacked, and a .zip that is opened by one level."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from collecting import HEAD, NOW, codes, collected, drop, figures, quarter, rows_of

from tasks.office.workspace import Workspace
from tasks.reading.archive_scan import entries_of, stored, unpacked
from tasks.reading.limits import Limits
from tasks.reading.raw_texts import RefusedError
from tasks.receiving import let_go
from warehouse.schema import finding, outbox, receipt

LIMITS = Limits(unpacked_bytes=40 * 2**20, part_bytes=30 * 2**20, entries=20).for_child()


def packed(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as writer:
        for name, content in entries:
            writer.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return archive.getvalue()


def with_size(content: bytes, size: int) -> bytes:
    """An archive of one entry whose directory claims another size."""
    at = content.index(b"PK\x01\x02") + 24
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


GOOD = packed(("a.csv", b"one"))


@pytest.mark.parametrize(
    ("content", "code", "seen"),
    [
        pytest.param(packed(("../a.csv", b"1")), "hostile", "entry_name", id="out of its folder"),
        pytest.param(packed(("/etc/passwd", b"1")), "hostile", "entry_name", id="an absolute name"),
        pytest.param(packed(("C:\\a", b"1")), "hostile", "entry_name", id="a drive"),
        pytest.param(packed(("x\\..\\a", b"1")), "hostile", "entry_name", id="backslashes"),
        pytest.param(packed(("a.csv", b"1"), ("A.CSV", b"2")), "hostile", "entry_twice", id="two of one name"),
        pytest.param(packed(("a", bytes(6 * 2**20))), "hostile", "entry_ratio", id="a bomb"),
        pytest.param(
            packed(("a", bytes(31 * 2**20)), method=zipfile.ZIP_STORED), "too_large", "unpacked_size", id="one part"
        ),
        pytest.param(
            packed(*((f"{n}", bytes(21 * 2**20)) for n in range(2)), method=zipfile.ZIP_STORED),
            "too_large", "unpacked_size", id="all parts",
        ),
        pytest.param(packed(*((f"{n}", b"") for n in range(21))), "too_large", "entry_count", id="too many"),
        pytest.param(GOOD[:-10], "unreadable", "broken_archive", id="its end is missing"),
        pytest.param(b"PK\x03\x04", "unreadable", "broken_archive", id="nothing but the beginning"),
    ],
)  # fmt: skip
def test_what_an_archive_says_of_itself(content: bytes, code: str, seen: str) -> None:
    with pytest.raises(RefusedError) as refused:
        entries_of(content, LIMITS)
    assert (refused.value.code, refused.value.seen) == (code, seen)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(with_size(GOOD, 2), "hostile", id="longer than it says"),
        pytest.param(with_size(GOOD, 4), "hostile", id="shorter than it says"),
        pytest.param(GOOD.replace(struct.pack("<I", 3) * 2, struct.pack("<I", 3) * 2), "", id="as it says"),
        pytest.param(packed(("a.csv", b"one"), method=zipfile.ZIP_BZIP2), "unreadable", id="another method"),
    ],
)
def test_an_entry_is_what_its_directory_says(content: bytes, code: str) -> None:
    (entry,) = entries_of(content, LIMITS).values()
    if not code:
        assert unpacked(content, entry) == b"one"
        return
    with pytest.raises(RefusedError) as refused:
        unpacked(content, entry)
    assert refused.value.code == code


def test_a_bit_of_an_entry_turned_is_noticed() -> None:
    content = packed(("a.csv", b"figures " * 100), method=zipfile.ZIP_STORED)
    at = content.index(b"figures")
    turned = content[:at] + b"F" + content[at + 1 :]
    (entry,) = entries_of(turned, LIMITS).values()
    with pytest.raises(RefusedError):
        unpacked(turned, entry)


def test_what_is_handed_on_is_what_was_looked_at() -> None:
    parts = {"xl/workbook.xml": b"<workbook/>", "xl/styles.xml": b""}
    with zipfile.ZipFile(io.BytesIO(stored(parts))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == parts


CSV, SCAN = ("quy4.csv", quarter().encode()), ("ký.pdf", b"%PDF-1.4 signed")


@pytest.mark.parametrize(
    ("entries", "verdicts", "found"),
    [
        pytest.param([CSV, SCAN], {"quy4.csv": "accepted", "ký.pdf": "attached"}, [], id="a return and its scan"),
        pytest.param([("Quý 4/quy4.csv", CSV[1])], {"quy4.csv": "accepted"}, [], id="in a folder"),
        pytest.param(
            [CSV, ("__MACOSX/._quy4.csv", b"x"), (".DS_Store", b"x"), ("Thumbs.db", b"x")],
            {"quy4.csv": "accepted"}, [], id="what programs leave is passed over",
        ),
        pytest.param(
            [("trong.zip", packed(CSV))], {"trong.zip": "rejected"}, ["unknown_format"], id="an archive within"
        ),
        pytest.param([], {"bo.zip": "rejected"}, ["unknown_format"], id="an empty archive"),
        pytest.param([("../a.csv", CSV[1])], {"bo.zip": "rejected"}, ["hostile"], id="a name that leads outside"),
        pytest.param(
            [(f"{n}.csv", b"x") for n in range(101)], {"bo.zip": "rejected"}, ["too_large"], id="too many files"
        ),
    ],
)  # fmt: skip
def test_a_zip_is_opened_by_one_level(
    office: Workspace, entries: list[tuple[str, bytes]], verdicts: dict[str, str], found: list[str]
) -> None:
    before = {path for path in office.root.parent.rglob("*") if office.root not in path.parents}
    file = drop(office, "080", "bo.zip", packed(*entries))
    table = collected(office)
    assert dict(zip(table.index, table.verdict, strict=True)) == verdicts
    assert codes(office) == found
    assert not file.exists()
    assert len(rows_of(office, outbox)) == len(verdicts), "each is answered"
    assert {path for path in office.root.parent.rglob("*") if office.root not in path.parents} == before
    assert not list((office.root / "archive").glob("unpacked-*"))


def test_an_archive_recorded_in_part_is_finished_by_the_next_run(office: Workspace) -> None:
    from tasks.intake import (
        answer_senders,
        load_returns,
        read_files,
        receive_files,
        validate_returns,
    )

    file = drop(office, "080", "bo.zip", packed(CSV, SCAN))
    received = receive_files(office, NOW)
    assert received.path.tolist() == ["inbox/080/bo.zip/ký.pdf", "inbox/080/bo.zip/quy4.csv"]
    first = received.iloc[:1]
    validated = validate_returns(office, first, read_files(office, first))
    load_returns(office, validated, answer_senders(office, validated, NOW))
    assert file.exists()
    assert collected(office).index.tolist() == ["quy4.csv"]
    assert not file.exists()
    assert len(rows_of(office, receipt)) == 2
    drop(office, "080", "bo.zip", packed(CSV, SCAN))
    again = receive_files(office, NOW)
    let_go(again)
    assert len(again) == 2, "sent again it is another one"


def test_a_workbook_by_the_name_of_an_archive_is_a_workbook(office: Workspace, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Báo cáo quý IV/2013"])  # type: ignore[union-attr]
    book.active.append(["Chỉ tiêu", "Thực hiện"])  # type: ignore[union-attr]
    book.active.append(["Diện tích chè", 5])  # type: ignore[union-attr]
    book.save(tmp_path / "a.xlsx")
    drop(office, "080", "bo.zip", (tmp_path / "a.xlsx").read_bytes())
    assert collected(office).verdict.tolist() == ["returned"]
    assert figures(office) == {"CHE": 5}


def test_rows_that_repeat_what_is_wrong_already_are_only_counted(office: Workspace) -> None:
    rows = [f"080,2013-Q4,CHE,{n}" for n in range(500)] + [f"080,2013-Q4,X{n},1" for n in range(900)]
    drop(office, "080", "nhieu.csv", "unit,period,indicator,value\n" + "\n".join(rows))
    assert collected(office).verdict.tolist() == ["returned"]
    found = rows_of(office, finding)
    assert found.code.value_counts().to_dict() == {
        "unknown_indicator": 200,
        "duplicate_indicator": 3,
        "missing_value": 2,
        "more_rows": 1,
    }
    (more,) = found.message[found.code == "more_rows"]
    assert more == "còn 1197 dòng khác sai như vậy, không liệt kê."


@pytest.mark.parametrize(("note", "severity"), [("", "warning"), ("đã rà soát: đúng", "info")])
def test_a_word_in_the_note_answers_a_doubt(office: Workspace, note: str, severity: str) -> None:
    from intake_samples import instant

    drop(office, "080", "quy3.csv", quarter(100, period="2013-Q3"))
    collected(office, instant("2013-10-08 08:00"))
    jump = f"{HEAD}080,2013-Q4,CHE,900,,,,,{note}\n" + "\n".join(quarter(viec=8).splitlines()[2:])
    drop(office, "080", "quy4.csv", jump)
    told = {"warning": ("accepted_with_warnings", 1), "info": ("accepted", 0)}[severity]
    assert tuple(collected(office).loc["quy4.csv", ["verdict", "warnings"]]) == told
    assert rows_of(office, finding)[["code", "severity"]].to_numpy().tolist() == [["large_change", severity]]

"""Corrections by the office as data: checked whole, made into new versions, told, and not undone in silence."""

import json
from pathlib import Path

import pandas as pd
import pytest
from collecting import HEAD, NOW, SETTINGS, collected, drop, figures, line, quarter, rows_of, with_plan
from intake_samples import TABLES, instant

from tasks.approving import Word, say, submission_table
from tasks.comparing import differences
from tasks.correcting import correct_returns
from tasks.correction_batch import Deed
from tasks.office.workspace import Workspace
from tasks.reading_figures import attainment_table
from tiendo.corrections import CorrectionError, repeated_corrections
from tiendo.errors import InputError
from tiendo.periods import Period
from warehouse.audit_log import read_entries
from warehouse.audit_matching import mismatches
from warehouse.connecting import reading
from warehouse.intake_store import current_values
from warehouse.schema import audit, correction, finding, outbox, receipt, submission

Q4 = Period.parse("2013-Q4")
LATER = instant("2014-01-09 10:00")
COLUMNS = "unit,period,indicator,field,was,now,reason\n"
CHE = "080,2013-Q4,CHE,value,100,912.5,đọc nhầm"


@pytest.fixture
def office(warehouse_url: str, tmp_path: Path) -> Workspace:
    """An office with the fourth quarter of 080 in its warehouse; the test runs once for each kind of database."""
    return received(tmp_path, f'{SETTINGS}[warehouse]\nurl = "{warehouse_url}"\n')


def received(folder: Path, settings: str = SETTINGS) -> Workspace:
    office = with_plan(folder / "office", settings, TABLES)
    drop(office, "080", "a.csv", quarter())
    collected(office)
    return office


def corrected(
    office: Workspace, text: str, at: pd.Timestamp | None = None, head: str = COLUMNS
) -> pd.DataFrame:
    """A file of corrections applied; what was corrected."""
    path = office.root / "sua.csv"
    path.write_text(head + text, encoding="utf-8")
    return correct_returns(office, path, Deed("vp", at or LATER, "biên bản đối chiếu")).rows


def said(office: Workspace) -> pd.DataFrame:
    return current_values(office.engine, ["080"], ["2013-Q4"]).set_index("indicator")


def test_a_correction_is_a_new_version_that_carries_the_rest(office: Workspace) -> None:
    done = corrected(office, CHE)
    assert done.to_numpy().tolist() == [["080", "2013-Q4", "CHE", "value", "100", "912.5", "đọc nhầm", 2]]
    values = said(office)
    assert values.number.to_dict() == {"CHE": 912.5, "VIEC": 7, "NUOC": 90, "NGHEO": 30}
    assert values.carried_from.fillna(0).to_dict() == {"CHE": 0, "VIEC": 1, "NUOC": 1, "NGHEO": 1}
    last = rows_of(office, submission).iloc[-1]
    assert (last.version, last.origin, last.verdict, last.supersedes) == (2, "correction", "accepted", 1)
    came = rows_of(office, receipt).iloc[-1]
    assert (came.source, came.path) == ("correction", "sua.csv")
    assert (office.root / "archive" / came.sha256[:2] / f"{came.sha256}.csv").read_text() == COLUMNS + CHE
    row = rows_of(office, correction).iloc[0]
    assert (row.submission, row.indicator, row.was, row.now, row.reason, row.recorded_by) == (
        last.id, "CHE", "100", "912.5", "đọc nhầm", "vp",
    )  # fmt: skip


def test_sums_are_made_again_from_what_was_corrected(office: Workspace) -> None:
    year = Period.parse("2013")
    assert attainment_table(office, year, ["term"]).set_index("code").actual["VIEC"] == 7
    corrected(office, "080,2013-Q4,VIEC,value,7,9,")
    assert attainment_table(office, year, ["term"]).set_index("code").actual["VIEC"] == 9
    known_before = attainment_table(office, year, ["term"], as_of=NOW).set_index("code").actual
    assert known_before["VIEC"] == 7


def test_every_correction_is_audited_and_told(office: Workspace) -> None:
    corrected(office, CHE + "\n080,2013-Q4,VIEC,value,7,9,")
    entries = rows_of(office, audit).set_index("action")
    told = entries.loc["correct figure"]
    assert told.subject.tolist() == ["080 2013-Q4 CHE value", "080 2013-Q4 VIEC value"]
    assert told[["before", "after", "reason"]].to_numpy().tolist() == [
        ["100", "912.5", "đọc nhầm"], ["7", "9", "biên bản đối chiếu"],
    ]  # fmt: skip
    assert json.loads(entries.after["correct"])["version"] == 2
    with reading(office.engine) as connection:
        assert mismatches(connection, read_entries(connection)).empty
    letter = rows_of(office, outbox).iloc[-1]
    assert (letter.kind, letter.recipient) == ("corrected", "080")
    assert "Diện tích chè, số liệu: 100 → 912,5. Lý do: đọc nhầm" in letter.body_text


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            "NUOC,numerator,45,40,", {"NUOC": (80, 40, 50, "value", "final")}, id="a part of a ratio"
        ),
        pytest.param(
            "CHE,state,value,not_started,", {"CHE": (None, None, None, "not_started", "final")}, id="a state"
        ),
        pytest.param(
            "CHE,state,Có số liệu,không phát sinh,",
            {"CHE": (None, None, None, "none_occurred", "final")},
            id="a state in words",
        ),
        pytest.param(
            "VIEC,status,final,estimate,", {"VIEC": (7, None, None, "value", "estimate")}, id="a status"
        ),
        pytest.param("NGHEO,value,30,,", {"NGHEO": None}, id="an optional figure is withdrawn"),
        pytest.param(
            "VIEC,,7,0,", {"VIEC": (0, None, None, "value", "final")}, id="a zero, the field left out"
        ),
    ],
)
def test_any_field_can_be_corrected(
    tmp_path: Path, rows: str, expected: dict[str, tuple[object, ...] | None]
) -> None:
    office = received(tmp_path)
    corrected(office, f"080,2013-Q4,{rows}")
    values = said(office)
    for code, wanted in expected.items():
        names = ["number", "numerator", "denominator", "state", "status"]
        found = (
            tuple(None if pd.isna(x) else x for x in values.loc[code, names])
            if code in values.index
            else None
        )
        assert found == wanted


def test_a_missing_figure_is_filled_in(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS, TABLES)
    drop(office, "080", "a.csv", HEAD + "080,2013-Q4,CHE,,,,chưa triển khai,,\n080,2013-Q4,VIEC,7,,,,,")
    collected(office)
    corrected(
        office, "080,2013-Q4,CHE,value,,5,\n080,2013-Q4,NUOC,numerator,,4,\n080,2013-Q4,NUOC,denominator,,5,"
    )
    assert figures(office) == {"CHE": 5, "VIEC": 7, "NUOC": 80}
    assert said(office).state.to_dict() == dict.fromkeys(["CHE", "VIEC", "NUOC"], "value")
    assert rows_of(office, submission).verdict.tolist() == ["returned", "returned"]


WRONG = [
    pytest.param("08,2013-Q4,CHE,value,100,5,", "dòng 2, cột unit: không có '08'", id="unknown unit"),
    pytest.param("080,2013-9M,CHE,value,100,5,", "cột period: '2013-9M' không phải kỳ báo cáo", id="not a period"),
    pytest.param("080,2013-Q4,CHÈ,value,100,5,", "cột indicator: không có 'CHÈ'", id="unknown indicator"),
    pytest.param("080,2013-Q4,CHE,figure,100,5,", "cột field: không có 'figure'", id="unknown field"),
    pytest.param("080,2013-Q4,NUOC,value,90,80,", "cột field: chỉ tiêu là tỷ lệ; sửa numerator", id="value of a ratio"),
    pytest.param("080,2013-Q4,CHE,numerator,,5,", "cột field: chỉ tiêu không có tử số", id="numerator of none"),
    pytest.param("080,2013-Q4,CHE,value,101,5,", "cột was: không còn là 101 (bản 1 ghi 100)", id="not so any more"),
    pytest.param("080,2013-Q4,CHE,value,,5,", "không còn là (trống)", id="said to be empty"),
    pytest.param("080,2013-Q4,CHE,value,99,100,", "đã được sửa như vậy; bỏ dòng này", id="so already"),
    pytest.param("080,2013-Q4,CHE,value,100,100.0,", "cột now: giống cột was", id="no change"),
    pytest.param("080,2013-Q4,CHE,value,100,\"1.234,5\",", "'1.234,5' không phải số", id="decimal comma"),
    pytest.param("080,2013-Q4,CHE,value,100,nhiều,", "'nhiều' không phải số", id="no number"),
    pytest.param("080,2013-Q4,CHE,status,final,chốt,", "cột now: 'chốt' không có trong danh sách", id="no status"),
    pytest.param("080,2013-Q3,CHE,value,100,5,", "080 chưa có báo cáo kỳ 2013-Q3", id="nothing was sent"),
    pytest.param("080,2013-Q4,VON,value,,5,", "không báo cáo chỉ tiêu này cho kỳ 2013-Q4", id="another period's"),
    pytest.param("080,2013-Q4,NUOC,denominator,50,0,", "NUOC: mẫu số bằng 0", id="a check of returns"),
    pytest.param("080,2013-Q4,CHE,value,100,,", "CHE: thiếu số liệu", id="a required figure withdrawn"),
    pytest.param(f"{CHE}\n{CHE}", "dòng 3: trùng với một dòng trên", id="twice"),
    pytest.param(f"{CHE},x", "dòng 2: nhiều ô hơn số cột", id="a cell too many"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "words"), WRONG)
def test_what_fits_nothing_is_refused_with_place_and_remedy(tmp_path: Path, rows: str, words: str) -> None:
    office = received(tmp_path)
    with pytest.raises(CorrectionError) as refused:
        corrected(office, rows)
    assert words in str(refused.value)
    assert (refused.value.problems.remedy != "").all()
    assert len(rows_of(office, submission)) == 1


def test_one_wrong_row_keeps_the_whole_file_and_all_wrong_rows_are_told(tmp_path: Path) -> None:
    office = received(tmp_path)
    with pytest.raises(CorrectionError) as refused:
        corrected(office, f"{CHE}\n080,2013-Q4,VIEC,value,8,9,\n081,2013-Q4,CHE,value,1,2,")
    assert refused.value.problems.row.tolist() == [3, 4]
    assert rows_of(office, correction).empty


@pytest.mark.parametrize(
    ("head", "text", "words"),
    [
        pytest.param(
            "unit,period,indicator,now\n",
            "080,2013-Q4,CHE,5",
            "cột was: thiếu cột này",
            id="a column missing",
        ),
        pytest.param(
            "unit,period,indicator,was,now,lý do\n", "", "cột lý do: không có cột này", id="an unknown column"
        ),
        pytest.param(COLUMNS, "", "không có dòng đính chính nào", id="nothing in it"),
        pytest.param("", "", "thiếu cột", id="an empty file"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, head: str, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        corrected(received(tmp_path), text, head=head)


def test_a_correction_needs_a_reason() -> None:
    with pytest.raises(InputError, match="--reason"):
        Deed("vp", NOW, " ")


def test_a_file_applied_twice_changes_nothing(tmp_path: Path) -> None:
    office = received(tmp_path)
    corrected(office, CHE)
    with pytest.raises(CorrectionError, match="đã được sửa như vậy"):
        corrected(office, CHE, instant("2014-01-09 11:00"))
    assert len(rows_of(office, submission)) == 2


def test_parts_and_their_sum_are_corrected_together(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS, TABLES)
    money = [("VON", 100), ("VON-NS", 60), ("VON-DN", 40)]
    drop(office, "080", "a.csv", HEAD + "\n".join(f"080,2013,{code},{figure},,,,," for code, figure in money))
    collected(office)
    with pytest.raises(CorrectionError, match="VON: các phần"):
        corrected(office, "080,2013,VON-NS,value,60,70,")
    corrected(office, "080,2013,VON-NS,value,60,70,\n080,2013,VON,value,100,110,")
    assert figures(office, period="2013") == {"VON": 110, "VON-NS": 70, "VON-DN": 40}


def test_what_was_said_of_the_version_before_is_said_of_the_corrected_one(tmp_path: Path) -> None:
    office = received(tmp_path, SETTINGS + "[review]\napproval = true\n")
    say(office, Q4, ["080"], Word("accepted", "đã đối chiếu", NOW, "vp"))
    corrected(office, CHE)
    assert submission_table(office, Q4, ["080"])[["version", "stage", "reason"]].to_numpy().tolist() == [
        [1, "accepted", "đã đối chiếu"], [2, "accepted", "đã đối chiếu"],
    ]  # fmt: skip


def test_the_office_may_correct_a_locked_period(tmp_path: Path) -> None:
    office = received(tmp_path)
    corrected(office, CHE, instant("2017-06-01 09:00"))
    assert figures(office)["CHE"] == 912.5


# --- a return after a correction --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("che", "note", "verdict", "severity"),
    [
        pytest.param(
            "100", "", "accepted_with_warnings", ["warning"], id="the old figure again is asked about"
        ),
        pytest.param("100", "sổ gốc ghi 100", "accepted", ["info"], id="a word in the note answers"),
        pytest.param("912.5", "", "accepted", [], id="the corrected figure"),
        pytest.param("120", "", "accepted", [], id="a figure of its own"),
    ],
)
def test_a_correction_is_not_undone_in_silence(
    tmp_path: Path, che: str, note: str, verdict: str, severity: list[str]
) -> None:
    office = received(tmp_path)
    corrected(office, CHE)
    text = quarter(che=che, viec=8).replace(f"CHE,{che},,,,,", f"CHE,{che},,,,,{note}")
    drop(office, "080", "again.csv", text)
    assert line(collected(office, LATER), "again.csv")[2:4] == (3, verdict)
    found = rows_of(office, finding)
    found = found[found.code == "undoes_correction"]
    assert found.severity.tolist() == severity
    assert all("nay là 912,5; lý do: đọc nhầm" in message for message in found.message)
    assert figures(office)["CHE"] == float(che)


def test_the_very_file_of_before_does_not_come_back(tmp_path: Path) -> None:
    office = received(tmp_path)
    corrected(office, CHE)
    drop(office, "080", "a.csv", quarter())
    assert line(collected(office, LATER), "a.csv")[3] == "rejected"
    assert figures(office)["CHE"] == 912.5


def test_the_last_correction_of_a_field_counts() -> None:
    made = pd.DataFrame([("value", "1", "2"), ("value", "2", "3")], columns=["field", "was", "now"]).assign(
        unit="080", period="2013-Q4", indicator="CHE", reason=""
    )
    rows = pd.DataFrame({"unit": "080", "period": "2013-Q4", "indicator": "CHE", "number": [1.0, 2.0, 3.0]})
    rows = rows.assign(numerator=float("nan"), denominator=float("nan"), state="value", status="final")
    again = repeated_corrections(rows.assign(entry=rows.index), made, "vi")
    assert again[["number", "corrected"]].to_numpy().tolist() == [[2.0, "3"]]


# --- differences between versions -------------------------------------------------------------------------


def test_versions_are_told_apart_figure_by_figure_with_the_reason(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS, TABLES)
    drop(
        office,
        "080",
        "a.csv",
        HEAD + "080,2013-Q4,CHE,100,,,,estimate,\n080,2013-Q4,NUOC,,45,50,,,\n080,2013-Q4,VIEC,7,,,,,",
    )
    collected(office)
    drop(
        office,
        "080",
        "b.csv",
        HEAD
        + "080,2013-Q4,CHE,90,,,,preliminary,rà soát lại\n080,2013-Q4,NUOC,,45,50,,,\n080,2013-Q4,VIEC,7,,,,preliminary,",
    )
    collected(office, LATER)
    corrected(office, "080,2013-Q4,NUOC,numerator,45,40,\n080,2013-Q4,CHE,status,preliminary,final,chốt sổ")

    def told(old: int | None, new: int | None) -> list[list[object]]:
        found = differences(office, Q4, "080", old, new)
        return (
            found.drop(columns="name")
            .astype(object)
            .where(found.drop(columns="name").notna(), None)
            .to_numpy()
            .tolist()
        )

    assert told(1, 2) == [
        ["CHE", "value", 100, 90, -10, "estimate", "preliminary", "rà soát lại"],
        ["VIEC", "status", "final", "preliminary", None, "final", "preliminary", ""],
    ]
    assert told(None, None) == [
        ["CHE", "status", "preliminary", "final", None, "preliminary", "final", "chốt sổ"],
        ["NUOC", "value", 90, 80, -10, "final", "final", "biên bản đối chiếu"],
        ["NUOC", "numerator", 45, 40, -5, "final", "final", "biên bản đối chiếu"],
    ]
    assert told(1, 3)[0][:4] == ["CHE", "value", 100, 90]
    assert told(0, 1)[0] == ["CHE", "value", None, 100, None, "", "estimate", ""]


@pytest.mark.parametrize(
    ("unit", "period", "old", "new", "words"),
    [
        pytest.param("80", Q4, None, None, "có phải là '080'", id="unknown unit"),
        pytest.param(
            "080", Period.parse("2013-Q3"), None, None, "chưa có báo cáo kỳ 2013-Q3", id="no return"
        ),
        pytest.param(
            "080", Q4, 1, 5, "--to 5: báo cáo 080 2013-Q4 không có bản này; các bản: 1", id="no such version"
        ),
    ],
)
def test_versions_that_are_not_there_cannot_be_compared(
    tmp_path: Path, unit: str, period: Period, old: int | None, new: int | None, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        differences(received(tmp_path), period, unit, old, new)

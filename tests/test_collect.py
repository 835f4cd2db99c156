"""Collecting end to end: files in the inbox, verdicts, versions, answers; killed, run twice, run at once."""

import json
import multiprocessing
import os
import shutil
import signal
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from collecting import HEAD, NOW, SETTINGS, codes, collected, drop, figures, line, quarter, rows_of, with_plan
from intake_samples import instant
from python_calamine import load_workbook

from expectations.gx_run import great_expectations
from flows.collect import collect
from tasks.example.filling import fill_template
from tasks.intake import (
    answer_senders,
    empty_inbox,
    intake_batch,
    load_returns,
    read_files,
    receive_files,
    validate_returns,
)
from tasks.office.workspace import Workspace
from tasks.submitting import Backdating, submit_files
from tasks.templates import issue_templates
from tiendo.periods import Period
from warehouse.bulk import read_frame
from warehouse.connecting import reading
from warehouse.intake_store import IntakeBatch, commit_intake, current_values
from warehouse.schema import audit, backdating, finding, outbox, receipt, submission, value


def test_a_good_return_is_accepted_loaded_and_out_of_the_inbox(office: Workspace) -> None:
    file = drop(office, "080", "quy4.csv", quarter())
    table = collected(office)
    assert list(table.columns) == ["file", "unit", "period", "version", "verdict", "errors", "warnings"]
    assert table.file.tolist() == ["inbox/080/quy4.csv"]
    assert line(table, "quy4.csv") == ("080", "2013-Q4", 1, "accepted", 0, 0)
    assert figures(office) == {"CHE": 100, "VIEC": 7, "NUOC": 90, "NGHEO": 30}
    assert not file.exists()
    archived = list((office.root / "archive").rglob("*.csv"))
    received = rows_of(office, receipt)
    assert [path.stem for path in archived] == received.sha256.tolist()
    assert archived[0].parent.name == received.sha256[0][:2]
    assert archived[0].read_text() == quarter()


def test_nothing_waiting_is_nothing_to_do(office: Workspace) -> None:
    assert collected(office).empty
    drop(office, "080", ".quy4.csv.part", "half a file")
    drop(office, "080", "~$Mau.xlsx", "an open workbook's lock")
    assert collected(office).empty


def test_only_files_are_taken_and_links_are_not_followed(office: Workspace, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(quarter())
    folder = drop(office, "080", ".keep", "").parent
    (folder / "link.csv").symlink_to(secret)
    os.mkfifo(folder / "pipe.csv")
    (folder / "folder.csv").mkdir()
    assert receive_files(office, NOW).empty
    drop(office, "080", "folder.csv/quy4.csv", quarter())
    assert receive_files(office, NOW)[["sender", "path"]].to_numpy().tolist() == [
        ["080", "inbox/080/folder.csv/quy4.csv"]
    ]


def test_files_are_taken_in_the_order_in_which_they_count_as_received(office: Workspace) -> None:
    for name in ("b.csv", "a.csv", "c.csv"):
        drop(office, "080", name, name)
    assert receive_files(office, NOW).path.str[-5:].tolist() == ["a.csv", "b.csv", "c.csv"]
    later = datetime.now(UTC) + timedelta(days=1)
    assert receive_files(office, later).path.str[-5:].tolist() == ["b.csv", "a.csv", "c.csv"]


def test_good_cells_load_beside_wrong_ones_and_the_marked_findings_go_back(office: Workspace) -> None:
    drop(office, "080", "quy4.csv", quarter(che="875 ha"))
    assert line(collected(office), "quy4.csv") == ("080", "2013-Q4", 1, "returned", 1, 0)
    assert figures(office) == {"VIEC": 7, "NUOC": 90, "NGHEO": 30}
    found = rows_of(office, finding).iloc[0]
    assert (found.code, found.cell, found.indicator, found.found) == ("not_a_number", "D2", "CHE", "875 ha")
    message = rows_of(office, outbox).iloc[0]
    (attached,) = json.loads(message.attachments)
    assert attached.startswith("returns/2013-Q4/CanSua_080_2013-Q4_")
    assert "875 ha" in (office.root / attached).read_text()
    assert "3/4" in message.body_text


def test_a_template_filled_goes_there_and_back(office: Workspace, tmp_path: Path) -> None:
    (template,) = issue_templates(office, Period.parse("2013-Q4"), ["080"], tmp_path / "out", NOW)
    good = [("2013-Q4", "CHE", 100), ("2013-Q4", "VIEC", "trên 60"), ("2013-H2", "XNK", 5)]
    good += [("2013", "VON", 100), ("2013", "VON-NS", 60), ("2013", "VON-DN", 40)]
    entries = pd.DataFrame(good, columns=["period", "indicator", "value"]).astype(str)
    ratio = pd.DataFrame([{"period": "2013-Q4", "indicator": "NUOC", "numerator": "45", "denominator": "50"}])
    filled = tmp_path / "Mau.xlsx"
    fill_template(template, pd.concat([entries, ratio]).fillna(""), filled)
    drop(office, "080", "Mau.xlsx", filled.read_bytes())
    assert line(collected(office), "Mau.xlsx") == ("080", "2013-Q4;2013-H2;2013", 1, "accepted", 0, 0)
    assert figures(office) == {"CHE": 100, "VIEC": 60, "NUOC": 90}
    assert figures(office, period="2013") == {"VON": 100, "VON-NS": 60, "VON-DN": 40}
    said = current_values(office.engine, ["080"], ["2013-Q4"]).set_index("indicator")
    assert said.qualifier["VIEC"] == ">="


def test_a_template_with_wrong_cells_comes_back_as_the_same_workbook(
    office: Workspace, tmp_path: Path
) -> None:
    (template,) = issue_templates(office, Period.parse("2013-Q4"), ["080"], tmp_path / "out", NOW)
    filled = tmp_path / "Mau.xlsx"
    entries = pd.DataFrame([{"period": "2013-Q4", "indicator": "CHE", "value": "875 ha"}])
    fill_template(template, entries, filled)
    drop(office, "080", "Mau.xlsx", filled.read_bytes())
    unit, period, version, verdict, errors, _ = line(collected(office), "Mau.xlsx")
    assert (unit, period, version, verdict) == ("080", "2013-Q4;2013-H2;2013", 1, "returned")
    found = rows_of(office, finding)
    assert errors == len(found) == 7  # one wrong, six missing; the optional NGHEO is not
    assert set(found.sheet) == {"Nhập số liệu"}
    assert found.cell.str.fullmatch(r"[A-Z]+\d+").all()
    (corrected,) = (office.root / "returns" / "2013-Q4").glob("*.xlsx")
    # It can be mended and sent again as it is.
    mended = [("2013-Q4", "CHE", "875"), ("2013-Q4", "VIEC", "7"), ("2013-H2", "XNK", "5")]
    mended += [("2013", "VON", "100"), ("2013", "VON-NS", "60"), ("2013", "VON-DN", "40")]
    again = pd.DataFrame(mended, columns=["period", "indicator", "value"])
    ratio = pd.DataFrame([{"period": "2013-Q4", "indicator": "NUOC", "numerator": "45", "denominator": "50"}])
    fill_template(corrected, pd.concat([again, ratio]).fillna(""), filled)
    drop(office, "080", "Mau.xlsx", filled.read_bytes())
    assert line(collected(office), "Mau.xlsx")[2:4] == (2, "accepted")


def test_what_is_wrong_beside_a_figure_does_not_keep_the_figure_out(office: Workspace) -> None:
    head = HEAD.replace("note", "year_estimate,outlook")
    rows = ["CHE,100,,,,,abc,", "VIEC,7,,,,,,maybe", "NUOC,,45,50,,,,", "NGHEO,30,,,,,,"]
    drop(office, "080", "quy4.csv", head + "\n".join(f"080,2013-Q4,{row}" for row in rows))
    assert line(collected(office), "quy4.csv") == ("080", "2013-Q4", 1, "returned", 2, 0)
    assert codes(office) == ["bad_outlook", "not_a_number"]
    assert figures(office) == {"CHE": 100, "VIEC": 7, "NUOC": 90, "NGHEO": 30}
    kept = current_values(office.engine, ["080"], ["2013-Q4"]).set_index("indicator")
    assert kept.year_estimate.isna().all()
    assert set(kept.outlook) == {""}


def test_a_new_version_keeps_what_the_version_before_said_where_it_is_wrong(office: Workspace) -> None:
    drop(office, "080", "lan1.csv", quarter(che=100, viec=7))
    collected(office)
    drop(office, "080", "lan2.csv", quarter(che="nhiều", viec=8))
    assert line(collected(office), "lan2.csv") == ("080", "2013-Q4", 2, "returned", 1, 0)
    values = current_values(office.engine, ["080"], ["2013-Q4"]).set_index("indicator")
    assert values.number.to_dict() == {"CHE": 100, "VIEC": 8, "NUOC": 90, "NGHEO": 30}
    assert values.carried_from.fillna(0).to_dict() == {"CHE": 1, "VIEC": 0, "NUOC": 0, "NGHEO": 0}
    assert "số liệu lần 1 vẫn được giữ" in rows_of(office, outbox).body_text.iloc[-1]
    drop(office, "080", "lan3.csv", quarter(che="", viec=9))
    collected(office)
    values = current_values(office.engine, ["080"], ["2013-Q4"]).set_index("indicator")
    assert (values.number["CHE"], values.carried_from["CHE"]) == (100, 1)
    assert len(rows_of(office, submission)) == 3, "no version is ever overwritten"


def test_where_signatures_are_asked_only_our_own_templates_are_taken(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS + '[intake]\ntrust = "folder+signature"\n')
    (template,) = issue_templates(office, Period.parse("2013-H2"), ["082"], tmp_path / "out", NOW)
    filled = tmp_path / "Mau.xlsx"
    fill_template(template, pd.DataFrame([{"period": "2013-H2", "indicator": "XNK", "value": "5"}]), filled)
    drop(office, "082", "Mau.xlsx", filled.read_bytes())
    drop(office, "082", "quy4.csv", quarter(unit="082"))
    other = with_plan(tmp_path / "other")
    (forged,) = issue_templates(other, Period.parse("2013-H2"), ["082"], tmp_path / "out2", NOW)
    drop(office, "082", "forged.xlsx", forged.read_bytes())
    table = collected(office)
    assert line(table, "Mau.xlsx") == ("082", "2013-H2;2013", 1, "returned", 3, 0)
    assert table.verdict[["quy4.csv", "forged.xlsx"]].tolist() == ["rejected", "rejected"]
    assert codes(office).count("bad_signature") == 2


def test_what_changed_is_told_to_the_sender(office: Workspace) -> None:
    drop(office, "080", "lan1.csv", quarter(che=875))
    collected(office)
    drop(office, "080", "lan2.csv", quarter(che=912))
    collected(office)
    assert "– CHE Diện tích chè: 875 → 912" in rows_of(office, outbox).body_text.iloc[-1]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        pytest.param({"che": ""}, {"che": 87}, "CHE Diện tích chè: – → 87", id="missing before"),
        pytest.param(
            {"che": "trên 60"}, {"che": "trên 6"}, "CHE Diện tích chè: ≥ 60 → ≥ 6", id="approximate"
        ),
        pytest.param({"che": "~60"}, {"che": 60}, "CHE Diện tích chè: ≈ 60 → 60", id="exact at last"),
        pytest.param({"che": "chưa triển khai"}, {"che": 6}, "chè: Chưa triển khai → 6", id="a state before"),
    ],
)
def test_a_change_is_told_as_it_was_said(
    office: Workspace, first: dict[str, object], second: dict[str, object], told: str
) -> None:
    drop(office, "080", "lan1.csv", quarter(**first))
    collected(office)
    drop(office, "080", "lan2.csv", quarter(**second))
    collected(office)
    text = rows_of(office, outbox).body_text.iloc[-1]
    assert f"Khác lần nộp trước:\n– {told.partition('chè: ')[0]}" in text
    assert told in text


def test_what_a_new_version_leaves_out_is_told(office: Workspace) -> None:
    drop(office, "080", "lan1.csv", quarter())
    collected(office)
    drop(office, "080", "lan2.csv", quarter().replace("080,2013-Q4,NGHEO,30,,,,,", ""))
    collected(office)
    assert "– NGHEO Tỷ lệ hộ nghèo: 30 → –" in rows_of(office, outbox).body_text.iloc[-1]


def test_without_partial_a_return_with_a_wrong_cell_loads_nothing(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS + "[intake]\npartial = false\n")
    drop(office, "080", "lan1.csv", quarter())
    collected(office)
    drop(office, "080", "lan2.csv", quarter(che="nhiều", viec=8))
    assert line(collected(office), "lan2.csv")[3] == "returned"
    values = current_values(office.engine, ["080"], ["2013-Q4"])
    assert set(values.carried_from) == {1}
    assert figures(office)["VIEC"] == 7


def test_the_same_contents_again_are_a_duplicate_and_older_ones_a_new_version(office: Workspace) -> None:
    drop(office, "080", "a.csv", quarter(100))
    collected(office)
    drop(office, "080", "b.csv", quarter(100))
    drop(office, "080", "c.csv", quarter(200))
    drop(office, "080", "d.csv", quarter(100) + "\n")  # saved anew
    table = collected(office)
    assert line(table, "b.csv") == ("080", "2013-Q4", 1, "duplicate", 0, 0)
    assert line(table, "c.csv")[2:4] == (2, "accepted")
    assert line(table, "d.csv")[2:4] == (3, "accepted")
    assert figures(office)["CHE"] == 100
    assert len(rows_of(office, receipt)) == 4, "every file received has its line"


@pytest.mark.parametrize("at_once", [False, True])
def test_the_very_file_of_before_does_not_take_the_place_of_a_newer_one(
    office: Workspace, at_once: bool
) -> None:
    for name, figure in {"a.csv": 100, "b.csv": 200, "c.csv": 100, "d.csv": 300}.items():
        drop(office, "080", name, quarter(figure))
        table = collected(office) if not at_once else pd.DataFrame()
        if name == "c.csv" and not at_once:
            assert line(table, "c.csv") == ("080", "2013-Q4", None, "rejected", 1, 0)
            assert figures(office)["CHE"] == 200
    if at_once:
        assert line(collected(office), "c.csv")[2:4] == (None, "rejected")
    assert figures(office)["CHE"] == 300
    assert "8/1/2014" in rows_of(office, finding).message.item()
    refused = rows_of(office, audit)
    refused = refused[refused.action == "refuse"]
    assert refused.subject.tolist() == ["inbox/080/c.csv"]
    assert json.loads(refused.after.item())["codes"] == ["replayed"]


def test_every_version_of_a_batch_says_what_it_changes(office: Workspace) -> None:
    for name, figure in {"a.csv": 100, "b.csv": 200, "c.csv": 300}.items():
        drop(office, "080", name, quarter(figure))
    collected(office)
    told = rows_of(office, outbox).body_text
    assert [text[text.index("CHE") :].splitlines()[0][-9:] for text in told if "CHE" in text] == [
        "100 → 200",
        "200 → 300",
    ]


def test_what_is_refused_loads_nothing_and_stops_nobody(office: Workspace) -> None:
    drop(office, "080", "good.csv", quarter())
    drop(office, "082", "other.csv", quarter(unit="080"))
    drop(office, "999", "stranger.csv", quarter(unit="999"))
    drop(office, "080", "broken.xlsx", b"PK\x03\x04 not really")
    drop(office, "080", "no_zip.xlsx", b"\x00\x01\x02")
    drop(office, "080", "list.csv", "a,b\n1,2")
    drop(office, "080", "empty.csv", HEAD)
    drop(office, "080", "early.csv", quarter(period="2014-Q2"))
    drop(office, "080", "locked.csv", quarter(period="2011-Q1"))
    drop(office, "080", "nine.csv", quarter(period="2013-9M"))
    drop(office, "080", "mixed.csv", quarter() + "\n080,2011-Q1,CHE,5,,,,,")
    drop(office, "080", "song.mp3", b"ID3")
    (office.root / "inbox" / "lost.csv").write_text(quarter())
    table = collected(office)
    verdicts = table.verdict.drop("good.csv")
    assert set(verdicts) == {"rejected"}
    assert (table.errors.drop("good.csv") > 0).all()
    assert table.verdict["good.csv"] == "accepted"
    assert rows_of(office, submission).period.tolist() == ["2013-Q4"]
    assert not [path for path in (office.root / "inbox").rglob("*") if path.is_file()]
    by_file = rows_of(office, finding).merge(rows_of(office, receipt), left_on="receipt", right_on="id")
    told = {Path(path).name: code for path, code in zip(by_file.path, by_file.code, strict=True)}
    assert told == {
        "other.csv": "wrong_sender",
        "stranger.csv": "unknown_unit",
        "broken.xlsx": "unreadable",
        "no_zip.xlsx": "unknown_format",
        "list.csv": "not_a_template",
        "empty.csv": "no_figures",
        "early.csv": "period_not_open",
        "locked.csv": "period_locked",
        "nine.csv": "unknown_period",
        "mixed.csv": "period_locked",
        "song.mp3": "unknown_format",
        "lost.csv": "unknown_unit",
    }
    assert len(rows_of(office, outbox)) == len(table), "every file is answered"


def test_a_signed_scan_is_kept_and_is_no_error(office: Workspace) -> None:
    drop(office, "080", "ky.PDF", b"%PDF-1.4 signed")
    assert line(collected(office), "ky.PDF") == ("080", "", None, "attached", 0, 0)
    assert "chưa nhận tệp số liệu" in rows_of(office, outbox).body_text[0]


@pytest.mark.parametrize(
    ("before", "beside", "told"),
    [
        pytest.param([], [quarter()], "giữ kèm báo cáo Quý IV/2013", id="with its return"),
        pytest.param([quarter()], [], "giữ kèm báo cáo Quý IV/2013", id="after its return"),
        pytest.param([quarter("875 ha")], [], "giữ kèm báo cáo Quý IV/2013", id="after a return sent back"),
        pytest.param([], [quarter(unit="082")], "chưa nhận tệp số liệu", id="beside a refused file"),
        pytest.param([], [], "chưa nhận tệp số liệu", id="alone"),
    ],
)
def test_a_signed_scan_is_kept_beside_its_return(
    office: Workspace, before: list[str], beside: list[str], told: str
) -> None:
    for text in before:
        drop(office, "080", "quy4.csv", text)
        collected(office)
    drop(office, "080", "ky.pdf", b"%PDF-1.4 signed")
    for text in beside:
        drop(office, "080", "quy4.csv", text)
    assert line(collected(office), "ky.pdf") == ("080", "", None, "attached", 0, 0)
    letters = rows_of(office, outbox)
    assert told in letters.body_text[letters.subject.str.contains("ky.pdf")].item()


def test_a_signed_scan_of_a_period_that_is_over_stands_alone(office: Workspace) -> None:
    drop(office, "080", "quy4.csv", quarter())
    collected(office)
    drop(office, "080", "ky.pdf", b"%PDF-1.4 signed")
    collected(office, instant("2015-06-01 08:00"))  # more than 400 days after the due date
    assert "chưa nhận tệp số liệu" in rows_of(office, outbox).body_text.iloc[-1]


def test_a_refused_file_is_answered_in_words(office: Workspace) -> None:
    drop(office, "080", "so.xlsx", "rác")
    collected(office)
    text = rows_of(office, outbox).body_text[0]
    assert (
        "thấy “tên tệp có đuôi .xlsx nhưng nội dung không phải sổ tính hay bảng .csv” – không phải loại tệp"
        in text
    )
    assert "b'" not in text


def test_a_csv_with_decimal_commas_is_read_and_flagged(office: Workspace) -> None:
    drop(office, "080", "excel.csv", quarter(che="1.234,5").replace(",", ";").replace("1.234;5", "1.234,5"))
    assert line(collected(office), "excel.csv") == ("080", "2013-Q4", 1, "accepted_with_warnings", 0, 1)
    assert figures(office)["CHE"] == 1234.5
    assert codes(office) == ["decimal_comma"]


def test_figures_are_held_against_last_quarters(office: Workspace) -> None:
    drop(office, "080", "quy3.csv", quarter(che=100, period="2013-Q3"))
    collected(office)
    drop(office, "080", "quy4.csv", quarter(che=99))
    assert line(collected(office), "quy4.csv") == ("080", "2013-Q4", 1, "accepted_with_warnings", 0, 1)
    assert codes(office) == ["fell", "late"]


def test_a_late_return_is_taken_and_says_so(office: Workspace) -> None:
    drop(office, "080", "quy4.csv", quarter())
    table = collected(office, instant("2014-02-01 08:00"))
    assert line(table, "quy4.csv") == ("080", "2013-Q4", 1, "accepted_with_warnings", 0, 1)
    assert codes(office) == ["late"]
    assert "báo cáo Quý IV/2013 nộp sau hạn (10/1/2014)." in rows_of(office, outbox).body_text[0]


def test_a_receipt_dated_back_counts_from_then(office: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "quy4.csv"
    file.write_text(quarter())
    came, now = instant("2014-01-09 08:00"), instant("2014-02-01 08:00")
    submit_files(office, [file], "080", Backdating(came, "gửi qua bưu điện", now, "lan"))
    assert line(collected(office, now), "quy4.csv")[3:] == ("accepted", 0, 0)
    assert rows_of(office, submission).received_at.tolist() == [pd.Timestamp(came)]
    assert rows_of(office, backdating).reason.tolist() == ["gửi qua bưu điện"]


def test_an_allowed_sender_may_put_many_units_into_one_file(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS + '[intake]\nmany_units_from = ["S03"]\n')
    both = quarter(unit="080") + "\n" + quarter(5, 6, unit="082").removeprefix(HEAD)
    drop(office, "S03", "all.csv", both)
    assert line(collected(office), "all.csv") == ("080;082", "2013-Q4", 1, "accepted", 0, 0)
    assert figures(office, "082")["CHE"] == 5
    letter = rows_of(office, outbox).iloc[0]
    assert letter.subject == "[Đã nhận] Báo cáo Quý IV/2013 – hợp lệ 8/8 [BC:2013-Q4:S03]"
    assert (
        "– Thành phố Lào Cai, Quý IV/2013: lần nộp 1, hợp lệ 4/4 chỉ tiêu.\n– Huyện Bát Xát, Quý"
        in letter.body_text
    )
    drop(office, "S03", "all.csv", both.replace("082,2013-Q4,CHE,5", "082,2013-Q4,CHE,5 ha"))
    collected(office)
    text = rows_of(office, outbox).body_text.iloc[-1]
    assert "– Ô D6 – Huyện Bát Xát – CHE Diện tích chè: ghi “5 ha” – không phải số." in text


def test_a_template_that_another_sends_for_a_unit_goes_back_as_that_units(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS + '[intake]\nmany_units_from = ["S03"]\n')
    (template,) = issue_templates(office, Period.parse("2013-Q4"), ["080"], tmp_path / "out", NOW)
    drop(office, "S03", "Mau.xlsx", template.read_bytes())
    assert line(collected(office), "Mau.xlsx")[3] == "returned"
    (attached,) = (office.root / "returns" / "2013-Q4").iterdir()
    assert attached.suffix == ".xlsx"
    assert "Thành phố Lào Cai" in load_workbook(str(attached)).get_sheet_by_name("Lỗi").to_python()[0][0]


def test_a_return_of_a_period_not_over_may_be_an_estimate(office: Workspace) -> None:
    rows = [row.split(",") for row in quarter(period="2014-Q4").splitlines()[1:]]
    estimates = "\n".join(",".join([*row[:7], "estimate", row[8]]) for row in rows)
    drop(office, "080", "uoc.csv", HEAD + estimates)
    assert line(collected(office), "uoc.csv") == ("080", "2014-Q4", 1, "accepted", 0, 0)
    assert set(current_values(office.engine, ["080"], ["2014-Q4"]).status) == {"estimate"}


def test_files_that_come_at_once_are_one_batch(office: Workspace) -> None:
    for period in ("2013-Q1", "2013-Q2", "2013-Q3", "2013-Q4"):
        for unit in ("080", "082"):
            drop(office, unit, f"{unit}_{period}.csv", quarter(unit=unit, period=period))
    table = collected(office)
    assert len(table) == 8
    assert set(rows_of(office, receipt).recorded_at) == {pd.Timestamp(NOW)}
    # All quarters say the same: each copies the one before it.
    assert codes(office).count("copy_of_previous") == 6


def test_every_submission_is_in_the_audit(office: Workspace) -> None:
    drop(office, "080", "quy4.csv", quarter())
    collected(office)
    said = rows_of(office, audit)
    assert said[said.action == "submit"].subject.tolist() == ["080 2013-Q4"]


# What must not differ between an undisturbed run and one that was killed: all but ids and what tells files apart.
PRESENCE = ("id", "receipt", "submission", "supersedes", "stamp", "recorded_at")


def facts(office: Workspace) -> dict[str, list[str]]:
    """All receipts, submissions, values, findings and letters, sorted, without ids."""
    with reading(office.engine) as connection:
        parts = {
            "receipt": sa.select(receipt),
            "submission": sa.select(receipt.c.path, submission).join_from(submission, receipt),
            "value": sa.select(submission.c.unit, submission.c.period, submission.c.version, value).join_from(
                value, submission
            ),
            "finding": sa.select(receipt.c.path, finding).join_from(finding, receipt),
            "outbox": sa.select(outbox.c.kind, outbox.c.unit, outbox.c.period, outbox.c.recipient),
        }
        frames = {name: read_frame(connection, statement) for name, statement in parts.items()}
    shown = {
        name: frame[[column for column in frame if column not in PRESENCE]] for name, frame in frames.items()
    }
    return {
        name: sorted(map(repr, frame.itertuples(index=False, name=None))) for name, frame in shown.items()
    }


def fill_inbox(office: Workspace) -> None:
    """Forty files: good ones, wrong cells, corrections, duplicates, refusals."""
    for period in ("2013-Q1", "2013-Q2", "2013-Q3", "2013-Q4"):
        for unit in ("080", "082"):
            drop(office, unit, f"{period}_1.csv", quarter(unit=unit, period=period))
            drop(office, unit, f"{period}_2.csv", quarter(che="nhiều", unit=unit, period=period))
            drop(office, unit, f"{period}_3.csv", quarter(che=200, unit=unit, period=period))
            drop(office, unit, f"{period}_4.csv", quarter(che=200, unit=unit, period=period))
            drop(office, unit, f"{period}_5.csv", quarter(unit="083", period=period))


def in_a_child(root: Path) -> multiprocessing.Process:
    """A collecting in a process of its own, started."""
    # A fork has everything imported already: the moments of the kill fall into the work itself.
    child = multiprocessing.get_context("fork").Process(
        target=collect.fn, kwargs={"workspace": str(root), "now": NOW}
    )
    child.start()
    return child


@pytest.fixture
def undisturbed(office: Workspace) -> tuple[Workspace, dict[str, list[str]], float]:
    """A workspace whose inbox was collected in one go, what it then knew, and how long that took."""
    great_expectations()
    fill_inbox(office)
    office.engine.dispose()
    began = time.monotonic()
    in_a_child(office.root).join()
    took = time.monotonic() - began
    known = facts(office)
    assert len(known["receipt"]) == 40
    return office, known, took


def test_killed_at_any_moment_and_run_again_it_knows_the_same(
    undisturbed: tuple[Workspace, dict[str, list[str]], float], tmp_path: Path
) -> None:
    _, known, took = undisturbed
    ends = []
    for attempt, share in enumerate((0.2, 0.45, 0.6, 0.75, 0.9, 1.0)):
        office = with_plan(tmp_path / f"office{attempt}")
        fill_inbox(office)
        office.engine.dispose()
        child = in_a_child(office.root)
        time.sleep(took * share)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        ends.append(child.exitcode)
        collected(office)
        assert facts(office) == known, f"killed after {share:.0%}"
        assert collected(office).empty
        assert not list((office.root / "archive").glob("*.part"))
        shutil.rmtree(office.root)
    assert -signal.SIGKILL in ends


def test_two_collections_at_once_take_each_file_once(
    undisturbed: tuple[Workspace, dict[str, list[str]], float], tmp_path: Path
) -> None:
    _, known, _ = undisturbed
    office = with_plan(tmp_path / "at_once")
    fill_inbox(office)
    office.engine.dispose()
    children = [in_a_child(office.root) for _ in range(3)]
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert facts(office) == known


@pytest.mark.parametrize("new_warehouse", ["postgresql"], indirect=True)
def test_postgresql_comes_to_know_the_same(
    undisturbed: tuple[Workspace, dict[str, list[str]], float],
    new_warehouse: Callable[[], str],
    tmp_path: Path,
) -> None:
    _, known, _ = undisturbed
    office = with_plan(tmp_path / "office_pg", f'{SETTINGS}[warehouse]\nurl = "{new_warehouse()}"\n')
    fill_inbox(office)
    collected(office)
    assert facts(office) == known
    assert not (office.root / "warehouse.db").exists()
    office.engine.dispose()


def recorded(office: Workspace) -> tuple[pd.DataFrame, IntakeBatch]:
    """What waits, recorded and left in the inbox, as by a run that is killed before it empties it."""
    received = receive_files(office, NOW)
    validated = validate_returns(office, received, read_files(office, received))
    messages = answer_senders(office, validated, NOW)
    load_returns(office, validated, messages)
    return received, intake_batch(validated, messages)


def test_a_file_left_in_the_inbox_after_it_was_recorded_is_only_removed(office: Workspace) -> None:
    file = drop(office, "080", "quy4.csv", quarter())
    recorded(office)
    assert file.exists()
    before = facts(office)
    assert collected(office).empty
    assert not file.exists()
    assert facts(office) == before


def test_a_batch_recorded_twice_is_recorded_once(office: Workspace) -> None:
    drop(office, "080", "quy4.csv", quarter())
    _, batch = recorded(office)
    before = facts(office)
    commit_intake(office.engine, batch)
    assert facts(office) == before


def test_a_file_that_took_the_name_meanwhile_is_not_lost(office: Workspace) -> None:
    drop(office, "080", "quy4.csv", quarter(100))
    received, _ = recorded(office)
    drop(office, "080", "quy4.csv", quarter(200))
    empty_inbox(received)
    table = collected(office)
    assert line(table, "quy4.csv")[2:4] == (2, "accepted")


def test_names_are_kept_as_people_write_them(office: Workspace) -> None:
    drop(office, "080", unicodedata.normalize("NFD", "Báo cáo quý 4.csv"), quarter())
    assert collected(office).file.tolist() == ["inbox/080/Báo cáo quý 4.csv"]


def test_the_clock_is_the_runs_own(office: Workspace) -> None:
    drop(office, "080", "quy4.csv", quarter())
    collected(office)
    for instants in (rows_of(office, receipt).recorded_at, rows_of(office, outbox).created_at):
        assert instants.tolist() == [pd.Timestamp(NOW)]

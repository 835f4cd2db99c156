"""What a run leaves in the Prefect UI: counts that add up, words instead of codes, time as people read it."""

import re
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_review_book import PARTS, province_plan, province_review

from tasks.artifacts import (
    HEADINGS,
    MESSAGE_KINDS,
    MESSAGE_STATES,
    MOST_ROWS,
    artifact_key,
    overdue_returns,
    overdue_targets,
    summary_markdown,
    table_of,
)
from tasks.post.delivery import DISPATCHED_COLUMNS
from tasks.post.messages import KINDS
from tasks.reminding import REMINDED_COLUMNS
from tiendo.obligations import OBLIGATION_COLUMNS
from tiendo.review import Review
from tiendo.verdicts import RESULT_COLUMNS
from warehouse.outbox_store import STATES


@pytest.fixture(scope="module")
def review() -> Review:
    return province_review()


def counts_in(markdown: str) -> list[dict[str, str]]:
    """The rows of the table in a summary, by heading."""
    lines = [line.strip("|").split("|") for line in markdown.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line] for line in lines]
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_row_of_the_summary_sums_to_its_indicators(review: Review) -> None:
    rows = counts_in(summary_markdown(review, ""))
    assert [row["Chương trình"] for row in rows[-2:]] == ["TỔNG CỘNG", "Riêng các chỉ tiêu Nghị quyết"]
    assert len(rows) == 9
    for row in rows:
        assert int(row["Tổng chỉ tiêu"]) == sum(int(row[name]) for name in PARTS)


def test_the_summary_counts_as_the_sheet_does(review: Review) -> None:
    total = counts_in(summary_markdown(review, ""))[-2]
    assert [total[name] for name in ("Tổng chỉ tiêu", *PARTS)] == ["404", "20", "32", "236", "116", "0", "0"]
    assert (total["Trong đó: Dưới 20%"], total["Trong đó: Chưa triển khai"]) == ("15", "11")
    assert re.fullmatch(r"\d+,\d%", total["Mức đạt BQ"])


@pytest.mark.parametrize(
    ("report", "said"),
    [
        pytest.param(
            "reports/2013/BaoCao_2013_v1.xlsx", "Báo cáo: `reports/2013/BaoCao_2013_v1.xlsx`", id="issued"
        ),
        pytest.param(
            "reports/2013/nhap/BaoCao_2013_v1.xlsx",
            "Bản nháp – chưa phát hành: `reports/2013/nhap/BaoCao_2013_v1.xlsx`",
            id="a draft that waits",
        ),
        pytest.param("", "Chạy thử: không có báo cáo nào được ghi.", id="a trial run"),
    ],
)
def test_the_summary_says_where_the_report_lies(review: Review, report: str, said: str) -> None:
    assert summary_markdown(review, report).splitlines()[-1] == said


def test_a_summary_without_programmes_and_sentences_is_still_one() -> None:
    bare = province_review(province_plan(7), sentence="", resolution_sentence="")
    text = summary_markdown(bare, "")
    assert text.startswith("# Rà soát Năm 2013\n\n| Chương trình |")
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    "columns", [OBLIGATION_COLUMNS, RESULT_COLUMNS, REMINDED_COLUMNS, DISPATCHED_COLUMNS], ids=lambda c: c[0]
)
def test_every_column_of_a_table_has_a_heading_that_people_read(columns: list[str]) -> None:
    assert set(columns) <= set(HEADINGS)


def test_kinds_and_states_of_messages_have_words() -> None:
    assert set(MESSAGE_KINDS) == set(KINDS)
    assert set(MESSAGE_STATES) == set(STATES)
    assert len(set(HEADINGS.values())) == len(HEADINGS), "two columns with one heading would be one"


def test_returns_that_are_overdue_stand_in_local_time_and_whole_numbers(review: Review) -> None:
    late = review.obligations.assign(
        state="overdue", version=[1.0] * 8 + [float("nan")], received_at=pd.Timestamp("2024-12-14T02:00:00Z")
    )
    late.loc[8, "received_at"] = pd.NaT
    rows = table_of(overdue_returns(province_review(obligations=late)))
    assert rows[0] == {
        "Đơn vị": "Huyện số 0",
        "Kỳ": "Năm 2013",
        "Ngày mở": "02/12/2013",
        "Ngày chốt số liệu": "14/12/2013",
        "Hạn": "16/12/2013",
        "Ngày khóa": "15/01/2014",
        "Tình trạng": "Quá hạn",
        "Nhận lúc": "14/12/2024 09:00",
        "Lần nộp": "1",
    }
    assert (rows[8]["Nhận lúc"], rows[8]["Lần nộp"]) == ("", "")


def test_overdue_targets_stand_with_words_for_kind_band_and_agency(review: Review) -> None:
    rows = table_of(overdue_targets(review))
    assert [row["Loại"] for row in rows] == ["Mục tiêu", "Mốc lộ trình", "Mục tiêu"]
    assert [row["Xếp mức"] for row in rows] == ["Từ 20% đến dưới 60%"] * 2 + ["Chưa có số liệu"]
    assert [row["Chủ trì"] for row in rows] == ["Sở Nông nghiệp và Phát triển nông thôn"] * 2 + [""]
    assert [row["% kế hoạch"] for row in rows] == ["41", "41", ""]


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        pytest.param("verdict", "returned", "Cần sửa", id="a verdict"),
        pytest.param("state", "failed", "Không gửi được", id="the state of a message"),
        pytest.param("state", "accepted_late", "Trễ hạn", id="the state of a return"),
        pytest.param("kind", "to_correct", "Báo cáo cần sửa", id="a kind of message"),
        pytest.param("period", "2024-Q4;2024-12", "Quý IV/2024; Tháng 12/2024", id="two periods"),
        pytest.param("period", "nonsense", "nonsense", id="a period that is none"),
        pytest.param("is_new", np.True_, "Có", id="yes"),
        pytest.param("errors", 2.0, "2", id="a whole number"),
        pytest.param("attainment", 41.25, "41,3", id="a percentage"),
        pytest.param("attainment", float("inf"), "∞", id="without end"),
        pytest.param("version", None, "", id="nothing"),
        pytest.param("due", date(2024, 12, 5), "05/12/2024", id="a date"),
        pytest.param("not_before", datetime(2024, 12, 14, 18, tzinfo=UTC), "15/12/2024 01:00", id="next day"),
        pytest.param("subject", "<b>*x*</b>", "&lt;b&gt;\\*x\\*&lt;/b&gt;", id="mark-up of a unit"),
    ],
)
def test_cells_are_words_and_local_time(column: str, value: object, text: str) -> None:
    (row,) = table_of(pd.DataFrame({column: [value]}, dtype=object))
    assert row[HEADINGS[column]] == text


def test_a_long_table_is_for_a_look() -> None:
    assert len(table_of(pd.DataFrame({"id": range(MOST_ROWS + 5)}))) == MOST_ROWS
    assert table_of(pd.DataFrame(columns=["id"])) == []


@given(st.text(max_size=20))
def test_keys_hold_small_letters_digits_and_dashes(text: str) -> None:
    assert re.fullmatch("[a-z0-9-]*", artifact_key(f"tom-tat-{text}"))
    assert artifact_key("tom-tat-2026-Q3") == "tom-tat-2026-q3"

"""The sheet Quá hạn: targets and stages past their due date, and returns that are not in."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from tasks.book.book_cells import is_absent
from tasks.book.book_style import Column, Page, Paper
from tasks.book.book_table import Heading, Line, finish_table, write_table
from tasks.book.column_widths import fitted
from tasks.book.letterhead import BOLD, ITALIC, MAIN_TITLE, write_opening
from tasks.book.review_lines import Lines
from tasks.book.review_titles import standing_text
from tiendo.labels import label, period_label
from tiendo.obligations import NOT_IN
from tiendo.periods import Period
from tiendo.review import Review
from tiendo.wording import date_text, lowered

KINDS = {"target": "Mục tiêu", "stage": "Mốc lộ trình"}
MISSING_STATES = (*NOT_IN, "returned")
TARGETS = "I. Mục tiêu, mốc lộ trình quá hạn"
RETURNS = "II. Báo cáo chưa nộp hoặc đang chờ sửa"
NONE = "không có"

COLUMNS = fitted(
    [
        Column("number", "TT", 44, "code"),
        Column("code", "Mã", 96, "code"),
        Column("name", "Chỉ tiêu, mốc hoặc đơn vị báo cáo", 280, grows=2),
        Column("kind", "Loại hạn", 128, "code"),
        Column("due", "Hạn", 96, "date"),
        Column("days_overdue", "Số ngày quá hạn", 80, "count"),
        Column("attainment", "% KH", 68, "percent"),
        Column("state", "Tình trạng", 116, "band"),
        Column("remark", "Chủ trì, ghi chú", 160, grows=1),
    ]
)


def overdue_pages(review: Review, lines: Lines) -> list[Page]:
    """The sheet Quá hạn."""
    return [Page("overdue", "Quá hạn", COLUMNS, write_overdue)]


def write_overdue(paper: Paper) -> None:
    """Write what is overdue: first what the authority owes its plan, then what units owe the office."""
    review = paper.review
    titles = [
        ("CHỈ TIÊU VÀ BÁO CÁO QUÁ HẠN", MAIN_TITLE),
        (f"Tính đến ngày {date_text(review.today)}", BOLD),
        (standing_text(review), ITALIC),
    ]
    row = write_opening(paper, titles)
    rows: list[Line | Heading] = []
    for title, lines in ((TARGETS, target_lines(review)), (RETURNS, return_lines(review))):
        rows += [Heading(f"{title}: {len(lines) or NONE}"), *lines]
    finish_table(paper, write_table(paper, row, rows))


def target_lines(review: Review) -> list[Line]:
    """A line for each overdue target or stage, in the order given."""
    lines = []
    for number, record in enumerate(review.overdue.to_dict("records"), start=1):
        stage = record.get("what")
        lead = record["lead_agency"]
        values = {
            "number": str(number),
            "code": record["indicator"],
            "name": record["name"] if is_absent(stage) else f"{record['name']}\nMốc: {stage}",
            "kind": KINDS[record["kind"]],
            "due": _day(record["due"]),
            "days_overdue": record["days_overdue"],
            "attainment": record["attainment"],
            "state": review.band_words[record["band"]],
            "remark": "" if is_absent(lead) else review.plan.unit_name(lead, review.today),
        }
        lines.append(Line(values, band=record["band"]))
    return lines


def return_lines(review: Review) -> list[Line]:
    """A line for each return that is not in or was sent back, longest overdue first."""
    owed = review.returns[review.returns.state.isin(MISSING_STATES)].sort_values(["due", "unit", "period"])
    lines = []
    for number, record in enumerate(owed.to_dict("records"), start=1):
        due = _day(record["due"])
        days = (review.today - due).days
        values = {
            "number": str(number),
            "code": record["unit"],
            "name": review.plan.unit_name(record["unit"], review.today),
            "kind": f"Báo cáo {lowered(period_label(Period.parse(str(record['period']))))}",
            "due": due,
            "days_overdue": days if days > 0 else None,
            "state": label("obligation", record["state"]),
            "remark": _return_remark(review, record),
        }
        lines.append(Line(values))
    return lines


def _return_remark(review: Review, record: Mapping[Any, Any]) -> str:
    parts = [f"Khóa kỳ ngày {date_text(_day(record['locks']))}."]
    if not is_absent(record["received_at"]):
        received = pd.Timestamp(record["received_at"]).tz_convert(review.timezone)
        parts.append(f"Nhận lần {int(record['version'])} ngày {date_text(received.date())}.")
    return " ".join(parts)


def _day(value: Any) -> date:
    return pd.Timestamp(value).date()

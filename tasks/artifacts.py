"""What a flow run leaves to read in the Prefect UI: a summary in words, tables. Outside a flow run nothing is left."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from tasks.book.book_cells import INFINITE, is_absent
from tasks.book.book_style import DATE_TEXT, DRAFT
from tasks.book.sheet_overdue import KINDS as DATES_MISSED
from tasks.book.sheet_resolution import RESOLUTION
from tasks.book.sheet_summary import columns_of, counting_notes
from tasks.book.summary_totals import COUNTS, OF_RESOLUTION, TOTAL, programme_counts, total_counts
from tasks.publishing import DRAFTS
from tasks.steps import in_flow_run
from tiendo.errors import InputError
from tiendo.labels import label, period_label
from tiendo.obligations import NOT_IN
from tiendo.periods import Period
from tiendo.review import Review
from tiendo.wording import number_text, raised

# A table in the UI is for a look; the whole is in the workbook and the warehouse.
MOST_ROWS = 500
TIMEZONE = "Asia/Ho_Chi_Minh"

HEADINGS = {
    "act": "Lệnh về kỳ",
    "attainment": "% kế hoạch",
    "band": "Xếp mức",
    "channel": "Kênh",
    "cut_off": "Ngày chốt số liệu",
    "days_overdue": "Số ngày quá hạn",
    "detail": "Chi tiết",
    "due": "Hạn",
    "errors": "Số lỗi",
    "file": "Tệp",
    "hour": "Giờ hạn",
    "owed_by": "Đơn vị nợ nay",
    "id": "Số tin",
    "indicator": "Mã chỉ tiêu",
    "is_new": "Mới",
    "kind": "Loại",
    "lead_agency": "Chủ trì",
    "locks": "Ngày khóa",
    "name": "Chỉ tiêu",
    "not_before": "Gửi từ lúc",
    "opens": "Ngày mở",
    "period": "Kỳ",
    "received_at": "Nhận lúc",
    "recipient": "Người nhận",
    "reference": "Mã thư",
    "state": "Tình trạng",
    "subject": "Tiêu đề",
    "unit": "Đơn vị",
    "verdict": "Kết quả",
    "version": "Lần nộp",
    "warnings": "Số lưu ý",
    "what": "Mốc",
}
MESSAGE_KINDS = {
    "received": "Đã nhận báo cáo",
    "to_correct": "Báo cáo cần sửa",
    "rejected": "Không nhận báo cáo",
    "sent_back": "Trả lại báo cáo",
    "corrected": "Hiệu chỉnh số liệu",
    "report_changed": "Báo cáo đã phát hành có thay đổi",
    "reminder": "Nhắc hạn nộp",
    "overdue": "Quá hạn nộp",
    "overdue_indicators": "Chỉ tiêu quá hạn",
    "mass_alarm": "Quá nhiều đơn vị quá hạn",
    "review_issued": "Báo cáo đã phát hành",
    "failed_run": "Lượt chạy bị lỗi",
}
MESSAGE_STATES = {
    "pending": "Chờ gửi",
    "sending": "Đang gửi",
    "sent": "Đã gửi",
    "failed": "Không gửi được",
    "unknown": "Chưa rõ đã gửi hay chưa",
}


def escaped(text: object) -> str:
    """Text as it stands in markdown, so that nothing a unit wrote becomes a mark-up, a link or HTML."""
    plain = str(text).replace("\\", "\\\\").replace("\n", " ")
    for sign in "`*_{}[]()<>#+!|~":
        plain = plain.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return plain


def artifact_key(text: str) -> str:
    """The text as a key that Prefect takes: small letters, digits and dashes."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


def leave_table(key: str, rows: pd.DataFrame, description: str, timezone: str = TIMEZONE) -> None:
    """Leave a table artifact in words that people read; instants in the time of `timezone`."""
    if not in_flow_run():
        return
    from prefect.artifacts import create_table_artifact

    create_table_artifact(key=artifact_key(key), table=table_of(rows, timezone), description=description)


def table_of(rows: pd.DataFrame, timezone: str = TIMEZONE) -> list[dict[str, str]]:
    """The first rows as they are shown: headings and words for columns and codes, text escaped."""
    zone = ZoneInfo(timezone)
    return [
        {
            HEADINGS.get(str(name), str(name)): escaped(shown(str(name), cell, zone))
            for name, cell in row.items()
        }
        for row in rows.head(MOST_ROWS).astype(object).to_dict("records")
    ]


def shown(column: str, value: Any, zone: ZoneInfo) -> str:
    """One cell of a table as people write it: words for codes, local time, whole numbers whole."""
    if is_absent(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "Có" if value else "Không"
    if isinstance(value, date):
        return _time_text(value, zone)
    if isinstance(value, int | float | np.number):
        return _number_shown(float(value))
    return WORDS.get(column, str)(str(value))


def _number_shown(number: float) -> str:
    if math.isinf(number):
        return INFINITE
    return f"{number:.0f}" if number.is_integer() else number_text(number)


def _time_text(value: date, zone: ZoneInfo) -> str:
    if isinstance(value, datetime) and value.tzinfo:
        return f"{value.astimezone(zone):{DATE_TEXT} %H:%M}"
    return f"{value:{DATE_TEXT}}"


def _periods_text(codes: str) -> str:
    """The names of periods joined by `;`; what is none stands for itself."""
    names = []
    for code in codes.split(";"):
        try:
            names.append(period_label(Period.parse(code)))
        except InputError:
            names.append(code)
    return "; ".join(names)


# Column → its code in words.
WORDS: Mapping[str, Callable[[str], str]] = {
    "band": lambda code: label("band", code),
    "kind": lambda code: (MESSAGE_KINDS | DATES_MISSED).get(code, code),
    "period": _periods_text,
    "state": lambda code: MESSAGE_STATES.get(code) or label("obligation", code),
    "verdict": lambda code: label("verdict", code),
}


def leave_review(review: Review, report: str) -> None:
    """Leave the markdown summary of a review (`tom-tat-2026-q3`) and the tables of what is overdue and not in.

    `report`: path of its report, or of the draft where none is issued; "" where nothing was written.
    """
    if not in_flow_run():
        return
    from prefect.artifacts import create_markdown_artifact

    period, zone = str(review.period), review.timezone
    summary = summary_markdown(review, report)
    create_markdown_artifact(
        key=artifact_key(f"tom-tat-{period}"), markdown=summary, description="Tóm tắt rà soát"
    )
    leave_table(f"chi-tieu-qua-han-{period}", overdue_targets(review), "Chỉ tiêu quá hạn", zone)
    leave_table(f"don-vi-qua-han-{period}", overdue_returns(review), "Đơn vị quá hạn nộp", zone)


def overdue_targets(review: Review) -> pd.DataFrame:
    """What is overdue of the plan, with the agency's name and the bands as the review prints them."""
    rows = review.overdue.head(MOST_ROWS)
    leads = rows.lead_agency.map(lambda code: _unit_name(review, code), na_action="ignore")
    return rows.assign(lead_agency=leads, band=rows.band.map(lambda code: review.band_words.get(code, code)))


def overdue_returns(review: Review) -> pd.DataFrame:
    """The returns that are past their date, with the units' names."""
    rows = review.obligations[review.obligations.state.isin(NOT_IN)].head(MOST_ROWS)
    return rows.assign(unit=rows.unit.map(lambda code: _unit_name(review, code)))


def _unit_name(review: Review, code: str) -> str:
    return review.plan.unit_name(code, review.today) if code else ""


def summary_markdown(review: Review, report: str) -> str:
    """The review in a page of markdown: the sentences, the counts of the sheet Tổng hợp, where the report lies."""
    sentences = [escaped(text) for text in (review.sentence, review.resolution_sentence) if text]
    title = f"# Rà soát {period_label(review.period)}"
    return "\n\n".join([title, *sentences, counts_markdown(review), _report_line(report)])


def counts_markdown(review: Review) -> str:
    """The table of the sheet Tổng hợp and what must be known to add it up."""
    columns = [column for column in columns_of(review) if column.field in ("name", *COUNTS, "index")]
    lines = programme_counts(review)
    notes = counting_notes(review, lines)
    for level, name in (("term", TOTAL), (RESOLUTION, OF_RESOLUTION)):
        if total := total_counts(review, level):
            lines.append(total | {"name": name})
    heads = [f"{column.over}: {column.heading}" if column.over else column.heading for column in columns]
    table = [list(map(raised, heads)), ["---", *["--:"] * (len(columns) - 1)]]
    table += [[_count_text(line[column.field], column.kind) for column in columns] for line in lines]
    return "\n\n".join(["\n".join(f"| {' | '.join(cells)} |" for cells in table), *notes])


def _count_text(value: Any, kind: str) -> str:
    if kind == "index" and not isinstance(value, str):
        return f"{number_text(value)}%"
    return escaped(value)


def _report_line(report: str) -> str:
    if not report:
        return "Chạy thử: không có báo cáo nào được ghi."
    return f"{raised(DRAFT) if Path(report).parent.name == DRAFTS else 'Báo cáo'}: `{report}`"

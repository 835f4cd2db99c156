"""The sheet Thay đổi: what an adjusted report says otherwise than the one issued before it, and why."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from tasks.book.book_style import Column, Page, Paper
from tasks.book.book_table import Heading, Line, finish_table, write_table
from tasks.book.column_widths import fitted
from tasks.book.letterhead import BOLD, ITALIC, MAIN_TITLE, write_opening
from tasks.book.review_lines import Lines
from tasks.book.review_titles import adjusted_text, period_text
from tiendo.labels import label, period_label
from tiendo.periods import Period
from tiendo.report_changes import ReportChanges
from tiendo.review import Review
from tiendo.targets import ASSIGNED
from tiendo.wording import lowered

# Beyond so many the list of returns would hide the sheet; the rest is in `tiendo explain` and in the returns.
MOST_VALUES = 2000

HEADINGS = {
    "moved": "Xếp mức chuyển",
    "changed": "Số liệu hoặc mục tiêu đổi, xếp mức giữ nguyên",
    "status": "Chỉ đổi tính chất số liệu (ước, sơ bộ, chính thức)",
    "added": "Chỉ tiêu thêm",
    "dropped": "Chỉ tiêu bỏ",
}
OF_LEVEL = {"term": "Số chỉ tiêu theo mức", "resolution": "Số chỉ tiêu Nghị quyết theo mức"}
NOTHING = "Không chỉ tiêu nào đổi số liệu hay xếp mức; báo cáo khác bản trước ở tình hình nộp báo cáo, lời của đơn vị."

COLUMNS = [
    Column("number", "TT", 32, "code"),
    Column("code", "Mã", 70, "code"),
    Column("name", "Chỉ tiêu", 120, grows=2),
    Column("actual_before", "Trước", 62, "figure", over="Thực hiện"),
    Column("actual", "Nay", 62, "actual", over="Thực hiện"),
    Column("target_before", "Trước", 58, "target", over="Mục tiêu"),
    Column("target", "Nay", 58, "target", over="Mục tiêu"),
    Column("attainment_before", "Trước", 52, "percent", over="% kế hoạch"),
    Column("attainment", "Nay", 52, "percent", over="% kế hoạch"),
    Column("band_before_text", "Trước", 72, "text", over="Xếp mức"),
    Column("band_text", "Nay", 72, "band", over="Xếp mức"),
    Column("change", "Tăng, giảm", 66, "change"),
    Column("change_pct", "%", 52, "change"),
    Column("causes", "Do đâu", 130, grows=3),
]


def change_pages(review: Review, lines: Lines) -> list[Page]:
    """The sheet Thay đổi; none where the report is the first of its period."""
    if review.changes is None:
        return []
    rows = change_lines(review, review.changes, lines)
    columns = fitted(COLUMNS, [row for row in rows if isinstance(row, Line)])
    return [Page("changes", "Thay đổi", columns, partial(write_changes, rows=rows))]


def write_changes(paper: Paper, rows: list[Line | Heading]) -> None:
    """Write what changed, bands that moved first, then the counts, the other causes and the values behind."""
    review = paper.review
    titles = [
        ("THAY ĐỔI SO VỚI BÁO CÁO ĐÃ PHÁT HÀNH", MAIN_TITLE),
        (f"Kết quả {period_text(review)}", BOLD),
        (adjusted_text(review), ITALIC),
    ]
    row = write_opening(paper, titles)
    finish_table(paper, write_table(paper, row, rows), is_filtered=False)


def change_lines(review: Review, changes: ReportChanges, lines: Lines) -> list[Line | Heading]:
    """The rows of the sheet."""
    found: list[Line | Heading] = []
    for kind, heading in HEADINGS.items():
        rows = changes.rows[changes.rows.kind == kind]
        if len(rows):
            found.append(Heading(f"{heading} ({len(rows)})"))
            found += [_line(review, row, n, lines) for n, row in enumerate(rows.to_dict("records"), start=1)]
    if not found:
        found = [Heading(NOTHING)]
    found += count_lines(review, changes)
    found += [Heading(f"Khác biệt chung. {text}") for text in changes.reasons]
    return found + value_lines(review, changes.values)


def _line(review: Review, row: Mapping[Any, Any], number: int, lines: Lines) -> Line:
    words = review.band_words
    series = "" if row["series"] == ASSIGNED else f" ({row['series']})"
    before = words.get(row["band_before"], "")
    now = words.get(row["band"], "")
    if row["kind"] == "status":
        before = f"{before}, {lowered(label('status', row['status_before']))}"
        now = f"{now}, {lowered(label('status', row['status']))}"
    values = dict(row) | {
        "number": str(number),
        "name": f"{row['name']}{series}",
        "band_before_text": before,
        "band_text": now,
        "change": _known(row["change"]),
        "change_pct": _known(row["change_pct"]),
    }
    known = lines.get(row["code"])
    return Line(
        values,
        look={"valign": "top"},
        decimals=known.decimals if known else float("nan"),
        is_estimate=row["status"] == "estimate",
        band=row["band"],
    )


def _known(number: float) -> float | None:
    return None if pd.isna(number) or number == 0 else float(number)


def count_lines(review: Review, changes: ReportChanges) -> list[Line | Heading]:
    """How many indicators stood and stand in each band."""
    found: list[Line | Heading] = []
    for level, heading in OF_LEVEL.items():
        rows = changes.counts[changes.counts.level == level]
        if rows.empty:
            continue
        found.append(Heading(heading))
        for row in rows.to_dict("records"):
            values = {
                "name": review.band_words[row["band"]],
                "actual_before": int(row["before"]),
                "actual": int(row["now"]),
                "change": _known(row["now"] - row["before"]),
            }
            found.append(Line(values, decimals=0))
    return found


def value_lines(review: Review, values: pd.DataFrame) -> list[Line | Heading]:
    """The units' figures that became others, each with who changed it and why."""
    if values.empty:
        return []
    found: list[Line | Heading] = [Heading(f"Số liệu của đơn vị đã đổi ({len(values)})")]
    for number, row in enumerate(values.head(MOST_VALUES).to_dict("records"), start=1):
        period = lowered(period_label(Period.parse(row["period"])))
        found.append(
            Line(
                {
                    "number": str(number),
                    "code": row["unit"],
                    "name": f"{row['unit_name']}, {period}\n{row['indicator']} {row['name']}",
                    "causes": f"{row['before']} → {row['now']}: {row['cause']}",
                },
                look={"valign": "top"},
            )
        )
    if (more := len(values) - MOST_VALUES) > 0:
        text = f"… và {more} số liệu khác; xem từng chỉ tiêu bằng: tiendo explain MÃ --period {review.period}"
        found.append(Heading(text))
    return found

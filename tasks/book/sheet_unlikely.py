"""The sheet Khó đạt: what is unlikely to be met, at which pace, and where officers judge otherwise than is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from tasks.book.book_cells import is_absent
from tasks.book.book_style import Column, Page, Paper
from tasks.book.book_table import Heading, Line, finish_table, write_table
from tasks.book.column_widths import fitted, short_column, snug_column
from tasks.book.letterhead import BOLD, ITALIC, MAIN_TITLE, write_opening
from tasks.book.review_lines import Lines
from tasks.book.review_titles import judged_text, period_text
from tiendo.forecast import PACES
from tiendo.labels import label
from tiendo.periods import Period
from tiendo.review import Review
from tiendo.wording import lowered, raised, short_number

NOTHING = "Không có chỉ tiêu nào dự kiến khó đạt"
DIFFERS = "≠ Khác với số tính được"
EXPLANATION = (
    "Nhịp độ: mức làm được mỗi kỳ so với mức phải làm để đạt mục tiêu (đúng tiến độ: từ {on_track}; chậm: từ {slow}; "
    "rất chậm: dưới {slow}; đi lùi: ngược chiều). "
    "Dự báo: đường thẳng qua số gốc và các kỳ đã có, kỳ gần có trọng số lớn hơn. "
    "Nhận định của cán bộ và đánh giá chính thức không làm thay đổi mức tính được và số đếm."
)


def unlikely_pages(review: Review, lines: Lines) -> list[Page]:
    """The sheet Khó đạt; where nothing is unlikely it says so."""
    groups = _groups(review, lines)
    chosen = [line for members in groups.values() for line in members]
    return [Page("unlikely", "Khó đạt", columns_of(chosen), partial(write_unlikely, groups=groups))]


def columns_of(lines: Sequence[Line]) -> list[Column]:
    """The columns of the sheet's table."""
    forecast = "Dự báo đến hết thời hạn"
    columns = [
        Column("number", "TT", 32, "code"),
        short_column(lines, "code", "Mã"),
        Column("name", "Chỉ tiêu", 120, grows=1),
        short_column(lines, "measure", "ĐVT"),
        Column("span_text", "Thời hạn, kỳ", 84, "code"),
        snug_column(lines, "target_text", "Mục tiêu", 60, "target"),
        snug_column(lines, "actual", "Thực hiện lũy kế", 60, "actual"),
        Column("pace_text", "Nhịp độ", 60, "code"),
        replace(snug_column(lines, "so_far", "Đã làm", 58, "pace"), over="Mỗi kỳ"),
        replace(snug_column(lines, "needed", "Còn phải làm", 58, "pace"), over="Mỗi kỳ"),
        replace(snug_column(lines, "forecast", "Số", 60), over=forecast),
        Column("forecast_attainment", "% KH", 58, "percent", over=forecast),
        Column("forecast_text", "Xếp mức", 76, "band", over=forecast),
        Column("said_text", "Nhận định của cán bộ", 130, grows=1),
        Column("lead_name", "Chủ trì", 76, grows=1),
    ]
    return fitted(columns, lines)


def write_unlikely(paper: Paper, groups: Mapping[str, Sequence[Line]]) -> None:
    """Write the sheet: by the forecast, by officers alone, where they differ, what was judged officially."""
    review = paper.review
    titles = [
        ("CHỈ TIÊU DỰ KIẾN KHÓ ĐẠT", MAIN_TITLE),
        (f"Kết quả {period_text(review)}", BOLD),
        (judged_text(review), ITALIC),
        (review.doubts_sentence or f"{NOTHING}.", {}),
        (
            EXPLANATION.format(**{word: f"{short_number(100 * least)}%" for word, least in PACES.items()}),
            ITALIC,
        ),
    ]
    row = write_opening(paper, titles)
    rows: list[Line | Heading] = []
    for number, (title, lines) in enumerate(groups.items(), start=1):
        rows += [
            Heading(f"{'I' * number if number < 4 else 'IV'}. {title}: {len(lines) or 'không có'}"),
            *lines,
        ]
    finish_table(paper, write_table(paper, row, rows or [Heading(NOTHING)]))


def _groups(review: Review, lines: Lines) -> dict[str, list[Line]]:
    """Title → the lines under it; each indicator stands once."""
    doubts = review.doubts
    is_doubtful = doubts.by_forecast | doubts.by_officer
    chosen = {
        "Dự kiến khó đạt theo dự báo": doubts.by_forecast,
        "Dự kiến khó đạt theo nhận định của cán bộ, dự báo không nói vậy hoặc chưa có": doubts.by_officer
        & ~doubts.by_forecast,
        "Nhận định khác với số tính được ở chỉ tiêu khác": doubts.differs
        & ~is_doubtful
        & ~doubts.is_official,
        "Đánh giá chính thức, không theo công thức": doubts.is_official & ~is_doubtful,
    }
    found = {title: _lines_of(review, doubts[holds], lines) for title, holds in chosen.items()}
    first = list(found)[:2] if is_doubtful.any() else []
    return {title: members for title, members in found.items() if members or title in first}


def _lines_of(review: Review, rows: pd.DataFrame, lines: Lines) -> list[Line]:
    """The lines of some indicators in the plan's order, with what the sheet's own columns say."""
    stated = rows.set_index("code")[["is_over", "differs"]].to_dict("index")
    own = [(line, stated[code]) for code, line in lines.items() if code in stated]
    return [_line(review, line, number, facts) for number, (line, facts) in enumerate(own, start=1)]


def _line(review: Review, line: Line, number: int, facts: Mapping[Any, Any]) -> Line:
    values = line.values
    band = "" if facts["is_over"] or is_absent(values["forecast_band"]) else str(values["forecast_band"])
    own = {
        "number": str(number),
        "so_far": values.get("so_far"),
        "span_text": _span_text(review, values),
        "pace_text": "" if is_absent(values["pace"]) else label("pace", values["pace"]),
        "forecast_text": review.band_words[band] if band else "",
        "said_text": _said_text(review, values, facts["differs"]),
    }
    if facts["is_over"]:
        own |= {"forecast": None, "forecast_attainment": None}
    return replace(line, values={**values, **own}, band=band, indent=0)


def _span_text(review: Review, values: Mapping[str, Any]) -> str:
    """`2011–2015`, `theo quý`: until when, and which period a pace is counted by."""
    span = Period.parse(str(values["span"]))
    until = f"{span.year}–{span.number}" if span.kind == "term" else str(span)
    frequency = review.plan.indicators.frequency[values["code"]]
    return f"{until}\ntheo {lowered(label('frequency', frequency))}"


def _said_text(review: Review, values: Mapping[str, Any], differs: bool) -> str:
    """The officer's outlook and the official band with their reasons and authors, and whether they differ."""
    parts = []
    for name, group, opening in (("judgement", "outlook", ""), ("official", "band", "Đánh giá chính thức: ")):
        if is_absent(values.get(name)):
            continue
        word = label(group, str(values[name]))
        parts.append(opening + (lowered(word) if opening else word))
        reason, author = values.get(f"{name}_reason"), values.get(f"{name}_author")
        if not is_absent(reason):
            parts.append(raised(str(reason)))
        if not is_absent(author):
            parts.append(f"({_author_name(review, str(author))})")
    return "\n".join([*parts, DIFFERS] if differs else parts)


def _author_name(review: Review, author: str) -> str:
    """An outlook sent with a return has its unit for an author."""
    is_unit = author in set(review.plan.units.code)
    return review.plan.unit_name(author, review.today) if is_unit else author

"""The sheet Số liệu: every attainment row of the review as one flat table, for filters and pivots."""

from collections.abc import Callable
from datetime import date
from functools import cache, partial
from typing import Any

import pandas as pd
from xlsxwriter.format import Format

from tasks.book import book_style as style
from tasks.book.book_cells import is_absent, write_cell
from tasks.book.book_style import Book, Column, Page, Paper
from tasks.book.book_table import Extent, finish_table
from tasks.book.review_lines import Lines
from tasks.book.text_fit import row_height
from tiendo.bands import BANDS
from tiendo.labels import label
from tiendo.plan import Plan
from tiendo.review import Review
from tiendo.wording import UNSPECIFIED

# Field of the attainment rows (FORMATS §4) → heading. Fields of the plan that pivots need stand among them.
# The first ones say what a reader on paper asks for, and they alone are printed.
HEADINGS = {
    "level": "Cấp",
    "code": "Mã",
    "name": "Tên",
    "unit": "Đơn vị",
    "measure": "ĐVT",
    "period": "Kỳ",
    "target": "Mục tiêu",
    "actual": "Thực hiện lũy kế",
    "attainment": "% so mục tiêu",
    "band": "Xếp mức",
    "programme": "Chương trình",
    "scheme": "Đề án",
    "field": "Lĩnh vực",
    "lead": "Đơn vị chủ trì",
    "span": "Khoảng mục tiêu",
    "series": "Loại mục tiêu",
    "type": "Cách tính",
    "baseline": "Số gốc",
    "in_period": "Thực hiện trong kỳ",
    "previous": "Kỳ trước",
    "same_period": "Cùng kỳ năm trước",
    "year_target": "Mục tiêu năm",
    "term_target": "Mục tiêu nhiệm kỳ",
    "status": "Tính chất số liệu",
    "year_attainment": "% mục tiêu năm",
    "term_attainment": "% mục tiêu nhiệm kỳ",
    "margin": "Chênh lệch",
    "flags": "Cờ",
    "pace": "Nhịp độ",
    "forecast": "Dự báo",
    "forecast_attainment": "% dự báo",
    "forecast_band": "Xếp mức dự báo",
    "needed": "Cần thêm mỗi kỳ",
    "judgement": "Nhận định của cán bộ",
    "official": "Đánh giá chính thức",
    "weight": "Trọng số",
    "expected": "Số đơn vị phải báo cáo",
    "reported": "Số đơn vị đã báo cáo",
    "coverage": "Độ phủ (%)",
    "n": "Tổng chỉ tiêu",
    **dict.fromkeys(BANDS, ""),  # the bands' own words
    "index": "Mức đạt BQ (%)",
    "first_met": "Lần đầu đạt",
    "reason": "Nguyên nhân",
    "remedy": "Giải pháp",
}
LAST_PRINTED = "band"
SERIES = {"assigned": "Giao", "aspired": "Phấn đấu"}
COUNTS = ("weight", "expected", "reported", "n", *BANDS)
DATES = ("first_met",)
TARGETS = ("target", "year_target", "term_target")
_OF_PLAN = ("programme", "scheme", "field", "lead", "measure")
_WIDTHS = {
    "name": 320,
    "programme": 200,
    "scheme": 200,
    "lead": 180,
    "band": 170,
    "unit": 140,
    "reason": 240,
    "remedy": 240,
}
_WIDTH = 92


def data_pages(review: Review, lines: Lines) -> list[Page]:
    """The sheet Số liệu."""
    columns = [Column(name, _heading_of(name, review), _WIDTHS.get(name, _WIDTH)) for name in HEADINGS]
    return [Page("data", "Số liệu", columns, write_data)]


def write_data(paper: Paper) -> None:
    """Write one heading row and one row for every attainment row: figures unrounded, words for codes."""
    table = data_table(paper.review)
    letters = {"bold": True, "font_color": style.WHITE, "bg_color": paper.book.accent}
    head = paper.book.look(align="center", text_wrap=True, **letters)
    for number, column in enumerate(paper.columns):
        write_cell(paper.sheet, 0, number, column.heading, head)
        look = _look_of(paper.book, column.field)
        for row, value in enumerate(table[column.field].tolist(), start=1):
            if not is_absent(value):
                write_cell(paper.sheet, row, number, value, look)
    paper.set_height(0, row_height(3))
    finish_table(paper, Extent(head=0, last_head=0, first=1, last=len(table)))
    paper.sheet.print_area(0, 0, len(table), list(HEADINGS).index(LAST_PRINTED))
    paper.sheet.freeze_panes(1, 3)
    paper.sheet.hide_gridlines(0)


def _heading_of(field: str, review: Review) -> str:
    return review.band_words[field] if field in BANDS else HEADINGS[field]


def _look_of(book: Book, field: str) -> Format:
    if field in DATES:
        return book.look(num_format=style.DATE_FORM)
    if field in TARGETS:
        return book.look(num_format=style.TARGET_FORM)
    return book.look(num_format=style.COUNT_FORM if field in COUNTS else style.figure_form(float("nan")))


def data_table(review: Review) -> pd.DataFrame:
    """The indicators' rows and then the rollups', a column for each of HEADINGS; None or NaN for nothing."""
    about = _plan_columns(review.plan, review.today)
    indicators = review.indicators.assign(level="indicator")
    indicators = indicators.drop(columns=[name for name in _OF_PLAN if name in indicators]).join(
        about, on="code"
    )
    frames = [frame.reindex(columns=list(HEADINGS)).astype(object) for frame in (indicators, review.rollups)]
    table = pd.concat(frames, ignore_index=True)
    for name, word in _words(review).items():
        table[name] = table[name].map(word, na_action="ignore")
    nobody = review.plan.indicators.index[review.plan.indicators.nobody]
    unspecified = table.code.isin(nobody) & (table.band == label("band", "not_applicable"))
    table.loc[unspecified, "band"] = UNSPECIFIED[0]
    return table.replace([float("inf"), float("-inf")], None)


def _plan_columns(plan: Plan, day: date) -> pd.DataFrame:
    """programme, scheme, field, lead, measure of each indicator, in words; indexed by code."""
    indicators = plan.indicators
    programmes, schemes = (plan.tables[name].set_index("code")["name"] for name in ("programmes", "schemes"))
    leads = {code: plan.unit_name(code, day) for code in indicators.lead.unique() if code}
    return pd.DataFrame(
        {
            "programme": indicators.programmes.map(lambda codes: _names(codes, programmes)),
            "scheme": indicators.schemes.map(lambda codes: _names(codes, schemes)),
            "field": indicators.field,
            "lead": indicators.lead.map(leads),
            "measure": indicators.unit,
        }
    )


def _names(codes: str, names: pd.Series) -> str:
    return "; ".join(str(names.get(code, code)) for code in codes.split(";") if code)


def _words(review: Review) -> dict[str, Callable[[Any], str]]:
    """What turns the codes of a field into words."""
    return {
        "level": partial(label, "level"),
        "type": partial(label, "type"),
        "status": partial(label, "status"),
        "judgement": partial(label, "outlook"),
        "series": lambda code: SERIES.get(code, code),
        "unit": cache(lambda code: review.plan.unit_name(code, review.today)),
        "band": lambda code: review.band_words.get(code, code),
        "forecast_band": lambda code: review.band_words.get(code, code),
        "official": lambda code: review.band_words.get(code, code),
        "pace": partial(label, "pace"),
    }

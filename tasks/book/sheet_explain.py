"""The sheet Giải thích: where the figures come from, how they are judged, and against what."""

from collections import Counter
from functools import partial
from zoneinfo import ZoneInfo

from tasks.book.book_style import Book, Column, Page, Paper
from tasks.book.book_table import Heading, Line, finish_table, write_table
from tasks.book.column_widths import fitted
from tasks.book.letterhead import BOLD, MAIN_TITLE, write_opening
from tasks.book.review_lines import Lines
from tasks.book.review_titles import NOT_OWED, VIEWS, against_text, cut_off_of, period_text
from tiendo.bands import BANDS
from tiendo.formulas import FORMULAS, RULES
from tiendo.labels import label, period_label
from tiendo.obligations import IN, STATES
from tiendo.review import Review
from tiendo.wording import GROUPINGS, date_text, lowered, number_text, raised, short_number

COUNTING = {"component": "chỉ tiêu thành phần", "main": "chỉ tiêu chủ yếu"}

COLUMNS = fitted(
    [
        Column("name", "Nội dung", 220, "band"),
        Column("text", "Cách tính, giá trị", 400, grows=3),
        Column("margin", "Chênh lệch", 150, grows=1),
        Column("remark", "Ghi chú", 220, grows=1),
    ]
)


def explain_pages(review: Review, lines: Lines) -> list[Page]:
    """The sheet Giải thích."""
    return [Page("explain", "Giải thích", COLUMNS, partial(write_explanation, lines=lines))]


def write_explanation(paper: Paper, lines: Lines) -> None:
    """Write what a reader needs to check any figure of the workbook."""
    review = paper.review
    row = write_opening(paper, [("GIẢI THÍCH", MAIN_TITLE), (f"Kết quả {period_text(review)}", BOLD)])
    rows: list[Line | Heading] = [
        Heading("I. Báo cáo"),
        *about_lines(paper.book, lines),
        Heading("II. Xếp mức"),
        *band_lines(review),
        Heading("III. Cách tính % kế hoạch (A: thực hiện lũy kế; T: mục tiêu; B: số gốc)"),
        *formula_lines(lines),
        Heading("IV. Tổng hợp"),
        *rollup_lines(review),
    ]
    finish_table(paper, write_table(paper, row, rows), is_filtered=False)


def _line(name: str, text: str, margin: str = "", remark: str = "", band: str = "") -> Line:
    values = {"name": name, "text": text, "margin": margin, "remark": remark}
    return Line(values, look={} if band else {"align": "left"}, band=band)


def about_lines(book: Book, lines: Lines) -> list[Line]:
    """Which period, judged how, made of what."""
    review = book.review
    cut_off = cut_off_of(review)
    as_of = review.as_of.astimezone(ZoneInfo(review.timezone))
    left_out = sum(not line.values["counted"] for line in lines.values())
    estimates = "Có số ước, ghi (ước) bên cạnh." if review.is_estimated else "Không có số ước."
    found = [
        _line("Kỳ báo cáo", f"{period_label(review.period)} ({review.period})", remark=estimates),
        _line(
            "Đánh giá so với",
            raised(against_text(review)),
            remark="Không có mục tiêu loại này thì dùng loại dài hơn gần nhất, rồi loại ngắn hơn.",
        ),
        _line(
            "Cấp tính",
            raised(COUNTING[review.counting]),
            remark=f"{left_out} chỉ tiêu không tính vào tổng: in nghiêng, hoặc in đậm nếu là chỉ tiêu gộp.",
        ),
        _line("Đơn vị", raised(VIEWS[review.view])),
        *source_lines(review),
        _line("Chốt số liệu", date_text(cut_off) if cut_off else "Theo lịch báo cáo"),
        _line("Số liệu đọc đến", f"{as_of:%H:%M} ngày {date_text(as_of.date())}", remark=review.timezone),
        _line("Kế hoạch", f"{review.plan.term.name}, phiên bản {review.plan_version}"),
        _line("Báo cáo", f"{book.version_text}, lập ngày {date_text(review.today)}"),
    ]
    if "data" in book.names:
        text = f"Các đơn vị nêu giống nhau được ghi chung; ghi đầy đủ ở trang {book.names['data']}"
        found.append(_line("Nguyên nhân, giải pháp", text))
    return found + ([_line("Lần chạy", review.run)] if review.run else [])


def source_lines(review: Review) -> list[Line]:
    """Who owes returns for the period, and what came of them."""
    owed = review.returns[~review.returns.state.isin(NOT_OWED)]
    if owed.empty:
        return []
    is_in = int(owed.state.isin([*IN, "submitted"]).sum())
    states = owed.state.value_counts()
    parts = [f"{states[state]} {lowered(label('obligation', state))}" for state in STATES if state in states]
    text = (
        f"{owed.unit.nunique()} đơn vị phải gửi {len(owed)} báo cáo; đã có {is_in} báo cáo, "
        f"qua {int(owed.version.fillna(0).sum())} lần nộp"
    )
    return [_line("Nguồn số liệu", text, remark=raised(", ".join(parts)) + ".")]


def band_lines(review: Review) -> list[Line]:
    """The rule of each band and of each grouping, with the thresholds in force."""
    words, limits = review.band_words, review.limits
    found = [_line(words[band], RULES[band].format(**limits), band=band) for band in BANDS]
    if review.bands.relative:
        part = short_number(round(100 * review.bands.stalled / review.bands.advancing, 1))
        text = f"theo tiến độ thời gian: 100 × phần thời gian đã qua của mục tiêu, và {part}% của mức đó"
        found.append(_line("Ngưỡng", text))
    for grouping in GROUPINGS.values():
        parts = " + ".join(lowered(words[band]) for band in grouping.bands)
        name = raised(grouping.vi.format(**limits))
        found.append(_line(f"“{name}”", parts, remark="Cách gọi trong câu tổng hợp."))
    return found


def formula_lines(lines: Lines) -> list[Line]:
    """The formula of each target type that an indicator of the review has."""
    used = Counter(line.values["type"] for line in lines.values())
    return [
        _line(f"{label('type', name)} ({used[name]} chỉ tiêu)", *about)
        for name, about in FORMULAS.items()
        if used[name]
    ]


def rollup_lines(review: Review) -> list[Line]:
    """How indicators become counts and an index."""
    floor = number_text(review.bands.coverage_floor, 0)
    return [
        _line(
            "Số chỉ tiêu",
            "Cộng các mức của mỗi bảng luôn bằng tổng số chỉ tiêu của bảng.",
            remark="Chỉ tiêu thuộc nhiều chương trình tính ở mỗi chương trình và một lần ở dòng tổng.",
        ),
        _line(
            "Mức đạt BQ",
            "Σ trọng số × % kế hoạch (không dưới 0, không quá 100) / Σ trọng số các chỉ tiêu đánh giá được",
            remark=f"Độ phủ dưới {floor}% thì không in.",
        ),
        _line(
            "Độ phủ",
            "trọng số các chỉ tiêu đánh giá được / trọng số các chỉ tiêu đã đến kỳ và áp dụng",
        ),
        _line("So kỳ trước", "mức đạt BQ kỳ này − mức đạt BQ kỳ trước (điểm %)"),
        _line("Làm tròn", "Tính và so sánh bằng số chưa làm tròn; chỉ làm tròn khi in, nửa đơn vị thì lên."),
    ]

"""How to fill a template: the lines of its guide, in Vietnamese and English."""

from collections.abc import Collection

from tasks.template.template_words import word
from tiendo.finding_codes import said_at_large
from tiendo.labels import LOCALES, label
from tiendo.plan_tables import ASKS
from tiendo.wording import raised

# Words of the table that the guide says too.
HOW_OF_PLACES = ("how_milestone", "how_stages", "how_rank")

# Findings that an officer may get back: said here in the words in which they would be told.
TOLD_CODES = (
    "missing_value", "not_a_number", "ambiguous_number", "missing_numerator", "missing_denominator",
    "zero_denominator", "out_of_range", "unit_slip", "large_change", "fell", "parts_do_not_sum", "compare_failed",
    "reason_required", "bad_state", "duplicate_indicator", "merged_cells", "uncached_formula", "locked_cell_changed",
)  # fmt: skip

# Kind of line, its name and its text. `first` and `heading` stand alone; a `state` is named by its code, a finding
# (`code`) by its message.
GUIDE: tuple[tuple[str, tuple[str, str], tuple[str, str]], ...] = (
    (
        "first",
        (
            "Bấm Enable Editing / Cho phép chỉnh sửa (thanh vàng phía trên) rồi mới nhập.",
            "First click Enable Editing / Cho phép chỉnh sửa (yellow bar above).",
        ),
        ("", ""),
    ),
    ("heading", ("1. Cách nhập", "1. How to fill"), ("", "")),
    (
        "line",
        ("Ô nền vàng", "Yellow cells"),
        (
            "Chỉ nhập vào ô nền vàng của trang Nhập số liệu; các ô khác đã khóa. Không thêm, xóa hay "
            "chuyển cột. Đưa chuột vào tên chỉ tiêu để xem định nghĩa, cách tính và nguồn số liệu.",
            "Fill only the yellow cells; the others are locked. Do not add, remove or move columns. "
            "Point at an indicator's name for its definition and source.",
        ),
    ),
    (
        "line",
        ("Số", "Numbers"),
        (
            "Chỉ ghi số, không ghi đơn vị tính hoặc ký hiệu %: 12,5% ghi là 12,5. Dấu thập phân theo máy, "
            "dòng chữ đỏ trên đầu biểu nói rõ là dấu nào.",
            "Numbers only, without unit or % sign: write 12.5% as 12.5. The red line above the table says "
            "which decimal mark your machine takes.",
        ),
    ),
    (
        "line",
        ("Số gần đúng", "Approximate"),
        (
            "Ghi thẳng vào ô số: trên 60, gần 60, khoảng 60, dưới 60 (hoặc >60, ~60, <60).",
            "Write it in the cell: >60, ~60, <60.",
        ),
    ),
    (
        "line",
        ("Trong kỳ, lũy kế, hiện có", "In period, to date, level"),
        (
            "Tiêu đề cột (hoặc cột Cách ghi) nói rõ phải ghi gì. Trong kỳ: số phát sinh trong kỳ. Lũy kế: số "
            "cộng dồn đến hết kỳ. Hiện có: số vào ngày chốt số liệu.",
            "The heading, or the column Ask, says what to give: what came about in the period, the figure to "
            "date, or the level on the cut-off day.",
        ),
    ),
    (
        "line",
        ("Tử số, Mẫu số", "Numerator, denominator"),
        (
            "Chỉ tiêu tỷ lệ thì ghi tử số và mẫu số, tỷ lệ tự tính.",
            "A ratio is given as numerator and denominator; it is computed.",
        ),
    ),
    (
        "line",
        ("Mốc, giai đoạn, thứ hạng", "Milestones, stages, ranks"),
        (
            "Mốc: {how_milestone}. Mốc chia giai đoạn: {how_stages}; chú thích ở tên chỉ tiêu kể tên từng giai "
            "đoạn. Xếp hạng: {how_rank}.",
            "A milestone: {how_milestone}. A milestone in stages: {how_stages}; the note on its name lists them. "
            "A rank: {how_rank}.",
        ),
    ),
    (
        "line",
        ("Loại số liệu", "Status"),
        (
            "Chọn một lần ở đầu biểu. Ước tính: dự báo khi kỳ chưa kết thúc. Sơ bộ: số tổng hợp ban đầu. "
            "Chính thức: số đã thẩm tra.",
            "Chosen once above the table: estimate, preliminary or final.",
        ),
    ),
    ("line", ("Ước cả năm", "Estimate of the year"), ("{how_year_estimate}", "{how_year_estimate}")),
    ("line", ("Khả năng hoàn thành", "Outlook"), ("{how_outlook}", "{how_outlook}")),
    ("line", ("Trang Lời văn", "The sheet In words"), ("{how_narrative}", "{how_narrative}")),
    ("heading", ("2. Cột Tình trạng", "2. The column State"), ("", "")),
    (
        "state",
        ("value", "value"),
        ("Đã ghi số, kể cả số 0; có thể để trống.", "There is a figure, zero included."),
    ),
    (
        "state",
        ("none_occurred", "none_occurred"),
        (
            "Trong kỳ không có trường hợp nào; được tính là 0. Để trống ô số.",
            "Nothing came about; counts as 0. Leave the figure empty.",
        ),
    ),
    (
        "state",
        ("not_started", "not_started"),
        ("Công việc chưa bắt đầu.", "The work has not begun."),
    ),
    (
        "state",
        ("not_due", "not_due"),
        ("Chưa đến thời điểm phải có số liệu này.", "The figure is not due yet."),
    ),
    (
        "state",
        ("not_applicable", "not_applicable"),
        ("Chỉ tiêu không thuộc phạm vi của đơn vị.", "The indicator does not concern the unit."),
    ),
    ("heading", ("3. Cột Kiểm tra", "3. The column Check"), ("", "")),
    ("line", ("Hợp lệ", "Valid"), ("Dòng đã đủ.", "The line is complete.")),
    (
        "line",
        ("Thiếu …", "Missing …"),
        (
            "Chưa có số, hoặc thiếu tử số, mẫu số, nguyên nhân. Bổ sung trước khi nộp.",
            "A figure, a part of it or a reason is missing. Add it before sending.",
        ),
    ),
    (
        "line",
        ("Sửa: …", "Fix: …"),
        ("Ô ghi chưa đúng; sửa như lời nhắc.", "Something is wrong; mend it as it says."),
    ),
    (
        "line",
        ("Xem lại: …", "Look: …"),
        (
            "Số khác thường. Nếu đúng, ghi một câu giải thích vào cột Ghi chú.",
            "An unusual figure. If it is right, say why in the column Note.",
        ),
    ),
    ("heading", ("4. Khi có ô bị trả lại", "4. When a cell comes back"), ("", "")),
    *(("code", (code, code), ("{fix}", "{fix}")) for code in TOLD_CODES),
    ("heading", ("5. Nộp", "5. Sending"), ("", "")),
    (
        "line",
        ("Hạn nộp", "Due"),
        ("{hour} giờ 00 ngày {due}.", "{hour}:00 on {due}."),
    ),
    (
        "line",
        ("Cách nộp", "How"),
        (
            "Lưu tệp (.xlsx) rồi trả lời thư nhắc, đính kèm tệp này. Đơn vị nhận được trả lời: ĐÃ NHẬN, hoặc "
            "CẦN SỬA kèm chính tệp này với ô sai tô đỏ.",
            "Save the file (.xlsx) and send it as an answer to the reminder. You are told at once whether it "
            "was received, or get it back with the wrong cells in red.",
        ),
    ),
    ("line", ("Đầu mối", "Contact"), ("{contact}", "{contact}")),
)


def guide(locale: str, asked: Collection[str] = (), **details: object) -> list[tuple[str, str, str]]:
    """The lines of the guide: kind, name, text; a line without a name or a text to it is left out.

    asked: what the template asks beside the figures (of plan_tables.ASKS).
    """
    index = LOCALES.index(locale)
    details |= {name: word(name, locale) for name in HOW_OF_PLACES}
    details |= {f"how_{name}": word(f"hint_{name}", locale) if name in asked else "" for name in ASKS}
    lines = [_line(kind, name[index], text[index], locale, details) for kind, name, text in GUIDE]
    return [line for line in lines if line[0] in ("first", "heading") or line[2]]


def _line(kind: str, name: str, text: str, locale: str, details: dict[str, object]) -> tuple[str, str, str]:
    if kind == "code":
        message, fix = said_at_large(name, locale)
        return kind, raised(message), fix
    return kind, label("state", name, locale) if kind == "state" else name, text.format(**details)

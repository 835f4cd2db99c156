"""The two sheets of the plan's workbook that are only read: how to fill it in, and what every column means."""

from tasks.book.strict_sheet import StrictSheet, Style
from tasks.book.text_fit import line_count, row_height
from tasks.office.plan_files import COLUMNS
from tiendo.plan_tables import TABLES
from tiendo.plan_words import TABLE_WORDS, choices_of, column_form, column_need, column_text

EMPTY_WORKBOOK = "plan-trong.xlsx"

HOW = (
    (
        "Dòng 1",
        "Tên các cột: không sửa, không thêm dòng ở trên, không gộp ô. Điền từ dòng 2, không cách dòng.",
    ),
    ("Nền đỏ đậm", "Cột bắt buộc; cột nền nhạt để trống được. Trang có thẻ đỏ là bảng bắt buộc."),
    ("Chú thích", f"Đưa chuột vào tên cột để xem ý nghĩa và cách ghi; trang {COLUMNS} kể lại tất cả."),
    (
        "Mã",
        "Chữ, số, dấu chấm, gạch. Cột mã để dạng Text để giữ số 0 ở đầu: 080 không phải là 80. Dán từ nơi "
        "khác thì dán giá trị (Paste Values).",
    ),
    ("Số", "Chỉ ghi số, không ghi đơn vị tính: 57,5% ghi là 57,5 (hoặc 57.5, tùy máy), không đặt dạng %."),
    ("Ngày", "Ghi 2026-12-31."),
    ("Nhiều mã", "Nối bằng dấu chấm phẩy: CT1;CT2."),
    ("Công thức", "Dùng được, nếu đã lưu tệp bằng Excel hoặc LibreOffice và không ô nào báo lỗi."),
    ("Trang khác", "Không thêm trang có nội dung; các trang không dùng thì để trống, hoặc xóa."),
)
STEPS = (
    (
        "Kiểm tra",
        f"tiendo plan check TỆP.xlsx (thí dụ {EMPTY_WORKBOOK}): kể mọi lỗi với bảng, dòng, cột và cách sửa.",
    ),
    ("Nạp", "tiendo plan load TỆP.xlsx: nạp thành bản mới và kể những gì thay đổi."),
    (
        "Dùng lâu dài",
        "Hoặc chép tệp thành plan/plan.xlsx sau khi bỏ các bảng CSV trong plan/; khi đó chỉ cần tiendo plan load.",
    ),
    ("Xem lại", "tiendo plan export ke-hoach.xlsx: xuất kế hoạch đang dùng ra tệp như thế này."),
)

HEAD, SOFT, GRID = "#8B1A1A", "#F3EAE2", "#A6A6A6"
_GUIDE_PIXELS = (150, 200, 90, 560)
_COLUMNS_PIXELS = (130, 190, 90, 190, 320, 420)


def write_guide(out: StrictSheet, style: Style) -> None:
    """How to fill the workbook in, its tables, and how to load it."""
    _set_up(out, _GUIDE_PIXELS)
    out.text(0, 0, "KẾ HOẠCH – HƯỚNG DẪN ĐIỀN", style(bold=True, font_size=16, font_color=HEAD))
    out.sheet.set_row_pixels(0, 36)
    row = _section(out, style, 2, "1. Cách điền", HOW)
    row = _section(out, style, row + 1, "2. Kiểm tra và nạp", STEPS)
    _heading(out, style, row + 1, "3. Các bảng")
    head = style(bold=True, bg_color=SOFT, border=1, border_color=GRID)
    for place, text in enumerate(("Trang", "Tên bảng", "Bắt buộc", "Mỗi dòng là gì")):
        out.text(row + 2, place, text, head)
    for number, (name, (title, about)) in enumerate(TABLE_WORDS.items(), row + 3):
        look = style(text_wrap=True, border=1, border_color=GRID)
        link = style(border=1, border_color=GRID, font_color="#1F3864", underline=1)
        out.link(number, 0, (name, "A1"), link, name)
        out.text(number, 1, title, look)
        need = style(border=1, border_color=GRID, align="center", bold=True, font_color=HEAD)
        out.text(number, 2, "có" if TABLES[name].required else "", need)
        out.text(number, 3, about, look)
        out.sheet.set_row(number, row_height(line_count(about, _GUIDE_PIXELS[3])))
    out.sheet.set_first_sheet()
    out.sheet.activate()


def write_columns(out: StrictSheet, style: Style) -> None:
    """Every column of every table: what it means, whether it is needed, how it is written."""
    _set_up(out, _COLUMNS_PIXELS)
    head = style(bold=True, bg_color=HEAD, font_color="#FFFFFF", border=1, border_color=GRID)
    for place, text in enumerate(("Bảng", "Cột", "Bắt buộc", "Cách ghi", "Ý nghĩa", "Các giá trị chọn")):
        out.text(0, place, text, head)
    look = style(text_wrap=True, border=1, border_color=GRID, valign="top")
    bold = style(text_wrap=True, border=1, border_color=GRID, valign="top", bold=True)
    row = 0
    for name, table in TABLES.items():
        for column in table.columns:
            row += 1
            choices = "\n".join(f"{each} = {word}" for each, word in choices_of(name, column).items())
            texts = (
                name,
                column.name,
                column_need(column),
                column_form(column),
                column_text(name, column),
                choices,
            )
            for place, text in enumerate(texts):
                out.text(row, place, text, bold if column.required and place == 1 else look)
            pairs = zip(texts, _COLUMNS_PIXELS, strict=True)
            out.sheet.set_row(row, row_height(max(line_count(text, pixels) for text, pixels in pairs)))
    out.sheet.freeze_panes(1, 2)
    out.sheet.autofilter(0, 0, row, len(_COLUMNS_PIXELS) - 1)
    out.sheet.repeat_rows(0)


def _section(out: StrictSheet, style: Style, row: int, title: str, lines: tuple[tuple[str, str], ...]) -> int:
    _heading(out, style, row, title)
    for number, (name, text) in enumerate(lines, row + 1):
        out.text(number, 0, name, style(bold=True, valign="top"))
        out.merge(number, 1, 3, text, style(text_wrap=True, valign="top"))
        out.sheet.set_row(number, row_height(line_count(text, sum(_GUIDE_PIXELS[1:]))))
    return row + 1 + len(lines)


def _heading(out: StrictSheet, style: Style, row: int, title: str) -> None:
    out.text(row, 0, title, style(bold=True, font_size=13, font_color=HEAD))


def _set_up(out: StrictSheet, pixels: tuple[int, ...]) -> None:
    for place, width in enumerate(pixels):
        out.sheet.set_column_pixels(place, place, width)
    out.sheet.hide_gridlines(2)
    out.sheet.set_landscape()
    out.sheet.set_paper(9)
    out.sheet.fit_to_pages(1, 0)

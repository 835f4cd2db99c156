"""The letterhead, titles and sign block of an official report, as data for each kind of authority."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tasks.book import book_style as style
from tasks.book.book_cells import Link, write_cell, write_merged
from tasks.book.book_style import Paper
from tasks.book.book_table import LINK_LOOK
from tasks.book.text_fit import line_count, row_height
from tiendo.review import Review

Look = Mapping[str, Any]
BOLD: Look = {"bold": True}
ITALIC: Look = {"italic": True}
PLAIN: Look = {}
UNDERLINED: Look = {"bold": True, "underline": 1}
MAIN_TITLE: Look = {"bold": True, "font_size": style.TITLE}
DRAFT_MARK: Look = {**MAIN_TITLE, "font_color": style.WORSE}

SUMMARY = "summary"  # the key of the first sheet, which the others lead back to

# First words of an authority's name → the Party committee's name and the letters of its document numbers.
COMMITTEES = {
    "Tỉnh": ("TỈNH ỦY", "TU"),
    "Thành phố": ("THÀNH ỦY", "TU"),
    "Huyện": ("HUYỆN ỦY", "HU"),
    "Quận": ("QUẬN ỦY", "QU"),
    "Thị xã": ("THỊ ỦY", "TU"),
    "Thị trấn": ("ĐẢNG ỦY", "ĐU"),
    "Phường": ("ĐẢNG ỦY", "ĐU"),
    "Xã": ("ĐẢNG ỦY", "ĐU"),
    "Đặc khu": ("ĐẢNG ỦY", "ĐU"),
}
OTHER_COMMITTEE = ("BAN CHẤP HÀNH", "ĐU")

SIGN_ROWS = 9  # heading lines, room for hand and seal, name


@dataclass(frozen=True)
class Letterhead:
    """What stands at the head and foot of a report; the document's number stays empty for the registry.

    `{authority}`, `{committee}`, `{letters}` and `{dated}` are filled in.
    """

    left: Sequence[tuple[str, Look]]
    right: Sequence[tuple[str, Look]]
    signs: Sequence[tuple[str, Look]]
    copies: Sequence[tuple[str, Look]]


_COPIES = (
    ("Nơi nhận:", {"bold": True, "italic": True}),
    ("- Các đồng chí lãnh đạo phụ trách chương trình;", PLAIN),
    ("- Các đơn vị chủ trì, đơn vị báo cáo;", PLAIN),
)

LETTERHEADS: dict[str, Letterhead] = {
    "party": Letterhead(
        left=(
            ("ĐẢNG BỘ {authority}", PLAIN),
            ("{committee}", BOLD),
            ("*", PLAIN),
            ("Số            -BC/{letters}", PLAIN),
        ),
        right=(("ĐẢNG CỘNG SẢN VIỆT NAM", UNDERLINED), ("", PLAIN), ("{dated}", ITALIC)),
        signs=(("T/M BAN THƯỜNG VỤ", BOLD),),
        copies=(*_COPIES, ("- Lưu Văn phòng.", PLAIN)),
    ),
    "government": Letterhead(
        left=(
            ("ỦY BAN NHÂN DÂN", PLAIN),
            ("{authority}", UNDERLINED),
            ("", PLAIN),
            ("Số:            /BC-UBND", PLAIN),
        ),
        right=(
            ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", BOLD),
            ("Độc lập - Tự do - Hạnh phúc", UNDERLINED),
            ("", PLAIN),
            ("{dated}", ITALIC),
        ),
        signs=(("TM. ỦY BAN NHÂN DÂN", BOLD), ("CHỦ TỊCH", BOLD)),
        copies=(*_COPIES, ("- Lưu: VT.", PLAIN)),
    ),
}


def _words(review: Review) -> dict[str, str]:
    name = review.authority.casefold()
    forms = (form for start, form in COMMITTEES.items() if name.startswith(f"{start.casefold()} "))
    committee, letters = next(forms, OTHER_COMMITTEE)
    dated = dated_text(review.place, review.today)
    return {"authority": review.authority.upper(), "committee": committee, "letters": letters, "dated": dated}


def dated_text(place: str, day: date) -> str:
    """Place and date as documents have them: a day under 10, January and February take a 0 before them."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    text = f"ngày {day.day:02d} tháng {month} năm {day.year}"
    return f"{place}, {text}" if place else text.capitalize()


def write_letterhead(paper: Paper, row: int, split: int) -> int:
    """Write the letterhead from `row` on, left and right of column `split`; returns the next free row."""
    head = LETTERHEADS[paper.review.letterhead]
    words = _words(paper.review)
    for block, first, last in ((head.left, 0, split - 1), (head.right, split, paper.last)):
        for number, (text, look) in enumerate(block, start=row):
            format_ = paper.book.look(align="center", **look)
            write_merged(paper.sheet, (number, first, number, last), text.format(**words), format_)
    return row + max(len(head.left), len(head.right))


def write_titles(paper: Paper, row: int, titles: Sequence[tuple[str, Look]]) -> int:
    """Centred lines across the page, each as high as its text needs; returns the next free row.

    A draft says first that it is one.
    """
    if paper.book.is_draft:
        titles = [(style.DRAFT.upper(), DRAFT_MARK), *titles]
    for number, (text, look) in enumerate(titles, start=row):
        properties: dict[str, Any] = {"align": "center", "text_wrap": True} | dict(look)
        write_merged(paper.sheet, (number, 0, number, paper.last), text, paper.book.look(**properties))
        size = float(properties.get("font_size", style.BODY))
        lines = line_count(text, paper.pixels, size, "bold" in look)
        paper.set_height(number, row_height(lines, size))
    return row + len(titles)


def write_opening(paper: Paper, titles: Sequence[tuple[str, Look]]) -> int:
    """The head of every sheet after the first: the way back to it, then titles; returns the table's row."""
    if SUMMARY in paper.book.names:
        back = Link("« Tổng hợp", paper.book.names[SUMMARY])
        write_cell(paper.sheet, 0, 0, back, paper.book.look(**LINK_LOOK))
    return write_titles(paper, 1, [(text, look) for text, look in titles if text]) + 1


def write_signs(paper: Paper, row: int, split: int) -> int:
    """Write who gets copies and who signs, from `row` on; returns the next free row (SIGN_ROWS further)."""
    head = LETTERHEADS[paper.review.letterhead]
    for block, first, last, align in (
        (head.copies, 0, split - 1, "left"),
        (head.signs, split, paper.last, "center"),
    ):
        for number, (text, look) in enumerate(block, start=row):
            write_merged(
                paper.sheet, (number, first, number, last), text, paper.book.look(align=align, **look)
            )
    return row + SIGN_ROWS

"""The review workbook `BaoCao_<period>_v<n>.xlsx`: what the office prints, signs and sends."""

import contextlib
import os
from collections.abc import Callable
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter.workbook import Workbook

from tasks.book import book_style as style
from tasks.book.book_style import DRAFT, Book, Page, Paper, set_up_page, sheet_names
from tasks.book.review_lines import Lines, indicator_lines
from tasks.book.review_titles import against_text, period_text
from tasks.book.sheet_changes import change_pages
from tasks.book.sheet_data import data_pages
from tasks.book.sheet_explain import explain_pages
from tasks.book.sheet_overdue import overdue_pages
from tasks.book.sheet_programmes import programme_pages
from tasks.book.sheet_resolution import resolution_pages
from tasks.book.sheet_returns import returns_pages
from tasks.book.sheet_summary import summary_pages
from tasks.book.sheet_unlikely import unlikely_pages
from tiendo.errors import TiendoError
from tiendo.labels import period_label
from tiendo.review import Review

# The workbook's sheets in their order. A new kind of sheet is one function: which pages a review has of it.
SHEETS: list[Callable[[Review, Lines], list[Page]]] = [
    summary_pages,
    programme_pages,
    resolution_pages,
    overdue_pages,
    unlikely_pages,
    returns_pages,
    change_pages,
    explain_pages,
    data_pages,
]

# What a report of each kind holds.
PAGES_OF: dict[str, list[Callable[[Review, Lines], list[Page]]]] = {
    "province": SHEETS,
    "unit": SHEETS,
    "programme": [programme_pages, explain_pages],
    "overdue": [overdue_pages, explain_pages],
}

_OPTIONS: dict[str, Any] = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_column_width": style.DEFAULT_COLUMN_PIXELS,
    "default_row_height": style.DEFAULT_ROW_PIXELS,
}


def write_review(path: Path, review: Review, kind: str = "province", is_draft: bool = False) -> None:
    """Write the review's workbook of a kind (a key of PAGES_OF); the same review gives the same bytes.

    A draft says on every page that it is not issued, and bears no version. The file appears under its name
    only when it is whole. Raises TiendoError where it cannot be written.
    """
    content = review_bytes(review, kind, is_draft)
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as fault:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise TiendoError(
            f"{path} could not be written: {fault.strerror}; see that the disk has room"
        ) from fault


def review_bytes(review: Review, kind: str = "province", is_draft: bool = False) -> bytes:
    """The review's workbook as it would stand in a file."""
    target = BytesIO()
    workbook = Workbook(target, _OPTIONS | {"default_format_properties": dict(style.LETTERS)})
    lines = indicator_lines(review)
    pages = [page for pages_of in PAGES_OF[kind] for page in pages_of(review, lines)]
    names = sheet_names(page.name for page in pages)
    book = Book(workbook, review, dict(zip((page.key for page in pages), names, strict=True)), is_draft)
    _set_properties(book)
    for page, name in zip(pages, names, strict=True):
        paper = Paper(book, workbook.add_worksheet(name), page.columns)
        set_up_page(paper)
        page.write(paper)
    workbook.close()
    return target.getvalue()


def _set_properties(book: Book) -> None:
    """The document's properties; its time of creation is the instant of its data."""
    review = book.review
    period = f"{period_label(review.period)} ({review.period})"
    adjusted = f" – {review.changes.title}" if review.changes else ""
    book.workbook.set_properties(
        {
            "title": f"Báo cáo kết quả thực hiện {period_text(review)} – {review.subject}{adjusted}",
            "subject": f"{period}, đánh giá so với {against_text(review)}{adjusted}",
            "author": review.authority,
            "company": review.authority,
            "category": "Báo cáo rà soát",
            "keywords": f"{review.period}; {'nháp' if book.is_draft else f'v{review.version}'}",
            "comments": f"{book.version_text}; kế hoạch phiên bản {review.plan_version}",
            "created": review.as_of.astimezone(UTC).replace(tzinfo=None),
        }
    )
    own: dict[str, str | int] = {
        "tiendo_period": str(review.period),
        "tiendo_version": DRAFT if book.is_draft else review.version,
        "tiendo_plan_version": review.plan_version,
        "tiendo_against": review.against,
        "tiendo_view": review.view,
        "tiendo_as_of": review.as_of.astimezone(UTC).isoformat(timespec="seconds"),
    }
    if review.changes:
        own |= {"tiendo_adjusted": review.changes.number, "tiendo_replaces": review.changes.before.version}
    for name, value in own.items():
        book.workbook.set_custom_property(name, value)

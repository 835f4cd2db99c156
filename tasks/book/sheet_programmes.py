"""One sheet for each programme: its indicators by scheme, with targets, figures, bands and notes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from tasks.book.book_cells import is_absent
from tasks.book.book_style import Column, Page, Paper
from tasks.book.book_table import Heading, Line, finish_table, write_table
from tasks.book.column_widths import fitted, short_column, snug_column
from tasks.book.letterhead import BOLD, ITALIC, MAIN_TITLE, Look, write_opening
from tasks.book.review_lines import Lines, in_order, under_their_mains
from tasks.book.review_titles import judged_text, leaders_of, period_text
from tiendo.review import Review, counts_of
from tiendo.wording import lowered, number_text

_SHORT = {"term": "nhiệm kỳ", "year": "năm"}
WITHOUT_SCHEME = "Chỉ tiêu chung, không thuộc đề án"
OTHERS = "Chỉ tiêu ngoài các chương trình"
_IF_GIVEN = ("same_period",)  # left out where nothing is in it


def programme_pages(review: Review, lines: Lines) -> list[Page]:
    """A sheet for each programme in the plan's order, and one for indicators of none."""
    pages: list[Page] = []
    for programme in in_order(review.plan.tables["programmes"]).to_dict("records"):
        code = programme["code"]
        own = [line for line in lines.values() if code in line.values["programmes"].split(";")]
        if own:
            title = _titled("Chương trình", len(pages) + 1, programme["name"])
            write = partial(write_programme, code=code, title=title, lines=own)
            pages.append(Page(f"programme {code}", code, columns_of(review, own), write))
    others = [line for line in lines.values() if _is_of_none(line)]
    if others:
        write = partial(write_programme, code="", title=OTHERS, lines=others)
        pages.append(Page("others", "Chỉ tiêu khác", columns_of(review, others), write))
    return pages


def _is_of_none(line: Line) -> bool:
    return not line.values["programmes"] and not line.values["resolution"] and not line.values["parent"]


def _titled(word: str, number: int, name: str) -> str:
    """`Chương trình 2: …`, unless the name says so itself."""
    return name if name.casefold().startswith(word.casefold()) else f"{word} {number}: {name}"


def write_programme(paper: Paper, code: str, title: str, lines: Sequence[Line]) -> None:
    """Write one programme's sheet."""
    row = write_opening(paper, _titles(paper.review, code, title))
    rows = list(_grouped_by_scheme(paper.review, code, lines))
    finish_table(paper, write_table(paper, row, rows))


def columns_of(review: Review, lines: Sequence[Line]) -> list[Column]:
    """The columns that the lines need.

    The target judged against stands as KH lũy kế; the year's and the term's stand beside it, with their
    percentages, where there are such that are not the one judged against.
    """
    spans = _spans(review)
    judged = {str(line.values["span"]) for line in lines if _has(line, "target_text")}
    beside = [kind for kind, (span, _) in spans.items() if judged != {span} and _any(lines, f"{kind}_target")]
    of_all = next((words for span, words in spans.values() if judged == {span}), "")
    aim = "KH lũy kế" if beside else "Mục tiêu, KH lũy kế"
    columns = [
        short_column(lines, "code", "Mã"),
        Column("name", "Chỉ tiêu", 130, grows=1),
        short_column(lines, "measure", "ĐVT"),
        *(snug_column(lines, f"{kind}_text", f"Mục tiêu {spans[kind][1]}", 66, "target") for kind in beside),
        snug_column(lines, "target_text", f"{aim} {of_all}".strip(), 66 if beside else 100, "target"),
        snug_column(lines, "actual", "Thực hiện lũy kế", 66, "actual"),
        snug_column(lines, "same_period", f"Cùng kỳ {review.period.years[-1] - 1}", 62),
        Column("percent", "% KH", 58, "percent"),
        *(Column(f"{kind}_percent", f"% {_SHORT[kind]}", 58, "percent") for kind in beside),
        Column("band_text", "Xếp mức", 76, "band"),
        Column("lead_name", "Chủ trì", 84, grows=1),
        Column("notes", "Nguyên nhân, ghi chú", 130, grows=1),
    ]
    given = [column for column in columns if column.field not in _IF_GIVEN or _any(lines, column.field)]
    return fitted(given, lines)


def _spans(review: Review) -> dict[str, tuple[str, str]]:
    """The kinds of target that can stand beside the one judged against: span, and words for a heading."""
    year, term = review.period.years[-1], review.plan.term.span
    return {
        "term": (str(term), f"nhiệm kỳ {term.year}–{term.number}"),
        "year": (str(year), f"năm {year}"),
    }


def _any(lines: Sequence[Line], field: str) -> bool:
    return any(_has(line, field) for line in lines)


def _has(line: Line, field: str) -> bool:
    return not is_absent(line.values[field])


def _titles(review: Review, code: str, title: str) -> list[tuple[str, Look]]:
    titles = [
        (title.upper(), MAIN_TITLE),
        (f"Kết quả {period_text(review)} theo chỉ tiêu", BOLD),
        (judged_text(review), ITALIC),
    ]
    level = review.level("programme")
    if code in level.index:
        rollup, leaders = level.loc[code].to_dict(), leaders_of(review).get(code, [])
        names = "; ".join(", ".join(filter(None, leader)) for leader in leaders)
        texts = [f"Phụ trách: {names}"] if names else []
        titles.append((" · ".join([*texts, _counted(review, rollup), _index_text(rollup)]), {}))
    return titles


def _counted(review: Review, rollup: Mapping[Any, Any]) -> str:
    """`13 chỉ tiêu: 3 vượt, 5 đạt, 5 từ 60% đến dưới 100%`."""
    parts = [
        f"{count} {lowered(review.band_words[band])}" for band, count in counts_of(rollup).items() if count
    ]
    return f"{int(rollup['n'])} chỉ tiêu" + (": " + ", ".join(parts) if parts else "")


def _index_text(rollup: Mapping[Any, Any]) -> str:
    coverage = number_text(rollup["coverage"])
    if is_absent(rollup["index"]):
        return f"Mức đạt bình quân: chưa đủ căn cứ (độ phủ {coverage}%)"
    return f"Mức đạt bình quân {number_text(rollup['index'])}% (độ phủ {coverage}%)"


def _grouped_by_scheme(review: Review, programme: str, lines: Sequence[Line]) -> Iterator[Line | Heading]:
    """The lines under headings of their schemes; an indicator of several stands under the first."""
    schemes = in_order(review.plan.tables["schemes"]).to_dict("records")
    names = {row["code"]: row["name"] for row in schemes if programme in row["programme"].split(";")}
    by_scheme: dict[str, list[Line]] = {code: [] for code in [*names, ""]}
    for line in lines:
        own = (code for code in line.values["schemes"].split(";") if code in by_scheme)
        by_scheme[next(own, "")].append(line)
    counts = review.level("scheme")
    number = 0
    for code, members in by_scheme.items():
        if not members:
            continue
        if code:
            number += 1
            title = _titled("Đề án", number, names[code])
            rollup = counts.loc[code].to_dict() if code in counts.index else None
            yield Heading(f"{title} ({_counted(review, rollup)})" if rollup else title)
        elif number:
            yield Heading(WITHOUT_SCHEME)
        yield from under_their_mains(members)

"""The sheet Nộp báo cáo: who sent what when, how complete and timely each unit has been, and the exceptions made."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from tasks.book import book_style as style
from tasks.book.book_cells import Formula, is_absent, sum_of, write_merged
from tasks.book.book_style import Column, Page, Paper
from tasks.book.book_table import CUT, MOST_LINES, Extent, Heading, Line, finish_table, write_table
from tasks.book.column_widths import fitted
from tasks.book.letterhead import BOLD, ITALIC, MAIN_TITLE, write_opening
from tasks.book.review_lines import Lines
from tasks.book.review_titles import standing_text
from tasks.book.text_fit import cut_to_lines, line_count, row_height
from tiendo.approvals import ACCEPTED, CONFIRMED, RETURNED, SUBMITTED, VALIDATED
from tiendo.labels import label, period_label
from tiendo.obligations import IN, NOT_IN
from tiendo.periods import Period
from tiendo.review import Review
from tiendo.timeliness import COUNTS
from tiendo.unit_words import MOST_NAMED
from tiendo.wording import date_text, lowered

TITLE = "TÌNH HÌNH NỘP BÁO CÁO"
TERM = "Từ đầu nhiệm kỳ"
EXPLANATION = (
    "Từ đầu nhiệm kỳ: các kỳ cùng loại đã qua hạn nộp, không kể kỳ được miễn; % đầy đủ = đã nhận / phải nộp, "
    "% đúng hạn = đúng hạn / phải nộp."
)
TOTAL = "Cộng"
WHOLE = "Tất cả các kỳ"
EXCEPTIONS = "Ngoại lệ"
NONE = "không có"
NO_RETURNS = "Không đơn vị nào phải nộp báo cáo cho kỳ này"

# How a state is coloured, by the band whose colours it takes; red is for what was late or is not there.
COLOURS = {
    "accepted_late": "missing",
    "overdue": "missing",
    "locked_missing": "missing",
    "returned": "lagging",
    "waived": "not_applicable",
}
# What the office did, as people read it; a lock is early, or it would not have been said.
ACTS = {
    "lock": "Khóa kỳ trước hạn",
    "unlock": "Mở khóa kỳ",
    "waive": "Miễn nộp báo cáo",
    "backdate": "Ghi nhận lùi ngày",
}
EVERYONE = "mọi đơn vị"
STAGES = {
    SUBMITTED: "Chờ duyệt",
    VALIDATED: "Hợp lệ",
    CONFIRMED: "Thủ trưởng đã xác nhận",
    ACCEPTED: "Đã duyệt",
    RETURNED: "Trả lại",
}

COLUMNS = [
    Column("number", "TT", 40, "code"),
    Column("code", "Mã", 76, "code"),
    Column("name", "Đơn vị báo cáo", 190, grows=1),
    Column("due", "Hạn nộp", 90, "date"),
    Column("received", "Nhận lúc", 128, "moment"),
    Column("version", "Lần nộp", 46, "count"),
    Column("days", "Số ngày trễ", 50, "count"),
    Column("state", "Tình trạng", 96, "band"),
    Column("expected", "Phải nộp", 48, "count", over=TERM),
    Column("accepted", "Đã nhận", 48, "count", over=TERM),
    Column("on_time", "Đúng hạn", 48, "count", over=TERM),
    Column("completeness", "% đầy đủ", 62, "share", over=TERM),
    Column("timeliness", "% đúng hạn", 62, "share", over=TERM),
]
STAGE = Column("stage", "Xác nhận, duyệt", 96, "code")
SHARES = {"completeness": "accepted", "timeliness": "on_time"}


def returns_pages(review: Review, lines: Lines) -> list[Page]:
    """The sheet Nộp báo cáo; where any return was confirmed or decided on, with the stage that each has reached."""
    has_stage = "stage" in review.returns and bool((~review.returns.stage.isin(("", VALIDATED))).any())
    at = [column.field for column in COLUMNS].index("state") + 1
    columns = [*COLUMNS[:at], *([STAGE] if has_stage else []), *COLUMNS[at:]]
    return [Page("returns", "Nộp báo cáo", fitted(columns), write_returns)]


def write_returns(paper: Paper) -> None:
    """Write the returns that close with the review, by period, then the exceptions that were made."""
    review = paper.review
    titles = [
        (TITLE, MAIN_TITLE),
        (f"Tính đến ngày {date_text(review.today)}", BOLD),
        (standing_text(review), ITALIC),
        (EXPLANATION, ITALIC),
    ]
    top = write_opening(paper, titles)
    extent = write_table(paper, top, _placed_rows(paper, top + _HEADING_ROWS, groups_of(review)))
    if not extent.openers:
        extent = _with_texts(paper, extent, NO_RETURNS, [])
    paper.sheet.autofilter(extent.last_head, 0, extent.last, paper.last)
    made = exception_texts(review)
    extent = _with_texts(paper, extent, f"{EXCEPTIONS}: {len(made) or NONE}", made)
    finish_table(paper, extent, is_filtered=False)


_HEADING_ROWS = 2


@dataclass(frozen=True)
class Group:
    """The returns of one period: what stands over them, and a line for each."""

    heading: str
    lines: Sequence[Line]


def groups_of(review: Review) -> list[Group]:
    """The returns of each period that closes with the review, shortest periods first, units in order."""
    returns = review.returns.sort_values(["unit"])
    periods = sorted({str(text) for text in returns.period}, key=lambda text: _length(Period.parse(text)))
    so_far = _so_far(review)
    found = []
    for text in periods:
        period, own = Period.parse(text), returns[returns.period == text].to_dict("records")
        lines = [_line(review, number, record, so_far) for number, record in enumerate(own, start=1)]
        found.append(Group(_heading(period, own), lines))
    return found


def _length(period: Period) -> int:
    return period.last_month - period.first_month


def _heading(period: Period, records: Sequence[Mapping[Any, Any]]) -> str:
    states = pd.Series([record["state"] for record in records])
    late = int((states == "accepted_late").sum())
    parts = [f"đã nhận {int(states.isin(IN).sum())}/{len(states)} báo cáo"]
    parts += [f"trễ hạn {late}"] if late else []
    parts += [f"quá hạn chưa nhận {int(states.isin(NOT_IN).sum())}"] if states.isin(NOT_IN).any() else []
    parts += [f"được miễn {int((states == 'waived').sum())}"] if (states == "waived").any() else []
    return f"{period_label(period)}: {', '.join(parts)}"


def _so_far(review: Review) -> dict[tuple[str, str], dict[str, int]]:
    """(unit, kind of period) → COUNTS of the term so far."""
    table = review.timeliness
    kinds = table.period.map({text: Period.parse(text).kind for text in table.period.unique()})
    sums = table[COUNTS].groupby([table.unit, kinds]).sum()
    rows = zip(sums.index, *(sums[name] for name in COUNTS), strict=True)
    return {
        (str(unit), str(kind)): dict(zip(COUNTS, map(int, counts), strict=True))
        for (unit, kind), *counts in rows
    }


def _line(
    review: Review, number: int, record: Mapping[Any, Any], so_far: Mapping[tuple[str, str], dict[str, int]]
) -> Line:
    unit, state = record["unit"], record["state"]
    counts = so_far.get((unit, Period.parse(str(record["period"])).kind), dict.fromkeys(COUNTS, 0))
    values = {
        "number": str(number),
        "code": unit,
        "name": review.plan.unit_name(unit, review.today),
        "due": _day(record["due"]),
        "received": _moment(record["received_at"], review),
        "version": None if is_absent(record["version"]) else int(record["version"]),
        "days": days_late(record, review),
        "state": label("obligation", state),
        "stage": STAGES.get(str(record.get("stage", "")), ""),
    }
    return Line(values | counts | _shares(counts), band=COLOURS.get(state, ""))


def _shares(counts: Mapping[str, Any]) -> dict[str, Formula]:
    """The shares of what was expected, as formulas of the row; none where nothing was."""
    expected = counts["expected"]
    return {
        name: Formula(f"={{{of}}}/{{expected}}", counts[of] / expected)
        for name, of in SHARES.items()
        if expected
    }


def days_late(record: Mapping[Any, Any], review: Review) -> int | None:
    """Days begun since a late return was due, or since one that is not in; None for the others."""
    due = _day(record["due"])
    if record["state"] in NOT_IN:
        return (review.today - due).days
    if record["state"] != "accepted_late":
        return None
    received = _moment(record["received_at"], review)
    assert received is not None
    # Due at an hour: what came later on the same day is late by a day too.
    return max(math.ceil((received.date() - due) / timedelta(days=1)), 1)


def _day(value: Any) -> date:
    return pd.Timestamp(value).date()


def _moment(value: Any, review: Review) -> datetime | None:
    """An instant as a clock in the workspace's time zone shows it, to the minute."""
    if is_absent(value):
        return None
    local = pd.Timestamp(value).to_pydatetime().astimezone(ZoneInfo(review.timezone))
    return local.replace(tzinfo=None, second=0, microsecond=0)


# --- totals ---------------------------------------------------------------------------------------------------


def _placed_rows(paper: Paper, first: int, groups: Sequence[Group]) -> list[Line | Heading]:
    """The rows of the table that begins at row `first`: each group with its total, at the end that of all."""
    rows: list[Line | Heading] = []
    totals: list[tuple[int, dict[str, Formula]]] = []
    for group in groups:
        start = first + len(rows) + 1
        rows += [Heading(group.heading), *group.lines]
        sums = _sums(paper, start, group.lines)
        totals.append((first + len(rows), sums))
        rows.append(_total(paper, TOTAL, sums))
    if len(groups) > 1:
        rows.append(_total(paper, WHOLE, _sum_of_totals(paper, totals)))
    return rows


def _columns(paper: Paper) -> dict[str, int]:
    return {column.field: number for number, column in enumerate(paper.columns)}


def _sums(paper: Paper, start: int, lines: Sequence[Line]) -> dict[str, Formula]:
    at = _columns(paper)
    return {
        name: sum_of(at[name], start, start + len(lines) - 1, [line.values[name] for line in lines])
        for name in COUNTS
    }


def _sum_of_totals(paper: Paper, totals: Sequence[tuple[int, Mapping[str, Formula]]]) -> dict[str, Formula]:
    at = _columns(paper)
    found = {}
    for name in COUNTS:
        cells = "+".join(xl_rowcol_to_cell(row, at[name]) for row, _ in totals)
        found[name] = Formula(f"={cells}", sum(sums[name].value for _, sums in totals))
    return found


def _total(paper: Paper, name: str, sums: Mapping[str, Formula]) -> Line:
    counts = {field: formula.value for field, formula in sums.items()}
    look = {"bold": True, "bg_color": paper.book.soft}
    return Line({"name": name} | dict(sums) | _shares(counts), look)


# --- exceptions -----------------------------------------------------------------------------------------------


def exception_texts(review: Review) -> list[str]:
    """A sentence for each exception to the rules of closing: what, for whom, until when, why, by whom and when.

    What was said of many units in the same words is one sentence.
    """
    own = review.exceptions
    if review.unit != review.plan.term.authority:
        own = own[own.unit.isin((review.unit, ""))]
    groups = own.groupby([name for name in own.columns if name != "unit"], sort=False, dropna=False).groups
    texts = [
        _exception(review, own.loc[at].iloc[0].to_dict(), own.loc[at].unit.tolist()) for at in groups.values()
    ]
    return [f"{number}. {text}" for number, text in enumerate(texts, start=1)]


def _exception(review: Review, record: Mapping[Any, Any], units: Sequence[str]) -> str:
    received, said = _moment(record.get("received_at"), review), _moment(record["recorded_at"], review)
    assert said is not None
    until = "" if is_absent(record["expires"]) else f", đến hết ngày {date_text(_day(record['expires']))}"
    at = f", coi như nhận lúc {_clock(received)}" if received else ""
    reason = str(record["reason"]).strip().rstrip(".")
    by = record["recorded_by"] or "không rõ người ghi"
    whom, names = _whom(review, units)
    about = (
        f"{ACTS.get(record['act'], record['act'])} – {whom}, {lowered(_named(record['period']))}{until}{at}"
    )
    # The longest part last: of very many units it may not all fit into a row.
    return f"{about}. Lý do: {reason}. Người ghi: {by}, lúc {_clock(said)}.{names}"


def _whom(review: Review, units: Sequence[str]) -> tuple[str, str]:
    """For whom an exception was made; of several units their number, and a sentence that names them."""
    names = [f"{unit} {review.plan.unit_name(unit, review.today)}" if unit else EVERYONE for unit in units]
    if len(names) == 1:
        return names[0], ""
    return f"{len(names)} đơn vị", f" Gồm: {'; '.join(names if len(names) <= MOST_NAMED else units)}."


def _named(text: Any) -> str:
    return period_label(Period.parse(str(text)))


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M} ngày {date_text(moment.date())}"


def _with_texts(paper: Paper, extent: Extent, heading: str, texts: Sequence[str]) -> Extent:
    """Write a heading and sentences across the sheet, under what stands there; returns the extent with them."""
    top = extent.last + 1
    border = {"border": 1, "border_color": style.GRID, "align": "left", "text_wrap": True}
    looks = [paper.book.look(bold=True, bg_color=paper.book.soft, **border), paper.book.look(**border)]
    fitting = (cut_to_lines(text, paper.pixels, MOST_LINES, CUT) for text in texts)
    for row, text in enumerate([heading, *fitting], start=top):
        is_heading = row == top
        write_merged(paper.sheet, (row, 0, row, paper.last), text, looks[not is_heading])
        paper.set_height(row, row_height(line_count(text, paper.pixels, bold=is_heading), least=18.0))
    return replace(extent, last=top + len(texts), openers=extent.openers | {top})

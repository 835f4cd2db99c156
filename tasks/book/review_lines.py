"""An indicator of a review as one printed line: its figures, targets as printed, band word and notes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from tasks.book.book_cells import Formula, cut, is_absent
from tasks.book.book_style import target_places
from tasks.book.book_table import Line
from tiendo.bands import TOLERANCE
from tiendo.labels import label
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.review import Review
from tiendo.rollup import counting_rows
from tiendo.targets import ASSIGNED
from tiendo.wording import UNSPECIFIED, number_text

# Types whose attainment is 100·A/T, so that a printed percentage can be a formula of its row's cells.
SHARE_TYPES = ("ratio", "rate", "reduction", "benchmark")
LONGEST_NOTE = 2000  # characters: more than a cell prints; the data sheet has it whole
# What the flags of a judgement say to a reader; `{reported}`, `{expected}` are the indicator's.
FLAG_NOTES = {
    "partial": "Mới có {reported}/{expected} đơn vị báo cáo.",
    "stale": "Có đơn vị chưa cập nhật số liệu kỳ này.",
    "gaps": "Có kỳ trước chưa báo cáo.",
    "qualified": "Số xấp xỉ theo đơn vị báo cáo.",
    "late": "Hoàn thành sau hạn.",
    "zero_target": "Mục tiêu bằng 0.",
    "weights_missing": "Thiếu quyền số của một số đơn vị.",
    "sources_differ": "Số liệu các nguồn chênh nhau.",
    "restated": "Gồm số quy đổi của đơn vị trước khi sắp xếp lại.",
    "unapproved": "Có số liệu chưa được văn phòng duyệt.",
}

Lines = Mapping[str, Line]

_PLAN_COLUMNS = [
    *("decimals", "schemes", "programmes", "parent", "field", "order", "row", "lead"),
    *("resolution", "is_heading", "nobody"),
]


def indicator_lines(review: Review) -> dict[str, Line]:
    """Code → line of every indicator judged, in the plan's order.

    Values are the attainment row's (reason and remedy in short, where the review has them so), the plan's (measure
    is the unit of measure), and what is printed:
    target_text, year_text, term_text (a number, or the printed form), percent, year_percent, term_percent
    (a number, or a formula of the row's cells), band_text, lead_name, notes, outlook_text.
    """
    forms = printed_targets(review.plan, review.unit)
    names = {
        code: review.plan.unit_name(code, review.today)
        for code in review.plan.indicators.lead.unique()
        if code
    }
    lines = {}
    for record in _records(review):
        record |= {
            name: _given(record, f"{name}_short") or _given(record, name) for name in ("reason", "remedy")
        }
        values = record | _printed_targets_of(record, review, forms)
        values |= {
            "percent": _percent(values, "target_text", "attainment"),
            "year_percent": _percent(values, "year_text", "year_attainment"),
            "term_percent": _percent(values, "term_text", "term_attainment"),
            "band_text": _band_text(record, review),
            "lead_name": names.get(record["lead"], ""),
            "notes": notes(record),
            "outlook_text": outlook_text(record, review),
        }
        lines[record["code"]] = Line(
            values,
            look=_look_of(record),
            decimals=record["decimals"],
            is_estimate=record["status"] == "estimate",
            band=record["band"],
        )
    return lines


def _records(review: Review) -> list[dict[Any, Any]]:
    """One attainment row an indicator (its declared series), with the plan's columns, in the plan's order."""
    judged = review.indicators
    series = judged.series.fillna("").replace("", ASSIGNED)
    first = (
        judged.assign(later=series != ASSIGNED).sort_values("later", kind="stable").drop_duplicates("code")
    )
    plan = review.plan.indicators
    counting = counting_rows(review.plan, first.assign(indicator=first.code), review.counting).code
    about = plan[_PLAN_COLUMNS].assign(measure=plan.unit, counted=plan.index.isin(counting))
    known = first.drop(columns=[name for name in about if name in first]).join(about, on="code", how="inner")
    found: list[dict[Any, Any]] = known.sort_values(["order", "row"], kind="stable").to_dict("records")
    return found


def _band_text(record: Mapping[Any, Any], review: Review) -> str:
    is_unspecified = record["nobody"] and record["band"] == "not_applicable"
    return UNSPECIFIED[0] if is_unspecified else review.band_words[record["band"]]


def _look_of(record: Mapping[Any, Any]) -> dict[str, Any]:
    top = {"valign": "top"}  # beside long notes the figures are found at once
    if record["is_heading"]:
        return top | {"bold": True}
    return top if record["counted"] else top | {"italic": True}


def printed_targets(plan: Plan, unit: str) -> dict[tuple[str, str, str], str]:
    """(indicator, span, series) → a unit's target as printed, where a number would not say it all."""
    owners = ["", unit] if unit == plan.term.authority else [unit]
    own = plan.targets[plan.targets.unit.isin(owners)]
    decimals = plan.indicators.decimals
    forms = {}
    for row in own.to_dict("records"):
        text = row["text"] or _range_text(row, decimals.get(row["indicator"], float("nan")))
        if text and not _is_number(text):
            forms[row["indicator"], row["span"], row["series"]] = text
    return forms


def _range_text(row: Mapping[Any, Any], decimals: float) -> str:
    bounds = [row[name] for name in ("low", "high") if not is_absent(row[name])]
    if not bounds:
        return "" if is_absent(row["top_n"]) else f"nhóm {int(row['top_n'])} đầu"
    fewest = 0 if is_absent(decimals) else decimals
    places = max(target_places(bound, fewest) for bound in bounds)
    return "–".join(number_text(bound, places) for bound in bounds)


def _is_number(text: str) -> bool:
    return text.strip(" %").replace(".", "").replace(",", "").isdigit()


def _printed_targets_of(
    record: Mapping[Any, Any], review: Review, forms: Mapping[tuple[str, str, str], str]
) -> dict[str, Any]:
    spans = {
        "target": record["span"],
        "year_target": str(Period("year", review.period.years[-1])),
        "term_target": str(review.plan.term.span),
    }
    series = record["series"] or ASSIGNED
    texts = {name: forms.get((record["code"], str(span), series)) for name, span in spans.items()}
    return {
        "target_text": texts["target"] or record["target"],
        "year_text": _with_form(record["year_target"], texts["year_target"]),
        "term_text": _with_form(record["term_target"], texts["term_target"]),
    }


def _with_form(target: float, form: str | None) -> Any:
    return form if form and not is_absent(target) else target


def _percent(values: Mapping[Any, Any], target: str, attainment: str) -> Any:
    """The attainment, as a formula of the row's cells where that is what it is."""
    percent, aim, actual = values[attainment], values[target], values["actual"]
    if values["type"] not in SHARE_TYPES or isinstance(aim, str) or is_absent(percent):
        return percent
    if is_absent(aim) or is_absent(actual) or aim == 0:
        return percent
    if abs(100 * actual / aim - percent) > TOLERANCE * max(abs(percent), 1):
        return percent
    return Formula(f"=100*{{actual}}/{{{target}}}", percent)


def notes(record: Mapping[Any, Any], with_remedy: bool = False) -> str:
    """What stands beside a figure: the units' reasons (and remedies), and what limits the figure."""
    parts = [_given(record, "reason")]
    if with_remedy and (remedy := _given(record, "remedy")):
        parts.append(f"Giải pháp: {remedy}")
    numbers = {name: number_text(record[name], 0) for name in ("reported", "expected")}
    if official := _given(record, "official"):
        parts.append(f"Đánh giá chính thức (không theo công thức): {label('band', official)}.")
    for flag in _given(record, "flags").split(";"):
        branch = flag.removeprefix("branch:")
        note = f"Xét theo chỉ tiêu {branch}." if branch != flag else FLAG_NOTES.get(flag, "")
        parts.append(note.format(**numbers))
    return cut("\n".join(part for part in map(str.strip, parts) if part), LONGEST_NOTE)


def _given(record: Mapping[Any, Any], name: str) -> str:
    value = record.get(name)
    return "" if is_absent(value) else str(value)


def outlook_text(record: Mapping[Any, Any], review: Review) -> str:
    """The officer's judgement and the computed forecast: two facts, both printed. What is over is not foretold."""
    judged, forecast = record.get("judgement"), record.get("forecast_band")
    parts = [] if is_absent(judged) else [label("outlook", str(judged))]
    is_over = Period.parse(str(record["span"])).last_month <= review.period.last_month
    if not is_absent(forecast) and not is_over:
        parts.append(f"Dự báo: {review.band_words[str(forecast)]}")
    return "\n".join(parts)


def under_their_mains(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines with every component after its main indicator, if that is among them, and set in under it."""
    chosen = {line.values["code"]: line for line in lines}
    children: dict[str, list[Line]] = {}
    for line in chosen.values():
        parent = line.values["parent"]
        children.setdefault(parent if parent in chosen else "", []).append(line)
    waiting = [(line, 0) for line in reversed(children.get("", []))]
    while waiting:
        line, depth = waiting.pop()
        yield replace(line, indent=depth) if depth else line
        below = children.get(line.values["code"], [])
        waiting += [(child, depth + 1) for child in reversed(below)]


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of programmes or schemes as the plan orders them."""
    return table.sort_values(["order", "row"], kind="stable")

"""What the words of a finding need beside the row: the figure found, the limit, the other figure."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from expectations.grounds import Batch
from expectations.rules import Rule
from tiendo.labels import WORDS, label
from tiendo.number_texts import QUALIFIER_WORDS
from tiendo.wording import lowered, short_number

Details = dict[str, Any]

OF_WHOLE = ("copy_of_previous",)  # said of a return, not of one of its rows


def _texts(batch: Batch, numbers: pd.Series) -> list[str]:
    return [short_number(number, batch.rules.locale) for number in numbers]


def figure_found(batch: Batch, rows: pd.DataFrame, rule: Rule) -> Details:
    """The figure itself as it was typed, and the cell it begins in: of a ratio, the numerator's."""
    figures = _texts(batch, rows.figure)
    parts = (_texts(batch, rows[name]) for name in ("numerator", "denominator"))
    form = RATIO_TYPED[batch.rules.locale]
    ratios = [form.format(*each) for each in zip(*parts, figures, strict=True)]
    return {
        "found": np.where(rows.is_ratio & rows.figure.notna(), ratios, figures),
        "field": np.where(rows.is_ratio & (rule.field == "value"), "numerator", rule.field),
    }


RATIO_TYPED = {
    "vi": "tử số {}, mẫu số {} (tỷ lệ {})",
    "en": "numerator {}, denominator {} (ratio {})",
}


def _nothing(_batch: Batch, _rows: pd.DataFrame, _rule: Rule) -> Details:
    return {}


def _unknown(_batch: Batch, rows: pd.DataFrame, _rule: Rule) -> Details:
    return {"found": rows.indicator}


def _twice(batch: Batch, rows: pd.DataFrame, _rule: Rule) -> Details:
    """Each figure with its row: the sender must choose among them."""
    form = WITH_LINE[batch.rules.locale]
    figures = zip(_texts(batch, rows.figure), rows.line, strict=True)
    found = [form.format(figure or "–", line) for figure, line in figures]
    return {"found": found, "times": rows.groupby(["part", "said"]).said.transform("size")}


WITH_LINE = {"vi": "{} (dòng {})", "en": "{} (row {})"}


def _choice(batch: Batch, rows: pd.DataFrame, rule: Rule) -> Details:
    locale = batch.rules.locale
    if rule.field == "qualifier":
        known = ", ".join(QUALIFIER_WORDS)
    else:
        known = ", ".join(label(rule.field, code, locale) for code in WORDS[rule.field])
    group = rows[rule.field]
    words = [label(rule.field, code, locale) for code in group] if rule.field in WORDS else group
    return {"found": words, "known": known}


def _limits(batch: Batch, rows: pd.DataFrame, rule: Rule) -> Details:
    low, high = (_ruled(batch, rows, check, rule.severity) for check in ("min", "max"))
    limits = [_range(*both) for both in zip(_texts(batch, low), _texts(batch, high), strict=True)]
    return {**figure_found(batch, rows, rule), "limit": limits}


def _ruled(batch: Batch, rows: pd.DataFrame, check: str, severity: str) -> pd.Series:
    """What the plan's rules of a check say for each row: not the limit widened by the tolerance of doubles."""
    return pd.Series(batch.rule_values(check, severity)[rows.place], index=rows.index)


def _range(low: str, high: str) -> str:
    if not high:
        return f"≥ {low}"
    return f"≤ {high}" if not low else f"{low} … {high}"


def _missing(batch: Batch, rows: pd.DataFrame, _rule: Rule) -> Details:
    return {"field": np.where(rows.is_ratio, "numerator", "value"), "found": ""}


def _measured(batch: Batch, rows: pd.DataFrame, rule: Rule) -> Details:
    measures = batch.indicators.unit.to_numpy()[rows.place]
    return {**figure_found(batch, rows, rule), "measure": measures}


def _before(batch: Batch, rows: pd.DataFrame, rule: Rule) -> Details:
    told: Details = {**figure_found(batch, rows, rule), "previous": _texts(batch, rows.previous)}
    if rule.code == "large_change":
        told["change"] = [short_number(round(change), batch.rules.locale) for change in rows.change]
        limit = _ruled(batch, rows, "max_change_pct", rule.severity).fillna(batch.rules.large_change_pct)
        told["limit"] = _texts(batch, limit)
    if rule.code == "unit_slip":
        told["slip"] = rows.slip.map(SLIPS[batch.rules.locale])
        told["measure"] = batch.indicators.unit.to_numpy()[rows.place]
    return told


SLIPS = {
    "vi": {3.0: "gấp khoảng 1.000 lần", -3.0: "bằng khoảng 1/1.000", -2.0: "bằng khoảng 1/100"},
    "en": {3.0: "about 1,000 times", -3.0: "about 1/1,000 of", -2.0: "about 1/100 of"},
}


def _parts(batch: Batch, rows: pd.DataFrame, rule: Rule) -> Details:
    part_of = batch.indicators.part_of
    codes = {total: ", ".join(part_of.index[part_of == total]) for total in rows.indicator.unique()}
    return {
        **figure_found(batch, rows, rule),
        "parts": rows.indicator.map(codes),
        "total": _texts(batch, rows.parts_total),
        "gap": _texts(batch, rows.parts_gap),
    }


def _comparison(batch: Batch, rows: pd.DataFrame, rule: Rule) -> Details:
    places = rows[f"most_of_{rule.severity}"].to_numpy(dtype=int)
    other = batch.indicators.index.to_numpy()[places]
    limit = _texts(batch, rows[f"bound_{rule.severity}"])
    return {**figure_found(batch, rows, rule), "other": other, "limit": limit}


def _reason(batch: Batch, rows: pd.DataFrame, _rule: Rule) -> Details:
    reason, remedy = LACKING[batch.rules.locale]
    lacks = [rows.reason == "", rows.remedy == ""]
    return {
        "found": "",
        "attainment": [short_number(round(figure, 1), batch.rules.locale) for figure in rows.attainment],
        "lacking": np.select([lacks[0] & lacks[1], lacks[0]], [f"{reason}, {remedy}", reason], remedy),
        "field": np.where(lacks[0], "reason", "remedy"),
    }


LACKING = {"vi": ("nguyên nhân", "giải pháp"), "en": ("the reason", "the remedy")}


def _sources(batch: Batch, rows: pd.DataFrame, rule: Rule) -> Details:
    return {
        **figure_found(batch, rows, rule),
        "agency": batch.indicators.figure_of.to_numpy()[rows.place],
        "agency_figure": _texts(batch, rows.agency_figure),
        "tier_figure": _texts(batch, rows.tier_figure),
    }


def _denominator(batch: Batch, rows: pd.DataFrame, _rule: Rule) -> Details:
    return {"found": _texts(batch, rows.denominator)}


def _outlook(batch: Batch, rows: pd.DataFrame, _rule: Rule) -> Details:
    words = [lowered(label("outlook", code, batch.rules.locale)) for code in rows.outlook]
    return {"found": "", "outlook": words}


# A code that is not here needs the figure found and no more.
DETAILS: dict[str, Callable[[Batch, pd.DataFrame, Rule], Details]] = {
    "unknown_indicator": _unknown,
    "duplicate_indicator": _twice,
    "bad_state": _choice,
    "bad_status": _choice,
    "bad_qualifier": _choice,
    "bad_outlook": _choice,
    "outlook_reason_required": _outlook,
    "missing_value": _missing,
    "missing_numerator": _nothing,
    "missing_denominator": _nothing,
    "zero_denominator": _denominator,
    "out_of_range": _limits,
    "unit_slip": _before,
    "percent_as_fraction": _measured,
    "large_change": _before,
    "fell": _before,
    "parts_do_not_sum": _parts,
    "compare_failed": _comparison,
    "reason_required": _reason,
    "copy_of_previous": _nothing,
    "sources_differ": _sources,
}

"""How a judged figure unfolds: what it rests on, which values went into it, and how each step reads.

An explanation is a table of steps in the order in which they are read, each with its depth.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tiendo.bands import BandRules
from tiendo.formulas import OF_COMPONENTS, RULES, attainment_in_numbers, figure, shown
from tiendo.labels import label, period_label
from tiendo.periods import KINDS, Period
from tiendo.plan import Plan
from tiendo.targets import elapsed_share
from tiendo.wording import band_words, lowered, number_text, short_number, thresholds_text

# The columns of a step; those after `formula` say where it stands and what it says to a reader.
STEP_COLUMNS = [
    "step",
    "indicator",
    "unit",
    "period",
    "version",
    "field",
    "value",
    "numerator",
    "denominator",
    "status",
    "state",
    "qualifier",
    "file",
    "cell",
    "sha256",
    "archived",
    "sender",
    "received_at",
    "recorded_at",
    "formula",
    "depth",
    "says",
]

REPORTED = ("value", "none_occurred", "not_started")  # states that make a figure; without a value it is 0

# How many terms of a sum are written out; the rest stand below anyway.
MOST_TERMS = 8

AGGREGATION_WORDS = {
    "sum": "tổng của các đơn vị",
    "min": "nhỏ nhất trong các đơn vị",
    "max": "lớn nhất trong các đơn vị",
    "mean": "trung bình cộng của các đơn vị",
    "weighted_mean": "Σ (quyền số × số của đơn vị) / Σ quyền số",
    "ratio": "Σ tử số / Σ mẫu số × hệ số",
    "any": "có đơn vị đạt thì đạt",
    "all": "mọi đơn vị đạt mới đạt (mức thấp nhất)",
    "count_met": "số đơn vị đạt mục tiêu của mình",
    "none": "số của một đơn vị duy nhất",
}
MEASURE_WORDS = {
    "last": "số mới nhất đã báo cáo",
    "own": "số mới nhất trong khoảng của mục tiêu",
    "quarter": "cộng dồn từ đầu quý",
    "half": "cộng dồn từ đầu nửa năm",
    "year": "cộng dồn từ đầu năm",
    "term": "cộng dồn từ đầu nhiệm kỳ",
    "since": "cộng dồn từ đầu khoảng của mục tiêu",
    "rate": "trung bình cộng các tốc độ năm",
    "geometric": "trung bình nhân các tốc độ năm",
    "rate_since": "trung bình cộng các tốc độ năm của khoảng mục tiêu",
    "geometric_since": "trung bình nhân các tốc độ năm của khoảng mục tiêu",
}
SPAN_WORDS = {
    "month": "tháng",
    "quarter": "quý",
    "half": "nửa năm",
    "nine_months": "9 tháng",
    "year": "năm",
    "term": "nhiệm kỳ",
}
ORIGINS = {"": "đơn vị nộp", "import": "nhập từ hồ sơ cũ", "correction": "văn phòng hiệu chỉnh"}


def inputs_of(plan: Plan) -> pd.DataFrame:
    """What each indicator rests on beside its own returns: indicator, input, role.

    role: source (its figure is the other's), branch, component (of a heading), weight, benchmark.
    """
    indicators = plan.indicators
    benchmarks = plan.targets[plan.targets.benchmark != ""]
    components = indicators[indicators.parent.isin(indicators.index[indicators.is_heading])]
    parts = [
        _pairs(indicators.index, indicators.source, "source"),
        _pairs(plan.tables["branches"].indicator, plan.tables["branches"].branch, "branch"),
        _pairs(components.parent, components.index, "component"),
        _pairs(indicators.index, indicators.weight_indicator, "weight"),
        _pairs(benchmarks.indicator, benchmarks.benchmark, "benchmark"),
    ]
    every = pd.concat(parts, ignore_index=True)
    return every[every.input != ""].drop_duplicates(ignore_index=True)


def _pairs(indicator: Any, other: Any, role: str) -> pd.DataFrame:
    pairs = {"indicator": list(indicator), "input": list(other)}
    return pd.DataFrame(pairs, dtype="str").assign(role=role)


def resting_on(plan: Plan) -> pd.DataFrame:
    """Every indicator with all that its figure and judgement rest on, itself too: indicator, input."""
    direct = inputs_of(plan)[["indicator", "input"]]
    codes = list(plan.indicators.index)
    known = pd.DataFrame({"indicator": codes, "input": codes}, dtype="str")
    while True:
        further = known.merge(direct, left_on="input", right_on="indicator", suffixes=("", "_of"))
        further = further[["indicator", "input_of"]].rename(columns={"input_of": "input"})
        more = pd.concat([known, further]).drop_duplicates(ignore_index=True)
        if len(more) == len(known):
            return known
        known = more


def entering(facts: pd.DataFrame, measure: str, span_start: int) -> pd.DataFrame:
    """The rows of one unit's facts that make its figure to date by a measure, oldest first.

    facts: month (ordinal of the period's end) and state of what the unit said of one indicator up to the closing.
    """
    said = facts[facts.state.isin(REPORTED)].sort_values("month", kind="stable")
    if measure == "last":
        return said.tail(1)
    within = said[said.month >= span_start]
    if measure == "own":
        return within.tail(1)
    if measure.startswith(("rate", "geometric")):
        return within.drop_duplicates("year", keep="last") if len(within) else within
    return within


def target_choice(row: Mapping[Any, Any], period: Period, against: str) -> str:
    """Why this target was chosen: the kind of span asked for, and what stands in where there is none."""
    wanted = {"own": period.kind, "year": "year", "term": "term"}[against]
    asked, found = SPAN_WORDS[wanted], SPAN_WORDS[row["span_kind"]]
    name = lowered(period_label(Period.parse(str(row["span"]))))
    if row["is_later"]:
        return f"{name}: bắt đầu sau kỳ này, chưa xét"
    if row["span_kind"] == wanted:
        return f"{name}: đúng loại được hỏi ({lowered(label('against', against))})"
    longer = KINDS.index(row["span_kind"]) > KINDS.index(wanted)
    if longer:
        return f"{name}: không có mục tiêu {asked}, lấy loại dài hơn gần nhất ({found})"
    return f"{name}: không có mục tiêu {asked} hay dài hơn, lấy loại ngắn hơn gần nhất ({found})"


def attainment_formula(row: Mapping[Any, Any], words: str) -> str:
    """The formula in words, then with the numbers put in."""
    if row["is_heading"]:
        return OF_COMPONENTS
    numbers = attainment_in_numbers(row)
    return f"{words}: {numbers}" if numbers else words


def band_formula(row: Mapping[Any, Any], period: Period, rules: BandRules) -> str:
    """The rule of the row's band, with the thresholds in force."""
    return RULES[row["band"]].format(**thresholds_text(rules, _elapsed(row, period)))


def aggregated_in_numbers(
    aggregation: str, parts: Sequence[float], row: Mapping[Any, Any], scale: float
) -> str:
    """How the units' figures became one, in words and numbers.

    parts: the figures of the units that have one. row: the sums (`warehouse.figures`) and `value`, the figure itself.
    """
    words, value = AGGREGATION_WORDS[aggregation], shown(row["value"])
    if aggregation == "ratio":
        by = "" if scale == 1 else f" × {figure(scale)}"
        return f"{words}: {figure(row['top'])} / {figure(row['bottom'])}{by} = {value}"
    if aggregation == "weighted_mean":
        return f"{words}: {figure(row['weighted'])} / {figure(row['weights'])} = {value}"
    if aggregation == "mean":
        return f"{words}: {figure(row['total'])} / {short_number(row['known'])} = {value}"
    if aggregation == "sum" and 1 < len(parts) <= MOST_TERMS:
        return f"{words}: {' + '.join(figure(each) for each in parts)} = {value}"
    return f"{words}: {value}" if len(parts) else words


def number_words(row: Mapping[Any, Any], measure: str) -> str:
    """A step's figure as people read it, its numerator and denominator beside: `90,0 % (45/50)`; a state as its word."""
    if pd.isna(row["value"]):
        return lowered(label("state", row["state"])) if row["state"] else "chưa có số liệu"
    text = f"{SIGNS.get(row['qualifier'], '')}{shown(row['value'])} {measure}".strip()
    if row["state"] in ("none_occurred", "not_started"):
        text += f", {lowered(label('state', row['state']))}"
    if not pd.isna(row["denominator"]):
        text += f" ({figure(row['numerator'])}/{figure(row['denominator'])})"
    return text


SIGNS = {">=": "≥ ", "<=": "≤ ", "~": "≈ "}


def outcome_words(row: Mapping[Any, Any], bands: Mapping[str, str], measure: str) -> str:
    """A judged row in a line: figure, target, attainment and band."""
    parts = [number_words({**row, "value": row["actual"], **_NO_PARTS}, measure)]
    if not pd.isna(row["target"]):
        parts.append(f"mục tiêu {shown(row['target'])}")
    if not pd.isna(row["attainment"]):
        parts.append(f"đạt {number_text(row['attainment'])}%")
    return f"{', '.join(parts)} → {bands[row['band']]}"


_NO_PARTS = {"state": "", "qualifier": "", "numerator": float("nan"), "denominator": float("nan")}


def band_names(row: Mapping[Any, Any], period: Period, rules: BandRules) -> dict[str, str]:
    """Band → its word, with the thresholds in force for the row."""
    return band_words(rules, _elapsed(row, period))


def _elapsed(row: Mapping[Any, Any], period: Period) -> float:
    span = pd.DataFrame([{name: row[name] for name in ("span_start", "span_end")}])
    return float(elapsed_share(span, period).iloc[0])

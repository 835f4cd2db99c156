"""The steps of a judgement: figure, target and why it was chosen, attainment in numbers, band, flags, what is behind."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from tasks.book.review_lines import FLAG_NOTES
from tasks.tracing.figure_ground import Ground, Row, Step, step_of
from tasks.tracing.figure_steps import figure_steps
from tiendo.errors import InputError
from tiendo.explaining import attainment_formula, band_formula, band_names, outcome_words, target_choice
from tiendo.formulas import FORMULAS, figure, shown
from tiendo.labels import label
from tiendo.measures import roots
from tiendo.periods import Period
from tiendo.plan import BRANCHED
from tiendo.succession import code_of
from tiendo.targets import ASSIGNED
from tiendo.wording import lowered

_FLAGS = FLAG_NOTES | {"estimate": "Có số ước."}
MOST_NAMED = 20  # units named in one error


def judged_steps(ground: Ground, indicator: str, unit: str, depth: int, before: str = "") -> Iterator[Step]:
    """How an indicator is judged for a unit, and then what its figure is made of.

    Raises InputError where the unit has no figure of it.
    """
    rows = ground.of.get((indicator, unit))
    if rows is None:
        raise InputError(_not_reported(ground, indicator, unit))
    for row in rows:
        yield from _judgement(ground, row, depth, before)
    spans = {(row["span_kind"], row["span_start"]): row for row in reversed(rows)}
    for row in reversed(spans.values()):
        yield from _behind(ground, row, depth + 1)


def _not_reported(ground: Ground, indicator: str, unit: str) -> str:
    others = sorted(other for code, other in ground.of if code == indicator)
    more = ", …" if len(others) > MOST_NAMED else ""
    return (
        f"--unit {unit!r}: đơn vị này không báo cáo chỉ tiêu {indicator} trong kỳ {ground.moment.period}; "
        f"các đơn vị có số: {', '.join(others[:MOST_NAMED])}{more}"
    )


def _judgement(ground: Ground, row: Row, depth: int, before: str) -> Iterator[Step]:
    period = ground.moment.period
    bands = band_names(row, period, ground.workspace.bands)
    counts_units = row["aggregation"] == "count_met" and row["gathers"]
    measure = "đơn vị" if counts_units else ground.abouts[row["indicator"]]["unit"]
    series = "" if row["series"] == ASSIGNED else f" ({row['series']})"
    title = f"{before}{row['indicator']} {row['name']}{series} – {ground.named(row['unit'])}"
    common = {"indicator": row["indicator"], "unit": row["unit"], "period": row["span"]}
    says = f"{title}: {outcome_words(row, bands, measure)}"
    yield step_of("figure", depth, says, **common, field="actual", value=row["actual"], status=row["status"])
    below = depth + 1
    for parts in (
        _target(ground, row, measure),
        _measured(row),
        _placed(ground, row, bands),
        _remarks(row, bands),
    ):
        for step, says, known in parts:
            yield step_of(step, below, says, **common, **known)


Parts = Iterator[tuple[str, str, Step]]


def _target(ground: Ground, row: Row, measure: str) -> Parts:
    """Target and baseline."""
    if not row["has_target"]:
        yield "target", "Mục tiêu: không có mục tiêu nào cho kỳ này", {"field": row["series"]}
    else:
        choice = target_choice(row, ground.moment.period, ground.against)
        said = {"field": row["series"], "value": row["shown_target"], "formula": choice}
        yield "target", f"Mục tiêu: {_target_words(row, measure)} – {choice}", said
    if not pd.isna(row["baseline"]):
        year = "" if pd.isna(row["baseline_year"]) else f" (năm {int(row['baseline_year'])})"
        says = f"Số gốc: {shown(row['baseline'])} {measure}{year}"
        yield "baseline", says, {"field": "baseline", "value": row["baseline"]}


def _target_words(row: Row, measure: str) -> str:
    """The target as a number, a range, or as printed; of a milestone that it is done."""
    printed = f" (“{row['text']}”)" if row["text"] else ""
    if not pd.isna(row["low"]) and not pd.isna(row["high"]):
        return f"{shown(row['low'])}–{shown(row['high'])} {measure}{printed}"
    if pd.isna(row["shown_target"]):
        return f"hoàn thành{printed}" if row["type"] == "milestone" else f"chưa có số{printed}"
    return f"{shown(row['shown_target'])} {measure}{printed}"


def _measured(row: Row) -> Parts:
    """Attainment and margin."""
    words, margin, _ = FORMULAS[row["type"]]
    if not pd.isna(row["attainment"]):
        formula = attainment_formula(row, words)
        says = f"% kế hoạch ({lowered(label('type', row['type']))}): {formula}"
        yield "attainment", says, {"field": row["type"], "value": row["attainment"], "formula": formula}
    if not pd.isna(row["margin"]):
        says = f"Chênh lệch ({margin}): {shown(row['margin'])}"
        yield "margin", says, {"field": "margin", "value": row["margin"], "formula": margin}


def _placed(ground: Ground, row: Row, bands: Mapping[str, str]) -> Parts:
    """Band, and how many units it rests on."""
    rule = band_formula(row, ground.moment.period, ground.workspace.bands)
    word = bands[row["band"]]
    says = f"Xếp mức: {word}" + ("" if lowered(word) == rule else f" ({rule})")
    yield "band", says, {"field": row["band"], "formula": rule}
    if row["expected"]:
        counts = {"numerator": float(row["reported"]), "denominator": float(row["expected"])}
        says = f"Đã báo cáo: {int(row['reported'])}/{int(row['expected'])} đơn vị"
        yield "reported", says, {"field": "reported", **counts}


def _remarks(row: Row, bands: Mapping[str, str]) -> Parts:
    """Flags, forecast, and what officers say."""
    for flag in filter(None, str(row["flags"]).split(";")):
        branch = flag.removeprefix("branch:")
        words = f"Xét theo chỉ tiêu {branch}." if branch != flag else _FLAGS.get(flag, flag)
        said = words.format(reported=int(row["reported"]), expected=int(row["expected"]))
        yield "flag", f"Lưu ý: {said}", {"field": flag}
    if not pd.isna(row["forecast"]):
        band = f" → {bands[row['forecast_band']]}" if row["forecast_band"] else ""
        says = f"Dự báo đến hết khoảng của mục tiêu: {shown(row['forecast'])}{band}"
        yield "forecast", says, {"field": row["pace"], "value": row["forecast"]}
    if row["judgement"]:
        says = f"Nhận định của cán bộ: {lowered(label('outlook', row['judgement']))}"
        yield "judgement", says, {"field": row["judgement"]}
    if row["official"]:
        says = f"Xếp mức chính thức (không theo công thức): {bands.get(row['official'], row['official'])}"
        yield "official", says, {"field": row["official"]}


# --- what is behind a judgement -----------------------------------------------------------------------------


def _behind(ground: Ground, row: Row, depth: int) -> Iterator[Step]:
    """What a row's figure comes from: branches or components, units' judgements, years, or returns."""
    indicator, unit, root = row["indicator"], row["unit"], row["root"]
    if inputs := _inputs(ground, row):
        for role, other in inputs:
            yield from judged_steps(ground, other, unit, depth, before=role)
        return
    if root != indicator:
        says = f"Số lấy từ chỉ tiêu {root} {ground.abouts[root]['name']}"
        yield step_of("source", depth, says, indicator=root, unit=unit, formula=f"source:{root}")
    if row["aggregation"] == "count_met" and row["gathers"]:
        for other in ground.under(root, unit):
            code = code_of(other)
            if code != unit and (root, code) in ground.of:
                yield from judged_steps(ground, root, code, depth, before="Đơn vị: ")
    elif row["type"] == "every_year":
        yield from _years(ground, row, depth)
    else:
        start = int(row["span_start"])
        yield from figure_steps(ground, root, (row["span_kind"], start), unit, depth, ground.moment)
    if row["type"] == "benchmark" and row["has_target"]:
        yield from _benchmark(ground, row, depth)


def _inputs(ground: Ground, row: Row) -> list[tuple[str, str]]:
    """Branches or components that decide a row for its unit: role in words, indicator."""
    if row["type"] in BRANCHED:
        branches = ground.plan.tables["branches"]
        codes = branches.branch[branches.indicator == row["indicator"]]
        decided = str(row["decided_by"])
        found = [("Nhánh quyết định: " if code == decided else "Nhánh: ", code) for code in codes]
    elif row["is_heading"]:
        parents = ground.plan.indicators.parent
        found = [("Chỉ tiêu thành phần: ", code) for code in parents.index[parents == row["indicator"]]]
    else:
        found = []
    return [(role, code) for role, code in found if (code, row["unit"]) in ground.of]


def _years(ground: Ground, row: Row, depth: int) -> Iterator[Step]:
    """The figure of each year that was due."""
    reviewed = ground.moment.period.last_month
    last = min(int(row["span_end"]), reviewed)
    for year in range(int(row["span_start"]) // 12, last // 12 + 1):
        whole = Period("year", year)
        if whole.last_month <= reviewed:
            then = replace(ground.moment, period=whole)
            span = ("year", whole.first_month)
            yield from figure_steps(ground, row["root"], span, row["unit"], depth, then)


def _benchmark(ground: Ground, row: Row, depth: int) -> Iterator[Step]:
    """The figure that a target is taken from."""
    code = row["benchmark"]
    offset = "" if pd.isna(row["offset"]) or not row["offset"] else f" + {figure(row['offset'])}"
    says = f"Chuẩn so sánh: {code} {ground.abouts[code]['name']}{offset} = {shown(row['target'])}"
    yield step_of("benchmark", depth, says, indicator=code, value=row["target"], formula=f"{code}{offset}")
    span, authority = (row["span_kind"], int(row["span_start"])), ground.plan.term.authority
    yield from figure_steps(ground, roots(ground.plan)[code], span, authority, depth + 1, ground.moment)

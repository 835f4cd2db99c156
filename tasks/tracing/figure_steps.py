"""The steps of a figure: how units' figures to date made it, and which values made each of these."""

from collections.abc import Iterator, Mapping

import pandas as pd

from tasks.tracing.figure_ground import ALONE, Ground, Row, Span, Step, step_of
from tasks.tracing.value_steps import declared_steps, value_steps
from tiendo.explaining import MEASURE_WORDS, SPAN_WORDS, aggregated_in_numbers, entering, number_words
from tiendo.formulas import shown
from tiendo.labels import label, period_label
from tiendo.measures import BESIDE, Moment
from tiendo.periods import Period
from tiendo.succession import code_of
from tiendo.wording import lowered


def figure_steps(
    ground: Ground, root: str, span: Span, node: str, depth: int, moment: Moment
) -> Iterator[Step]:
    """How the units' figures to date make a node's, and which values make each of these."""
    about = ground.abouts[root]
    if not about["is_reported"]:
        says = f"Không đơn vị nào báo cáo chỉ tiêu {root}"
        yield step_of("nobody", depth, says, indicator=root, unit=node)
        return
    units = ground.under(root, node)
    beside = ground.under(root, BESIDE) if node == ground.plan.term.authority else []
    sums = ground.sums(root, span, moment)
    is_alone = [code_of(unit) for unit in units] == [node]
    if not is_alone:
        yield _sum_step(ground, about, span, node, sums, units, depth)
        depth += 1
    for unit in units:
        row = sums[f"{ALONE}{unit}"]
        yield from _unit_steps(ground, about, span, unit, row, depth, moment)
        if about["aggregation"] == "weighted_mean" and not is_alone:
            yield from _weight_steps(ground, about, unit, row, depth + 1, moment)
    for unit in beside:
        row = sums[f"{ALONE}{unit}"]
        yield from _unit_steps(ground, about, span, unit, row, depth, moment, "Đứng bên: ")


def _sum_step(
    ground: Ground,
    about: Row,
    span: Span,
    node: str,
    sums: Mapping[str, Row],
    units: list[str],
    depth: int,
) -> Step:
    whole, parts = sums[node], [sums[f"{ALONE}{unit}"]["value"] for unit in units]
    known = [value for value in parts if not pd.isna(value)]
    formula = aggregated_in_numbers(about["aggregation"], known, whole, float(about["scale"]))
    since = f"{SPAN_WORDS[span[0]]} từ {span[1] % 12 + 1}/{span[1] // 12}"
    return step_of(
        "sum",
        depth,
        f"Số của {ground.named(node)} ({since}): {formula}",
        indicator=about["code"],
        unit=node,
        field=about["aggregation"],
        value=whole["value"],
        numerator=whole["top"],
        denominator=whole["bottom"],
        formula=formula,
    )


def _unit_steps(
    ground: Ground,
    about: Row,
    span: Span,
    unit: str,
    row: Row,
    depth: int,
    moment: Moment,
    before: str = "",
) -> Iterator[Step]:
    """A unit's figure to date, and the values that went into it."""
    measure = ground.measure(about, *span)
    facts = ground.known(about, unit, moment)
    made_of = entering(facts, measure, span[1])
    how = MEASURE_WORDS[measure]
    state = str(facts.state.iloc[-1]) if len(facts) else ""
    shown_row = {**row, "state": "", "qualifier": "", "numerator": row["top"], "denominator": row["bottom"]}
    if pd.isna(row["value"]):
        words = lowered(label("state", state)) if state else "chưa báo cáo"
    else:
        words = f"{number_words(shown_row, about['unit'])} – {how}"
    yield step_of(
        "beside" if before else "unit",
        depth,
        f"{before}{ground.named(unit)}: {words}",
        indicator=about["code"],
        unit=code_of(unit),
        field=measure,
        value=row["value"],
        numerator=row["top"],
        denominator=row["bottom"],
        state=state,
        formula=how,
    )
    if estimate := ground.estimated(about, unit, moment):
        value, period = estimate
        says = f"Ước cả năm do đơn vị nêu ở {lowered(period_label(Period.parse(period)))}: {shown(value)}"
        known = {"indicator": about["code"], "unit": code_of(unit), "period": period, "status": "estimate"}
        yield step_of("year_estimate", depth + 1, f"{says} {about['unit']}", **known, value=value)
    yield from value_steps(ground, about, made_of, depth + 1)
    yield from declared_steps(about, facts, made_of, span[1], depth + 1)
    if about["accumulation"] == "flow" and measure != "own":
        yield from _absent_steps(about, unit, facts, span[1], depth + 1, moment)
    yield from _taken_over(ground, about, span, unit, depth + 1, moment)


def _taken_over(
    ground: Ground, about: Row, span: Span, unit: str, depth: int, moment: Moment
) -> Iterator[Step]:
    """Whose figures a unit took over when it succeeded others, and the values of these."""
    for other, number, share in ground.taken_over(about, unit, moment):
        since = period_label(Period.of_index(about["frequency"], number))
        part = "" if share == 1 else f", phần {shown(100 * share)}% (ước)"
        says = f"Quy đổi từ {ground.named(other)}: trước {lowered(since)}{part}"
        yield step_of("taken_over", depth, says, indicator=about["code"], unit=code_of(other), value=share)
        facts = ground.known(about, other, moment)
        made_of = entering(facts[facts["at"] < number], ground.measure(about, *span), span[1])
        yield from value_steps(ground, about, made_of, depth + 1)
        yield from _taken_over(ground, about, span, other, depth + 1, moment)


def _absent_steps(
    about: Row, unit: str, facts: pd.DataFrame, span_start: int, depth: int, moment: Moment
) -> Iterator[Step]:
    """The periods of a sum that were due and for which nothing came."""
    first = Period("month", span_start // 12, span_start % 12 + 1).at_end(about["frequency"])
    assert first is not None
    there = set(facts["at"])
    for number in range(first.index, moment.closing(about["frequency"]).index + 1):
        period = Period.of_index(about["frequency"], number)
        if number not in there and moment.is_due(period):
            says = f"{period_label(period)}: chưa báo cáo"
            known = {"indicator": about["code"], "unit": code_of(unit), "period": str(period)}
            yield step_of("absent", depth, says, **known)


def _weight_steps(
    ground: Ground, about: Row, unit: str, row: Row, depth: int, moment: Moment
) -> Iterator[Step]:
    """A unit's weight, and the values that it is made of: a flow's sum of the year, else the last."""
    by = ground.abouts[about["weight_indicator"]]
    year_start = moment.closing(by["frequency"]).last_month // 12 * 12
    made_of = entering(
        ground.known(by, unit, moment), "year" if by["accumulation"] == "flow" else "last", year_start
    )
    weight = row["weights"] if row["weighed"] else float("nan")
    words = f"{shown(weight)} {by['unit']}" if row["weighed"] else "chưa có"
    says = f"Quyền số {by['code']} {by['name']}: {words}"
    yield step_of(
        "weight", depth, says, indicator=by["code"], unit=code_of(unit), field="weight", value=weight
    )
    yield from value_steps(ground, by, made_of, depth + 1)

"""The formula of an attainment with its numbers put in: it reads as a calculation, and the calculation comes out."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.book.sheet_explain import FORMULAS as PRINTED
from tiendo.formulas import FORMULAS, attainment_in_numbers, figure, shown
from tiendo.methods import METHODS
from tiendo.plan_tables import TYPES

NAN = float("nan")
NOTHING = dict.fromkeys(
    ("actual", "target", "baseline", "low", "high", "cap", "top_n", "years_met", "years_due", "done"), NAN
)


def row(kind: str, **known: Any) -> dict[str, Any]:
    """A judged row of one type; its attainment by the core's own formula."""
    given = NOTHING | {"type": kind, "direction": "up", "kinds": "", "worst": NAN, "days_early": NAN} | known
    inputs = pd.DataFrame([given]).assign(
        direction=1.0 if given["direction"] == "up" else -1.0, is_corridor="corridor" in given["kinds"]
    )
    attainment = float(np.asarray(METHODS[kind].attainment(inputs), dtype=float)[0])
    return given | {"attainment": attainment}


@pytest.mark.parametrize(
    ("judged", "text"),
    [
        pytest.param(
            row("gap", actual=36, target=25, baseline=70, direction="down"),
            "100 × (36 − 70) / (25 − 70) = 75,555556%",
            id="poverty falls from 70 to 36, target 25",
        ),
        pytest.param(
            row("gap", actual=-2, target=25, baseline=-8),
            "100 × ((−2) − (−8)) / (25 − (−8)) = 18,181818%",
            id="a negative figure stands in brackets",
        ),
        pytest.param(row("ratio", actual=45, target=50), "100 × 45 / 50 = 90%", id="a ratio to target"),
        pytest.param(row("rate", actual=33.2, target=20), "100 × 33,2 / 20 = 166%", id="a yearly rate"),
        pytest.param(
            row("threshold", actual=4, target=5, direction="down"), "100 × 5 / 4 = 125%", id="lower is better"
        ),
        pytest.param(
            row("threshold", actual=0, target=5, direction="down"),
            "100 × 5 / 0 = ∞%",
            id="nothing left is without bound",
        ),
        pytest.param(row("range", actual=12.5, low=12.8, high=13), "100 × 12,5 / 12,8 = 97,65625%", id="below"),
        pytest.param(
            row("range", actual=12.9, low=12.8, high=13), "trong khoảng 12,8–13: 100 = 100%", id="within a range"
        ),
        pytest.param(
            row("range", actual=14, low=12.8, high=13, kinds="corridor"),
            "100 × 13 / 14 = 92,857143%",
            id="above a corridor is a failure",
        ),
        pytest.param(row("ceiling", actual=3, target=0, cap=10), "100 × max(0; 1 − (3 − 0) / 10) = 70%", id="ceiling"),
        pytest.param(
            row("rank", actual=24, top_n=20, baseline=31), "100 × max(0; (31 − 24) / (31 − 20)) = 63,636364%", id="rank"
        ),
        pytest.param(row("milestone", done=0.5), "100 × 0,5 = 50%", id="half of the stages are done"),
        pytest.param(row("every_year", years_met=2, years_due=3), "100 × 2 / 3 = 66,666667%", id="two years of three"),
        pytest.param(row("ratio", actual=NAN, target=50), "", id="without a figure there is no formula"),
    ],
)  # fmt: skip
def test_a_formula_with_its_numbers(judged: Mapping[str, Any], text: str) -> None:
    assert attainment_in_numbers(judged) == text


figures = st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
FORMS = ("ratio", "gap", "range", "ceiling", "rank", "threshold")


@given(st.sampled_from(FORMS), figures, figures, figures, st.sampled_from(["up", "down"]))
def test_what_is_written_comes_out(kind: str, actual: float, target: float, third: float, way: str) -> None:
    """Read as a calculation, the left side of the sign of equality is the attainment."""
    judged = row(
        kind,
        actual=actual,
        target=target,
        baseline=third,
        low=min(target, third),
        high=max(target, third),
        cap=abs(third),
        top_n=target,
        direction=way,
    )
    text = attainment_in_numbers(judged)
    if text and np.isfinite(judged["attainment"]):
        assert calculated(text) == pytest.approx(judged["attainment"], rel=1e-6, abs=1e-6)


def calculated(text: str) -> float:
    """What the left side of a formula comes to: after the last colon if it has one."""
    left = text.rpartition(" = ")[0].rpartition(": ")[2]
    python = left.replace(".", "").replace(";", "|").replace(",", ".").replace("|", ",")
    python = python.replace("×", "*").replace("−", "-")
    assert re.fullmatch(r"[\d.\s()*/+\-,max]+", python), python
    return float(eval(python, {"max": max}))


def test_every_type_of_target_has_its_words_and_the_report_prints_them() -> None:
    assert set(FORMULAS) == set(TYPES)
    assert PRINTED is FORMULAS


@pytest.mark.parametrize(
    ("number", "text", "within"),
    [
        pytest.param(1234.5, "1.234,5", "1.234,5", id="a figure"),
        pytest.param(-3.0, "−3", "(−3)", id="a negative one stands in brackets within a formula"),
        pytest.param(NAN, "?", "?", id="an unknown one"),
        pytest.param(float("inf"), "∞", "∞", id="one without bound"),
    ],
)
def test_numbers_within_and_outside_a_formula(number: float, text: str, within: str) -> None:
    assert (shown(number), figure(number)) == (text, within)

"""The formulas of the target types, on the figures that were published and on the edges of SPEC §6."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiendo import methods
from tiendo.methods import METHODS
from tiendo.plan_tables import TYPES
from tiendo.wording import number_text

NOTHING = math.nan
INPUTS = (
    "actual", "target", "baseline", "low", "high", "cap", "top_n", "years_met", "years_due", "worst", "done",
    "days_early",
)  # fmt: skip


class Inputs(SimpleNamespace):
    """One figure's inputs; what is not given is unknown."""

    def __init__(self, **given_inputs: Any) -> None:
        super().__init__(
            **(dict.fromkeys(INPUTS, NOTHING) | {"direction": 1.0, "is_corridor": False} | given_inputs)
        )


def figure(says: str, kind: str, attainment: float, margin: float, **given: Any) -> Any:
    """A row of the table: what a type makes of a figure."""
    return pytest.param(kind, Inputs(**given), attainment, margin, id=says)


FIGURES = [
    # Published, SPEC §10
    figure("Lai Châu: tourists 33.2 %/yr against 20", "rate", 166.0, 13.2, actual=33.2, target=20),
    figure("Lai Châu: urban clean water 99 against 99", "threshold", 100.0, 0.0, actual=99, target=99),
    figure("Lai Châu: solid waste 98.2 against 95", "ratio", 103.4, 3.2, actual=98.2, target=95),
    figure("Lai Châu: poverty cut 3.4 against 3.0", "reduction", 113.3, 0.4, actual=3.4, target=3.0),
    figure("Lai Châu: poor districts 4.7 against 4.0", "reduction", 117.5, 0.7, actual=4.7, target=4.0),
    figure(
        "poverty falls from 70 to 36, target 25",
        "gap",
        75.6,
        -11.0,
        actual=36,
        target=25,
        baseline=70,
        direction=-1.0,
    ),
    figure("12.5 in a range of 12.8–13", "range", 97.7, -0.3, actual=12.5, low=12.8, high=13),
    figure("12.9 in a range of 12.8–13", "range", 100.0, 0.0, actual=12.9, low=12.8, high=13),
    figure("14 in a range of 12.8–13", "range", 107.7, 1.0, actual=14, low=12.8, high=13),
    # The table of SPEC §6
    figure("zero is a value", "ratio", 0.0, -20.0, actual=0, target=20),
    figure("no share of a target of zero", "ratio", NOTHING, 5.0, actual=5, target=0),
    figure(
        "moving away is negative, not zero",
        "gap",
        -8.9,
        -49.0,
        actual=74,
        target=25,
        baseline=70,
        direction=-1.0,
    ),
    figure("further down than asked", "gap", 111.1, 5.0, actual=20, target=25, baseline=70, direction=-1.0),
    figure("half the way up", "gap", 50.0, -20.0, actual=60, target=80, baseline=40),
    figure("no baseline, no way to measure", "gap", NOTHING, -20.0, actual=60, target=80),
    figure("target equal to the baseline", "gap", NOTHING, -20.0, actual=60, target=80, baseline=80),
    figure("shrinking instead of growing", "rate", -25.0, -10.0, actual=-2, target=8),
    figure(
        "two years of three, the worst 1.5 below",
        "every_year",
        66.7,
        -1.5,
        years_met=2,
        years_due=3,
        worst=13.5,
        target=15,
    ),
    figure("every year met", "every_year", 100.0, 0.5, years_met=3, years_due=3, worst=15.5, target=15),
    figure("up: just there", "threshold", 100.0, 0.0, actual=57.5, target=57.5),
    figure("up: three quarters", "threshold", 75.0, -20.0, actual=60, target=80),
    figure("down: too high", "threshold", 75.0, -3.0, actual=12, target=9, direction=-1.0),
    figure("down: lower than asked", "threshold", 125.0, 2.0, actual=8, target=10, direction=-1.0),
    figure("down: nothing left", "threshold", math.inf, 10.0, actual=0, target=10, direction=-1.0),
    figure("up: none asked, none there", "threshold", 100.0, 0.0, actual=0, target=0),
    figure("down: none asked, none there", "threshold", 100.0, 0.0, actual=0, target=0, direction=-1.0),
    figure(
        "above a corridor is a failure", "range", 92.9, 1.0, actual=14, low=12.8, high=13, is_corridor=True
    ),
    figure("the lower bound is in", "range", 100.0, 0.0, actual=12.8, low=12.8, high=13),
    figure("the upper bound is in", "range", 100.0, 0.0, actual=13, low=12.8, high=13),
    figure("range: no figure", "range", NOTHING, NOTHING, low=12.8, high=13),
    figure("at the ceiling", "ceiling", 100.0, 0.0, actual=5, target=5),
    figure("below the ceiling is met, not exceeded", "ceiling", 100.0, 2.0, actual=3, target=5),
    figure("one over a ceiling of five", "ceiling", 80.0, -1.0, actual=6, target=5, cap=2),
    figure("a larger cap falls more slowly", "ceiling", 90.0, -1.0, actual=6, target=5, cap=10),
    figure("one fire where none may happen", "ceiling", 75.0, -1.0, actual=1, target=0, cap=4),
    figure("a cap of minus nothing is nothing", "ceiling", 0.0, -1.0, actual=1, target=0, cap=-0.0),
    figure("never below zero", "ceiling", 0.0, -9.0, actual=9, target=0, cap=4),
    figure("done a month early", "milestone", 100.0, 31.0, done=1.0, days_early=31.0),
    figure("stages worth 30 % done, five days late", "milestone", 30.0, -5.0, done=0.3, days_early=-5.0),
    figure("third of the first three", "rank", 100.0, 0.0, actual=3, top_n=3, baseline=20),
    figure("first is met, not exceeded", "rank", 100.0, 2.0, actual=1, top_n=3, baseline=20),
    figure("from 20th to 8th, the first five asked", "rank", 80.0, -3.0, actual=8, top_n=5, baseline=20),
    figure("fallen back", "rank", 0.0, -20.0, actual=25, top_n=5, baseline=20),
    figure("no baseline: N over A", "rank", 50.0, -5.0, actual=10, top_n=5),
    figure("fallen out of the first three: not 300 %", "rank", 60.0, -2.0, actual=5, top_n=3, baseline=2),
    figure("fallen from the last place that counts", "rank", 60.0, -2.0, actual=5, top_n=3, baseline=3),
    figure("against the country's average and half a point", "benchmark", 105.9, 0.5, actual=9, target=8.5),
    figure("poverty rises", "reduction", -16.7, -3.5, actual=-0.5, target=3),
]


@pytest.mark.parametrize(("kind", "found", "attainment", "margin"), FIGURES)
def test_a_target_type_says(kind: str, found: Inputs, attainment: float, margin: float) -> None:
    method = METHODS[kind]
    for wanted, value in ((attainment, method.attainment(found)), (margin, method.margin(found))):
        if math.isfinite(wanted):
            assert number_text(float(value), 1, "en") == number_text(wanted, 1, "en")
        else:
            assert np.array_equal(value, wanted, equal_nan=True)


def test_every_declared_type_has_its_formula_or_its_branches() -> None:
    assert set(METHODS) | {"any_of", "all_of"} == set(TYPES)


@pytest.mark.parametrize(
    ("actual", "baseline", "years", "growth"),
    [
        pytest.param(121, 100, 2, 10.0, id="100 to 121 in two years"),
        pytest.param(100, 100, 3, 0.0, id="no growth"),
        pytest.param(0, 100, 1, -100.0, id="all gone"),
        pytest.param(121, 100, 0, NOTHING, id="no year has passed"),
        pytest.param(121, 0, 2, NOTHING, id="no growth from nothing"),
        pytest.param(-5, 100, 2, NOTHING, id="a level below zero has no growth"),
        pytest.param(121, NOTHING, 2, NOTHING, id="no baseline"),
    ],
)
def test_levels_become_growth_a_year(actual: float, baseline: float, years: float, growth: float) -> None:
    np.testing.assert_allclose(methods.growth(actual, baseline, years), growth, atol=1e-9)


@pytest.mark.parametrize(
    ("actual", "baseline", "years", "points"),
    [
        pytest.param(19.3, 43, 3, 7.9, id="43 to 19.3 in three years"),
        pytest.param(50, 43, 2, -3.5, id="risen"),
        pytest.param(19.3, 43, 0, NOTHING, id="no year has passed"),
    ],
)
def test_levels_become_points_a_year(actual: float, baseline: float, years: float, points: float) -> None:
    np.testing.assert_allclose(methods.points_cut(actual, baseline, years), points, atol=1e-9)


figures = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)) | st.sampled_from(
    [0.0, 1.0, math.nan]
)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(INPUTS, figures)), min_size=1, max_size=6), st.booleans())
def test_columns_and_single_figures_agree(rows: list[dict[str, float]], corridor: bool) -> None:
    signs = [1.0 if row["actual"] >= 0 else -1.0 for row in rows]
    columns = pd.DataFrame(rows).assign(is_corridor=corridor, direction=signs)
    for name, method in METHODS.items():
        for formula in (method.attainment, method.margin):
            whole = np.asarray(formula(columns), dtype=float)
            single = [
                float(formula(Inputs(**row, is_corridor=corridor, direction=sign)))
                for row, sign in zip(rows, signs, strict=True)
            ]
            np.testing.assert_allclose(whole, single, rtol=1e-12, err_msg=name)


@given(baseline=figures, target=figures, actual=figures)
def test_a_gap_is_nothing_at_the_baseline_and_all_at_the_target(
    baseline: float, target: float, actual: float
) -> None:
    if math.isnan(baseline) or math.isnan(target) or baseline == target:
        assert np.isnan(methods.gap(actual, target, baseline))
        return
    assert methods.gap(baseline, target, baseline) == 0
    np.testing.assert_allclose(methods.gap(target, target, baseline), 100)


@given(st.integers(1, 63), st.integers(1, 63), st.integers(1, 63) | st.none())
def test_a_rank_behind_the_places_asked_is_never_met(actual: int, top_n: int, baseline: int | None) -> None:
    value = float(
        methods.rank(float(actual), float(top_n), math.nan if baseline is None else float(baseline))
    )
    assert value == 100 if actual <= top_n else 0 <= value < 100

"""Pace, forecast and the pace needed: published and worked figures, tables of every kind of target, laws of the lines."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from judging import CASES_OF, Case, judged_cases, unlike

from tiendo import forecast
from tiendo.forecast import compound_pace, fitted_lines, linear_forecast, linear_pace, needed_pace, pace_word

# --- the formulas -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "actual", "baseline", "target", "years", "of", "expected"),
    [
        pytest.param(
            linear_pace, 36, 70, 25, 3, 5, 1.2593, id="poverty 70 to 36 of 25 in three of five years"
        ),
        pytest.param(compound_pace, 36, 70, 25, 3, 5, 1.0764, id="the same poverty, as a share that shrinks"),
        pytest.param(
            linear_pace, 995, 635, 995, 4, 5, 1.25, id="Bảo Yên's 995 in 2019, had it been due in 2020"
        ),
        pytest.param(
            compound_pace, 995, 635, 995, 4, 5, 1.25, id="Bảo Yên's growth, compound: a year early too"
        ),
        pytest.param(linear_pace, 74, 70, 25, 3, 5, -0.1481, id="moving away is negative"),
        pytest.param(linear_pace, 70, 70, 25, 3, 5, 0, id="standing still is nought"),
        pytest.param(linear_pace, 70, 70, 25, 0, 5, None, id="no time has passed"),
        pytest.param(linear_pace, 36, 70, 70, 3, 5, None, id="no way to go"),
        pytest.param(compound_pace, 36, 0, 25, 3, 5, None, id="nothing grows out of nought"),
        pytest.param(compound_pace, -1, 70, 25, 3, 5, None, id="nothing shrinks below nought"),
    ],
)
def test_paces(
    formula: Any, actual: float, baseline: float, target: float, years: int, of: int, expected: float | None
) -> None:
    found = float(formula(actual, baseline, target, 12 * years, 12 * of))
    assert np.isnan(found) if expected is None else found == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("pace", "word"),
    [
        pytest.param(1.3, "on_track", id="faster than required"),
        pytest.param(0.95, "on_track", id="95 % is on track"),
        pytest.param(0.1 * 9.5, "on_track", id="95 % but for the last bit is on track"),
        pytest.param(0.9499, "slow", id="below 95 %"),
        pytest.param(0.6, "slow", id="60 % is slow"),
        pytest.param(0.5999, "very_slow", id="below 60 %"),
        pytest.param(0.0, "very_slow", id="standing still is very slow, not moving away"),
        pytest.param(-0.0001, "moving_away", id="below nought"),
        pytest.param(float("nan"), "", id="unknown has no word"),
    ],
)
def test_words_of_a_pace(pace: float, word: str) -> None:
    assert pace_word(pd.Series([pace])).tolist() == [word]


def test_bao_yen_goes_on_to_1085_and_needs_nothing_where_it_stands() -> None:
    assert float(linear_forecast(995, 635, 48, 60)) == pytest.approx(1085)
    assert float(needed_pace(995, 995, 1)) == 0


def test_a_line_through_points_is_numpys_with_a_half_as_heavy_weight_for_each_year_of_age() -> None:
    moments, figures = np.array([0.0, 6, 12, 24, 36]), np.array([0.0, 2, 1, 9, 30])
    points = pd.DataFrame({"row": 7, "moment": moments, "figure": figures})
    line = fitted_lines(points).loc[7]
    # polyfit weighs the residuals, not their squares.
    slope, start = np.polyfit(moments, figures, 1, w=np.sqrt(0.5 ** ((36 - moments) / 12)))
    assert line.slope == pytest.approx(slope)
    assert line.mean_figure + line.slope * (60 - line.mean_moment) == pytest.approx(start + 60 * slope)
    unweighted = np.polyfit(moments, figures, 1)
    assert line.slope > unweighted[0], "what was done lately weighs more"


def test_two_points_are_too_few_for_a_line_of_their_own() -> None:
    assert fitted_lines(pd.DataFrame({"row": [1, 1], "moment": [0.0, 3], "figure": [0.0, 5]})).empty


# --- laws ---------------------------------------------------------------------------------------------------

figures = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
positive = st.floats(0.01, 1e6).map(lambda x: round(x, 3) + 0.01)
months = st.integers(1, 60)


@given(baseline=figures, slope=figures, target=figures, length=months, data=st.data())
def test_a_straight_series_has_one_pace_all_along_and_its_forecast_on_the_line(
    baseline: float, slope: float, target: float, length: int, data: st.DataObject
) -> None:
    assume(abs(target - baseline) > 1)
    elapsed = np.array(sorted(data.draw(st.sets(st.integers(1, length), min_size=1))), dtype=float)
    actual = baseline + slope * elapsed
    paces = linear_pace(actual, baseline, target, elapsed, length)
    scale = 1 + abs(slope * length / (target - baseline)) + abs(baseline / (target - baseline))
    assert np.ptp(paces) <= 1e-6 * scale
    end = baseline + slope * length
    close = pytest.approx(end, rel=1e-6, abs=1e-6 * (1 + abs(baseline) + abs(slope) * length))
    assert all(float(each) == close for each in linear_forecast(actual, baseline, elapsed, length))
    points = pd.DataFrame({"row": 0, "moment": [0.0, *elapsed], "figure": [baseline, *actual]})
    for line in fitted_lines(points).itertuples():
        assert line.mean_figure + line.slope * (length - line.mean_moment) == close


@given(
    actual=figures, baseline=figures, target=figures, unit=st.sampled_from([1e-3, 0.1, 7.0, 1e3]), at=months
)
def test_other_units_of_measure_change_no_pace_and_scale_every_forecast(
    actual: float, baseline: float, target: float, unit: float, at: int
) -> None:
    assume(abs(target - baseline) > 1)
    pace = linear_pace(actual, baseline, target, at, 60)
    scaled = linear_pace(unit * actual, unit * baseline, unit * target, at, 60)
    assert scaled == pytest.approx(pace, rel=1e-6, abs=1e-6)
    size = unit * (abs(actual) + abs(baseline) + abs(target)) * 60
    ahead = unit * linear_forecast(actual, baseline, at, 60)
    assert linear_forecast(unit * actual, unit * baseline, at, 60) == pytest.approx(
        ahead, abs=1e-9 * (1 + size)
    )
    needed = unit * needed_pace(actual, target, 3)
    assert needed_pace(unit * actual, unit * target, 3) == pytest.approx(needed, abs=1e-9 * (1 + size))


@given(actual=positive, baseline=positive, target=positive, unit=positive, at=months)
def test_other_units_of_measure_change_no_compound_pace(
    actual: float, baseline: float, target: float, unit: float, at: int
) -> None:
    assume(abs(target / baseline - 1) > 0.01)
    pace = compound_pace(actual, baseline, target, at, 60)
    scaled = compound_pace(unit * actual, unit * baseline, unit * target, at, 60)
    assert scaled == pytest.approx(pace, rel=1e-6, abs=1e-6)


@given(st.lists(st.tuples(figures, figures, figures, st.integers(0, 60)), min_size=1, max_size=20))
def test_columns_and_single_figures_agree(rows: list[tuple[float, float, float, int]]) -> None:
    actual, baseline, target, at = (pd.Series(column, dtype=float) for column in zip(*rows, strict=True))
    for formula in (linear_pace, compound_pace):
        column = formula(actual, baseline, target, at, 60.0)
        single = [float(formula(*row, 60.0)) for row in rows]
        np.testing.assert_array_equal(np.asarray(column), single)
    ahead = [float(linear_forecast(a, b, t, 60.0)) for a, b, _, t in rows]
    np.testing.assert_array_equal(np.asarray(linear_forecast(actual, baseline, at, 60.0)), ahead)
    needed = [float(needed_pace(a, t, n)) for a, _, t, n in rows]
    np.testing.assert_array_equal(np.asarray(needed_pace(actual, target, at)), needed)


def test_weights_halve_with_every_year() -> None:
    assert forecast.weight_of(np.array([0, 12, 24])).tolist() == [1, 0.5, 0.25]


# --- every kind of target, end to end -----------------------------------------------------------------------

NOTHING = "pace=- forecast=- forecast_attainment=- forecast_band=- needed=-"
POVERTY = "type=gap direction=down frequency=year aggregation=mean unit=%"
POVERTY_TARGET = "span=2011-2015 baseline=70 baseline_year=2010 target=25"
YEARLY = "frequency=year"

CASES = [
    Case(
        "a flow of a term begins with nothing at its start",
        "accumulation=flow",
        "span=2011-2015 target=100",
        "A 2013-Q4 60",
        {"P": "pace=on_track forecast=100 forecast_attainment=100 forecast_band=met needed=5.0"},
    ),
    Case(
        "a slow flow",
        "accumulation=flow",
        "span=2011-2015 target=100",
        "A 2013-Q4 40",
        {"P": "pace=slow forecast=66.7 forecast_attainment=66.7 forecast_band=advancing needed=7.5"},
    ),
    Case(
        "a very slow flow",
        "accumulation=flow",
        "span=2011-2015 target=100",
        "A 2013-Q4 10",
        {"P": "pace=very_slow forecast=16.7 forecast_band=stalled needed=11.25"},
    ),
    Case(
        "a flow of a year begins with the year, and three points make a line",
        "accumulation=flow",
        "span=2013 target=100",
        "A 2012-Q4 500 | A 2013-Q1 30 | A 2013-Q2 30",
        {"P": "pace=on_track forecast=120 forecast_band=exceeded needed=20"},
        period="2013-H1",
        against="own",
    ),
    Case(
        "what was done lately weighs more in a line",
        "accumulation=flow",
        "span=2013 target=100",
        "A 2013-Q1 10 | A 2013-Q2 50",
        # Through (0, 0), (3, 10), (6, 60), with weights 0.707, 0.841 and 1; were all alike it would be 113.3.
        {"P": "pace=on_track forecast=116.7 forecast_band=exceeded"},
        period="2013-H1",
        against="own",
    ),
    Case(
        "poverty falls from 70 to 36, target 25",
        POVERTY,
        POVERTY_TARGET,
        "A 2013 36",
        {"P": "attainment=75.6 pace=on_track forecast=13.3 forecast_attainment=125.9 needed=-5.5"},
    ),
    Case(
        "poverty rises: moving away, and more is needed each year",
        POVERTY,
        POVERTY_TARGET,
        "A 2013 74",
        {"P": "pace=moving_away forecast=76.7 forecast_attainment=-14.8 forecast_band=stalled needed=-24.5"},
    ),
    Case(
        "Bảo Yên's value added, 635 in 2010 to 995 in 2014, target 995",
        YEARLY,
        "span=2011-2015 baseline=635 baseline_year=2010 target=995",
        "A 2014 995",
        {"P": "band=met pace=on_track forecast=1085 forecast_band=exceeded needed=0 first_met=2014-12-31"},
        period="2014",
    ),
    Case(
        "a stock that doubles by a share a year is on track though its straight line falls short",
        YEARLY,
        "span=2011-2015 baseline=100 baseline_year=2010 target=200",
        "A 2013 151.5717",
        {"P": "pace=on_track forecast=186.0 forecast_attainment=93.0 forecast_band=advancing needed=24.2"},
    ),
    Case(
        "a baseline without a year is of the span's start",
        YEARLY,
        "span=2011-2015 baseline=0 target=100",
        "A 2013 30",
        {"P": "pace=very_slow forecast=50 forecast_band=lagging needed=35"},
    ),
    Case(
        "a stock without a baseline has no pace; what is needed is known",
        "",
        "span=2011-2015 target=100",
        "A 2013-Q4 50",
        {"P": "pace=- forecast=- forecast_band=- needed=6.25"},
    ),
    Case(
        "three figures foretell a fourth without a baseline",
        YEARLY,
        "span=2011-2015 target=100",
        "A 2011 10 | A 2012 20 | A 2013 30",
        {"P": "pace=- forecast=50 forecast_attainment=50 forecast_band=lagging needed=35"},
    ),
    Case(
        "a figure that is carried on is one point, not many",
        "",
        "span=2011-2015 target=100",
        "A 2011-Q1 10 | A 2013-Q4 20",
        {"P": "forecast=- forecast_band=-"},
    ),
    Case(
        "a cumulated figure begins with nothing at the term's start",
        "accumulation=cumulative",
        "span=2011-2015 target=100",
        "A 2013-Q4 60",
        {"P": "pace=on_track forecast=100 forecast_band=met needed=5"},
    ),
    Case(
        "of a cumulated figure a year's target does not say where the year began",
        "accumulation=cumulative",
        "span=2013 target=100",
        "A 2013-Q2 60",
        {"P": "pace=- forecast=- needed=20"},
        period="2013-H1",
        against="own",
    ),
    Case(
        "where the span is over the forecast is the figure",
        "accumulation=flow",
        "span=2013 target=100",
        "A 2013-Q3 30 | A 2013-Q4 40",
        {"P": "pace=slow forecast=70 forecast_attainment=70 forecast_band=advancing needed=-"},
        against="own",
    ),
    Case(
        "what has not started needs all that is left, and nothing is foretold of it",
        "accumulation=flow",
        "span=2011-2015 target=100",
        "A 2013-Q4 not_started | B 2013-Q4 not_started | C 2013-Q4 not_started",
        {"P": "band=not_started pace=- forecast=- forecast_band=- needed=12.5"},
    ),
    Case(
        "a reported nought has started: it stands still",
        "accumulation=flow",
        "span=2011-2015 target=100",
        "A 2013-Q4 0",
        {"P": "band=stalled pace=very_slow forecast=0 forecast_band=stalled needed=12.5"},
    ),
    Case(
        "a missing figure has no way",
        "accumulation=flow",
        "span=2011-2015 target=100",
        "",
        {"P": f"band=missing {NOTHING}"},
    ),
    Case(
        "at the moment of the baseline no time has passed",
        YEARLY,
        "span=2011-2015 baseline=10 baseline_year=2013 target=100",
        "A 2013 10",
        {"P": "pace=- forecast=- needed=45"},
    ),
    Case(
        "an estimate goes into the line like any figure",
        "accumulation=flow",
        "span=2011-2015 target=100",
        "A 2013-Q4 60 estimate",
        {"P": "status=estimate pace=on_track forecast=100 needed=5.0"},
    ),
    Case(
        "an old figure counts from its own date",
        YEARLY,
        "span=2011-2015 baseline=0 baseline_year=2010 target=100",
        "A 2012 40",
        {"P": "pace=on_track forecast=100 needed=20"},
        period="2013-Q3",
    ),
    Case(
        "of a flow that should be small there is a forecast, but no pace",
        "accumulation=flow type=ceiling direction=down",
        "span=2013 target=100 cap=100",
        "A 2013-Q1 40",
        {"P": "pace=- forecast=160 forecast_attainment=40 forecast_band=lagging needed=-"},
        period="2013-Q1",
        against="own",
    ),
    Case(
        "a threshold to be reached has a way to go",
        "type=threshold frequency=year",
        "span=2011-2015 baseline=80 baseline_year=2010 target=95",
        "A 2013 89",
        {"P": "pace=on_track forecast=95 forecast_band=met needed=3"},
    ),
    Case(
        "a threshold to be kept has none",
        "type=threshold frequency=year",
        "span=2011-2015 baseline=97 baseline_year=2010 target=95",
        "A 2013 96",
        {"P": "pace=- forecast=95.3 forecast_band=exceeded needed=0"},
    ),
    Case(
        "a range may be left upwards",
        "type=range frequency=year flags=corridor",
        "span=2011-2015 baseline=10 baseline_year=2010 low=12 high=14",
        "A 2013 13",
        {"P": "band=met pace=- forecast=15 forecast_attainment=93.3 forecast_band=advancing needed=-"},
    ),
    Case(
        "a quotient of sums does not begin with nothing",
        "accumulation=flow aggregation=ratio scale=100",
        "span=2011-2015 target=80",
        "A 2013-Q4 6/10",
        {"P": "attainment=75 pace=- forecast=- needed=2.5"},
    ),
    Case(
        "a yearly rate is a pace itself",
        "type=rate accumulation=rate aggregation=none frequency=year reported_by=S",
        "span=2011-2015 target=20",
        "S 2011 10 | S 2012 12 | S 2013 14",
        {"P": f"band=advancing {NOTHING}"},
    ),
    Case(
        "a rate worked out of levels is one too",
        "type=reduction direction=down flags=from_levels frequency=year aggregation=mean",
        "span=2011-2015 target=4 baseline=30 baseline_year=2010",
        "A 2013 24",
        {"P": f"attainment=50 {NOTHING}"},
    ),
    Case(
        "a milestone moves by steps",
        "type=milestone accumulation=state aggregation=all frequency=year",
        "span=2011-2015 target=1",
        "A 2013 0",
        {"P": f"band=stalled {NOTHING}"},
    ),
    Case(
        "a rank moves by places of others too",
        "type=rank direction=down aggregation=none frequency=year reported_by=S",
        "span=2011-2015 top_n=10 baseline=30",
        "S 2013 20",
        {"P": f"attainment=50 {NOTHING}"},
    ),
    Case(
        "the units that count_met counts may change; each unit has its own way",
        "accumulation=flow aggregation=count_met",
        "span=2011-2015 target=2 | unit=A span=2011-2015 target=100 | unit=B span=2011-2015 target=100",
        "A 2013-Q4 60 | B 2013-Q4 100",
        {
            "P": "actual=1 pace=- forecast=- needed=-",
            "A": "pace=on_track forecast=100 forecast_band=met needed=5",
            "B": "band=met pace=on_track forecast=166.7 forecast_band=exceeded needed=0",
        },
    ),
    Case(
        "a unit's own figure has its own pace and line",
        "accumulation=flow",
        "span=2011-2015 target=200 | unit=A span=2011-2015 target=100",
        "A 2012-Q4 10 | A 2013-Q4 20 | B 2013-Q4 90",
        {
            # The authority's three points, the start, 10 at the end of 2012 and 120 at that of 2013, make a line.
            "P": "pace=on_track forecast_band=exceeded needed=10",
            "A": "pace=very_slow forecast=50 forecast_band=lagging needed=8.75",
            "B": "band=unassessable pace=- forecast=- needed=-",
        },
    ),
]


@pytest.fixture(scope="module")
def judged() -> CASES_OF:
    """Every case's rows."""
    return judged_cases(CASES)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.says) for case in CASES])
def test_what_is_ahead(case: Case, judged: CASES_OF) -> None:
    for unit, wanted in case.expect.items():
        assert not unlike(judged[case.says][unit], wanted), unit

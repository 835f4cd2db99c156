"""Bands: the edges, half-open with the lower bound in, and nearly equal is equal."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiendo.bands import ASSESSABLE, BANDS, BandRules, at_least, band_of, near
from tiendo.labels import label

RULES = BandRules()


def band(
    attainment: float,
    margin_sign: float = math.nan,
    threshold: bool = False,
    elapsed: float = 1.0,
    rules: BandRules = RULES,
) -> str:
    columns = [pd.Series([value]) for value in (attainment, margin_sign, threshold, elapsed)]
    return str(band_of(*columns, rules).iloc[0])


@pytest.mark.parametrize(
    ("attainment", "wanted"),
    [
        pytest.param(166.0, "exceeded", id="166 %"),
        pytest.param(100.1, "exceeded", id="a tenth above"),
        pytest.param(100.0, "met", id="just met"),
        pytest.param(99.9, "advancing", id="a tenth short: shown as 99,9, not met"),
        pytest.param(99.96, "advancing", id="compared unrounded, though it prints as 100,0"),
        pytest.param(60.0, "advancing", id="60 is in"),
        pytest.param(59.999, "lagging", id="just below 60"),
        pytest.param(20.0, "lagging", id="20 is in"),
        pytest.param(19.999, "stalled", id="just below 20"),
        pytest.param(0.0, "stalled", id="a reported zero is started"),
        pytest.param(-8.9, "stalled", id="moving away"),
        pytest.param(math.nan, "unassessable", id="no attainment"),
        pytest.param(math.inf, "exceeded", id="without bound"),
    ],
)
def test_an_attainment_falls_into_its_band(attainment: float, wanted: str) -> None:
    assert band(attainment) == wanted


@pytest.mark.parametrize(
    ("attainment", "wanted"),
    [
        pytest.param(100 * (0.1 + 0.2) / 0.3, "met", id="0.1 + 0.2 meets a target of 0.3"),
        pytest.param(100 * 0.3 / (0.1 + 0.2), "met", id="0.3 meets a target of 0.1 + 0.2"),
        pytest.param(100 * (1 + 5e-10), "met", id="half a billionth above is none"),
        pytest.param(100 * (1 + 2e-9), "exceeded", id="two billionths are some"),
        pytest.param(60 * (1 - 5e-10), "advancing", id="as near to 60 is 60"),
        pytest.param(20 * (1 - 5e-10), "lagging", id="as near to 20 is 20"),
        pytest.param(60 * (1 - 2e-9), "lagging", id="two billionths below 60 are below"),
    ],
)
def test_a_relative_difference_below_a_billionth_is_none(attainment: float, wanted: str) -> None:
    assert band(attainment) == wanted


@pytest.mark.parametrize(
    ("attainment", "margin", "wanted"),
    [
        pytest.param(125.0, 1, "exceeded", id="margin above: exceeded"),
        pytest.param(100.0, 0, "met", id="no margin: met"),
        pytest.param(math.nan, 1, "exceeded", id="above a threshold of zero"),
        pytest.param(math.nan, 0, "met", id="at a threshold of zero"),
        pytest.param(math.nan, -1, "stalled", id="below a threshold of zero: missed, not unassessable"),
        pytest.param(75.0, -1, "advancing", id="below: by its attainment"),
        pytest.param(30.0, -1, "lagging", id="far below"),
        pytest.param(166.7, -1, "advancing", id="−5 against −3: missed, whatever the quotient says"),
        pytest.param(math.nan, math.nan, "unassessable", id="no figure"),
    ],
)
def test_a_threshold_goes_by_its_margin(attainment: float, margin: float, wanted: str) -> None:
    assert band(attainment, margin, threshold=True) == wanted


@pytest.mark.parametrize(
    ("attainment", "elapsed", "wanted"),
    [
        pytest.param(60.0, 0.6, "advancing", id="60 % after three years of five: on the plan's pace"),
        pytest.param(59.9, 0.6, "lagging", id="a little behind the pace"),
        pytest.param(59.9, 0.5, "advancing", id="ahead of it at half time"),
        pytest.param(
            20.0, 0.6, "lagging", id="a third of the pace: the lower threshold keeps its proportion"
        ),
        pytest.param(19.9, 0.6, "stalled", id="less than a third of the pace"),
        pytest.param(99.0, 1.0, "lagging", id="at the end all is asked for"),
        pytest.param(100.0, 0.2, "met", id="met early is met"),
    ],
)
def test_thresholds_can_follow_the_elapsed_share_of_the_span(
    attainment: float, elapsed: float, wanted: str
) -> None:
    assert band(attainment, elapsed=elapsed, rules=BandRules(relative=True)) == wanted


def test_thresholds_are_a_setting() -> None:
    strict = BandRules(advancing=80, stalled=50)
    assert [band(p, rules=strict) for p in (80.0, 79.9, 50.0, 49.9)] == [
        "advancing",
        "lagging",
        "lagging",
        "stalled",
    ]


@given(st.floats(-1e4, 1e4), st.booleans(), st.floats(0.01, 1))
def test_every_attainment_has_one_band_and_more_is_never_worse(
    attainment: float, relative: bool, elapsed: float
) -> None:
    rules = BandRules(relative=relative)
    here, above = (
        band(attainment, elapsed=elapsed, rules=rules),
        band(attainment + 1, elapsed=elapsed, rules=rules),
    )
    assert here in ASSESSABLE[:5]
    assert BANDS.index(above) <= BANDS.index(here)


@given(st.floats(-1e9, 1e9), st.floats(-1e-10, 1e-10))
def test_nearly_equal_works_in_both_directions(value: float, share: float) -> None:
    other = value * (1 + share)
    one, two = pd.Series([value]), pd.Series([other])
    assert near(one, two).all()
    assert near(two, one).all()
    assert at_least(one, two).all()
    assert at_least(two, one).all()


def test_nothing_is_near_to_the_unknown() -> None:
    unknown = pd.Series([np.nan, np.nan])
    assert not near(unknown, pd.Series([0.0, np.nan])).any()
    assert not at_least(unknown, 0.0).any()


@pytest.mark.parametrize("name", BANDS)
def test_every_band_has_its_word_in_both_languages(name: str) -> None:
    assert label("band", name)
    assert label("band", name, "en")

"""Periods: their names, order, parts and neighbours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiendo.errors import InputError
from tiendo.periods import FREQUENCIES, KINDS, MONTHS, PER_YEAR, Period

YEARLY = [kind for kind in KINDS if kind != "term"]
years = st.integers(1990, 2060)
periods = st.builds(
    lambda kind, year, number: Period(kind, year, number % PER_YEAR[kind] + 1),
    st.sampled_from(YEARLY),
    years,
    st.integers(0, 11),
)
terms = st.builds(lambda year, length: Period("term", year, year + length), years, st.integers(1, 9))


@pytest.mark.parametrize(
    ("text", "kind", "first_month", "last_month"),
    [
        pytest.param("2013-Q4", "quarter", (2013, 10), (2013, 12), id="quarter"),
        pytest.param("2013-H1", "half", (2013, 1), (2013, 6), id="first half"),
        pytest.param("2013-H2", "half", (2013, 7), (2013, 12), id="second half"),
        pytest.param("2013-9M", "nine_months", (2013, 1), (2013, 9), id="nine months"),
        pytest.param("2013-03", "month", (2013, 3), (2013, 3), id="month"),
        pytest.param("2013", "year", (2013, 1), (2013, 12), id="year"),
        pytest.param("2011-2015", "term", (2011, 1), (2015, 12), id="term"),
        pytest.param(" 2013-Q1 ", "quarter", (2013, 1), (2013, 3), id="blanks around are no matter"),
    ],
)
def test_a_written_period_covers_its_months(
    text: str, kind: str, first_month: tuple[int, int], last_month: tuple[int, int]
) -> None:
    period = Period.parse(text)
    assert period.kind == kind
    assert divmod(period.first_month, 12) == (first_month[0], first_month[1] - 1)
    assert divmod(period.last_month, 12) == (last_month[0], last_month[1] - 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "13",
        "2013-Q5",
        "2013-Q0",
        "2013-H3",
        "2013-13",
        "2013-00",
        "2013-3",
        "2013-9m",
        "2015-2011",
        "2013-Q4x",
    ],
)
def test_what_is_no_period_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(InputError, match="không phải là kỳ; viết 2013-Q4"):
        Period.parse(text)


@given(periods | terms)
def test_a_period_is_read_back_as_it_was_written(period: Period) -> None:
    assert Period.parse(str(period)) == period


@given(periods)
def test_the_next_period_begins_where_this_one_ends(period: Period) -> None:
    following = period.next()
    assert following.index == period.index + 1
    assert following.previous() == period
    gap = 3 if period.kind == "nine_months" else 0  # the last quarter lies between two nine-month periods
    assert following.first_month == period.last_month + 1 + gap
    assert Period.of_index(period.kind, period.index) == period


@given(terms)
def test_terms_follow_each_other_without_a_gap(term: Period) -> None:
    assert term.next().first_month == term.last_month + 1
    assert term.next().previous() == term


@given(periods | terms)
def test_the_same_period_last_year_lies_twelve_months_before(period: Period) -> None:
    before = period.same_last_year()
    assert before.kind == period.kind
    assert before.first_month == period.first_month - 12
    assert before.last_month == period.last_month - 12


@given(years, st.sampled_from(["quarter", "half"]), st.sampled_from(["month", "quarter"]))
def test_parts_cover_the_whole_without_gap_or_overlap(year: int, middle: str, small: str) -> None:
    whole = Period("year", year)
    for kind in (middle, small):
        months = [m for part in whole.parts(kind) for m in range(part.first_month, part.last_month + 1)]
        assert months == list(range(whole.first_month, whole.last_month + 1))
    for part in whole.parts(middle):
        if MONTHS[small] <= MONTHS[middle]:
            assert [p for p in whole.parts(small) if part.contains(p)] == part.parts(small)


@given(periods, st.sampled_from(FREQUENCIES))
def test_the_last_closing_of_a_frequency_is_the_latest_that_has_ended(period: Period, frequency: str) -> None:
    closing = period.last_of(frequency)
    assert closing is not None
    assert closing.last_month <= period.last_month < closing.next().last_month


@given(periods, st.sampled_from(FREQUENCIES))
def test_the_period_at_an_end_contains_the_last_month(period: Period, frequency: str) -> None:
    around = period.at_end(frequency)
    assert around is not None
    assert around.first_month <= period.last_month <= around.last_month


def test_no_nine_month_period_holds_the_last_quarter() -> None:
    assert Period.parse("2013-Q4").at_end("nine_months") is None
    assert Period.parse("2013-Q3").at_end("nine_months") == Period.parse("2013-9M")


def test_periods_sort_by_their_end_and_then_the_shorter_first() -> None:
    mixed = [
        Period.parse(text)
        for text in ("2013", "2011-2015", "2013-Q4", "2013-9M", "2013-H2", "2013-12", "2013-H1")
    ]
    wanted = ["2013-H1", "2013-9M", "2013-12", "2013-Q4", "2013-H2", "2013", "2011-2015"]
    assert [str(period) for period in sorted(mixed)] == wanted


def test_a_term_touches_all_its_years() -> None:
    assert list(Period.parse("2011-2015").years) == [2011, 2012, 2013, 2014, 2015]

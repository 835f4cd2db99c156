"""Completeness and timeliness of units over periods."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiendo.obligations import STATES
from tiendo.timeliness import COUNTS, by_unit, totals, with_totals

TODAY = date(2026, 7, 1)
DUE = {"2025-Q4": date(2025, 12, 16), "2026-Q1": date(2026, 3, 17), "2026-Q2": date(2026, 7, 1)}


def owed(text: str) -> pd.DataFrame:
    """Obligations as `unit period state`, parted by `|`."""
    rows = [part.split() for part in text.split("|")]
    frame = pd.DataFrame(rows, columns=["unit", "period", "state"])
    return frame.assign(due=[DUE[period] for period in frame.period])


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("accepted_on_time", (1, 1, 1)),
        ("accepted_late", (1, 1, 0)),
        ("submitted", (1, 0, 0)),
        ("returned", (1, 0, 0)),
        ("overdue", (1, 0, 0)),
        ("locked_missing", (1, 0, 0)),
        ("waived", None),
    ],
)
def test_what_a_state_counts_for_once_it_was_due(state: str, counts: tuple[int, ...] | None) -> None:
    found = by_unit(owed(f"A 2026-Q1 {state}"), TODAY)
    assert [tuple(row) for row in found[COUNTS].to_numpy()] == ([counts] if counts else [])


@pytest.mark.parametrize("state", ["open", "accepted_on_time", "returned", "submitted"])
def test_nothing_is_expected_before_its_due_day_is_over(state: str) -> None:
    assert by_unit(owed(f"A 2026-Q2 {state}"), TODAY).empty
    assert len(by_unit(owed(f"A 2026-Q2 {state}"), date(2026, 7, 2))) == 1


SAMPLE = "B 2025-Q4 overdue | B 2026-Q1 accepted_late | A 2025-Q4 accepted_on_time | A 2026-Q1 accepted_late"
SAMPLE += " | C 2025-Q4 waived | C 2026-Q1 accepted_on_time | A 2026-Q2 open"


def test_each_unit_has_its_total_and_all_have_one() -> None:
    found = with_totals(by_unit(owed(SAMPLE), TODAY))
    shares = found[["completeness", "timeliness"]].round(3)
    lines = list(found[["unit", "period", *COUNTS]].join(shares).itertuples(index=False, name=None))
    assert lines == [
        ("A", "2025-Q4", 1, 1, 1, 1.0, 1.0),
        ("A", "2026-Q1", 1, 1, 0, 1.0, 0.0),
        ("A", "", 2, 2, 1, 1.0, 0.5),
        ("B", "2025-Q4", 1, 0, 0, 0.0, 0.0),
        ("B", "2026-Q1", 1, 1, 0, 1.0, 0.0),
        ("B", "", 2, 1, 0, 0.5, 0.0),
        ("C", "2026-Q1", 1, 1, 1, 1.0, 1.0),
        ("C", "", 1, 1, 1, 1.0, 1.0),
        ("", "", 5, 4, 2, 0.8, 0.4),
    ]


def test_units_add_up_to_periods_too() -> None:
    found = totals(by_unit(owed(SAMPLE), TODAY), over="unit").set_index("period")
    assert dict(found.expected) == {"2025-Q4": 2, "2026-Q1": 3}
    assert dict(found.completeness) == {"2025-Q4": 0.5, "2026-Q1": 1.0}


def test_nothing_owed_has_no_share() -> None:
    assert with_totals(by_unit(owed("A 2026-Q2 open"), TODAY)).empty


cases = st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(sorted(DUE)), st.sampled_from(STATES)))


@given(cases)
def test_shares_lie_between_none_and_all(given_cases: list[tuple[str, str, str]]) -> None:
    frame = pd.DataFrame(given_cases, columns=["unit", "period", "state"])
    found = with_totals(by_unit(frame.assign(due=frame.period.map(DUE)), TODAY))
    assert (found.on_time <= found.accepted).all()
    assert (found.accepted <= found.expected).all()
    assert found.completeness.between(0, 1).all()
    assert (found.timeliness <= found.completeness).all()

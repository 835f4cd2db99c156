"""Completeness and timeliness: how much of what was expected came, and how much of it in time. SPEC §3."""

from datetime import date

import pandas as pd

from tiendo.obligations import IN

COUNTS = ["expected", "accepted", "on_time"]
TIMELINESS_COLUMNS = ["unit", "period", *COUNTS, "completeness", "timeliness"]
WHOLE = ""  # of a total, in the place of a unit or of a period


def by_unit(obligations: pd.DataFrame, today: date) -> pd.DataFrame:
    """One row for each obligation whose due date is past (TIMELINESS_COLUMNS), in the order given.

    obligations: unit, period, due, state, of as many periods as wanted. What is waived, or not due yet on a day, is not
    expected. Shares (accepted / expected, on time / expected) from 0 to 1.
    """
    expected = obligations[(obligations.due < today) & obligations.state.ne("waived")]
    counts = expected[["unit", "period"]].assign(
        expected=1,
        accepted=expected.state.isin(IN).astype("int64"),
        on_time=expected.state.eq("accepted_on_time").astype("int64"),
    )
    return _with_shares(counts.reset_index(drop=True))


def totals(table: pd.DataFrame, over: str = "period") -> pd.DataFrame:
    """The rows of `by_unit` added up over their periods (one row a unit) or over their units (one row a period)."""
    kept = "unit" if over == "period" else "period"
    return _with_shares(table.groupby(kept, as_index=False)[COUNTS].sum().assign(**{over: WHOLE}))


def with_totals(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `by_unit` by unit, after those of each unit its total, and at the end that of all."""
    ordered = pd.concat([table.sort_values(["unit", "period"]), totals(table)])
    by = ordered.assign(is_total=ordered.period.eq(WHOLE)).sort_values(["unit", "is_total"], kind="stable")
    whole = pd.DataFrame([{"unit": WHOLE, "period": WHOLE, **table[COUNTS].sum()}])
    every = [by[TIMELINESS_COLUMNS], _with_shares(whole)]
    return pd.concat(every if len(table) else every[:1], ignore_index=True)


def _with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.assign(
        completeness=counts.accepted / counts.expected, timeliness=counts.on_time / counts.expected
    )[TIMELINESS_COLUMNS]

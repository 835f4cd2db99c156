"""Bands: how far an indicator has come, in a word. SPEC §7."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

# In the order in which they are printed and counted.
BANDS = (
    "exceeded",
    "met",
    "advancing",
    "lagging",
    "stalled",
    "not_started",
    "missing",
    "unassessable",
    "not_due",
    "not_applicable",
)
ASSESSABLE = BANDS[:6]
MET = BANDS[:2]

# Double precision cannot hold 0.1 + 0.2 = 0.3; a relative difference below this is none.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class BandRules:
    """Thresholds in percent (settings `[bands]`).

    `relative`: `advancing` is then 100·e with e the elapsed share of the target's span, and `stalled`
    keeps its proportion to it. `coverage_floor`: the share of weight, in percent, that must be
    assessable for an index to be printed.
    """

    advancing: float = 60.0
    stalled: float = 20.0
    relative: bool = False
    coverage_floor: float = 80.0

    def thresholds(self, elapsed: "pd.Series | float") -> tuple["pd.Series | float", "pd.Series | float"]:
        """Lower bounds in percent of advancing and of lagging, given the elapsed share of the span."""
        if not self.relative:
            return self.advancing, self.stalled
        advancing = 100 * elapsed
        return advancing, advancing * self.stalled / self.advancing


def near(left: pd.Series, right: "pd.Series | float") -> pd.Series:
    """Where two columns are the same number, up to TOLERANCE of the larger."""
    size = np.maximum(np.abs(left), np.abs(right))
    same: pd.Series = (left == right) | ((np.abs(left - right) <= TOLERANCE * size) & np.isfinite(size))
    return same


def at_least(left: pd.Series, right: "pd.Series | float") -> pd.Series:
    """Where the left column is no less than the right, up to TOLERANCE."""
    return (left > right) | near(left, right)


def band_of(attainment: pd.Series, margin_sign: pd.Series, by_margin: pd.Series, elapsed: pd.Series,
            rules: BandRules) -> pd.Series:  # fmt: skip
    """The band of each attainment in percent.

    `margin_sign` (−1, 0, 1) decides exceeded and met where `by_margin` (type `threshold`).
    """
    advancing, stalled = rules.thresholds(elapsed)
    exceeded = (attainment > 100) & ~near(attainment, 100.0)
    met = near(attainment, 100.0)
    conditions = [
        by_margin & (margin_sign > 0),
        by_margin & (margin_sign == 0),
        ~by_margin & exceeded,
        ~by_margin & met,
        at_least(attainment, advancing),
        at_least(attainment, stalled),
        attainment.notna() | by_margin & margin_sign.notna(),
    ]
    words = ["exceeded", "met", "exceeded", "met", "advancing", "lagging", "stalled"]
    return pd.Series(np.select(conditions, words, "unassessable"), index=attainment.index, dtype="str")

"""Attainment: the formulas of the target types, SPEC §6.

Plain operators throughout, so each formula takes a number or a column. Attainment is in percent, a margin in the
indicator's own unit (points for rates, places for ranks, days for milestones). What is unknown is NaN and stays so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Figures = Any  # a float, or a column of floats (numpy array or pandas Series)


class Inputs(Protocol):
    """What a formula may use; a DataFrame with these columns is one.

    actual (A, to date), target (T), baseline (B), low, high (range), cap (ceiling), top_n (rank), direction (d: ±1),
    is_corridor (bool), years_met, years_due, worst (every_year), done (milestone: share of the stages done), days_early.
    """

    actual: Figures
    target: Figures
    baseline: Figures
    low: Figures
    high: Figures
    cap: Figures
    top_n: Figures
    direction: Figures
    is_corridor: Figures
    years_met: Figures
    years_due: Figures
    worst: Figures
    done: Figures
    days_early: Figures


def share(actual: Figures, target: Figures) -> Figures:
    """100·A/T: `ratio`, `rate`, `reduction`, `benchmark`. NaN where T = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.equal(target, 0), np.nan, 100 * np.divide(actual, target))


def gap(actual: Figures, target: Figures, baseline: Figures) -> Figures:
    """100·(A−B)/(T−B): share of the way from baseline to target; negative when moving away. NaN where T = B."""
    return share(np.subtract(actual, baseline), np.subtract(target, baseline))


def growth(actual: Figures, baseline: Figures, years: Figures) -> Figures:
    """Yearly growth in percent from levels: ((A/B)^(1/years) − 1)·100. NaN where it has no meaning."""
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.power(np.divide(actual, baseline), np.divide(1.0, years))
    meaningful = np.greater(baseline, 0) & np.greater_equal(actual, 0) & np.greater(years, 0)
    return np.where(meaningful, (grown - 1) * 100, np.nan)


def points_cut(actual: Figures, baseline: Figures, years: Figures) -> Figures:
    """Points reduced a year, from levels: (B−A)/years. NaN where no year has passed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.greater(years, 0), np.divide(np.subtract(baseline, actual), years), np.nan)


def every_year(years_met: Figures, years_due: Figures) -> Figures:
    """100·(years with A at the target or better)/(years due). NaN while no year is due."""
    return share(years_met, years_due)


def threshold(actual: Figures, target: Figures, direction: Figures) -> Figures:
    """Up: 100·A/T. Down: 100·T/A, without bound (infinite) where A = 0 < T, and 100 where both are 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(np.equal(target, 0), np.nan, 100 * np.divide(actual, target))
        down = 100 * np.divide(target, actual)
    both_zero = np.equal(actual, 0) & np.equal(target, 0)
    return np.where(both_zero, 100.0, np.where(np.greater(direction, 0), up, down))


def within_range(actual: Figures, low: Figures, high: Figures, is_corridor: Figures) -> Figures:
    """A<L: 100·A/L; within: 100; A>U: 100·A/U, or 100·U/A in a corridor, where too much is a failure."""
    above = np.where(is_corridor, share(high, actual), share(actual, high))
    value = np.where(
        np.less(actual, low), share(actual, low), np.where(np.greater(actual, high), above, 100.0)
    )
    return np.where(np.isnan(actual) | np.isnan(low) | np.isnan(high), np.nan, value)


def outside(actual: Figures, low: Figures, high: Figures) -> Figures:
    """A−U above the range, A−L below it, 0 within."""
    value = np.where(
        np.greater(actual, high), np.subtract(actual, high), np.minimum(np.subtract(actual, low), 0.0)
    )
    return np.where(np.isnan(actual) | np.isnan(high), np.nan, value)


def ceiling(actual: Figures, target: Figures, cap: Figures) -> Figures:
    """A≤T: 100; else 100·max(0, 1 − (A−T)/max(|T|, cap))."""
    # abs: a cap written -0 beside a target of 0 must not turn the sign of the quotient.
    size = np.abs(np.fmax(np.abs(target), cap))
    over = np.maximum(np.subtract(actual, target), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.equal(over, 0), 100.0, 100 * np.maximum(0.0, 1 - np.divide(over, size)))


def rank(actual: Figures, top_n: Figures, baseline: Figures) -> Figures:
    """100 if A ≤ N; else 100·max(0, (B−A)/(B−N)); without a baseline behind N (no way to go) 100·N/A."""
    from_start = np.maximum(0.0, share(np.subtract(baseline, actual), np.subtract(baseline, top_n)))
    beside = np.where(np.greater(baseline, top_n), from_start, share(top_n, actual))
    value = np.where(np.less_equal(actual, top_n), 100.0, beside)
    return np.where(np.isnan(actual) | np.isnan(top_n), np.nan, value)


@dataclass(frozen=True)
class Method:
    """How one target type is judged: attainment in percent, and the margin."""

    attainment: Callable[[Inputs], Figures]
    margin: Callable[[Inputs], Figures]


def _above_target(f: Inputs) -> Figures:
    return np.subtract(f.actual, f.target)


def _better_than_target(f: Inputs) -> Figures:
    return f.direction * np.subtract(f.actual, f.target)


_SHARE = Method(lambda f: share(f.actual, f.target), _above_target)

# any_of and all_of are not here: they take the attainment of their deciding branch (judgement.py).
METHODS: dict[str, Method] = {
    "ratio": _SHARE,
    "rate": _SHARE,
    "reduction": _SHARE,
    "benchmark": _SHARE,
    "gap": Method(lambda f: gap(f.actual, f.target, f.baseline), _better_than_target),
    "every_year": Method(
        lambda f: every_year(f.years_met, f.years_due), lambda f: f.direction * np.subtract(f.worst, f.target)
    ),
    "threshold": Method(lambda f: threshold(f.actual, f.target, f.direction), _better_than_target),
    "range": Method(
        lambda f: within_range(f.actual, f.low, f.high, f.is_corridor),
        lambda f: outside(f.actual, f.low, f.high),
    ),
    "ceiling": Method(
        lambda f: ceiling(f.actual, f.target, f.cap), lambda f: np.subtract(f.target, f.actual)
    ),
    "milestone": Method(lambda f: 100 * f.done, lambda f: f.days_early),
    "rank": Method(lambda f: rank(f.actual, f.top_n, f.baseline), lambda f: np.subtract(f.top_n, f.actual)),
}

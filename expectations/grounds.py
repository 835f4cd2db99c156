"""Grounds: what each row of a batch is held against, joined to it as columns, so that few rules serve all.

However many indicators and rules a plan has, the number of expectations stays the same: a bound, an allowed
change or last period's figure is a column (NaN where there is none), and an expectation compares two columns.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from tiendo.bands import TOLERANCE
from tiendo.finding_codes import ERROR, WARNING
from tiendo.intake_rules import IntakeRules
from tiendo.labels import WORDS
from tiendo.outlooks import DOUBTFUL
from tiendo.parts import NOWHERE, Grid, filled_grid

STATES = tuple(WORDS["state"])
COUNTS_AS_ZERO = ("none_occurred", "not_started")
NO_ENTRY = -1
SEVERITIES = (ERROR, WARNING)
SPANS = ("quarter", "half", "year", "term")
SUMS = {"number": "sum", "numerator": "num", "denominator": "den"}  # of a row, and what their sums are called

SAME_COLUMNS = ["unit", "period", "indicator", "state", *SUMS]
RUNNING_SUMS = [f"{span}_{suffix}" for span in SPANS for suffix in SUMS.values()]
BEFORE_COLUMNS = ["unit", "period", "indicator", "number", "reported_on"]
SUMS_COLUMNS = ["unit", "period", "indicator", *RUNNING_SUMS]


@dataclass(frozen=True)
class Past:
    """What the warehouse holds beside a batch.

    before (BEFORE_COLUMNS): the last figures of the parts' units at the closing before each part's period
    (`period`), of a ratio its quotient; reported_on is the last month (ordinal) of the period they are of.
    sums (SUMS_COLUMNS): at the same closings, the running sums of the flows that are judged
    (`shortfall_grounds.flows_judged`). same (SAME_COLUMNS): current values of the parts' units and periods,
    and of the other reporters of indicators whose figure is an agency's (figure_of).
    """

    before: pd.DataFrame
    sums: pd.DataFrame
    same: pd.DataFrame


def no_past() -> Past:
    """Nothing was ever received."""
    return Past(*(pd.DataFrame(columns=names) for names in (BEFORE_COLUMNS, SUMS_COLUMNS, SAME_COLUMNS)))


@dataclass(frozen=True)
class Batch:
    """Typed rows to be checked: those of the parts that will become new versions.

    rows: `cells.ENTRY_COLUMNS`, `part` and `place`; parts: index 0 … n−1, of `parts_of`; owed: their grid.
    """

    rows: pd.DataFrame
    parts: pd.DataFrame
    owed: Grid
    rules: IntakeRules
    past: Past

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """The plan's indicators, in the order of the grids' columns."""
        return self.rules.plan.indicators

    @cached_property
    def is_ratio(self) -> Grid:
        """Of each indicator: whether its figure is numerator over denominator."""
        return (self.indicators.aggregation == "ratio").to_numpy()

    @cached_property
    def scale(self) -> Grid:
        """Of each indicator: what its ratio is multiplied by."""
        return self.indicators.scale.to_numpy(dtype=float)

    @cached_property
    def checked(self) -> pd.DataFrame:
        """All rows to check: those typed, and one for each required indicator that a part leaves out.

        Adds entry (row of the typed cells, −1: none), is_owed, is_ratio, figure (of state `value` alone) and
        amount (0 where nothing occurred or was started).
        """
        rows = pd.concat([self.rows.assign(entry=self.rows.index), self._left_out()], ignore_index=True)
        place = rows.place.to_numpy()
        is_known = place != NOWHERE
        is_owed = is_known & self.owed[rows.part, place]
        is_ratio = is_known & self.is_ratio[place]
        number = np.where(is_ratio, self.quotient(rows, place), rows.number)
        figure = np.where((rows.state == "value") & ~rows.broken.eq(True), number, np.nan)
        zero = rows.state.isin(COUNTS_AS_ZERO)
        return rows.assign(
            is_owed=is_owed,
            is_ratio=is_ratio,
            figure=np.where(is_owed, figure, np.nan),
            amount=np.where(is_owed, np.where(zero, 0.0, figure), np.nan),
        )

    def quotient(self, rows: pd.DataFrame, place: Grid) -> Grid:
        """Numerator over denominator times the indicator's scale; NaN where the denominator is 0."""
        denominator = rows.denominator.to_numpy(dtype=float)
        nonzero = np.where(denominator == 0, np.nan, denominator)
        return rows.numerator.to_numpy(dtype=float) / nonzero * self.scale[place]

    def _left_out(self) -> pd.DataFrame:
        said = np.zeros(self.owed.shape, dtype=bool)
        known = self.rows[self.rows.place != NOWHERE]
        said[known.part, known.place] = True
        part, place = np.nonzero(self.owed & self.indicators.required.to_numpy() & ~said)
        about = self.parts.loc[part, ["file", "sheet", "unit", "period"]].reset_index(drop=True)
        return about.assign(
            part=part, place=place, indicator=self.indicators.index[place], entry=NO_ENTRY, line=0, state="",
            status="final", qualifier="=", outlook="", outlook_reason="", reason="", remedy="",
            broken=False,
            number=np.nan, numerator=np.nan, denominator=np.nan,
        )  # fmt: skip

    @cached_property
    def _grids(self) -> dict[str, Grid]:
        rows = self.checked[self.checked.is_owed]
        part, place = rows.part.to_numpy(), rows.place.to_numpy()
        names = ("amount", *SUMS)
        return {
            name: filled_grid(self.owed.shape, part, place, rows[name].to_numpy(dtype=float))
            for name in names
        }

    def grid(self, column: str) -> Grid:
        """A column of the checked rows (amount or SUMS) as part × indicator; NaN where nothing stands."""
        return self._grids[column]

    def of_rows(self, grid: Grid) -> Grid:
        """A grid's value for each checked row, NaN for rows that are not owed."""
        rows = self.checked
        return np.where(rows.is_owed, grid[rows.part, rows.place], np.nan)

    def of_indicators(self, values: Grid) -> Grid:
        """An indicator's value for each checked row, NaN for rows that are not owed."""
        rows = self.checked
        return np.where(rows.is_owed, values[rows.place], np.nan)

    def rule_values(self, check: str, severity: str) -> Grid:
        """Of each indicator: the value of the plan's rule of a check and severity; NaN where it has none."""
        rules = self.rules_of(check, severity)
        values = np.full(len(self.indicators), np.nan)
        values[self.indicators.index.get_indexer(pd.Index(rules.indicator))] = rules.value
        return values

    def has_rule(self, check: str, severity: str) -> Grid:
        """Of each indicator: whether the plan has a rule of a check and severity."""
        return self.indicators.index.isin(self.rules_of(check, severity).indicator)

    def rules_of(self, check: str, severity: str) -> pd.DataFrame:
        """The plan's rules of a check and severity."""
        rules = self.rules.plan.tables["rules"]
        return rules[(rules.check == check) & (rules.severity == severity)]


def rounded_up(limit: Grid, size: Grid) -> Grid:
    """A limit widened by what double precision cannot hold, so that 0.1 + 0.2 does not exceed 0.3."""
    return limit + TOLERANCE * np.fmax(np.abs(limit), np.abs(size))


def basic_columns(batch: Batch) -> dict[str, Grid]:
    """Columns of the checks that need the row alone.

    known, given, outlook_explained, consistent, has_numerator, has_denominator: 1, or NaN where the row fails; divisor:
    the denominator where one is used; said: a number for each indicator code.
    """
    rows = batch.checked
    is_value = rows.is_owed & (rows.state == "value") & ~rows.broken
    lacks_figure = is_value & ~rows.is_ratio & rows.number.isna()
    required = batch.of_indicators(batch.indicators.required.to_numpy(dtype=float)) == 1
    lacks_all = rows.is_owed & (rows.state == "") & required
    is_ratio = is_value & rows.is_ratio
    given = rows[list(SUMS)].fillna(0).ne(0).any(axis=1)
    declared = rows.is_owed & rows.state.isin(STATES[1:])
    is_doubtful = rows.is_owed & rows.outlook.isin(DOUBTFUL)
    unexplained = is_doubtful & rows.outlook_reason.fillna("").eq("")
    return {
        "known": _ok(rows.is_owed),
        "given": _ok(~(lacks_figure | lacks_all)),
        "outlook_explained": _ok(~unexplained),
        "consistent": _ok(~(declared & given)),
        "has_numerator": _ok(~(is_ratio & rows.numerator.isna())),
        "has_denominator": _ok(~(is_ratio & rows.denominator.isna())),
        "divisor": rows.denominator.where(is_ratio).to_numpy(dtype=float),
        "said": pd.factorize(rows.indicator)[0],
    }


def _ok(holds: pd.Series) -> Grid:
    return np.where(holds, 1.0, np.nan)

"""Last period's figures, of the warehouse and of earlier periods within the batch, as grids."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from expectations.grounds import SUMS, Batch
from tiendo.parts import Grid, filled_grid
from tiendo.periods import MONTHS, Period

CASE = ["unit", "period"]
NO_MONTH = -1


@dataclass(frozen=True)
class LastPeriod:
    """Last period's figures of a batch. A *case* is a unit and period; of several parts the latest counts."""

    batch: Batch

    @cached_property
    def _cases(self) -> pd.DataFrame:
        """The unit and period of each case, with its latest part and (`before`) the period before."""
        parts = self.batch.parts
        latest = parts.drop_duplicates(CASE, keep="last").rename_axis("part").reset_index()
        previous = {text: str(Period.parse(text).previous()) for text in latest.period.unique()}
        return latest.assign(before=latest.period.map(previous))

    @cached_property
    def _case_of_part(self) -> Grid:
        cases = pd.MultiIndex.from_frame(self._cases[CASE])
        return cases.get_indexer(pd.MultiIndex.from_frame(self.batch.parts[CASE]))

    def _stored(self, known: pd.DataFrame, column: str) -> Grid:
        """A column of figures known at the closings before (`past.before`, `past.sums`): case × indicator."""
        cases = pd.MultiIndex.from_frame(self._cases[["unit", "before"]])
        case = cases.get_indexer(pd.MultiIndex.from_frame(known[CASE]))
        return self._gridded(case, known.indicator, known[column])

    def _gridded(self, case: Grid, indicators: pd.Series, values: pd.Series) -> Grid:
        place = self.batch.indicators.index.get_indexer(pd.Index(indicators))
        known = (case >= 0) & (place >= 0)
        shape = (len(self._cases), self.batch.owed.shape[1])
        return filled_grid(shape, case[known], place[known], values.to_numpy(dtype=float)[known])

    @cached_property
    def _figures(self) -> tuple[Grid, Grid]:
        """Last figure before each case, and the month it is of: case × indicator."""
        before = self.batch.past.before
        amount = self._stored(before, "number")
        month = np.where(np.isnan(amount), NO_MONTH, self._stored(before, "reported_on"))
        said = self.batch.grid("amount")[self._cases.part]
        for chain in self._chains():
            running, running_month = np.full(said.shape[1], np.nan), np.full(said.shape[1], NO_MONTH)
            for case, last_month in chain:
                later = (running_month >= month[case]) & ~np.isnan(running)
                amount[case, later], month[case, later] = running[later], running_month[later]
                given = ~np.isnan(said[case])
                running[given], running_month[given] = said[case, given], last_month
        return amount, month

    def _chains(self) -> Iterator[list[tuple[int, int]]]:
        """The cases of each unit and frequency that has several, in order of time, with their last months."""
        cases = self._cases.sort_values(["unit", "kind", "number"])
        several = cases[cases.duplicated(["unit", "kind"], keep=False)]
        for _, chain in several.groupby(["unit", "kind"], sort=False):
            yield list(zip(chain.index, chain.last_month, strict=True))

    @cached_property
    def figure(self) -> Grid:
        """The last figure before each part's period: part × indicator."""
        return self._figures[0][self._case_of_part]

    @cached_property
    def month(self) -> Grid:
        """The last month of the period that figure is of: part × indicator."""
        return self._figures[1][self._case_of_part]

    @cached_property
    def _sums_of(self) -> dict[str, dict[str, Grid]]:
        return {}

    def to_date(self, span: str) -> dict[str, Grid]:
        """What a flow has come to from the start of a span (quarter, half, year, term) to before each part.

        Of SUMS, each part × indicator: the running sums of the warehouse, and what earlier periods within the
        batch add to them or change in them.
        """
        if span not in self._sums_of:
            starts, sums = self._starts(span), {}
            for name, suffix in SUMS.items():
                stored = self._stored(self.batch.past.sums, f"{span}_{suffix}")
                stored[starts] = np.nan
                sums[name] = (np.nan_to_num(stored) + self._added(name, span))[self._case_of_part]
            self._sums_of[span] = sums
        return self._sums_of[span]

    def _starts(self, span: str) -> Grid:
        """Which cases begin a span: their running sum starts anew."""
        if span == "term":
            first = self.batch.rules.plan.term.span.first_month
            return self._cases.first_month.to_numpy() <= first
        starting = {}
        for text in self._cases.period.unique():
            period = Period.parse(text)
            starting[text] = period.at_end(span) != period.previous().at_end(span)
        return self._cases.period.map(starting).to_numpy(dtype=bool)

    def _added(self, name: str, span: str) -> Grid:
        """What the batch's own earlier periods of the same span add to a running sum of the warehouse."""
        said = np.nan_to_num(self.batch.grid(name)[self._cases.part])
        change = said - np.nan_to_num(self._known_now(name))
        added = np.zeros(change.shape)
        starts = self._starts(span)
        for chain in self._chains():
            running, running_span = np.zeros(change.shape[1]), -1
            for case, last_month in chain:
                of_span = int(last_month) // MONTHS[span] if span in MONTHS else -1
                if starts[case] or of_span != running_span:
                    running, running_span = np.zeros(change.shape[1]), of_span
                added[case] = running
                running = running + change[case]
        return added

    def _known_now(self, name: str) -> Grid:
        """The current values, before this batch, of the batch's own cases."""
        same = self.batch.past.same[self.batch.past.same.state == "value"]
        case = pd.MultiIndex.from_frame(self._cases[CASE]).get_indexer(pd.MultiIndex.from_frame(same[CASE]))
        return self._gridded(case, same.indicator, same[name])

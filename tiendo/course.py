"""The course of figures through time: where sums begin, who bears a code when, what merged units' figures become."""

from dataclasses import dataclass, field

import pandas as pd

from tiendo.calendars import Calendar
from tiendo.periods import FREQUENCIES
from tiendo.plan import Plan
from tiendo.succession import first_ending, merging_rules, steps_of

BEARER_COLUMNS = ["kind", "code", "first", "last", "key"]
FOREVER = 10**9  # beyond the index of any period


def _nothing(*columns: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class Course:
    """What carrying figures from period to period must know of a plan.

    term_start: the month (ordinal) at which the term's sums begin. bearers (BEARER_COLUMNS): the units that bear a code
    which another bore before them, with the indexes of their first and last period of each kind. codes: those of all
    units. steps: kind and `succession.STEP_COLUMNS`. links: `succession.LINK_COLUMNS`. rules: how each indicator's
    figures merge (`succession.merging_rules`), with its frequency, that of its weights, is_ratio and scale.
    """

    term_start: int
    calendar: Calendar = field(default_factory=Calendar)
    bearers: pd.DataFrame = field(default_factory=lambda: _nothing(*BEARER_COLUMNS))
    steps: pd.DataFrame = field(
        default_factory=lambda: _nothing("kind", "number", "predecessor", "successor", "share")
    )
    codes: tuple[str, ...] = ()
    links: pd.DataFrame = field(
        default_factory=lambda: _nothing("date", "predecessor", "successor", "share", "is_new")
    )
    rules: pd.DataFrame = field(default_factory=lambda: _nothing("indicator", "rule"))

    def first_numbers(self, kind: str) -> dict[pd.Timestamp, int]:
        """Day of a change → the index of the first period of a kind by whose last day it has come."""
        days = self.links.date.unique()
        return {day: first_ending(day, kind, self.calendar).index for day in days}


def course_of(plan: Plan, calendar: Calendar) -> Course:
    """The course of a plan's figures under a calendar."""
    steps = [steps_of(plan.links, kind, calendar).assign(kind=kind) for kind in FREQUENCIES]
    indicators = plan.indicators
    rules = merging_rules(indicators)
    return Course(
        term_start=plan.term.span.first_month,
        calendar=calendar,
        bearers=_bearers(plan.units, calendar),
        codes=tuple(plan.units.code.unique()),
        steps=pd.concat(steps, ignore_index=True),
        links=plan.links,
        rules=rules.assign(
            frequency=indicators.frequency.to_numpy(),
            weight_frequency=rules.weight_indicator.map(indicators.frequency).fillna(""),
            is_ratio=indicators.aggregation.eq("ratio").to_numpy(),
            scale=indicators.scale.to_numpy(dtype=float),
        ),
    )


def _bearers(units: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    later = units[units.key != units.code]
    spans = later.groupby("key", sort=False).agg(
        code=("code", "first"), valid_from=("valid_from", "min"), last=("valid_to", _last_day)
    )
    tables = [_of_kind(spans.reset_index(), kind, calendar) for kind in FREQUENCIES] if len(spans) else []
    return pd.concat(tables, ignore_index=True)[BEARER_COLUMNS] if tables else _nothing(*BEARER_COLUMNS)


def _last_day(days: pd.Series) -> pd.Timestamp | None:
    return None if days.isna().any() else days.max()


def _of_kind(spans: pd.DataFrame, kind: str, calendar: Calendar) -> pd.DataFrame:
    """A unit bears its code in the periods on whose last day it is valid."""
    days = pd.to_datetime(pd.concat([spans.valid_from, spans["last"]])).dropna().unique()
    ended = {day: first_ending(day, kind, calendar).index for day in days}
    day_after = pd.to_datetime(spans["last"]) + pd.Timedelta(days=1)
    after = {day: first_ending(day, kind, calendar).index - 1 for day in day_after.dropna().unique()}
    return spans.assign(
        kind=kind,
        first=spans.valid_from.map(ended),
        last=day_after.map(after).fillna(FOREVER).astype("int64"),
    )

"""What an explanation is made of: the judged rows, the values behind them, and what was done to these."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from tasks.known_figures import reading_of
from tasks.office.workspace import Workspace
from tasks.reading_figures import JudgedPeriod, asking, level_table
from tiendo.aggregation import aggregated
from tiendo.course import Course, course_of
from tiendo.evidence import Ask, figures_of
from tiendo.explaining import REPORTED, resting_on
from tiendo.measures import Moment, measure_of, members_of
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.succession import code_of
from tiendo.targets import ASSIGNED
from warehouse.connecting import reckoning
from warehouse.differing import Reading, counts_in
from warehouse.origins import approvals_of, corrections_of, findings_of, values_behind
from warehouse.readings import ESTIMATE
from warehouse.year_estimates import ends_year, year_estimates

ALONE = "~"  # before a unit's key: the node that holds its figure alone

Step = dict[str, Any]
Span = tuple[str, int]  # kind of span, and its first month (ordinal)
Row = Mapping[Any, Any]

# What `attainment` prints of a row beside what was judged.
_SHOWN = ["judgement", "official", "pace", "forecast", "forecast_band", "needed", "target"]


def step_of(step: str, depth: int, says: str, **known: Any) -> Step:
    """One step of an explanation; what is known of it by column (`explaining.STEP_COLUMNS`)."""
    return {"step": step, "depth": depth, "says": says, **known}


def needed(plan: Plan, indicator: str) -> list[str]:
    """All that an indicator rests on, itself too."""
    known = resting_on(plan)
    return known.input[known.indicator == indicator].tolist()


@dataclass(frozen=True, eq=False)
class Ground:
    """What the steps of one explanation are made of.

    members: set, unit (key), node. rows: the judged rows of all indicators needed, with shown_target and what officers
    say. facts: `origins.values_behind`, each of its indicator's own frequency, with the unit's key, and month and year
    of the period's end. estimates: what units estimate of the whole year where that counts (kind, key, indicator,
    estimate, period). steps: which unit took over figures of which (`Course.steps`). corrections, approvals,
    findings: of these facts' versions and files.
    """

    workspace: Workspace
    plan: Plan
    moment: Moment
    against: str
    ask: Ask
    members: pd.DataFrame
    rows: pd.DataFrame
    facts: pd.DataFrame
    estimates: pd.DataFrame
    steps: pd.DataFrame
    corrections: pd.DataFrame
    approvals: pd.DataFrame
    findings: pd.DataFrame
    _sums: dict[tuple[str, Span, Period], dict[str, Row]] = field(default_factory=dict, init=False)

    @cached_property
    def of(self) -> dict[tuple[str, str], list[Row]]:
        """The judged rows of each (indicator, unit), the declared series first."""
        ordered = self.rows.sort_values("series", key=lambda s: s != ASSIGNED, kind="stable")
        found: dict[tuple[str, str], list[Row]] = {}
        for row in ordered.to_dict("records"):
            found.setdefault((row["indicator"], row["unit"]), []).append(row)
        return found

    @cached_property
    def _facts_of(self) -> dict[tuple[str, str], pd.DataFrame]:
        groups = self.facts.groupby(["indicator", "key"], sort=False)
        return {(str(indicator), str(key)): rows for (indicator, key), rows in groups}

    def known(self, about: Row, unit: str, moment: Moment) -> pd.DataFrame:
        """What a unit (key) has said of an indicator (its row of the plan) up to the closing, oldest first."""
        facts = self._facts_of.get((about["code"], unit), self.facts.iloc[:0])
        closing = moment.closing(about["frequency"])
        return facts[facts["at"] <= closing.index].sort_values("month", kind="stable")

    def estimated(self, about: Row, unit: str, moment: Moment) -> tuple[float, str] | None:
        """What a unit (key) estimates of the year, and the period in whose return it says so.

        None where that is not asked, or the closing is reported already.
        """
        kind = about["frequency"]
        own = self.estimates[(self.estimates.key == unit) & (self.estimates.kind == kind)]
        own = own[own.indicator == about["code"]]
        facts = self.known(about, unit, moment)
        is_reported = (facts.state.isin(REPORTED) & (facts["at"] == moment.closing(kind).index)).any()
        if own.empty or is_reported or about["aggregation"] == "ratio":
            return None
        return float(own.estimate.iloc[0]), str(own.period.iloc[0])

    @cached_property
    def acts(self) -> dict[tuple[str, int, str], list[Row]]:
        """What was done to values: (correction, the version that it made, indicator), (approval, version, ""), and
        (finding, receipt, indicator) → the rows.
        """
        keyed = [
            ("correction", self.corrections.assign(of=self.corrections.submission)),
            ("approval", self.approvals.assign(of=self.approvals.submission, indicator="")),
            ("finding", self.findings.assign(of=self.findings.receipt)),
        ]
        found: dict[tuple[str, int, str], list[Row]] = {}
        for act, rows in keyed:
            for row in rows.to_dict("records"):
                found.setdefault((act, int(row["of"]), row["indicator"]), []).append(row)
        return found

    def taken_over(self, about: Row, unit: str, moment: Moment) -> list[tuple[str, int, float]]:
        """Whose figures a unit (key) took over by the closing: predecessor, the first period (index) after, share."""
        steps = self.steps[(self.steps.kind == about["frequency"]) & (self.steps.successor == unit)]
        steps = steps[
            (steps.number <= moment.closing(about["frequency"]).index) & (steps.predecessor != unit)
        ]
        return list(zip(steps.predecessor, steps.number.astype(int), steps.share.astype(float), strict=True))

    @cached_property
    def abouts(self) -> dict[str, Row]:
        """The plan's row of each indicator."""
        rows = self.plan.indicators.to_dict("records")
        return {row["code"]: row for row in rows}

    @cached_property
    def _names(self) -> dict[str, str]:
        units = self.plan.units_on(self.workspace.calendar.bounds(self.moment.period)[1])
        return dict(units["name"])

    def named(self, unit: str) -> str:
        """The code of a unit (key) and its name: on the period's last day, else as last known."""
        if unit in self._names:
            return f"{unit} {self._names[unit]}"
        known = self.plan.units[self.plan.units.key == unit]["name"]
        return f"{code_of(unit)} {known.iloc[-1] if len(known) else self.plan.unit_name(unit)}"

    def under(self, root: str, node: str) -> list[str]:
        """The units (keys) whose figures of an indicator a node gathers, in the plan's order."""
        gathered = self.members_of(root)
        return list(dict.fromkeys(gathered.unit[gathered.node == node]))

    def members_of(self, root: str) -> pd.DataFrame:
        """The members (set, unit, node) of those who report an indicator."""
        about = self.abouts[root]
        return self.members[self.members.set == f"{about['reported_by']}|{about['figure_of']}"]

    def sums(self, root: str, span: Span, moment: Moment) -> dict[str, Row]:
        """The sums (`evidence.figures_of`) of every node, and of each unit alone (node `~key`), with `value`; by node."""
        asked = (root, span, moment.period)
        if asked not in self._sums:
            members = self.members_of(root)
            alone = members.drop_duplicates(["set", "unit"])
            every = pd.concat([members, alone.assign(node=ALONE + alone.unit)], ignore_index=True)
            spans = pd.DataFrame([(root, *span)], columns=["root", "span_kind", "span_start"])
            found = figures_of(self.plan, moment, spans, every, self.ask)
            whole = found.assign(value=aggregated(found)).set_index("unit")
            self._sums[asked] = {str(node): row for node, row in whole.to_dict("index").items()}
        return self._sums[asked]

    def measure(self, about: Row, span_kind: str, span_start: int) -> str:
        """How an indicator's figure to date is taken (`tiendo.measures`)."""
        term_start = self.plan.term.span.first_month
        is_geometric = "geometric" in about["flags"]
        return measure_of(about["accumulation"], is_geometric, span_kind, span_start, term_start)


@contextmanager
def ground(
    workspace: Workspace, judged: JudgedPeriod, indicator: str, against: str, as_of: datetime | None
) -> Iterator[Ground]:
    """What is behind an indicator of a judged period, as known at an instant."""
    plan, moment = judged.loaded.plan, judged.moment
    codes = needed(plan, indicator)
    members = members_of(plan, moment, "all")
    rows = judged.rows[against]
    rows = rows[rows.indicator.isin(codes)]
    said = _said(workspace, plan, moment, codes, members, as_of)
    with asking(workspace, plan, moment, as_of) as ask:
        yield Ground(
            workspace=workspace,
            plan=plan,
            moment=moment,
            against=against,
            ask=ask,
            members=members,
            rows=_with_shown(rows, level_table(workspace, judged, rows, "indicator")),
            **said,
        )


def _said(
    workspace: Workspace,
    plan: Plan,
    moment: Moment,
    codes: list[str],
    members: pd.DataFrame,
    as_of: datetime | None,
) -> dict[str, pd.DataFrame]:
    """facts, corrections, approvals and findings of some indicators."""
    sets = plan.indicators.reported_by[codes] + "|" + plan.indicators.figure_of[codes]
    course, reading = course_of(plan, workspace.calendar), reading_of(workspace, plan, moment.period, as_of)
    units = _with_forebears(set(members.unit[members.set.isin(set(sets))]), course.steps)
    closings = {frequency: moment.closing(frequency).index for frequency in FREQUENCIES}
    with reckoning(workspace.engine) as connection:
        facts = values_behind(connection, codes, set(map(code_of, units)), closings, counts_in(reading))
        if not reading.estimates:
            facts = facts[facts.status != ESTIMATE]
        return {
            "facts": _with_months(plan, _with_keys(facts, course)),
            "estimates": _estimates(connection, moment, reading, course),
            "steps": course.steps,
            "corrections": corrections_of(connection, facts.origin_submission, as_of),
            "approvals": approvals_of(connection, facts.submission, as_of),
            "findings": findings_of(connection, facts.receipt, codes),
        }


_ESTIMATES = ["unit", "number", "indicator", "estimate", "kind", "at", "period", "key"]


def _estimates(connection: Connection, moment: Moment, reading: Reading, course: Course) -> pd.DataFrame:
    """The whole year as units estimate it at the closings that end one; nothing where that does not count."""
    ends = [moment.closing(kind) for kind in FREQUENCIES] if reading.year_estimates else []
    tables = [
        year_estimates(connection, end, counts_in(reading)).assign(kind=end.kind)
        for end in ends
        if ends_year(end)
    ]
    found = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=_ESTIMATES)
    periods = [str(Period.of_index(kind, int(n))) for kind, n in zip(found.kind, found.number, strict=True)]
    return _with_keys(found.assign(at=found.number, period=periods), course)


def _with_forebears(units: set[str], steps: pd.DataFrame) -> set[str]:
    """The units and all whose figures they took over (keys)."""
    while True:
        more = units | set(steps.predecessor[steps.successor.isin(units)])
        if more == units:
            return units
        units = more


def _with_keys(facts: pd.DataFrame, course: Course) -> pd.DataFrame:
    """The facts with the key of the unit that bore the code in their period."""
    if course.bearers.empty:
        return facts.assign(key=facts.unit)
    borne = course.bearers.rename(columns={"code": "unit"})
    both = facts.reset_index(names="row").merge(borne, on=["kind", "unit"])
    bears = both[(both["first"] <= both["at"]) & (both["at"] <= both["last"])].set_index("row").key
    return facts.assign(key=bears.reindex(facts.index).fillna(facts.unit))


def _with_shown(rows: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """The judged rows with what `attainment` prints of them (shown_target: a range's low bound, a rank's group)."""
    key = ["indicator", "unit", "series"]
    printed = shown.rename(columns={"code": "indicator"})[[*key, *_SHOWN]].rename(
        columns={"target": "shown_target"}
    )
    own = rows.drop(columns=[name for name in printed if name not in key], errors="ignore")
    found = own.merge(printed, on=key, how="left")
    texts = ("judgement", "official", "pace", "forecast_band")
    return found.assign(**{name: found[name].astype(object).fillna("").astype("str") for name in texts})


def _with_months(plan: Plan, facts: pd.DataFrame) -> pd.DataFrame:
    own = facts[facts.kind == facts.indicator.map(plan.indicators.frequency)]
    ends = {text: Period.parse(text).last_month for text in own.period.unique()}
    month = own.period.map(ends).astype("int64")
    return own.assign(month=month, year=month // 12)

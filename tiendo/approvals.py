"""Approval: how far each version of a return has come, and which figures rest on one that nobody accepted.

submitted → validated → confirmed by the unit's head → accepted or returned by the office. A version's verdict is what
validation said; the office's word goes over it. What the office brought in itself (imports) needs no word of it.
"""

import json

import numpy as np
import pandas as pd

from tiendo.measures import Moment, roots
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.succession import key_on, step_of
from tiendo.verdicts import ACCEPTED, RETURNED, WITH_WARNINGS

CONFIRMED = "confirmed"
SUBMITTED = "submitted"  # a verdict: valid, and waiting for the office
VALIDATED = "validated"
STAGES = (SUBMITTED, VALIDATED, CONFIRMED, ACCEPTED, RETURNED)
OFFICE_ACTS = (ACCEPTED, RETURNED)
ACTS = (CONFIRMED, *OFFICE_ACTS)
GOOD = (ACCEPTED, WITH_WARNINGS)

CORRECTION, IMPORT = "correction", "import"  # where a version came from, if not from its unit

UNAPPROVED = "unapproved"  # the flag

ACT_COLUMNS = ["submission", "act", "document", "reason", "recorded_at", "recorded_by"]
# unit: its code in the period; whether the figure is the unit's last one, or the last one of its calendar year.
RESTING_COLUMNS = ["indicator", "unit", "period", "is_last", "is_last_of_year"]


def with_office_verdicts(
    submissions: pd.DataFrame, approvals: pd.DataFrame, needs_acceptance: bool
) -> pd.DataFrame:
    """The versions, each with its effective verdict and its `stage` (STAGES).

    submissions: id, verdict, origin, about. approvals: submission, act, recorded_at, in the order in which they were
    said. A version is `returned` where the office last sent it back (`returned_at`: when, else absent), `submitted` where
    it is valid and the office has to accept it and has not; else the verdict stays.
    """
    of_office = approvals[approvals.act.isin(OFFICE_ACTS)].drop_duplicates("submission", keep="last")
    last = of_office.set_index("submission")[["act", "recorded_at"]].reindex(submissions.id)
    said, at = (last[name].set_axis(submissions.index) for name in ("act", "recorded_at"))
    is_good = submissions.verdict.isin(GOOD)
    is_taken = (said == ACCEPTED) | (submissions.origin == IMPORT) & said.isna()
    confirming = approvals.submission[approvals.act == CONFIRMED]
    is_confirmed = submissions.id.isin(confirming) | (documents_of(submissions.about) != "")
    waits = is_good & ~is_taken if needs_acceptance else pd.Series(False, index=submissions.index)
    verdict = submissions.verdict.mask(waits, SUBMITTED).mask(said == RETURNED, RETURNED)
    stages = {
        RETURNED: (verdict == RETURNED) & ~is_taken,
        ACCEPTED: is_taken,
        CONFIRMED: is_good & is_confirmed,
        VALIDATED: is_good,
    }
    stage = np.select(list(stages.values()), list(stages), SUBMITTED)
    return submissions.assign(verdict=verdict, stage=stage, returned_at=at.where(said == RETURNED))


def documents_of(about: pd.Series) -> pd.Series:
    """The signed document that each sender named beside the head who approves; "" where not both are named.

    about: what the sender said of a return (JSON: approved_by, document_number, document_date …), or "".
    """
    known = {text: _document(json.loads(text)) if text else "" for text in about.unique()}
    return about.map(known).astype("str")


def _document(said: dict[str, str]) -> str:
    if not (said.get("approved_by", "").strip() and said.get("document_number", "").strip()):
        return ""
    parts = (said["document_number"].strip(), said.get("document_date", "").strip())
    return ", ".join(part for part in parts if part)


def unapproved_rows(
    plan: Plan, moment: Moment, rows: pd.DataFrame, members: pd.DataFrame, resting: pd.DataFrame
) -> pd.Series:
    """Of each judged row (indicator, unit: its node, type, span_start): whether its figure rests on what is unapproved.

    members: set, unit (key), node (`measures.members_of`). resting (RESTING_COLUMNS): the figures that unapproved
    versions give. A sum rests on any of them within its span, a yearly rate on the last of a year, anything else on a
    unit's last figure alone; a figure made of others (weights, branches, a benchmark, a source) on what those rest on.
    """
    by_node = _by_node(plan, members, _of_shown_units(plan, moment, resting))
    inputs = _inputs(plan)
    asked = rows[["indicator", "unit", "type", "span_start"]].assign(row=np.arange(len(rows)))
    asked = asked.merge(inputs, on="indicator").merge(by_node, on=["input", "unit"])
    accumulation = asked.input.map(plan.indicators.accumulation)
    is_yearly = (accumulation == "rate") | (asked.type == "every_year")
    any_since, yearly_since = asked.any_since >= asked.span_start, asked.yearly_since >= asked.span_start
    rests = np.select([accumulation == "flow", is_yearly], [any_since, yearly_since], asked.is_last)
    marked = np.zeros(len(rows), dtype=bool)
    marked[asked.row[rests.astype(bool)]] = True
    return pd.Series(marked, index=rows.index)


def _of_shown_units(plan: Plan, moment: Moment, resting: pd.DataFrame) -> pd.DataFrame:
    """The figures with first_month, under the keys of the units that a review shows: restated, of those of its day."""
    parts = []
    for text, some in resting.groupby("period"):
        period = Period.parse(str(text))
        last = pd.Timestamp(moment.calendar.bounds(period)[1])
        keys = key_on(plan.units, some.unit, pd.Series(last, index=some.index)).fillna(some.unit)
        own = some.assign(first_month=period.first_month, unit=keys)
        since = plan.links[(plan.links.date > last) & (plan.links.date <= pd.Timestamp(moment.units_day))]
        if moment.units is not None and len(since):
            heirs = step_of(since).rename(columns={"predecessor": "unit"})[["unit", "successor"]]
            own = own.merge(heirs, on="unit", how="left")
            own = own.assign(unit=own.successor.fillna(own.unit)).drop(columns="successor")
        parts.append(own)
    return pd.concat(parts, ignore_index=True)


def _by_node(plan: Plan, members: pd.DataFrame, resting: pd.DataFrame) -> pd.DataFrame:
    """input (an indicator), unit (a node): any_since, yearly_since (the latest months of such figures), is_last."""
    sets = plan.indicators.reported_by + "|" + plan.indicators.figure_of
    figures = resting.assign(set=resting.indicator.map(sets)).rename(columns={"indicator": "input"})
    figures = figures.assign(yearly=figures.first_month.where(figures.is_last_of_year))
    of_nodes = figures.merge(members, on=["set", "unit"]).groupby(["input", "node"], as_index=False)
    found = of_nodes.agg(
        any_since=("first_month", "max"), yearly_since=("yearly", "max"), is_last=("is_last", "any")
    )
    return found.rename(columns={"node": "unit"})


def _inputs(plan: Plan) -> pd.DataFrame:
    """indicator, input: every indicator that an indicator's figure is made of, however far, and itself."""
    indicators, codes = plan.indicators, plan.indicators.index
    branches, targets = plan.tables["branches"], plan.targets
    parts = (
        (codes, roots(plan)[codes]),
        (codes, indicators.weight_indicator),
        (branches.indicator, branches.branch),
        (targets.indicator, targets.benchmark),
    )
    pairs = [pd.DataFrame({"input": list(of), "further": list(to)}) for of, to in parts]
    edges = pd.concat(pairs).query("further != ''").drop_duplicates()
    reached = pd.DataFrame({"indicator": codes, "input": codes})
    while True:
        further = reached.merge(edges, on="input")[["indicator", "further"]]
        grown = pd.concat([reached, further.rename(columns={"further": "input"})]).drop_duplicates()
        if len(grown) == len(reached):
            return reached
        reached = grown

"""The product's own flows and steps, as they are measured; whatever they need is imported before."""

from datetime import datetime

import apprise  # noqa: F401 - imported by the product when it is first needed, as the next four are
import great_expectations  # noqa: F401
import holidays.countries  # noqa: F401
import pandas as pd
import sqlalchemy.dialects.sqlite  # noqa: F401

import expectations.suite  # noqa: F401
from benchmarks.runs import FIGURES, Arguments, Lap, Laps
from flows.assess import assess
from flows.collect import collect
from flows.quarterly_review import quarterly_review
from tasks.assessing import judge_figures, store_judgement
from tasks.office.workspace import open_workspace
from tasks.publishing import draft_report
from tiendo.measures import AS_REPORTED
from tiendo.periods import Period


def quarter(given: Arguments, laps: Laps) -> pd.DataFrame:
    """Workbooks in the inbox to judged figures."""
    now = datetime.fromisoformat(given["now"])
    with Lap(laps, "collect"):
        collect.fn(workspace=given["root"], now=now)
    with Lap(laps, "judge"):
        workspace = open_workspace(given["root"])
        today = workspace.calendar.civil_date(now)
        judged = judge_figures(workspace, Period.parse(given["period"]), "own", today, None)
    rows = [judged.rows[against].assign(against=against) for against in ("year", "term")]
    return pd.concat(rows).rename(columns={"indicator": "code"})[FIGURES]


def review(given: Arguments, _: Laps) -> None:
    """The flow quarterly-review: with `server` as a flow run, else as a plain call."""
    run = quarterly_review if given.get("server") else quarterly_review.fn
    run(workspace=given["root"], period=given["period"], now=datetime.fromisoformat(given["now"]))


def collect_then_assess(given: Arguments, laps: Laps) -> None:
    """collect and assess one after the other."""
    now = datetime.fromisoformat(given["now"])
    with Lap(laps, "collect"):
        collect.fn(workspace=given["root"], now=now)
    with Lap(laps, "assess"):
        assess.fn(workspace=given["root"], period=given["period"], now=now)


def assess_again(given: Arguments, laps: Laps) -> None:
    """What assess does with figures that are carried already: as of an instant or now, in one of the two views."""
    now, as_of = (
        datetime.fromisoformat(given[name]) if given.get(name) else None for name in ("now", "as_of")
    )
    assert now is not None
    workspace = open_workspace(given["root"])
    today = workspace.calendar.civil_date(as_of or now)
    with Lap(laps, "judge"):
        period, view = Period.parse(given["period"]), given.get("view", AS_REPORTED)
        judged = judge_figures(workspace, period, "own", today, as_of, view)
    with Lap(laps, "store"):
        assessed = store_judgement(workspace, judged, today, as_of, now)
    with Lap(laps, "report"):
        draft_report(workspace, assessed)

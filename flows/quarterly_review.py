"""quarterly-review: collect what is waiting, judge the period, draft, publish and send its report."""

import pandas as pd
from prefect import flow

from flows.collect import collect
from flows.dispatch import dispatch
from flows.parameters import (
    Against,
    AsOf,
    DryRun,
    Restated,
    ReviewedPeriod,
    RunInstant,
    WorkspaceFolder,
)
from tasks.artifacts import leave_review
from tasks.publishing import assess_period, awaits_approval, publish_report, published_table
from tasks.run_context import asked_period, flow_workspace, instant_of_run, run_name
from tiendo.measures import AS_REPORTED, RESTATED


@flow(name="quarterly-review", flow_run_name=run_name("quarterly-review"))
def quarterly_review(
    workspace: WorkspaceFolder = None,
    period: ReviewedPeriod = None,
    against: Against = None,
    as_of: AsOf = None,
    restated: Restated = False,
    dry_run: DryRun = False,
    now: RunInstant = None,
) -> pd.DataFrame:
    """The office's whole procedure for a period; one row: period, report, version, messages, sentence.

    Where the workspace asks for approval it ends with the draft, which `publish` issues. The steps of collect and
    dispatch are steps of this run: each run of its own would cost the server's bookkeeping again.
    """
    here, instant = flow_workspace(workspace), instant_of_run(now)
    reviewed = asked_period(here, period, instant)
    if not dry_run:
        collect.fn(workspace=str(here.root), now=now)
    assessed, draft = assess_period(
        here, reviewed, against, as_of, instant, dry_run, RESTATED if restated else AS_REPORTED
    )
    published = publish_report(here, assessed, draft, instant, dry_run or awaits_approval(here))
    leave_review(assessed.review, published.path)
    if not dry_run:
        dispatch.fn(workspace=str(here.root), now=now)
    return published_table(published, assessed.review)

"""publish: a draft becomes the numbered report that stays, and those concerned are told."""

import pandas as pd
from prefect import flow

from flows.parameters import Against, DryRun, ReviewedPeriod, RunInstant, WorkspaceFolder
from tasks.publishing import drafted, publish_report, published_table
from tasks.run_context import asked_period, flow_workspace, instant_of_run, run_name


@flow(name="publish", flow_run_name=run_name("publish"))
def publish(
    workspace: WorkspaceFolder = None,
    period: ReviewedPeriod = None,
    against: Against = None,
    dry_run: DryRun = False,
    now: RunInstant = None,
) -> pd.DataFrame:
    """Freeze the draft of a period's last review; one row: period, report, version, messages, sentence."""
    here, instant = flow_workspace(workspace), instant_of_run(now)
    reviewed = asked_period(here, period, instant)
    assessed, draft = drafted(here, reviewed, against or here.usual_against(reviewed), instant)
    return published_table(publish_report(here, assessed, draft, instant, dry_run), assessed.review)

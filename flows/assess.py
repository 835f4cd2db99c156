"""assess: roll up and judge a period, keep the judgement, draft its report."""

import pandas as pd
from prefect import flow

from flows.parameters import Against, AsOf, ReviewedPeriod, RunInstant, WorkspaceFolder
from tasks.artifacts import leave_review
from tasks.publishing import assess_period
from tasks.run_context import asked_period, flow_workspace, instant_of_run, run_name


@flow(name="assess", flow_run_name=run_name("assess"))
def assess(
    workspace: WorkspaceFolder = None,
    period: ReviewedPeriod = None,
    against: Against = None,
    as_of: AsOf = None,
    now: RunInstant = None,
) -> pd.DataFrame:
    """Judge every indicator of a period and draft the report; one row: period, review, draft, sentence."""
    here, instant = flow_workspace(workspace), instant_of_run(now)
    assessed, draft = assess_period(here, asked_period(here, period, instant), against, as_of, instant)
    leave_review(assessed.review, draft)
    review = assessed.review
    sentence = review.sentence or review.resolution_sentence
    row = {"period": str(review.period), "review": assessed.review_id, "draft": draft, "sentence": sentence}
    return pd.DataFrame([row])

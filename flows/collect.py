"""collect: receive what waits at every source, read, validate and load it, and answer each sender."""

import pandas as pd
from prefect import flow

from flows.parameters import RunInstant, WorkspaceFolder
from tasks.intake import (
    answer_senders,
    batches,
    empty_inbox,
    joined_results,
    load_returns,
    read_files,
    receive_files,
    show_results,
    validate_returns,
)
from tasks.office.alone import alone
from tasks.run_context import flow_workspace, instant_of_run, run_name
from tasks.sources.asking import ask_sources


@flow(name="collect", flow_run_name=run_name("collect"))
def collect(workspace: WorkspaceFolder = None, now: RunInstant = None) -> pd.DataFrame:
    """Every waiting file gets a verdict and an answer; one row a file.

    Columns: file, unit, period, version, verdict, errors, warnings.
    """
    here, instant = flow_workspace(workspace), instant_of_run(now)
    results, asked = [], []
    with alone(here.root, "collect"):
        for source in ask_sources(here, instant):
            for received in batches(here, receive_files(here, instant, source)):
                reading = read_files(here, received)
                validated = validate_returns(here, received, reading)
                messages = answer_senders(here, validated, instant)
                results.append(load_returns(here, validated, messages))
                empty_inbox(received)
            asked.append(source)
    collected = joined_results(results, asked)
    show_results(collected)
    return collected

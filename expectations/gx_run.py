"""One run of Great Expectations over a whole frame. The only place that imports it: 10 to 20 s when cold."""

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from expectations.rules import GRAVITY, Rule
from tiendo.parts import Grid

# Failing rows by the frame's index. Asked for by key columns they cost four times as much.
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}


HAS_ROWS = -1  # the number of the rule that comes before all others


class RuleDidNotRunError(Exception):
    """An expectation ended in an exception, neither passed nor failed: nothing can be said of the batch."""


@cache
def great_expectations() -> Any:
    """The package, imported without telemetry."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations

    return great_expectations


def failing_rows(frame: pd.DataFrame, rules: Sequence[Rule]) -> list[Grid]:
    """For each rule the index of the rows that fail it. The frame has rows, and an index without doubles.

    Raises RuleDidNotRunError.
    """
    gx = great_expectations()
    context = _context(gx)
    batch = (
        context.data_sources.add_pandas("returns")
        .add_dataframe_asset("rows")
        .add_batch_definition_whole_dataframe("batch")
    )
    has_rows = gx.expectations.ExpectTableRowCountToBeBetween(min_value=1, meta={"rule": HAS_ROWS})
    expectations = [has_rows, *(_expectation(gx, rule, number) for number, rule in enumerate(rules))]
    # Suite and result are not added to the context: what it stores, it first makes into JSON.
    suite = gx.ExpectationSuite(name="returns", expectations=expectations)
    outcome = batch.get_batch({"dataframe": frame}).validate(suite, result_format=RESULT_FORMAT)
    return _failing(outcome.results, rules)


def _context(gx: Any) -> Any:
    """A context of this run's own: shared between threads, one run gets another's results.

    It lives in memory alone. Left to itself it makes a folder for pages that nobody reads.
    """
    types = gx.data_context.types.base
    return gx.get_context(
        mode="ephemeral",
        project_config=types.DataContextConfig(
            store_backend_defaults=types.InMemoryStoreBackendDefaults(),
            progress_bars=types.ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )


def _expectation(gx: Any, rule: Rule, number: int) -> Any:
    kind = getattr(gx.expectations, rule.expectation)
    return kind(**rule.arguments, severity=GRAVITY[rule.severity], meta={"rule": number})


def _failing(results: Sequence[Any], rules: Sequence[Rule]) -> list[Grid]:
    by_number = {result.expectation_config.meta["rule"]: result for result in results}
    if len(by_number) != len(rules) + 1:
        raise RuleDidNotRunError(f"{len(rules) + 1} rules, {len(by_number)} results")
    for number, result in by_number.items():
        if reason := _exception(result.exception_info):
            raise RuleDidNotRunError(f"{rules[number].code if number >= 0 else 'row count'}: {reason}")
    if not by_number[HAS_ROWS].success:
        raise RuleDidNotRunError("a batch without rows")
    return [_rows(by_number[number], rule) for number, rule in enumerate(rules)]


def _exception(info: dict[str, Any]) -> str:
    """What an expectation raised; the information is one dictionary, or one for each metric."""
    each = [info] if "raised_exception" in info else list(info.values())
    return "; ".join(str(one["exception_message"]) for one in each if one["raised_exception"])


def _rows(result: Any, rule: Rule) -> Grid:
    rows = np.array(result.result.get("unexpected_index_list") or [], dtype=np.int64)
    if len(rows) != result.result["unexpected_count"] or result.success != (len(rows) == 0):
        raise RuleDidNotRunError(f"{rule.code}: {result.result['unexpected_count']} rows, {len(rows)} listed")
    return rows

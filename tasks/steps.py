"""One body for a step and for a flow, with a Prefect server or without one.

A step is a plain function. Inside a flow run it runs as a Prefect task (shown in the UI, with its retries); outside it
is a plain call. Prefect itself is imported only once a flow run is there, so small verbs stay quick.
"""

import functools
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def in_flow_run() -> bool:
    """Whether this code runs inside a Prefect flow run."""
    if "prefect.context" not in sys.modules:
        return False
    from prefect.context import FlowRunContext

    return FlowRunContext.get() is not None


def step(
    name: str, retries: int = 0, retry_delay_seconds: float = 10
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function a step called `name` in the UI, tried again `retries` times inside a flow run."""

    def make(function: Callable[P, R]) -> Callable[P, R]:
        @functools.cache
        def as_task() -> Any:
            from prefect import task
            from prefect.cache_policies import NO_CACHE

            return task(
                name=name,
                retries=retries,
                retry_delay_seconds=retry_delay_seconds,
                persist_result=False,
                cache_policy=NO_CACHE,
            )(function)

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if in_flow_run():
                return as_task()(*args, **kwargs)  # type: ignore[no-any-return]
            return function(*args, **kwargs)

        return run

    return make

"""A fence around validating: what nobody thought of in one file must not keep the others from being taken."""

import logging
from dataclasses import fields, replace

import pandas as pd
from sqlalchemy.exc import SQLAlchemyError

from tasks.office.workspace import Workspace
from tasks.reading.returns import Reading
from tasks.validating import Validated, validate_batch
from tiendo.errors import TiendoError

LOG = logging.getLogger(__name__)

# What is no file's fault: a plan that is not there, a warehouse that does not answer.
OURS = (TiendoError, SQLAlchemyError, OSError, MemoryError)


def validate_fenced(workspace: Workspace, received: pd.DataFrame, reading: Reading) -> Validated:
    """The batch validated; files that make validating fail are looked for and refused, the others are taken.

    Raises what validating raises where no file alone is to blame.
    """
    try:
        return validate_batch(workspace, received, reading)
    except OURS:
        raise
    except Exception as error:
        culprits = _culprits(workspace, received, reading)
        if not culprits or len(culprits) == len(received) > 1:
            raise
        LOG.exception(
            "files that upset validating: %s", ", ".join(received.path[received.file.isin(culprits)])
        )
        refused = {"code": "unreadable", "seen": "not_understood"}
        is_culprit = received.file.isin(culprits)
        facts = pd.Series(
            [{"error": type(error).__name__}] * len(received), index=received.index, dtype=object
        )
        told = {name: received[name].mask(is_culprit, text) for name, text in refused.items()}
        rest = received.assign(**told, facts=received.facts.where(~is_culprit, facts))
        return validate_batch(workspace, rest, _without(reading, culprits))


def _culprits(workspace: Workspace, received: pd.DataFrame, reading: Reading) -> set[int]:
    """The files that make validating fail by themselves, found by halving."""
    files = set(received.file)
    try:
        validate_batch(workspace, received, _only(reading, files))
    except OURS:
        raise
    except Exception:
        if len(received) == 1:
            return files
        middle = len(received) // 2
        halves = (received.iloc[:middle], received.iloc[middle:])
        return set().union(*(_culprits(workspace, half, reading) for half in halves))
    return set()


def _only(reading: Reading, files: set[int]) -> Reading:
    frames = {each.name: getattr(reading, each.name) for each in fields(reading)}
    return replace(reading, **{name: frame[frame.file.isin(files)] for name, frame in frames.items()})


def _without(reading: Reading, files: set[int]) -> Reading:
    return _only(reading, set(reading.files.file) - files)

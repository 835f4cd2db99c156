"""Errors that a person at the keyboard can put right: each says where, what, and what to do."""

from collections.abc import Mapping
from typing import Any

import pandas as pd


class TiendoError(Exception):
    """Something a person at the keyboard can put right."""


class InputError(TiendoError):
    """An argument, a folder, a file or a database that cannot be used as given."""


class SettingsError(InputError):
    """`tiendo.toml` or the environment says something that cannot be."""


class DeliveryError(TiendoError):
    """A message that a channel did not take."""


PROBLEM_COLUMNS = ["table", "row", "column", "problem", "remedy"]


class PlanError(InputError):
    """The plan's own tables contradict themselves; `problems` has one row for each contradiction."""

    def __init__(self, problems: pd.DataFrame) -> None:
        self.problems = problems.reset_index(drop=True)
        first = self.problems.iloc[0].to_dict()
        more = len(self.problems) - 1
        tail = f" (và {more} lỗi khác)" if more else ""
        super().__init__(f"{place_of(first)}: {first['problem']}; {first['remedy']}{tail}")


def place_of(problem: Mapping[Any, Any]) -> str:
    """Where a problem of a plan is: table, and row and column where it has them (row 0: the whole table)."""
    row = f" dòng {problem['row']}" if problem["row"] else ""
    column = f", cột {problem['column']}" if problem["column"] else ""
    return f"{problem['table']}.csv{row}{column}"

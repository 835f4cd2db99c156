"""Errors that a person at the keyboard can put right: each says where, what, and what to do."""

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
        first = self.problems.iloc[0]
        place = f"{first['table']}.csv dòng {first['row']}, cột {first['column']}"
        more = len(self.problems) - 1
        tail = f" (và {more} lỗi khác)" if more else ""
        super().__init__(f"{place}: {first['problem']}; {first['remedy']}{tail}")

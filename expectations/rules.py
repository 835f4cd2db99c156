"""Rules over a frame of grounds, as data: what must hold of every row, and which finding a failing row is.

The kinds are those expectations of Great Expectations that compare columns; a NaN in a compared column means
that the rule does not concern the row.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tiendo.finding_codes import ERROR, WARNING

# Great Expectations' words for the two severities.
GRAVITY = {ERROR: "critical", WARNING: "warning"}


@dataclass(frozen=True)
class Rule:
    """One expectation: its class and arguments, and the code, severity and field of what fails it."""

    code: str
    severity: str
    field: str
    expectation: str
    arguments: dict[str, Any]
    limit: str = ""  # the column that is compared with, where there is one

    @property
    def columns(self) -> list[str]:
        """The columns it looks at."""
        if "column_list" in self.arguments:
            return list(self.arguments["column_list"])
        return [self.arguments[name] for name in ("column", "column_A", "column_B") if name in self.arguments]


def given(code: str, column: str, field: str, severity: str = ERROR) -> Rule:
    """The column is not NaN."""
    return Rule(code, severity, field, "ExpectColumnValuesToNotBeNull", {"column": column})


def one_of(code: str, column: str, values: Iterable[Any], field: str, severity: str = ERROR) -> Rule:
    """The column is one of the values."""
    arguments = {"column": column, "value_set": list(values)}
    return Rule(code, severity, field, "ExpectColumnValuesToBeInSet", arguments)


def none_of(code: str, column: str, values: Iterable[Any], field: str) -> Rule:
    """The column is none of the values."""
    arguments = {"column": column, "value_set": list(values)}
    return Rule(code, ERROR, field, "ExpectColumnValuesToNotBeInSet", arguments)


def alone(code: str, columns: list[str], field: str) -> Rule:
    """No other row has the same in the columns."""
    return Rule(code, ERROR, field, "ExpectCompoundColumnsToBeUnique", {"column_list": columns})


def at_most(code: str, column: str, limit: str, field: str = "value", severity: str = ERROR) -> Rule:
    """The column does not exceed its limit."""
    arguments = {
        "column_A": limit,
        "column_B": column,
        "or_equal": True,
        "ignore_row_if": "either_value_is_missing",
    }
    return Rule(code, severity, field, "ExpectColumnPairValuesAToBeGreaterThanB", arguments, limit)


def at_least(code: str, column: str, limit: str, field: str = "value", severity: str = ERROR) -> Rule:
    """The column does not fall short of its limit."""
    return replace(at_most(code, limit, column, field, severity), limit=limit)

"""What a template asks of one unit for one closing: the values that a workbook is written from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from tasks.template.return_fields import KEY_NAMES, TEMPLATE_FORMAT
from tasks.template.signing import sign
from tiendo.errors import InputError
from tiendo.periods import Period


@dataclass(frozen=True)
class Asked:
    """One row of a template: one indicator in one period.

    `decimals` None: as many as the figures need. `target` is the year's plan and `previous` the last to-date
    figure, None where there is none; `previous_texts` says in words what the prompt shows of last time.
    `scale` is the factor of a ratio (100 for percent). `asks_year_estimate`, `asks_outlook`: whether the round asks for
    them. `reason_below`: percent of the plan under which the
    sheet asks for a reason; None: never. `type` is the indicator's, `stages` are the names of a milestone's
    stages in their order. From `value` on: what has been filled in, as typed; None = empty.
    """

    indicator: str
    period: str
    name: str
    measure: str
    programme: str
    scheme: str
    decimals: int | None
    accumulation: str
    aggregation: str
    ratio: bool
    definition: str
    data_source: str
    target: float | None
    previous: float | None
    previous_texts: str
    required: bool
    scale: float = 1.0
    asks_year_estimate: bool = False
    asks_outlook: bool = False
    reason_below: float | None = None
    type: str = ""
    stages: tuple[str, ...] = ()
    value: Any = None
    numerator: Any = None
    denominator: Any = None
    state: Any = None
    status: Any = None
    qualifier: Any = None
    year_estimate: Any = None
    outlook: Any = None
    outlook_reason: Any = None
    note: Any = None
    reason: Any = None
    remedy: Any = None

    @property
    def asks(self) -> str:
        """What sort of figure is asked, as the ending of its words: ask_…, how_…, value_…."""
        if self.type == "milestone":
            return "stages" if self.stages else "milestone"
        return self.type if self.type == "rank" else self.accumulation


ASKED_COLUMNS = tuple(each.name for each in fields(Asked))
REQUIRED_COLUMNS = ASKED_COLUMNS[: ASKED_COLUMNS.index("scale")]
# Of what a row may leave out; all else is None.
DEFAULTS = {"scale": 1.0, "stages": (), "asks_year_estimate": False, "asks_outlook": False}
_TEXTS = tuple(each.name for each in fields(Asked) if each.type is str)


@dataclass(frozen=True, eq=False)
class TemplateSheet:
    """A template for one unit and one closing period.

    rows: one per (indicator, period), in the plan's order, with REQUIRED_COLUMNS and any of the other
        ASKED_COLUMNS; `programme` and `scheme` are the names of the groups, "" for none.
    key: the workspace's key for the signature; None leaves the template unsigned.
    contact: lines that say whom to ask.
    about: what was typed of SENDER_FIELDS and NARRATIVE_FIELDS.
    asks_narrative: whether the round asks for words beside the figures.
    """

    workspace: str
    unit: str
    unit_name: str
    period: Period
    cut_off: date
    due: date
    due_hour: int
    plan_version: int
    issued_at: datetime
    rows: pd.DataFrame
    locale: str = "vi"
    key: bytes | None = None
    contact: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    asks_narrative: bool = False

    def __post_init__(self) -> None:
        names = set(self.rows.columns)
        if wrong := sorted(set(REQUIRED_COLUMNS) - names | names - set(ASKED_COLUMNS)):
            raise InputError(f"template of {self.unit}: columns {', '.join(wrong)} missing or unknown")
        if self.rows.empty:
            raise InputError(f"template of {self.unit}: it owes nothing for {self.period}")

    @property
    def asked_beside(self) -> set[str]:
        """What is asked beside the figures: of plan_tables.ASKS."""
        columns = {"year_estimate": "asks_year_estimate", "outlook": "asks_outlook"}
        asked = {name for name, column in columns.items() if self.rows.get(column, pd.Series(False)).any()}
        return asked | {"narrative"} if self.asks_narrative else asked

    def keys(self) -> dict[str, str]:
        """The keys of the hidden sheet, signed if the workspace has a key."""
        keys = {
            "format": TEMPLATE_FORMAT,
            "workspace": self.workspace,
            "plan_version": str(self.plan_version),
            "unit": self.unit,
            "period": str(self.period),
            "issued_at": self.issued_at.isoformat(timespec="seconds"),
            "signature": "",
        }
        assert tuple(keys) == KEY_NAMES
        return keys | {"signature": sign(keys, self.key) if self.key else ""}

    def asked(self) -> list[Asked]:
        """The rows in the order of the sheet: by period, programme and scheme as they first come.

        What belongs to no programme or scheme comes before those that do.
        """
        groups = [_first_come(self.rows[name]) for name in ("scheme", "programme", "period")]
        in_order = self.rows.iloc[np.lexsort(groups)]
        return [
            Asked(**{str(name): _plain(str(name), value) for name, value in record.items()})
            for record in in_order.to_dict("records")
        ]


def _first_come(names: pd.Series) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Ordinal of each group by first appearance; −1 for none."""
    return pd.factorize(names.where(names.notna() & (names != "")))[0].astype(np.int64)


def _plain(name: str, value: Any) -> Any:
    """A value of a frame without its NaN and numpy types."""
    if name in _TEXTS:
        return "" if _absent(value) else str(value)
    if name in ("ratio", "required"):
        return bool(value)
    if _absent(value):
        return DEFAULTS.get(name)
    if name == "decimals":
        return int(value)
    return value.item() if isinstance(value, np.generic) else value


def _absent(value: Any) -> bool:
    return (
        value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))
    )

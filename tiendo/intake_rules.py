"""By what rules returns are taken in: the plan, the calendar, and the workspace's settings."""

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from tiendo.bands import BandRules
from tiendo.calendars import Calendar
from tiendo.period_acts import no_acts
from tiendo.plan import Plan

OFF, WARN, REQUIRE = "off", "warn", "require"


@dataclass(frozen=True)
class IntakeRules:
    """What a return is held against.

    `many_units_from`: senders whose files may speak for other units. `partial`: the good cells of a return
    load although others are wrong. `large_change_pct`: in percent of last period's figure. `reason_required`:
    off, warn or require. `locale`: the language of findings. `acts`: what the office did about periods
    (`period_acts.ACT_COLUMNS`).
    """

    plan: Plan
    plan_version: int
    calendar: Calendar
    many_units_from: frozenset[str] = frozenset()
    partial: bool = True
    large_change_pct: float = 300.0
    reason_required: str = WARN
    bands: BandRules = field(default_factory=BandRules)
    locale: str = "vi"
    acts: pd.DataFrame = field(default_factory=no_acts, compare=False)

    @cached_property
    def known_units(self) -> frozenset[str]:
        """Every code of a unit that the plan knows, whenever it is valid."""
        return frozenset(self.plan.units.code)

"""What officers say of a period's indicators, as it holds in a review. SPEC §8."""

from datetime import datetime

import pandas as pd
from sqlalchemy.engine import Engine

from tiendo.measures import Moment
from tiendo.outlooks import held, speakers
from tiendo.periods import FREQUENCIES
from tiendo.plan import Plan
from warehouse.judgement_store import given_judgements, returned_outlooks


def held_judgements(
    engine: Engine, plan: Plan, moment: Moment, as_of: datetime | None, nodes: str
) -> pd.DataFrame:
    """The judgements that hold in a review (outlooks.HELD_COLUMNS), as known at an instant (None: now).

    nodes: "authority" (of units only those given by the office, and who speaks for the authority), or "all".
    """
    units = None if nodes == "all" else sorted(speakers(plan, moment).unique())
    closings = [moment.closing(frequency) for frequency in FREQUENCIES]
    returned = returned_outlooks(engine, closings, units, as_of)
    return held(plan, moment, given_judgements(engine, as_of), returned)

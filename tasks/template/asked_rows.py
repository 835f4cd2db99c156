"""What a template asks: the rows of each unit at a closing, with the year's plan and last time's figures."""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd
import sqlalchemy as sa

from tasks.office.workspace import Workspace
from tiendo.course import course_of
from tiendo.errors import InputError
from tiendo.inheritance import with_inherited_targets
from tiendo.labels import period_label
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.reporting import closing_periods, owed_for
from tiendo.rounds import asked_beside
from tiendo.succession import code_of
from tiendo.wording import number_text
from tiendo.year_plans import KEY, year_plans
from warehouse.past_figures import carry, standing_before

SHOWN_DECIMALS = 2  # of last period's figure in a hint, where the plan names no decimals

# Types whose figure divided by the target is their attainment, so that a low share is a shortfall.
SHARES = ("ratio", "threshold", "rate", "reduction")


def asked_rows(
    workspace: Workspace, plan: Plan, closing: Period, units: Collection[str] | None = None
) -> pd.DataFrame:
    """What each unit is asked at a closing: `unit` and columns of template_sheet.Asked, in the plan's order.

    `units`: only these (default: all).

    Raises InputError for a span that nothing is owed for.
    """
    if closing.kind not in FREQUENCIES:
        raise InputError(f"kỳ {closing}: không đơn vị nào nộp cho kỳ này; dùng tháng, quý, nửa năm hoặc năm")
    parts = [_asked_in(workspace, plan, period, units) for period in closing_periods(plan, closing)]
    return pd.concat(parts) if parts else pd.DataFrame(columns=["unit"])


def _asked_in(
    workspace: Workspace, plan: Plan, period: Period, units: Collection[str] | None
) -> pd.DataFrame:
    owed = owed_for(plan, period, workspace.calendar)
    owed = owed.assign(is_lone=~owed.indicator.duplicated(keep=False))[[*KEY, "is_lone"]]
    owed = owed if units is None else owed[owed.unit.isin(units)]
    described = _described(plan).rename(columns={"unit": "measure"})
    rows = owed[KEY].merge(described, on="indicator").assign(period=str(period))
    lone_reporter = owed[owed.is_lone].set_index("indicator").unit
    cut_off = workspace.calendar.bounds(period)[1]
    shown = with_inherited_targets(plan, cut_off)
    plans = year_plans(shown, period, owed.unit.unique(), lone_reporter).assign(is_own=True)
    rows = rows.merge(plans, on=KEY, how="left")
    rows = rows.merge(_previous(workspace, plan, period, units), on=KEY, how="left")
    settings = workspace.settings
    asks_reason = (settings.rules.reason_required != "off") & rows.is_own.eq(True) & rows.type.isin(SHARES)
    rows["reason_below"] = pd.Series(settings.bands.advancing, index=rows.index).where(asks_reason)
    rows["previous_texts"] = rows.previous_texts.astype("str").fillna("")
    beside = asked_beside(plan, period, rows.unit)
    rows = rows.assign(asks_year_estimate=beside.year_estimate, asks_outlook=beside.outlook)
    rows = rows.sort_values(["unit", "programme_order", "scheme_order", "order", "row"], kind="stable")
    return rows.drop(columns=["is_own", "programme_order", "scheme_order", "order", "row"])


def _described(plan: Plan) -> pd.DataFrame:
    """The indicators as a template shows them: groups by name, and what orders them."""
    frame = plan.indicators
    programme = frame.programmes.str.split(";").str[0]
    scheme = frame.schemes.str.split(";").str[0]
    columns = ["name", "unit", "decimals", "accumulation", "aggregation", "definition", "data_source"]
    columns += ["required", "scale", "type", "order", "row"]
    places = {name: _places(plan.tables[name]) for name in ("programmes", "schemes")}
    names = {name: plan.tables[name].set_index("code")["name"] for name in places}
    stages = {code: tuple(names) for code, names in plan.tables["stages"].groupby("indicator")["name"]}
    return frame[columns].assign(
        indicator=frame.code,
        ratio=frame.aggregation == "ratio",
        stages=frame.code.map(lambda code: stages.get(code, ())),
        programme=programme.map(names["programmes"]).astype("str").fillna(""),
        scheme=scheme.map(names["schemes"]).astype("str").fillna(""),
        programme_order=programme.map(places["programmes"]),
        scheme_order=scheme.map(places["schemes"]),
    )


def _places(table: pd.DataFrame) -> pd.Series:
    """Code → place in the plan's order."""
    ordered = table.sort_values(["order", "row"], na_position="last").code
    return pd.Series(range(len(ordered)), index=ordered)


def _previous(
    workspace: Workspace, plan: Plan, period: Period, units: Collection[str] | None
) -> pd.DataFrame:
    """unit, indicator, previous (to-date figure a period before; a flow's, of this year), previous_texts."""
    before = period.previous()
    if before.first_month < plan.term.span.first_month:
        return pd.DataFrame(columns=[*KEY, "previous", "previous_texts"])
    course = course_of(plan, workspace.calendar)
    carry(workspace.engine, [before], course)
    names = (*KEY, "number", "numerator", "denominator", "year_sum")
    frame = standing_before(workspace.engine, [period], names, lambda _: sa.true(), units, course)
    about = plan.indicators[["aggregation", "accumulation", "scale", "unit", "decimals"]]
    frame = frame.merge(about.rename(columns={"unit": "measure"}), left_on="indicator", right_index=True)
    is_flow, is_ratio = frame.accumulation == "flow", frame.aggregation == "ratio"
    last = frame.number.where(~is_ratio, frame.scale * frame.numerator / frame.denominator)
    summed = frame.year_sum if before.year == period.year else np.nan
    frame["previous"] = last.where(~is_flow | is_ratio, summed)
    locale = workspace.settings.workspace.locale
    name = period_label(before, locale)
    restated = frame.unit.isin(_restated_units(plan, before, workspace.calendar.bounds(period)[1]))
    thens = restated.map({True: f"{name}, quy đổi", False: name})
    frame["previous_texts"] = [
        "" if pd.isna(number) else f"{_shown(number, decimals, locale)} {measure} ({then})"
        for number, decimals, measure, then in zip(last, frame.decimals, frame.measure, thens, strict=True)
    ]
    return frame[[*KEY, "previous", "previous_texts"]]


def _restated_units(plan: Plan, before: Period, cut_off: date) -> set[str]:
    """The units of a day that came after others since the year of a closing began: what was theirs is restated."""
    since = pd.Timestamp(before.year, 1, 1)
    links = plan.links[(plan.links.date >= since) & (plan.links.date <= pd.Timestamp(cut_off))]
    return set(links.successor.map(code_of))


def _shown(number: float, decimals: float, locale: str) -> str:
    whole = SHOWN_DECIMALS if pd.isna(decimals) else int(decimals)
    return number_text(number, 0 if number == int(number) else whole, locale)

"""A province of three districts and one agency, and returns as a planner would write them in a table."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from io import StringIO

import numpy as np
import pandas as pd

from expectations.grounds import BEFORE_COLUMNS, SAME_COLUMNS, SUMS_COLUMNS, Batch, Past
from tiendo.calendars import Calendar
from tiendo.cells import type_cells
from tiendo.intake_rules import IntakeRules
from tiendo.parts import owed_grid, part_of_rows, parts_of, places_of
from tiendo.periods import Period
from tiendo.plan import Plan, read_plan

FIELDS = (
    "value", "numerator", "denominator", "state", "status", "qualifier", "year_estimate", "outlook",
    "outlook_reason", "note", "reason", "remedy",
)  # fmt: skip

TABLES = {
    "term": "code,name,authority,starts,ends\nNK,Nhiệm kỳ 2011–2015,10,2011-01-01,2015-12-31",
    "org_units": """code,name,level,parent,valid_from,valid_to,reports
10,Tỉnh Lào Cai,province,,2000-01-01,,no
080,Thành phố Lào Cai,district,10,2000-01-01,,yes
082,Huyện Bát Xát,district,10,2000-01-01,,yes
083,Huyện Mường Khương,district,10,2000-01-01,2012-06-30,yes
S03,Sở Công Thương,agency,10,2000-01-01,,no""",
    "programmes": "code,name\nCT1,Phát triển kinh tế",
    "indicators": "code,name,programme,unit,frequency,accumulation,aggregation,scale,type,part_of,"
    "reported_by,figure_of,tolerance_pct,required"
    """
CHE,Diện tích chè,CT1,ha,quarter,cumulative,sum,,ratio,,tier,,,yes
VIEC,Việc làm mới,CT1,người,quarter,flow,sum,,ratio,,tier,,,yes
NUOC,Tỷ lệ hộ dùng nước sạch,CT1,%,quarter,stock,ratio,100,ratio,,tier,,,yes
NGHEO,Tỷ lệ hộ nghèo,CT1,%,quarter,stock,mean,,gap,,tier,,,no
VON,Tổng vốn,CT1,tỷ đồng,year,flow,sum,,ratio,,tier,,1,yes
VON-NS,Vốn ngân sách,CT1,tỷ đồng,year,flow,sum,,ratio,VON,tier,,,yes
VON-DN,Vốn doanh nghiệp,CT1,tỷ đồng,year,flow,sum,,ratio,VON,tier,,,yes
XNK,Giá trị xuất nhập khẩu,CT1,triệu USD,half,flow,sum,,ratio,,080;082;S03,S03,2,yes""",
    "targets": """indicator,unit,span,baseline,baseline_year,target
CHE,,2011-2015,,,1000
VIEC,,2011-2015,,,5000
NUOC,,2011-2015,,,80
NGHEO,,2011-2015,43,2010,10
VON,,2013,,,900
XNK,,2011-2015,,,700""",
}  # fmt: skip

CALENDAR = Calendar(name="gregorian", due_days=10, lock_days=400)


def frame_of(text: str) -> pd.DataFrame:
    """A table typed as CSV, every cell text."""
    return pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)


@cache
def plan_of(**tables: str) -> Plan:
    """The plan of the province; a table given is added to its own (`+` before it) or replaces it."""
    texts = dict(TABLES)
    for name, text in tables.items():
        texts[name] = f"{texts[name]}\n{text.removeprefix('+')}" if text.startswith("+") else text
    return read_plan({name: frame_of(text) for name, text in texts.items()})


def rules_of(plan: Plan | None = None, **settings: object) -> IntakeRules:
    """The rules of intake, by default those of the province's plan and the default settings."""
    return IntakeRules(plan or plan_of(), 1, CALENDAR, **{"reason_required": "off", **settings})


def cells_of(text: str, file: int = 0, first_line: int = 2) -> pd.DataFrame:
    """Raw cells of one CSV return; its columns in any order, what is not named is empty."""
    said = frame_of(text)
    cells = pd.DataFrame({name: said[name].where(said[name] != "", None).astype(object) for name in said})
    for name in ("unit", "period", "indicator", "name", *FIELDS):
        if name not in cells:
            cells[name] = None
    where = {"file": file, "sheet": None, "row": range(first_line, first_line + len(said))}
    return cells.assign(**where).astype({"file": "int64", "row": "int64", "sheet": object})


def batch_of(
    returns: str | list[str],
    rules: IntakeRules | None = None,
    before: str = "",
    sums: Mapping[str, float] | None = None,
    same: str = "",
) -> Batch:
    """A batch of CSV returns (one file each) to be checked, and what the warehouse holds beside it.

    before: `unit,period,indicator,number` with the period the figure is of, which must be the one before.
    sums: running sums of the year before the batch, by indicator, for 080. same: SAME_COLUMNS.
    """
    rules = rules or rules_of()
    texts = [returns] if isinstance(returns, str) else returns
    cells = pd.concat([cells_of(text, file) for file, text in enumerate(texts)], ignore_index=True)
    rows = type_cells(cells, dict.fromkeys(range(len(texts)), "point")).rows
    parts = parts_of(rows, rules.plan, rules.calendar).assign(is_duplicate=False)
    rows = rows.assign(part=part_of_rows(rows, parts), place=places_of(rules.plan, rows.indicator))
    past = Past(_before(before), _sums(parts, sums or {}), _same(same))
    return Batch(rows, parts, owed_grid(rules.plan, parts), rules, past)


def _before(text: str) -> pd.DataFrame:
    if not text:
        return pd.DataFrame(columns=BEFORE_COLUMNS)
    frame = frame_of(f"unit,period,indicator,number\n{text}").astype({"number": float})
    return frame.assign(reported_on=[Period.parse(period).last_month for period in frame.period])


def _sums(parts: pd.DataFrame, sums: Mapping[str, float]) -> pd.DataFrame:
    before = str(Period.parse(parts.period.iloc[0]).previous())
    frame = pd.DataFrame(index=range(len(sums)), columns=SUMS_COLUMNS, dtype=float)
    frame[["unit", "period", "indicator"]] = [("080", before, indicator) for indicator in sums] or np.nan
    return frame.assign(year_sum=list(sums.values()), term_sum=list(sums.values()))


def _same(text: str) -> pd.DataFrame:
    if not text:
        return pd.DataFrame(columns=SAME_COLUMNS)
    frame = frame_of(f"unit,period,indicator,number\n{text}").astype({"number": float})
    return frame.assign(state="value", numerator=np.nan, denominator=np.nan)[SAME_COLUMNS]


def instant(text: str) -> datetime:
    """An instant as `2014-01-08 09:00` in Vietnam's time."""
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)

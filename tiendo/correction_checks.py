"""What is wrong with corrections: each check looks at all of them, and all that is found is told at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tiendo.corrections import (
    CASE,
    CELL,
    COLUMNS,
    FIELDS,
    REQUIRED,
    is_present,
    problems_of,
    side_texts,
    with_present,
)
from tiendo.errors import InputError
from tiendo.labels import WORDS
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.plan_reading import nearest


@dataclass(frozen=True, eq=False)
class Known:
    """What corrections are held against.

    plan; owed: indicator, unit, period of what the units owe for the periods named; versions: the current ones (unit,
    period, version); values: theirs (unit, period, indicator and the columns of a value).
    """

    plan: Plan
    owed: pd.DataFrame
    versions: pd.DataFrame
    values: pd.DataFrame


def header_problems(names: Iterable[str]) -> pd.DataFrame:
    """What is wrong with the columns of a file."""
    given = list(names)
    missing = [
        (0, name, "thiếu cột này", f"cần các cột {', '.join(REQUIRED)}")
        for name in REQUIRED
        if name not in given
    ]
    unknown = [(0, name, "không có cột này", nearest(name, COLUMNS)) for name in given if name not in COLUMNS]
    twice = [
        (0, name, "cột xuất hiện hai lần", "bỏ bớt một")
        for name in dict.fromkeys(given)
        if given.count(name) > 1
    ]
    return problems_of([*missing, *unknown, *twice])


def problems(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    """All that is wrong with typed corrections (PROBLEM_COLUMNS); the checks of a return come after these."""
    found = [check(rows, known) for check in CHECKS]
    return pd.concat([problems_of(), *found], ignore_index=True)


Check = Callable[[pd.DataFrame, Known], pd.DataFrame]


def _told(rows: pd.DataFrame, column: str, problem: Iterable[str], remedy: Iterable[str]) -> pd.DataFrame:
    return problems_of(zip(rows.row, [column] * len(rows), problem, remedy, strict=True))


def _same(rows: pd.DataFrame, text: str) -> list[str]:
    return [text] * len(rows)


def _unknown(column: str, known: Iterable[str], rows: pd.DataFrame) -> pd.DataFrame:
    codes = sorted(set(known))
    bad = rows[~rows[column].isin(codes)]
    says = [f"không có {text!r}" if text else "để trống" for text in bad[column]]
    return _told(bad, column, says, [nearest(text, codes)[:200] for text in bad[column]])


def _unknown_units(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    return _unknown("unit", known.plan.units.code, rows)


def _unknown_indicators(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    return _unknown("indicator", known.plan.indicators.index, rows)


def _unknown_fields(rows: pd.DataFrame, _known: Known) -> pd.DataFrame:
    return _unknown("field", FIELDS, rows)


def _unknown_periods(rows: pd.DataFrame, _known: Known) -> pd.DataFrame:
    bad = rows[~rows.period.map(is_reporting_period).astype(bool)]
    says = [f"{text!r} không phải kỳ báo cáo" for text in bad.period]
    return _told(bad, "period", says, _same(bad, "ghi kỳ dạng 2013-Q4, 2013-H1, 2013 hoặc 2013-03"))


def is_reporting_period(text: str) -> bool:
    """Whether returns are made for what a text names."""
    try:
        return Period.parse(text).kind in FREQUENCIES
    except InputError:
        return False


def _without_reason(rows: pd.DataFrame, _known: Known) -> pd.DataFrame:
    bad = rows[rows.reason == ""]
    return _told(
        bad, "reason", _same(bad, "thiếu lý do"), _same(bad, "ghi lý do ở dòng này, hoặc bằng --reason")
    )


def _twice(rows: pd.DataFrame, _known: Known) -> pd.DataFrame:
    bad = rows[rows.duplicated([*CELL, "field"])]
    return _told(bad, "", _same(bad, "trùng với một dòng trên"), _same(bad, "giữ lại một dòng"))


def _wrong_field(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    """A ratio is corrected by its parts, any other figure by itself."""
    indicators = known.plan.indicators
    is_ratio = rows.indicator.map(indicators.aggregation) == "ratio"
    of_ratio, of_other = (
        rows[is_ratio & (rows.field == "value")],
        rows[
            ~is_ratio & rows.indicator.isin(indicators.index) & rows.field.isin(["numerator", "denominator"])
        ],
    )
    return pd.concat(
        [
            _told(
                of_ratio,
                "field",
                _same(of_ratio, "chỉ tiêu là tỷ lệ"),
                _same(of_ratio, "sửa numerator, denominator; tỷ lệ tự tính lại"),
            ),
            _told(
                of_other,
                "field",
                _same(of_other, "chỉ tiêu không có tử số, mẫu số"),
                _same(of_other, "ghi value"),
            ),
        ]
    )


def _not_typed(rows: pd.DataFrame, _known: Known) -> pd.DataFrame:
    found = []
    for side in ("was", "now"):
        bad = rows[rows[f"{side}_wrong"]]
        says = [f"{text!r} không phải số" for text in bad[side]]
        found.append(_told(bad, side, says, _same(bad, "ghi số với dấu chấm thập phân, ví dụ 12.5")))
        for field in ("state", "status"):
            may_be_empty = field == "state" or side == "was"
            words = [*WORDS[field], *([""] if may_be_empty else [])]
            bad = rows[(rows.field == field) & ~rows[f"{side}_code"].isin(words)]
            says = [f"{text!r} không có trong danh sách" if text else "để trống" for text in bad[side]]
            found.append(_told(bad, side, says, _same(bad, f"ghi một trong: {', '.join(WORDS[field])}")))
    return pd.concat(found)


def _known_cells(rows: pd.DataFrame, known: Known) -> pd.Series:
    """Whether a correction names a current version, a plan's indicator and a field, and could be typed."""
    versions = pd.MultiIndex.from_frame(known.versions[CASE])
    is_there = pd.MultiIndex.from_frame(rows[CASE]).isin(versions)
    named = rows.indicator.isin(known.plan.indicators.index) & rows.field.isin(FIELDS)
    holds: pd.Series = named & is_there & ~rows.was_wrong & ~rows.now_wrong
    return holds


def _without_return(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    versions = pd.MultiIndex.from_frame(known.versions[CASE])
    is_there = pd.MultiIndex.from_frame(rows[CASE]).isin(versions)
    named = rows.unit.isin(known.plan.units.code) & rows.period.map(is_reporting_period).astype(bool)
    bad = rows[~is_there & named]
    says = [f"{unit} chưa có báo cáo kỳ {period}" for unit, period in zip(bad.unit, bad.period, strict=True)]
    return _told(
        bad, "", says, _same(bad, "đính chính chỉ sửa báo cáo đã có; số mới thì nộp bằng tiendo submit")
    )


def _not_owed(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Neither owed for the period nor there already, as a past plan's figures are."""
    cells = pd.MultiIndex.from_frame(rows[CELL])
    is_fit = cells.isin(pd.MultiIndex.from_frame(known.owed[CELL]))
    is_fit |= cells.isin(pd.MultiIndex.from_frame(known.values[CELL]))
    bad = rows[_known_cells(rows, known) & ~is_fit]
    says = [f"đơn vị không báo cáo chỉ tiêu này cho kỳ {period}" for period in bad.period]
    return _told(bad, "indicator", says, _same(bad, "kiểm tra mã chỉ tiêu và kỳ"))


def _no_change(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    bad = rows[_known_cells(rows, known) & (side_texts(rows, "was") == side_texts(rows, "now"))]
    return _told(
        bad, "now", _same(bad, "giống cột was, không sửa gì"), _same(bad, "ghi số đúng, hoặc bỏ dòng này")
    )


def _not_so_any_more(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    """What the current version says is not what the correction says that it says."""
    rows = with_present(rows[_known_cells(rows, known)], known.values)
    version = known.versions.set_index(CASE).version.reindex(pd.MultiIndex.from_frame(rows[CASE]))
    told = rows.assign(version=version.to_numpy())
    bad = told[~is_present(told, "was")]
    done = is_present(bad, "now")
    says = [
        f"không còn là {was or '(trống)'} (bản {version} ghi {present or '(trống)'})"
        for was, version, present in zip(side_texts(bad, "was"), bad.version, bad.present, strict=True)
    ]
    remedies = np.where(
        done, "số này đã được sửa như vậy; bỏ dòng này", "xem lại số hiện có, sửa cột was hoặc bỏ dòng này"
    )
    return _told(bad, "was", says, remedies.tolist())


CHECKS: list[Check] = [
    _unknown_units,
    _unknown_periods,
    _unknown_indicators,
    _unknown_fields,
    _without_reason,
    _twice,
    _wrong_field,
    _not_typed,
    _without_return,
    _not_owed,
    _no_change,
    _not_so_any_more,
]

"""Whether the plan's own deadlines and rounds make sense: rules that can be read, dates in order, nothing asked twice."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pandas as pd

from tiendo.date_rules import HOW_TO_WRITE, DateRule, date_rule
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan_reading import nearest, problems
from tiendo.reporters import units_named

Tables = Mapping[str, pd.DataFrame]
Found = list[pd.DataFrame]
Row = Mapping[Any, Any]

LATEST_HOUR = 24
DATE_COLUMNS = ("opens", "cut_off", "due", "locks")
# Dates of which the first may not come after the second. A return may open before the data are cut off, or after.
IN_ORDER = (("opens", "due"), ("cut_off", "due"), ("due", "locks"))


def check_deadlines(tables: Tables) -> Found:
    """Problems of the table `deadlines`: unknown levels, rules and hours that are none, days in the wrong order."""
    table, levels = tables["deadlines"], set(tables["org_units"].level)
    strange = table[~table.level.isin(levels) & table.level.ne("")]
    found = [
        problems("deadlines", [row], "level", f"không có cấp {level!r}", nearest(level, sorted(levels)))
        for row, level in zip(strange.row, strange.level, strict=True)
    ]
    wrong = ~table.hour.isna() & ~table.hour.between(0, LATEST_HOUR)
    found.append(
        problems("deadlines", table.row[wrong], "hour", "không phải giờ trong ngày", "ghi từ 0 đến 24")
    )
    for row in table.to_dict("records"):
        found += _date_rules(row)
    return found


def _date_rules(row: Row) -> Iterator[pd.DataFrame]:
    rules = {name: date_rule(row[name], name) for name in HOW_TO_WRITE}
    for name, rule in rules.items():
        if row[name] and rule is None:
            problem = f"{row[name]!r} không đọc được thành ngày"
            yield problems("deadlines", [row["row"]], name, problem, HOW_TO_WRITE[name])
    for earlier, later in (("cut_off", "due"), ("due", "locks")):
        if _comes_after(rules[earlier], rules[later]):
            words = {"cut_off": "ngày chốt sau hạn gửi", "due": "ngày khóa trước hạn gửi"}[earlier]
            column = "cut_off" if earlier == "cut_off" else "locks"
            yield problems("deadlines", [row["row"]], column, words, "đổi một trong hai ngày")


def _comes_after(earlier: DateRule | None, later: DateRule | None) -> bool:
    """Whether two days of months stand in the wrong order in every period."""
    if earlier is None or later is None or earlier.is_counted or later.is_counted:
        return False
    return earlier.rank > later.rank


def check_rounds(tables: Tables) -> Found:
    """Problems of the table `rounds`: outside the term, dates out of order, what is asked of nobody, or twice."""
    rows = tables["rounds"].to_dict("records")
    found = [each for row in rows for check in ROW_CHECKS for each in check(row, tables)]
    return found + list(_overlaps(rows))


def _outside_term(row: Row, tables: Tables) -> Iterator[pd.DataFrame]:
    term = tables["term"].iloc[0]
    whole = Period("term", term.starts.year, term.ends.year)
    if not whole.first_month <= Period.parse(row["period"]).last_month <= whole.last_month:
        problem = f"kỳ {row['period']} ngoài nhiệm kỳ {whole}"
        yield problems("rounds", [row["row"]], "period", problem, "sửa năm của kỳ")


def _dates_in_order(row: Row, _: Tables) -> Iterator[pd.DataFrame]:
    for earlier, later in IN_ORDER:
        if row[earlier] > row[later]:
            problem = f"sớm hơn {earlier} ({row[earlier]:%Y-%m-%d})"
            yield problems(
                "rounds", [row["row"]], later, problem, "xếp lại: cut_off ≤ due ≤ locks, opens ≤ due"
            )


def _asked_of_nobody(row: Row, tables: Tables) -> Iterator[pd.DataFrame]:
    """What a round says about returns, of a period for which there are none."""
    if _has_returns(row, tables):
        return
    said = [name for name in DATE_COLUMNS if pd.notna(row[name])] + [
        name for name in ("units", "indicators") if row[name]
    ]
    for name in said:
        problem = f"không đơn vị nào nộp cho kỳ {row['period']}, nên không dùng được cột này"
        remedy = "để trống, và thêm một dòng cho kỳ mà đơn vị nộp (thí dụ quý cuối)"
        yield problems("rounds", [row["row"]], name, problem, remedy)


def _has_returns(row: Row, tables: Tables) -> bool:
    kind = Period.parse(row["period"]).kind
    is_ad_hoc = row["kind"] == "ad_hoc" and row["indicators"] and kind in FREQUENCIES
    return bool(is_ad_hoc) or kind in set(tables["indicators"].frequency)


def _indicators_asked(row: Row, tables: Tables) -> Iterator[pd.DataFrame]:
    """Indicators that nobody reports, or that a round which is not ad hoc cannot ask for its period."""
    frame = tables["indicators"]
    reported = dict(zip(frame.code, frame.reported_by, strict=True))
    frequencies = dict(zip(frame.code, frame.frequency, strict=True))
    kind = Period.parse(row["period"]).kind
    for code in filter(None, row["indicators"].split(";")):
        if code not in reported:
            continue  # told with the references
        reported_by, frequency = reported[code], frequencies[code]
        if reported_by == "nobody" or reported_by.startswith("source:"):
            problem = f"không đơn vị nào báo cáo chỉ tiêu {code}"
            yield problems("rounds", [row["row"]], "indicators", problem, "bỏ chỉ tiêu này khỏi đợt")
        elif row["kind"] != "ad_hoc" and frequency != kind and _has_returns(row, tables):
            problem = f"chỉ tiêu {code} báo cáo theo loại kỳ khác ({frequency})"
            remedy = "bỏ khỏi đợt, hoặc ghi kind = ad_hoc để hỏi thêm ngoài kỳ"
            yield problems("rounds", [row["row"]], "indicators", problem, remedy)


def _units_asked(row: Row, tables: Tables) -> Iterator[pd.DataFrame]:
    """Units that report nothing of what the round asks: its indicators, else all of the period's frequency."""
    if not row["units"] or not _has_returns(row, tables):
        return
    indicators = tables["indicators"]
    named = set(filter(None, row["indicators"].split(";")))
    kind = Period.parse(row["period"]).kind
    asked = indicators[indicators.code.isin(named) if named else indicators.frequency == kind]
    words = {word for text in asked.reported_by for word in text.split(";")}
    reporters = set(units_named(words, tables["org_units"]))
    known = set(tables["org_units"].code)
    for code in row["units"].split(";"):
        if code in known and code not in reporters:
            problem = f"đơn vị {code} không báo cáo chỉ tiêu nào của đợt"
            remedy = "bỏ đơn vị khỏi đợt, hoặc thêm vào reported_by của chỉ tiêu"
            yield problems("rounds", [row["row"]], "units", problem, remedy)


ROW_CHECKS = (_outside_term, _dates_in_order, _asked_of_nobody, _indicators_asked, _units_asked)


def _overlaps(rows: list[dict[Any, Any]]) -> Iterator[pd.DataFrame]:
    """Two rounds of one period: a unit makes one return a period, so it can be in one of them only."""
    for first, second in combinations(rows, 2):
        if Period.parse(first["period"]) != Period.parse(second["period"]):
            continue
        common = _common_units(first, second)
        if common is not None:
            problem = (
                f"đợt {first['code']} (dòng {first['row']}) cũng hỏi kỳ này của {common or 'mọi đơn vị'}"
            )
            remedy = "gộp hai đợt, hoặc ghi units của hai đợt không trùng nhau"
            yield problems("rounds", [second["row"]], "units", problem, remedy)
        elif _judged_otherwise(first, second):
            problem = f"đợt {first['code']} của cùng kỳ so với {first['against']}"
            yield problems(
                "rounds", [second["row"]], "against", problem, "ghi giống nhau, hoặc để trống một dòng"
            )


def _judged_otherwise(first: Row, second: Row) -> bool:
    """Whether two rounds that name the same review want it judged in two ways; an ad hoc one does not name it."""
    given = {row["against"] for row in (first, second) if row["against"] and row["kind"] != "ad_hoc"}
    return len(given) > 1


def _common_units(first: Row, second: Row) -> str | None:
    """The units that two rounds name both; "" where one names all, None where they have none in common."""
    if not first["units"] or not second["units"]:
        return str(first["units"] or second["units"])
    both = set(first["units"].split(";")) & set(second["units"].split(";"))
    return ", ".join(sorted(both)) or None

"""The plan that is measured: a term of five years, every indicator owed each quarter by every reporting unit.

Twenty sorts of indicators repeat until there are as many as wanted, so that every accumulation and
aggregation is there in the same share whatever the size.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

AUTHORITY = "VN"
# Long past: a file that came to lie in the inbox after the run's instant counts as received at that instant.
FIRST_YEAR, LAST_YEAR = 2016, 2020
TERM = f"{FIRST_YEAR}-{LAST_YEAR}"
BLOCK = 20
PROGRAMMES, SCHEMES = 10, 40
MANY = 60  # more units than this are gathered under provinces
PROVINCES = 63
OWN_TARGETS = 8  # blocks in which every unit has a target of its own


@dataclass(frozen=True)
class Size:
    """How many units report how many indicators."""

    name: str
    units: int
    indicators: int

    @property
    def unit_codes(self) -> list[str]:
        """The codes of the reporting units."""
        return [f"{n:04}" for n in range(1, self.units + 1)]

    @property
    def merging_codes(self) -> list[str]:
        """The codes of half of the reporting units, which merge in pairs into the second one's code."""
        return self.unit_codes[: self.units // 4 * 2]

    @property
    def indicator_codes(self) -> list[str]:
        """The codes of the indicators, in the plan's order."""
        return [f"I{n:03}" for n in range(self.indicators)]


COUNTRY = Size("country-quarter", 705, 404)
PROVINCE = Size("province-quarter", 10, 404)
QUICK = Size("quick", 12, 40)


@dataclass(frozen=True)
class Sort:
    """A sort of indicator: how it adds up, and what it is judged by."""

    accumulation: str
    aggregation: str
    type: str
    direction: str = "up"
    measure: str = "ha"
    part_of: int | None = None  # the place in the block of what it is a part of
    at_most: int | None = None  # the place in the block of what it must not exceed

    @property
    def is_ratio(self) -> bool:
        """Whether it is reported as numerator and denominator."""
        return self.aggregation == "ratio"


SORTS = (
    Sort("stock", "sum", "gap", measure="người"),  # the weight of the weighted mean
    Sort("flow", "sum", "ratio", measure="tỷ đồng"),  # the sum of the next two
    Sort("flow", "sum", "ratio", measure="tỷ đồng", part_of=1),
    Sort("flow", "sum", "ratio", measure="tỷ đồng", part_of=1),
    Sort("flow", "sum", "ratio"),
    Sort("flow", "sum", "ratio"),
    Sort("flow", "sum", "ratio", at_most=5),
    Sort("cumulative", "sum", "ratio", measure="km"),
    Sort("cumulative", "sum", "ratio", measure="km"),
    Sort("stock", "sum", "ratio", measure="xã"),
    Sort("stock", "sum", "gap"),
    Sort("flow", "ratio", "ratio", measure="%"),
    Sort("stock", "ratio", "threshold", measure="%"),
    Sort("stock", "ratio", "threshold", "down", measure="%"),
    Sort("stock", "weighted_mean", "threshold", measure="điểm"),
    Sort("stock", "mean", "range", measure="điểm"),
    Sort("stock", "sum", "ceiling", "down", measure="vụ"),
    Sort("flow", "sum", "ceiling", "down", measure="vụ"),
    Sort("flow", "sum", "ratio", measure="tấn"),
    Sort("stock", "max", "threshold"),
)
UNDISTURBED = frozenset({0, 1, 2, 3, 5, 6})  # places whose figures hang together


def sort_of(number: int) -> Sort:
    """The sort of the indicator of a number, from 0."""
    return SORTS[number % BLOCK]


def scale_of(number: int) -> float:
    """The order of magnitude of an indicator's figures in one unit."""
    return 10.0 ** (2 + number // BLOCK % 3)


def plan_tables(size: Size, merged_on: date | None = None) -> dict[str, pd.DataFrame]:
    """The tables of the plan as text, as they would be read from CSV files.

    `merged_on`: the day on which half of the units are new ones, each for two that were there before.
    """
    tables = {
        "term": [{"code": "NK", "name": f"Nhiệm kỳ {TERM}", "authority": AUTHORITY}
                 | {"starts": f"{FIRST_YEAR}-01-01", "ends": f"{LAST_YEAR}-12-31"}],
        "org_units": _units(size) if merged_on is None else _merged(size, merged_on),
        "succession": [] if merged_on is None else _changes(size, merged_on),
        "programmes": [{"code": f"CT{n}", "name": f"Chương trình {n}"} for n in range(PROGRAMMES)],
        "schemes": [_scheme(n) for n in range(SCHEMES)],
        "indicators": [_indicator(size, n) for n in range(size.indicators)],
        "targets": [*_targets(size), *_own_targets(size)],
        "rules": _rules(size),
    }  # fmt: skip
    return {name: pd.DataFrame(rows).fillna("").astype("str") for name, rows in tables.items() if rows}


def _units(size: Size) -> list[dict[str, str]]:
    units = [{"code": AUTHORITY, "name": "Cả nước", "level": "country"}]
    provinces = min(PROVINCES, size.units) if size.units > MANY else 0
    units += [
        {"code": f"P{n:02}", "name": f"Tỉnh {n}", "level": "province", "parent": AUTHORITY}
        for n in range(provinces)
    ]
    for n, code in enumerate(size.unit_codes):
        parent = f"P{n % provinces:02}" if provinces else AUTHORITY
        units.append(
            {"code": code, "name": f"Huyện {n + 1}", "level": "district"}
            | {"parent": parent, "reports": "yes"}
        )
    return units


def _merged(size: Size, day: date) -> list[dict[str, str]]:
    """The units until the eve of a day, and those that are there from then on."""
    ending, began = set(size.merging_codes), set(size.merging_codes[1::2])
    units, eve = _units(size), str(day - timedelta(days=1))
    old = [unit | ({"valid_to": eve} if unit["code"] in ending else {}) for unit in units]
    new = [unit | {"name": f"{unit['name']} mới", "valid_from": str(day)} for unit in units]
    return [*old, *(unit for unit in new if unit["code"] in began)]


def _changes(size: Size, day: date) -> list[dict[str, str]]:
    pairs = zip(size.merging_codes[::2], size.merging_codes[1::2], strict=True)
    return [
        {"predecessor": old, "successor": pair[1], "date": str(day), "kind": "merge"}
        for pair in pairs
        for old in pair
    ]


def _scheme(n: int) -> dict[str, str]:
    return {"code": f"DA{n:02}", "name": f"Đề án {n}", "programme": f"CT{n % PROGRAMMES}"}


def _indicator(size: Size, n: int) -> dict[str, str]:
    sort, start = sort_of(n), n - n % BLOCK
    codes = size.indicator_codes
    return {
        "code": codes[n],
        "name": f"Chỉ tiêu phát triển kinh tế – xã hội số {n + 1}",
        "scheme": f"DA{n // BLOCK * 2 % SCHEMES + n % 2:02}",
        "field": f"Lĩnh vực {n % 7}",
        "unit": sort.measure,
        "decimals": "2",
        "frequency": "quarter",
        "accumulation": sort.accumulation,
        "aggregation": sort.aggregation,
        "type": sort.type,
        "direction": sort.direction,
        "scale": "100" if sort.is_ratio else "1",
        "weight_indicator": codes[start] if sort.aggregation == "weighted_mean" else "",
        "part_of": codes[start + sort.part_of] if sort.part_of is not None else "",
        "counts": "no" if sort.part_of is not None or sort is SORTS[0] else "yes",
    }


def _targets(size: Size) -> list[dict[str, str]]:
    """The authority's targets: of every indicator one for the term and one for each year."""
    spans = {TERM: 5.0} | {str(year): 1.0 for year in range(FIRST_YEAR, LAST_YEAR + 1)}
    return [
        {"indicator": code, "span": span, **_goal(sort_of(n), _whole(size, n), years)}
        for n, code in enumerate(size.indicator_codes)
        for span, years in spans.items()
    ]


def _whole(size: Size, n: int) -> float:
    """About what the units' figures of one quarter come to for the authority, and a little more or less."""
    sort, spread = sort_of(n), 0.6 + 0.1 * (n * 7 % 10)
    if sort.is_ratio:
        return 50.0 * spread
    return scale_of(n) * spread * (size.units if sort.aggregation == "sum" else 1)


def _goal(sort: Sort, whole: float, years: float) -> dict[str, str]:
    grows = sort.accumulation == "flow" and not sort.is_ratio
    target = whole * (4 * years if grows else 1)
    goal = {"target": f"{target:.2f}"}
    if sort.type == "gap":
        goal |= {"baseline": f"{target / 2:.2f}", "baseline_year": str(FIRST_YEAR - 1)}
    if sort.type == "range":
        goal = {"low": f"{target * 0.9:.2f}", "high": f"{target * 1.1:.2f}"}
    if sort.type == "ceiling":
        goal |= {"cap": f"{target / 2:.2f}"}
    return goal


def _own_targets(size: Size) -> list[dict[str, str]]:
    """Each unit's own yearly targets of some stocks."""
    numbers = [n for n in range(size.indicators) if n % BLOCK == 9 and n // BLOCK < OWN_TARGETS]
    return [
        {
            "indicator": size.indicator_codes[n],
            "unit": unit,
            "span": str(year),
            "target": f"{scale_of(n):.2f}",
        }
        for n in numbers
        for unit in size.unit_codes
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
    ]


def _rules(size: Size) -> list[dict[str, str]]:
    codes, rules = size.indicator_codes, []
    for n, code in enumerate(codes):
        sort, start = sort_of(n), n - n % BLOCK
        rules.append({"indicator": code, "check": "min", "value": "0"})
        if sort.is_ratio:
            rules.append({"indicator": code, "check": "max", "value": "100"})
        if sort.accumulation == "stock":
            rules.append(
                {"indicator": code, "check": "max_change_pct", "value": "400", "severity": "warning"}
            )
        if sort.accumulation == "cumulative":
            rules.append({"indicator": code, "check": "not_falling", "severity": "warning"})
        if sort is SORTS[1]:
            rules.append({"indicator": code, "check": "parts_sum", "value": "0.5"})
        if sort.at_most is not None:
            rules.append(
                {"indicator": code, "check": "compare", "other": codes[start + sort.at_most], "value": "1"}
            )
    return rules

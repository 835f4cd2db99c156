"""Any small plan and any returns: the core and the SQL say what the plain Decimal reference says."""

import math
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import decimal_reference as reference
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judging import (
    CALENDAR,
    LATER,
    Raw,
    Row,
    by_key,
    judge_all,
    moment_of,
    plan_of,
    province,
    receive,
    warehouse,
)
from sqlalchemy.engine import Engine

from tiendo.bands import BANDS, BandRules
from tiendo.periods import Period
from tiendo.rollup import rollup

PERIODS = (
    "2011-Q2",
    "2011-H2",
    "2012",
    "2012-Q1",
    "2012-Q4",
    "2012-9M",
    "2013-Q2",
    "2013-H1",
    "2013-9M",
    "2013",
)
SPANS = (
    "2011-2015",
    "2011",
    "2012",
    "2013",
    "2014",
    "2012-Q1",
    "2012-Q4",
    "2012-H1",
    "2012-9M",
    "2013-Q2",
    "2013-H1",
    "2012-2015",
)
NUMBERS = ("0", "0.1", "0.2", "0.3", "1", "2.5", "4", "5", "6", "7.5", "10", "12.8", "20")
NUMERIC = ("sum", "min", "max", "mean", "weighted_mean", "ratio", "none", "count_met")
LEVELS = ("cumulative", "stock")

# Type → the accumulations and aggregations it is tried with.
SHAPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ratio": (("flow", *LEVELS), NUMERIC),
    "gap": (("flow", *LEVELS), NUMERIC),
    "rate": (("rate",), ("mean", "max", "none", "weighted_mean")),
    "rate from_levels": (LEVELS, ("sum", "mean", "ratio")),
    "range from_levels": (LEVELS, ("sum", "mean")),
    "reduction": (("rate",), ("mean", "none")),
    "reduction from_levels": (LEVELS, ("mean", "ratio")),
    "every_year": (("flow", *LEVELS), ("sum", "min", "mean", "ratio")),
    "threshold": (("flow", *LEVELS), NUMERIC),
    "range": (("flow", *LEVELS), NUMERIC),
    "range corridor": (LEVELS, ("mean", "ratio")),
    "ceiling": (("flow", *LEVELS), NUMERIC),
    "milestone": (("state",), ("any", "all", "none")),
    "rank": (("state",), ("none", "min")),
    "benchmark": (LEVELS, ("sum", "mean", "ratio")),
    "any_of": (("stock",), ("sum",)),
    "all_of": (("stock",), ("sum",)),
}


def indicator_of(random: Random, code: str, shape: str) -> Row:
    kind, _, flag = shape.partition(" ")
    accumulations, aggregations = SHAPES[shape]
    row = {
        "code": code,
        "name": "n",
        "unit": "ha",
        "programme": random.choice(("CT1", "CT2", "CT1;CT2", "")),
        "resolution": random.choice(("yes", "no")),
        "type": kind,
        "frequency": random.choice(("quarter", "quarter", "half", "year")),
        "accumulation": random.choice(accumulations),
        "aggregation": random.choice(aggregations),
        "direction": random.choice(("up", "down")),
        "flags": ";".join(word for word in (flag, random.choice(("", "geometric"))) if word),
        "reported_by": random.choice(("tier", "tier", "tier", "level:district", "A;S", "nobody")),
        "weight": random.choice(("", "1", "2", "0.5")),
        "figure_of": "",
    }
    if row["aggregation"] == "none":
        row["reported_by"] = random.choice("ABCS")
    elif row["aggregation"] == "weighted_mean":
        row["weight_indicator"] = "WEIGHT"
    elif row["reported_by"] == "A;S" and random.random() < 0.5:
        row["figure_of"] = "S"
    if kind in ("any_of", "all_of"):
        row["reported_by"] = "tier"
    if row["aggregation"] == "ratio":
        row["scale"] = random.choice(("1", "100"))
    return row


def target_of(random: Random, row: Row, unit: str, span: str) -> Row:
    few = [number for number in NUMBERS if number != "0"]
    found = {"indicator": row["code"], "unit": unit, "span": span, "target": random.choice(few)}
    if unit and row["type"] in ("ratio", "threshold", "ceiling"):
        found["target"] = random.choice(NUMBERS)
    match row["type"]:
        case "gap":
            found["baseline"] = random.choice([n for n in NUMBERS if n != found["target"]] + [""])
        case "range":
            low, high = sorted(random.sample(few, 2), key=Decimal)
            found |= {"low": low, "high": high}
        case "ceiling":
            found["cap"] = random.choice(few)
        case "milestone":
            found |= {"target": "", "due": random.choice(("", "2012-06-15", "2013-12-31"))}
        case "rank":
            found |= {
                "target": "",
                "top_n": random.choice("135"),
                "baseline": random.choice(("", "2", "10", "63")),
            }
        case "benchmark":
            found |= {"target": "", "benchmark": "BENCH", "offset": random.choice(("", "0.5", "1"))}
    if "from_levels" in row["flags"]:
        found |= {
            "baseline": random.choice((*NUMBERS, "")),
            "baseline_year": random.choice(("2010", "2011", "2009")),
        }
    return found


def cell_of(random: Random, row: Row, last: dict[str, int]) -> Row:
    """A cell; milestones that are done stay done."""
    cell = {
        "indicator": row["code"],
        "value": "",
        "numerator": "",
        "denominator": "",
        "status": "final",
        "state": "value",
    }
    if random.random() < 0.22:
        return cell | {"state": random.choice(("none_occurred", "not_started", "not_due", "not_applicable"))}
    if row["aggregation"] == "ratio":
        return cell | {"numerator": random.choice(NUMBERS), "denominator": random.choice(NUMBERS)}
    if row["accumulation"] == "state" and row["type"] == "milestone":
        last["done"] = max(last.get("done", 0), random.choice((0, 0, 1)))
        return cell | {"value": str(last["done"])}
    if row["type"] == "rank":
        return cell | {"value": random.choice(("1", "2", "3", "5", "8", "40"))}
    return cell | {"value": random.choice(NUMBERS)}


def returns_of(random: Random, row: Row, units: list[str]) -> list[Row]:
    """What the units said of an indicator in 2011–2013: some nothing, some with gaps, some one word throughout."""
    if not units or row["type"] in ("any_of", "all_of"):
        return []
    kinds = {"quarter": ["Q1", "Q2", "Q3", "Q4"], "half": ["H1", "H2"], "year": [""]}[row["frequency"]]
    periods = [f"{year}-{part}".strip("-") for year in (2011, 2012, 2013) for part in kinds]
    found = []
    for unit in units:
        share, last = random.choice((0.0, 0.3, 0.8, 1.0)), {}
        always = random.choice(("", "", "", "", "not_started", "not_applicable", "not_due"))
        for period in periods:
            if random.random() < share:
                cell = (
                    cell_of(random, row, last)
                    if not always
                    else {**cell_of(random, row, last), "state": always}
                )
                found.append({"unit": unit, "period": period, **cell})
    return found


def world_of(seed: int) -> reference.World:
    """A random small plan and what its units returned."""
    random = Random(seed)
    base = {
        "name": "n",
        "unit": "ha",
        "frequency": "quarter",
        "accumulation": "stock",
        "type": "ratio",
        "counts": "no",
    }
    weight = {**base, "code": "WEIGHT", "aggregation": "sum", "reported_by": "tier", "flags": ""}
    bench = {**base, "code": "BENCH", "aggregation": "mean", "reported_by": "level:district", "flags": ""}
    shapes = random.sample(list(SHAPES), len(SHAPES))
    made = [indicator_of(random, f"X{n}", shape) for n, shape in enumerate(shapes)]
    branchable = [row["code"] for row in made if row["type"] not in ("any_of", "all_of")]
    told = {**base, "code": "XNQ", "aggregation": "sum", "reported_by": f"source:{random.choice(branchable)}"}
    made.append(told | {"counts": "yes", "resolution": "yes", "flags": "", "direction": "up"})
    targets = [{"indicator": "BENCH", "unit": "", "span": "2011-2015", "target": "5"}]
    branches: list[Row] = []
    cells: list[Row] = []
    for row in [weight, bench, *made]:
        cells += returns_of(random, row, sorted(reported_by(row)))
        if row["type"] in ("any_of", "all_of"):
            chosen = random.sample(branchable, random.choice((1, 2, 3)))
            branches += [{"indicator": row["code"], "branch": code} for code in chosen]
        elif row["code"].startswith("X"):
            spans = random.sample(SPANS, random.choice((0, 1, 2, 3))) + random.choice(([], ["2011-2015"]))
            targets += [target_of(random, row, "", span) for span in dict.fromkeys(spans)]
            units = random.sample("ABCR", random.choice((0, 2, 4)))
            targets += [target_of(random, row, unit, random.choice(SPANS)) for unit in units]
    period = random.choice(PERIODS)
    end = CALENDAR.bounds(Period.parse(period))[1]
    indicators = [weight, bench, *made]
    return {
        "plan": province(indicators=indicators, targets=targets, branches=branches),
        "cells": cells,
        "period": period,
        "today": random.choice((LATER, LATER, end, end + timedelta(days=11), end + timedelta(days=40))),
        "against": random.choice(("own", "year", "term")),
        "relative": random.random() < 0.2,
        "due": lambda text: CALENDAR.deadline(Period.parse(text)).due,
    }


def reported_by(row: Row) -> set[str]:
    """The units that an indicator names."""
    named = {"tier": {"A", "B", "C"}, "level:district": {"A", "B", "C"}, "A;S": {"A", "S"}, "nobody": set()}
    if row["reported_by"].startswith("source:"):
        return set()
    return set(named.get(row["reported_by"], {row["reported_by"]}))


def differences(engine: Engine, world: reference.World) -> list[str]:
    """Where the core and the reference do not say the same of an indicator and a unit."""
    plan = plan_of(without_empty(world["plan"]))
    receive(engine, world["cells"])
    rules = BandRules(relative=world["relative"])
    moment = moment_of(world["period"], world["today"])
    found = judge_all(engine, plan, moment, world["against"], rules)
    wrong = []
    for (code, unit), row in by_key(found).items():
        wanted = reference.judge(world, code, unit)
        if bad := unlike_reference(row, wanted):
            wrong.append(f"{code} at {unit}: {bad}\n{story(world, code, unit)}")
    authority = found[found.unit == "P"]
    for level in ("programme", "term", "resolution"):
        counts = rollup(plan, authority, level, rules, moment.today).set_index("code")
        wanted_groups = reference.rollup(world, level)
        wanted_groups = {"term" if code == "NK" else code: group for code, group in wanted_groups.items()}
        if set(counts.index) != set(wanted_groups):
            wrong.append(f"{level}: {set(counts.index)} instead of {set(wanted_groups)}")
            continue
        for code, group in wanted_groups.items():
            said = {name: int(counts.at[code, name]) for name in ("n", *BANDS)}
            if said != {name: group[name] for name in said}:
                wrong.append(f"{level} {code}: {said} instead of {group}")
            if not is_near(counts.at[code, "index"], group["index"]) and not math.isnan(
                counts.at[code, "index"]
            ):
                wrong.append(f"{level} {code}: index {counts.at[code, 'index']} instead of {group['index']}")
    return wrong


def without_empty(raw: Raw) -> Raw:
    return {name: table for name, table in raw.items() if table}


def unlike_reference(row: Row, wanted: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if row["band"] != wanted["band"]:
        found["band"] = (row["band"], wanted["band"])
    judged = wanted["band"] in BANDS[:6]
    for name in ("attainment", "margin", *(["actual"] if judged else [])):
        if not is_near(row[name], wanted[name]) and (judged or name == "actual"):
            found[name] = (row[name], wanted[name])
    if row["type"] not in ("any_of", "all_of") and not row["nobody"]:
        for name in ("expected", "reported"):
            if row[name] != wanted[name]:
                found[name] = (row[name], wanted[name])
        if judged and wanted["flags"] != {"partial", "stale"} & set(row["flags"].split(";")):
            found["flags"] = (row["flags"], wanted["flags"])
    return found


def is_near(found: float, wanted: Decimal | None) -> bool:
    if wanted is None or wanted != wanted:
        return math.isnan(found)
    return found == float(wanted) or abs(found - float(wanted)) <= 1e-7 * max(1.0, abs(float(wanted)))


def story(world: reference.World, code: str, unit: str) -> str:
    plan = world["plan"]
    told = [f"{world['period']} against {world['against']} on {world['today']}"]
    told += [str({k: v for k, v in row.items() if v}) for row in plan["indicators"] if row["code"] == code]
    told += [str({k: v for k, v in row.items() if v}) for row in plan["targets"] if row["indicator"] == code]
    told += [str(row) for row in plan["branches"] if row["indicator"] == code]
    for cell in world["cells"]:
        if cell["indicator"] == code:
            figure = cell["value"] or f"{cell['numerator']}/{cell['denominator']}"
            told.append(
                f"  {cell['unit']} {cell['period']} {figure if cell['state'] == 'value' else cell['state']}"
            )
    return "\n".join(told)


@settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_core_and_sql_say_what_the_reference_says(seed: int) -> None:
    with warehouse() as engine:
        assert not differences(engine, world_of(seed))

"""SPEC §4–7 and §9 once more: plain Python, Decimal and dictionaries, one figure at a time.

Written from the SPEC before the core was read, so that the two can be held against each other. Where the SPEC
leaves room the core's reading was taken over afterwards; each such place says so ("Reading:").

A *world* is a dictionary: ``plan`` (table name -> list of rows, as the CSV files give them), ``cells`` (the
current cells: unit, period, indicator, value, numerator, denominator, state), ``period`` and ``today`` of the
review, ``due`` (period -> due date), ``against``, and optionally ``advancing``, ``stalled``, ``relative``.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, getcontext
from typing import Any

getcontext().prec = 50

Row = dict[str, Any]
World = dict[str, Any]
Span = tuple[str, int, int]  # kind, first and last month as year * 12 + month - 1

KINDS = ("month", "quarter", "half", "nine_months", "year", "term")
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
COUNTING = ("value", "none_occurred", "not_started")
LEFT_OUT = ("not_due", "not_applicable")
NEARLY = Decimal("1e-9")
HUNDRED = Decimal(100)
BANDS = (
    "exceeded", "met", "advancing", "lagging", "stalled",
    "not_started", "missing", "unassessable", "not_due", "not_applicable",
)  # fmt: skip


# --- numbers, periods -------------------------------------------------------------------------------------


def number(text: object) -> Decimal | None:
    """A cell of a table as a Decimal; nothing is not zero."""
    return None if text is None or str(text).strip() == "" else Decimal(str(text))


def same(one: Decimal, other: Decimal) -> bool:
    """Equal but for a relative difference below 1e-9."""
    return abs(one - other) <= NEARLY * max(abs(one), abs(other))


def span_of(text: str) -> Span:
    """The kind and the months of a written period: 2013-Q4, 2013-H1, 2013-9M, 2013-03, 2013 or 2011-2015."""
    year, _, rest = text.partition("-")
    start = int(year) * 12
    if not rest:
        return ("year", start, start + 11)
    if len(rest) == 4:
        return ("term", start, int(rest) * 12 + 11)
    if rest == "9M":
        return ("nine_months", start, start + 8)
    if rest[0] in "QH":
        length = 3 if rest[0] == "Q" else 6
        first = start + (int(rest[1]) - 1) * length
        return ("quarter" if length == 3 else "half", first, first + length - 1)
    return ("month", start + int(rest) - 1, start + int(rest) - 1)


def written(first: int, length: int) -> str:
    """The name of the period of so many months that starts in a month."""
    year, month = divmod(first, 12)
    return {
        1: f"{year}-{month + 1:02d}",
        3: f"{year}-Q{month // 3 + 1}",
        6: f"{year}-H{month // 6 + 1}",
        12: f"{year}",
    }[length]


def last_day(month: int) -> date:
    """The last day of a month given as an ordinal."""
    return date(month // 12, month % 12 + 1, monthrange(month // 12, month % 12 + 1)[1])


# --- who reports ------------------------------------------------------------------------------------------


def indicator_of(world: World, code: str) -> Row:
    """The indicator's row of the plan."""
    return next(row for row in world["plan"]["indicators"] if row["code"] == code)


def authority(world: World) -> str:
    """The unit whose plan it is."""
    return str(world["plan"]["term"][0]["authority"])


def is_valid(unit: Row, day: date) -> bool:
    """Whether the unit exists on a day."""
    since, until = unit.get("valid_from", ""), unit.get("valid_to", "")
    return (not since or since <= day.isoformat()) and (not until or day.isoformat() <= until)


def reporters(world: World, code: str) -> list[str]:
    """The units that owe an indicator, valid on the review's last day."""
    units = [u for u in world["plan"]["org_units"] if is_valid(u, last_day(span_of(world["period"])[2]))]
    named: set[str] = set()
    for word in str(indicator_of(world, code).get("reported_by", "") or "tier").split(";"):
        if word == "tier":
            named |= {u["code"] for u in units if u.get("reports") == "yes"}
        elif word.startswith("level:"):
            named |= {u["code"] for u in units if u["level"] == word.removeprefix("level:")}
        else:
            named |= {u["code"] for u in units if u["code"] == word}
    return sorted(named)


def is_below(world: World, unit: str, node: str) -> bool:
    """Whether a unit is the node or stands below it."""
    parents = {u["code"]: u.get("parent", "") for u in world["plan"]["org_units"]}
    while unit and unit != node:
        unit = parents.get(unit, "")
    return unit == node


def speakers(world: World, code: str, node: str) -> list[str]:
    """The units whose cells make a node's figure: the authority's are all, or the one of `figure_of`."""
    owing = reporters(world, code)
    if node != authority(world):
        return [unit for unit in owing if is_below(world, unit, node)]
    one = indicator_of(world, code).get("figure_of", "")
    return [one] if one else owing


# --- one unit over time -----------------------------------------------------------------------------------


def window_of(world: World, span: Span) -> tuple[int, int]:
    """The months of a target's span that lie behind the review."""
    return span[1], min(span[2], span_of(world["period"])[2])


def cells_of(world: World, code: str, unit: str, until: int) -> list[Row]:
    """A unit's cells of an indicator that end by a month, oldest first; of the indicator's own frequency."""
    frequency = indicator_of(world, code)["frequency"]
    found = []
    for cell in world["cells"]:
        kind, first, last = span_of(cell["period"])
        if (cell["unit"], cell["indicator"], kind) == (unit, code, frequency) and last <= until:
            found.append({**cell, "first": first, "last": last})
    return sorted(found, key=lambda cell: cell["last"])


def owed_months(world: World, code: str, window: tuple[int, int]) -> list[int]:
    """The last months of the periods owed by now: ended by the review's end and due by the as-of day."""
    length = MONTHS[indicator_of(world, code)["frequency"]]
    first = window[0] + (-window[0]) % length
    starts = range(first, window[1] - length + 2, length)
    return [s + length - 1 for s in starts if world["due"](written(s, length)) <= world["today"]]


def counted(cell: Row) -> Decimal:
    """What a cell counts in a sum: its number; nothing occurred and not started count as 0."""
    return (number(cell.get("value")) or Decimal(0)) if cell["state"] == "value" else Decimal(0)


def fraction(cell: Row) -> tuple[Decimal, Decimal]:
    """Numerator and denominator of a cell, none where nothing occurred or started."""
    if cell["state"] != "value":
        return Decimal(0), Decimal(0)
    return number(cell.get("numerator")) or Decimal(0), number(cell.get("denominator")) or Decimal(0)


def mean_rate(rates: list[Decimal], *, geometric: bool) -> Decimal:
    """The mean of yearly rates in percent."""
    if not geometric:
        return sum(rates, Decimal(0)) / len(rates)
    product = Decimal(1)
    for rate in rates:
        product *= 1 + rate / HUNDRED
    return (product ** (Decimal(1) / len(rates)) - 1) * HUNDRED


def used_cells(row: Row, cells: list[Row], start: int) -> list[Row]:
    """The counting cells that make a unit's figure to date over a span that starts in a month (SPEC §5).

    A flow adds what lies in the span, a rate is the mean over its years; anything else is the last value.
    Reading: that one may be older than the span (and makes the figure stale), and is dropped when the unit
    has since declared the indicator not applicable.
    """
    counting = [cell for cell in cells if cell["state"] in COUNTING]
    if row["accumulation"] == "flow":
        return [cell for cell in counting if cell["last"] >= start]
    if cells and cells[-1]["state"] == "not_applicable" and row["accumulation"] != "rate":
        return []
    if row["accumulation"] == "rate":
        by_year = {cell["last"] // 12: cell for cell in counting if cell["last"] >= start}
        return list(by_year.values())
    return counting[-1:]


def flags_of(row: Row) -> set[str]:
    """The declared flags of an indicator."""
    return {flag for flag in str(row.get("flags", "")).split(";") if flag}


def to_date(row: Row, used: list[Row]) -> Decimal:
    """A unit's value to date of the cells used."""
    if row["accumulation"] == "rate":
        return mean_rate([counted(cell) for cell in used], geometric="geometric" in flags_of(row))
    return sum((counted(cell) for cell in used), Decimal(0))


# --- many units -------------------------------------------------------------------------------------------


def aggregate(world: World, code: str, used: dict[str, list[Row]], until: int) -> Decimal | None:
    """The node's value of its units' used cells; None without a denominator or weights."""
    row = indicator_of(world, code)
    if row["aggregation"] == "ratio":
        parts = [fraction(cell) for own in used.values() for cell in own]
        below = sum((d for _, d in parts), Decimal(0))
        scale = number(row.get("scale")) or Decimal(1)
        return None if below == 0 else sum((n for n, _ in parts), Decimal(0)) / below * scale
    values = {unit: to_date(row, own) for unit, own in used.items()}
    if row["aggregation"] == "weighted_mean":
        weights = {unit: unit_weight(world, row["weight_indicator"], unit, until) for unit in values}
        total = sum((w for w in weights.values() if w is not None), Decimal(0))
        summed = sum((w * values[u] for u, w in weights.items() if w is not None), Decimal(0))
        return None if total == 0 else summed / total
    found = list(values.values())
    match row["aggregation"]:
        case "min" | "all":
            return min(found)
        case "max" | "any":
            return max(found)
        case "mean":
            return sum(found, Decimal(0)) / len(found)
        case "none" if len(found) > 1:
            return None
    return sum(found, Decimal(0))


def unit_weight(world: World, code: str, unit: str, until: int) -> Decimal | None:
    """The unit's last value of the weight indicator (a stock)."""
    used = used_cells(indicator_of(world, code), cells_of(world, code, unit, until), 0)
    return counted(used[-1]) if used else None


def count_met(world: World, code: str, units: Iterable[str]) -> Decimal | None:
    """How many units meet their own target; None when none of them can be assessed."""
    bands = [judge(world, code, unit)["band"] for unit in units]
    assessed = [band for band in bands if band in BANDS[:6]]
    return Decimal(sum(band in ("exceeded", "met") for band in bands)) if assessed else None


def figure(world: World, code: str, node: str, window: tuple[int, int]) -> Row:
    """What is known of a node's figure in a window: actual, expected, reported, flags, a band without figure.

    Readings: all who owe the indicator are expected, whether due yet or not; a unit that has answered for
    its last owed period, if only that it is not due, is not stale; where nobody has a value and all that was
    reported is not started, so is the figure (and partial), for `stalled` says that it was started.
    """
    row, units = indicator_of(world, code), speakers(world, code, node)
    every = {unit: cells_of(world, code, unit, window[1]) for unit in units}
    inside = {unit: [cell for cell in own if cell["last"] >= window[0]] for unit, own in every.items()}
    used = {unit: found for unit, own in every.items() if (found := used_cells(row, own, window[0]))}
    last_state = {unit: own[-1]["state"] for unit, own in inside.items() if own}
    spoke = {u for u, own in inside.items() if u in used and any(c["state"] in COUNTING for c in own)}
    valued = {u for u, own in inside.items() if any(c["state"] in COUNTING[:2] for c in own)}
    left_out = {u for u, s in last_state.items() if s in LEFT_OUT and u not in spoke}
    owed = owed_months(world, code, window)
    known = {
        "expected": len(units) - len(left_out), "reported": len(spoke), "flags": set(),
        "actual": None, "band": None, "valued": bool(valued),
        "month": max((c["last"] for u in used for c in every[u] if c["state"] in COUNTING[:2]), default=None),
    }  # fmt: skip
    if row["aggregation"] == "count_met" and node not in units:
        known["actual"] = count_met(world, code, units)
    elif used and len(units) == 1 and node != authority(world) and row["aggregation"] == "weighted_mean":
        (own,) = used.values()
        known["actual"] = to_date(row, own)  # one unit's own figure is itself, whatever it weighs
    elif used:
        known["actual"] = aggregate(world, code, used, window[1])
    if all(last_state.get(unit) == "not_applicable" for unit in units):  # and where nobody reports it
        return known | {"band": "not_applicable"}
    if units and left_out == set(units):
        return known | {"band": "not_due"}
    if not spoke:
        return known | {"band": "missing" if owed else "not_due"}
    if len(spoke) < known["expected"]:
        known["flags"].add("partial")
    if any(every[unit][-1]["last"] < max(owed, default=0) for unit in used):
        known["flags"].add("stale")
    if not valued:
        return known | {"band": "not_started", "attainment": Decimal(0), "actual": None}
    return known


# --- targets ----------------------------------------------------------------------------------------------


def target_of(world: World, code: str, node: str) -> Row | None:
    """The target judged against: of the kind asked, else the next longer, next shorter, else a later one.

    It holds the review's last month, unless there are only later ones.
    """
    names = {"", authority(world)} if node == authority(world) else {node}
    series = world.get("series", "assigned")
    rows = [
        {**row, "months": span_of(row["span"])}
        for row in world["plan"]["targets"]
        if row["indicator"] == code and row.get("unit", "") in names
        if (row.get("series", "") or "assigned") == series
    ]
    kind, _, end = span_of(world["period"])
    asked = KINDS.index({"own": kind, "year": "year", "term": "term"}[world["against"]])
    for wanted in [*KINDS[asked:], *reversed(KINDS[:asked])]:
        for row in sorted(rows, key=lambda row: int(row["months"][1])):
            if row["months"][0] == wanted and row["months"][1] <= end <= row["months"][2]:
                return row
    later = sorted((row for row in rows if row["months"][1] > end), key=lambda row: row["months"][1])
    return later[0] if later else None


def span_shown(world: World, code: str, target: Row | None) -> Span:
    """The span of the target; without one that of the authority's target, else the year's."""
    found = target or target_of(world, code, authority(world))
    year = span_of(world["period"])[2] // 12 * 12
    return found["months"] if found else ("year", year, year + 11)


# --- the twelve types -------------------------------------------------------------------------------------

Judged = tuple[Decimal | None, Decimal | None]  # attainment in percent and margin; None = cannot be said


def by_ratio(a: Decimal, t: Decimal) -> Judged:
    """100·A/T."""
    return (None if t == 0 else HUNDRED * a / t), a - t


def by_gap(a: Decimal, t: Decimal, b: Decimal | None, d: int) -> Judged:
    """The share of the way from baseline to target."""
    return (None if b is None or t == b else HUNDRED * (a - b) / (t - b)), d * (a - t)


def by_threshold(a: Decimal, t: Decimal, d: int) -> Judged:
    """A over T, or T over A where lower is better: then without bound at A = 0. Nothing of nothing is met."""
    if a == 0 and t == 0:
        return HUNDRED, Decimal(0)
    if d > 0:
        return (None if t == 0 else HUNDRED * a / t), a - t
    if a == 0:
        return Decimal("Infinity"), t
    return HUNDRED * t / a, t - a


def by_range(a: Decimal, low: Decimal, high: Decimal, *, corridor: bool) -> Judged:
    """Inside is 100; above is more, or a failure in a corridor."""
    if a < low and not same(a, low):
        return HUNDRED * a / low, a - low
    if a > high and not same(a, high):
        return (HUNDRED * high / a if corridor else HUNDRED * a / high), a - high
    return HUNDRED, Decimal(0)


def by_ceiling(a: Decimal, t: Decimal, cap: Decimal | None) -> Judged:
    """At or below T is 100; above it the cap says how fast it falls."""
    if a <= t or same(a, t):
        return HUNDRED, t - a
    room = max(abs(t), cap or Decimal(0))
    return (None if room == 0 else HUNDRED * max(Decimal(0), 1 - (a - t) / room)), t - a


def by_rank(a: Decimal, n: Decimal, b: Decimal | None) -> Judged:
    """A place among the first N is met; behind it the way from the baseline's place counts.

    Reading: a baseline already among the first N measures no way; then as without one.
    """
    if a <= n:
        return HUNDRED, n - a
    if b is None or b <= n:
        return HUNDRED * n / a, n - a
    return HUNDRED * max(Decimal(0), (b - a) / (b - n)), n - a


def rate_from_levels(a: Decimal, target: Row, month: int | None, *, points: bool) -> Decimal | None:
    """Growth per year in percent, or points reduced per year, since the baseline's year."""
    baseline, since = number(target.get("baseline")), number(target.get("baseline_year"))
    if baseline is None or since is None or month is None or month // 12 <= since:
        return None
    years = Decimal(month // 12) - since
    if points:
        return (baseline - a) / years
    if baseline <= 0 or a < 0:
        return None
    return ((a / baseline) ** (1 / years) - 1) * HUNDRED


def years_due(world: World, span: Span) -> list[int]:
    """The years of the span ended by the review's end."""
    start, end = window_of(world, span)
    return [y for y in range(start // 12, end // 12 + 1) if start <= y * 12 and y * 12 + 11 <= end]


def by_every_year(world: World, code: str, node: str, target: Row) -> Judged:
    """The share of the ended years in which the target was met; the margin is the worst year's."""
    years = years_due(world, target["months"])
    known = {y: figure(world, code, node, (y * 12, y * 12 + 11)) for y in years}
    found = {y: one["actual"] if one["valued"] else None for y, one in known.items()}
    aim = number(target["target"])
    assert aim is not None
    d = direction(indicator_of(world, code))
    margins = [d * (a - aim) for a in found.values() if a is not None]
    met = sum(a is not None and (d * (a - aim) >= 0 or same(a, aim)) for a in found.values())
    share = HUNDRED * met / len(years) if years else None
    return share, min(margins, default=None)


def by_milestone(world: World, code: str, node: str, target: Row, a: Decimal) -> Judged:
    """Done is 100, and keeps it when late; the margin counts the days from being done to the due date.

    Reading: while not done, and late, the days run until today.
    """
    percent = HUNDRED if a >= 1 else Decimal(0)
    if not target.get("due"):
        return percent, None
    due = date.fromisoformat(target["due"])
    if not percent:
        return percent, Decimal((due - world["today"]).days) if due < world["today"] else None
    since = {unit: done_since(world, code, unit) for unit in speakers(world, code, node)}
    months = [month for month in since.values() if month is not None]
    done = min(months) if indicator_of(world, code)["aggregation"] == "any" else max(months)
    return percent, Decimal((due - last_day(done)).days)


def done_since(world: World, code: str, unit: str) -> int | None:
    """The month at whose end the unit first said what it has said ever since: done."""
    since: int | None = None
    cells = cells_of(world, code, unit, span_of(world["period"])[2])
    for cell in cells:
        if cell["state"] in COUNTING:
            since = (since or cell["last"]) if counted(cell) >= 1 else None
    return None if cells and cells[-1]["state"] == "not_applicable" else since


def direction(row: Row) -> int:
    """+1 where higher is better, else −1."""
    return -1 if row.get("direction") == "down" else 1


def attain(world: World, code: str, node: str, target: Row, known: Row) -> tuple[Decimal | None, Judged]:
    """The figure shown, attainment and margin of an indicator that has a figure."""
    row, a, flags = indicator_of(world, code), known["actual"], flags_of(indicator_of(world, code))
    kind, t, b, d = row["type"], number(target.get("target")), number(target.get("baseline")), direction(row)
    if kind == "every_year":
        return a, by_every_year(world, code, node, target)
    if "from_levels" in flags and a is not None:
        a = rate_from_levels(a, target, known["month"], points=kind == "reduction")
    if a is None:
        return None, (None, None)
    if kind == "range":
        low, high = number(target["low"]), number(target["high"])
        assert low is not None
        assert high is not None
        return a, by_range(a, low, high, corridor="corridor" in flags)
    if kind == "rank":
        places = number(target["top_n"])
        assert places is not None
        return a, by_rank(a, places, b)
    if kind == "milestone":
        return a, by_milestone(world, code, node, target, a)
    if kind == "benchmark":
        other = judge(world, target["benchmark"], authority(world))["actual"]
        aim = None if other is None else other + (number(target.get("offset")) or 0)
        return a, ((None, None) if aim is None else by_ratio(a, aim))
    assert t is not None
    match kind:
        case "gap":
            return a, by_gap(a, t, b, d)
        case "threshold":
            return a, by_threshold(a, t, d)
        case "ceiling":
            return a, by_ceiling(a, t, number(target.get("cap")))
    return a, by_ratio(a, t)


# --- bands ------------------------------------------------------------------------------------------------


def band_of(world: World, percent: Decimal, elapsed: Decimal = Decimal(1)) -> str:
    """The band of an attainment: half-open, the lower bound in."""
    relative = world.get("relative", False)
    advancing = HUNDRED * elapsed if relative else Decimal(str(world.get("advancing", 60)))
    stalled = Decimal(str(world.get("stalled", 20)))
    if relative:  # the lower threshold keeps its proportion to the upper
        stalled *= advancing / Decimal(str(world.get("advancing", 60)))
    if same(percent, HUNDRED):
        return "met"
    for edge, band in ((HUNDRED, "exceeded"), (advancing, "advancing"), (stalled, "lagging")):
        if percent > edge or (same(percent, edge) and band != "exceeded"):
            return band
    return "stalled"


def threshold_band(
    world: World, attainment: Decimal | None, margin: Decimal, aim: Decimal, elapsed: Decimal
) -> str:
    """The band of a threshold: by its margin where that is met, else by its attainment, and below `met`.

    Reading: missed without a measure (T = 0) is stalled, not unassessable, which would hide it.
    """
    if same(margin + aim, aim):
        return "met"
    if margin > 0:
        return "exceeded"
    if attainment is None:
        return "stalled"
    found = band_of(world, attainment, elapsed)
    return "advancing" if found in ("exceeded", "met") else found


# --- an indicator at a node -------------------------------------------------------------------------------


def judge(world: World, code: str, node: str) -> Row:
    """An indicator's judgement at a node: actual, attainment, margin, band, flags, expected, reported."""
    row = indicator_of(world, code)
    empty = {"actual": None, "attainment": None, "margin": None, "flags": set(), "expected": 0, "reported": 0}
    if row.get("reported_by") == "nobody":
        return empty | {"band": "not_applicable"}
    if row["type"] in ("any_of", "all_of"):
        return empty | judge_branches(world, code, node)
    target = target_of(world, code, node)
    span = span_shown(world, code, target)
    source = str(row.get("reported_by", "")).partition("source:")[2]
    told = source or code
    if not speakers(world, told, node):
        return empty | {"band": "not_applicable"}
    known = empty | figure(world, told, node, window_of(world, span))
    if target and span[1] > span_of(world["period"])[2]:
        return known | {"band": "not_due"}
    if target and row["type"] in ("ratio", "rate", "reduction") and number(target["target"]) == 0:
        return known | {"band": "not_applicable"}
    if row["type"] == "every_year" and known["band"] != "not_applicable" and not years_due(world, span):
        return known | {"band": "not_due"}
    if known["band"]:
        return known
    if target is None:
        return known | {"band": "unassessable"}
    actual, (attainment, margin) = attain(world, code, node, target, known)
    known |= {"actual": actual, "attainment": attainment, "margin": margin}
    if row["type"] == "threshold" and margin is not None:
        aim = number(target["target"])
        assert aim is not None
        return known | {"band": threshold_band(world, attainment, margin, aim, elapsed(world, target))}
    band = "unassessable" if attainment is None else band_of(world, attainment, elapsed(world, target))
    return known | {"band": band}


def elapsed(world: World, target: Row) -> Decimal:
    """The share of the target's span that lies behind the review's end."""
    _, first, last = target["months"]
    return Decimal(min(span_of(world["period"])[2], last) - first + 1) / (last - first + 1)


def judge_branches(world: World, code: str, node: str) -> Row:
    """The better or the worse of the branches; a branch unknown leaves only a target already met."""
    rows = [r["branch"] for r in world["plan"]["branches"] if r["indicator"] == code]
    found = [(branch, judge(world, branch, node)) for branch in rows]
    applying = [(branch, one) for branch, one in found if one["band"] != "not_applicable"]
    bands = {one["band"] for _, one in applying} or {"not_applicable"}
    if len(bands) == 1 and bands <= set(BANDS[6:]):
        return {"band": bands.pop()}
    known = [(b, one) for b, one in applying if one["band"] in BANDS[:6]]
    best = indicator_of(world, code)["type"] == "any_of"
    if not known or (not best and len(known) < len(applying)):
        return {"band": "unassessable"}

    def percent(pair: tuple[str, Row]) -> Decimal:
        return pair[1]["attainment"] if pair[1]["attainment"] is not None else Decimal(0)

    decided_by, one = (max if best else min)(known, key=percent)
    if len(known) < len(applying) and one["band"] not in ("exceeded", "met"):
        return {"band": "unassessable"}
    return {key: one[key] for key in ("actual", "attainment", "margin", "band")} | {"decided_by": decided_by}


# --- rollup -----------------------------------------------------------------------------------------------


def programmes_of(world: World, row: Row) -> set[str]:
    """The programmes an indicator is used in: its own and its schemes'."""
    schemes = {s["code"]: s for s in world["plan"].get("schemes", [])}
    own = {code for code in str(row.get("programme", "")).split(";") if code}
    for scheme in (code for code in str(row.get("scheme", "")).split(";") if code):
        own |= {code for code in str(schemes[scheme]["programme"]).split(";") if code}
    return own


def counts(world: World, row: Row) -> bool:
    """Weights, benchmarks, branches and parts of a sum are not counted unless they say so."""
    plan = world["plan"]
    auxiliary = {r.get("weight_indicator", "") for r in plan["indicators"]}
    auxiliary |= {r.get("benchmark", "") for r in plan["targets"]} | {r["branch"] for r in plan["branches"]}
    silent = row["code"] in auxiliary or bool(row.get("part_of"))
    return bool(row.get("counts") == "yes" or (not row.get("counts") and not silent))


def rollup(world: World, level: str) -> dict[str, Row]:
    """Counts by band, n and index of each programme, of the term or of the resolution's indicators."""
    judged = {row["code"]: judge(world, row["code"], authority(world)) for row in world["plan"]["indicators"]}
    groups: dict[str, list[Row]] = {}
    for row in world["plan"]["indicators"]:
        if not counts(world, row):
            continue
        used_in = programmes_of(world, row)
        keys = {
            "programme": used_in,
            "term": {world["plan"]["term"][0]["code"]} if used_in else set(),
            "resolution": {"resolution"} if row.get("resolution") == "yes" else set(),
        }[level]
        for key in keys:
            groups.setdefault(key, []).append(row)
    return {key: summary(world, rows, judged) for key, rows in groups.items()}


def summary(world: World, rows: list[Row], judged: dict[str, Row]) -> Row:
    """The counts by band of some indicators, and the index over those that can be assessed."""
    counts = {band: sum(judged[row["code"]]["band"] == band for row in rows) for band in BANDS}
    assessed = [row for row in rows if judged[row["code"]]["band"] in BANDS[:6]]
    weights = {row["code"]: number(row.get("weight")) or Decimal(1) for row in rows}
    total = sum((weights[row["code"]] for row in assessed), Decimal(0))
    points = Decimal(0)
    for row in assessed:
        percent = judged[row["code"]]["attainment"] or Decimal(0)
        points += weights[row["code"]] * max(Decimal(0), min(percent, HUNDRED))
    return {"n": len(rows), **counts, "assessable": len(assessed), "index": points / total if total else None}

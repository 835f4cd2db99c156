"""The warehouse over time once more: plain Python, lists and loops, one figure at a time. SPEC §3–5.

A *world* is the list of all that was ever said, in the order in which it was recorded; nothing in it is changed. What
was known at an instant is the world without what was recorded after it, and every question is answered from the
beginning each time. Nothing here is fast, nothing is kept, and nothing of the product's own arithmetic is used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple

from tiendo.periods import Period

COUNTED = ("value", "none_occurred")  # cell states that are a figure
SAID = (*COUNTED, "not_started")  # and those that count as one: not started is 0
ACCEPTED_VERDICTS = ("accepted", "accepted_with_warnings")


@dataclass(frozen=True)
class Cell:
    """What a return says of one indicator; `top` and `bottom` of a ratio."""

    state: str = "value"
    number: Fraction | None = None
    top: Fraction | None = None
    bottom: Fraction | None = None
    status: str = "final"

    def part(self, name: str) -> Fraction | None:
        """The number, top or bottom as a figure: what did not occur or was not started is 0."""
        if self.state == "value":
            found: Fraction | None = getattr(self, name)
            return found
        return Fraction(0) if self.state in SAID else None


@dataclass(frozen=True)
class Indicator:
    """How an indicator's figures run over time and over units."""

    code: str
    frequency: str
    accumulation: str
    aggregation: str = "sum"
    is_geometric: bool = False
    weight: str = ""
    scale: int = 1

    @property
    def is_ratio(self) -> bool:
        """Whether it is reported as numerator and denominator."""
        return self.aggregation == "ratio"


@dataclass(frozen=True)
class Version:
    """One version of a unit's return for a period, with all it holds: what it said and what it kept."""

    unit: str
    period: str
    number: int
    verdict: str
    received_at: datetime
    recorded_at: datetime
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Decision:
    """What the office said of a version: accepted or returned."""

    unit: str
    period: str
    number: int
    act: str
    recorded_at: datetime


@dataclass(frozen=True)
class Act:
    """What the office said of a period: lock, unlock or waive; unit "" is every unit."""

    act: str
    period: str
    unit: str
    expires: date | None
    recorded_at: datetime


@dataclass(frozen=True)
class Dates:
    """When a unit's return for a period is owed, as civil dates, and the last instant that is in time.

    correct_by: the last instant for correcting what was sent back on a day. day_of: the civil date of an instant.
    """

    opens: date
    due: date
    locks: date
    due_at: datetime
    correct_by: Callable[[date], datetime]
    day_of: Callable[[datetime], date]


@dataclass(frozen=True)
class Reading:
    """Which facts a question takes: those recorded by an instant, only what is accepted, without estimates."""

    as_of: datetime | None = None
    accepted_only: bool = False
    needs_acceptance: bool = False
    estimates: bool = True


class Dated(NamedTuple):
    """A cell of the current version of a period that ends with a month (ordinal)."""

    month: int
    cell: Cell


@dataclass
class World:
    """All that was ever recorded."""

    versions: list[Version] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    # --- what is said

    def receive(
        self,
        unit: str,
        period: str,
        told: Mapping[str, Cell],
        missing: Sequence[str],
        verdict: str,
        received_at: datetime,
        recorded_at: datetime,
    ) -> Version:
        """A return comes in: the next version of it. A cell that is missing stays as the version before has it."""
        before = self.newest(unit, period)
        kept = {} if before is None else {c: before.cells[c] for c in missing if c in before.cells}
        number = 1 if before is None else before.number + 1
        version = Version(unit, period, number, verdict, received_at, recorded_at, kept | dict(told))
        self.versions.append(version)
        return version

    def correct(self, unit: str, period: str, indicator: str, now: Cell, at: datetime) -> Version:
        """The office corrects one cell of the newest version: a version like it, but for that cell.

        What the office had said of the one before it is said of this one too.
        """
        before = self.newest(unit, period)
        assert before is not None
        cells = {**before.cells, indicator: now}
        version = Version(unit, period, before.number + 1, before.verdict, at, at, cells)
        self.versions.append(version)
        if word := self.decided(before):
            self.decisions.append(Decision(unit, period, version.number, word, at))
        return version

    def newest(self, unit: str, period: str) -> Version | None:
        """The last version recorded of a unit's return."""
        of = [v for v in self.versions if (v.unit, v.period) == (unit, period)]
        return of[-1] if of else None

    # --- what is known

    def known(self, as_of: datetime | None) -> "World":
        """The world as it was at an instant."""
        if as_of is None:
            return self
        return World(
            [v for v in self.versions if v.recorded_at <= as_of],
            [d for d in self.decisions if d.recorded_at <= as_of],
            [a for a in self.acts if a.recorded_at <= as_of],
        )

    def decided(self, version: Version) -> str:
        """The office's last word on a version, "" where it has said none."""
        key = (version.unit, version.period, version.number)
        said = [d.act for d in self.decisions if (d.unit, d.period, d.number) == key]
        return said[-1] if said else ""

    def taken(self, reading: Reading) -> "Returns":
        """The returns that a reading takes: of each unit and period the newest version of those that count in it."""
        known = self.known(reading.as_of)
        return {(v.unit, v.period): v for v in known.versions if known._counts(v, reading)}

    def _counts(self, version: Version, reading: Reading) -> bool:
        if not reading.accepted_only:
            return True
        word = self.decided(version)
        return word == "accepted" if reading.needs_acceptance else word != "returned"


Returns = Mapping[tuple[str, str], Version]


def cells_of(
    returns: Returns, unit: str, indicator: Indicator, end: int, estimates: bool = True
) -> list[Dated]:
    """A unit's cells of an indicator in the periods that end by a month, oldest first; with or without estimates."""
    found = []
    for (owner, text), version in returns.items():
        period, cell = Period.parse(text), version.cells.get(indicator.code)
        if (
            owner == unit
            and cell is not None
            and period.kind == indicator.frequency
            and period.last_month <= end
        ):
            found.append(Dated(period.last_month, cell))
    kept = [each for each in found if estimates or each.cell.status != "estimate"]
    return sorted(kept, key=lambda each: each.month)


# --- one unit's figure to date -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A target's span: its kind and its first month (ordinal)."""

    kind: str
    start: int


def figure_to_date(
    indicator: Indicator, cells: Sequence[Dated], span: Span, part: str = "number"
) -> float | None:
    """A unit's figure to date over a span by the indicator's accumulation; None where there is none."""
    said = [each for each in cells if each.cell.state in SAID]
    within = [each for each in said if each.month >= span.start]
    if indicator.accumulation == "flow":
        parts = [each.cell.part(part) for each in within]
        return float(sum(x for x in parts if x is not None)) if within else None
    if indicator.accumulation == "rate":
        if not within:
            return None
        if span.kind != "term":
            return as_float(within[-1].cell.part(part))
        return mean_rate(within, indicator.is_geometric)
    if not said or cells[-1].cell.state == "not_applicable":
        return None
    return as_float(said[-1].cell.part(part))


def mean_rate(cells: Sequence[Dated], is_geometric: bool) -> float | None:
    """The mean of the yearly rates: one a calendar year, the last that was reported."""
    of_year: dict[int, Fraction] = {}
    for month, cell in cells:
        rate = cell.part("number")
        assert rate is not None
        of_year[month // 12] = rate
    if not is_geometric:
        return float(sum(of_year.values()) / len(of_year))
    product = 1.0
    for rate in of_year.values():
        product *= 1 + float(rate) / 100
    return (product ** (1 / len(of_year)) - 1) * 100


def as_float(number: Fraction | None) -> float | None:
    """A number as the warehouse gives it."""
    return None if number is None else float(number)


@dataclass(frozen=True)
class Unit:
    """What one unit adds to a node's figure."""

    figure: float | None
    top: float | None
    bottom: float | None
    is_known: bool
    marks: Mapping[str, bool]
    last_valued: int | None


def unit_figure(indicator: Indicator, cells: Sequence[Dated], span: Span) -> Unit:
    """One unit's figure to date of its cells, and what must be known of it."""
    figure, top, bottom = (
        figure_to_date(indicator, cells, span, part) for part in ("number", "top", "bottom")
    )
    is_known = (bottom if indicator.is_ratio else figure) is not None
    valued = [each.month for each in cells if each.cell.state in COUNTED]
    marks = marks_of(indicator, cells, span, is_known)
    return Unit(figure, top, bottom, is_known, marks, valued[-1] if valued else None)


def marks_of(indicator: Indicator, cells: Sequence[Dated], span: Span, is_known: bool) -> dict[str, bool]:
    """What a unit counts as within a span: valued, reported, declared not to apply, left out, estimated, …"""
    within = [each for each in cells if each.month >= span.start]
    said = [each for each in within if each.cell.state in SAID]
    last = within[-1].cell.state if within else ""
    declines = last == "not_applicable"
    every = [each for each in cells if each.cell.state in SAID]
    # Of a last figure its own status; of a sum or a mean, that of anything that went into it.
    is_last = indicator.accumulation not in ("flow", "rate") or (
        indicator.accumulation == "rate" and span.kind != "term"
    )
    used = [each.cell.status for each in (every[-1:] if is_last else said)]
    return {
        "valued": any(each.cell.state in COUNTED for each in within),
        "reported": bool(said) and (is_known or not declines),
        "not_applicable": declines,
        "left_out": (declines and not is_known) or (last == "not_due" and not said),
        "estimates": is_known and "estimate" in used,
        "preliminary": is_known and "preliminary" in used,
    }


# --- a node's figure -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A node's figure to date, and the number of its units with each mark."""

    actual: float | None
    counts: Mapping[str, int]


def node_figure(
    returns: Returns,
    indicators: Mapping[str, Indicator],
    code: str,
    units: Sequence[str],
    ends: Mapping[str, int],
    span: Span,
    estimates: bool = True,
) -> Figure:
    """The figure of a node over its units; `ends`: the last month of the closing of each frequency.

    A node of one unit is that unit, and shows its own figure.
    """
    indicator = indicators[code]
    found, weights = [], []
    for unit in units:
        cells = cells_of(returns, unit, indicator, ends[indicator.frequency], estimates)
        found.append(unit_figure(indicator, cells, span))
        weights.append(_weight(returns, indicators.get(indicator.weight), unit, ends, estimates))
    marks = ("valued", "reported", "not_applicable", "left_out", "estimates", "preliminary")
    counts = {mark: sum(each.marks[mark] for each in found) for mark in marks}
    counts["known"] = sum(each.is_known for each in found)
    counts["latest"] = max((each.last_valued or 0 for each in found if each.is_known), default=0)
    return Figure(over_units(indicator, found, weights), counts)


def _weight(
    returns: Returns, by: Indicator | None, unit: str, ends: Mapping[str, int], estimates: bool
) -> float | None:
    if by is None:
        return None
    end = ends[by.frequency]
    return figure_to_date(by, cells_of(returns, unit, by, end, estimates), Span("year", end // 12 * 12))


def over_units(indicator: Indicator, found: Sequence[Unit], weights: Sequence[float | None]) -> float | None:
    """The units' figures to date made into one by the indicator's aggregation."""
    figures = [each.figure for each in found if each.figure is not None]
    if indicator.is_ratio:
        top = sum(each.top for each in found if each.top is not None)
        bottom = sum(each.bottom for each in found if each.bottom is not None)
        return top / bottom * indicator.scale if bottom else None
    if not figures:
        return None
    if indicator.aggregation == "weighted_mean" and len(found) > 1:
        both = [
            (each.figure, weight)
            for each, weight in zip(found, weights, strict=True)
            if each.figure is not None and weight is not None
        ]
        whole = sum(weight for _, weight in both)
        return sum(figure * weight for figure, weight in both) / whole if whole else None
    if indicator.aggregation == "mean":
        return sum(figures) / len(figures)
    return {"sum": sum, "weighted_mean": sum, "min": min, "max": max}[indicator.aggregation](figures)


# --- obligations ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Obligation:
    """How a unit's return for a period stands at the end of a day."""

    state: str
    received_at: datetime | None
    version: int | None


def obligation(
    world: World,
    unit: str,
    period: str,
    dates: Dates,
    today: date,
    ends_at: datetime,
    needs_acceptance: bool = False,
) -> Obligation:
    """The state of an obligation on a day that ends at an instant. SPEC §3."""
    waiver = _standing(world, ("waive",), unit, period, today, ends_at)
    locking = _standing(world, ("lock", "unlock"), unit, period, today, ends_at)
    seen = [v for v in world.versions if (v.unit, v.period) == (unit, period) and v.received_at <= ends_at]
    waiting = "waived" if waiver else _waiting(dates, today, locking)
    if not seen:
        return Obligation(waiting, None, None)
    words = [_word(world, version, needs_acceptance) for version in seen]
    good = [version for version, word in zip(seen, words, strict=True) if word == "accepted"]
    first, last = seen[0], seen[-1]
    is_timely, correct_by = first.received_at <= dates.due_at, _correct_by(world, seen, dates)
    if good and world.decided(last) != "returned":
        on_time = good[0].received_at <= dates.due_at or (is_timely and good[0].received_at <= correct_by)
        return Obligation(
            "accepted_on_time" if on_time else "accepted_late", good[0].received_at, last.number
        )
    if words[-1] == "submitted":
        return Obligation("submitted", last.received_at, last.number)
    is_over = today > dates.due and (not is_timely or today > dates.day_of(correct_by))
    is_owed_again = is_over or bool(waiver)
    return Obligation(waiting if is_owed_again else "returned", last.received_at, last.number)


def _correct_by(world: World, seen: Sequence[Version], dates: Dates) -> datetime:
    """Until when what came in time and was sent back may be corrected: counted from its due day.

    What the office itself sent back after that day, from the day on which it last did.
    """
    until = [dates.correct_by(dates.due)]
    for version in seen:
        key = (version.unit, version.period, version.number)
        said = [each for each in world.decisions if (each.unit, each.period, each.number) == key]
        if said and said[-1].act == "returned":
            until.append(dates.correct_by(dates.day_of(said[-1].recorded_at)))
    return max(until)


def _standing(
    world: World, kinds: Sequence[str], unit: str, period: str, today: date, ends_at: datetime
) -> str:
    """The last act of some kinds, on a unit or on all of them, that was made by then and holds on the day; else ""."""
    word = ""
    for each in world.acts:
        concerns = each.act in kinds and each.period == period and each.unit in (unit, "")
        holds = each.expires is None or today <= each.expires
        if concerns and holds and each.recorded_at <= ends_at:
            word = each.act
    return word


def _waiting(dates: Dates, today: date, locking: str) -> str:
    if locking == "lock" or (today > dates.locks and locking != "unlock"):
        return "locked_missing"
    if today < dates.opens:
        return "not_open"
    if today <= dates.due:
        return "open"
    return "overdue"


def _word(world: World, version: Version, needs_acceptance: bool) -> str:
    """Whether a version is accepted, returned or waits for the office's word."""
    decided = world.decided(version)
    if decided == "returned" or version.verdict not in ACCEPTED_VERDICTS:
        return "returned"
    return "submitted" if needs_acceptance and decided != "accepted" else "accepted"

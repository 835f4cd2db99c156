"""A plan: its tables, typed and checked, and what follows from them."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tiendo.errors import InputError, PlanError
from tiendo.periods import Period
from tiendo.plan_checks import check_meaning
from tiendo.plan_reading import check_names, check_references, no_problems, typed_table
from tiendo.plan_tables import TABLES
from tiendo.reporters import TIER
from tiendo.succession import code_of, links_of, step_of, unit_keys

NOBODY = "nobody"
SOURCE = "source:"
BRANCHED = ("any_of", "all_of")


@dataclass(frozen=True)
class Term:
    """The five-year plan period of one authority."""

    code: str
    name: str
    authority: str
    starts: date
    ends: date

    @property
    def span(self) -> Period:
        """The term as a span of years."""
        return Period("term", self.starts.year, self.ends.year)

    def require(self, period: Period) -> None:
        """Raises InputError unless the period ends within the term: a slip in a year must not make a report."""
        if not self.span.first_month <= period.last_month <= self.span.last_month:
            raise InputError(f"kỳ {period} nằm ngoài nhiệm kỳ {self.span} của kế hoạch; xem lại năm của kỳ")


@dataclass(frozen=True)
class Plan:
    """All tables of a plan, each typed as `plan_tables` says, with `row`, the row it stood in."""

    tables: Mapping[str, pd.DataFrame]

    @cached_property
    def term(self) -> Term:
        """The plan's term."""
        first = self.tables["term"].iloc[0]
        return Term(first.code, first["name"], first.authority, first.starts.date(), first.ends.date())

    @cached_property
    def units(self) -> pd.DataFrame:
        """Table org_units with `key`, by which one unit is told from another of the same code (`succession`)."""
        units = self.tables["org_units"]
        return units.assign(key=unit_keys(units, self.tables["succession"]))

    @cached_property
    def links(self) -> pd.DataFrame:
        """Which unit became which (`succession.LINK_COLUMNS`)."""
        return links_of(self.units, self.tables["succession"])

    @property
    def targets(self) -> pd.DataFrame:
        """Table targets."""
        return self.tables["targets"]

    @property
    def responsibilities(self) -> pd.DataFrame:
        """Table responsibilities."""
        return self.tables["responsibilities"]

    @property
    def officers(self) -> pd.DataFrame:
        """Table officers."""
        return self.tables["officers"]

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Table indicators, indexed by code, with what follows from the other tables:

        counted (bool: enters the counts unless the counting level says otherwise), has_components,
        is_heading (a main indicator without a figure of its own), programmes and schemes (`;`-joined,
        a scheme's programmes included), lead (its own lead agency or its scheme's), source (the code its
        figure is taken from), nobody (bool: nothing reports it), is_reported (bool: units report it, it is
        neither taken from another, nor decided by branches or components).
        """
        frame = self.tables["indicators"].set_index("code", drop=False).rename_axis(None)
        schemes = self.tables["schemes"].set_index("code")
        sources = frame.reported_by.where(frame.reported_by.str.startswith(SOURCE), "").str.removeprefix(
            SOURCE
        )
        nobody = frame.reported_by == NOBODY
        has_components = frame.code.isin(frame.parent[frame.parent != ""])
        targeted = frame.code.isin(self.targets.indicator) | frame.type.isin(BRANCHED)
        auxiliary = frame.code.isin(self._auxiliary_codes) | (frame.part_of != "")
        is_heading = has_components & (nobody | ~targeted)
        # A heading, or what its branches decide, is asked of nobody: `tier` is only what an empty cell means.
        is_derived = frame.type.isin(BRANCHED) | (is_heading & (frame.reported_by == TIER))
        return frame.assign(
            counted=(frame.counts == "yes") | ((frame.counts == "") & ~auxiliary),
            has_components=has_components,
            is_heading=is_heading,
            is_reported=~nobody & (sources == "") & ~is_derived,
            programmes=_with_those_of(frame.programme, frame.scheme, schemes.programme),
            schemes=frame.scheme,
            lead=frame.lead_agency.where(
                frame.lead_agency != "", _first_of(frame.scheme, schemes.lead_agency)
            ),
            source=sources,
            nobody=nobody,
        )

    @cached_property
    def _auxiliary_codes(self) -> set[str]:
        indicators = self.tables["indicators"]
        return (
            set(indicators.weight_indicator)
            | set(self.targets.benchmark)
            | set(self.tables["branches"].branch)
        ) - {""}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content; the order of columns and the files' row numbers do not enter."""
        content = hashlib.sha256()
        for name, table in TABLES.items():
            frame = self.tables[name][table.names]
            content.update(name.encode())
            content.update(frame.to_csv(index=False, float_format="%.17g", date_format="%Y-%m-%d").encode())
        return content.hexdigest()

    def units_on(self, day: date) -> pd.DataFrame:
        """The units valid on a day, one row a code, indexed by code."""
        return units_on(self.units, day)

    def step_to(self, day: date) -> pd.DataFrame:
        """Which units have become which by a day: predecessor, successor (keys), share (see `succession.step_of`)."""
        return step_of(self.links[self.links.date <= pd.Timestamp(day)])

    def heirs_on(self, day: date) -> dict[str, list[str]]:
        """Code of a unit that others came after → the codes of those who stand for it on a day."""
        if self.links.empty:
            return {}
        steps = self.step_to(day)
        pairs = pd.DataFrame({"old": steps.predecessor.map(code_of), "new": steps.successor.map(code_of)})
        pairs = pairs[pairs.old != pairs.new].drop_duplicates()
        return {str(old): new.tolist() for old, new in pairs.groupby("old", sort=False).new}

    def unit_name(self, code: str, day: date | None = None) -> str:
        """A unit's name on a day (by default at the term's end, else as last known)."""
        on = day or self.term.ends
        if on not in self._names:
            last_known = self.units.drop_duplicates("code", keep="last").set_index("code")["name"]
            self._names[on] = last_known.to_dict() | self.units_on(on)["name"].to_dict()
        return self._names[on].get(code, code)

    @cached_property
    def _names(self) -> dict[date, dict[str, str]]:
        """Day → code → name, of the days that were asked for."""
        return {}


def units_on(units: pd.DataFrame, day: date) -> pd.DataFrame:
    """The rows of org_units valid on a day, indexed by code."""
    at = pd.Timestamp(day)
    valid = ~(units.valid_from > at) & ~(units.valid_to < at)
    return units[valid].drop_duplicates("code", keep="last").set_index("code", drop=False).rename_axis(None)


def _with_those_of(own: pd.Series, schemes: pd.Series, programme_of: pd.Series) -> pd.Series:
    """Own programmes and those of the schemes, joined by `;` without repeating one."""

    def joined(codes: str, scheme_codes: str) -> str:
        every = codes.split(";") + [
            programme
            for scheme in scheme_codes.split(";")
            for programme in str(programme_of.get(scheme, "")).split(";")
        ]
        return ";".join(dict.fromkeys(code for code in every if code))

    return pd.Series([joined(*both) for both in zip(own, schemes, strict=True)], index=own.index, dtype="str")


def _first_of(schemes: pd.Series, lead_of: pd.Series) -> pd.Series:
    return schemes.str.split(";").str[0].map(lead_of.to_dict()).astype("str").fillna("")


def read_plan(raw: Mapping[str, pd.DataFrame]) -> Plan:
    """The plan made of raw tables (name → columns of text).

    Raises PlanError with every problem found: table, row, column, what is wrong, what would be right.
    """
    tables, found = {}, check_names(raw)
    misnamed = pd.concat([no_problems(), *found])
    for name in TABLES:
        tables[name], bad = typed_table(name, raw.get(name))
        found += [each[~each.column.isin(misnamed.column[misnamed.table == name])] for each in bad]
    unknown = set(misnamed.table)
    found += [each for each in check_references(tables) if unknown.isdisjoint(each.table)]
    told = pd.concat([no_problems(), *found])
    if unknown.isdisjoint(TABLES) and "term" not in set(told.table):
        found += _contradictions(tables, told)
    if any(len(each) for each in found):
        raise PlanError(pd.concat(found))
    return Plan(tables)


# Tables whose rows nothing else names: those with a problem are left out of what is asked of all together.
_LEAVES = ("targets", "branches", "stages", "rules", "responsibilities", "deadlines", "rounds", "succession")


def _contradictions(tables: Mapping[str, pd.DataFrame], told: pd.DataFrame) -> list[pd.DataFrame]:
    """What does not make sense among the rows that can be read; a row with a problem has been told of already."""
    wrong = {str(name): set(rows.row) for name, rows in told.groupby("table")}
    sound = {}
    for name, table in tables.items():
        once = table.drop_duplicates(list(TABLES[name].key)) if TABLES[name].key else table
        sound[name] = once[~once.row.isin(wrong.get(name, set()))] if name in _LEAVES else once
    return [each[~each.row.isin(wrong.get(str(each.table.iloc[0]), set()))] for each in check_meaning(sound)]


DIFFERENCE_COLUMNS = ["table", "code", "change", "column", "before", "after"]


def plan_differences(old: Plan, new: Plan) -> pd.DataFrame:
    """What changed from one plan to the next: table, code, change (added, removed, changed), column, before, after."""
    rows = [row for name in TABLES for row in _table_differences(name, old.tables[name], new.tables[name])]
    return pd.DataFrame(rows, columns=DIFFERENCE_COLUMNS, dtype=object)


def row_codes(name: str, frame: pd.DataFrame) -> pd.Series:
    """What names each row of a plan table: its key, what is empty left out (`CHE · 080 · 2013 · assigned`)."""
    key = [
        _as_written(frame[each.name], each.kind)
        for each in TABLES[name].columns
        if each.name in TABLES[name].key
    ]
    rows = zip(*key, strict=True)
    return pd.Series([" · ".join(filter(None, row)) for row in rows], index=frame.index, dtype="str")


def _as_written(column: pd.Series, kind: str) -> list[str]:
    """A typed column as its cells are written in the plan's files."""
    if kind in ("number", "integer"):
        shortest = np.format_float_positional
        return ["" if absent else shortest(cell, trim="-") for cell, absent in _cells(column.astype(float))]
    if kind == "date":
        return ["" if absent else f"{day:%Y-%m-%d}" for day, absent in _cells(column)]
    if kind == "yes_no":
        return ["yes" if cell else "no" for cell in column]
    return list(column.astype(str).fillna(""))


def _cells(column: pd.Series) -> Iterator[tuple[Any, bool]]:
    return zip(column, column.isna(), strict=True)


def _table_differences(name: str, old: pd.DataFrame, new: pd.DataFrame) -> list[tuple[Any, ...]]:
    table = TABLES[name]
    before, after = (_as_text(frame, name) for frame in (old, new))
    rows: list[tuple[Any, ...]] = [
        (name, key, "removed", "", "", "") for key in before.index.difference(after.index)
    ]
    rows += [(name, key, "added", "", "", "") for key in after.index.difference(before.index)]
    both = before.index.intersection(after.index)
    left, right = before.loc[both], after.loc[both]
    for column in table.names:
        moved = left[column] != right[column]
        rows += [
            (name, key, "changed", column, left.at[key, column], right.at[key, column]) for key in both[moved]
        ]
    return rows


def _as_text(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = {each.name: _as_written(frame[each.name], each.kind) for each in TABLES[name].columns}
    return pd.DataFrame(columns, index=pd.Index(row_codes(name, frame)), dtype="str")

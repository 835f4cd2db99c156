"""Who is told: officers and their responsibilities on one day, unit by unit and indicator by indicator."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from tiendo.plan import Plan


@dataclass(frozen=True)
class Recipient:
    """One person or, where a unit has nobody, the unit itself; `channels` as the plan names them."""

    code: str
    name: str
    email: str = ""
    phone: str = ""
    channels: tuple[str, ...] = ()
    locale: str = ""


@dataclass(frozen=True)
class Directory:
    """The officers of a plan and what they answer for on a day (`valid_to` is the last day)."""

    plan: Plan
    day: date

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(self.plan.units_on(self.day)["name"])

    def unit_name(self, unit: str) -> str:
        """A unit's name on the day, else as last known."""
        return self._names.get(unit) or self.plan.unit_name(unit, self.day)

    @cached_property
    def people(self) -> dict[str, Recipient]:
        """Every officer by code."""
        rows = self.plan.tables["officers"].to_dict("records")
        return {row["code"]: _recipient(row) for row in rows}

    @cached_property
    def _duties(self) -> pd.DataFrame:
        """officer, role, scope, code of the responsibilities valid on the day; unit, the officer's own."""
        duties, at = self.plan.tables["responsibilities"], pd.Timestamp(self.day)
        valid = ~(duties.valid_from > at) & ~(duties.valid_to < at)
        own = self.plan.tables["officers"][["code", "unit"]].rename(columns={"code": "officer"})
        return duties[valid].merge(own, on="officer", how="left")

    @cached_property
    def _by_unit(self) -> dict[tuple[str, str], list[str]]:
        """Officers by role and unit; without a responsibility an officer reports for their own unit."""
        duties, officers = self._duties, self.plan.tables["officers"]
        # A reporter of a scheme or an indicator reports it for the unit they sit in.
        unit = duties.code.where(duties.scope == "unit", duties.unit)
        free = officers[~officers.code.isin(duties.officer) & (officers.unit != "")]
        told = pd.concat(
            [
                pd.DataFrame({"role": duties.role, "unit": unit, "officer": duties.officer}),
                pd.DataFrame({"role": "reporter", "unit": free.unit, "officer": free.code}),
            ]
        )
        groups = told.drop_duplicates().groupby(["role", "unit"], sort=False).officer
        return {(str(role), str(code)): officers.tolist() for (role, code), officers in groups}

    def reporters(self, unit: str) -> tuple[Recipient, ...]:
        """Those who report for a unit, or for those who came after it when it is gone; its heads if nobody does; the
        unit itself if it has no officer.
        """
        return self._with_role("reporter", unit) or self.heads(unit) or self._nobody(unit)

    def heads(self, unit: str) -> tuple[Recipient, ...]:
        """The heads of a unit, or of those who came after it; none where the plan names none."""
        return self._with_role("head", unit)

    def _with_role(self, role: str, unit: str) -> tuple[Recipient, ...]:
        heirs = () if unit in self._names else self._heirs.get(unit, ())
        return self._of(code for each in (unit, *heirs) for code in self._by_unit.get((role, each), []))

    @cached_property
    def _heirs(self) -> dict[str, list[str]]:
        return self.plan.heirs_on(self.day)

    def answerable(self, unit: str) -> tuple[Recipient, ...]:
        """Those who report for a unit, and its heads; the unit itself if it has no officer."""
        return tuple(dict.fromkeys((*self.reporters(unit), *self.heads(unit))))

    def leaders(self, indicator: str) -> tuple[Recipient, ...]:
        """Its leaders: of the indicator itself or its schemes, else of its programmes, else of the term."""
        row = self.plan.indicators.loc[indicator]
        nearest = [("indicator", [indicator]), ("scheme", row.schemes.split(";"))]
        wider = [("programme", row.programmes.split(";")), ("term", [self.plan.term.code])]
        own = [officer for scope, codes in nearest for officer in self._leaders_of(scope, codes)]
        others = (self._leaders_of(scope, codes) for scope, codes in wider)
        return self._of(own or next(filter(None, others), []))

    def agency(self, unit: str) -> tuple[Recipient, ...]:
        """The officers of a lead agency: its heads and those who report for it; none for no agency."""
        if not unit:
            return ()
        return self._of([each.code for each in self.heads(unit)] + self._by_unit.get(("reporter", unit), []))

    @cached_property
    def office(self) -> tuple[Recipient, ...]:
        """Those who review: the reviewers, else the authority's own officers, else the authority itself."""
        duties, officers, authority = self._duties, self.plan.tables["officers"], self.plan.term.authority
        reviewers = duties.officer[duties.role == "reviewer"].tolist()
        own = officers.code[officers.unit == authority].tolist()
        return self._of(reviewers) or self._of(own) or self._nobody(authority)

    @cached_property
    def informed(self) -> tuple[Recipient, ...]:
        """Those who are told that a review is out: everybody who leads something, and the office."""
        leaders = self._duties.officer[self._duties.role == "leader"]
        return tuple(dict.fromkeys((*self._of(leaders), *self.office)))

    def _leaders_of(self, scope: str, codes: Iterable[str]) -> list[str]:
        leaders = self._duties[(self._duties.role == "leader") & (self._duties.scope == scope)]
        return leaders.officer[leaders.code.isin(list(codes))].tolist()

    def _of(self, officers: Iterable[str]) -> tuple[Recipient, ...]:
        return tuple(self.people[code] for code in dict.fromkeys(officers))

    def _nobody(self, unit: str) -> tuple[Recipient, ...]:
        return (Recipient(unit, self.unit_name(unit)),)


def _recipient(row: Mapping[Hashable, str]) -> Recipient:
    channels = tuple(name for name in row["channels"].split(";") if name)
    name = f"{row['title']} {row['name']}" if row["title"] else row["name"]
    return Recipient(row["code"], name, row["email"], row["phone"], channels, row["locale"])

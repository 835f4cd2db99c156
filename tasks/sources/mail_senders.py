"""Who may send a return by mail, and for which unit: the officers that the plan has report for units."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from tasks.post.recipients import Directory
from tiendo.plan import Plan

# As messages write it at the end of their subject: [BC:2026-Q3:082], or [BC:082] where no period is known.
_REFERENCE = re.compile(r"\[BC:(?:[^\[\]:]*:)?(?P<unit>[^\[\]:]+)\]")

# As the workbooks are called that go out to a unit, and those that go back to it.
FORMS = ("Mau", "CanSua")

Units = tuple[str, ...]


def units_by_address(plan: Plan, day: date) -> dict[str, Units]:
    """Address in lower case → codes of the units that its owner reports for or heads on a day, in order."""
    directory = Directory(plan, day)
    pairs = {
        (person.email.strip().casefold(), str(unit))
        for unit in plan.units_on(day).index
        for person in (*directory.reporters(str(unit)), *directory.heads(str(unit)))
        if person.email.strip()
    }
    served: dict[str, list[str]] = {}
    for address, unit in sorted(pairs):
        served.setdefault(address, []).append(unit)
    return {address: tuple(units) for address, units in served.items()}


def unit_meant(units: Units, subject: str, name: str) -> str:
    """For which of the units that somebody serves a file is: as its name says, else the subject's reference, else
    the first. One answer may carry the forms of two units."""
    referred = {found["unit"] for found in _REFERENCE.finditer(subject)}
    return _first(units, _named(units, name)) or _first(units, referred) or units[0]


def _first(units: Units, chosen: Iterable[str]) -> str:
    return next((unit for unit in units if unit in set(chosen)), "")


def _named(units: Units, name: str) -> list[str]:
    return [unit for unit in units for form in FORMS if f"{form}_{unit}_".casefold() in name.casefold()]


def served_by(address: str, served: Mapping[str, Units]) -> Units:
    """The units that an address may send for; none if it is not on the list."""
    return served.get(address.casefold(), ())

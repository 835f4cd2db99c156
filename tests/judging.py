"""Small provinces as tables: a plan in a few words, returns put straight into a warehouse, judged end to end."""

import itertools
import re
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tiendo.bands import BandRules
from tiendo.calendars import Calendar
from tiendo.course import course_of
from tiendo.evidence import judged
from tiendo.history import KEPT_COLUMNS, with_history
from tiendo.inheritance import with_inherited_targets
from tiendo.measures import Moment
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan, read_plan
from warehouse.bulk import insert_frame, next_id
from warehouse.connecting import open_warehouse, reckoning, writing
from warehouse.differing import Reading
from warehouse.figures import figures, keep_figures, kept_figures
from warehouse.readings import known_by
from warehouse.schema import metadata, plan_version, receipt, submission, value
from warehouse.standing import carry_forward, forget

Row = dict[str, Any]
Raw = dict[str, list[Row]]

CALENDAR = Calendar(name="gregorian", due_days=10)
LATER = date(2030, 1, 1)  # long after every due date
RULES = BandRules()
# Columns that only a review with its past has.
OF_HISTORY = ("first_met", "previous", "same_period", "pace", "forecast", "needed")
STATES = ("none_occurred", "not_started", "not_due", "not_applicable")
NOW = datetime(2026, 1, 1, tzinfo=UTC)

# P is the authority; A and B lie in the region R, C directly below P; S is an agency.
UNITS = """code,name,level,parent,reports
P,Tỉnh,province,,no
R,Vùng,region,P,no
A,Huyện A,district,R,yes
B,Huyện B,district,R,yes
C,Huyện C,district,P,yes
S,Sở,agency,P,no"""

INDICATOR = {
    "name": "chỉ tiêu",
    "unit": "ha",
    "programme": "CT1",
    "frequency": "quarter",
    "accumulation": "stock",
    "aggregation": "sum",
    "type": "ratio",
}


def rows(text: str) -> list[Row]:
    """The rows of a CSV text."""
    head, *lines = [line.split(",") for line in text.strip().splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


def words(text: str) -> Row:
    """`span=2013 target=5` as a dictionary."""
    return dict(word.split("=", 1) for word in text.split())


def province(**tables: list[Row] | str) -> Raw:
    """The raw plan of the province, its term 2011–2015; further tables as rows or CSV."""
    given: Raw = {name: rows(t) if isinstance(t, str) else t for name, t in tables.items()}
    return {
        "term": rows("code,name,authority,starts,ends\nNK,Nhiệm kỳ,P,2011-01-01,2015-12-31"),
        "org_units": rows(UNITS),
        "programmes": rows("code,name\nCT1,Chương trình 1\nCT2,Chương trình 2"),
        "indicators": [],
        "targets": [],
    } | given


def frames(raw: Mapping[str, list[Row]]) -> dict[str, pd.DataFrame]:
    """The raw plan as the text frames that files give."""
    return {name: pd.DataFrame(table, dtype=str).fillna("") for name, table in raw.items() if table}


def plan_of(raw: Mapping[str, list[Row]]) -> Plan:
    """The plan of raw tables."""
    return read_plan(frames(raw))


def cells(text: str, indicator: str = "") -> list[Row]:
    """Cells of `unit period [indicator] figure [status]`, parted by `|` or lines.

    A figure is a number, `numerator/denominator` or a cell state. `indicator` is put before the codes given.
    """
    parts = [part.split() for part in text.replace("|", "\n").splitlines() if part.strip()]
    return [_cell(part, indicator) for part in parts]


def _cell(part: list[str], prefix: str) -> Row:
    unit, period, *rest = part
    status = rest.pop() if rest[-1] in ("estimate", "preliminary", "final") else "final"
    figure = rest.pop()
    cell = {"unit": unit, "period": period, "indicator": prefix + "".join(rest), "status": status}
    cell |= {"value": "", "numerator": "", "denominator": "", "state": "value"}
    if figure in STATES:
        return cell | {"state": figure}
    if "/" in figure:
        return cell | dict(zip(("numerator", "denominator"), figure.split("/"), strict=True))
    return cell | {"value": figure}


@contextmanager
def warehouse() -> Any:
    """An empty SQLite warehouse with the present schema, for one test."""
    with TemporaryDirectory() as folder:
        engine = open_warehouse(f"sqlite:///{Path(folder) / 'warehouse.db'}")
        with writing(engine) as connection:
            metadata.create_all(connection)
        yield engine
        engine.dispose()


def receive(engine: Engine, given: Iterable[Row] | pd.DataFrame, recorded_at: datetime = NOW) -> None:
    """Write cells as the next version of their units' returns, all the return says (what collect does)."""
    frame = given if isinstance(given, pd.DataFrame) else pd.DataFrame(list(given))
    with writing(engine) as connection:
        if not connection.scalar(sa.select(sa.func.count()).select_from(plan_version)):
            row = {"version": 1, "digest": "-", "loaded_at": recorded_at, "loaded_by": ""}
            connection.execute(sa.insert(plan_version), row)
        if frame.empty:
            return
        keys = frame[["unit", "period"]].drop_duplicates().reset_index(drop=True)
        keys["id"] = next_id(connection, receipt) + keys.index
        known = connection.execute(
            sa.select(submission.c.unit, submission.c.period, sa.func.max(submission.c.version)).group_by(
                submission.c.unit, submission.c.period
            )
        )
        version = {(unit, period): int(last) for unit, period, last in known}
        keys["version"] = [version.get(key, 0) + 1 for key in zip(keys.unit, keys.period, strict=True)]
        keys["kind"] = [Period.parse(text).kind for text in keys.period]
        keys["number"] = [Period.parse(text).index for text in keys.period]
        stamp = {"sender": "", "size": 1, "errors": 0, "warnings": 0}
        stamp |= {"received_at": recorded_at, "recorded_at": recorded_at}
        stamps = keys.version.astype(str)
        insert_frame(connection, receipt, keys.assign(sha256=keys.unit + keys.period, stamp=stamps, **stamp))
        insert_frame(connection, submission, keys.assign(receipt=keys.id, plan_version=1, **stamp))
        facts = frame.merge(keys, on=["unit", "period"]).rename(columns={"id": "submission"})
        facts["number"] = facts.value
        for column in ("number", "numerator", "denominator"):
            facts[column] = pd.to_numeric(facts[column].replace("", None)).astype(float)
        insert_frame(connection, value, facts)
        forget(connection, keys[["kind", "unit", "number"]])


def moment_of(period: str, today: date = LATER, calendar: Calendar = CALENDAR) -> Moment:
    """Where a review of the period stands."""
    return Moment(Period.parse(period), today, calendar)


def judge_all(
    engine: Engine,
    plan: Plan,
    moment: Moment,
    against: str = "term",
    rules: BandRules = RULES,
    as_of: datetime | None = None,
    history: bool = False,
    units: date | None = None,
    carried_by: Plan | None = None,
) -> pd.DataFrame:
    """Every judged row of a review, of the authority and of every unit; `history` adds what was before.

    `units`: restated for the units of that day. `carried_by`: the plan that came after this one.
    """
    moment = replace(moment, units=units)
    closings = [moment.closing(frequency) for frequency in FREQUENCIES]
    course = course_of(plan, moment.calendar)
    present = course if carried_by is None else course_of(carried_by, moment.calendar)
    with writing(engine) as connection:
        carry_forward(connection, closings, present)
    with reckoning(engine) as connection:
        known = known_by(connection, Reading(as_of), closings, course, present)

        def ask(question: Any) -> pd.DataFrame:
            return figures(question, known)

        shown = with_inherited_targets(plan, moment.units_day)
        found = judged(shown, moment, [against], "all", rules, ask)[against]
        if not history:
            return found
        found, fresh = with_history(
            plan, moment, found, kept_figures(connection, 1)[KEPT_COLUMNS], rules, ask
        )
    with writing(engine) as connection:
        keep_figures(connection, 1, fresh)
    return found


def by_key(found: pd.DataFrame) -> dict[tuple[str, str], Row]:
    """The judged rows of the declared series by indicator and unit."""
    own = found[found.series == "assigned"]
    return {(row["indicator"], row["unit"]): row for row in own.to_dict("records")}


# --- tables of cases --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One indicator of the province, the returns for it, and what its review must say.

    about: columns of its row (words). targets: words, several parted by `|`. returned: as in `cells`, without the
    indicator; another indicator's cells name it. expect: unit → words (`actual=5 band=met`), P being the
    authority; `unit:code` for another indicator. others: further indicators, code → (about, targets). more: rows
    of further tables. In all words `@W` is the code of the case's indicator W, `@` that of the case itself.
    """

    says: str
    about: str = ""
    targets: str = ""
    returned: str = ""
    expect: dict[str, str] = field(default_factory=dict)
    period: str = "2013"
    against: str = "term"
    today: date = LATER
    others: dict[str, tuple[str, str]] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)


CASES_OF = dict[str, dict[str, Row]]


def judged_cases(cases: list[Case]) -> CASES_OF:
    """What a review says of each case's indicator: case → unit → row (`unit:code` for its other indicators).

    Cases of the same period, day and `against` share a plan and a warehouse: many cost little more than one.
    """
    numbered = list(enumerate(cases))
    found: dict[str, dict[str, Row]] = {case.says: {} for case in cases}
    order = sorted(numbered, key=lambda item: _review_of(item[1]))
    for (period, against, today), group in itertools.groupby(order, key=lambda item: _review_of(item[1])):
        members = list(group)
        plan = plan_of(_province_of(members))
        with warehouse() as engine:
            receive(engine, [cell for number, case in members for cell in _cells_of(number, case)])
            asked = " ".join(text for _, case in members for text in case.expect.values())
            history = any(word in asked for word in OF_HISTORY)
            result = judge_all(engine, plan, moment_of(period, today), against, history=history)
        for number, case in members:
            for (indicator, unit), row in by_key(result).items():
                mark, _, code = indicator.partition(".")
                if mark == f"I{number}":
                    # Names of the case's own indicators are told as it wrote them.
                    row["flags"] = row["flags"].replace(f"I{number}.", "@")
                    found[case.says][f"{unit}:{code}" if code else unit] = row
    return found


def _review_of(case: Case) -> tuple[str, str, date]:
    return case.period, case.against, case.today


def _named(number: int, code: str = "") -> str:
    return f"I{number}.{code}" if code else f"I{number}"


def _province_of(members: list[tuple[int, Case]]) -> Raw:
    tables: Raw = {"indicators": [], "targets": []}
    for number, case in members:
        for code, (about, targets) in {"": (case.about, case.targets), **case.others}.items():
            own = _named(number, code)
            tables["indicators"].append(INDICATOR | {"code": own} | _mended(words(about), number))
            given = [words(text) for text in targets.split("|") if text.strip()]
            tables["targets"] += [{"indicator": own} | _mended(target, number) for target in given]
        for name, lines in case.more.items():
            tables.setdefault(name, []).extend(_mended(words(line), number) for line in lines.split("|"))
    return province(**tables)


def _mended(row: Row, number: int) -> Row:
    return {key: re.sub(r"@(\w*)", lambda match: _named(number, match[1]), text) for key, text in row.items()}


def _cells_of(number: int, case: Case) -> list[Row]:
    return [cell | {"indicator": _named(number, cell["indicator"])} for cell in cells(case.returned)]


def unlike(row: Mapping[str, Any], wanted: str) -> dict[str, tuple[str, Any]]:
    """Column → (wanted, found) wherever a row is not what the words say.

    A number to the digits given (`75.6` is met by 75.55…); `-` is nothing; flags are compared as a set.
    """
    return {k: (v, row.get(k)) for k, v in words(wanted).items() if not _agrees(k, v, row.get(k))}


def _agrees(column: str, wanted: str, found: Any) -> bool:
    if column == "flags":
        return {word for word in wanted.split(";") if word != "-"} == {w for w in str(found).split(";") if w}
    if wanted == "-":
        return bool(pd.isna(found)) or found == ""
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        digits = len(wanted.partition(".")[2])
        return not pd.isna(found) and (
            found == float(wanted) or abs(found - float(wanted)) <= 0.5001 * 10**-digits
        )
    return str(found) == wanted

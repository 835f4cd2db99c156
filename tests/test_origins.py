"""Where figures came from, asked of both databases: versions, what they carried, and what became another figure."""

from datetime import UTC, datetime
from functools import partial

import pandas as pd
import pytest
import sqlalchemy as sa
from judging import cells, receive
from sqlalchemy.engine import Engine

from warehouse.bulk import insert_frame
from warehouse.connecting import reading, writing
from warehouse.origins import changed_values, recorded_since, values_behind
from warehouse.schema import correction, submission, value

FIRST, SECOND, THIRD = (datetime(2014, 1, day, tzinfo=UTC) for day in (10, 11, 12))
LAST = {"quarter": 2013 * 4 + 3, "year": 2013}


@pytest.fixture
def sent(engine: Engine) -> Engine:
    """A sends two quarters, B one; then A corrects the earlier one, and later sends what is not asked for."""
    receive(engine, cells("A 2013-Q3 I 5 | A 2013-Q3 J 1 | A 2013-Q4 I 7 | B 2013-Q4 I 3"), FIRST)
    receive(engine, cells("A 2013-Q3 I 6 | A 2013-Q3 J 1"), SECOND)
    receive(engine, cells("A 2014-Q1 I 9 | B 2013-Q4 I none_occurred"), THIRD)
    return engine


def recorded_by(at: datetime, rows: sa.FromClause) -> sa.ColumnElement[bool]:
    return rows.c.recorded_at <= at


def changed(engine: Engine, since: datetime, until: datetime) -> list[tuple[object, ...]]:
    with reading(engine) as connection:
        rows = changed_values(connection, since, until, LAST, lambda at: partial(recorded_by, at))
    told = rows[["unit", "period", "indicator", "number_before", "number", "state", "version"]]
    return sorted(told.astype(object).where(told.notna(), None).itertuples(index=False, name=None))


def test_the_current_versions_stand_behind_a_figure(sent: Engine) -> None:
    with reading(sent) as connection:
        rows = values_behind(connection, ["I"], ["A", "B"], LAST)
        then = values_behind(connection, ["I"], ["A"], LAST, partial(recorded_by, FIRST))
    key = ["unit", "period", "version", "number"]
    told = rows[key].astype(object).where(rows[key].notna(), None).itertuples(index=False, name=None)
    assert sorted(told) == [("A", "2013-Q3", 2, 6.0), ("A", "2013-Q4", 1, 7.0), ("B", "2013-Q4", 2, None)]
    assert then.number.tolist() == [5.0, 7.0]


@pytest.mark.parametrize(
    ("since", "until", "rows"),
    [
        pytest.param(FIRST, SECOND, [("A", "2013-Q3", "I", 5.0, 6.0, "value", 2)], id="one of two figures"),
        pytest.param(SECOND, THIRD, [("B", "2013-Q4", "I", 3.0, None, "none_occurred", 2)], id="a state instead"),
        pytest.param(THIRD, THIRD, [], id="nothing in no time"),
    ],
)  # fmt: skip
def test_what_became_another_figure(
    sent: Engine, since: datetime, until: datetime, rows: list[tuple[object, ...]]
) -> None:
    assert changed(sent, since, until) == rows


def test_what_was_not_there_before_is_a_change(sent: Engine) -> None:
    before = datetime(2014, 1, 1, tzinfo=UTC)
    assert len(changed(sent, before, FIRST)) == 4


def test_when_something_was_recorded_last_by_period(sent: Engine) -> None:
    with reading(sent) as connection:
        rows = recorded_since(connection, FIRST)
    told = {(row.kind, row.number): row.last.to_pydatetime() for row in rows.itertuples()}
    assert told == {
        ("quarter", 2013 * 4 + 2): SECOND,
        ("quarter", 2013 * 4 + 3): THIRD,
        ("quarter", 2014 * 4): THIRD,
    }


def test_a_carried_value_is_traced_to_the_version_that_gave_it(sent: Engine) -> None:
    """Version 3 of A's quarter leaves J as version 2 had it, and is a correction with a reason of the other."""
    made = {
        "id": 90,
        "receipt": 1,
        "unit": "A",
        "period": "2013-Q3",
        "kind": "quarter",
        "number": 2013 * 4 + 2,
    }
    made |= {
        "version": 3,
        "plan_version": 1,
        "received_at": THIRD,
        "recorded_at": THIRD,
        "origin": "correction",
    }
    said = [("I", 8.0, None), ("J", 1.0, 2)]
    values = pd.DataFrame(said, columns=["indicator", "number", "carried_from"]).assign(
        submission=90, state="value"
    )
    why = {
        "id": 1,
        "submission": 90,
        "indicator": "I",
        "field": "value",
        "was": "6",
        "now": "8",
        "reason": "nhầm",
    }
    with writing(sent) as connection:
        connection.execute(sa.insert(submission).values(made))
        insert_frame(connection, value, values)
        connection.execute(sa.insert(correction).values(why | {"recorded_at": THIRD, "recorded_by": "vp"}))
    with reading(sent) as connection:
        rows = values_behind(connection, ["I", "J"], ["A"], {"quarter": 2013 * 4 + 2}).set_index("indicator")
        other = changed_values(connection, SECOND, THIRD, LAST, lambda at: partial(recorded_by, at))
    assert rows.version.to_dict() == {"I": 3, "J": 3}
    assert rows.origin_version.to_dict() == {"I": 3, "J": 2}
    assert rows.origin.to_dict() == {"I": "correction", "J": ""}
    [told] = other[other.unit == "A"].to_dict("records")
    assert (told["number_before"], told["number"], told["reason"], told["recorded_by"]) == (
        6.0,
        8.0,
        "nhầm",
        "vp",
    )

"""Locking, unlocking and waiving: what stands of it on a day, for obligations and for returns; and its keeping."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import INDICATOR, plan_of, province, rows
from sqlalchemy.engine import Engine

from tiendo.calendars import Calendar
from tiendo.obligations import obligations
from tiendo.period_acts import ACT_COLUMNS, EVERY_UNIT, LOCKING, exceptions, no_acts, standing_act
from tiendo.periods import Period
from warehouse.audit_log import broken_links, read_entries
from warehouse.connecting import reading, writing
from warehouse.period_store import PeriodAct, acts_of, record_act

# 2026-Q1 closes on 14 March: open from 3 March, due on Tuesday 17 March at 17:00, locked after 16 April.
CALENDAR = Calendar()
PERIOD = Period.parse("2026-Q1")
PLAN = plan_of(
    province(
        indicators=[{**INDICATOR, "code": "X"}],
        targets=rows("indicator,span,target\nX,2011-2015,5"),
        term=rows("code,name,authority,starts,ends\nNK,Nhiệm kỳ,P,2011-01-01,2030-12-31"),
    )
)


def at(text: str) -> pd.Timestamp:
    """An instant of 2026 as `03-16 16:59` in Vietnam's time."""
    return pd.Timestamp(f"2026-{text}", tz="Asia/Ho_Chi_Minh").tz_convert("UTC")


def acts(text: str) -> pd.DataFrame:
    """Acts as `03-16 16:59 lock A [until]`, parted by `|`; `*` is every unit."""
    lines = [part.split() for part in text.split("|") if part.strip()]
    found = [
        {
            "id": number, "act": act, "period": str(PERIOD), "unit": EVERY_UNIT if unit == "*" else unit,
            "reason": "vì", "expires": pd.Timestamp(f"2026-{until[0]}") if until else pd.NaT,
            "recorded_at": at(f"{day} {hour}"), "recorded_by": "an",
        }
        for number, (day, hour, act, unit, *until) in enumerate(lines, 1)
    ]  # fmt: skip
    return pd.concat([no_acts(), pd.DataFrame(found, columns=ACT_COLUMNS)]) if found else no_acts()


def sent(text: str) -> pd.DataFrame:
    """Versions of unit A as `03-16 16:59 accepted [origin]`, parted by `|`."""
    lines = [part.split() for part in text.split("|") if part.strip()]
    frame = pd.DataFrame(
        [
            ("A", str(PERIOD), n, verdict, at(f"{day} {hour}"), (rest or [""])[0])
            for n, (day, hour, verdict, *rest) in enumerate(lines, 1)
        ],
        columns=["unit", "period", "version", "verdict", "received_at", "origin"],
    )
    return frame.astype({"received_at": "datetime64[us, UTC]"})


def table(day: str, said: str, versions: str = "") -> pd.DataFrame:
    """The obligations at the end of a day of 2026, by unit."""
    today = date.fromisoformat(f"2026-{day}")
    return obligations(PLAN, CALENDAR, PERIOD, sent(versions), today, acts(said)).set_index("unit")


@pytest.mark.parametrize(
    ("said", "versions", "days"),
    [
        pytest.param("", "", "04-16=overdue 04-17=locked_missing", id="no act: the period's own dates"),
        pytest.param(
            "03-20 09:00 lock *", "", "03-19=overdue 03-20=locked_missing 04-20=locked_missing",
            id="locked before its date",
        ),
        pytest.param(
            "03-05 09:00 lock A", "", "03-04=open 03-05=locked_missing", id="locked before it is due"
        ),
        pytest.param("03-20 09:00 lock B", "", "03-20=overdue", id="another unit's lock"),
        pytest.param(
            "04-20 09:00 unlock A", "", "04-19=locked_missing 04-20=overdue 06-30=overdue",
            id="unlocked without an end",
        ),
        pytest.param(
            "04-20 09:00 unlock A 04-25", "", "04-20=overdue 04-25=overdue 04-26=locked_missing",
            id="unlocked until a day",
        ),
        pytest.param(
            "04-20 09:00 unlock * | 04-22 09:00 lock *", "", "04-21=overdue 04-22=locked_missing",
            id="unlocked until the next lock",
        ),
        pytest.param(
            "03-20 09:00 lock * | 03-23 09:00 unlock A 03-25", "",
            "03-22=locked_missing 03-23=overdue 03-25=overdue 03-26=locked_missing",
            id="an unlock that ends leaves the lock before it",
        ),
        pytest.param(
            "03-20 09:00 unlock A | 03-23 09:00 lock *", "", "03-23=locked_missing",
            id="a later lock of all is one of this unit",
        ),
        pytest.param(
            "03-20 09:00 lock * | 03-23 09:00 lock B", "", "03-23=locked_missing",
            id="a later act on another unit changes nothing",
        ),
        pytest.param("03-05 09:00 waive A", "", "03-04=open 03-05=waived 05-01=waived", id="waived"),
        pytest.param("03-05 09:00 waive *", "", "03-05=waived", id="waived for all"),
        pytest.param(
            "03-05 09:00 waive A 03-31", "", "03-31=waived 04-01=overdue 04-17=locked_missing",
            id="a waiver that ends holds no longer",
        ),
        pytest.param(
            "03-05 09:00 waive A | 03-10 09:00 waive A 03-10", "", "03-10=waived 03-11=waived",
            id="an older waiver without an end stands behind the one that ends",
        ),
        pytest.param(
            "03-05 09:00 waive A | 03-20 09:00 lock A", "", "03-20=waived", id="waived and locked: waived"
        ),
        pytest.param(
            "03-05 09:00 waive A", "03-12 09:00 accepted", "03-11=waived 03-12=accepted_on_time",
            id="a waiver does not hide what is reported all the same",
        ),
        pytest.param(
            "03-05 09:00 waive A", "03-12 09:00 returned", "03-12=waived 04-20=waived",
            id="waived, and what came was sent back: nothing is owed",
        ),
        pytest.param(
            "04-20 09:00 unlock A 04-25", "04-24 09:00 accepted", "04-23=overdue 04-24=accepted_late",
            id="reported once unlocked: late",
        ),
        pytest.param(
            "", "03-16 09:00 submitted", "03-16=submitted 03-18=submitted 04-20=submitted",
            id="waiting for the office is not overdue",
        ),
        pytest.param(
            "", "03-20 09:00 submitted", "03-19=overdue 03-20=submitted", id="sent late and waiting"
        ),
        pytest.param(
            "", "03-16 09:00 accepted | 03-20 09:00 submitted", "03-20=accepted_on_time",
            id="a change that waits leaves the accepted one standing",
        ),
        pytest.param(
            "", "03-16 09:00 submitted | 03-16 10:00 returned", "03-16=returned 03-19=overdue",
            id="the last word was sent back",
        ),
    ],
)  # fmt: skip
def test_an_obligation_stands_on_a_day(said: str, versions: str, days: str) -> None:
    wanted = dict(word.split("=") for word in days.split())
    assert {day: table(day, said, versions).state["A"] for day in wanted} == wanted


def test_an_act_is_named_beside_the_state() -> None:
    said = "03-20 09:00 lock * | 03-21 09:00 unlock A | 03-21 09:00 waive B"
    assert dict(table("03-25", said).act) == {"A": "unlock", "B": "waive", "C": "lock"}


@pytest.mark.parametrize(
    ("returned_at", "versions", "days"),
    [
        pytest.param(
            "03-25 09:00", "03-16 09:00 returned", "03-25=returned 03-26=returned 03-27=overdue",
            id="sent back by the office after it was due: a working day from then",
        ),
        pytest.param(
            "03-25 09:00", "03-16 09:00 returned | 03-26 16:00 accepted", "03-26=accepted_on_time",
            id="corrected within that day: on time",
        ),
        pytest.param(
            "03-25 09:00", "03-16 09:00 returned | 03-27 09:00 accepted", "03-27=accepted_late",
            id="corrected later: late",
        ),
        pytest.param(
            "03-25 09:00", "03-20 09:00 returned", "03-25=overdue", id="it had come late: owed at once"
        ),
    ],
)  # fmt: skip
def test_what_the_office_sends_back_is_owed_again(returned_at: str, versions: str, days: str) -> None:
    given_versions = sent(versions).assign(
        returned_at=lambda f: pd.Series(pd.NaT, f.index, dtype=f.received_at.dtype)
    )
    given_versions.loc[0, "returned_at"] = at(returned_at)
    wanted = dict(word.split("=") for word in days.split())
    found = {
        day: obligations(PLAN, CALENDAR, PERIOD, given_versions, date.fromisoformat(f"2026-{day}"))
        .set_index("unit").state["A"]
        for day in wanted
    }  # fmt: skip
    assert found == wanted


def test_an_accepted_version_that_the_office_sends_back_undoes_the_one_before() -> None:
    versions = sent("03-10 09:00 accepted | 03-12 09:00 returned")
    kept = obligations(PLAN, CALENDAR, PERIOD, versions, date(2026, 3, 12)).set_index("unit")
    none = pd.Series(pd.NaT, versions.index, dtype=versions.received_at.dtype)
    back = versions.assign(returned_at=none)
    back.loc[1, "returned_at"] = at("03-12 15:00")
    undone = obligations(PLAN, CALENDAR, PERIOD, back, date(2026, 3, 12)).set_index("unit")
    assert (kept.state["A"], undone.state["A"]) == ("accepted_on_time", "returned")


@pytest.mark.parametrize(
    ("versions", "units"),
    [
        pytest.param("03-16 09:00 accepted import", "BC", id="nothing but what was imported: nothing owed"),
        pytest.param("12-30 09:00 accepted import", "BC", id="imported long after"),
        pytest.param(
            "03-16 09:00 accepted import | 03-20 09:00 accepted", "ABC", id="and a return of its own"
        ),
        pytest.param("03-16 09:00 accepted", "ABC", id="a return"),
    ],
)
def test_imported_figures_are_owed_by_nobody(versions: str, units: str) -> None:
    found = table("04-20", "", versions)
    assert "".join(found.index) == units
    if len(versions.split("|")) == 2:
        assert found.state["A"] == "accepted_late", "what was imported was no return in time"


def test_what_is_recorded_later_is_not_seen_before() -> None:
    known = acts("03-20 09:00 lock A | 03-25 09:00 unlock A")
    asked = pd.DataFrame({"unit": "A", "period": str(PERIOD), "at": [at("03-24 00:00"), at("03-25 09:00")]})
    asked["day"] = pd.Timestamp("2026-03-26")
    assert list(standing_act(known, asked, LOCKING).act) == ["lock", "unlock"]


def test_exceptions_are_the_acts_that_stand() -> None:
    known = acts(
        "03-05 09:00 waive A 03-31 | 03-06 09:00 waive B | 03-20 09:00 lock A | 03-21 09:00 lock *"
        " | 03-22 09:00 unlock C | 03-23 09:00 unlock C 03-24 | 04-02 09:00 waive C"
    )
    found = exceptions(known, at("04-01 23:59"), pd.Timestamp("2026-04-01"))
    assert list(zip(found.act, found.unit, strict=True)) == [("lock", ""), ("waive", "B"), ("unlock", "C")]
    assert list(found.columns) == ["act", "unit", "period", "reason", "expires", "recorded_at", "recorded_by"]


order = st.tuples(
    st.sampled_from(["lock", "unlock", "waive"]), st.sampled_from("AB*"), st.integers(0, 40),
    st.none() | st.integers(0, 20),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(order, max_size=7), st.integers(0, 60))
def test_any_sequence_of_acts_agrees_with_one_told_act_by_act(
    given_orders: list[tuple[str, str, int, int | None]], offset: int
) -> None:
    begin = date(2026, 3, 1)
    orders = sorted(given_orders, key=lambda each: each[2])
    text = " | ".join(
        f"{begin + timedelta(days=day):%m-%d} 09:00 {act} {unit}"
        + (f" {begin + timedelta(days=day + lasts):%m-%d}" if lasts is not None and act != "lock" else "")
        for act, unit, day, lasts in orders
    )
    today = begin + timedelta(days=offset)
    found = table(f"{today:%m-%d}", text)
    for unit in "ABC":
        locked, waived = today > date(2026, 4, 16), False
        for act, whom, day, lasts in orders:
            holds = act == "lock" or lasts is None or offset <= day + lasts
            if whom not in (unit, "*") or day > offset or not holds:
                continue
            if act == "waive":
                waived = True
            else:
                locked = act == "lock"
        if waived:
            assert found.state[unit] == "waived"
        else:
            assert (found.state[unit] == "locked_missing") == locked


# --- kept in the warehouse ------------------------------------------------------------------------------------

NOW = datetime(2026, 4, 20, 2, tzinfo=UTC)


def done(act: str, *units: str, reason: str = "vì", until: date | None = None, hours: int = 0) -> PeriodAct:
    return PeriodAct(act, "2026-Q1", units, reason, until, NOW + timedelta(hours=hours), "an")


def audited(engine: Engine) -> pd.DataFrame:
    """The audit, whose chain must be whole."""
    assert not broken_links(engine)
    with reading(engine) as connection:
        return read_entries(connection)


def test_acts_are_kept_audited_and_read_as_known(engine: Engine) -> None:
    record_act(engine, done("lock", ""))
    record_act(engine, done("unlock", "A", "B", until=date(2026, 5, 1), hours=1))
    record_act(engine, done("waive", "C", hours=2))
    kept = acts_of(engine)
    assert list(zip(kept.act, kept.unit, strict=True)) == [
        ("lock", ""), ("unlock", "A"), ("unlock", "B"), ("waive", "C"),
    ]  # fmt: skip
    assert list(kept.expires.dt.date.fillna("")) == ["", date(2026, 5, 1), date(2026, 5, 1), ""]
    assert list(acts_of(engine, as_of=NOW + timedelta(hours=1)).unit) == ["", "A", "B"]
    assert acts_of(engine, ["2026-Q2"]).empty
    entries = audited(engine)
    assert list(entries.action) == ["period lock", "period unlock", "period unlock", "period waive"]
    assert list(entries.subject) == ["2026-Q1", "2026-Q1 A", "2026-Q1 B", "2026-Q1 C"]
    assert list(entries.actor) == ["an"] * 4
    assert list(entries.reason) == ["vì"] * 4
    assert '"lock"' in entries.before.iloc[1], "what stood before is told"


def test_the_same_act_again_changes_nothing_unless_another_came_between(engine: Engine) -> None:
    assert record_act(engine, done("unlock", "A")) == ["A"]
    assert record_act(engine, done("unlock", "A", "B", hours=1)) == ["B"]
    assert record_act(engine, done("unlock", "A", reason="khác", hours=2)) == ["A"]
    assert record_act(engine, done("lock", "", hours=3)) == [""]
    assert record_act(engine, done("unlock", "A", reason="khác", hours=4)) == ["A"]
    assert record_act(engine, done("lock", "", hours=5)) == [""], "since A was unlocked meanwhile"
    assert len(audited(engine)) == len(acts_of(engine)) == 6


@pytest.mark.parametrize("change", ["UPDATE period_act SET reason = 'x'", "DELETE FROM period_act"])
def test_the_database_refuses_to_change_an_act(engine: Engine, change: str) -> None:
    record_act(engine, done("lock", ""))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(engine) as connection:
        connection.execute(sa.text(change))
    assert list(acts_of(engine).reason) == ["vì"]

"""Who is reminded of what, when, and who is left in peace."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_province import CALENDAR, RULES, desk, occasion, plan_of

from tasks.post.occasions import ReminderRules
from tasks.post.reminders import indicator_messages, reminder_messages
from tiendo.bands import BandRules
from tiendo.periods import Period

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
Q3 = Period.parse("2026-Q3")
DUE = CALENDAR.deadline(Q3).due  # Friday 2 October 2026
DESK = desk("mail", "sms")
PROGRESS_COLUMNS = ["unit", "period", "indicator", "name", "received"]
NO_PROGRESS = pd.DataFrame(columns=PROGRESS_COLUMNS)
DISTRICTS = ("080", "082", "083", "084")


def obligations(period: Period = Q3, due: date = DUE, **states: str) -> pd.DataFrame:
    """Obligations of the four districts: u082="overdue" and so on, the others accepted."""
    words = {unit: states.get(f"u{unit}", "accepted_on_time") for unit in DISTRICTS}
    rows = [(unit, str(period), due, 17, state) for unit, state in words.items()]
    return pd.DataFrame(rows, columns=["unit", "period", "due", "hour", "state"])


def messages(today: date, owed: pd.DataFrame, **options: object) -> pd.DataFrame:
    progress = options.pop("progress", NO_PROGRESS)
    return reminder_messages(owed, progress, occasion(today, **options), DESK)


def test_each_return_is_told_with_the_hour_of_its_own_due_day() -> None:
    owed = obligations(u082="open").assign(hour=lambda rows: rows.hour.where(rows.unit != "082", 11))
    text = messages(date(2026, 9, 29), owed).body_text.iloc[0]
    assert "11 giờ 00" in text or "11:00" in text, text
    assert "17 giờ" not in text


def told(frame: pd.DataFrame) -> set[tuple[str, str, str]]:
    return set(zip(frame.kind, frame.recipient, frame.channel, strict=True))


@pytest.mark.parametrize(
    ("today", "state", "kind", "stage"),
    [
        pytest.param("2026-09-17", "open", None, None, id="eleven working days before: not yet"),
        pytest.param("2026-09-18", "open", "reminder", "T-10", id="ten working days before: opens"),
        pytest.param("2026-09-24", "open", "reminder", "T-10", id="between two steps: the last one reached"),
        pytest.param("2026-09-29", "open", "reminder", "T-3", id="three working days before"),
        pytest.param("2026-10-01", "open", "reminder", "T-1", id="the day before"),
        pytest.param("2026-10-02", "open", "reminder", "T-1", id="the due day itself"),
        pytest.param("2026-10-03", "overdue", "overdue", "T+1", id="Saturday after: written for Monday"),
        pytest.param("2026-10-05", "overdue", "overdue", "T+1", id="first working day after"),
        pytest.param("2026-10-07", "overdue", "overdue", "T+3", id="third working day after"),
        pytest.param("2026-11-30", "overdue", "overdue", "T+5", id="long after: the last step"),
        pytest.param("2026-10-05", "returned", "overdue", "T+1", id="sent back and not corrected"),
        pytest.param("2026-10-01", "returned", "reminder", "T-1", id="sent back before the due date"),
        pytest.param("2026-10-05", "accepted_late", None, None, id="came late: nothing more"),
        pytest.param("2026-10-05", "waived", None, None, id="waived: nothing"),
        pytest.param("2026-12-30", "locked_missing", None, None, id="locked: nothing can come any more"),
        pytest.param("2026-09-18", "not_open", None, None, id="not open yet"),
    ],
)
def test_a_unit_is_told_at_each_step_of_the_ladder(today, state, kind, stage):
    frame = messages(date.fromisoformat(today), obligations(u082=state))
    assert set(frame.kind) == ({kind} if kind else set())
    assert {key.split("|")[4] for key in frame.dedupe_key} == ({stage} if stage else set())


def test_those_who_reported_are_left_in_peace():
    frame = messages(date(2026, 10, 5), obligations(u082="overdue"))
    assert set(frame.unit) == {"082"}


def test_before_the_due_date_the_reporters_are_told_and_after_it_the_head_too():
    before = messages(date(2026, 9, 29), obligations(u082="open"))
    after = messages(date(2026, 10, 5), obligations(u082="overdue"))
    assert told(before) == {("reminder", "my", "mail")}
    assert told(after) == {("overdue", "my", "mail"), ("overdue", "lo", "mail")}


def test_an_officer_of_two_units_gets_one_digest_by_each_of_their_channels():
    frame = messages(date(2026, 9, 29), obligations(u083="open", u084="open"))
    assert told(frame) == {("reminder", "hai", "mail"), ("reminder", "hai", "sms")}
    body = frame.body_text[frame.channel == "mail"].item()
    assert "Huyện Mường Khương" in body
    assert "Huyện Si Ma Cai" in body
    assert "17 giờ 00, thứ Sáu, 2/10/2026" in body
    assert "còn 3 ngày làm việc" in body


def test_a_unit_without_an_officer_gets_a_file():
    frame = messages(date(2026, 9, 29), obligations(u080="open"))
    assert told(frame) == {("reminder", "080", "file")}
    assert frame.body_text.item().startswith("Kính gửi: Thành phố Lào Cai.")


def test_without_any_channel_everything_becomes_a_file():
    owed = obligations(u082="overdue")
    frame = reminder_messages(owed, NO_PROGRESS, occasion(date(2026, 10, 5)), desk())
    assert set(frame.channel) == {"file"}


def test_a_second_run_of_the_day_and_the_next_day_within_a_step_write_the_same_keys():
    first = messages(date(2026, 9, 29), obligations(u082="open"), hour=8)
    again = messages(date(2026, 9, 29), obligations(u082="open"), hour=11)
    next_day = messages(date(2026, 9, 30), obligations(u082="open"))
    assert set(first.dedupe_key) == set(again.dedupe_key) == set(next_day.dedupe_key)
    next_step = messages(date(2026, 10, 1), obligations(u082="open"))
    assert not set(first.dedupe_key) & set(next_step.dedupe_key)


def test_a_return_that_comes_in_does_not_remind_again_of_the_other():
    both = messages(date(2026, 9, 29), obligations(u083="open", u084="open"))
    one = messages(date(2026, 9, 30), obligations(u083="open"))
    assert set(one.dedupe_key) == set(both.dedupe_key)


def test_the_quarters_return_in_and_the_years_missing_is_no_new_reminder():
    year = Period.parse("2026")
    quarter = Period.parse("2026-Q4")
    due = CALENDAR.deadline(year).due
    day = CALENDAR.add_working_days(due, -3)
    open_both = pd.concat([obligations(p, due, u082="open") for p in (quarter, year)])
    open_year = pd.concat([obligations(quarter, due), obligations(year, due, u082="open")])
    first, second = messages(day, open_both), messages(CALENDAR.add_working_days(day, 1), open_year)
    assert set(first.dedupe_key) == set(second.dedupe_key)
    assert "Quý IV/2026" in first.subject.item()
    assert "Năm 2026" in first.subject.item()
    assert first.reference.item() == "BC:2026-Q4:082"


def test_an_old_overdue_return_is_told_again_only_when_another_reaches_a_step():
    old = obligations(Period.parse("2026-Q2"), date(2026, 7, 2), u082="overdue")
    due_soon = messages(date(2026, 10, 1), pd.concat([old, obligations(u082="open")]))
    first_late = messages(date(2026, 10, 5), pd.concat([old, obligations(u082="overdue")]))
    next_day = messages(date(2026, 10, 6), pd.concat([old, obligations(u082="overdue")]))
    back_to_old = messages(date(2026, 10, 6), pd.concat([old, obligations()]))
    late = [set(f.dedupe_key[f.kind == "overdue"]) for f in (due_soon, first_late, next_day, back_to_old)]
    assert late[0] != late[1]
    assert late[1] == late[2]
    assert late[3] == late[0]


def test_counts_and_what_is_missing_stand_in_the_reminder():
    rows = [("082", "2026-Q3", f"R{n}", f"Chỉ tiêu {n}", n > 12) for n in range(1, 42)]
    progress = pd.DataFrame(rows, columns=PROGRESS_COLUMNS)
    frame = messages(date(2026, 9, 29), obligations(u082="returned"), progress=progress)
    assert frame.subject.item() == (
        "[Nhắc hạn] Báo cáo Quý III/2026 – còn 3 ngày làm việc – còn 12/41 chỉ tiêu [BC:2026-Q3:082]"
    )
    body = frame.body_text.item()
    assert "Đã nhận 29/41 chỉ tiêu." in body
    assert "R10 Chỉ tiêu 10; … và 2 chỉ tiêu khác." in body
    assert "R11 Chỉ tiêu" not in body


def test_when_most_units_look_late_the_office_is_asked_and_no_unit_is_told():
    frame = messages(date(2026, 10, 5), obligations(u080="overdue", u082="overdue", u083="overdue"))
    assert told(frame) == {("mass_alarm", "vp", "mail")}
    assert frame.subject.item().startswith("[Cần xác nhận] 3/4 đơn vị có vẻ quá hạn Quý III/2026")
    assert "Huyện Bát Xát" in frame.body_text.item()
    assert frame.urgent.item()


@pytest.mark.parametrize(
    ("late", "share", "asked"),
    [
        pytest.param(2, 0.5, False, id="half of them: as many as allowed"),
        pytest.param(3, 0.5, True, id="more than half"),
        pytest.param(4, 1.0, False, id="a share of 1 never asks"),
        pytest.param(1, 0.0, True, id="a share of 0 always asks"),
    ],
)
def test_the_share_that_is_doubted_is_a_setting(late, share, asked):
    states = {f"u{unit}": "overdue" for unit in DISTRICTS[:late]}
    frame = messages(date(2026, 10, 5), obligations(**states), rules=ReminderRules(mass_alarm_share=share))
    assert ("mass_alarm" in set(frame.kind)) == asked
    assert ("overdue" in set(frame.kind)) == (not asked)


def test_a_doubted_period_does_not_silence_another():
    doubted = obligations(u080="overdue", u082="overdue", u083="overdue")
    sure = obligations(Period.parse("2026-Q2"), date(2026, 7, 2), u082="overdue")
    frame = messages(date(2026, 10, 5), pd.concat([doubted, sure]))
    assert told(frame) == {("mass_alarm", "vp", "mail"), ("overdue", "my", "mail"), ("overdue", "lo", "mail")}
    assert not frame.body_text[frame.kind == "overdue"].str.contains("Quý III").any()


@pytest.mark.parametrize(
    ("today", "hour", "sends_at"),
    [
        pytest.param("2026-10-05", 8, "2026-10-05T08:00", id="in working hours: now"),
        pytest.param("2026-10-05", 5, "2026-10-05T07:30", id="before they begin"),
        pytest.param("2026-10-05", 20, "2026-10-06T07:30", id="in the evening: the next morning"),
        pytest.param("2026-10-02", 18, "2026-10-05T07:30", id="Friday evening: Monday"),
        pytest.param("2026-10-03", 9, "2026-10-05T07:30", id="Saturday: Monday"),
        pytest.param("2026-02-16", 9, "2026-02-23T07:30", id="Tết: after it"),
    ],
)
def test_people_are_written_to_in_working_hours_only(today, hour, sends_at):
    local = occasion(date.fromisoformat(today), hour).sends_at.astimezone(VIETNAM)
    assert local == datetime.fromisoformat(sends_at).replace(tzinfo=VIETNAM)


def test_a_run_for_a_past_day_writes_for_that_days_morning():
    today = date(2026, 10, 5)
    past = occasion(today)
    later = type(past)(past.directory, CALENDAR, RULES, today, datetime(2027, 1, 1, 23, tzinfo=VIETNAM))
    assert later.sends_at == datetime(2026, 10, 5, 7, 30, tzinfo=VIETNAM)


def test_the_row_may_not_go_out_before_its_hour():
    frame = messages(date(2026, 10, 3), obligations(u082="overdue"), hour=9)
    assert set(frame.not_before) == {pd.Timestamp("2026-10-05T07:30", tz=VIETNAM)}
    assert "Quá hạn 3 ngày" in frame.subject.iloc[0]  # counted for the Monday on which it is read


OVERDUE = pd.DataFrame(
    {
        "indicator": ["R1", "R2"],
        "name": ["Diện tích rừng trồng mới", "Tỷ lệ che phủ rừng"],
        "kind": ["target", "stage"],
        "what": ["", "Giao đất"],
        "due": [date(2026, 6, 30), date(2026, 9, 1)],
        "days_overdue": [97, 34],
        "attainment": [87.46, float("nan")],
        "band": ["advancing", "missing"],
        "lead_agency": ["SNN", ""],
    }
)


def alerts(overdue: pd.DataFrame = OVERDUE, plan: object = None) -> pd.DataFrame:
    today = date(2026, 10, 5)
    return indicator_messages(overdue, Q3, BandRules(), occasion(today, plan=plan), DESK)


def test_overdue_indicators_go_to_the_lead_agency_the_leader_and_the_office():
    frame = alerts()
    assert told(frame) == {("overdue_indicators", person, "mail") for person in ("anna", "chau", "vp")}
    text = frame.set_index("recipient").body_text
    assert "R1 Diện tích rừng trồng mới: thời hạn 30/6/2026, đã quá 97 ngày, đạt 87,5%" in text["vp"]
    assert "R2 Tỷ lệ che phủ rừng (công đoạn: Giao đất): thời hạn 1/9/2026" in text["vp"]
    assert "đã quá 34 ngày (Chưa có số liệu)" in text["vp"]
    assert "chủ trì: Sở Nông nghiệp" in text["vp"]
    assert "R2" not in text["anna"]  # led by nobody she answers for
    assert "attained 87.5%" in text["anna"]


def test_the_same_overdue_indicators_are_told_once_and_a_new_one_is_told():
    assert set(alerts().dedupe_key) == set(alerts(OVERDUE.assign(days_overdue=[98, 35])).dedupe_key)
    office = [frame.set_index("recipient").dedupe_key["vp"] for frame in (alerts(), alerts(OVERDUE[:1]))]
    assert office[0] != office[1]


def test_nobody_named_means_the_office_alone_and_no_office_means_a_file_for_the_authority():
    nobody = plan_of(officers="code,name\nx,Ai đó", responsibilities="officer,role,scope,code")
    frame = alerts(plan=nobody)
    assert told(frame) == {("overdue_indicators", "10", "file")}


def test_nothing_owed_and_nothing_overdue_write_nothing():
    assert messages(date(2026, 10, 5), obligations()).empty
    assert messages(date(2026, 10, 5), obligations().iloc[:0]).empty
    assert alerts(OVERDUE.iloc[:0]).empty


@settings(deadline=None, max_examples=40)
@given(
    states=st.lists(
        st.sampled_from(["open", "overdue", "returned", "accepted_on_time"]), min_size=4, max_size=4
    ),
    day=st.dates(date(2026, 9, 1), date(2026, 11, 30)),
)
def test_no_person_gets_two_messages_of_a_kind_and_channel_in_a_run(states, day):
    owed = obligations(**{f"u{unit}": state for unit, state in zip(DISTRICTS, states, strict=True)})
    frame = messages(day, owed)
    assert not frame.duplicated(["kind", "recipient", "channel"]).any()
    assert all(CALENDAR.is_working(at.astimezone(VIETNAM).date()) for at in frame.not_before)

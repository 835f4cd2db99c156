"""What officers judge beside what is computed: given, returned, in force, in disagreement, on the sheet Khó đạt."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from collecting import HEAD, NOW, collected, drop, rows_of
from intake_samples import CALENDAR, TABLES, plan_of
from sqlalchemy.engine import Engine

from console.main import main
from tasks.assessing import review_of
from tasks.book.review_book import review_bytes
from tasks.giving_judgement import give_judgement, judgement_table
from tasks.office.workspace import Workspace
from tasks.reading_figures import attainment_table, judge_period
from tiendo.errors import InputError
from tiendo.measures import Moment
from tiendo.outlooks import OFFICIAL, OUTLOOK, OfficerJudgement, agreement, held, speakers
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.unlikely import doubts_sentence, with_doubts
from warehouse.audit_log import broken_links
from warehouse.judgement_store import (
    RETURNED_COLUMNS,
    add_judgement,
    given_judgements,
    returned_outlooks,
)
from warehouse.schema import audit, officer_judgement

TERM = Period.parse("2011-2015")
QUARTER = Period.parse("2013-Q4")
TODAY = date(2014, 1, 20)
LATER = timedelta(days=1)


def judgement(verdict: str = "unlikely", kind: str = OUTLOOK, **changes: str) -> OfficerJudgement:
    """The office's word on CHE in 2013-Q4."""
    usual = OfficerJudgement("CHE", "", "2013-Q4", kind, verdict, "Vốn giao chậm", "Phó Chủ tịch")
    return replace(usual, **changes)


# --- agreement ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "verdict", "band", "forecast", "expected"),
    [
        pytest.param(
            OUTLOOK, "unlikely", "lagging", "advancing", "yes", id="unlikely, and forecast to fall short"
        ),
        pytest.param(OUTLOOK, "unlikely", "lagging", "met", "no", id="unlikely, but forecast to be met"),
        pytest.param(OUTLOOK, "will_not", "lagging", "exceeded", "no", id="will not, but forecast to exceed"),
        pytest.param(OUTLOOK, "will_meet", "lagging", "met", "yes", id="will be met, and forecast so"),
        pytest.param(
            OUTLOOK, "will_meet", "lagging", "stalled", "no", id="will be met, but forecast to stall"
        ),
        pytest.param(OUTLOOK, "met", "exceeded", "exceeded", "yes", id="met, and so computed"),
        pytest.param(OUTLOOK, "met", "advancing", "exceeded", "no", id="met, but it is only going to be"),
        pytest.param(OUTLOOK, "met", "met", "advancing", "yes", id="met now, whatever comes of it"),
        pytest.param(OUTLOOK, "unlikely", "exceeded", "", "no", id="unlikely, but met already"),
        pytest.param(OUTLOOK, "will_meet", "met", "", "yes", id="will be met, and is already"),
        pytest.param(OUTLOOK, "unlikely", "lagging", "", "", id="nothing is forecast, nothing differs"),
        pytest.param(OUTLOOK, "met", "missing", "", "", id="no figure says otherwise"),
        pytest.param(OUTLOOK, "", "lagging", "met", "", id="nothing is judged"),
        pytest.param(
            OFFICIAL, "exceeded", "met", "", "no", id="1,1 within 1–1,5: officially exceeded, computed met"
        ),
        pytest.param(OFFICIAL, "met", "met", "", "yes", id="officially met, and so computed"),
        pytest.param(
            OFFICIAL, "met", "unassessable", "", "", id="officially met, where no formula says anything"
        ),
        pytest.param(OFFICIAL, "", "met", "", "", id="nothing is said officially"),
    ],
)
def test_agreement(kind: str, verdict: str, band: str, forecast: str, expected: str) -> None:
    row = {"band": band, "forecast_band": forecast, "span": "2011-2015", "term_target": 1.0}
    found = agreement(kind, pd.Series([verdict]), pd.DataFrame([row]), TERM, QUARTER)
    assert found.tolist() == [expected]


@pytest.mark.parametrize(
    ("span", "term_target", "period", "expected"),
    [
        pytest.param(
            "2013", 1.0, "2013", "", id="the year is over, the term goes on: the outlook is the term's"
        ),
        pytest.param("2013", np.nan, "2013", "no", id="the year is over and there is nothing longer"),
        pytest.param("2013", 1.0, "2013-Q3", "no", id="the year goes on"),
        pytest.param("2011-2015", 1.0, "2015", "no", id="the term is over"),
    ],
)
def test_an_outlook_is_of_a_target_that_goes_on(
    span: str, term_target: float, period: str, expected: str
) -> None:
    row = {"band": "met", "forecast_band": "met", "span": span, "term_target": term_target}
    found = agreement(OUTLOOK, pd.Series(["will_not"]), pd.DataFrame([row]), TERM, Period.parse(period))
    assert found.tolist() == [expected]


# --- what holds ---------------------------------------------------------------------------------------------


def given_rows(text: str) -> pd.DataFrame:
    """`indicator unit period kind verdict` rows, `*` for the authority, in the order of recording."""
    names = ["indicator", "unit", "period", "kind", "verdict"]
    rows = [dict(zip(names, line.split(), strict=True)) for line in text.split("|") if line.strip()]
    frame = pd.DataFrame(rows, columns=names, dtype="str")
    frame["unit"] = frame.unit.replace("*", "")
    return frame.assign(reason="r", author="a", recorded_at=pd.Timestamp(NOW))


def returned_rows(text: str) -> pd.DataFrame:
    """`indicator unit verdict` rows of current returns."""
    rows = [(unit, "2013-Q4", code, verdict, "r", pd.Timestamp(NOW)) for code, unit, verdict in
            (line.split() for line in text.split("|") if line.strip())]  # fmt: skip
    return pd.DataFrame(rows, columns=RETURNED_COLUMNS)


def in_force(plan: Plan, given: str, returned: str = "", period: str = "2013-Q4") -> set[str]:
    """`indicator unit verdict (author)` of all that holds."""
    moment = Moment(Period.parse(period), TODAY, CALENDAR)
    rows = held(plan, moment, given_rows(given), returned_rows(returned))
    return {f"{row.indicator} {row.unit} {row.verdict} ({row.author})" for row in rows.itertuples()}


@pytest.mark.parametrize(
    ("given", "returned", "expected"),
    [
        pytest.param("", "", set(), id="nothing is said"),
        pytest.param(
            "CHE * 2013-Q2 outlook unlikely", "", {"CHE 10 unlikely (a)"}, id="it holds from its period on"
        ),
        pytest.param("CHE * 2014-Q1 outlook unlikely", "", set(), id="not before its period"),
        pytest.param(
            "CHE * 2013-Q3 outlook unlikely | CHE * 2013-Q2 outlook met",
            "",
            {"CHE 10 unlikely (a)"},
            id="until one of a later period, whenever it was recorded",
        ),
        pytest.param(
            "CHE * 2013-Q3 outlook unlikely | CHE * 2013-Q3 outlook met",
            "",
            {"CHE 10 met (a)"},
            id="of one period the word said last",
        ),
        pytest.param(
            "CHE * 2013-Q2 outlook unlikely | CHE * 2013-Q3 outlook withdrawn",
            "",
            set(),
            id="until withdrawn",
        ),
        pytest.param(
            "CHE * 2013-Q3 outlook unlikely | CHE * 2013-Q3 official met",
            "",
            {"CHE 10 unlikely (a)", "CHE 10 met (a)"},
            id="an outlook and an official band beside each other",
        ),
        pytest.param(
            "", "CHE 080 unlikely", {"CHE 080 unlikely (080)"}, id="a unit speaks of its own figure"
        ),
        pytest.param(
            "CHE 080 2012-Q1 outlook met",
            "CHE 080 unlikely",
            {"CHE 080 met (a)"},
            id="the office's word on a unit wins over the unit's",
        ),
        pytest.param(
            "CHE 080 2013-Q3 outlook withdrawn",
            "CHE 080 unlikely",
            {"CHE 080 unlikely (080)"},
            id="where the office withdraws its word the unit's holds",
        ),
        pytest.param(
            "",
            "XNK S03 will_not | XNK 080 met",
            {"XNK S03 will_not (S03)", "XNK 080 met (080)", "XNK 10 will_not (S03)"},
            id="whose figure is the authority's speaks for it",
        ),
        pytest.param(
            "XNK * 2013-H1 outlook will_meet",
            "XNK S03 will_not",
            {"XNK S03 will_not (S03)", "XNK 10 will_meet (a)"},
            id="the office's word on the whole wins",
        ),
    ],
)
def test_what_holds(given: str, returned: str, expected: set[str]) -> None:
    assert in_force(plan_of(), given, returned) == expected


def test_a_judgement_of_a_unit_does_not_pass_to_the_next_bearer_of_its_code() -> None:
    again = "\n083,Xã Mường Khương,commune,10,2013-07-01,,yes"
    plan = plan_of(org_units=TABLES["org_units"] + again)
    assert in_force(plan, "CHE 083 2012-Q2 outlook unlikely") == set()
    assert in_force(plan, "CHE 083 2013-Q3 outlook unlikely") == {"CHE 083 unlikely (a)"}


@pytest.mark.parametrize(
    ("reported_by", "lead", "figure_of", "expected"),
    [
        pytest.param("080", "", "", "080", id="the only reporter"),
        pytest.param("080;082", "082", "", "082", id="the lead agency among several"),
        pytest.param("080;082", "S03", "", None, id="a lead agency that does not report it"),
        pytest.param("080;082", "082", "080", "080", id="whose figure it is, before the lead agency"),
        pytest.param("tier", "", "", None, id="many, and nobody before the others"),
    ],
)
def test_who_speaks_for_the_authority(
    reported_by: str, lead: str, figure_of: str, expected: str | None
) -> None:
    head, *rows = TABLES["indicators"].strip().splitlines()
    row = f"MOI,Chỉ tiêu mới,CT1,ha,quarter,stock,sum,,ratio,,{reported_by},{figure_of},2,yes,{lead}"
    table = "\n".join([f"{head},lead_agency", *(f"{each}," for each in rows), row])
    plan = plan_of(indicators=table, targets=f"{TABLES['targets']}\nMOI,,2011-2015,,,1")
    assert speakers(plan, Moment(QUARTER, TODAY, CALENDAR)).get("MOI") == expected


# --- storing ------------------------------------------------------------------------------------------------


def test_a_judgement_is_kept_with_its_audit_and_said_twice_is_said_once(engine: Engine) -> None:
    assert add_judgement(engine, judgement(), NOW, "lan")
    assert not add_judgement(engine, judgement(), NOW + LATER, "lan")
    assert add_judgement(engine, judgement("will_meet"), NOW + 2 * LATER, "lan")
    kept = given_judgements(engine)
    assert kept.verdict.tolist() == ["unlikely", "will_meet"]
    assert kept.recorded_by.tolist() == ["lan", "lan"]
    with engine.connect() as connection:
        told = connection.execute(sa.select(audit).order_by(audit.c.id)).all()
    assert [(row.actor, row.action, row.subject) for row in told] == [
        ("lan", "judge", "outlook CHE * 2013-Q4")
    ] * 2
    assert told[0].before == "" and told[0].reason == "Vốn giao chậm"
    assert json.loads(told[1].before) == json.loads(told[0].after)
    assert json.loads(told[1].after)["verdict"] == "will_meet"
    assert broken_links(engine) == []


def test_judgements_are_read_as_they_were_known(engine: Engine) -> None:
    add_judgement(engine, judgement(), NOW, "lan")
    add_judgement(engine, judgement("will_meet"), NOW + LATER, "lan")
    assert given_judgements(engine, NOW - LATER).empty
    assert given_judgements(engine, NOW).verdict.tolist() == ["unlikely"]
    assert len(given_judgements(engine, NOW + LATER)) == 2


@pytest.mark.parametrize(
    "change", ["UPDATE officer_judgement SET verdict = 'met'", "DELETE FROM officer_judgement"]
)
def test_a_judgement_cannot_be_changed(engine: Engine, change: str) -> None:
    add_judgement(engine, judgement(), NOW, "lan")
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.execute(sa.text(change))
    assert given_judgements(engine).verdict.tolist() == ["unlikely"]


# --- from returns to the review -----------------------------------------------------------------------------

RETURN = HEAD.replace("note", "outlook,outlook_reason")


def returns(unit: str, che: str, outlook: str = "", reason: str = "") -> str:
    """A quarter's return of a unit, with its outlook on CHE."""
    rows = [f"CHE,{che},,,,,{outlook},{reason}", "VIEC,3000,,,,,,", "NUOC,,45,50,,,,", "NGHEO,10,,,,,,"]
    return RETURN + "\n".join(f"{unit},2013-Q4,{row}" for row in rows)


@pytest.fixture
def reporting(office: Workspace) -> Workspace:
    """The office with both districts' returns: CHE falls short, VIEC and NGHEO are ahead."""
    drop(office, "080", "a.csv", returns("080", "200", "will_not", "Thiếu vốn"))
    drop(office, "082", "b.csv", returns("082", "100"))
    assert collected(office).verdict.str.startswith("accepted").all()
    return office


def test_a_units_outlook_stands_on_its_own_row(reporting: Workspace) -> None:
    rows = attainment_table(reporting, QUARTER, ["term"], units=["all"], today=TODAY)
    said = rows[rows.code == "CHE"].set_index("unit").judgement.to_dict()
    assert said == {"10": "", "080": "will_not", "082": ""}


def test_the_outlooks_of_a_return_are_those_of_its_current_version(reporting: Workspace) -> None:
    drop(reporting, "080", "c.csv", returns("080", "210", "will_meet", "Đã có vốn"))
    collected(reporting, NOW + LATER)
    for as_of, verdict in ((None, "will_meet"), (NOW + LATER, "will_meet"), (NOW, "will_not")):
        found = returned_outlooks(reporting.engine, [QUARTER], ["080"], as_of)
        assert found.verdict.tolist() == [verdict]
    assert returned_outlooks(reporting.engine, [QUARTER], ["082"]).empty


def test_judgements_stand_in_attainment_and_change_no_band(reporting: Workspace) -> None:
    before = attainment_table(reporting, QUARTER, ["term"], today=TODAY).set_index("code")
    counts = attainment_table(reporting, QUARTER, ["term"], ["term"], today=TODAY)
    now = datetime.now(UTC)
    give_judgement(reporting, judgement(), now, "lan")
    give_judgement(reporting, judgement("exceeded", OFFICIAL, indicator="NGHEO"), now, "lan")
    rows = attainment_table(reporting, QUARTER, ["term"], today=TODAY).set_index("code")
    assert rows.judgement.to_dict() | {"CHE": ""} == before.judgement.to_dict()
    assert (rows.judgement["CHE"], rows.official["NGHEO"]) == ("unlikely", "exceeded")
    told = ["judgement", "official"]
    pd.testing.assert_frame_equal(rows.drop(columns=told), before.drop(columns=told))
    pd.testing.assert_frame_equal(
        attainment_table(reporting, QUARTER, ["term"], ["term"], today=TODAY), counts
    )
    known_then = attainment_table(reporting, QUARTER, ["term"], as_of=now - timedelta(hours=1), today=TODAY)
    assert set(known_then.judgement) | set(known_then.official) == {""}


def test_the_list_sets_each_judgement_beside_what_is_computed(reporting: Workspace) -> None:
    give_judgement(reporting, judgement(indicator="VIEC"), NOW, "lan")
    give_judgement(reporting, judgement("met", OFFICIAL, indicator="NGHEO"), NOW, "lan")
    table = judgement_table(reporting, QUARTER, "term", TODAY)
    lines = table[["indicator", "unit", "outlook", "official", "author", "agrees"]].values.tolist()
    assert lines == [
        ["NGHEO", "10", "", "met", "Phó Chủ tịch", "yes"],
        ["VIEC", "10", "unlikely", "", "Phó Chủ tịch", "no"],
        ["CHE", "080", "will_not", "", "080", ""],
    ]


REFUSALS = [
    pytest.param({"indicator": "CHEE"}, "có phải là 'CHE'", id="an indicator the plan does not have"),
    pytest.param({"unit": "081"}, "không có đơn vị này", id="a unit the plan does not have"),
    pytest.param({"unit": "083"}, "không có đơn vị này", id="a unit that is no more"),
    pytest.param({"unit": "S03"}, "không báo cáo", id="a unit that has nothing to do with it"),
    pytest.param({"period": "2016-Q1"}, "nằm ngoài nhiệm kỳ", id="a period after the term"),
    pytest.param({"period": "2013-Q5"}, "không phải là kỳ", id="a period that is none"),
]


@pytest.mark.parametrize(("changes", "said"), REFUSALS)
def test_a_judgement_of_nothing_is_refused(office: Workspace, changes: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        give_judgement(office, judgement(**changes), NOW, "lan")
    assert rows_of(office, officer_judgement).empty


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--outlook", "unlikly", "--reason", "x"], "'unlikely'", id="a word that is no outlook"),
        pytest.param(
            ["--official", "great", "--reason", "x"], "--official 'great'", id="a word that is no band"
        ),
        pytest.param(["--reason", "x"], "đúng một trong hai", id="nothing judged"),
        pytest.param(
            ["--outlook", "met", "--official", "met", "--reason", "x"], "đúng một trong hai", id="two at once"
        ),
        pytest.param(["--outlook", "met"], "--reason", id="no reason"),
        pytest.param(["--outlook", "met", "--reason", " "], "--reason để trống", id="an empty reason"),
    ],
)
def test_wrong_words_are_refused(
    office: Workspace, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    start = ["--workspace", str(office.root), "judge", "CHE", "--period", "2013-Q4"]
    assert main([*start, *words]) == 2
    assert said in capsys.readouterr().err
    assert rows_of(office, officer_judgement).empty


def test_the_verbs_write_and_list(reporting: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    start = ["--workspace", str(reporting.root)]
    words = [
        "judge",
        "CHE",
        "--period",
        "2013-Q4",
        "--outlook",
        "unlikely",
        "--reason",
        "Vốn",
        "--author",
        "Lan",
    ]
    assert main([*start, *words]) == 0
    assert "đã ghi unlikely" in capsys.readouterr().err
    assert main([*start, "judgements", "--period", "2013-Q4", "--format", "json"]) == 0
    first = json.loads(capsys.readouterr().out)[0]
    assert (first["indicator"], first["unit"], first["outlook"], first["author"]) == (
        "CHE",
        "10",
        "unlikely",
        "Lan",
    )
    assert first["official"] is None


# --- the sheet Khó đạt --------------------------------------------------------------------------------------


def sheet(office: Workspace) -> list[str]:
    """The sheet's rows as texts, cells parted by ` · `."""
    judged = judge_period(office, QUARTER, ["term", "own", "year"], TODAY)
    review = review_of(office, judged, TODAY, NOW)
    content = review_bytes(review)
    assert content == review_bytes(review_of(office, judged, TODAY, NOW)), "the same review, the same bytes"
    page = openpyxl.load_workbook(io.BytesIO(content))["Khó đạt"]
    rows = ((str(cell) for cell in row if cell is not None) for row in page.iter_rows(values_only=True))
    return [" · ".join(row) for row in rows]


def found(lines: list[str], *words: str) -> str:
    """The one line that has all the words."""
    having = [line for line in lines if all(word in line for word in words)]
    assert len(having) == 1, having
    return having[0]


def test_the_sheet_lists_what_is_unlikely_and_marks_where_officers_differ(reporting: Workspace) -> None:
    give_judgement(reporting, judgement("will_meet", reason="vốn về quý sau"), NOW, "lan")
    give_judgement(reporting, judgement(indicator="VIEC", reason="thị trường hẹp"), NOW, "lan")
    give_judgement(
        reporting, judgement("exceeded", OFFICIAL, indicator="NGHEO", reason="Tỉnh ủy kết luận"), NOW, "lan"
    )
    lines = sheet(reporting)
    assert found(lines, "theo dự báo: 1")
    assert found(lines, "không nói vậy hoặc chưa có: 1")
    assert found(lines, "2 chỉ tiêu dự kiến khó đạt: 1 chỉ tiêu theo dự báo, 1 chỉ tiêu theo nhận định")
    che = found(lines, "Diện tích chè", "Rất chậm", "Sẽ đạt", "Vốn về quý sau", "Phó Chủ tịch", "≠ Khác")
    assert "2011–2015\ntheo quý" in che
    assert " · 87.5 · " in che, "700 ha are left for eight quarters"
    assert found(lines, "Việc làm mới", "Đúng tiến độ", "Khó đạt", "Thị trường hẹp", "≠ Khác")
    assert "Đánh giá chính thức: vượt" in found(lines, "Tỷ lệ hộ nghèo", "Tỉnh ủy kết luận", "≠ Khác")
    assert not [line for line in lines if "nước sạch" in line], "what nobody doubts is not listed"


def test_the_sheet_says_that_nothing_is_unlikely(office: Workspace) -> None:
    assert "Không có chỉ tiêu nào dự kiến khó đạt" in sheet(office)


def doubted(**rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Doubts of indicators: code → (span, band, forecast_band, judgement)."""
    names = ["span", "band", "forecast_band", "judgement"]
    frame = pd.DataFrame([{"code": code, **dict(zip(names, row, strict=True))} for code, row in rows.items()])
    return with_doubts(frame.assign(series="assigned", official="", term_target=1.0), TERM, QUARTER)


def test_computed_and_judged_doubts_are_counted_as_two_facts() -> None:
    rows = doubted(
        a=("2011-2015", "lagging", "advancing", "unlikely"),
        b=("2011-2015", "lagging", "advancing", ""),
        c=("2011-2015", "advancing", "met", "will_not"),
        d=("2011-2015", "met", "met", "met"),
        e=("2013", "stalled", "stalled", ""),  # over: what came of it is not foretold
        f=("2011-2015", "lagging", "", ""),
    )
    assert doubts_sentence(rows) == (
        "3 chỉ tiêu dự kiến khó đạt: 2 chỉ tiêu theo dự báo, 2 chỉ tiêu theo nhận định của cán bộ, "
        "1 chỉ tiêu theo cả hai."
    )
    assert rows.code[rows.differs].tolist() == ["c"]
    assert doubts_sentence(rows[3:]) == ""

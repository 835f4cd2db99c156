"""Approval: how far a return has come, what is said of it, who is told, and which figures are marked as unapproved."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from collecting import NOW, SETTINGS, collected, drop, quarter, rows_of, with_plan
from intake_samples import TABLES, instant
from judging import INDICATOR, cells, moment_of, plan_of, province, receive, words
from sqlalchemy.engine import Engine

from tasks.approved import submissions_as_judged
from tasks.approving import Word, say, submission_table
from tasks.example.filling import fill_template
from tasks.office.workspace import Workspace
from tasks.reading_figures import attainment_table, obligation_table
from tasks.templates import issue_templates
from tiendo.approvals import documents_of, unapproved_rows, with_office_verdicts
from tiendo.errors import InputError
from tiendo.measures import BESIDE, members_of
from tiendo.periods import FREQUENCIES, Period
from warehouse.approval_store import figures_of, record_acts, unapproved_submissions
from warehouse.connecting import reading, writing
from warehouse.intake_store import submissions_of
from warehouse.schema import approval, audit, outbox, submission

Q4 = Period.parse("2013-Q4")
LATER = instant("2014-01-09 10:00")
SIGNED = json.dumps({"approved_by": "Lò A", "document_number": "12/BC", "document_date": "8/1/2014"})
APPROVAL = SETTINGS + "[review]\napproval = true\n"


def versions(verdict: str, about: str = "", origin: str = "") -> pd.DataFrame:
    return pd.DataFrame({"id": [7], "verdict": [verdict], "about": [about], "origin": [origin]})


def acts(*words: str) -> pd.DataFrame:
    frame = pd.DataFrame({"submission": [7] * len(words), "act": list(words)})
    return frame.assign(recorded_at=pd.Timestamp(NOW)).astype({"act": "str"})


@pytest.mark.parametrize(
    ("verdict", "about", "said", "by_itself", "by_office"),
    [
        pytest.param("accepted", "", "", "accepted validated", "submitted validated", id="valid"),
        pytest.param(
            "accepted_with_warnings",
            "",
            "",
            "accepted_with_warnings validated",
            "submitted validated",
            id="doubts",
        ),
        pytest.param("returned", "", "", "returned returned", "returned returned", id="cells to correct"),
        pytest.param(
            "accepted", SIGNED, "", "accepted confirmed", "submitted confirmed", id="signed document named"
        ),
        pytest.param(
            "accepted",
            "",
            "confirmed",
            "accepted confirmed",
            "submitted confirmed",
            id="confirmed by the head",
        ),
        pytest.param("accepted", "", "accepted", "accepted accepted", "accepted accepted", id="accepted"),
        pytest.param("accepted", "", "returned", "returned returned", "returned returned", id="sent back"),
        pytest.param(
            "accepted",
            "",
            "returned accepted",
            "accepted accepted",
            "accepted accepted",
            id="sent back, then accepted",
        ),
        pytest.param(
            "accepted",
            "",
            "accepted returned",
            "returned returned",
            "returned returned",
            id="accepted, then sent back",
        ),
        pytest.param(
            "accepted",
            "",
            "accepted confirmed",
            "accepted accepted",
            "accepted accepted",
            id="confirmed after it",
        ),
        pytest.param(
            "returned", "", "accepted", "returned accepted", "returned accepted", id="accepted with its gaps"
        ),
    ],
)
def test_the_office_word_goes_over_the_verdict(
    verdict: str, about: str, said: str, by_itself: str, by_office: str
) -> None:
    for needs_acceptance, expected in ((False, by_itself), (True, by_office)):
        row = with_office_verdicts(versions(verdict, about), acts(*said.split()), needs_acceptance).iloc[0]
        assert f"{row.verdict} {row.stage}" == expected
        assert pd.isna(row.returned_at) == (not said.endswith("returned"))


def test_what_the_office_imported_needs_no_word_of_it() -> None:
    row = with_office_verdicts(versions("accepted", origin="import"), acts(), True).iloc[0]
    assert (row.verdict, row.stage) == ("accepted", "accepted")


@pytest.mark.parametrize(
    ("about", "document"),
    [
        pytest.param({"approved_by": "Lò A", "document_number": "12/BC"}, "12/BC", id="without a date"),
        pytest.param(json.loads(SIGNED), "12/BC, 8/1/2014", id="with its date"),
        pytest.param({"document_number": "12/BC"}, "", id="nobody answers for it"),
        pytest.param({"approved_by": "Lò A", "document_number": " "}, "", id="no number"),
    ],
)
def test_a_document_counts_where_number_and_head_are_named(about: Mapping[str, str], document: str) -> None:
    assert documents_of(pd.Series([json.dumps(about), ""])).tolist() == [document, ""]


# --- saying a word, end to end ----------------------------------------------------------------------------


def office_of(folder: Path, settings: str = SETTINGS) -> Workspace:
    """An office that has collected the fourth quarter of 080 and 082."""
    office = with_plan(
        folder / "office", settings, TABLES | {"officers": OFFICERS, "responsibilities": HEADS}
    )
    drop(office, "080", "a.csv", quarter())
    drop(office, "082", "b.csv", quarter(che=50, unit="082"))
    collected(office)
    return office


OFFICERS = """code,name,title,unit,email,phone,channels,locale
my,Giàng Thị Mỷ,Bà,080,my@lc.example,,,
lo,Lò A Sáng,Ông,080,lo@lc.example,,,en"""
HEADS = "officer,role,scope,code\nlo,head,unit,080"


def word(act: str, reason: str = "số chè lệch sổ", document: str = "") -> Word:
    return Word(act, reason, LATER, "vp", document)


def stage_of(office: Workspace, unit: str = "080") -> tuple[str, str]:
    last = submission_table(office, Q4, [unit]).iloc[-1]
    return str(last.verdict), str(last.stage)


def test_a_return_sent_back_is_owed_again_and_its_unit_is_told_why(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    before = len(rows_of(office, outbox))
    done = say(office, Q4, ["080"], word("returned"))
    assert done.to_numpy().tolist() == [["080", "2013-Q4", 1, "returned", "", True]]
    assert stage_of(office) == ("returned", "returned")
    owed = obligation_table(office, Q4, date(2014, 1, 9)).set_index("unit")
    assert owed.state.to_dict() == {"080": "returned", "082": "accepted_on_time"}
    assert obligation_table(office, Q4, date(2014, 1, 8)).set_index("unit").state["080"] == "accepted_on_time"
    letters = rows_of(office, outbox).iloc[before:]
    assert sorted(letters.recipient) == ["lo", "my"]
    assert set(letters.kind) == {"sent_back"}
    vi = letters.set_index("recipient").body_text["my"]
    assert "“số chè lệch sổ”" in vi
    assert "17 giờ 00, thứ Hai, 13/1/2014" in vi
    assert "please correct" in letters.set_index("recipient").subject["lo"]


def test_the_unit_sends_again_and_is_in(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    say(office, Q4, ["080"], word("returned"))
    drop(office, "080", "again.csv", quarter(che=101))
    collected(office, instant("2014-01-10 09:00"))
    table = submission_table(office, Q4, ["080"])
    assert table[["version", "verdict", "stage", "reason", "by"]].to_numpy().tolist() == [
        [1, "returned", "returned", "số chè lệch sổ", "vp"],
        [2, "accepted", "validated", "", ""],
    ]
    assert obligation_table(office, Q4, date(2014, 1, 10)).state.tolist() == ["accepted_on_time"] * 2


def test_where_the_office_has_to_accept_a_valid_return_waits_for_it(tmp_path: Path) -> None:
    office = office_of(tmp_path, APPROVAL)
    assert obligation_table(office, Q4, date(2014, 1, 9)).state.tolist() == ["submitted"] * 2
    say(office, Q4, ["080", "082"], word("accepted", "đã đối chiếu"))
    assert stage_of(office) == ("accepted", "accepted")
    assert obligation_table(office, Q4, date(2014, 1, 9)).state.tolist() == ["accepted_on_time"] * 2
    assert obligation_table(office, Q4, date(2014, 1, 8)).state.tolist() == ["submitted"] * 2


def test_the_same_word_twice_is_said_once(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    for is_new in (True, False):
        assert say(office, Q4, ["080"], word("returned")).is_new.tolist() == [is_new]
    assert say(office, Q4, ["080"], word("returned", "còn sai số hộ")).is_new.tolist() == [True]
    assert say(office, Q4, ["080"], word("returned")).is_new.tolist() == [
        True
    ]  # the last word was another one
    assert len(rows_of(office, approval)) == 3


def test_every_word_is_in_the_audit(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    say(office, Q4, ["080"], word("confirmed", "theo văn bản", "12/BC"))
    entry = rows_of(office, audit).iloc[-1]
    assert (entry.actor, entry.action, entry.subject) == ("vp", "submission confirmed", "080 2013-Q4")
    assert json.loads(entry.before) == {"version": 1, "stage": "validated"}
    assert json.loads(entry.after) == {"version": 1, "act": "confirmed", "document": "12/BC"}
    assert entry.reason == "theo văn bản"


@pytest.mark.parametrize(
    ("units", "said", "version", "words"),
    [
        pytest.param(["80"], word("accepted"), None, "có phải là '080'", id="unknown unit"),
        pytest.param(["080", "S03"], word("accepted"), None, "S03: chưa có báo cáo", id="nothing sent"),
        pytest.param(["080"], word("accepted"), 2, "nay là bản 1", id="a version that is not there yet"),
        pytest.param(["080"], word("confirmed"), None, "--document", id="confirmed by no document"),
    ],
)
def test_a_word_that_fits_nothing_is_refused_whole(
    tmp_path: Path, units: list[str], said: Word, version: int | None, words: str
) -> None:
    office = office_of(tmp_path)
    with pytest.raises(InputError, match=words):
        say(office, Q4, units, said, version)
    assert rows_of(office, approval).empty


def test_a_word_on_a_version_that_is_not_the_current_one_any_more_is_refused(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    drop(office, "080", "again.csv", quarter(che=101))
    collected(office, LATER)
    with pytest.raises(InputError, match="bản 1 không phải bản hiện hành \\(nay là bản 2\\)"):
        say(office, Q4, ["080"], word("accepted"), 1)
    assert say(office, Q4, ["080"], word("accepted"), 2).is_new.all()


@pytest.mark.parametrize(
    "reason", ["", "  ", "x" * 401], ids=["none", "blank", "longer than a letter has room for"]
)
def test_a_word_needs_a_reason_that_a_letter_can_tell(reason: str) -> None:
    with pytest.raises(InputError, match=r"lý do|--reason"):
        word("returned", reason)


def test_a_signed_copy_serves_as_the_document(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    drop(office, "080", "ban_ky.pdf", b"%PDF-1.4\n%%EOF")
    collected(office, LATER)
    (document,) = say(office, Q4, ["080"], word("confirmed", "bản ký đã nhận")).document
    assert document.startswith("bản ký ban_ky.pdf, mã tiếp nhận ")
    code = document[-8:]
    assert say(office, Q4, ["080"], word("confirmed", "theo mã", code.lower())).document.tolist() == [
        document
    ]
    assert stage_of(office) == ("accepted", "confirmed")


def test_what_the_sheet_of_the_sender_says_is_kept_and_a_signed_document_confirms(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS, TABLES)
    drop(office, "080", "Mau.xlsx", signed_form(office, tmp_path, prepared_by="Lò Thị Mai"))
    collected(office)
    assert json.loads(rows_of(office, submission).about[0]) == {"prepared_by": "Lò Thị Mai"}
    assert stage_of(office) == ("accepted", "validated")
    signed = {"approved_by": "Lò A Sáng", "document_number": "12/BC-UBND", "document_date": "8/1/2014"}
    drop(office, "080", "Mau.xlsx", signed_form(office, tmp_path, **signed))
    assert collected(office, LATER).version.tolist() == [2]  # the same figures under a signed document
    last = submission_table(office, Q4, ["080"]).iloc[-1]
    assert (last.stage, last.document) == ("confirmed", "12/BC-UBND, 8/1/2014")
    assert say(office, Q4, ["080"], word("confirmed", "theo văn bản")).document.tolist() == [last.document]


def signed_form(office: Workspace, folder: Path, **sender: str) -> bytes:
    """The quarter's form of 080 filled, and what is said on the sheet of its sender."""
    (template,) = issue_templates(office, Q4, ["080"], folder / "out", NOW)
    entries = [("2013-Q4", "CHE", "100"), ("2013-Q4", "VIEC", "7"), ("2013-H2", "XNK", "5")]
    entries += [("2013", "VON", "100"), ("2013", "VON-NS", "60"), ("2013", "VON-DN", "40")]
    ratio = pd.DataFrame([{"period": "2013-Q4", "indicator": "NUOC", "numerator": "45", "denominator": "50"}])
    typed = pd.concat([pd.DataFrame(entries, columns=["period", "indicator", "value"]), ratio]).fillna("")
    fill_template(template, typed, folder / "Mau.xlsx")
    book = openpyxl.load_workbook(folder / "Mau.xlsx")
    for row in book["Thông tin nộp"].iter_rows():
        if row[2].value in sender:
            row[1].value = sender[row[2].value]
    book.save(folder / "Mau.xlsx")
    return (folder / "Mau.xlsx").read_bytes()


def test_acts_are_read_as_they_were_known(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    say(office, Q4, ["080"], word("returned"))
    for as_of, verdict in ((NOW, "accepted"), (LATER, "returned"), (None, "returned")):
        assert submissions_as_judged(office, ["2013-Q4"], ["080"], as_of).verdict.tolist() == [verdict]


# --- figures that rest on what is not approved ------------------------------------------------------------


def flagged(office: Workspace, period: str = "2013") -> list[str]:
    """The indicators of the authority that are flagged."""
    table = attainment_table(office, Period.parse(period), ["term"])
    return sorted(table.code[table["flags"].str.split(";").map(lambda flags: "unapproved" in flags)])


def test_what_was_sent_back_is_marked_not_hidden(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    assert flagged(office) == []
    before = attainment_table(office, Period.parse("2013"), ["term"]).set_index("code").actual
    say(office, Q4, ["080"], word("returned"))
    assert flagged(office) == ["CHE", "NGHEO", "NUOC", "VIEC"]
    after = attainment_table(office, Period.parse("2013"), ["term"]).set_index("code").actual
    pd.testing.assert_series_equal(before, after)
    say(office, Q4, ["080"], word("accepted", "đã giải trình"))
    assert flagged(office) == []


def test_what_is_left_out_of_a_review_need_not_be_marked(tmp_path: Path) -> None:
    office = office_of(tmp_path, SETTINGS + '[review]\nunapproved = "left_out"\n')
    say(office, Q4, ["080"], word("returned"))
    assert flagged(office) == []


FLOW, STOCK = "accumulation=flow", "accumulation=stock"


@pytest.mark.parametrize(
    ("about", "returned", "sent_back", "period", "expected"),
    [
        pytest.param(FLOW, "A 2013-Q1 F 1|A 2013-Q2 F 2", "A 2013-Q1", "2013-Q2", "P A R", id="part of a year's sum"),
        pytest.param(FLOW, "A 2012-Q4 F 1|A 2013-Q1 F 2", "A 2012-Q4", "2013-Q1", "", id="a flow of the year before"),
        pytest.param(STOCK, "A 2013-Q1 F 1|A 2013-Q2 F 2", "A 2013-Q2", "2013-Q2", "P A R", id="the last figure"),
        pytest.param(STOCK, "A 2013-Q1 F 1|A 2013-Q2 F 2", "A 2013-Q1", "2013-Q2", "", id="a figure since renewed"),
        pytest.param(
            STOCK, "A 2013-Q1 F 1|A 2013-Q2 F not_due", "A 2013-Q1", "2013-Q2", "P A R", id="a declaration renews nothing"
        ),
        pytest.param(STOCK, "A 2012-Q4 F 1|B 2013-Q1 F 2", "A 2012-Q4", "2013-Q1", "P A R", id="an old stock"),
        pytest.param(STOCK, "A 2013-Q1 F 1|A 2013-Q2 F 2", "A 2013-Q2", "2013-Q1", "", id="after the review"),
        pytest.param(STOCK, "A 2013-Q1 F 1|C 2013-Q1 F 2", "C 2013-Q1", "2013-Q1", "P C", id="below the authority alone"),
        pytest.param(
            STOCK + " reported_by=tier;S figure_of=S", "S 2013-Q1 F 1|A 2013-Q1 F 2", "A 2013-Q1", "2013-Q1", "A R",
            id="beside the figure that counts",
        ),
    ],
)  # fmt: skip
def test_a_figure_is_marked_where_it_rests_on_what_was_sent_back(
    engine: Engine, about: str, returned: str, sent_back: str, period: str, expected: str
) -> None:
    assert marked(engine, about, returned, sent_back, period, "F")["F"] == expected


def test_what_is_made_of_other_figures_rests_on_what_they_rest_on(engine: Engine) -> None:
    found = marked(engine, STOCK, "A 2013-Q1 F 1|A 2013-Q1 G 2", "A 2013-Q1", "2013-Q1", "HW")
    assert found == {"H": "P A R", "W": "P A R"}


def marked(
    engine: Engine, about: str, returned: str, sent_back: str, period: str, asked: str
) -> dict[str, str]:
    """Indicator asked for → the nodes whose figure of the year is marked (`P A R`)."""
    given = INDICATOR | {"reported_by": "tier"} | words(about)
    more = [
        INDICATOR | {"code": "G", "reported_by": "tier"},
        INDICATOR | {"code": "H", "reported_by": "source:F"},
        INDICATOR
        | {"code": "W", "aggregation": "weighted_mean", "weight_indicator": "G", "reported_by": "tier"},
    ]
    targets = [{"indicator": code, "span": "2011-2015", "target": "5"} for code in "FGHW"]
    plan = plan_of(province(indicators=[given | {"code": "F"}, *more], targets=targets))
    receive(engine, cells(returned))
    unit, of = sent_back.split()
    send_back(engine, unit, of)
    moment = moment_of(period)
    closings = [moment.closing(frequency) for frequency in FREQUENCIES]
    with reading(engine) as connection:
        resting = figures_of(connection, unapproved_submissions(connection, closings, False), closings)
    members = members_of(plan, moment, "all")
    nodes = [node for node in dict.fromkeys(members.node) if node != BESIDE]
    start = moment.period.year * 12
    rows = pd.DataFrame(
        [(code, node, "ratio", start) for code in asked for node in nodes],
        columns=["indicator", "unit", "type", "span_start"],
    )
    holds = rows[unapproved_rows(plan, moment, rows, members, resting)] if len(resting) else rows.iloc[:0]
    order = ["P", "A", "B", "C", "R", "S"]
    found = {code: sorted(set(holds.unit[holds.indicator == code]), key=order.index) for code in asked}
    return {code: " ".join(those) for code, those in found.items()}


def send_back(engine: Engine, unit: str, period: str, act: str = "returned") -> None:
    sent = submissions_of(engine, [unit], [period]).iloc[[-1]].rename(columns={"id": "submission"})
    said = {
        "act": act,
        "document": "",
        "reason": "lý do",
        "recorded_at": pd.Timestamp(NOW),
        "recorded_by": "vp",
    }
    with writing(engine) as connection:
        record_acts(connection, sent[["submission", "unit", "period", "version"]].assign(**said, before=""))


def test_unapproved_is_what_the_office_sent_back_or_where_it_must_what_it_has_not_accepted(
    engine: Engine,
) -> None:
    receive(engine, cells("A 2013-Q1 F 1|B 2013-Q1 F 1|C 2013-Q1 F 1|A 2013-Q2 F 1"))
    send_back(engine, "A", "2013-Q1")
    send_back(engine, "B", "2013-Q1", "accepted")
    expected = {
        (False, "2013-Q2"): ["A 2013-Q1"],
        (True, "2013-Q2"): ["A 2013-Q1", "C 2013-Q1", "A 2013-Q2"],
        (True, "2013-Q1"): ["A 2013-Q1", "C 2013-Q1"],
    }
    with reading(engine) as connection:
        for (needs_acceptance, closing), cases in expected.items():
            found = unapproved_submissions(connection, [Period.parse(closing)], needs_acceptance)
            assert (found.unit + " " + found.period).tolist() == cases
        early = unapproved_submissions(
            connection, [Period.parse("2013-Q2")], False, instant("2013-01-01 00:00")
        )
    assert early.empty


def test_a_newer_version_is_not_what_was_sent_back(engine: Engine) -> None:
    receive(engine, cells("A 2013-Q1 F 1"))
    send_back(engine, "A", "2013-Q1")
    receive(engine, cells("A 2013-Q1 F 2"))
    with reading(engine) as connection:
        assert unapproved_submissions(connection, [Period.parse("2013-Q1")], False).empty

"""Files, versions and verdicts: who may send what when, which version it becomes, what is kept or refused."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_samples import CALENDAR, cells_of, instant, plan_of, rules_of

from tiendo.cells import type_cells
from tiendo.file_checks import check_files
from tiendo.findings import findings, no_findings
from tiendo.intake_rules import IntakeRules
from tiendo.parts import owed_grid, part_of_rows, parts_of, places_of
from tiendo.periods import Period
from tiendo.verdicts import part_verdicts, results, unfit_files
from tiendo.versions import late_parts, numbered, with_carried

IN_TIME = "2014-01-08 09:00"  # 2013-Q4 is due on 10 January 2014
RETURN = "unit,period,indicator,value,status\n{unit},{period},CHE,5,{status}"


def found_in(
    text: str, sender: str = "080", at: str = IN_TIME, rules: IntakeRules | None = None, **file: object
) -> list[str]:
    """The codes found in one file as a whole."""
    rules = rules or rules_of()
    rows = type_cells(cells_of(text), {0: "point"}).rows
    parts = parts_of(rows, rules.plan, rules.calendar)
    rows = rows.assign(part=part_of_rows(rows, parts))
    about = {
        "file": 0, "sender": sender, "path": "inbox/a", "titles": None, "kind": "csv", "received_at": instant(at),
        "recorded_at": instant(at),
        "rows": len(rows), "sheet": "Sheet1",
        "code": None, "seen": None, "facts": None, "period": None, "plan_version": None, "decimal_comma": None,
        "encoding": None, "hidden": None, "left_out": None, "excess": None, "signed": True, "replayed_on": None,
    }  # fmt: skip
    files = pd.DataFrame([about | file])
    flaws = pd.DataFrame(columns=["file", "row", "field", "code", "found"])
    found = check_files(files, parts, rows, owed_grid(rules.plan, parts), rules, flaws)
    return found.code.tolist()


def a_return(unit: str = "080", period: str = "2013-Q4", status: str = "final") -> str:
    return RETURN.format(unit=unit, period=period, status=status)


@pytest.mark.parametrize(
    ("text", "sender", "codes"),
    [
        pytest.param(a_return(), "080", [], id="a unit's own return"),
        pytest.param(a_return("082"), "080", ["wrong_sender"], id="another unit's return"),
        pytest.param(a_return("999"), "080", ["wrong_sender"], id="a return of nobody"),
        pytest.param(a_return(), "999", ["unknown_unit"], id="from a folder of nobody"),
        pytest.param(a_return("083"), "083", ["unknown_unit"], id="a unit that is no more"),
        pytest.param(a_return(period="Quý 4"), "080", ["unknown_period"], id="no period"),
        pytest.param(
            a_return(period="2013-9M"), "080", ["unknown_period"], id="nothing is owed for nine months"
        ),
        pytest.param(a_return(period="2013-12"), "080", ["unknown_period"], id="nothing is owed for a month"),
        pytest.param(
            a_return("S03", "2013-Q4"), "S03", ["unknown_period"], id="a period this unit does not owe"
        ),
        pytest.param(a_return(period="2016-Q1"), "080", ["unknown_period"], id="a period after the term"),
        pytest.param(
            f"{a_return()}\n080,2013-09,CHE,5,final", "080", ["unknown_period"], id="one wrong period of two"
        ),
    ],
)
def test_who_may_send_what(text: str, sender: str, codes: list[str]) -> None:
    assert found_in(text, sender) == codes


@pytest.mark.parametrize("period", ["2012-Q1", "2012-Q2"])
def test_a_unit_answers_for_the_time_it_existed(period: str) -> None:
    assert found_in(a_return("083", period), "083", at="2012-07-09 08:00") == []


def test_a_sender_who_may_speaks_for_other_units() -> None:
    both = f"{a_return('080')}\n082,2013-Q4,CHE,7,final"
    allowed = rules_of(many_units_from=frozenset({"S03"}))
    assert found_in(both, "S03", rules=allowed) == []
    assert found_in(both, "S03") == ["wrong_sender"]
    assert found_in(a_return("999"), "S03", rules=allowed) == ["unknown_unit"]


@pytest.mark.parametrize(
    ("at", "status", "codes"),
    [
        # Due on Friday 10 January 2014; ten working days before it, without New Year's Day: 26 December 2013.
        pytest.param("2013-12-26 00:00", "final", [], id="on the day it opens"),
        pytest.param("2013-12-25 23:59", "final", ["period_not_open"], id="a minute too early"),
        pytest.param("2013-07-23 08:00", "final", ["period_not_open"], id="final figures of the future"),
        pytest.param("2013-07-23 08:00", "preliminary", ["period_not_open"], id="preliminary ones too"),
        pytest.param("2013-07-23 08:00", "", ["period_not_open"], id="an empty status is final"),
        pytest.param("2013-07-23 08:00", "estimate", [], id="an estimate may come early"),
        pytest.param("2015-02-14 23:59", "final", [], id="on the last day before the lock"),
        pytest.param("2015-02-15 00:00", "final", ["period_locked"], id="after the lock"),
        pytest.param("2015-02-15 00:00", "estimate", ["period_locked"], id="estimates too"),
    ],
)
def test_when_a_period_is_open(at: str, status: str, codes: list[str]) -> None:
    assert found_in(a_return(status=status), at=at) == codes


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        pytest.param("080,2013-Q4,VIEC,3,,final", ["period_not_open"], id="a final figure among estimates"),
        pytest.param("080,2013-Q4,VIEC,,not_due,", [], id="a state beside estimates claims no figure"),
        pytest.param("080,2013-Q4,VIEC,,none_occurred,", ["period_not_open"], id="none occurred is a claim"),
        pytest.param("080,2013-Q4,VIEC,,,", [], id="an empty row claims nothing"),
    ],
)
def test_what_may_stand_beside_estimates_of_a_period_not_open(row: str, codes: list[str]) -> None:
    text = f"unit,period,indicator,value,state,status\n080,2013-Q4,CHE,5,,estimate\n{row}"
    assert found_in(text, at="2013-07-23 08:00") == codes


@pytest.mark.parametrize(
    ("file", "codes"),
    [
        pytest.param({"plan_version": "1"}, [], id="the current plan"),
        pytest.param({"plan_version": "0"}, ["old_template"], id="an older plan"),
        pytest.param({"decimal_comma": True}, ["decimal_comma"], id="decimal commas"),
        pytest.param({"signed": False}, ["bad_signature"], id="a forged signature"),
        pytest.param({"rows": 0}, ["no_figures"], id="an empty form"),
        pytest.param({"rows": 0, "kind": "evidence"}, [], id="a signed scan has no figures"),
        pytest.param({"code": "encrypted", "seen": "locked"}, ["encrypted"], id="could not be read"),
        pytest.param({"code": "odd"}, ["unreadable"], id="for a reason nobody knows"),
        pytest.param(
            {"replayed_on": date(2014, 1, 7)}, ["replayed"], id="received before, and a newer one since"
        ),
        pytest.param({"kind": "template", "period": "2013-Q4"}, [], id="a template of the closing"),
        pytest.param({"kind": "template", "period": "2013-Q3"}, ["unknown_period"], id="of another closing"),
        pytest.param({"kind": "template", "period": "Quý 4"}, ["unknown_period"], id="of no closing"),
        pytest.param(
            {"kind": "template", "period": "2013-Q4", "titles": ["BIỂU NHẬP SỐ LIỆU – QUÝ III/2013"]},
            ["period_differs"],
            id="a title of another period",
        ),
        pytest.param(
            {"kind": "template", "period": "2013-Q4", "titles": ["Báo cáo năm 2013"]},
            [],
            id="a title of its year",
        ),
        pytest.param(
            {"kind": "template", "period": "2013-Q4", "path": "inbox/080/Mau_080_2013-Q3.xlsx"},
            ["period_differs"],
            id="the name of another period",
        ),
        pytest.param({"kind": "plain"}, ["not_a_template"], id="a table known by its headings"),
        pytest.param({"encoding": "TCVN3"}, ["old_encoding"], id="letters of before Unicode"),
        pytest.param({"encoding": "UTF-16"}, [], id="Unicode, whichever form"),
        pytest.param({"hidden": 2}, ["hidden_rows"], id="rows filtered away"),
        pytest.param({"left_out": [14, 15]}, ["row_without_code"], id="figures of no indicator"),
    ],
)
def test_what_is_wrong_with_a_file(file: dict[str, object], codes: list[str]) -> None:
    assert found_in(a_return(), **file) == codes


def test_an_old_template_is_still_readable_and_a_refusal_is_not() -> None:
    rows = pd.DataFrame({"file": [3]})
    assert unfit_files(findings(rows, "old_template", template_version=1, plan_version=2)) == set()
    assert unfit_files(findings(rows, "period_locked", locks="")) == {3}
    assert unfit_files(no_findings()) == set()


def test_a_file_is_split_into_one_part_a_period() -> None:
    text = "unit,period,indicator,value\n080,2013-Q4,CHE,5\n080,2013,VON,9\n080,2013-Q4,VIEC,7"
    rows = type_cells(cells_of(text), {0: "point"}).rows
    parts = parts_of(rows, plan_of(), CALENDAR)
    assert parts[["period", "kind", "number"]].to_numpy().tolist() == [
        ["2013-Q4", "quarter", 2013 * 4 + 3],
        ["2013", "year", 2013],
    ]
    assert part_of_rows(rows, parts).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("unit", "period", "owed"),
    [
        ("080", "2013-Q4", ["CHE", "VIEC", "NUOC", "NGHEO"]),
        ("080", "2013", ["VON", "VON-NS", "VON-DN"]),
        ("080", "2013-H2", ["XNK"]),
        ("S03", "2013-H2", ["XNK"]),
        ("S03", "2013-Q4", []),
        ("083", "2012-H1", []),
        ("083", "2012-Q2", ["CHE", "VIEC", "NUOC", "NGHEO"]),
        ("083", "2012-Q3", []),
        ("10", "2013-Q4", []),
    ],
)
def test_what_a_unit_owes(unit: str, period: str, owed: list[str]) -> None:
    plan = plan_of()
    rows = pd.DataFrame({"file": [0], "unit": [unit], "period": [period], "sheet": "", "line": [2]})
    grid = owed_grid(plan, parts_of(rows, plan_of(), CALENDAR))
    assert plan.indicators.index[grid[0]].tolist() == owed


def test_an_indicator_has_its_place_or_none() -> None:
    assert places_of(plan_of(), pd.Series(["VIEC", "CHE", "X", ""])).tolist() == [1, 0, -1, -1]


def versions(said: str, newest: dict[str, tuple[int, str]] | None = None) -> pd.DataFrame:
    """The versions of parts written as `unit:contents`, in order of receipt."""
    pairs = [word.split(":") for word in said.split()]
    parts = pd.DataFrame(pairs, columns=["unit", "content_digest"]).assign(period="2013-Q4")
    rows = [(unit, "2013-Q4", *of) for unit, of in (newest or {}).items()]
    return numbered(parts, pd.DataFrame(rows, columns=["unit", "period", "version", "content_digest"]))


@pytest.mark.parametrize(
    ("said", "newest", "numbers", "duplicates"),
    [
        pytest.param("080:a 082:a", {}, [1, 1], [], id="first returns of two units"),
        pytest.param("080:b", {"080": (3, "a")}, [4], [], id="the next version"),
        pytest.param("080:a", {"080": (3, "a")}, [3], [0], id="the same again is a duplicate"),
        pytest.param("080:a 080:a", {}, [1, 1], [1], id="the same twice in one batch"),
        pytest.param("080:b 080:a", {"080": (1, "a")}, [2, 3], [], id="older contents sent again"),
        pytest.param("080:a 080:b 080:b 080:a", {}, [1, 2, 2, 3], [2], id="a day of changes of mind"),
        pytest.param("080:a 082:x 080:b", {"082": (1, "x")}, [1, 1, 2], [1], id="units do not mix"),
    ],
)
def test_which_version_a_return_becomes(
    said: str, newest: dict[str, tuple[int, str]], numbers: list[int], duplicates: list[int]
) -> None:
    parts = versions(said, newest)
    assert parts.version.tolist() == numbers
    assert parts.index[parts.is_duplicate].tolist() == duplicates


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xyz")), min_size=1, max_size=12),
    st.integers(0, 12),
)
def test_numbering_a_batch_at_once_or_in_two_gives_the_same(said: list[tuple[str, str]], cut: int) -> None:
    whole = versions(" ".join(":".join(pair) for pair in said))
    first = versions(" ".join(":".join(pair) for pair in said[:cut])) if said[:cut] else whole.iloc[:0]
    known = {
        unit: (int(rows.version.iloc[-1]), str(rows.content_digest.iloc[-1]))
        for unit, rows in first.groupby("unit")
    }
    second = (
        versions(" ".join(":".join(pair) for pair in said[cut:]), known) if said[cut:] else whole.iloc[:0]
    )
    both = pd.concat([first, second], ignore_index=True)
    assert both.version.tolist() == whole.version.tolist()
    assert both.is_duplicate.tolist() == whole.is_duplicate.tolist()


def late(received: str, history: list[tuple[str, str]] | None = None) -> bool:
    """Whether a return for 2013-Q4, due on 10 January 2014 at 17:00, is late; history: received, verdict."""
    rows = pd.DataFrame({"file": [0], "unit": ["080"], "period": ["2013-Q4"], "sheet": "", "line": [2]})
    parts = parts_of(rows, plan_of(), CALENDAR).assign(
        received_at=pd.Series([instant(received)]).astype("datetime64[us, UTC]")
    )
    known = pd.DataFrame(history or [], columns=["received_at", "verdict"]).assign(
        unit="080", period="2013-Q4"
    )
    known["received_at"] = pd.to_datetime([instant(at) for at in known.received_at], utc=True)
    return bool(late_parts(parts, known, CALENDAR)[0])


@pytest.mark.parametrize(
    ("received", "history", "is_late"),
    [
        pytest.param("2014-01-10 17:00", [], False, id="at the due hour"),
        pytest.param("2014-01-10 17:01", [], True, id="a minute after it"),
        pytest.param(
            "2014-01-13 16:00", [("2014-01-09 08:00", "returned")], False, id="a correction in time"
        ),
        pytest.param(
            "2014-01-14 16:00", [("2014-01-09 08:00", "returned")], True, id="a correction too late"
        ),
        pytest.param(
            "2014-01-13 16:00", [("2014-01-12 08:00", "returned")], True, id="the first was late already"
        ),
        pytest.param(
            "2014-06-01 08:00", [("2014-01-09 08:00", "accepted")], False, id="a change of what was in time"
        ),
    ],
)
def test_what_is_late(received: str, history: list[tuple[str, str]], is_late: bool) -> None:
    assert late(received, history) == is_late


def carried(
    waves: list[dict[str, float]], wrong: list[set[str]], newest: dict[str, float]
) -> list[dict[str, tuple[float, float]]]:
    """Indicator → (number, carried_from) of each new version; `newest` is version 1 in the warehouse."""
    names = ["CHE", "VIEC", "NUOC"]
    parts = pd.DataFrame({"unit": "080", "period": "2013-Q4", "wave": range(1, len(waves) + 1)})
    parts["version"] = parts.wave + 1
    values = [
        (part, names.index(name), name, number)
        for part, said in enumerate(waves)
        for name, number in said.items()
    ]
    keeps = np.array([[name in some for name in names] for some in wrong])
    before = [
        ("080", "2013-Q4", 1, names.index(name), name, number, np.nan) for name, number in newest.items()
    ]
    found = with_carried(
        pd.DataFrame(values, columns=["part", "place", "indicator", "number"]).astype(
            {"part": int, "place": int}
        ),
        parts,
        pd.DataFrame(
            before, columns=["unit", "period", "version", "place", "indicator", "number", "carried_from"]
        ),
        keeps,
    )
    return [
        {row.indicator: (row.number, row.carried_from) for row in rows.itertuples()}
        for _, rows in ((part, found[found.part == part]) for part in parts.index)
    ]


def same(left: dict[str, tuple[float, float]], right: dict[str, tuple[float, float]]) -> bool:
    return left.keys() == right.keys() and all(
        left[key] == pytest.approx(right[key], nan_ok=True) for key in left
    )


NEW = np.nan  # said in this version, carried from none


@pytest.mark.parametrize(
    ("waves", "wrong", "newest", "expected"),
    [
        pytest.param(
            [{"CHE": 5}], [{"VIEC"}], {"CHE": 4, "VIEC": 7},
            [{"CHE": (5, NEW), "VIEC": (7, 1)}], id="a wrong cell keeps the figure of the version before",
        ),
        pytest.param(
            [{"CHE": 5}], [set()], {"CHE": 4, "VIEC": 7},
            [{"CHE": (5, NEW)}], id="an optional figure left out is withdrawn",
        ),
        pytest.param([{"CHE": 5}], [{"VIEC"}], {}, [{"CHE": (5, NEW)}], id="nothing before, nothing kept"),
        pytest.param(
            [{"CHE": 5}, {"NUOC": 9}], [{"VIEC"}, {"CHE", "VIEC"}], {"VIEC": 7},
            [{"CHE": (5, NEW), "VIEC": (7, 1)}, {"NUOC": (9, NEW), "CHE": (5, 2), "VIEC": (7, 1)}],
            id="a figure carried twice names the version that gave it",
        ),
        pytest.param(
            [{"CHE": 5}, {"NUOC": 9}], [set(), {"VIEC"}], {"VIEC": 7},
            [{"CHE": (5, NEW)}, {"NUOC": (9, NEW)}], id="what a version dropped does not come back",
        ),
    ],
)  # fmt: skip
def test_what_a_new_version_keeps(
    waves: list[dict[str, float]],
    wrong: list[set[str]],
    newest: dict[str, float],
    expected: list[dict[str, tuple[float, float]]],
) -> None:
    got = carried(waves, wrong, newest)
    assert all(same(left, right) for left, right in zip(got, expected, strict=True)), got


PARTS = pd.DataFrame(
    {
        "file": [0, 0, 1, 2],
        "unit": ["080", "080", "082", "080"],
        "period": ["2013-Q4", "2013", "2013-Q4", "2013-Q4"],
        "version": [1, 1, 2, 1],
        "is_duplicate": [False, False, False, True],
    }
)
FILES = pd.DataFrame(
    {
        "file": [0, 1, 2, 3],
        "sender": ["080", "082", "080", "S03"],
        "kind": ["csv", "template", "csv", "template"],
        "period": [None, "2013-Q4", None, "2013-H2"],
    }
)


def about(part: int, code: str, **words: object) -> pd.DataFrame:
    return findings(PARTS.loc[[part], ["file", "unit", "period"]], code, **words)


@pytest.mark.parametrize(
    ("found", "verdicts"),
    [
        pytest.param([], ["accepted", "accepted", "accepted", "duplicate"], id="nothing wrong"),
        pytest.param(
            [about(1, "missing_value")],
            ["accepted", "returned", "accepted", "duplicate"],
            id="an error returns its own period's part",
        ),
        pytest.param(
            [about(0, "late", due="", hour=17)],
            ["accepted_with_warnings", "accepted", "accepted", "duplicate"],
            id="a warning",
        ),
        pytest.param(
            [findings(pd.DataFrame({"file": [0]}), "old_template", template_version=1, plan_version=2)],
            ["accepted_with_warnings", "accepted_with_warnings", "accepted", "duplicate"],
            id="a warning on the file concerns all its parts",
        ),
    ],
)
def test_the_verdict_of_each_part(found: list[pd.DataFrame], verdicts: list[str]) -> None:
    every = pd.concat([no_findings(), *found], ignore_index=True)
    assert part_verdicts(PARTS, every).tolist() == verdicts


def test_one_line_a_file() -> None:
    refused = findings(pd.DataFrame({"file": [3]}), "encrypted")
    found = pd.concat(
        [about(1, "missing_value"), about(2, "late", due="", hour=17), refused], ignore_index=True
    )
    parts = PARTS.assign(verdict=part_verdicts(PARTS, found))
    table = results(FILES, parts, found)
    assert [type(version) for version in table.version] == [int, int, int, type(None)]
    assert table.to_numpy().tolist() == [
        [0, "080", "2013-Q4;2013", 1, "returned", 1, 0],
        [1, "082", "2013-Q4", 2, "accepted_with_warnings", 0, 1],
        [2, "080", "2013-Q4", 1, "duplicate", 0, 0],
        [3, "S03", "2013-H2", None, "rejected", 1, 0],
    ]


def test_versions_that_differ_are_told_apart() -> None:
    parts = PARTS.assign(version=[2, 1, 1, 1], verdict="accepted")
    assert results(FILES, parts, no_findings()).version.tolist() == ["2;1", 1, 1, None]


def test_a_file_that_only_needs_saving_goes_back() -> None:
    formula = findings(pd.DataFrame({"file": [3]}), "uncached_formula")
    assert results(FILES, PARTS.assign(verdict="accepted"), formula).verdict.iloc[3] == "returned"


def test_a_scan_is_attached_unless_its_sender_is_unknown() -> None:
    files, parts = FILES.assign(kind="evidence"), PARTS.assign(verdict="accepted").iloc[:0]
    stranger = findings(pd.DataFrame({"file": [1]}), "unknown_unit")
    verdicts = results(files, parts, stranger).verdict.tolist()
    assert verdicts == ["attached", "rejected", "attached", "attached"]


def test_periods_of_the_sample_are_what_the_tests_say() -> None:
    deadline = CALENDAR.deadline(Period.parse("2013-Q4"))
    assert (str(deadline.opens), str(deadline.due), str(deadline.locks)) == (
        "2013-12-26",
        "2014-01-10",
        "2015-02-14",
    )

"""Every file gets a verdict, and nothing a file does hurts another: the whole corpus in one inbox, collected once."""

import json
import math
import re
import sys
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from corpus import CASES, NUMBER, TEXTS, Case, sender_of
from corpus_office import NOW, PAST, District, district_code, officers_of
from corpus_run import MEGABYTE, Outcome, collected_apart, made_once, put_into_inbox, shared_folder

from flows.collect import collect
from tasks.reading.returns import read_returns
from tiendo.finding_codes import words_of

MOST_MEMORY = 512 * MEGABYTE
MOST_SECONDS_ALONE = 30

IDS = [case.id for case in CASES]
KNOWN_NAMES = {"tiendo.toml", "plan", "inbox", "archive", "returns"}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The whole corpus, collected."""
    folder = shared_folder(tmp_path_factory, "corpus")
    return made_once(folder, lambda place: collected_apart(put_into_inbox(place, CASES)))


def sender(case: Case) -> str:
    return sender_of(case, District(district_code(NUMBER[case.id]), NUMBER[case.id]))


def told(outcome: Outcome, case: Case) -> pd.DataFrame:
    """The findings of a case's file."""
    return outcome.findings[outcome.findings.sender == sender(case)]


def verdicts(outcome: Outcome, case: Case) -> str:
    return ";".join(sorted(outcome.receipts.verdict[outcome.receipts.sender == sender(case)]))


def in_words(text: str) -> "re.Pattern[str]":
    """What a code's words look like, whatever stands in the places of its facts."""
    return re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(text)), re.DOTALL)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_file_has_its_verdict_its_findings_and_its_figures(whole: Outcome, case: Case) -> None:
    found = told(whole, case)
    assert verdicts(whole, case) in case.verdict.split("|"), found[["code", "cell", "found"]].to_string()
    assert " ".join(sorted(set(found.code))) in case.codes.split("|"), found[
        ["code", "cell", "found"]
    ].to_string()
    for each in found.itertuples():
        words = words_of(each.code, each.severity)
        assert in_words(words.vi).fullmatch(each.message), each.message
        assert in_words(words.vi_fix).fullmatch(each.fix), each.fix
    if case.at:
        assert whole.places.get(case.at.replace("__", "-").replace("_", "."), case.at) in set(found.cell)
    assert case.says in " ".join((found.found + found.fix).tolist())
    assert_same_figures(whole.figures.get(sender(case), {}), expected_figures(case))


def expected_figures(case: Case) -> dict[str, dict[str, float]]:
    number = NUMBER[case.id]
    return case.figures(District(district_code(number), number))


def assert_same_figures(found: dict[str, dict[str, float]], expected: dict[str, dict[str, float]]) -> None:
    now = {period: numbers for period, numbers in found.items() if period != PAST or period in expected}
    assert set(now) == set(expected)
    for period, numbers in expected.items():
        assert now[period] == pytest.approx(numbers, rel=1e-12, nan_ok=True)


def test_it_takes_little_memory(whole: Outcome) -> None:
    sys.stdout.write(f"{len(CASES)} files: {whole.seconds:.1f} s, {whole.peak_bytes / MEGABYTE:.0f} MB\n")
    assert whole.peak_bytes < MOST_MEMORY


def test_every_file_has_left_the_inbox_and_is_kept(whole: Outcome) -> None:
    root = whole.workspace.root
    assert not [path for path in (root / "inbox").rglob("*") if path.is_file()]
    kept = {path.name[:64] for path in (root / "archive").rglob("*") if path.is_file()}
    assert set(whole.receipts.sha256) <= kept


def test_every_file_is_answered_once_to_each_who_reports(whole: Outcome) -> None:
    files = whole.receipts.sender.value_counts()
    officers = {district_code(number): officers_of(number) for number in NUMBER.values()}
    expected = {code: count * officers.get(code, 1) for code, count in files.items()}
    assert whole.letters.unit.value_counts().to_dict() == expected
    assert set(files.index) == {sender(case) for case in CASES}


def test_answers_are_in_words(whole: Outcome) -> None:
    letters = whole.letters
    assert letters.body_text.str.len().min() > 50
    assert not letters.subject.str.contains(r"[\r\n]").any(), "a header of the sender's own"
    assert not letters.body_html.str.contains("<img src=x", regex=False).any(), "HTML of the sender's own"
    assert not letters.body_text.str.contains("{{ 49|Traceback").any()


def test_nothing_was_written_elsewhere(whole: Outcome) -> None:
    assert sorted(path.name for path in whole.folder.iterdir()) == whole.siblings
    assert not list((whole.folder / "tmp").iterdir())
    names = {path.name for path in whole.workspace.root.iterdir()}
    assert {name for name in names if not name.startswith((".", "warehouse.db"))} == KNOWN_NAMES
    assert not list(whole.workspace.root.glob("archive/*.part"))


# Of a file that is refused whole nothing goes back but the letter.
RETURNED = [case for case in CASES if case.verdict == "returned" and case.codes != "uncached_formula"]


@pytest.mark.parametrize("case", RETURNED, ids=[case.id for case in RETURNED])
def test_what_goes_back_holds_no_formula_of_the_senders(whole: Outcome, case: Case) -> None:
    letters = whole.letters[whole.letters.unit == sender(case)]
    (attached,) = json.loads(letters.attachments.iloc[0])
    path = whole.workspace.root / attached
    if path.suffix == ".csv":
        assert not re.search(r"(?m)(^|,)\"?[=@]", path.read_text(encoding="utf-8-sig"))
        return
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [sheet[whole.places[name]].data_type == "f" for name in ("CHE.note", "VIEC.value")] == [
        False,
        False,
    ]


UNFINISHED = [case for case in CASES if case.codes == "uncached_formula" and case.at]


@pytest.mark.parametrize("case", UNFINISHED, ids=[case.id for case in UNFINISHED])
def test_a_formula_without_a_result_is_told_with_its_cell(whole: Outcome, case: Case) -> None:
    letters = whole.letters[whole.letters.unit == sender(case)]
    assert f"Ô {whole.places[case.at.replace('_', '.')]}" in letters.body_text.iloc[0]


@pytest.mark.parametrize(
    "case", [case for case in TEXTS if case.id.startswith("a note that begins")], ids=lambda c: c.id
)
def test_a_note_goes_back_as_it_was_typed(whole: Outcome, case: Case) -> None:
    letters = whole.letters[whole.letters.unit == sender(case)]
    path = whole.workspace.root / json.loads(letters.attachments.iloc[0])[0]
    note = openpyxl.load_workbook(path).worksheets[0][whole.places["CHE.note"]].value
    assert case.id == f"a note that begins “{note[:9]}”"


NASTY = [
    "20 000 entries",
    "a sheet of 500 MB",
    "texts of 500 MB",
    "a sheet of 500 MB that says it is small",
    "a part of more than 50 MB",
    "parts of more than 200 MB together",
    "a billion laughs in the texts",
    "a cell at the far corner",
    "a cell in the last row, column AX",
    "a million rows",
    "100 001 rows",
    "far cells that are styled but empty",
    "a sheet of nested elements",
    "csv of 100 001 rows",
    "90 000 rows of indicators that nobody knows",
    "90 000 periods",
    "90 000 hidden rows",
    "5 000 merged areas",
    "5 000 sheets",
    "notes of 40 MB",
    "ods whose cell comes sixteen thousand million times",
    "a zip of a bomb",
]


@pytest.mark.parametrize("name", NASTY)
def test_a_file_alone_is_read_or_refused_in_time(whole: Outcome, name: str) -> None:
    path = whole.archived(sender(CASES[NUMBER[name] - 1]))
    files = pd.DataFrame({"file": [0], "path": [str(path)]})
    began = time.monotonic()
    reading = read_returns(files)
    assert time.monotonic() - began < MOST_SECONDS_ALONE
    assert set(reading.files.file) == {0}


# A case for each code, told in English.
CERTAIN = [case for case in CASES if case.codes and "|" not in case.codes and case not in TEXTS]
ENGLISH = [
    *{code: case for case in reversed(CERTAIN) for code in case.codes.split()}.values(),
    *(case for case in CASES if case.sender in ("A01", "A02")),  # what an agency is compared with
]
VIETNAMESE_LETTERS = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


def test_in_english_all_is_told_in_english(tmp_path: Path) -> None:
    province = put_into_inbox(tmp_path, ENGLISH, locale="en")
    collect.fn(workspace=str(province.workspace.root), now=NOW)
    outcome = Outcome(tmp_path, math.nan, 0, [])
    for case in ENGLISH:
        found = told(outcome, case)
        assert set(case.codes.split()) <= set(found.code), case.id
        for each in found.itertuples():
            assert in_words(words_of(each.code, each.severity).en).fullmatch(each.message), each.message
            assert in_words(words_of(each.code, each.severity).en_fix).fullmatch(each.fix), each.fix
            assert each.cell or each.indicator or not VIETNAMESE_LETTERS.search(each.found), each.found
    assert len(outcome.letters) >= len(ENGLISH)
    assert not outcome.letters.subject.str.contains(VIETNAMESE_LETTERS).any()


SIGNED = {
    "good return 1": "accepted",
    "a signature that is wrong": "rejected",
    "another workspace": "rejected",
    "the hidden sheet deleted": "rejected",
    "csv as programs write it": "rejected",
    "a PDF": "attached",
}


def test_where_signatures_are_asked_nothing_else_is_taken(tmp_path: Path) -> None:
    cases = [CASES[NUMBER[name] - 1] for name in SIGNED]
    province = put_into_inbox(tmp_path, cases, trust="folder+signature")
    collect.fn(workspace=str(province.workspace.root), now=NOW)
    outcome = Outcome(tmp_path, math.nan, 0, [])
    assert {case.id: verdicts(outcome, case) for case in cases} == SIGNED
    refused = outcome.receipts[outcome.receipts.verdict == "rejected"].sender
    assert set(outcome.findings.code[outcome.findings.sender.isin(refused)]) == {"bad_signature"}

"""The catalogue of findings, and findings put together."""

from string import Formatter

import pandas as pd
import pytest

from tiendo.finding_codes import CODES, SEVERITIES
from tiendo.findings import COLUMNS, FINDING_COLUMNS, addressed, findings, in_order, no_findings, together

# FORMATS §3.
CONTRACT = {
    "file": """unreadable encrypted too_large hostile unknown_format not_a_template old_template bad_signature
        wrong_sender unknown_unit unknown_period period_not_open period_locked uncached_formula""",
    "row": """sources_differ unknown_indicator duplicate_indicator missing_value not_a_number ambiguous_number
        missing_numerator missing_denominator zero_denominator out_of_range unit_slip large_change fell
        parts_do_not_sum compare_failed reason_required bad_state bad_status""",
    "whole": "copy_of_previous late",
}
DOUBTS = "ambiguous_number unit_slip large_change fell copy_of_previous sources_differ late old_template"


@pytest.mark.parametrize(("level", "codes"), CONTRACT.items())
def test_every_code_of_the_contract_is_there_on_its_level(level: str, codes: str) -> None:
    assert {CODES[code].level for code in codes.split()} == {level}


@pytest.mark.parametrize("code", DOUBTS.split())
def test_a_doubt_never_holds_a_figure_back(code: str) -> None:
    assert CODES[code].severity == "warning"


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_and_how_to_mend_it_in_both_languages(code: str) -> None:
    of = CODES[code]
    assert of.severity in SEVERITIES
    for text in (of.vi, of.vi_fix, of.en, of.en_fix):
        assert text.endswith(".")
    assert fields(of.vi) == fields(of.en)
    assert fields(of.vi_fix) == fields(of.en_fix)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


ROWS = pd.DataFrame(
    {
        "file": [0, 1],
        "sheet": ["Nhập số liệu", None],
        "line": [9, 2],
        "unit": "082",
        "indicator": ["CHE", "VIEC"],
    },
    index=[7, 8],
)


def test_a_finding_is_worded_from_its_row() -> None:
    found = findings(ROWS, "not_a_number", found=["875 ha", "x"], suggested=["875", "1"], field="value")
    assert list(found.columns) == COLUMNS
    assert found.message.tolist() == ["không phải số.", "không phải số."]
    assert found.fix.tolist() == ["Nhập 875.", "Nhập 1."]
    assert found.sheet.tolist() == ["Nhập số liệu", ""]
    assert found.entry.tolist() == [-1, -1]


def test_a_finding_is_worded_in_english_where_asked() -> None:
    found = findings(ROWS, "not_a_number", locale="en", suggested="875")
    assert found.message[0] == "not a number."


@pytest.mark.parametrize(
    ("locale", "messages"),
    [
        ("vi", ["báo cáo Quý IV/2013 nộp sau hạn (10/1/2014).", "báo cáo Năm 2013 nộp sau hạn (10/1/2014)."]),
        (
            "en",
            [
                f"the return of {name} was sent after the due date (10/1/2014)."
                for name in ("Q4/2013", "2013")
            ],
        ),
    ],
)
def test_what_is_said_of_a_return_as_a_whole_names_its_period(locale: str, messages: list[str]) -> None:
    rows = ROWS.assign(period=["2013-Q4", "2013"])
    found = findings(rows, "late", locale=locale, due="10/1/2014", hour=17)
    assert found.message.tolist() == messages
    assert found.period.tolist() == ["2013-Q4", "2013"]


def test_braces_in_what_was_found_are_only_text() -> None:
    found = findings(ROWS, "compare_failed", found="{0}", other="{other}", limit="{x!r}")
    assert "{other} ({x!r})" in found.message[0]


def test_a_long_cell_is_cut_and_keeps_its_beginning() -> None:
    found = findings(ROWS, "not_a_number", found="9" * 40_000, suggested="")
    assert found.found[0] == "9" * 120


def test_the_severity_of_a_rule_wins_over_the_codes_own() -> None:
    assert set(findings(ROWS, "out_of_range", limit="≤ 5", severity="warning").severity) == {"warning"}


def test_no_rows_make_no_findings() -> None:
    assert findings(ROWS.iloc[:0], "late").equals(no_findings())
    assert together([]).equals(no_findings())
    assert set(FINDING_COLUMNS) < set(no_findings().columns)


def test_a_finding_finds_its_cell() -> None:
    places = pd.DataFrame({"file": [0, 0], "field": ["value", "reason"], "column": ["F", "AB"]})
    found = together(
        [
            findings(ROWS, "not_a_number", suggested="", field="value"),
            findings(ROWS.iloc[:1], "reason_required", attainment=1, lacking="", field="reason"),
            findings(ROWS.iloc[:1].assign(line=0, period="2013-Q4"), "late", due="", hour=17),
            findings(ROWS.iloc[:1].assign(cell="D4"), "bad_status", known="", field="value"),
        ]
    )
    assert addressed(found, places).cell.tolist() == ["F9", "", "AB9", "", "D4"]


def test_what_concerns_a_whole_file_comes_first_then_errors_down_the_sheet() -> None:
    whole = ROWS.iloc[:1].assign(line=0, indicator="", period="2013-Q4")
    late = findings(whole, "late", due="", hour=17)
    old = findings(ROWS[["file"]].iloc[:1], "old_template", template_version=1, plan_version=2)
    low = findings(ROWS.iloc[:1].assign(line=12), "missing_value")
    high = findings(ROWS.iloc[:1].assign(line=10), "missing_value")
    absent = findings(ROWS.iloc[:1].assign(line=0), "missing_value")
    other = findings(ROWS.iloc[1:], "missing_value")
    ordered = in_order(together([late, absent, other, low, high, old]))
    assert ordered.code.tolist() == ["old_template", *["missing_value"] * 3, "late", "missing_value"]
    assert ordered.line.tolist() == [0, 10, 12, 0, 0, 2]

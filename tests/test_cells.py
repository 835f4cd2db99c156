"""What officers and programs type into cells, and what is read."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiendo.cells import Entries, number_form, type_cells
from tiendo.number_texts import read_text, read_texts, suggested

NAN = math.nan


@pytest.mark.parametrize(
    ("text", "number", "other"),
    [
        pytest.param("1234", 1234, NAN, id="plain digits"),
        pytest.param("12,5", 12.5, NAN, id="a decimal comma"),
        pytest.param("1.234,5", 1234.5, NAN, id="groups and decimals as written in Vietnam"),
        pytest.param("1.234.567", 1234567, NAN, id="two groups can only be groups"),
        pytest.param("1.234.567,89", 1234567.89, NAN, id="two groups and decimals"),
        pytest.param("27.004", 27004, 27.004, id="a group of three may be decimals"),
        pytest.param("1,234", 1.234, 1234, id="three decimals may be a group"),
        pytest.param("0,125", 0.125, NAN, id="no group begins with 0"),
        pytest.param("1234,567", 1234.567, NAN, id="four digits are no group"),
        pytest.param("12.5", 12.5, 125, id="an English decimal point"),
        pytest.param("1,234.5", 1234.5, 1.2345, id="wholly English"),
        pytest.param("1,234,567", 1234567, NAN, id="English groups, no other reading"),
        pytest.param("27 004", 27004, NAN, id="a blank between groups"),
        pytest.param("27\u00a0004,5", 27004.5, NAN, id="a hard blank between groups"),
        pytest.param("-5", -5, NAN, id="negative"),
        pytest.param("−5,5", -5.5, NAN, id="negative with a real minus sign"),
        pytest.param("-27.004", -27004, -27.004, id="negative, two readings"),
        pytest.param("1e5", 100000, NAN, id="with an exponent"),
        pytest.param("875 ha", NAN, NAN, id="with its unit of measure"),
        pytest.param("12 5", NAN, NAN, id="blanks anywhere"),
        pytest.param("1.5.2013", NAN, NAN, id="a date"),
        pytest.param("2013-12-31 00:00:00", NAN, NAN, id="a date cell"),
        pytest.param("1.23.456", NAN, NAN, id="groups of two"),
        pytest.param("60%", NAN, NAN, id="with a percent sign"),
        pytest.param("inf", NAN, NAN, id="infinite"),
        pytest.param("1e999", NAN, NAN, id="too large"),
        pytest.param("n/a", NAN, NAN, id="no number"),
    ],
)
def test_a_number_as_text_in_a_vietnamese_workbook(text: str, number: float, other: float) -> None:
    reading = read_text(text, "vi")
    assert [reading.number, reading.other] == pytest.approx([number, other], nan_ok=True)


@pytest.mark.parametrize(
    ("text", "number", "other"),
    [
        pytest.param("1,234.5", 1234.5, NAN, id="English groups"),
        pytest.param("12.5", 12.5, NAN, id="a decimal point"),
        pytest.param("1,234", 1234, 1.234, id="two readings, English first"),
        pytest.param("12,5", 12.5, 125, id="only Vietnamese"),
    ],
)
def test_a_number_as_text_in_an_english_workbook(text: str, number: float, other: float) -> None:
    reading = read_text(text, "en")
    assert [reading.number, reading.other] == pytest.approx([number, other], nan_ok=True)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.5", 12.5),
        ("27.004", 27.004),
        ("1e-3", 0.001),
        ("12,5", NAN),
        ("1,234", NAN),
        ("1 234", NAN),
        ("inf", NAN),
        ("nan", NAN),
        ("1e999", NAN),
        ("1.234.567", NAN),
    ],
)
def test_a_csv_has_a_decimal_point_and_nothing_else(text: str, number: float) -> None:
    reading = read_text(text, "point")
    assert [reading.number, reading.other] == pytest.approx([number, NAN], nan_ok=True)


@pytest.mark.parametrize(
    ("text", "number", "qualifier"),
    [
        ("trên 60", 60, ">="),
        ("Trên 60", 60, ">="),
        (">60", 60, ">="),
        ("≥ 60", 60, ">="),
        ("hơn 1.000", 1000, ">="),
        ("tối thiểu 15", 15, ">="),
        ("dưới 10", 10, "<="),
        ("<10", 10, "<="),
        ("không quá 3,5", 3.5, "<="),
        ("~60", 60, "~"),
        ("≈60", 60, "~"),
        ("gần 60", 60, "~"),
        ("khoảng 0,5", 0.5, "~"),
        ("at least 5", 5, ">="),
        ("=60", 60, "="),
        ("trên 60 ha", NAN, ">="),
        ("gần 2 triệu", NAN, "~"),
    ],
)
def test_a_qualifier_may_be_typed_with_the_figure(text: str, number: float, qualifier: str) -> None:
    reading = read_text(text, "vi")
    assert reading.number == pytest.approx(number, nan_ok=True)
    assert reading.qualifier == qualifier


@pytest.mark.parametrize(
    ("text", "form", "better"),
    [
        pytest.param("875 ha", "vi", "875", id="without the unit of measure"),
        pytest.param("60%", "vi", "60", id="without the percent sign"),
        pytest.param("trên 60 ha", "vi", "trên 60", id="the qualifier stays"),
        pytest.param("gần 2 triệu", "vi", "", id="two million is not 2"),
        pytest.param("5 nghìn", "vi", "", id="five thousand is not 5"),
        pytest.param("từ 5 đến 7", "vi", "", id="two figures"),
        pytest.param("12,5", "point", "12.5", id="a comma in a CSV"),
        pytest.param("1,234", "point", "", id="a comma in a CSV with two readings"),
        pytest.param("nhiều", "vi", "", id="no figure"),
    ],
)
def test_what_to_type_instead_is_only_said_where_it_is_no_guess(text: str, form: str, better: str) -> None:
    assert suggested(text, form) == better


TEXTS = st.one_of(
    st.floats(allow_nan=True).map(str),
    st.integers().map(str),
    st.text("0123456789.,- ", max_size=12),
    st.text(max_size=8),
    st.from_regex(r"(trên |~|<)?-?\d{1,3}([.,]\d{3}){0,2}([.,]\d{1,3})?", fullmatch=True),
)


@given(st.lists(TEXTS, max_size=20), st.sampled_from(["vi", "en", "point"]))
def test_a_column_reads_as_its_single_texts(texts: list[str], form: str) -> None:
    column = read_texts(pd.Series(texts, dtype=object), form)
    singles = [read_text(text, form) for text in texts]
    assert column.number.tolist() == pytest.approx([each.number for each in singles], nan_ok=True)
    assert column.other.tolist() == pytest.approx([each.other for each in singles], nan_ok=True)
    known = [each.qualifier if not math.isnan(each.number) else None for each in singles]
    got = [
        word if not math.isnan(number) else None
        for word, number in zip(column.qualifier, column.number, strict=True)
    ]
    assert got == known


@given(TEXTS, st.sampled_from(["vi", "en", "point"]))
def test_a_number_read_is_never_infinite(text: str, form: str) -> None:
    assert not math.isinf(read_text(text, form).number)


def typed(form: str = "vi", **cells: object) -> Entries:
    """One row, typed."""
    row = {
        "file": 0,
        "sheet": "Nhập số liệu",
        "row": 9,
        "unit": "082",
        "period": "2013-Q4",
        "indicator": "CHE",
    }
    frame = pd.DataFrame([{**row, **cells}])
    objects = [name for name in frame if name not in ("file", "row")]
    return type_cells(frame.astype(dict.fromkeys(objects, object)), {0: form})


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param("875 ha", "not_a_number", id="text"),
        pytest.param(True, "not_a_number", id="a boolean is no 1"),
        pytest.param("2013-12-31 00:00:00", "not_a_number", id="a date"),
        pytest.param("inf", "not_a_number", id="an infinite number"),
        pytest.param(math.inf, "not_a_number", id="an infinite cell"),
        pytest.param("27.004", "ambiguous_number", id="two readings"),
        pytest.param("-", "not_a_number", id="a dash says nothing"),
    ],
)
@pytest.mark.parametrize("field", ["value", "numerator", "denominator", "year_estimate"])
def test_a_cell_that_is_no_plain_number_is_a_finding_at_its_place(
    field: str, cell: object, code: str
) -> None:
    entries = typed(**{field: cell})
    found = entries.findings.iloc[0]
    assert (len(entries.findings), found.code, found.field, found.line, found.entry) == (1, code, field, 9, 0)
    assert (found.unit, found.period, found.indicator) == ("082", "2013-Q4", "CHE")
    name = "number" if field == "value" else field
    assert math.isnan(entries.rows.at[0, name]) == (code == "not_a_number")


def test_a_warning_names_both_readings() -> None:
    found = typed(value="27.004").findings.iloc[0]
    assert found.severity == "warning"
    assert "27.004 hoặc 27,004" in found.message


def test_what_was_typed_and_what_to_type_stand_in_the_finding() -> None:
    found = typed(value="875 ha").findings.iloc[0]
    assert (found.found, found.fix) == ("875 ha", "Nhập 875.")


@pytest.mark.parametrize("cell", [0, 0.0, -3, 1e308, 12.5])
def test_a_numeric_cell_is_taken_as_it_is(cell: float) -> None:
    entries = typed(value=cell)
    assert entries.rows.at[0, "number"] == cell
    assert (entries.rows.at[0, "state"], len(entries.findings)) == ("value", 0)


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("Không phát sinh", "none_occurred"),
        ("khong phat sinh", "none_occurred"),
        ("CHƯA TRIỂN KHAI", "not_started"),
        ("chưa  đến kỳ", "not_due"),
        ("Không áp dụng", "not_applicable"),
        ("Có số liệu", "value"),
        ("not_started", "not_started"),
        ("Not started", "not_started"),
        ("sẽ làm", "sẽ làm"),
        (None, ""),
    ],
)
def test_a_state_is_known_by_code_or_word_however_it_is_typed(cell: str | None, state: str) -> None:
    assert typed(state=cell).rows.at[0, "state"] == state


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        pytest.param({}, "", id="nothing said is nothing, not 0"),
        pytest.param({"value": 0}, "value", id="zero is a value"),
        pytest.param({"numerator": 5}, "value", id="half a ratio is a value that lacks a part"),
        pytest.param({"value": "875 ha"}, "value", id="a wrong figure is not a missing one"),
        pytest.param({"value": "Không phát sinh"}, "none_occurred", id="a state typed where the value goes"),
        pytest.param(
            {"value": "Không phát sinh", "state": "Chưa đến kỳ"}, "not_due", id="the state's own cell wins"
        ),
        pytest.param({"value": 5, "state": "Chưa đến kỳ"}, "not_due", id="a contradiction stays one"),
    ],
)
def test_the_state_that_goes_without_saying(cells: dict[str, object], state: str) -> None:
    assert typed(**cells).rows.at[0, "state"] == state


def test_a_state_in_the_cell_of_the_value_is_no_wrong_number() -> None:
    entries = typed(value="Không phát sinh")
    assert entries.findings.empty
    assert not entries.rows.at[0, "broken"]


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("status", None, "final"),
        ("status", "Ước tính", "estimate"),
        ("status", "sơ bộ", "preliminary"),
        ("status", "nháp", "nháp"),
        ("outlook", None, ""),
        ("outlook", "Khó đạt", "unlikely"),
        ("outlook", "will_meet", "will_meet"),
        ("qualifier", None, "="),
        ("qualifier", "≥", ">="),
        ("qualifier", "~", "~"),
        ("qualifier", "gần", "~"),
        ("qualifier", "?", "?"),
    ],
)
def test_choices_by_code_or_word(field: str, cell: str | None, code: str) -> None:
    assert typed(value=1, **{field: cell}).rows.at[0, field] == code


def test_the_qualifier_typed_with_the_figure_wins_over_its_own_cell() -> None:
    assert typed(value="trên 60", qualifier="~").rows.at[0, "qualifier"] == ">="


def test_texts_of_a_return_stay_texts() -> None:
    rows = typed(value=1, note=5.0, reason="=1+1", remedy=None).rows
    assert rows.loc[0, ["note", "reason", "remedy"]].tolist() == ["5.0", "=1+1", ""]


@pytest.mark.parametrize(
    ("kind", "comma", "form"),
    [("template", None, "vi"), ("csv", False, "point"), ("csv", True, "vi"), ("unknown", None, "vi")],
)
def test_the_form_of_numbers_by_the_kind_of_file(kind: str, comma: bool | None, form: str) -> None:
    assert number_form(kind, bool(comma), "vi") == form


def test_each_file_is_read_by_its_own_form() -> None:
    cells = pd.DataFrame({"file": [0, 1], "sheet": None, "row": [2, 2], "value": ["27.004", "27.004"]})
    rows = type_cells(cells, {0: "vi", 1: "point"}).rows
    assert rows.number.tolist() == [27004, 27.004]


def test_a_batch_without_rows_has_no_entries() -> None:
    cells = pd.DataFrame({"file": np.array([], dtype=int), "sheet": [], "row": np.array([], dtype=int)})
    entries = type_cells(cells, {})
    assert entries.rows.empty
    assert entries.findings.empty

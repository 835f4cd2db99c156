"""Corrections by the office as data: what a figure was, what it is now, and why. One that fits nothing any more is wrong.

A correction names a unit's return for a period, an indicator and a field of it (FIELDS).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from tiendo.bands import near
from tiendo.cells import type_cells
from tiendo.errors import InputError
from tiendo.labels import WORDS, label
from tiendo.number_texts import POINT
from tiendo.wording import short_number

FIGURES = {
    "value": "number",
    "numerator": "numerator",
    "denominator": "denominator",
}  # field → column of a value
FIELDS = (*FIGURES, "state", "status")
CASE = ["unit", "period"]
CELL = [*CASE, "indicator"]
COLUMNS = [*CELL, "field", "was", "now", "reason"]
REQUIRED = [*CELL, "was", "now"]
PROBLEM_COLUMNS = ["row", "column", "problem", "remedy"]

VALUE = "value"  # a state: a figure is given


class CorrectionError(InputError):
    """A file of corrections that cannot be taken as it is; `problems` (PROBLEM_COLUMNS) has all that is wrong."""

    def __init__(self, file: str, problems: pd.DataFrame) -> None:
        self.problems = problems.sort_values("row", kind="stable").reset_index(drop=True)
        lines = [
            f"  {_place(each)}: {each['problem']}; {each['remedy']}"
            for each in self.problems.to_dict("records")
        ]
        super().__init__("\n".join([f"{file}: chưa ghi gì, {len(lines)} chỗ sai:", *lines]))


def _place(problem: dict[Any, Any]) -> str:
    row = f"dòng {problem['row']}" if problem["row"] else "cả tệp"
    return f"{row}, cột {problem['column']}" if problem["column"] else row


def problems_of(rows: Iterable[tuple[int, str, str, str]] = ()) -> pd.DataFrame:
    """Problems (row of the file, 0: all of it; column; problem; remedy) as a frame."""
    return pd.DataFrame(list(rows), columns=PROBLEM_COLUMNS)


def typed(rows: pd.DataFrame) -> pd.DataFrame:
    """The corrections (COLUMNS as texts, row) with what was and now say.

    Adds was_number and now_number (NaN: none), was_code and now_code (of state and status; of a word that is none, the
    word), now_qualifier, was_wrong and now_wrong: a text that is no number where one is wanted.
    """
    for side in ("was", "now"):
        cells = pd.DataFrame(
            {"file": 0, "sheet": None, "row": rows.row, "value": None, "state": None, "status": None}
        )
        for field in FIELDS:
            target, those = (
                ("value" if field in FIGURES else field),
                (rows.field == field) & (rows[side] != ""),
            )
            cells[target] = cells[target].astype(object).mask(those, rows[side])
        read = type_cells(cells.reset_index(drop=True), {0: POINT}).rows.set_index(rows.index)
        is_figure = rows.field.isin(list(FIGURES)) & (rows[side] != "")
        code = read.state.where(rows.field == "state", read.status.where(rows.field == "status", ""))
        rows = rows.assign(
            **{
                f"{side}_number": read.number.where(is_figure),
                f"{side}_code": code.where(rows[side] != "", ""),
                f"{side}_qualifier": read.qualifier.where(is_figure, ""),
                f"{side}_wrong": is_figure & read.number.isna(),
            }
        )
    return rows


def with_present(rows: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The corrections with what stands now: present_number (NaN: none), present_code, and `present` as a text."""
    there = (
        rows[[*CELL, "field"]].merge(values.drop_duplicates(CELL), on=CELL, how="left").set_axis(rows.index)
    )
    number = np.select(
        [rows.field == field for field in FIGURES], [there[name] for name in FIGURES.values()], np.nan
    )
    code = np.select([rows.field == field for field in ("state", "status")], [there.state, there.status], "")
    rows = rows.assign(
        present_number=number.astype(float), present_code=pd.Series(code, rows.index).fillna("")
    )
    return rows.assign(present=side_texts(rows.assign(present_qualifier=""), "present"))


def is_present(rows: pd.DataFrame, side: str) -> pd.Series:
    """Whether what stands now (`with_present`) is what a side of the corrections says."""
    number, present = rows[f"{side}_number"], rows.present_number
    is_figure = rows.field.isin(list(FIGURES))
    same = near(number, present) | (number.isna() & present.isna())
    return same.where(is_figure, rows[f"{side}_code"] == rows.present_code)


def side_texts(rows: pd.DataFrame, side: str) -> pd.Series:
    """What one side of typed corrections says, as the warehouse keeps it: `12.5`, `>= 60`, a code; "" for nothing."""
    numbers = [figure_text(number) for number in rows[f"{side}_number"]]
    signs = rows[f"{side}_qualifier"].map(lambda sign: "" if sign in ("", "=") else f"{sign} ")
    texts = pd.Series(numbers, index=rows.index, dtype="str")
    return (signs + texts).where(texts != "", rows[f"{side}_code"]).astype("str")


def figure_text(number: float) -> str:
    """The shortest text that names a figure; "" where there is none."""
    return "" if np.isnan(number) else repr(float(number)).removesuffix(".0")


def applied(values: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The values of the corrected versions (columns of `values`, and `is_corrected`), from those of the versions before.

    A figure given makes the state `value`, none left makes it empty; another state given leaves no figure. What says
    nothing any more is left out. What is not corrected is carried: carried_from names the version that gave it.
    """
    fields = rows.pivot(index=CELL, columns="field", values="row")
    cells = values.set_index(CELL)
    cells = cells.reindex(cells.index.union(fields.index, sort=False))
    touched = cells.index.isin(fields.index)
    cells = cells.assign(
        carried_from=cells.carried_from.fillna(cells.version).where(~touched), is_corrected=touched
    )
    cells = _with_words(cells, rows)
    for field, column in FIGURES.items():
        own = rows[rows.field == field].set_index(CELL)
        cells.loc[own.index, column] = own.now_number
        cells.loc[own.index, "qualifier"] = own.now_qualifier.where(own.now_qualifier != "", "=")
    return _with_states(cells, rows).reset_index()


def _with_words(cells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """A new cell says nothing beside its figure and is final; states and statuses as they are corrected."""
    texts = cells.select_dtypes(include=["str", "object"]).columns
    cells = cells.assign(**{name: cells[name].fillna("") for name in texts})
    cells = cells.assign(status=cells.status.where(cells.status != "", "final"))
    for field in ("state", "status"):
        own = rows[rows.field == field].set_index(CELL)
        cells.loc[own.index, field] = own.now_code
    return cells


def _with_states(cells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    figures = list(FIGURES.values())
    declared = cells.index.isin(rows[rows.field == "state"].set_index(CELL).index)
    refigured = cells.index.isin(rows[rows.field.isin(list(FIGURES))].set_index(CELL).index)
    emptied = declared & ~refigured & (cells.state != VALUE)
    cells = cells.assign(**{name: cells[name].mask(emptied) for name in figures})
    has_figure = cells[figures].notna().any(axis=1)
    implied = refigured & ~declared
    state = cells.state.mask(implied & has_figure, VALUE).mask(implied & ~has_figure, "")
    return cells.assign(state=state)[state != ""]


def corrected_words(rows: pd.DataFrame, side: str, locale: str) -> list[str]:
    """One side of kept corrections (field, was or now) as people read it: `912,5`, a state's or a status's name."""
    return [_words(field, text, locale) for field, text in zip(rows.field, rows[side], strict=True)]


def _words(field: str, text: str, locale: str) -> str:
    if field in WORDS:
        return label(field, text, locale)
    sign, _, figure = text.rpartition(" ")
    return f"{sign} {short_number(float(figure), locale)}".strip() if figure else ""


def repeated_corrections(rows: pd.DataFrame, made: pd.DataFrame, locale: str) -> pd.DataFrame:
    """The rows of new returns that say again what the office has corrected, with `field`, `found`, `corrected`, `why`.

    rows: unit, period, indicator, number, numerator, denominator, state, status, entry. made: the corrections so far,
    oldest first (unit, period, indicator, field, was, now, reason); the last one of a field counts. A row is told once.
    """
    last = made.drop_duplicates([*CELL, "field"], keep="last")[[*CELL, "field", "was", "now", "reason"]]
    both = rows.merge(last.rename(columns={"field": "of", "reason": "why"}), on=CELL)
    both = both.set_axis(both.entry, axis="index").rename_axis(None)
    number = pd.Series(
        np.select([both.of == field for field in FIGURES], [both[name] for name in FIGURES.values()], np.nan),
        index=both.index,
    )
    code = both.state.where(both.of == "state", both.status.where(both.of == "status", ""))
    was = pd.to_numeric(both.was.where(both.of.isin(list(FIGURES)), ""), errors="coerce")
    is_again = near(number, was) | (code.ne("") & code.eq(both.was))
    again = both[is_again].drop_duplicates("entry")
    told = again[["of", "was", "now"]].rename(columns={"of": "field"})
    return again.assign(
        field=again.of,
        found=corrected_words(told, "was", locale),
        corrected=corrected_words(told, "now", locale),
    )

"""The naive way: for each file a Prefect task, openpyxl, a Great Expectations run of its own, `to_sql`."""

from pathlib import Path
from typing import Any

import great_expectations as gx
import openpyxl
import pandas as pd
import sqlalchemy as sa
from prefect import flow, task

from benchmarks.floor import EITHER, FIELDS, KEYS, NUMBERS, SHEET, STATES
from benchmarks.runs import Arguments, Lap, Laps

TABLE = "naive_value"
E: Any = gx.expectations


def some_files(given: Arguments, laps: Laps) -> None:
    """Load the first files one by one; `file` is what one of them took, without the start of the flow."""
    root = Path(given["root"])
    paths = sorted(root.glob("inbox/*/*.xlsx"))[: given["files"]]
    engine = sa.create_engine(f"sqlite:///{root / 'naive.db'}")
    limits = rules(root / "plan")

    def load_all() -> None:
        load = task(load_file) if given["server"] else load_file
        with Lap(laps, "all"):
            for path in paths:
                load(path, limits, engine)
            group(engine)

    if given["server"]:
        flow(name="naive")(load_all)()
    else:
        load_all()
    laps["file"] = laps.pop("all") / len(paths)


def rules(folder: Path) -> list[dict[str, Any]]:
    """The plan's rules."""
    return pd.read_csv(folder / "rules.csv").to_dict("records")  # type: ignore[return-value]


def load_file(path: Path, limits: list[dict[str, Any]], engine: sa.Engine) -> None:
    """Read, check and append one file."""
    frame = read(path)
    frame["number"] = [number(cell) for cell in frame.value]
    for field in NUMBERS[1:]:
        frame[field] = pd.to_numeric(frame[field], errors="coerce")
    frame["low"] = frame.indicator.map(
        {rule["indicator"]: rule["value"] for rule in limits if rule["check"] == "min"}
    )
    frame["high"] = frame.indicator.map(
        {rule["indicator"]: rule["value"] for rule in limits if rule["check"] == "max"}
    )
    wrong = failing(frame)
    frame.drop(index=wrong).to_sql(TABLE, engine, if_exists="append", index=False)


def read(path: Path) -> pd.DataFrame:
    """The lines of a workbook's table."""
    book = openpyxl.load_workbook(path, data_only=True)
    keys = {row[0]: row[1] for row in book[KEYS].iter_rows(values_only=True)}
    rows = list(book[SHEET].iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if "indicator" in row and "value" in row)
    places = {name: rows[head].index(name) for name in FIELDS if name in rows[head]}
    lines = [row for row in rows[head + 1 :] if row[places["indicator"]]]
    frame = pd.DataFrame(
        [[row[at] for at in places.values()] for row in lines], columns=list(places), dtype=object
    )
    return frame.assign(unit=keys["unit"], period=keys["period"])


def number(cell: object) -> float | None:
    """A number cell, or a text as Vietnamese write numbers."""
    if isinstance(cell, str):
        text = cell.split(" ")[-1].replace(".", "").replace(",", ".")
        return float(text) if text.replace(".", "").isdigit() else None
    return cell if isinstance(cell, int | float) else None


def failing(frame: pd.DataFrame) -> list[int]:
    """The index of the lines that fail a rule: one run of Great Expectations over one file."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    source = context.data_sources.add_pandas("files")
    batch = source.add_dataframe_asset("lines").add_batch_definition_whole_dataframe("batch")
    suite = context.suites.add(gx.ExpectationSuite(name="return", expectations=expectations(frame)))
    definition = gx.ValidationDefinition(name="return", data=batch, suite=suite)
    outcome = context.validation_definitions.add(definition).run(
        batch_parameters={"dataframe": frame}, result_format={"result_format": "COMPLETE"}
    )
    wrong: set[int] = set()
    for result in outcome.results:
        wrong |= set(result.result.get("unexpected_index_list") or [])
    return sorted(wrong)


def expectations(frame: pd.DataFrame) -> list[Any]:
    """Fifteen rules on a return."""
    given = {"ignore_row_if": "either_value_is_missing", "or_equal": True}
    limits = [
        ("number", "low"),
        ("high", "number"),
        ("numerator", "low"),
        ("denominator", "low"),
        ("denominator", "numerator"),
    ]
    return [
        E.ExpectTableRowCountToBeBetween(min_value=1),
        E.ExpectColumnValuesToNotBeNull(column="indicator"),
        E.ExpectColumnValuesToBeUnique(column="indicator"),
        E.ExpectColumnValuesToMatchRegex(column="indicator", regex=r"^I\d+$"),
        E.ExpectColumnValuesToBeInSet(column="state", value_set=[None, *STATES]),
        E.ExpectColumnValuesToBeInSet(column="asks", value_set=["value", "ratio"]),
        E.ExpectColumnValuesToNotBeInSet(column="denominator", value_set=[0.0]),
        E.ExpectColumnValuesToBeBetween(column="number", max_value=1e15),
        E.ExpectColumnValuesToNotMatchRegex(column="unit", regex=EITHER.pattern),
        E.ExpectColumnValuesToBeInSet(column="period", value_set=list(frame.period.unique())),
        *(E.ExpectColumnPairValuesAToBeGreaterThanB(column_A=a, column_B=b, **given) for a, b in limits),
    ]


def group(engine: sa.Engine) -> pd.Series:
    """Each indicator's total."""
    return pd.read_sql(TABLE, engine).groupby("indicator").number.sum()

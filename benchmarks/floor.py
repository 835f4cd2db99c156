"""The floor: what a plain script needs for one quarter, from the workbooks in the inbox to judged figures.

One loop reads, pandas checks, one transaction loads, a group-by judges: no versions, no messages, no archive,
no earlier quarters carried forward, no child process to keep a bad file from the others. The database has the
tables already.
"""

import hashlib
import re
import sqlite3
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import load_workbook

from benchmarks.runs import Arguments, Lap, Laps
from tiendo.finding_codes import CODES

SHEET, KEYS = "Nhập số liệu", "_tiendo"
TEXTS = ("note", "reason", "remedy")
NUMBERS = ["value", "numerator", "denominator"]
FIELDS = ("indicator", *NUMBERS, "state", "asks", *TEXTS)
STATES = {
    "Có số liệu": "value",
    "Không phát sinh": "none_occurred",
    "Chưa triển khai": "not_started",
    "Chưa đến kỳ": "not_due",
    "Không áp dụng": "not_applicable",
}
ZERO_STATES = ("none_occurred", "not_started")
QUALIFIERS = {"trên": ">=", "hơn": ">=", "dưới": "<=", "gần": "~", "khoảng": "~"}
NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?|[+-]?\d+(,\d+)?")
EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
NEAR = 1e-9
ADVANCING, STALLED = 60, 20
STANDING_COLUMNS = 34

Frame = pd.DataFrame
Plan = dict[str, Frame]


def quarter(given: Arguments, laps: Laps) -> Frame:
    """Everything; gives the judged figures: code, against, actual, attainment, band."""
    root = Path(given["root"])
    with Lap(laps, "read"):
        plan = read_plan(root / "plan")
        files, cells = read(sorted((root / "inbox").glob("*/*.xlsx")))
    with Lap(laps, "check"):
        typed = type_cells(cells).assign(unit=lambda lines: files.unit.to_numpy()[lines.file])
        found = check(typed, plan, files.period[0])
        errors = found.index[found.severity == "error"]
        good = typed.drop(index=errors.unique())
    with Lap(laps, "load"):
        now = f"{datetime.fromisoformat(given['now']):%F %T.%f}"
        load(root / "warehouse.db", files, good, found, now, bool(given.get("to_date")))
    with Lap(laps, "judge"):
        return judge(good, plan, files.period[0])


def read_plan(folder: Path) -> Plan:
    """The three tables of the plan that are needed, indicators by their code."""
    plan = {name: pd.read_csv(folder / f"{name}.csv", dtype={"unit": str}) for name in ("targets", "rules")}
    plan["indicators"] = pd.read_csv(folder / "indicators.csv").set_index("code")
    return plan


def read(paths: list[Path]) -> tuple[Frame, Frame]:
    """One row a file (path, hash, size, unit, period), and one row a line of the files' tables."""
    files = []
    columns: dict[str, list[object]] = {field: [] for field in ("file", "line", *FIELDS)}
    for number, path in enumerate(paths):
        with load_workbook(str(path)) as book:
            keys = dict(row[:2] for row in book.get_sheet_by_name(KEYS).to_python())
            sheet = book.get_sheet_by_name(SHEET)
            rows = sheet.to_python()
        head = next(n for n, row in enumerate(rows) if "indicator" in row and "value" in row)
        places = {name: rows[head].index(name) for name in FIELDS if name in rows[head]}
        lines = [n for n in range(head + 1, len(rows)) if rows[n][places["indicator"]] != ""]
        columns["file"] += [number] * len(lines)
        columns["line"] += [n + 1 + sheet.start[0] for n in lines]
        for field in FIELDS:
            at = places.get(field)
            columns[field] += [rows[n][at] for n in lines] if at is not None else [""] * len(lines)
        content = path.read_bytes()
        said = (hashlib.sha256(content).hexdigest(), len(content), str(keys["unit"]), str(keys["period"]))
        files.append((str(path), *said))
    return Frame(files, columns=["path", "sha256", "size", "unit", "period"]), Frame(columns)


def type_cells(cells: Frame) -> Frame:
    """Numbers out of cells and Vietnamese texts, states out of words; `wrong`: a cell that is neither."""
    typed = cells.assign(qualifier="=", wrong=False, doubtful=False, state=cells.state.map(STATES).fillna(""))
    for field in NUMBERS:
        column = cells[field].mask(cells.asks == "ratio", "") if field == "value" else cells[field]
        is_text = np.array([isinstance(cell, str) for cell in column])
        typed[field] = column.where(~is_text, np.nan).astype(float)
        texts = column[is_text & (column != "")]
        read = Frame([parsed(text) for text in texts], texts.index, [field, "qualifier", "doubtful", "wrong"])
        typed.loc[read.index, read.columns] = read
    has_figure = typed[NUMBERS].notna().any(axis=1) | typed.wrong
    typed["state"] = typed.state.mask((typed.state == "") & has_figure, "value")
    return typed


def parsed(text: str) -> tuple[float, str, bool, bool]:
    """What a text says: number, qualifier, whether it could be read otherwise, whether it is no number."""
    word, _, figure = text.strip().rpartition(" ")
    if not NUMBER.fullmatch(figure) or (word and word not in QUALIFIERS):
        return np.nan, "=", False, True
    number = float(figure.replace(".", "").replace(",", "."))
    return number, QUALIFIERS.get(word, "="), bool(EITHER.fullmatch(figure)), False


def check(typed: Frame, plan: Plan, period: str) -> Frame:
    """Every failing line, by its index: file, line, indicator, code, severity, found."""
    about = plan["indicators"].reindex(typed.indicator).reset_index()
    is_ratio = about.aggregation == "ratio"
    is_value = (typed.state == "value") & ~typed.wrong
    quotient = typed.numerator / typed.denominator.where(typed.denominator != 0) * about["scale"]
    figure = typed.value.where(~is_ratio, quotient).where(is_value)
    amount = figure.mask(typed.state.isin(ZERO_STATES), 0.0)
    given = typed.assign(amount=amount).drop_duplicates(["file", "indicator"])
    grid = given.pivot(index="file", columns="indicator", values="amount")
    failing = {
        ("unknown_indicator", "error"): ~typed.indicator.isin(plan["indicators"].index),
        ("duplicate_indicator", "error"): typed.duplicated(["file", "indicator"], keep=False),
        ("not_a_number", "error"): typed.wrong,
        ("ambiguous_number", "warning"): typed.doubtful,
        ("missing_value", "error"): (typed.state == "") | (is_value & ~is_ratio & typed.value.isna()),
        ("missing_numerator", "error"): is_value & is_ratio & typed.numerator.isna(),
        ("missing_denominator", "error"): is_value & is_ratio & typed.denominator.isna(),
        ("zero_denominator", "error"): is_value & is_ratio & (typed.denominator == 0),
        ("bad_state", "error"): ~typed.state.isin(["", "value"]) & typed[NUMBERS].fillna(0).ne(0).any(axis=1),
        ("out_of_range", "error"): outside(typed, figure, plan["rules"], "error"),
        ("out_of_range", "warning"): outside(typed, figure, plan["rules"], "warning"),
        ("parts_do_not_sum", "error"): wrong_sum(typed, figure, grid, plan),
        ("compare_failed", "error"): too_much(typed, figure, grid, plan["rules"]),
        ("reason_required", "warning"): unexplained(typed, amount, plan["targets"], period),
    }
    return pd.concat(
        typed.loc[wrong, ["file", "line", "indicator"]].assign(
            code=code, severity=severity, found=figure[wrong]
        )
        for (code, severity), wrong in failing.items()
    )


def outside(typed: Frame, figure: pd.Series, rules: Frame, severity: str) -> pd.Series:
    """The lines outside the plan's bounds of a severity."""
    mine = rules[rules.severity.fillna("error") == severity]
    low, high = (
        typed.indicator.map(mine[mine.check == name].set_index("indicator").value) for name in ("min", "max")
    )
    return (figure < low - NEAR * low.abs()) | (figure > high + NEAR * high.abs())


def wrong_sum(typed: Frame, figure: pd.Series, grid: Frame, plan: Plan) -> pd.Series:
    """The lines whose figure is not the sum of its parts, give or take the rule's percentage."""
    parts = plan["indicators"].reset_index().dropna(subset="part_of").groupby("part_of").code
    sums = Frame({total: grid[list(codes)].sum(axis=1, skipna=False) for total, codes in parts})
    rules = plan["rules"]
    percent = typed.indicator.map(rules[rules.check == "parts_sum"].set_index("indicator").value).fillna(0)
    return (figure - looked_up(sums, typed)).abs() > (percent / 100 + NEAR) * figure.abs()


def too_much(typed: Frame, figure: pd.Series, grid: Frame, rules: Frame) -> pd.Series:
    """The lines that exceed what another line of their file allows."""
    compared = rules[rules.check == "compare"].itertuples()
    most = Frame({rule.indicator: grid[rule.other] * rule.value for rule in compared})
    return figure > looked_up(most, typed) * (1 + NEAR)


def looked_up(grid: Frame, typed: Frame) -> pd.Series:
    """For each line the grid's value for its file and indicator; NaN where there is none."""
    column = grid.columns.get_indexer(typed.indicator)
    values = grid.to_numpy()[grid.index.get_indexer(typed.file), column]
    return pd.Series(np.where(column < 0, np.nan, values), index=typed.index)


def unexplained(typed: Frame, amount: pd.Series, targets: Frame, period: str) -> pd.Series:
    """The lines under 60 % of the unit's own target of the year, without a reason or without a remedy."""
    own = (
        targets[targets.unit.notna() & (targets["span"] == period[:4])]
        .set_index(["unit", "indicator"])
        .target
    )
    target = own.reindex(pd.MultiIndex.from_frame(typed[["unit", "indicator"]])).to_numpy()
    return (100 * amount / target < ADVANCING) & ((typed.reason == "") | (typed.remedy == ""))


def load(database: Path, files: Frame, good: Frame, found: Frame, now: str, is_to_date: bool) -> None:
    """The tables receipt, submission, value and finding, in one transaction, by the driver's executemany.

    With `is_to_date` the table standing too: the units' figures to date, from which the next quarter goes on.
    """
    year, _, number = files.period[0].partition("-Q")
    index = int(year) * 4 + int(number) - 1
    errors, warnings = (found.file[found.severity == each].value_counts() for each in ("error", "warning"))
    ids = range(1, len(files) + 1)
    verdicts = ["returned" if n in errors.index else "accepted" for n in range(len(files))]
    counts = [each.reindex(range(len(files)), fill_value=0).tolist() for each in (errors, warnings)]
    receipts = [
        (n, sha256, "inbox", unit, path, now, size, now, now, *judged)
        for n, sha256, unit, path, size, *judged in zip(
            ids, files.sha256, files.unit, files.path, files["size"], verdicts, *counts, strict=True
        )
    ]
    submissions = [
        (n, n, unit, period, "quarter", index, 1, sha256, verdict, 1, now, now)
        for n, unit, period, sha256, verdict in zip(
            ids, files.unit, files.period, files.sha256, verdicts, strict=True
        )
    ]
    order = good.sort_values(["file", "indicator"])
    numbers = [listed(order[name]) for name in NUMBERS]
    words = [order[name].tolist() for name in ("state", "qualifier", *TEXTS)]
    values = zip((order.file + 1).tolist(), order.indicator.tolist(), *numbers, *words, strict=True)
    found = found.sort_values("file", kind="stable")
    numbered = found.assign(number=found.groupby("file").cumcount() + 1)
    faults = [
        (each.file + 1, each.number, each.severity, each.code, SHEET, f"H{each.line}", files.period[0],
         each.indicator, str(each.found), CODES[each.code].vi, CODES[each.code].vi_fix)
        for each in numbered.itertuples()
    ]  # fmt: skip
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-131072"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(f"INSERT INTO receipt VALUES ({marks(12)})", receipts)
    connection.executemany(
        "INSERT INTO submission (id, receipt, unit, period, kind, number, version, content_digest, verdict,"
        f" plan_version, received_at, recorded_at) VALUES ({marks(12)})",
        submissions,
    )
    connection.executemany(
        "INSERT INTO value (submission, indicator, number, numerator, denominator, state, qualifier, note,"
        " reason, remedy, status, year_estimate, outlook, outlook_reason, carried_from)"
        f" VALUES ({marks(10)}, 'final', NULL, '', '', NULL)",
        list(values),
    )
    connection.executemany(f"INSERT INTO finding VALUES ({marks(11)})", faults)
    if is_to_date:
        connection.executemany(
            f"INSERT INTO standing VALUES ({marks(STANDING_COLUMNS)})", to_date(files.period[0], order)
        )
    connection.execute("COMMIT")
    connection.close()


def to_date(period: str, good: Frame) -> list[tuple[object, ...]]:
    """The rows of the table standing after a first quarter, where each sum to date is the figure itself."""
    year, _, number = period.partition("-Q")
    month = int(year) * 12 + int(number) * 3 - 1
    figures = [listed(good[name].mask(good.state.isin(ZERO_STATES), 0.0)) for name in NUMBERS]
    is_said = good.state.isin(["value", *ZERO_STATES])
    on = [month if said else None for said in is_said.tolist()]
    words = [good[name].tolist() for name in ("unit", "indicator", "state", "qualifier")]
    return [
        (
            *(period, unit, code, state, x, a, b, "final", qualifier, said, said, month, state, None),
            *(None, None, None, month, said, x, x, x, x, a, b, a, b, a, b, a, b, None, None, None),
        )
        for unit, code, state, qualifier, x, a, b, said in zip(*words, *figures, on, strict=True)
    ]


def listed(numbers: pd.Series) -> list[float | None]:
    """A column as SQLite takes it: None where there is no number."""
    return numbers.astype(object).where(numbers.notna(), None).tolist()


def marks(count: int) -> str:
    """So many question marks."""
    return ", ".join("?" * count)


def judge(good: Frame, plan: Plan, period: str) -> Frame:
    """The authority's figures to date and how they stand: code, against, actual, attainment, band."""
    actual = totals(good, plan["indicators"])
    targets = plan["targets"][plan["targets"].unit.isna()]
    tables = []
    for against, is_asked in (
        ("year", targets["span"] == period[:4]),
        ("term", targets["span"].str.contains("-")),
    ):
        goals = targets[is_asked].set_index("indicator")[["baseline", "target", "low", "high", "cap"]]
        tables.append(attained(plan["indicators"].join(goals).assign(actual=actual)).assign(against=against))
    judged = pd.concat(tables).rename_axis("code").reset_index()
    return judged[["code", "against", "actual", "attainment", "band"]]


def totals(good: Frame, indicators: Frame) -> pd.Series:
    """Each indicator's figure of all units, by its aggregation."""
    is_zero, counts = good.state.isin(ZERO_STATES), good.state.isin(["value", *ZERO_STATES])
    said = good.assign(value=good.value.mask(is_zero, 0.0))[counts]
    weight = said.indicator.map(indicators.weight_indicator)
    by = (
        said.set_index(["file", "indicator"])
        .value.reindex(pd.MultiIndex.from_arrays([said.file, weight]))
        .to_numpy()
    )
    said = said.assign(weighted=said.value * by, weight=by).join(indicators[["scale"]], on="indicator")
    groups = said.groupby("indicator")
    sums = groups[["value", "numerator", "denominator", "weighted", "weight"]].sum()
    figures = {
        "sum": sums.value,
        "mean": groups.value.mean(),
        "max": groups.value.max(),
        "ratio": sums.numerator / sums.denominator * groups["scale"].first(),
        "weighted_mean": sums.weighted / sums.weight,
    }
    chosen = pd.concat(figures).reindex(pd.MultiIndex.from_arrays([indicators.aggregation, indicators.index]))
    return pd.Series(chosen.to_numpy(), index=indicators.index)


def attained(frame: Frame) -> Frame:
    """With attainment (percent) and band of each row by its type."""
    a, t, b = frame.actual, frame.target, frame.baseline
    is_up = frame.direction == "up"
    in_range = (100 * a / frame.low).where(a < frame.low, (100 * a / frame.high).where(a > frame.high, 100.0))
    over = (a - t).clip(lower=0) / t.abs().combine(frame.cap, max)
    by_type = {
        "ratio": 100 * a / t,
        "gap": 100 * (a - b) / (t - b),
        "threshold": (100 * a / t).where(is_up, 100 * t / a),
        "range": in_range,
        "ceiling": 100 * (1 - over).clip(lower=0),
    }
    kinds = [frame.type == name for name in by_type]
    reached = np.select(kinds, list(by_type.values()), np.nan)
    bands = ["met", "exceeded", "advancing", "lagging"]
    is_met = np.abs(reached - 100) <= NEAR * 100
    holds = [is_met, reached > 100, reached >= ADVANCING, reached >= STALLED]
    return frame.assign(attainment=reached, band=np.select(holds, bands, "stalled"))

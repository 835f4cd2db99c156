"""Three real plans, from their returns to their published results."""

import csv
import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from openpyxl import load_workbook

from flows.collect import collect
from flows.quarterly_review import quarterly_review
from tasks.correcting import correct_returns
from tasks.correction_batch import Deed
from tasks.office.plan_files import read_plan_folder
from tasks.office.workspace import Workspace, open_workspace
from tasks.reading_figures import attainment_table, obligation_table
from tasks.submitting import Backdating, submit_files
from tiendo.periods import Period
from tiendo.plan import read_plan
from warehouse.plan_store import store_plan

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
BEFORE = datetime(2013, 7, 22, 9, 0, tzinfo=UTC)


def with_plan(folder: Path, more_targets: str = "") -> Workspace:
    """The workspace in a folder, its plan loaded (with more rows of targets, if given)."""
    workspace = open_workspace(folder)
    raw = read_plan_folder(folder / "plan")
    if more_targets:
        rows = [
            dict(zip(("indicator", "span", "target"), line.split(","), strict=True))
            for line in more_targets.split()
        ]
        raw["targets"] = pd.concat([raw["targets"], pd.DataFrame(rows)]).fillna("")
    store_plan(workspace.engine, read_plan(raw), NOW, "test")
    return workspace


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workspace]:
    """Gives a case's workspace with every return collected (once a session)."""

    @cache
    def collected_case(name: str) -> Workspace:
        folder = tmp_path_factory.mktemp("workspaces") / name
        shutil.copytree(CASES / name, folder)
        workspace = with_plan(folder)
        answers = collect.fn(workspace=str(folder), now=NOW)
        assert set(answers.verdict) <= {"accepted", "accepted_with_warnings"}, answers
        assert not list((folder / "inbox").rglob("*.csv")), "every file has left the inbox"
        return workspace

    return collected_case


Collected = Callable[[str], Workspace]
BY_INDICATOR = ["lao_cai_resolution", "bao_yen_2015_2020"]


def expected(name: str) -> dict[str, dict[str, dict[str, str]]]:
    return json.loads((CASES / name / "expected.json").read_text())


@pytest.mark.parametrize("name", BY_INDICATOR)
def test_every_figure_and_band_is_the_expected_one(collected: Collected, name: str) -> None:
    workspace, wanted = collected(name), expected(name)
    rows = attainment_table(workspace, Period.parse(wanted["review"]), today=TODAY).set_index("code")
    assert set(rows.index) == set(wanted["indicators"])
    for code, result in wanted["indicators"].items():
        assert rows.band[code] == result["band"], code
        for column, value in (("actual", result["value"]), ("attainment", result["attainment"])):
            figure = rows.at[code, column]
            assert (
                pd.isna(figure) if value == "" else figure == pytest.approx(float(value), rel=1e-9, abs=1e-6)
            ), code


@pytest.mark.parametrize("name", BY_INDICATOR)
def test_the_counts_by_band_are_the_published_ones(collected: Collected, name: str) -> None:
    workspace, wanted = collected(name), expected(name)
    table = attainment_table(
        workspace, Period.parse(wanted["review"]), levels=["term", "resolution"], today=TODAY
    )
    counts = table.set_index("level")
    for level, bands in wanted["counts"].items():
        row = counts.loc[{"scheme": "term"}.get(level, level)]
        assert {band: row[band] for band in bands} == bands
        assert row.n == sum(bands.values())


@pytest.mark.parametrize("year", ["2009", "2010"])
def test_every_province_of_the_state_budget_comes_out(collected: Collected, year: str) -> None:
    workspace, wanted = collected("budget_2009_2010"), expected("budget_2009_2010")
    rows = attainment_table(workspace, Period.parse(year), units=["all"], today=TODAY).set_index(
        ["code", "unit"]
    )
    provinces = {key: result for key, result in wanted["units"].items() if key.endswith(year)}
    assert len(provinces) == 126
    for key, result in provinces.items():
        code, unit, _ = key.split("|")
        assert rows.band[(code, unit)] == result["band"], key
        assert rows.attainment[(code, unit)] == pytest.approx(result["attainment"], rel=1e-9), key
    for code in ("thu", "chi"):
        assert rows.attainment[(code, "VN")] == pytest.approx(wanted["country"][f"{code}|{year}"], rel=1e-9)
        bands = rows.loc[code].band[[unit for unit in rows.loc[code].index if unit.isdigit()]]
        assert bands.value_counts().to_dict() == wanted["counts"][f"{code}|{year}"]


def test_an_early_finish_is_dated(collected: Collected) -> None:
    rows = attainment_table(collected("bao_yen_2015_2020"), Period.parse("2019"), today=TODAY).set_index(
        "code"
    )
    with (CASES / "bao_yen_2015_2020" / "expected_milestones.csv").open() as file:
        for milestone in csv.DictReader(file):
            first = date.fromisoformat(rows.first_met[milestone["indicator_id"]])
            assert first.year == int(milestone["first_year_reached"])
            assert date.fromisoformat(milestone["due"]).year - first.year == int(milestone["years_early"])


def test_yearly_targets_do_not_move_the_table_judged_against_the_term(tmp_path: Path) -> None:
    folder = tmp_path / "lao_cai"
    shutil.copytree(CASES / "lao_cai_resolution", folder)
    workspace = with_plan(
        folder, "LC-NQ-03,2013,30000 LC-NQ-07,2013,99000 LC-DA18-01,2013,20000 LC-DA04-01,2013,90"
    )
    collect.fn(workspace=str(folder), now=NOW)
    year = Period.parse("2013")
    # Against the year only the new jobs change: 15 074 of 99 000 wanted in 2013.
    for against, counts in (("term", (6, 1, 12, 0, 8)), ("year", (6, 1, 11, 1, 8))):
        row = attainment_table(workspace, year, [against], ["resolution"], today=TODAY).iloc[0]
        assert (row.exceeded, row.met, row.advancing, row.stalled, row.not_applicable) == counts, against
    rows = attainment_table(workspace, year, ["year"], today=TODAY).set_index("code")
    assert rows.loc["LC-NQ-07", ["year_target", "term_target"]].tolist() == [99000, 50000]


def test_the_review_of_23_july_2013_counts_the_years_estimates(tmp_path: Path) -> None:
    """Returns in before that day, the year's figures being estimates for a period not yet over."""
    folder = tmp_path / "lao_cai"
    shutil.copytree(CASES / "lao_cai_resolution", folder)
    workspace = with_plan(folder)
    files = sorted((folder / "inbox").rglob("*.csv"))
    for file in files:
        rows = pd.read_csv(file, dtype=str, keep_default_na=False)
        if Period.parse(rows.period[0]).last_month > Period.parse("2013-06").last_month:
            rows.assign(status="estimate").to_csv(file, index=False)
        waiting = tmp_path / file.name
        shutil.move(file, waiting)
        submit_files(
            workspace, [waiting], file.parent.name, Backdating(BEFORE, "lập lại kỳ 2013", NOW, "test")
        )
    answers = collect.fn(workspace=str(folder), now=NOW)
    assert answers.verdict.str.startswith("accepted").all(), answers[
        ~answers.verdict.str.startswith("accepted")
    ]
    told = quarterly_review.fn(
        workspace=str(folder), period="2013", now=datetime(2013, 7, 23, 5, 0, tzinfo=UTC)
    )
    assert told.sentence[0].startswith(
        "Ước tính đến hết năm 2013, trong tổng số 17 chỉ tiêu: 5 chỉ tiêu vượt và đạt"
    )
    row = attainment_table(
        workspace, Period.parse("2013"), levels=["resolution"], today=date(2013, 7, 23)
    ).iloc[0]
    assert (row.exceeded, row.met + row.advancing, row.not_applicable) == (6, 13, 8)


def test_the_first_table_of_lao_cai_does_not_move_and_the_adjusted_one_shows_what_did(tmp_path: Path) -> None:
    folder = tmp_path / "lao_cai"
    shutil.copytree(CASES / "lao_cai_resolution", folder)
    workspace = with_plan(folder)
    year, day = Period.parse("2013"), NOW + timedelta(days=1)
    first = quarterly_review.fn(workspace=str(folder), period="2013", now=NOW)
    issued = (folder / first.report[0]).read_bytes()
    table = attainment_table(workspace, year, as_of=NOW, today=TODAY)
    # 84 communes meet the standard; three of one district were counted twice.
    (folder / "sua.csv").write_text("unit,period,indicator,was,now\n080,2013-Q4,LC-DA04-01,8,5\n")
    correct_returns(workspace, folder / "sua.csv", Deed("vp", day, "đếm hai lần"))
    again = quarterly_review.fn(workspace=str(folder), period="2013", now=day + timedelta(hours=1))
    assert (first.version[0], again.version[0]) == (1, 2)
    assert (folder / first.report[0]).read_bytes() == issued
    pd.testing.assert_frame_equal(attainment_table(workspace, year, as_of=NOW, today=TODAY), table)
    was, now = (
        rows.set_index("code").actual for rows in (table, attainment_table(workspace, year, today=TODAY))
    )
    moved = now[(now != was) & now.notna()]
    assert moved.to_dict() == {"LC-DA04-01": 81, "LC-NQ-12": 81}, (
        "the scheme's, and the resolution's that is taken from it"
    )
    with ZipFile(folder / again.report[0]) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "Thay đổi" in book_sheets(folder / again.report[0])
    assert "đếm hai lần" in texts
    assert "Thay đổi" not in book_sheets(folder / first.report[0])


def book_sheets(path: Path) -> list[str]:
    return load_workbook(path, read_only=True).sheetnames


def test_what_was_overdue_on_a_day_is_known_again(tmp_path: Path) -> None:
    """Every quarterly return put in with the day it was received; who was overdue when, and by how many days."""
    folder = tmp_path / "lao_cai"
    shutil.copytree(CASES / "lao_cai_resolution", folder)
    workspace = with_plan(folder)
    with (CASES / "lao_cai_resolution" / "received.csv").open() as file:
        received = {(row["org_unit"], row["period"]): row["received_on"] for row in csv.DictReader(file)}
    for (unit, period), day in received.items():
        source = folder / "inbox" / unit / f"{unit}_{period}.csv"
        waiting = tmp_path / source.name
        shutil.move(source, waiting)
        at = datetime.fromisoformat(f"{day}T03:00:00+00:00")
        submit_files(workspace, [waiting], unit, Backdating(at, "sổ công văn đến", NOW, "test"))
    collect.fn(workspace=str(folder), now=NOW)
    with (CASES / "lao_cai_resolution" / "expected_overdue.csv").open() as file:
        wanted = list(csv.DictReader(file))
    for as_of in {row["as_of"] for row in wanted}:
        day = date.fromisoformat(as_of)
        periods = {
            period
            for _, period in received
            if Period.parse(period).last_month < day.year * 12 + day.month - 1
        }
        tables = [obligation_table(workspace, Period.parse(period), day) for period in sorted(periods)]
        rows = pd.concat(tables)
        overdue = rows[rows.state.isin(("overdue", "locked_missing"))]
        days = {(r.unit, r.period): (day - r.due).days for r in overdue.itertuples()}
        assert days == {
            (r["org_unit"], r["period"]): int(r["days_overdue"]) for r in wanted if r["as_of"] == as_of
        }

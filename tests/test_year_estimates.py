"""The year as units estimate it: where a round asks, it is the year's figure until the year is reported. SPEC §4."""

from pathlib import Path

import pytest
from collecting import HEAD, SETTINGS, collected, drop, with_plan
from intake_samples import TABLES, instant

from tasks.office.workspace import Workspace
from tasks.reading_figures import attainment_table
from tiendo.periods import Period

ASKING = "code,name,period,kind,asks\nV1,Rà soát giữa năm,2013-Q3,interim,year_estimate\n"
HEADS = HEAD.replace(",note", ",year_estimate")


def office_with(folder: Path, rounds: str = ASKING, settings: str = SETTINGS) -> Workspace:
    return with_plan(folder / "office", settings, {**TABLES, "rounds": rounds})


def said(office: Workspace, name: str, lines: str, day: str) -> None:
    drop(office, "080", name, HEADS + lines)
    collected(office, instant(day))


def of_year(office: Workspace, code: str, period: str = "2013", **asked: object) -> tuple[object, ...]:
    """actual, status and flags of the unit's figure in a review of the year, against the year."""
    table = attainment_table(office, Period.parse(period), against=["year"], units=["080"], **asked)  # type: ignore[arg-type]
    row = table[(table.code == code) & (table.unit == "080")].iloc[0]
    return row.actual, row.status, "estimate" in row["flags"].split(";")


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    """An office that asked for the year's estimate with the third quarter, and got it."""
    office = office_with(tmp_path)
    said(office, "q2.csv", "080,2013-Q2,CHE,30,,,,,\n080,2013-Q2,VIEC,5,,,,,\n", "2013-07-05 09:00")
    said(office, "q3.csv", "080,2013-Q3,CHE,40,,,,,\n080,2013-Q3,VIEC,5,,,,,22\n", "2013-10-05 09:00")
    return office


@pytest.mark.parametrize(
    ("code", "period", "wanted"),
    [
        pytest.param("VIEC", "2013", (22, "estimate", True), id="the year's estimate is the year's figure"),
        pytest.param("CHE", "2013", (40, "final", False), id="what gives none is as it was last reported"),
        pytest.param(
            "VIEC", "2013-Q3", (10, "final", False), id="a review of what is over does not look ahead"
        ),
        pytest.param(
            "VIEC", "2011-2015", (10, "final", False), id="nor one of a span that ends in another year"
        ),
    ],
)
def test_a_year_is_reviewed_by_its_estimate(
    office: Workspace, code: str, period: str, wanted: tuple[object, ...]
) -> None:
    assert of_year(office, code, period) == wanted


def test_what_is_reported_takes_the_place_of_the_estimate(office: Workspace) -> None:
    said(office, "q4.csv", "080,2013-Q4,CHE,50,,,,,\n080,2013-Q4,VIEC,6,,,,,\n", "2014-01-05 09:00")
    assert of_year(office, "VIEC") == (16, "final", False)
    assert of_year(office, "VIEC", as_of=instant("2013-12-01 00:00")) == (22, "estimate", True)


def test_a_newer_estimate_takes_the_place_of_an_older_one(office: Workspace) -> None:
    again = "080,2013-Q3,CHE,40,,,,,\n080,2013-Q3,VIEC,5,,,,,25\n"
    said(office, "q3b.csv", again, "2013-10-08 09:00")
    assert of_year(office, "VIEC")[0] == 25
    assert of_year(office, "VIEC", as_of=instant("2013-10-06 00:00"))[0] == 22


@pytest.mark.parametrize(
    ("rounds", "settings"),
    [
        pytest.param("code,name,period,kind,asks\n", SETTINGS, id="no round asks for it"),
        pytest.param(ASKING, SETTINGS + "[review]\nestimates = false\n", id="estimates do not count"),
    ],
)
def test_otherwise_estimates_are_kept_but_do_not_count(tmp_path: Path, rounds: str, settings: str) -> None:
    office = office_with(tmp_path, rounds, settings)
    said(office, "q3.csv", "080,2013-Q3,CHE,40,,,,,\n080,2013-Q3,VIEC,5,,,,,22\n", "2013-10-05 09:00")
    assert of_year(office, "VIEC") == (5, "final", False)


def test_without_estimates_a_review_takes_what_was_there_before_them(tmp_path: Path) -> None:
    office = office_with(tmp_path, settings=SETTINGS + "[review]\nestimates = false\n")
    said(office, "q2.csv", "080,2013-Q2,CHE,30,,,,,\n", "2013-07-05 09:00")
    said(office, "q3.csv", "080,2013-Q3,CHE,40,,,,estimate,\n", "2013-10-05 09:00")
    assert of_year(office, "CHE") == (30, "final", False)

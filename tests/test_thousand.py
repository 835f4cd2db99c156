"""A thousand files of which a hundred are bad: nine hundred are loaded, and all are answered."""

import sys
from pathlib import Path

import pytest
from corpus import ARCHIVES, CASES, REJECTED, RETURNED, Case
from corpus_office import NOW, District, Province, district_code, made_province, officers_of
from corpus_run import MEGABYTE, Outcome, collected_apart, made_once, shared_folder

from warehouse.intake_store import submissions_of

FILES = 1_000
EVERY = 10  # one file in ten is bad

LARGE = ("more than 20 MB", "a million rows", "100 001 rows", "csv of 100 001 rows")


def is_alone(case: Case) -> bool:
    """Whether the case needs nothing but its file."""
    return not case.past and not case.earlier and case.sender is None and ";" not in case.verdict


BAD = [
    case
    for case in CASES
    if case.verdict in (RETURNED, REJECTED)
    and is_alone(case)
    and case not in ARCHIVES
    and case.id not in LARGE
    and "D0001" not in case.id
]


def case_of(number: int) -> Case | None:
    """The bad case that a district sends, each at least once if there are as many bad files; None: a good return."""
    return BAD[number // EVERY * len(BAD) // (FILES // EVERY + 1)] if number % EVERY == 0 else None


@pytest.fixture(scope="session")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    outcome = made_once(shared_folder(tmp_path_factory, "thousand"), _collected)
    each = 1000 * outcome.seconds / FILES
    said = f"{FILES} files: {outcome.seconds:.1f} s, {each:.0f} ms a file, {outcome.peak_bytes / MEGABYTE:.0f} MB"
    sys.stdout.write(f"{said}\n")
    return outcome


def _collected(folder: Path) -> Outcome:
    province = made_province(folder, FILES)
    province.issue()
    for number in range(1, FILES + 1):
        _send(province, number)
    return collected_apart(province)


def _send(province: Province, number: int) -> None:
    district, case = province.district(number), case_of(number)
    if case is None:
        province.drop(district.code, "Mau.xlsx", district.file)
    else:
        province.drop(district.code, case.name, case.build(district))


def test_a_tenth_is_bad() -> None:
    sent = [case_of(number) for number in range(1, FILES + 1)]
    assert sent.count(None) == FILES - FILES // EVERY
    assert len({case.id for case in sent if case}) == min(len(BAD), FILES // EVERY)


def test_each_has_its_verdict(thousand: Outcome) -> None:
    verdicts = dict(zip(thousand.receipts.sender, thousand.receipts.verdict, strict=True))
    cases = {district_code(number): case_of(number) for number in range(1, FILES + 1)}
    assert verdicts == {code: case.verdict if case else "accepted" for code, case in cases.items()}


def test_the_good_ones_are_loaded_each_with_its_own_figures(thousand: Outcome) -> None:
    good = [number for number in range(1, FILES + 1) if case_of(number) is None]
    codes = [district_code(number) for number in good]
    found = flat({code: thousand.figures.get(code, {}) for code in codes})
    expected = flat({code: District(code, number).loaded for code, number in zip(codes, good, strict=True)})
    assert found == pytest.approx(expected, rel=1e-12)
    submissions = submissions_of(thousand.workspace.engine, units=codes)
    assert len(submissions) == 2 * len(good), "one for the quarter, one for the year"
    assert set(submissions.version) == {1}


def flat(figures: dict[str, dict[str, dict[str, float]]]) -> dict[str, float]:
    """Unit → period → indicator → figure, as one table."""
    return {
        f"{unit} {period} {indicator}": figure
        for unit, periods in figures.items()
        for period, indicators in periods.items()
        for indicator, figure in indicators.items()
    }


def test_of_the_bad_ones_only_their_good_cells_are_loaded(thousand: Outcome) -> None:
    bad = {number: case for number in range(1, FILES + 1) if (case := case_of(number))}
    for number, case in bad.items():
        district = District(district_code(number), number)
        found = {period: set(numbers) for period, numbers in thousand.figures.get(district.code, {}).items()}
        assert found == {period: set(numbers) for period, numbers in case.figures(district).items()}, case.id


def test_all_are_answered(thousand: Outcome) -> None:
    answers = thousand.letters.unit.value_counts().to_dict()
    assert answers == {district_code(number): officers_of(number) for number in range(1, FILES + 1)}
    assert set(thousand.letters.created_at.dt.to_pydatetime()) == {NOW}

"""Thousands of mutants: none stops its reader's parent, and none says of an indicator what its original does not say."""

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from corpus_libreoffice import needs_libreoffice, saved_again
from corpus_mutants import byte_mutant, csv_mutant, xml_mutant
from corpus_office import NOW, PERIOD, District, Province, made_province
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tasks.intake import answer_senders, read_files, receive_files, validate_returns
from tasks.reading.returns import read_returns
from tasks.validating import Validated
from tiendo.finding_codes import CODES

BATCH = 80
FIGURE_FIELDS = ["value", "numerator", "denominator"]
VERDICTS = {"accepted", "accepted_with_warnings", "returned", "rejected"}

seeds = st.integers(0, 2**32 - 1)
Mutant = tuple[str, bytes]


def batches(count: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """So many batches of mutants, not made smaller where one fails: its seed and number name the mutant."""
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    quiet = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
    return settings(max_examples=count, deadline=None, phases=phases, suppress_health_check=quiet)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    made = made_province(tmp_path_factory.mktemp("fuzz"), BATCH)
    made.issue()
    return made


@pytest.fixture(scope="module")
def district(province: Province) -> District:
    return province.district(1)


def written(folder: Path, mutants: list[Mutant], suffix: str) -> pd.DataFrame:
    """The mutants as files, numbered."""
    paths = [folder / f"{n}{suffix}" for n in range(len(mutants))]
    for path, (_, content) in zip(paths, mutants, strict=True):
        path.write_bytes(content)
    return pd.DataFrame({"file": range(len(paths)), "path": [str(path) for path in paths]})


def said(cells: pd.DataFrame) -> set[tuple[object, ...]]:
    """unit, period, indicator and figures of the rows that give any."""
    given_some = cells[cells[FIGURE_FIELDS].notna().any(axis=1)]
    return set(given_some[["unit", "period", "indicator", *FIGURE_FIELDS]].itertuples(index=False, name=None))


@given(seed=seeds)
@batches(25)
def test_a_file_with_other_bytes_is_refused_or_says_the_same(
    district: District, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    mutants = [("none", district.file), *(byte_mutant(district.file, random) for _ in range(BATCH - 1))]
    reading = read_returns(written(tmp_path, mutants, ".xlsx"))
    original = said(reading.cells[reading.cells.file == 0])
    assert len(original) == len(district.figures)
    assert reading.cells.file.nunique() > 1, "not all are refused"
    assert reading.files.file.tolist() == list(range(BATCH))
    for file, cells in reading.cells.groupby("file"):
        assert said(cells) == original, f"mutant {file} of {seed}: {mutants[file][0]}"


@given(seed=seeds)
@batches(6)
def test_a_workbook_with_other_xml_loads_no_other_figure(province: Province, seed: int) -> None:
    random = Random(seed)
    mutants = {}
    for number in range(1, BATCH + 1):
        sender = province.district(number)
        mutants[sender.code] = xml_mutant(sender.book, random)
        province.drop(sender.code, "Mau.xlsx", mutants[sender.code][1])
    validated = taken_in(province)
    assert sorted(validated.files.sender) == sorted(mutants)
    assert {"accepted", "rejected"} <= set(validated.results.verdict) <= VERDICTS
    for unit, loaded in loaded_figures(validated).items():
        expected = province.district(int(unit[1:])).figures
        other = {key: figures for key, figures in loaded.items() if figures != expected.get(key)}
        assert not other, f"{mutants[unit][0]} of {seed} ({unit}): {other}"


def taken_in(province: Province) -> Validated:
    """What waits, received, read, validated and answered, but not recorded; the inbox is emptied."""
    workspace = province.workspace
    received = receive_files(workspace, NOW)
    validated = validate_returns(workspace, received, read_files(workspace, received))
    answer_senders(workspace, validated, NOW)
    shutil.rmtree(workspace.root / "inbox")
    shutil.rmtree(workspace.root / "archive")
    return validated


def loaded_figures(validated: Validated) -> dict[str, dict[tuple[str, str], dict[str, float]]]:
    """Unit → (period, indicator) → the figures that load, as they were given."""
    values = validated.values.join(validated.parts[["unit", "period"]], on="part")
    loaded: dict[str, dict[tuple[str, str], dict[str, float]]] = {}
    for row in values.to_dict("records"):
        given_parts = {name: row[name] for name in ("numerator", "denominator") if pd.notna(row[name])}
        figures = given_parts or {"value": row["number"]}
        loaded.setdefault(row["unit"], {})[row["period"], row["indicator"]] = figures
    return loaded


@given(seed=seeds)
@batches(12)
def test_a_csv_with_other_lines_is_refused_or_says_nothing_else(
    district: District, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    text = district.csv()
    mutants = [("none", text.encode()), *(csv_mutant(text, random) for _ in range(BATCH - 1))]
    reading = read_returns(written(tmp_path, mutants, ".csv"))
    original = said(reading.cells[reading.cells.file == 0])
    assert {row[1] for row in original} == {PERIOD}
    assert reading.files.file.tolist() == list(range(BATCH))
    for file, cells in reading.cells.groupby("file"):
        known = cells[cells.indicator.isin([row[2] for row in original])]
        assert said(known) <= original, f"mutant {file} of {seed}: {mutants[file][0]}"


@pytest.fixture(scope="module")
def saved(district: District, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The template as LibreOffice saves it in other formats."""
    folder = tmp_path_factory.mktemp("saved")
    source = folder / "Mau.xlsx"
    source.write_bytes(district.file)
    return {suffix: saved_again(source, suffix, folder).read_bytes() for suffix in ("ods", "xls")}


@needs_libreoffice
@given(seed=seeds)
@batches(6)
def test_an_ods_with_other_bytes_is_refused_or_says_the_same(
    saved: dict[str, bytes], tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    mutants = [("none", saved["ods"]), *(byte_mutant(saved["ods"], random) for _ in range(BATCH - 1))]
    reading = read_returns(written(tmp_path, mutants, ".ods"))
    original = said(reading.cells[reading.cells.file == 0])
    assert original
    assert reading.files.file.tolist() == list(range(BATCH))
    for file, cells in reading.cells.groupby("file"):
        assert said(cells) == original, f"mutant {file} of {seed}: {mutants[file][0]}"


@needs_libreoffice
@given(seed=seeds)
@batches(6)
def test_an_old_workbook_with_other_bytes_stops_nobody(
    saved: dict[str, bytes], tmp_path: Path, seed: int
) -> None:
    """Such a file has no checksum: a flipped bit of a figure is a figure."""
    random = Random(seed)
    good = ("none", saved["xls"])
    mutants = [good, *(byte_mutant(saved["xls"], random) for _ in range(BATCH - 2)), good]
    reading = read_returns(written(tmp_path, mutants, ".xls"))
    assert reading.files.file.tolist() == list(range(BATCH))
    assert set(reading.files.code.dropna()) <= set(CODES)
    first, last = (said(reading.cells[reading.cells.file == file]) for file in (0, BATCH - 1))
    assert first == last != set()

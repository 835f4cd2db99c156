"""What nobody thought of in one file does not keep the others from being taken."""

import pandas as pd
import pytest
from collecting import NOW, codes, drop, figures, quarter, rows_of

import tasks.fencing
from tasks.intake import answer_senders, load_returns, read_files, receive_files
from tasks.office.workspace import Workspace
from tasks.reading.returns import Reading
from tasks.validating import Validated, validate_batch
from tiendo.errors import TiendoError
from warehouse.schema import finding, outbox


def upset_by(name: str, error: type[Exception]):  # type: ignore[no-untyped-def]
    """Validating that fails while a certain file's cells are in the batch."""

    def validate(workspace: Workspace, received: pd.DataFrame, reading: Reading) -> Validated:
        (file,) = received.file[received.path.str.endswith(name)].tolist() or [-1]
        if file in set(reading.cells.file):
            raise error("nobody thought of this")
        return validate_batch(workspace, received, reading)

    return validate


UNITS = {"a.csv": "080", "b.csv": "082", "c.csv": "080", "d.csv": "082", "e.csv": "080"}


def received(office: Workspace) -> pd.DataFrame:
    for number, (name, unit) in enumerate(UNITS.items()):
        drop(office, unit, name, quarter(100 + number, unit=unit))
    return receive_files(office, NOW)


@pytest.mark.parametrize("name", sorted(UNITS))
def test_the_file_that_upsets_the_checks_is_refused_and_the_others_are_taken(
    office: Workspace, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(tasks.fencing, "validate_batch", upset_by(name, ValueError))
    files = received(office)
    validated = tasks.fencing.validate_fenced(office, files, read_files(office, files))
    table = load_returns(office, validated, answer_senders(office, validated, NOW))
    refused = table[table.verdict == "rejected"]
    assert refused.file.str.endswith(name).tolist() == [True]
    assert codes(office) == ["unreadable"]
    assert "ValueError" in rows_of(office, finding).found[0]
    assert len(rows_of(office, outbox)) == len(UNITS), "each sender is answered"
    last = {
        unit: max(each for each, of in UNITS.items() if of == unit and each != name)
        for unit in ("080", "082")
    }
    numbers = {each: 100 + number for number, each in enumerate(UNITS)}
    assert {unit: figures(office, unit)["CHE"] for unit in last} == {
        u: numbers[each] for u, each in last.items()
    }


@pytest.mark.parametrize("error", [TiendoError, OSError, MemoryError])
def test_what_is_no_files_fault_is_raised(
    office: Workspace, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    monkeypatch.setattr(tasks.fencing, "validate_batch", upset_by("a.csv", error))
    files = received(office)
    with pytest.raises(error):
        tasks.fencing.validate_fenced(office, files, read_files(office, files))


def test_where_every_file_upsets_the_checks_the_fault_is_ours(
    office: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Validated:
        raise ValueError("all of them")

    monkeypatch.setattr(tasks.fencing, "validate_batch", broken)
    files = received(office)
    with pytest.raises(ValueError, match="all of them"):
        tasks.fencing.validate_fenced(office, files, read_files(office, files))

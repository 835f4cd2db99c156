"""A filled template opened and saved by LibreOffice, in each of its formats, says the same and is accepted."""

from pathlib import Path

import pandas as pd
import pytest
from corpus_books import filled, zipped
from corpus_libreoffice import needs_libreoffice, saved_again
from corpus_office import NOW, District, Province, made_province

from flows.collect import collect
from tasks.reading.returns import Reading, read_returns
from tasks.template.return_fields import ENTRY_FIELDS, KEY_NAMES
from warehouse.intake_store import current_values

pytestmark = needs_libreoffice

FORMATS = ("xlsx", "ods", "xls")
TYPED = {
    "CHE.note": "Đã nghiệm thu; người dân hưởng ứng",
    "VIEC.value": "trên 1000",
    "DUONG.value": 3.125,
    "DUONG.reason": "Mưa lũ kéo dài\ntừ tháng 9",
    "DUONG.remedy": "=Tăng ca",
    "XA.value": None,
    "XA.state": "Không phát sinh",
}


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    made = made_province(tmp_path_factory.mktemp("office"), len(FORMATS) + 1)
    made.issue()
    return made


def sent(district: District) -> bytes:
    """A district's return with texts, a bound, a state and a decimal."""
    typed = {district.places[name]: value for name, value in TYPED.items() if value is not None}
    parts = filled(district.book, typed)
    address = district.places["XA.value"]
    return zipped(filled(parts, {address: ""}))


@pytest.fixture(scope="module")
def saved(province: Province, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same return as it was filled, and as LibreOffice saved it in each format."""
    folder = tmp_path_factory.mktemp("saved")
    paths = {"filled": folder / "Mau.xlsx"}
    paths["filled"].write_bytes(sent(province.district(1)))
    for name in FORMATS:
        paths[name] = saved_again(paths["filled"], name, folder)
    return paths


@pytest.fixture(scope="module")
def read(saved: dict[str, Path]) -> Reading:
    paths = [str(path) for path in saved.values()]
    return read_returns(pd.DataFrame({"file": range(len(paths)), "path": paths}))


@pytest.mark.parametrize("number", range(1, len(FORMATS) + 1), ids=FORMATS)
def test_unit_period_and_signature_are_kept(read: Reading, number: int) -> None:
    keys = read.files[list(KEY_NAMES)]
    assert keys.iloc[number].to_dict() == keys.iloc[0].to_dict()
    assert keys.iloc[0].notna().all()


@pytest.mark.parametrize("number", range(1, len(FORMATS) + 1), ids=FORMATS)
def test_all_figures_and_texts_are_kept(read: Reading, number: int) -> None:
    columns = ["unit", "period", "indicator", *ENTRY_FIELDS]
    first, again = (
        read.cells[read.cells.file == file][columns].reset_index(drop=True) for file in (0, number)
    )
    pd.testing.assert_frame_equal(again, first)
    assert len(first) == 11
    assert read.files.content_digest[number] == read.files.content_digest[0]


def test_collect_accepts_them(province: Province, saved: dict[str, Path]) -> None:
    for name, path in saved.items():
        province.drop("D0001", f"{name}{path.suffix}", path.read_bytes())
    table = collect.fn(workspace=str(province.workspace.root), now=NOW)
    verdicts = dict(zip(table.file.map(lambda file: Path(file).suffix), table.verdict, strict=True))
    assert sorted(table.verdict) == ["accepted", *["duplicate"] * len(FORMATS)], verdicts
    values = current_values(province.workspace.engine, ["D0001"], ["2013-Q4"]).set_index("indicator")
    assert values.number[["DUONG", "VIEC"]].tolist() == [3.125, 1000]
    assert (values.qualifier["VIEC"], values.state["XA"]) == (">=", "none_occurred")
    assert (values.reason["DUONG"], values.remedy["DUONG"]) == (TYPED["DUONG.reason"], TYPED["DUONG.remedy"])


@pytest.mark.parametrize("suffix", FORMATS)
def test_collect_accepts_each_of_them_alone(province: Province, tmp_path: Path, suffix: str) -> None:
    district = province.district(FORMATS.index(suffix) + 2)
    source = tmp_path / "Mau.xlsx"
    source.write_bytes(district.file)
    path = saved_again(source, suffix, tmp_path)
    province.drop(district.code, path.name, path.read_bytes())
    table = collect.fn(workspace=str(province.workspace.root), now=NOW)
    assert table.verdict.tolist() == ["accepted"]
    values = current_values(province.workspace.engine, [district.code])
    for period, numbers in district.loaded.items():
        found = values[values.period == period]
        assert dict(zip(found.indicator, found.number, strict=True)) == pytest.approx(numbers, rel=1e-12)

"""The benchmark's code still runs; how long anything takes is not tested."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.cases import check_same
from benchmarks.past import WAYS
from benchmarks.plan_data import QUICK
from benchmarks.returns_data import Return

ROOT = Path(__file__).resolve().parent.parent
FIGURES = pd.DataFrame(
    {"code": ["I000"], "against": ["year"], "actual": [12.5], "attainment": [40.0], "band": ["lagging"]}
)


def test_every_case_runs_and_product_and_floor_come_to_the_same_figures(tmp_path: Path) -> None:
    out = tmp_path / "table.md"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--out", str(out)]
    run = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]  # the case of the country compares the figures
    assert {"product", "floor", "naive", "first quarter", "all go back", *WAYS} <= ways(out)


def ways(table: Path) -> set[str]:
    """The second column of a markdown table."""
    rows = table.read_text(encoding="utf-8").splitlines()
    return {row.split("|")[2].strip() for row in rows if row.startswith("|")}


@pytest.mark.parametrize("column, other", [("actual", 12.6), ("attainment", 40.1), ("band", "advancing")])
def test_a_figure_that_differs_is_found(column: str, other: object) -> None:
    check_same(FIGURES, FIGURES)
    with pytest.raises(AssertionError, match="differ"):
        check_same(FIGURES, FIGURES.assign(**{column: other}))


def test_a_figure_that_one_side_lacks_is_found() -> None:
    with pytest.raises(AssertionError, match="differ"):
        check_same(FIGURES, FIGURES.iloc[:0])


def test_the_same_unit_and_quarter_have_the_same_figures_each_time() -> None:
    first, again = (Return(QUICK, unit=3, quarter=2).cells() for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(Return(QUICK, unit=4, quarter=2).cells())

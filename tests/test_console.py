"""The command line: exit codes, one clear sentence for every wrong input, data on stdout in three forms."""

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from console.main import build, main

CASE = Path(__file__).parent / "cases" / "lao_cai_resolution"
VERBS = [name for name in build() if not name.startswith("-")]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lào Cai's workspace without its returns, its plan loaded."""
    folder = tmp_path_factory.mktemp("console") / "lao_cai"
    shutil.copytree(CASE, folder, ignore=shutil.ignore_patterns("inbox"))
    assert main(["--workspace", str(folder), "plan", "load"]) == 0
    return folder


@pytest.fixture
def workspace(planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that workspace, which verbs find by the environment."""
    folder = shutil.copytree(planned, tmp_path / "lao_cai")
    monkeypatch.setenv("TIENDO_WORKSPACE", str(folder))
    monkeypatch.delenv("TIENDO_WAREHOUSE_URL", raising=False)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return Path(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".db" not in path.name
    }


def test_help_imports_neither_prefect_nor_great_expectations_nor_pandas() -> None:
    words = [["--help"], *([verb, "--help"] for verb in VERBS)]
    script = f"""
import sys
from console.main import main
for words in {words!r}:
    assert main(words) == 0, words
heavy = {{"prefect", "great_expectations", "pandas", "sqlalchemy"}} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for verb in VERBS:
        assert verb in done.stdout


def test_help_speaks_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["plan", "load", "--help"], ["attainment", "--help"]):
        assert main(words) == 0
    page = capsys.readouterr().out
    assert "Cách dùng:" in page
    for english in ("Usage", "Commands", "Parameters", "Arguments", "required", "Display"):
        assert english not in page


WRONG_WORDS = [
    pytest.param(["colect"], "có phải là 'collect'?", id="unknown verb"),
    pytest.param(["attainment"], "--period là bắt buộc", id="required option missing"),
    pytest.param(
        ["attainment", "--perod", "2013"], "không có tham số --perod; có phải là '--period'?", id="typo"
    ),
    pytest.param(["attainment", "--period"], "--period cần một giá trị", id="option without its value"),
    pytest.param(
        ["obligations", "--period", "2013-Q4", "--format", "xml"], "table, csv, json", id="unknown form"
    ),
    pytest.param(["collect", "now"], "thừa 'now'", id="a word too many"),
    pytest.param(["attainment", "--period", "2013-Q5"], "'2013-Q5' không phải là kỳ", id="period"),
    pytest.param(["attainment", "--period", "2013", "--level", "schem"], "có phải là 'scheme'?", id="level"),
    pytest.param(["attainment", "--period", "2013", "--against", "own,plan"], "'plan'", id="against"),
    pytest.param(["attainment", "--period", "2013", "--unit", "999"], "'999'", id="unit"),
    pytest.param(["attainment", "--period", "2013", "--as-of", "tomorrow"], "2013-07-23T17:00", id="instant"),
    pytest.param(
        ["obligations", "--period", "2013-9M"], "không đơn vị nào nộp cho kỳ này", id="nothing is owed"
    ),
    pytest.param(["obligations", "--period", "2013", "--today", "31/12"], "2013-07-23", id="day"),
    pytest.param(
        ["template", "--period", "2013-Q4", "--unit", "08"], "không có đơn vị này", id="template of nobody"
    ),
    pytest.param(["template", "--period", "2013-Q4", "--out", "/proc/x"], "không tạo được thư mục", id="out"),
    pytest.param(["submit", "--unit", "080"], "chưa chỉ tệp nào", id="no file"),
    pytest.param(
        ["submit", "nowhere.csv", "--unit", "080"], "nowhere.csv: không đọc được", id="missing file"
    ),
    pytest.param(
        ["submit", __file__, "--unit", "80"], "không có đơn vị này; có phải là '080'?", id="unknown unit"
    ),
    pytest.param(
        ["submit", __file__, "--unit", "080", "--received-at", "2013-07-01"],
        "--reason",
        id="dated back, no reason",
    ),
    pytest.param(
        ["submit", __file__, "--unit", "080", "--received-at", "2999-01-01", "--reason", "r"],
        "tương lai",
        id="received in the future",
    ),
    pytest.param(["plan", "check", "nowhere"], "không có thư mục", id="missing plan"),
    pytest.param(
        ["report", "--period", "2013", "--kind", "unit", "--unit", "x"], "'x'", id="report of nobody"
    ),
    pytest.param(
        ["review", "--period", "2013-Q4", "--against", "plan"], "own, year, term", id="review against"
    ),
    pytest.param(["up", "--port", "99999"], "--port 99999", id="port"),
]


@pytest.mark.parametrize(("words", "said"), WRONG_WORDS)
def test_wrong_words_are_one_sentence_exit_2_and_change_nothing(
    workspace: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    before = contents(workspace)
    capsys.readouterr()
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.startswith("tiendo: ")
    assert printed.err.count("\n") == 1
    assert "Traceback" not in printed.err
    assert contents(workspace) == before


NEEDS_WORKSPACE = [
    ["plan", "load"],
    ["plan", "check"],
    ["template", "--period", "2013-Q4"],
    ["submit", __file__, "--unit", "080"],
    ["collect"],
    ["obligations", "--period", "2013-Q4"],
    ["attainment", "--period", "2013"],
    ["review", "--period", "2013-Q4"],
    ["report", "--period", "2013-Q4"],
    ["remind"],
    ["dispatch"],
    ["doctor"],
    ["up"],
]


@pytest.mark.parametrize("words", NEEDS_WORKSPACE, ids=" ".join)
def test_without_a_workspace_every_verb_says_where_it_looked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        assert main(["--workspace", str(place), *words]) == 2
        assert f"tiendo: {'không có thư mục ' if place != tmp_path else ''}{place}" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", NEEDS_WORKSPACE, ids=" ".join)
def test_with_wrong_settings_every_verb_names_the_key(
    workspace: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    (workspace / "tiendo.toml").write_text('[calendar]\nname = "lunar"')
    before = contents(workspace)
    capsys.readouterr()
    assert main(words) == 2
    printed = capsys.readouterr()
    assert "[calendar] name = 'lunar'" in printed.out + printed.err
    assert contents(workspace) == before


DATABASES = [
    pytest.param("sqlite:////nowhere/at/all.db", "/nowhere/at/all.db", id="missing folder"),
    pytest.param("sqlite:///tiendo.toml", "không phải là kho số liệu SQLite", id="not a database"),
    pytest.param("oracle://h/d", "oracle", id="another kind"),
    pytest.param("postgresql+psycopg://me:hunter2@127.0.0.1:1/none", "127.0.0.1/none", id="no server"),
    pytest.param("warehouse.db", "[warehouse] url", id="no address"),
]


@pytest.mark.parametrize(("url", "said"), DATABASES)
@pytest.mark.parametrize("words", [["obligations", "--period", "2013-Q4"], ["doctor"]], ids=" ".join)
def test_a_wrong_database_is_one_sentence_without_its_password(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, said: str,
    words: list[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("TIENDO_WAREHOUSE_URL", url)
    capsys.readouterr()
    assert main(words) == 2
    printed = capsys.readouterr()
    assert said in printed.out + printed.err
    assert "hunter2" not in printed.out + printed.err
    assert "Traceback" not in printed.err


def test_a_verb_that_needs_a_plan_says_how_to_load_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tiendo.toml").write_text("")
    assert main(["--workspace", str(tmp_path), "obligations", "--period", "2013-Q4"]) == 2
    assert "tiendo plan load" in capsys.readouterr().err


def test_a_plan_is_loaded_once_and_a_changed_one_prints_the_difference(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["plan", "load", "--format", "json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == []
    assert "không đổi, vẫn là bản 1" in printed.err
    targets = workspace / "plan" / "targets.csv"
    targets.write_text(targets.read_text().replace("57000", "58000"))
    assert main(["plan", "load", "--format", "json"]) == 0
    (change,) = json.loads(capsys.readouterr().out)
    assert (change["table"], change["change"], change["column"]) == ("targets", "changed", "target")
    assert (change["before"], change["after"]) == ("57000", "58000")


@pytest.mark.parametrize("verb", ["load", "check"])
def test_a_bad_plan_is_refused_whole_with_every_problem(
    workspace: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    indicators = workspace / "plan" / "indicators.csv"
    text = indicators.read_text().replace("quarter,stock,sum,,,ratio", "weekly,stok,sum,,,ratio", 1)
    indicators.write_text(text)
    capsys.readouterr()
    assert main(["plan", verb, "--format", "csv"]) == 2
    printed = capsys.readouterr()
    for part in ("indicators", "2", "frequency", "'weekly'", "accumulation", "có phải là 'stock'?"):
        assert part in printed.out + printed.err
    assert "tiendo: indicators.csv dòng 2" in printed.err
    if verb == "check":
        rows = list(csv.DictReader(io.StringIO(printed.out)))
        assert [(row["severity"], row["row"], row["column"]) for row in rows] == [
            ("error", "2", "frequency"),
            ("error", "2", "accumulation"),
        ]
    else:
        assert printed.out == ""
    assert main(["plan", "load", str(CASE / "plan")]) == 0
    assert "vẫn là bản 1" in capsys.readouterr().err


def test_a_loaded_plan_has_a_folder_for_each_units_files(planned: Path) -> None:
    folders = {path.name for path in (planned / "inbox").iterdir()}
    assert {"080", "082", "S08"} <= folders
    assert "10" not in folders, "the province itself reports nothing"


def test_what_is_absent_is_null_in_json_whether_number_or_text(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["attainment", "--period", "2013", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert all(row["actual"] is None and row["first_met"] is None and row["status"] is None for row in rows)


def test_data_comes_as_table_csv_and_json_with_numbers_as_numbers(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forms = {}
    for form in ("table", "csv", "json"):
        capsys.readouterr()
        words = ["attainment", "--period", "2013", "--against", "term", "--format", form]
        assert main(words) == 0
        forms[form] = capsys.readouterr().out
    rows = json.loads(forms["json"])
    first = next(row for row in rows if row["code"] == "LC-DA01-01")
    assert first["target"] == 57000
    assert first["actual"] is None
    assert first["band"] == "missing"
    table = list(csv.DictReader(io.StringIO(forms["csv"])))
    assert [row["code"] for row in table] == [row["code"] for row in rows]
    assert table[0]["actual"] == ""
    assert len(forms["table"].splitlines()) == len(rows) + 2


def test_submit_overwrites_nothing_and_collect_is_told_when_the_file_came(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "082.csv"
    for text in ("one", "two"):
        file.write_text(text)
        words = [
            "submit",
            str(file),
            "--unit",
            "082",
            "--received-at",
            "2013-07-01T09:00",
            "--reason",
            "thư tay",
        ]
        assert main([*words, "--format", "csv"]) == 0
    placed = sorted((workspace / "inbox" / "082").iterdir())
    assert [path.name for path in placed] == ["082 (2).csv", "082.csv"]
    assert [path.read_text() for path in placed] == ["two", "one"]


def test_an_unexpected_fault_is_one_sentence_and_a_log_without_secrets(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "mailtos://me:hunter2@mail.example"
    monkeypatch.setenv("TIENDO_MAIL_URL", secret)

    def broken(*_: object) -> None:
        raise RuntimeError(secret)

    app = build()
    app["doctor"].default_command = broken
    capsys.readouterr()
    assert main(["doctor"], app) == 1
    printed = capsys.readouterr()
    log = workspace / "logs" / "tiendo.log"
    assert printed.err == f"tiendo: lỗi ngoài dự kiến (RuntimeError); chi tiết trong {log}\n"
    assert "RuntimeError" in log.read_text()
    assert "hunter2" not in log.read_text()


def test_a_new_workspace_can_be_used_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "new"
    assert main(["init", str(root)]) == 0
    assert main(["--workspace", str(root), "plan", "check"]) == 0
    assert "không có lỗi, 0 lưu ý" in capsys.readouterr().err
    assert main(["--workspace", str(root), "plan", "load"]) == 0
    assert main(["--workspace", str(root), "template", "--period", "2026-Q1"]) == 0
    assert len(list((root / "templates" / "2026-Q1").glob("Mau_*_2026-Q1.xlsx"))) == 4
    assert main(["--workspace", str(root), "doctor"]) == 0
    assert main(["init", str(root)]) == 2, "a folder that holds something is left alone"


def test_doctor_names_a_channel_without_its_variable(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (workspace / "tiendo.toml").open("a") as settings:
        settings.write('\n[channels.mail]\nurl = "env:TIENDO_MAIL_URL"\n')
    monkeypatch.delenv("TIENDO_MAIL_URL", raising=False)
    capsys.readouterr()
    assert main(["doctor", "--format", "json"]) == 2
    rows = json.loads(capsys.readouterr().out)
    (channel,) = [row for row in rows if row["check"] == "kênh gửi"]
    assert channel["state"] == "lỗi"
    assert "TIENDO_MAIL_URL" in channel["found"]
    monkeypatch.setenv("TIENDO_MAIL_URL", "mailtos://me:pw@mail.example.vn?to={email}")
    assert main(["doctor"]) == 0

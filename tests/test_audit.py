"""The audit against somebody who can write to the database itself: whatever he changes is found."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import psycopg
import pytest
import sqlalchemy as sa
from collecting import collected, drop, quarter, with_plan
from sqlalchemy.engine import URL, Connection, Engine
from test_warehouse import a_batch, a_plan

from console.main import main
from tasks.auditing import EXPORT_COLUMNS, Verified, exported_audit, verify_audit
from tasks.office.workspace import Workspace
from tiendo.calendars import Calendar
from tiendo.errors import InputError
from tiendo.outlooks import OUTLOOK, OfficerJudgement
from warehouse.audit_log import Entry, append, read_entries
from warehouse.bulk import next_id
from warehouse.connecting import migrate, open_warehouse, reading, writing
from warehouse.intake_store import IntakeBatch, commit_intake, record_backdating
from warehouse.judgement_store import add_judgement
from warehouse.period_store import PeriodAct, record_act
from warehouse.plan_store import store_plan
from warehouse.review_store import ReviewBasis, record_report, store_review
from warehouse.schema import APPEND_ONLY, approval, audit, correction, metadata

NOW = datetime(2014, 1, 2, 9, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RECIPE = Path(__file__).parent.parent / "docs" / "administrators.md"


def a_refused_batch() -> IntakeBatch:
    batch = a_batch(["H1"], "2013-Q3", stamp="2")
    receipts = batch.receipts.assign(verdict="rejected", sha256="bad", path="inbox/H1/xau.xlsx")
    nothing = {"submissions": batch.submissions.iloc[:0], "values": batch.values.iloc[:0]}
    return replace(batch, receipts=receipts, messages=batch.messages.iloc[:0], **nothing)


def live_in(engine: Engine) -> None:
    """Write everything that the audit tells of."""
    store_plan(engine, a_plan(), NOW, "admin")
    for version in (1, 2):
        commit_intake(engine, a_batch(["H1", "H2"], version=version, at=NOW + version * HOUR))
    commit_intake(engine, a_refused_batch())
    at = NOW + 3 * HOUR
    file = pd.DataFrame({"sha256": ["a"], "sender": ["H1"], "path": ["a.xlsx"]})
    record_backdating(
        engine, file, received_at=NOW, reason="gửi qua văn thư", recorded_at=at, recorded_by="office"
    )
    for act in ("lock", "unlock"):
        until = date(2014, 2, 1) if act == "unlock" else None
        record_act(engine, PeriodAct(act, "2013-Q4", ("H1", "H2"), "theo công văn 5", until, at, "office"))
    said = OfficerJudgement("CT01", "", "2013-Q4", OUTLOOK, "unlikely", "thiếu vốn", "Chánh Văn phòng")
    add_judgement(engine, said, at, "office")
    basis = ReviewBasis("2013-Q4", "own", at, "as_reported", 1, "{}")
    figures = pd.DataFrame([{"level": "indicator", "code": "CT01", "unit": "T", "series": "assigned"}])
    review = store_review(engine, basis, figures, at)
    record_report(
        engine, review, kind="province", unit="T", version=1, path="a.xlsx", sha256="abc", issued_at=at
    )
    with writing(engine) as connection:  # whatever else is written does not disturb
        append(connection, at, "office", "something_new", "of a later program")


@contextmanager
def on_postgresql(server: URL, name: str, like: str = "template1") -> Iterator[str]:
    """The address of a database of its own, made like another."""
    with psycopg.connect(server.render_as_string(False), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        yield server.set(database=name).render_as_string(False)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a warehouse with everything in it that the audit tells of, to be copied."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path_factory.mktemp('audit') / 'w.db'}"
        if request.param == "postgresql":
            url = stack.enter_context(on_postgresql(request.getfixturevalue("postgresql"), "audit_model"))
        engine = open_warehouse(url)
        migrate(engine)
        live_in(engine)
        engine.dispose()
        yield url


@pytest.fixture
def lived_in(model: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A copy of that warehouse; the test runs once for each kind of database."""
    with ExitStack() as stack:
        if model.startswith("sqlite"):
            url = f"sqlite:///{shutil.copy(model.removeprefix('sqlite:///'), tmp_path / 'w.db')}"
        else:
            server = request.getfixturevalue("postgresql")
            url = stack.enter_context(on_postgresql(server, "audit_copy", like="audit_model"))
        engine = open_warehouse(url)
        yield engine
        engine.dispose()


def workspace_of(engine: Engine) -> Workspace:
    return SimpleNamespace(engine=engine, calendar=Calendar(name="gregorian"))  # type: ignore[return-value]


def verified(engine: Engine, head: str | None = None) -> Verified:
    return verify_audit(workspace_of(engine), head)


def told(engine: Engine, head: str | None = None) -> set[tuple[str, str]]:
    """(table and row, code) of everything that is found wrong."""
    wrong = verified(engine, head).problems
    return set(zip(wrong.table, wrong.code, strict=True))


# --- what the database refuses ----------------------------------------------------------------------------


def a_row_in_every_table(engine: Engine) -> None:
    said = {"submission": 1, "recorded_at": NOW, "recorded_by": "office", "reason": "r"}
    with writing(engine) as connection:
        for table, more in ((approval, {"act": "accepted"}), (correction, {"indicator": "CT01"})):
            row = said | more | {"id": next_id(connection, table)}
            connection.execute(sa.insert(table).values(row))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_database_refuses_to_change_what_was_written(lived_in: Engine, table: str) -> None:
    a_row_in_every_table(lived_in)
    column = next(c.name for c in metadata.tables[table].columns if isinstance(c.type, sa.Text))
    changes = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if lived_in.dialect.name == "postgresql":
        changes += [f"TRUNCATE {table} CASCADE"]
    for change in changes:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(lived_in) as connection:
            connection.exec_driver_sql(change)


# --- what verifying finds ---------------------------------------------------------------------------------


@contextmanager
def behind_the_guards(engine: Engine) -> Iterator[Connection]:
    """As one who may write to the file does: the triggers taken away, the deed done, the triggers put back."""
    with writing(engine) as connection:
        kept = _guards(connection)
        for name, table, _ in kept:
            on = f" ON {table}" if engine.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
        yield connection
        for _, _, text in kept:
            connection.exec_driver_sql(text)


def _guards(connection: Connection) -> list[tuple[str, str, str]]:
    statement = {
        "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger "
        "WHERE NOT tgisinternal",
    }[connection.dialect.name]
    return [tuple(row) for row in connection.exec_driver_sql(statement)]


def test_an_undisturbed_warehouse_is_found_in_order(lived_in: Engine) -> None:
    found = verified(lived_in)
    assert found.problems.empty
    assert found.entries == 14
    with reading(lived_in) as connection:
        assert found.head == read_entries(connection).hash.iloc[-1]


def test_an_empty_warehouse_is_in_order(engine: Engine) -> None:
    found = verified(engine)
    assert (len(found.problems), found.entries, found.head) == (0, 0, "")


def resealed(connection: Connection, first: int = 1) -> None:
    """The chain reckoned anew from a row on, as somebody does who knows how."""
    entries = read_entries(connection)
    previous = entries.hash[entries.id < first].iloc[-1] if (entries.id < first).any() else ""
    for number, row in enumerate(entries[entries.id >= first].to_dict("records"), start=first):
        said = {name: row[name] for name in ("at", "actor", "action", "subject", "before", "after", "reason")}
        seal = Entry(**said).sealed(previous)
        new = {"id": number, "previous_hash": previous, "hash": seal}
        connection.execute(sa.update(audit).where(audit.c.id == row["id"]).values(new))
        previous = seal


Attack = Callable[[Connection], object]


def sql(*statements: str) -> Attack:
    return lambda connection: [connection.exec_driver_sql(statement) for statement in statements]


def then_resealed(attack: Attack) -> Attack:
    def both(connection: Connection) -> None:
        attack(connection)
        resealed(connection)

    return both


def forged(connection: Connection) -> None:
    """A row of one's own put before the last one, sealed as if it followed the one before it."""
    entries = read_entries(connection)
    before, last = entries.iloc[-2], int(entries.id.iloc[-1])
    connection.execute(sa.update(audit).where(audit.c.id == last).values(id=last + 1))
    own = Entry(NOW, "office", "issue", "2013-Q4 province T", after='{"version": 2, "sha256": "f"}')
    row = vars(own) | {"id": last, "previous_hash": before.hash, "hash": own.sealed(before.hash)}
    connection.execute(sa.insert(audit).values(row))


def swapped(connection: Connection) -> None:
    for old, new in ((4, 99), (5, 4), (99, 5)):
        connection.execute(sa.update(audit).where(audit.c.id == old).values(id=new))


ATTACKS = [
    pytest.param(
        sql("UPDATE audit SET reason = 'khác' WHERE id = 3"), {("audit", "edited")}, id="a row edited"
    ),
    pytest.param(
        sql("UPDATE audit SET reason = 'khác' WHERE id = 14"), {("audit", "edited")}, id="the last row edited"
    ),
    pytest.param(
        sql("UPDATE audit SET actor = 'khác' WHERE id = 1"),
        {("audit", "edited"), ("plan_version 1", "differs")},
        id="who did it edited",
    ),
    pytest.param(
        sql("DELETE FROM audit WHERE id = 3"),
        {("audit", "missing"), ("submission 2", "untold")},
        id="a row deleted in the middle",
    ),
    pytest.param(
        sql("DELETE FROM audit WHERE id = 1"),
        {("audit", "missing"), ("plan_version 1", "untold")},
        id="the first row deleted",
    ),
    pytest.param(
        then_resealed(sql("DELETE FROM audit WHERE id = 3")),
        {("submission 2", "untold")},
        id="a row deleted and the chain reckoned anew",
    ),
    pytest.param(
        sql("DELETE FROM audit WHERE id >= 12"),
        {("officer_judgement 1", "untold"), ("report 1", "untold")},
        id="the tail cut off",
    ),
    pytest.param(
        sql("DELETE FROM audit"),
        {
            *((f"submission {n}", "untold") for n in (1, 2, 3, 4)),
            *((f"period_act {n}", "untold") for n in (1, 2, 3, 4)),
            *((f"{table} 1", "untold") for table in ("plan_version", "backdating", "report")),
            ("officer_judgement 1", "untold"),
            ("receipt 5", "untold"),
        },
        id="all of it deleted",
    ),
    pytest.param(forged, {("audit", "unlinked"), ("report", "gone")}, id="a forged row put in"),
    pytest.param(
        then_resealed(forged), {("report", "gone")}, id="a forged row put in and the chain reckoned anew"
    ),
    pytest.param(swapped, {("audit", "unlinked")}, id="two rows change places"),
    pytest.param(
        sql("UPDATE value SET number = number + 1 WHERE submission = 2 AND indicator = 'CT02'"),
        {("submission 2", "altered")},
        id="a figure edited",
    ),
    pytest.param(
        sql("DELETE FROM value WHERE submission = 4 AND indicator = 'CT02'"),
        {("submission 4", "altered")},
        id="a figure deleted",
    ),
    pytest.param(
        sql("UPDATE value SET note = '' WHERE submission = 1"),
        {("submission 1", "altered")},
        id="a note to a figure deleted",
    ),
    pytest.param(
        sql("UPDATE submission SET verdict = 'returned' WHERE id = 3"),
        {("submission 3", "differs")},
        id="a verdict edited",
    ),
    pytest.param(
        sql("UPDATE submission SET received_at = '2014-01-01 00:00:00' WHERE id = 3"),
        {("submission 3", "differs")},
        id="a late return made timely",
    ),
    pytest.param(
        sql("DELETE FROM value WHERE submission = 4", "DELETE FROM submission WHERE id = 4"),
        {("submission", "gone")},
        id="a submission deleted",
    ),
    pytest.param(
        sql("UPDATE receipt SET verdict = 'attached' WHERE verdict = 'rejected'"),
        {("receipt", "gone")},
        id="a refusal hidden",
    ),
    pytest.param(
        sql("UPDATE target SET target = 1 WHERE span = '2013'"),
        {("plan_version 1", "altered")},
        id="a target of the plan edited",
    ),
    pytest.param(
        sql("UPDATE plan_version SET digest = 'x'"),
        {("plan_version 1", "altered"), ("plan_version 1", "differs")},
        id="the digest of the plan edited",
    ),
    pytest.param(
        sql("UPDATE backdating SET received_at = '2013-12-01 00:00:00'"),
        {("backdating 1", "differs")},
        id="a receipt dated back further",
    ),
    pytest.param(
        sql("UPDATE period_act SET expires = NULL WHERE id = 3"),
        {("period_act 3", "differs")},
        id="an unlocking made to last",
    ),
    pytest.param(
        sql("DELETE FROM period_act WHERE act = 'lock' AND unit = 'H2'"),
        {("period_act", "gone")},
        id="a lock deleted",
    ),
    pytest.param(
        sql("UPDATE officer_judgement SET verdict = 'met'"),
        {("officer_judgement 1", "differs")},
        id="a judgement edited",
    ),
    pytest.param(
        sql("UPDATE report SET sha256 = 'other'"),
        {("report 1", "differs")},
        id="another file passed off as the report",
    ),
    pytest.param(
        then_resealed(sql("UPDATE audit SET actor = 'khác' WHERE action = 'submit' AND id = 3")),
        {("submission 2", "differs")},
        id="a sender edited and the chain reckoned anew",
    ),
]


@pytest.mark.parametrize(("attack", "expected"), ATTACKS)
def test_what_was_done_behind_the_database_is_found(
    lived_in: Engine, attack: Attack, expected: set[tuple[str, str]]
) -> None:
    with behind_the_guards(lived_in) as connection:
        attack(connection)
    assert told(lived_in) == expected


def test_what_the_database_itself_keeps_otherwise_is_no_edit(lived_in: Engine) -> None:
    batch = a_batch(["H1"], "2013-Q2", indicators=[f"CT{n}" for n in range(6)])
    numbers = [-0.0, 1e-320, 0.1 + 0.2, float("nan"), 1e300, 12]
    notes = ["", "a\0b", None, "nửa \ud800 chữ", "dòng\r\nhai", "Đắk Glong"]
    values = batch.values.assign(number=numbers, note=pd.Series(notes, dtype=object)).drop(
        columns="qualifier"
    )
    commit_intake(lived_in, replace(batch, values=values))
    assert verified(lived_in).problems.empty


def test_a_guard_that_is_taken_away_is_missed(lived_in: Engine) -> None:
    with writing(lived_in) as connection:
        for name, table, _ in _guards(connection):
            if table == "value":
                on = " ON value" if lived_in.dialect.name == "postgresql" else ""
                connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
    assert told(lived_in) == {("value", "unguarded")}


def test_a_row_is_told_with_its_number_its_time_and_what_is_wrong(lived_in: Engine) -> None:
    with behind_the_guards(lived_in) as connection:
        sql("UPDATE audit SET reason = 'khác' WHERE id = 14")(connection)
    (problem,) = verified(lived_in).problems.to_dict("records")
    assert (problem["row"], problem["at"], problem["subject"]) == (14, NOW + 3 * HOUR, "of a later program")
    assert "đã bị sửa" in problem["problem"]


def test_a_tail_grown_anew_is_found_by_a_hash_that_was_written_down(lived_in: Engine) -> None:
    head = verified(lived_in).head
    assert told(lived_in, head) == set()
    with writing(lived_in) as connection:
        append(connection, NOW, "office", "note", "later")
    assert told(lived_in, head) == set(), "the chain still contains it"
    with behind_the_guards(lived_in) as connection:
        connection.execute(sa.update(audit).where(audit.c.action == "something_new").values(subject="other"))
        resealed(connection)
    assert told(lived_in) == set(), "nothing but the hash knows of it"
    assert told(lived_in, head) == {("audit", "head_lost")}


@pytest.mark.parametrize("head", ["abc", "x" * 64, "ABC" * 21 + "A", ""])
def test_what_is_no_hash_is_refused(lived_in: Engine, head: str) -> None:
    with pytest.raises(InputError, match="--head"):
        verified(lived_in, head)


def test_every_table_that_is_append_only_is_told_of_by_the_audit() -> None:
    from warehouse.audit_matching import WITNESSES

    of_a_submission = {"value"}
    assert {each.table for each in WITNESSES} | of_a_submission | {"audit"} >= set(APPEND_ONLY)


# --- the command line, and what a third party is given ----------------------------------------------------


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """An office that has collected a return."""
    opened = with_plan(tmp_path_factory.mktemp("audit") / "office")
    drop(opened, "080", "q4.csv", quarter(che="x"))
    collected(opened)
    return opened


def test_the_verb_prints_one_line_where_nothing_is_wrong(
    office: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--workspace", str(office.root), "audit", "verify"]) == 0
    printed = capsys.readouterr().out
    assert re.fullmatch(r"Nhật ký khớp: 2 dòng, mã cuối [0-9a-f]{64}\n", printed)


def test_the_verb_fails_where_something_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = with_plan(tmp_path / "office")
    with behind_the_guards(own.engine) as connection:
        connection.execute(sa.update(audit).values(actor="khác"))
    assert main(["--workspace", str(own.root), "audit", "verify", "--format", "json"]) == 1
    printed = capsys.readouterr()
    assert [(row["row"], row["table"], row["code"]) for row in json.loads(printed.out)] == [
        (1, "audit", "edited"),
        (1, "plan_version 1", "differs"),
    ]
    assert "KHÔNG khớp" in printed.err


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_export_says_all_that_was_sealed(office: Workspace, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"nhat-ky.{form}"
    assert main(["--workspace", str(office.root), "audit", "export", str(out)]) == 0
    read = pd.read_csv if form == "csv" else pd.read_json
    rows = read(out, dtype=False) if form == "json" else read(out, dtype=str, keep_default_na=False)
    assert list(rows.columns) == EXPORT_COLUMNS
    assert rows.action.tolist() == ["plan_load", "submit"]
    assert main(["--workspace", str(office.root), "audit", "export", str(out)]) == 2, "nothing is replaced"


def recipe() -> str:
    """The program of docs/administrators.md by which anybody can verify an export."""
    (text,) = re.findall(r"```python\n(.*?)```", RECIPE.read_text(encoding="utf-8"), re.DOTALL)
    return text


def by_recipe(folder: Path, file: Path) -> subprocess.CompletedProcess[str]:
    program = folder / "verify.py"
    program.write_text(recipe(), encoding="utf-8")
    return subprocess.run([sys.executable, program, file], capture_output=True, text=True, check=False)


def test_a_third_party_verifies_the_export_by_the_documented_recipe(lived_in: Engine, tmp_path: Path) -> None:
    with writing(lived_in) as connection:
        append(connection, NOW, "office", "note", 'dấu "ngoặc", phẩy', reason="hai\ndòng\r\nvà \\")
    file = tmp_path / "nhat-ky.csv"
    file.write_text(exported_audit(workspace_of(lived_in), "csv"), encoding="utf-8", newline="")
    done = by_recipe(tmp_path, file)
    assert (done.returncode, done.stderr) == (0, "")
    assert verified(lived_in).head in done.stdout
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("công văn 5", "công văn 6", 1), encoding="utf-8", newline="")
    done = by_recipe(tmp_path, file)
    assert done.returncode != 0
    assert "8" in done.stdout + done.stderr


def test_the_recipe_is_ten_lines() -> None:
    assert len([line for line in recipe().splitlines() if line]) <= 10


def test_an_export_of_some_days_is_a_chain_without_a_gap(lived_in: Engine, tmp_path: Path) -> None:
    with writing(lived_in) as connection:
        append(connection, datetime(2014, 3, 1, tzinfo=UTC), "office", "note", "march")
        append(connection, datetime(2014, 2, 1, tzinfo=UTC), "office", "note", "recorded late")
        append(connection, datetime(2014, 3, 2, tzinfo=UTC), "office", "note", "march again")
    text = exported_audit(workspace_of(lived_in), "json", date(2014, 3, 1), date(2014, 3, 31))
    assert [row["subject"] for row in json.loads(text)] == ["march", "recorded late", "march again"]
    file = tmp_path / "thang-3.csv"
    some = exported_audit(workspace_of(lived_in), "csv", date(2014, 3, 1), date(2014, 3, 31))
    file.write_text(some, encoding="utf-8", newline="")
    assert by_recipe(tmp_path, file).returncode == 0
    with pytest.raises(InputError, match="--from"):
        exported_audit(workspace_of(lived_in), "csv", date(2030, 1, 1))


def test_a_row_is_sealed_over_its_content_as_documented() -> None:
    entry = Entry(NOW, "office", "note", "Huyện Bát Xát", before="", after="{}", reason="vì sao")
    canonical = (
        '{"action":"note","actor":"office","after":"{}","at":"2014-01-02T09:12:00.000000+00:00","before":"",'
        '"reason":"vì sao","subject":"Huyện Bát Xát"}'
    )
    assert entry.sealed("p") == hashlib.sha256(("p" + canonical).encode()).hexdigest()

"""The warehouse keeps its promises on SQLite and on PostgreSQL: all or nothing, exactly once, one writer."""

import multiprocessing
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from tiendo.errors import InputError, TiendoError
from tiendo.periods import Period
from tiendo.plan import Plan, read_plan
from warehouse.audit_log import append, broken_links
from warehouse.bulk import insert_frame, read_frame
from warehouse.connecting import (
    MIGRATIONS,
    WarehouseBusyError,
    migrate,
    open_warehouse,
    reading,
    reckoning,
    writing,
)
from warehouse.fact_digest import digest
from warehouse.intake_store import (
    IntakeBatch,
    StaleBatch,
    backdated,
    commit_intake,
    current_submissions,
    current_values,
    known_stamps,
    last_recorded,
    record_backdating,
    reported_indicators,
    submissions_of,
)
from warehouse.outbox_store import LEASE, claim, enqueue, in_state, known_keys, pending, settle
from warehouse.plan_store import load_plan, store_plan
from warehouse.review_store import (
    ReviewBasis,
    issued_reports,
    latest_review,
    next_report_version,
    read_review,
    record_report,
    store_review,
)
from warehouse.schema import (
    attainment,
    audit,
    backdating,
    carried,
    delivery,
    finding,
    metadata,
    review,
    standing,
)

NOW = datetime(2014, 1, 2, 9, 12, tzinfo=UTC)
INDICATORS = [f"CT{number:02d}" for number in range(40)]

RAW_PLAN = {
    "term": {
        "code": "T1",
        "name": "2011–2015",
        "authority": "T",
        "starts": "2011-01-01",
        "ends": "2015-12-31",
    },
    "org_units": [
        {"code": "T", "name": "Tỉnh", "level": "province"},
        {"code": "H1", "name": "Huyện Đắk Glong", "level": "district", "parent": "T", "reports": "yes"},
    ],
    "indicators": {
        "code": "CT01",
        "name": "Diện tích rừng; trồng mới",
        "unit": "ha",
        "decimals": "1",
        "frequency": "quarter",
        "accumulation": "flow",
        "aggregation": "sum",
        "type": "ratio",
        "resolution": "yes",
    },
    "targets": [
        {"indicator": "CT01", "span": "2011-2015", "target": "57.5", "text": "trên 57,5 ha"},
        {"indicator": "CT01", "span": "2013", "target": "12", "baseline_year": "2010"},
    ],
}


def a_plan(**changes: object) -> Plan:
    raw = RAW_PLAN | changes
    return read_plan({n: pd.DataFrame([r] if isinstance(r, dict) else r).fillna("") for n, r in raw.items()})


def a_batch(
    units: list[str],
    period: str = "2013-Q4",
    version: int = 1,
    stamp: str = "1",
    at: datetime = NOW,
    indicators: list[str] = INDICATORS,
) -> IntakeBatch:
    """One accepted file for each unit, every second cell of it without a number."""
    files = list(range(len(units)))
    when = {"received_at": at, "recorded_at": at, "verdict": "accepted"}
    receipts = pd.DataFrame(
        {
            "file": files,
            "sha256": [f"{unit}/{period}/{version}" for unit in units],
            "source": "inbox",
            "sender": units,
            "path": [f"inbox/{unit}/{period}.xlsx" for unit in units],
            "stamp": stamp,
            "size": 30_000,
            "errors": 0,
            "warnings": 1,
            **when,
        }
    )
    kind, number = Period.parse(period).kind, Period.parse(period).index
    submissions = pd.DataFrame(
        {"file": files, "unit": units, "period": period, "kind": kind, "number": number}
    )
    submissions = submissions.assign(version=version, content_digest="c", plan_version=1, **when)
    values = submissions[["file", "unit", "period"]].merge(
        pd.DataFrame({"indicator": indicators}), how="cross"
    )
    values["number"] = np.where(values.index % 2 == 0, values.index + 0.1, np.nan)
    values = values.assign(
        state="value", status="final", qualifier="=", note="1.234,5 ha", carried_from=np.nan
    )
    findings = pd.DataFrame({"file": files, "severity": "warning", "code": "late", "message": "nộp muộn"})
    keys = [f"received {unit} {period} {version}" for unit in units]
    messages = pd.DataFrame({"file": files, "dedupe_key": keys, "unit": units, "created_at": at})
    return IntakeBatch(receipts, submissions, values, findings, messages)


@pytest.fixture
def planned(engine: Engine) -> Engine:
    """A warehouse with a plan in it."""
    store_plan(engine, a_plan(), NOW, "admin")
    return engine


def counts(engine: Engine) -> dict[str, int]:
    tables = [*metadata.tables.values()]
    with reading(engine) as connection:
        return {t.name: connection.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in tables}


# Opening


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("warehouse.db", "không đọc được", id="not an address"),
        pytest.param("mysql://u:secret@host/kho", "mysql", id="another kind of database"),
        pytest.param("sqlite://", "phải là một tệp", id="SQLite in memory"),
        pytest.param("sqlite:///{folder}/none/warehouse.db", "không mở được kho", id="no such folder"),
        pytest.param("sqlite:///{folder}/letter.txt", "không phải là kho", id="a file that is no database"),
        pytest.param("postgresql://u:secret@127.0.0.1:1/kho", "127.0.0.1/kho", id="no server there"),
        pytest.param("postgresql://u:secret@h:x/kho", "không đọc được", id="a port that is no number"),
    ],
)
def test_a_wrong_address_is_one_sentence_without_the_password(url: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Kính gửi: Văn phòng Tỉnh ủy" * 40)
    with pytest.raises(InputError) as raised:
        open_warehouse(url.format(folder=tmp_path))
    assert says in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_can_only_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    engine = open_warehouse(f"sqlite:///{tmp_path}/w.db")
    migrate(engine)
    engine.dispose()
    read_only = open_warehouse(f"sqlite:///file:{tmp_path}/w.db?mode=ro&uri=true")
    with pytest.raises(InputError, match="chỉ đọc được"), writing(read_only) as connection:
        connection.execute(sa.insert(carried).values(kind="year", unit="H1", number=1))


def test_a_writer_that_waits_too_long_is_told_that_the_warehouse_is_busy(
    engine: Engine, warehouse_url: str
) -> None:
    option = "?timeout=0.05" if "sqlite" in warehouse_url else "&options=-c%20lock_timeout%3D50ms"
    impatient = open_warehouse(warehouse_url + option)
    with writing(engine), pytest.raises(WarehouseBusyError), writing(impatient):
        pass
    with writing(impatient):
        pass
    impatient.dispose()


def test_a_full_disk_loses_nothing_that_was_there_and_keeps_nothing_half(tmp_path: Path) -> None:
    engine = open_warehouse(f"sqlite:///{tmp_path}/w.db")
    migrate(engine)
    store_plan(engine, a_plan(), NOW, "admin")
    commit_intake(engine, a_batch(["H1"]))
    before = counts(engine), digest(engine)
    units = [f"U{number}" for number in range(60)]
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(TiendoError, match="đã đầy"):
        commit_intake(engine, a_batch(units))
    assert (counts(engine), digest(engine)) == before
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    commit_intake(engine, a_batch(units))
    assert counts(engine)["submission"] == 61


def test_a_reader_sees_one_state_waits_for_no_writer_and_cannot_write(engine: Engine) -> None:
    row = sa.insert(carried).values(kind="year", unit="H1", number=2013)
    count = sa.select(sa.func.count()).select_from(carried)
    with writing(engine) as writer, reading(engine) as reader:
        assert reader.scalar(count) == 0
        writer.execute(row)
        writer.commit()
        assert reader.scalar(count) == 0
    with reading(engine) as reader:
        assert reader.scalar(count) == 1
        with pytest.raises(sa.exc.DBAPIError):
            reader.execute(row)


def test_a_reckoning_may_fill_temporary_tables_which_do_not_stay(engine: Engine) -> None:
    for _ in range(2):
        with reckoning(engine) as connection:
            connection.exec_driver_sql("CREATE TEMPORARY TABLE scratch (n INTEGER)")
            connection.exec_driver_sql("INSERT INTO scratch VALUES (1)")
            assert connection.exec_driver_sql("SELECT n FROM scratch").scalar() == 1


@pytest.mark.parametrize(
    ("x", "y", "result"),
    [
        pytest.param(2.0, 3.0, 8.0, id="a whole power"),
        pytest.param(1.21, 0.5, 1.1, id="a root"),
        pytest.param(None, 2.0, None, id="NULL in, NULL out"),
    ],
)
def test_both_databases_know_powers(engine: Engine, x: float | None, y: float, result: float | None) -> None:
    power = sa.func.power(sa.cast(sa.literal(x), sa.Double), sa.cast(sa.literal(y), sa.Double))
    with reading(engine) as connection:
        assert connection.scalar(sa.select(power)) == (result if result is None else pytest.approx(result))


# Migrating


def test_the_migrated_database_is_the_one_the_schema_describes(engine: Engine) -> None:
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    assert differences == []


def test_migrating_twice_and_at_once_gives_one_schema(warehouse_url: str) -> None:
    at_once = [run_in_child(opened_and_migrated, warehouse_url) for _ in range(4)]
    for child in at_once:
        child.join(60)
    assert [child.exitcode for child in at_once] == [0, 0, 0, 0]
    engine = open_warehouse(warehouse_url)
    migrate(engine)
    assert counts(engine)["receipt"] == 0
    engine.dispose()


FAILING = '''"""Second schema."""
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "0002"
def upgrade() -> None:
    op.create_table("novelty", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO nowhere VALUES (1)")
'''


def test_a_migration_that_fails_leaves_nothing_and_can_be_made_again(engine: Engine, tmp_path: Path) -> None:
    scripts = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    second = scripts / "versions" / "second.py"
    second.write_text(FAILING)
    for _ in range(2):
        with pytest.raises(sa.exc.DBAPIError, match="nowhere"):
            migrate(engine, scripts)
        assert not sa.inspect(engine).has_table("novelty")
    second.write_text(FAILING.replace("INSERT INTO nowhere VALUES (1)", "INSERT INTO novelty VALUES (1)"))
    migrate(engine, scripts)
    assert sa.inspect(engine).has_table("novelty")
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        copy = open_warehouse(f"sqlite:///{file.with_name(file.name + '.0002.bak')}")
        assert not sa.inspect(copy).has_table("novelty")
        copy.dispose()
    with pytest.raises(InputError, match="cập nhật tiendo"):
        migrate(engine)


def test_a_warehouse_of_the_first_schema_is_brought_up_with_all_that_is_in_it(
    engine_of_first: Engine,
) -> None:
    with writing(engine_of_first) as connection:
        connection.execute(sa.text("INSERT INTO plan_version VALUES (1, 'd', '2026-01-01 00:00:00', 'x')"))
        connection.execute(
            sa.text(
                "INSERT INTO review (id, period, against, as_of, view, plan_version, band_rules, created_at, digest) "
                "VALUES (1, '2013', 'own', '2026-01-01 00:00:00', 'as_reported', 1, '{}', '2026-01-01 00:00:00', '')"
            )
        )
    migrate(engine_of_first)
    with reading(engine_of_first) as connection:
        row = connection.execute(sa.select(review)).one()
        assert (row.period, row.today) == ("2013", None)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(engine_of_first) as connection:
        connection.execute(sa.text("DELETE FROM plan_version"))


@pytest.fixture
def engine_of_first(warehouse_url: str, tmp_path: Path) -> Iterator[Engine]:
    """A warehouse as the first schema made it."""
    scripts = tmp_path / "first"
    shutil.copytree(MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__", "time_and_change.py"))
    opened = open_warehouse(warehouse_url)
    migrate(opened, scripts)
    yield opened
    opened.dispose()


# Frames in and out

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
figures = st.none() | st.floats(allow_nan=False)
days = st.none() | st.integers(-(2**31), 2**31 - 1)


@given(rows=st.lists(st.tuples(texts, figures, days), max_size=20))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_goes_into_a_table_comes_out_again(
    engine: Engine, rows: list[tuple[str, float | None, int | None]]
) -> None:
    frame = pd.DataFrame(rows, columns=["state", "number", "first_on"])
    frame = frame.astype({"state": "str", "number": float, "first_on": float})
    frame.insert(0, "indicator", [f"{number:03d}" for number in range(len(frame))])
    frame["indicator"] = frame.indicator.astype("str")
    chosen = sa.select(*(standing.c[name] for name in frame)).order_by(standing.c.indicator)
    with engine.connect() as connection, connection.begin() as transaction:
        insert_frame(connection, standing, frame.assign(period="2013", unit="H1"))
        back = read_frame(connection, chosen)
        transaction.rollback()
    pd.testing.assert_frame_equal(back, frame)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        pytest.param(
            "tab\t, line\n, back\\N slash", "tab\t, line\n, back\\N slash", id="signs that COPY uses"
        ),
        pytest.param(None, "", id="absent text is empty, never NULL"),
        pytest.param(np.nan, "", id="NaN for a text is empty"),
        pytest.param("zero\0byte", "zero\ufffdbyte", id="a zero byte does not stop the batch"),
        pytest.param("half \ud83d pair", "half ? pair", id="nor does half a surrogate pair"),
        pytest.param(12, "12", id="a number in a text column is its text"),
    ],
)
def test_any_text_can_be_kept(engine: Engine, given_text: object, kept: str) -> None:
    frame = pd.DataFrame({"unit": ["H1"], "state": pd.Series([given_text], dtype=object)})
    with writing(engine) as connection:
        insert_frame(connection, standing, frame.assign(period="2013", indicator="CT01"))
    with reading(engine) as connection:
        assert connection.scalar(sa.select(standing.c.state)) == kept


def test_nothing_recorded_yet_has_no_instant(engine: Engine) -> None:
    assert last_recorded(engine) is None


def test_instants_are_kept_as_utc_by_frames_and_by_rows_alike(engine: Engine) -> None:
    hanoi = pd.Timestamp("2014-01-02 16:12:00.000001", tz="Asia/Ho_Chi_Minh")
    frame = pd.DataFrame({"id": [1], "sha256": "a", "received_at": [hanoi], "recorded_at": [NOW]})
    row = {"id": 2, "sha256": "b", "received_at": hanoi.to_pydatetime(), "recorded_at": NOW}
    with writing(engine) as connection:
        insert_frame(connection, backdating, frame)
        connection.execute(sa.insert(backdating).values(row))
    at = datetime(2014, 1, 2, 9, 12, 0, 1, tzinfo=UTC)
    chosen = sa.select(backdating).where(backdating.c.received_at == at).order_by(backdating.c.id)
    with reading(engine) as connection:
        assert [each.received_at for each in connection.execute(chosen)] == [at, at]
        read = read_frame(connection, chosen)
    assert read.received_at.tolist() == [at, at]
    assert str(read.received_at.dtype) == "datetime64[us, UTC]"


def test_an_instant_without_a_time_zone_is_refused(engine: Engine) -> None:
    naive = pd.DataFrame({"id": [1], "received_at": [pd.Timestamp("2014-01-02")], "recorded_at": [NOW]})
    with pytest.raises(ValueError, match="no time zone"), writing(engine) as connection:
        insert_frame(connection, backdating, naive)


def test_the_same_row_twice_is_refused_alike_on_both_databases(engine: Engine) -> None:
    frame = pd.DataFrame({"kind": ["year"], "unit": ["H1"], "number": [2013]})
    with writing(engine) as connection:
        insert_frame(connection, carried, frame)
    with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
        insert_frame(connection, carried, frame)


# Plans


def test_a_plan_comes_back_as_it_was_stored(engine: Engine) -> None:
    plan = a_plan()
    stored = store_plan(engine, plan, NOW, "admin")
    loaded = load_plan(engine)
    assert (stored.version, stored.changed, loaded.version) == (1, True, 1)
    assert loaded.plan.digest == plan.digest
    for name, table in plan.tables.items():
        pd.testing.assert_frame_equal(loaded.plan.tables[name], table, check_dtype=len(table) > 0, obj=name)


def test_only_a_changed_plan_is_a_new_version_and_old_ones_stay(engine: Engine) -> None:
    first, second = a_plan(), a_plan(programmes={"code": "P1", "name": "Nông nghiệp"})
    store_plan(engine, first, NOW, "admin")
    again = store_plan(engine, first, NOW, "admin")
    changed = store_plan(engine, second, NOW, "admin")
    assert (again.version, again.changed, len(again.differences)) == (1, False, 0)
    assert (changed.version, changed.changed) == (2, True)
    assert changed.differences[["table", "code", "change"]].values.tolist() == [["programmes", "P1", "added"]]
    assert load_plan(engine).plan.digest == second.digest
    assert load_plan(engine, 1).plan.digest == first.digest
    assert counts(engine)["audit"] == 2


def test_a_plan_that_is_not_there_is_said_to_be_missing(engine: Engine) -> None:
    with pytest.raises(InputError, match="tiendo plan load"):
        load_plan(engine)
    store_plan(engine, a_plan(), NOW, "admin")
    with pytest.raises(InputError, match="không có bản kế hoạch 2"):
        load_plan(engine, 2)


# Intake


def test_a_batch_is_recorded_and_read_back(planned: Engine) -> None:
    commit_intake(planned, a_batch(["H1", "H2"]))
    current = current_submissions(planned, periods=["2013-Q4"])
    assert current[["unit", "version", "verdict"]].values.tolist() == [
        ["H1", 1, "accepted"],
        ["H2", 1, "accepted"],
    ]
    values = current_values(planned, ["H1"], ["2013-Q4"]).set_index("indicator")
    assert len(values) == len(INDICATORS)
    assert values.number["CT00"] == 0.1
    assert np.isnan(values.number["CT01"])
    assert values.note["CT00"] == "1.234,5 ha"
    assert values.remedy["CT00"] == ""
    with reading(planned) as connection:
        found = read_frame(connection, sa.select(finding))
    assert found[["ordinal", "code", "message"]].values.tolist() == [[1, "late", "nộp muộn"]] * 2
    assert known_stamps(planned, [("H1/2013-Q4/1", "H1", "1"), ("H1/2013-Q4/1", "H2", "1")]) == {
        ("H1/2013-Q4/1", "H1", "1")
    }


def test_recording_a_batch_again_changes_nothing(planned: Engine) -> None:
    commit_intake(planned, a_batch(["H1", "H2"]))
    before = counts(planned), digest(planned)
    commit_intake(planned, a_batch(["H1", "H2"]))
    assert (counts(planned), digest(planned)) == before


def test_of_a_batch_that_is_partly_there_only_the_rest_is_recorded(planned: Engine) -> None:
    commit_intake(planned, a_batch(["H1"]))
    commit_intake(planned, a_batch(["H1", "H2"]))
    assert current_submissions(planned).unit.tolist() == ["H1", "H2"]
    assert counts(planned)["receipt"] == counts(planned)["outbox"] == counts(planned)["finding"] == 2


def test_a_later_version_supersedes_and_the_past_can_be_asked(planned: Engine) -> None:
    commit_intake(planned, a_batch(["H1", "H2"]))
    commit_intake(planned, a_batch(["H1"], version=2, at=NOW + timedelta(days=1), indicators=["CT00"]))
    assert submissions_of(planned, ["H1"])[["version", "supersedes"]].fillna(0).values.tolist() == [
        [1, 0],
        [2, 1],
    ]
    assert current_submissions(planned).version.tolist() == [1, 2]
    assert current_submissions(planned, as_of=NOW).version.tolist() == [1, 1]
    assert len(current_values(planned, ["H1"])) == 1
    assert len(current_values(planned, ["H1"], as_of=NOW)) == len(INDICATORS)
    assert len(current_values(planned, as_of=NOW - timedelta(days=1))) == 0
    assert reported_indicators(planned, ["2013-Q4"]).groupby("unit").size().to_dict() == {"H1": 1, "H2": 40}
    assert last_recorded(planned) == NOW + timedelta(days=1)


def test_two_files_of_one_unit_in_a_batch_are_two_versions(planned: Engine) -> None:
    first, second = a_batch(["H1"]), a_batch(["H1"], version=2, indicators=["CT00"])
    both = IntakeBatch(
        *(
            pd.concat([getattr(first, part), getattr(second, part).assign(file=1)], ignore_index=True)
            for part in ("receipts", "submissions", "values", "findings", "messages")
        )
    )
    commit_intake(planned, both)
    assert submissions_of(planned)[["version", "supersedes"]].fillna(0).values.tolist() == [[1, 0], [2, 1]]
    assert current_values(planned).indicator.tolist() == ["CT00"]


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_that_does_not_follow_leaves_nothing_behind(planned: Engine, version: int) -> None:
    commit_intake(planned, a_batch(["H1"]))
    before = counts(planned)
    with pytest.raises(StaleBatch, match=r"H\d 2013-Q4: bản \d không nối tiếp"):
        commit_intake(planned, a_batch(["H2", "H1"], version=version, stamp="2"))
    assert counts(planned) == before


def test_of_two_that_number_the_same_version_at_once_one_is_told_to_try_again(planned: Engine) -> None:
    def tell(stamp: str, start: threading.Barrier, period: str) -> str:
        start.wait()
        try:
            commit_intake(planned, a_batch(["H1", "H2"], period, stamp=stamp))
        except StaleBatch:
            return "stale"
        return "recorded"

    for year in range(2011, 2016):
        start = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(tell, ("1", "2"), (start, start), (f"{year}-Q1",) * 2))
        assert sorted(told) == ["recorded", "stale"]
    assert submissions_of(planned).version.tolist() == [1] * 10


def test_a_correction_forgets_what_was_carried_forward_from_its_period_on(planned: Engine) -> None:
    commit_intake(planned, a_batch(["H1", "H2"], "2013-Q3"))
    rows = [("quarter", "H1"), ("quarter", "H2"), ("year", "H1")]
    reached = Period.parse("2013-Q4").index
    with writing(planned) as connection:
        frame = pd.DataFrame(rows, columns=["kind", "unit"]).assign(number=reached)
        insert_frame(connection, carried, frame)
    commit_intake(planned, a_batch(["H1"], "2013-Q3", version=2))
    with reading(planned) as connection:
        left = {(row.kind, row.unit): row.number for row in connection.execute(sa.select(carried))}
    assert left == {("quarter", "H1"): reached - 2, ("quarter", "H2"): reached, ("year", "H1"): reached}


def test_a_receipt_dated_back_is_kept_with_its_reason_once(planned: Engine) -> None:
    files = pd.DataFrame({"sha256": ["a"], "sender": ["H1"], "path": ["inbox/H1/a.xlsx"]})
    earlier = NOW - timedelta(days=3)
    for _ in range(2):
        record_backdating(
            planned,
            files,
            received_at=earlier,
            reason="gửi qua văn thư",
            recorded_at=NOW,
            recorded_by="office",
        )
    noted = backdated(planned, ["a", "b"])
    assert noted[["sha256", "sender", "reason"]].values.tolist() == [["a", "H1", "gửi qua văn thư"]]
    assert noted.received_at.tolist() == [earlier]
    assert counts(planned)["audit"] == 2
    assert len(backdated(planned, ["b"])) == 0


# Crashes


def run_in_child(function: Callable[..., None], *arguments: object) -> multiprocessing.Process:
    # Forked, so that a child is at work at once: what is to be killed is its writing, not its importing.
    child = multiprocessing.get_context("fork").Process(target=function, args=arguments)
    child.start()
    return child  # type: ignore[return-value]


def opened_and_migrated(url: str) -> None:
    engine = open_warehouse(url)
    migrate(engine)
    engine.dispose()


def record_everything(url: str) -> None:
    """As a collecting run does: from the first file on, whatever an earlier run has recorded."""
    engine = open_warehouse(url)
    migrate(engine)
    if counts(engine)["plan_version"] == 0:
        store_plan(engine, a_plan(), NOW, "admin")
    units = [f"H{number:02d}" for number in range(30)]
    for version in (1, 2):
        for quarter in (1, 2, 3, 4):
            for some in (units[:10], units[10:]):
                commit_intake(engine, a_batch(some, f"2013-Q{quarter}", version))


def test_a_run_killed_anywhere_and_made_again_ends_as_an_undisturbed_one(
    new_warehouse: Callable[[], str],
) -> None:
    undisturbed, disturbed = new_warehouse(), new_warehouse()
    began = time.monotonic()
    child = run_in_child(record_everything, undisturbed)
    child.join(120)
    whole = time.monotonic() - began
    assert child.exitcode == 0

    killed = 0
    for _ in range(10):
        child = run_in_child(record_everything, disturbed)
        child.join(random.uniform(0, whole / 4))  # so that the first, for one, is killed for certain
        if child.is_alive():
            os.kill(child.pid or 0, signal.SIGKILL)
            killed += 1
        child.join(120)
    record_everything(disturbed)
    assert killed > 0

    expected, found = open_warehouse(undisturbed), open_warehouse(disturbed)
    assert counts(found) == counts(expected)
    assert digest(found) == digest(expected)
    assert broken_links(found) == []
    expected.dispose()
    found.dispose()


def test_the_digest_sees_a_change_of_content_and_only_that(new_warehouse: Callable[[], str]) -> None:
    def digest_of(*batches: IntakeBatch) -> str:
        engine = open_warehouse(new_warehouse())
        migrate(engine)
        store_plan(engine, a_plan(), NOW, "admin")
        for batch in batches:
            commit_intake(engine, batch)
        result = digest(engine)
        engine.dispose()
        return result

    one, other = a_batch(["H1"]), a_batch(["H2"])
    later = replace(one, receipts=one.receipts.assign(recorded_at=NOW + timedelta(hours=1)))
    changed = replace(one, values=one.values.assign(number=1.0))
    assert digest_of(one, other) == digest_of(other, one) == digest_of(later, other)
    assert digest_of(one, other) != digest_of(changed, other)


# Outbox


def some_messages(engine: Engine, number: int, **more: object) -> None:
    keys = [f"k{each}" for each in range(number)]
    messages = pd.DataFrame({"dedupe_key": keys, "kind": "reminder", "created_at": NOW, **more})
    with writing(engine) as connection:
        enqueue(connection, messages)


def test_a_message_is_put_out_once_for_each_dedupe_key(engine: Engine) -> None:
    some_messages(engine, 2)
    some_messages(engine, 3, attachments=[["returns/2013-Q4/H1.xlsx"]] * 3)
    waiting = pending(engine)
    assert waiting.dedupe_key.tolist() == ["k0", "k1", "k2"]
    assert waiting.attachments.tolist() == ["[]", "[]", '["returns/2013-Q4/H1.xlsx"]']
    with reading(engine) as connection:
        assert known_keys(connection, pd.Series(["k1", "k9"])) == {"k1"}


def test_each_message_is_given_to_one_sender_only(engine: Engine) -> None:
    some_messages(engine, 40)
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: claim(engine, 5, NOW), range(8)))
    assert sorted(pd.concat(taken).dedupe_key) == sorted(f"k{number}" for number in range(40))
    assert claim(engine, 5, NOW).empty


def test_urgent_messages_go_first_and_none_before_its_time(engine: Engine) -> None:
    some_messages(engine, 3, urgent=[False, True, False], not_before=[None, None, NOW + timedelta(hours=1)])
    assert claim(engine, 10, NOW).dedupe_key.tolist() == ["k1", "k0"]
    assert claim(engine, 10, NOW + timedelta(hours=1)).dedupe_key.tolist() == ["k2"]


def test_a_message_left_by_a_dead_run_becomes_unknown_and_is_not_sent_again(engine: Engine) -> None:
    some_messages(engine, 1)
    claim(engine, 1, NOW)
    claim(engine, 1, NOW + LEASE - timedelta(seconds=1))
    assert in_state(engine, ["sending"]).dedupe_key.tolist() == ["k0"]
    assert claim(engine, 1, NOW + LEASE).empty
    assert in_state(engine, ["unknown"]).dedupe_key.tolist() == ["k0"]
    with reading(engine) as connection:
        assert read_frame(connection, sa.select(delivery)).outcome.tolist() == ["unknown"]


def test_every_attempt_is_noted_until_a_message_is_sent(engine: Engine) -> None:
    some_messages(engine, 1)
    later = NOW + timedelta(minutes=5)
    number = int(claim(engine, 1, NOW).id.iloc[0])
    settle(engine, number, "pending", "refused", "451 try later", NOW, not_before=later)
    assert claim(engine, 1, NOW).empty
    claim(engine, 1, later)
    settle(engine, number, "sent", "delivered", "", later)
    sent = in_state(engine, ["sent"]).iloc[0]
    assert (sent.attempts, sent.sent_at.to_pydatetime()) == (2, later)
    with reading(engine) as connection:
        noted = read_frame(connection, sa.select(delivery))
    assert noted[["attempt", "outcome"]].values.tolist() == [[1, "refused"], [2, "delivered"]]
    with pytest.raises(TiendoError, match="không ở trạng thái đang gửi"):
        settle(engine, number, "sent", "delivered", "", later)


# Reviews and reports

BASIS = ReviewBasis("2013-Q4", "term", NOW, "as_reported", 1, '{"advancing":60}')


def some_figures(figure: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"level": "indicator", "code": "CT01", "unit": "T", "series": "assigned", "attainment": figure},
            {"level": "term", "code": "T1", "unit": "T", "series": "assigned", "n": 404, "met": 52},
        ]
    )


def test_a_review_is_stored_once_and_read_back(planned: Engine) -> None:
    number = store_review(planned, BASIS, some_figures(75.6), NOW)
    assert store_review(planned, BASIS, some_figures(75.6), NOW + timedelta(hours=1)) == number
    assert store_review(planned, BASIS, some_figures(75.7), NOW) == number + 1
    stored = read_review(planned, number)
    assert (stored.basis, stored.created_at) == (BASIS, NOW)
    figures = stored.attainment.set_index("code")
    assert figures.attainment["CT01"] == 75.6
    assert figures.n["T1"] == 404
    latest = latest_review(planned, "2013-Q4", "term")
    assert latest is not None
    assert latest.id == number + 1
    assert latest_review(planned, "2013-Q4", "year") is None
    with pytest.raises(InputError, match="số 99"):
        read_review(planned, 99)


def test_the_columns_of_a_stored_review_are_those_of_the_judgement() -> None:
    judgement = pytest.importorskip("tiendo.judgement")
    assert list(attainment.c.keys())[1:] == list(judgement.ATTAINMENT_COLUMNS)


def test_a_report_keeps_its_number_and_its_content(planned: Engine) -> None:
    review = store_review(planned, BASIS, some_figures(75.6), NOW)
    assert next_report_version(planned, "2013-Q4", "province", "T") == 1
    issued = {"kind": "province", "unit": "T", "version": 1, "path": "reports/a.xlsx", "issued_at": NOW}
    record_report(planned, review, **issued, sha256="a")
    record_report(planned, review, **issued, sha256="a")
    with pytest.raises(TiendoError, match="đã phát hành"):
        record_report(planned, review, **issued, sha256="b")
    assert next_report_version(planned, "2013-Q4", "province", "T") == 2
    assert next_report_version(planned, "2013-Q4", "unit", "H1") == 1
    assert issued_reports(planned, "2013-Q4")[["version", "sha256"]].values.tolist() == [[1, "a"]]


# Audit


def two_entries(engine: Engine) -> None:
    with writing(engine) as connection:
        append(connection, NOW, "office", "lock", "2013-Q4", reason="đã chốt số liệu")
        append(
            connection,
            NOW,
            "office",
            "unlock",
            "2013-Q4",
            before="locked",
            after="open",
            reason="H1 xin nộp lại",
        )


@pytest.mark.parametrize("change", [sa.delete(audit), sa.update(audit).values(reason="")])
def test_the_database_refuses_to_change_the_audit(engine: Engine, change: sa.Executable) -> None:
    two_entries(engine)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(engine) as connection:
        connection.execute(change)
    assert broken_links(engine) == []


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        pytest.param(sa.update(audit).where(audit.c.id == 1).values(reason="khác"), [1], id="a changed row"),
        pytest.param(sa.delete(audit).where(audit.c.id == 1), [2], id="a row taken away"),
    ],
)
def test_a_change_made_behind_the_database_shows_in_the_chain(
    engine: Engine, change: sa.Executable, broken: list[int]
) -> None:
    two_entries(engine)
    triggers = {
        "sqlite": ["audit_refuses_update", "audit_refuses_delete"],
        "postgresql": ["audit_refuses_change ON audit"],
    }
    with writing(engine) as connection:
        for trigger in triggers[engine.dialect.name]:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.execute(change)
    assert broken_links(engine) == broken


def test_entries_written_at_once_make_one_chain(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: two_entries(engine), range(8)))
    assert counts(engine)["audit"] == 16
    assert broken_links(engine) == []

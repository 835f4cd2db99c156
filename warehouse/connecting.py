"""The warehouse opened, brought to the newest schema, read and written: SQLite in a file, or PostgreSQL.

On both databases there is one writer at a time, for the whole of its transaction: on SQLite by BEGIN
IMMEDIATE, on PostgreSQL by an advisory lock taken as its first statement. What a writer has read therefore
still holds when it writes: the next version of a return, the next id, the last hash of the audit.
"""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL, Connection, Engine, make_url

from tiendo.errors import InputError, TiendoError

WAIT_SECONDS = 30  # the longest wait seen with eight writers was 3.5 s
CONNECT_SECONDS = 10
WRITER_LOCK = 7_134_200_901  # any number that no other program on the same PostgreSQL takes
MIGRATIONS = Path(__file__).parent / "migrations"
READS = "tiendo_reads"


class WarehouseBusyError(TiendoError):
    """Another run has been writing for longer than WAIT_SECONDS; trying again later will do."""


# What the databases say (SQLite by its words, PostgreSQL by its code), what to raise, and what to tell.
_EXPLANATIONS: list[tuple[str, type[TiendoError], str]] = [
    ("database is locked", WarehouseBusyError, "kho số liệu đang bận ghi; chờ lượt kia xong rồi chạy lại"),
    ("55P03", WarehouseBusyError, "kho số liệu đang bận ghi; chờ lượt kia xong rồi chạy lại"),
    ("unable to open database file", InputError, "không mở được kho {place}; kiểm tra thư mục và quyền ghi"),
    ("is not a database", InputError, "{place} không phải là kho số liệu SQLite; xem lại [warehouse] url"),
    ("readonly database", InputError, "kho {place} chỉ đọc được; cấp quyền ghi cho tệp và thư mục của nó"),
    ("25006", InputError, "kho {place} chỉ đọc được; dùng máy chủ chính, không dùng bản sao"),
    ("42501", InputError, "tài khoản không có quyền ghi vào kho {place}"),
    ("disk is full", TiendoError, "đĩa chứa kho {place} đã đầy; giải phóng chỗ rồi chạy lại, không mất gì"),
    ("53100", TiendoError, "đĩa chứa kho {place} đã đầy; giải phóng chỗ rồi chạy lại, không mất gì"),
]


def open_warehouse(url: str) -> Engine:
    """An engine whose every transaction obeys the rules above; the database has answered once.

    Raises InputError, without the password, for an address that is wrong, a server that does not answer,
    a file that is not a database or cannot be opened.
    """
    address = _address(url)
    engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _postgresql(address)
    try:
        with _explained(address), reading(engine) as connection:
            sa.inspect(connection).has_table("alembic_version")
    except sa.exc.DBAPIError as error:
        reason = str(error.orig).replace(address.password or "\0", "***").strip().splitlines()[0]
        raise InputError(f"không mở được kho {_place(address)}: {reason}") from None
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is the only writer; it commits at the end, or leaves nothing behind.

    Raises WarehouseBusyError if another writer does not end in time, InputError if the database cannot be
    written.
    """
    with _explained(engine.url), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the warehouse throughout, waits for no writer and cannot write."""
    options: dict[str, Any] = {READS: "only"}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect() as connection, connection.execution_options(**options).begin():
        yield connection


@contextmanager
def reckoning(engine: Engine) -> Iterator[Connection]:
    """A reading transaction that may fill temporary tables; nothing of it stays, it waits for no writer."""
    options: dict[str, Any] = {READS: "and reckons"}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect() as connection:
        transaction = connection.execution_options(**options).begin()
        try:
            yield connection
        finally:
            transaction.rollback()


def migrate(engine: Engine, scripts: Path = MIGRATIONS) -> None:
    """Bring the schema to the newest revision: all of it or nothing, safe to do twice and at once.

    A SQLite file of an older revision is first copied beside itself. Raises InputError if the warehouse
    was made by a newer program.
    """
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    known = {each.revision for each in script.walk_revisions()}
    with reading(engine) as connection:
        revision = _revision(connection)
    if revision not in known | {None}:
        raise InputError(f"kho số liệu là của một bản tiendo mới hơn (lược đồ {revision}); cập nhật tiendo")
    head = script.get_current_head()
    if revision == head:
        return
    # Alembic gets the connection with the transaction begun and the writer's lock in it, so DDL rolls back
    # whole, and of two that start at once the second finds the work done.
    with writing(engine) as connection:
        if _revision(connection) != head:
            _copy_aside(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _copy_aside(connection: Connection) -> None:
    """Keep a SQLite file as it was before a change; a PostgreSQL database is backed up by its own tools."""
    revision = _revision(connection)
    if connection.dialect.name != "sqlite" or revision is None:
        return
    place = "SELECT file FROM pragma_database_list WHERE name = 'main'"
    file = Path(connection.exec_driver_sql(place).scalar_one())
    unfinished = file.with_name(f"{file.name}.part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy)
    unfinished.replace(file.with_name(f"{file.name}.{revision}.bak"))


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (sa.exc.ArgumentError, ValueError):
        # The text is not repeated: it may hold a password.
        raise InputError(
            "[warehouse] url không đọc được; viết sqlite:///warehouse.db hoặc postgresql+psycopg://máy/kho"
        ) from None
    if backend not in ("sqlite", "postgresql"):
        raise InputError(f"[warehouse] url: không dùng được {backend!r}; dùng sqlite hoặc postgresql+psycopg")
    if backend == "sqlite" and address.database in (None, "", ":memory:"):
        raise InputError("[warehouse] url: kho SQLite phải là một tệp, ví dụ sqlite:///warehouse.db")
    return address if backend == "sqlite" else address.set(drivername="postgresql+psycopg")


def _sqlite(address: URL) -> Engine:
    # What the address itself says (?timeout=5) goes before what is said here.
    arguments = {} if "timeout" in address.query else {"timeout": WAIT_SECONDS}
    engine = sa.create_engine(address, connect_args=arguments)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin at the first INSERT, after what was read; ours begin when we say.
    connection.isolation_level = None
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    # 128 MB of pages: with SQLite's own 2 MB a country's review takes twice as long.
    connection.execute("PRAGMA cache_size=-131072")
    connection.execute("PRAGMA temp_store=MEMORY")
    # PostgreSQL has it; of SQLite only the builds with the mathematical functions do.
    connection.create_function("power", 2, _power, deterministic=True)


def _power(x: float | None, y: float | None) -> float | None:
    """x to the power of y; NULL where either is, or where no real and finite number is the answer."""
    try:
        return None if x is None or y is None else math.pow(x, y)
    except (ValueError, OverflowError):
        return None


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads == 'only' else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgresql(address: URL) -> Engine:
    given = address.query.get("options", "")
    options = f"-c lock_timeout={WAIT_SECONDS}s {given} -c timezone=UTC"
    arguments = {"connect_timeout": CONNECT_SECONDS, "options": options}
    engine = sa.create_engine(address, connect_args=arguments, pool_pre_ping=True)
    sa.event.listen(engine, "begin", _begin_postgresql)
    return engine


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get(READS):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


@contextmanager
def _explained(address: URL) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        said = f"{getattr(error.orig, 'sqlstate', '')} {error.orig}"
        for words, kind, sentence in _EXPLANATIONS:
            if words in said:
                raise kind(sentence.format(place=_place(address))) from error
        raise


def _place(address: URL) -> str:
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    return f"{address.host or 'localhost'}/{address.database or ''}"

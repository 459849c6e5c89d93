"""A PostgreSQL server for each test process, and a fresh database for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from unittest.mock import patch

import hypothesis
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from storage.database import Connection, connect
from storage.migrate import migrate
from storage.server import embedded
from storage.server.embedded import open_embedded
from tests.timescale.server import OVER_TIMESCALE

pytest_plugins = ["tests.brokers.fixtures", "tests.timescale.fixtures"]

# No example fails for being slow: how fast something is is measured, never tested.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")

_numbers = count(1)
# A killed program, server or client, loses nothing that it had written; a machine that loses its power does, and none
# of these tests is about that. Tests of the embedded server itself start their own, as it is for its users.
_UNFLUSHED = {"fsync": "off", "full_page_writes": "off"}


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A folder outside pytest's own, through which only its owner may pass."""
    with tempfile.TemporaryDirectory(prefix="hanhtrinh-test-") as folder:
        yield Path(folder) / "data"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of a database from which others can be created: HANHTRINH_TEST_DATABASE_URL, or the embedded server."""
    given = os.environ.get("HANHTRINH_TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="hanhtrinh-test-"))
    try:
        with ExitStack() as stack:
            with patch.dict(embedded._SETTINGS, _UNFLUSHED):
                url = stack.enter_context(open_embedded(folder / "data"))
            yield url
    finally:
        shutil.rmtree(folder)


def _create(server: str, name: str, template: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")  # a third of what wal_log takes
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    return make_conninfo(server, dbname=name)


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _database(request: pytest.FixtureRequest, template: str | None) -> Iterator[str]:
    """URL of a new database: like what the fixture `template` names, or empty."""
    if os.environ.get(OVER_TIMESCALE):
        url: str = request.getfixturevalue("timescale_server").fresh()
        if template is not None:
            with connect(url) as connection:
                migrate(connection)
        yield url
        return
    server: str = request.getfixturevalue("server")
    name = f"hanhtrinh_test_{os.getpid()}_{next(_numbers)}"
    yield _create(server, name, "template0" if template is None else request.getfixturevalue(template))
    _drop(server, name)


@pytest.fixture
def empty_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a database without tables."""
    yield from _database(request, None)


@pytest.fixture(scope="session")
def _template(server: str) -> Iterator[str]:
    name = f"hanhtrinh_template_{os.getpid()}"
    with connect(_create(server, name, "template0")) as connection:
        migrate(connection)
    yield name
    _drop(server, name)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a migrated database that nothing else uses."""
    yield from _database(request, "_template")


@pytest.fixture(scope="module")
def module_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a migrated database that the tests of one module share."""
    yield from _database(request, "_template")


@pytest.fixture(scope="session")
def session_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a migrated database that all tests of a process share which ask for it."""
    yield from _database(request, "_template")


@pytest.fixture
def emptied(module_database: str) -> str:
    """URL of the module's database with nothing in it: sooner than a database for each test."""
    with psycopg.connect(module_database) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename NOT IN ('migration', 'deployment')"
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in tables)
        connection.execute("SET session_replication_role = replica")  # append-only tables refuse it else
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
        connection.execute("UPDATE deployment SET box = NULL")
    return module_database


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        yield connection


@pytest.fixture
def second(database: str) -> Iterator[Connection]:
    """Another connection to the same database."""
    with connect(database) as connection:
        yield connection


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack

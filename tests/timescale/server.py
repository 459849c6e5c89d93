"""TimescaleDB for tests: the engine of `server/` on a free port, or a native server that the environment names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.brokers.process import HOST, BrokerMissingError, Server, accepts, free_port, program

NATIVE = "HANHTRINH_TEST_TIMESCALE_URL"
# Set to run the tests of the store over TimescaleDB instead of the embedded server.
OVER_TIMESCALE = "HANHTRINH_TEST_OVER_TIMESCALE"
_FOLDER = Path(__file__).parent
_EMPTY = (_FOLDER / "empty.sql").read_bytes()
_numbers = count(1)


class Timescale(NamedTuple):
    url: str
    # Gives the URL of a database with the extension and nothing else in it. What it gave before is gone by then: every
    # connection to it has to be closed.
    fresh: Callable[[], str]


@contextmanager
def start(folder: Path, memory_limit_mb: int = 3000) -> Iterator[str]:
    """Start the engine with its log in `folder`, and stop it at the end. Its one database is in memory."""
    if not (_FOLDER / "server" / "node_modules").is_dir():
        raise BrokerMissingError("the engine is missing: run scripts/install-timescale")
    folder.mkdir(parents=True)
    port = free_port()
    arguments = [program("node"), str(_FOLDER / "server" / "server.mjs"), str(port), str(memory_limit_mb)]
    server = Server(arguments, folder, lambda: accepts(port))
    server.start()
    try:
        yield f"postgresql://postgres@{HOST}:{port}/template1?sslmode=disable&gssencmode=disable"
    finally:
        server.stop()


@contextmanager
def open_timescale(folder: Path) -> Iterator[Timescale]:
    """The native server that HANHTRINH_TEST_TIMESCALE_URL names, else the engine."""
    native = os.environ.get(NATIVE)
    if native:
        with _databases(native) as fresh:
            yield Timescale(native, fresh)
        return
    with start(folder) as url:
        yield Timescale(url, lambda: _empty(url))


def _empty(url: str) -> str:
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute(_EMPTY)
    return url


@contextmanager
def _databases(server: str) -> Iterator[Callable[[], str]]:
    """On a server of many databases each state is a database, dropped when the next is made."""
    name = sql.Identifier(f"hanhtrinh_timescale_{os.getpid()}_{next(_numbers)}")
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
    url = make_conninfo(server, dbname=name.as_string().strip('"'))

    def fresh() -> str:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(drop)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
        return url

    yield fresh
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)

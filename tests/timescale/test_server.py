"""The protocol of the engine's server: whatever the store and the tests use of it, and clients that vanish."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import pq
from psycopg.conninfo import make_conninfo

from storage.database import connect
from storage.errors import StoreUnavailable
from tests.timescale.server import NATIVE, start

pytestmark = pytest.mark.skipif(bool(os.environ.get(NATIVE)), reason="a native server needs no test of ours")
ROWS = 100_000  # a few MB


@pytest.fixture
def connection(timescale_database: str) -> Iterator[psycopg.Connection]:
    with connect(timescale_database) as connection:
        connection.execute("CREATE TABLE t (a integer, b double precision, c text)")
        connection.commit()
        yield connection


def count(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM t").fetchone()
    assert row is not None
    return int(row[0])


def test_copy_in_and_out(connection: psycopg.Connection) -> None:
    rows = [(number, number / 2, "ữ" * (number % 9)) for number in range(ROWS)]
    with connection.cursor() as cursor:
        with cursor.copy("COPY t FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "float8", "text"])
            for row in rows:
                copy.write_row(row)
        assert cursor.rowcount == ROWS
        with cursor.copy("COPY t TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int4", "float8", "text"])
            assert list(copy.rows()) == rows


def test_a_copy_that_fails_leaves_a_usable_connection(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable), connection.cursor().copy("COPY nowhere FROM STDIN") as copy:
        copy.write_row((1,))
    connection.rollback()
    with (
        pytest.raises(psycopg.errors.InvalidTextRepresentation, match='"one"'),
        connection.cursor().copy("COPY t FROM STDIN") as copy,
    ):
        copy.write(b"one\t2\t3\n" * ROWS)
    connection.rollback()
    with pytest.raises(TypeError), connection.cursor().copy("COPY t FROM STDIN") as copy:
        copy.write(1)  # type: ignore[arg-type]
    connection.rollback()
    assert count(connection) == 0


def test_large_parameters_and_results(connection: psycopg.Connection) -> None:
    numbers = list(range(ROWS))
    with connection.cursor(binary=True) as cursor:
        cursor.execute("INSERT INTO t SELECT n, n, 'x' FROM unnest(%s::integer[]) n", (numbers,))
        assert cursor.rowcount == ROWS
        cursor.execute("SELECT a FROM t ORDER BY a")
        assert [number for (number,) in cursor] == numbers
        cursor.execute("SELECT %s", ("x" * 10_000_000,))
        assert cursor.fetchone() == ("x" * 10_000_000,)
    with connection.cursor("on the server") as cursor:
        cursor.itersize = 999
        cursor.execute("SELECT a FROM t ORDER BY a")
        assert [number for (number,) in cursor] == numbers


def test_many_statements_at_once(connection: psycopg.Connection) -> None:
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO t VALUES (%s, %s, %s)", [(number, 0.5, "x") for number in range(3000)])
    assert cursor.rowcount == 3000
    connection.commit()
    with pytest.raises(psycopg.errors.DivisionByZero):
        cursor.executemany("INSERT INTO t VALUES (1 / %s::integer)", [(1,), (0,), (1,)])
    connection.rollback()
    assert count(connection) == 3000
    for number in range(20):  # psycopg prepares the statement meanwhile
        assert connection.execute("SELECT %s::integer", (number,)).fetchone() == (number,)


def test_savepoints(connection: psycopg.Connection) -> None:
    with connection.transaction():
        connection.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation), connection.transaction():
            connection.execute("INSERT INTO t VALUES (2), ('three')")
    assert count(connection) == 1


def test_a_session_ends_with_its_connection(timescale_database: str) -> None:
    with psycopg.connect(timescale_database) as first:
        first.execute("CREATE TABLE t (a integer)")
        first.execute("CREATE TEMPORARY TABLE staged (a integer) ON COMMIT DELETE ROWS")
        first.execute("INSERT INTO staged VALUES (1)")
        first.execute("SELECT pg_advisory_lock(7)")
        first.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
        assert first.info.parameter_status("TimeZone") == "Asia/Ho_Chi_Minh"
        first.commit()
        assert first.execute("SELECT count(*) FROM staged").fetchone() == (0,)
        first.commit()
        first.execute("INSERT INTO t VALUES (1)")
        first.close()
    with psycopg.connect(timescale_database, options="-c work_mem=8MB") as second:
        assert second.info.parameter_status("TimeZone") != "Asia/Ho_Chi_Minh"
        assert second.execute("SHOW work_mem").fetchone() == ("8MB",)
        assert count(second) == 0
        left = second.execute("SELECT to_regclass('staged'), count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert left.fetchone() == (None, 0)


def test_a_client_that_vanishes_in_a_copy(timescale_database: str) -> None:
    client = pq.PGconn.connect(timescale_database.encode())
    client.exec_(b"CREATE TABLE t (a integer)")
    client.exec_(b"BEGIN; COPY t FROM STDIN")
    client.put_copy_data(b"1\n")
    with socket.socket(fileno=os.dup(client.socket)) as cable:
        cable.shutdown(socket.SHUT_RDWR)
    client.finish()
    with psycopg.connect(timescale_database) as other:
        assert count(other) == 0


def test_a_client_that_does_not_wait_for_its_answer(timescale_database: str) -> None:
    for _ in range(3):
        client = pq.PGconn.connect(timescale_database.encode())
        client.send_query(b"SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
        client.flush()
        client.finish()
    with psycopg.connect(timescale_database) as other:
        assert other.execute("SELECT 1").fetchone() == (1,)


def test_who_waits_too_long_is_refused(connection: psycopg.Connection, timescale_database: str) -> None:
    with pytest.raises(StoreUnavailable, match="the engine has one session"):
        connect(timescale_database)
    assert count(connection) == 0


def test_one_user_and_one_database(timescale_database: str) -> None:
    with pytest.raises(StoreUnavailable, match="the user does not exist"):
        connect(make_conninfo(timescale_database, user="reader"))
    with pytest.raises(StoreUnavailable, match="the database does not exist"):
        connect(make_conninfo(timescale_database, dbname="other"))


def test_it_ends_when_it_takes_too_much_memory(tmp_path: Path) -> None:
    with (
        start(tmp_path / "small", memory_limit_mb=900) as url,
        psycopg.connect(url) as connection,
        pytest.raises(psycopg.OperationalError),
    ):
        connection.execute("CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 3000000)")
    assert "900 are allowed" in (tmp_path / "small" / "log").read_text()

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

import storage.database
from storage.database import connect, scalar, transaction
from storage.errors import StoreUnavailable
from storage.server.embedded import open_embedded


def test_a_session_is_utc_and_durable(connection: psycopg.Connection) -> None:
    assert scalar(connection, "SHOW TimeZone") == "UTC"
    assert scalar(connection, "SHOW transaction_isolation") == "read committed"
    assert scalar(connection, "SHOW application_name") == "hanhtrinh"
    assert connection.autocommit is False


def test_synchronous_commit_off_is_overruled(database: str) -> None:
    with connect(make_conninfo(database, options="-c synchronous_commit=off")) as connection:
        assert scalar(connection, "SHOW synchronous_commit") == "on"
    with connect(make_conninfo(database, options="-c synchronous_commit=remote_apply")) as connection:
        assert scalar(connection, "SHOW synchronous_commit") == "remote_apply"


def test_no_server(data_folder: Path) -> None:
    with pytest.raises(StoreUnavailable, match="is the server running") as caught:
        connect("postgresql://reader:hunter2secret@localhost:1/traffic")
    assert "database traffic on localhost, port 1" in str(caught.value)
    assert "hunter2secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unreadable_url_is_not_shown() -> None:
    with pytest.raises(StoreUnavailable, match="cannot be read") as caught:
        connect("postgres//reader:hunter2secret@localhost")
    assert "hunter2secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_missing_database(database: str) -> None:
    with pytest.raises(StoreUnavailable, match="the database does not exist there: create it"):
        connect(make_conninfo(database, dbname="no such database"))


def test_wrong_password_and_missing_user(data_folder: Path) -> None:
    with open_embedded(data_folder) as url:
        with connect(url) as connection:
            connection.execute("CREATE ROLE reader LOGIN PASSWORD 'right'")
            connection.commit()
            rules = data_folder / "postgres" / "pg_hba.conf"
            rules.write_text("local all postgres trust\nlocal all reader scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")
            connection.commit()
        connect(make_conninfo(url, user="reader", password="right")).close()  # noqa: S106
        with pytest.raises(StoreUnavailable, match="the password is wrong") as caught:
            connect(make_conninfo(url, user="reader", password="hunter2secret"))  # noqa: S106
        assert "hunter2secret" not in str(caught.value)
        with pytest.raises(StoreUnavailable, match="wants a password"):
            connect(make_conninfo(url, user="reader"))
        with pytest.raises(StoreUnavailable, match="does not admit this user"):
            connect(make_conninfo(url, user="stranger"))


def test_an_old_server_is_refused(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.database, "_VERSION_MIN", 99)
    with pytest.raises(StoreUnavailable, match="version 99 or later is needed"):
        connect(database)


def test_a_transaction_inside_another_is_refused(connection: psycopg.Connection) -> None:
    connection.execute("SELECT 1")
    with pytest.raises(RuntimeError, match="commit it first"), transaction(connection):
        pass


def test_a_lost_connection_is_said(connection: psycopg.Connection, second: psycopg.Connection) -> None:
    pid = connection.info.backend_pid
    second.execute("SELECT pg_terminate_backend(%s)", (pid,))
    second.commit()
    with pytest.raises(StoreUnavailable, match="connection to the database is lost"), transaction(connection):
        connection.execute("SELECT pg_sleep(60)")


def test_another_failure_stays_what_it_is(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable), transaction(connection):
        connection.execute("SELECT FROM no_such_table")

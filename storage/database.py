"""Connections to PostgreSQL, and the store that the settings name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from storage.errors import StoreUnavailable
from storage.server.embedded import open_embedded

if TYPE_CHECKING:
    from psycopg.abc import ConnDict

    from journey.settings import Settings

type Connection = psycopg.Connection[TupleRow]

_VERSION_MIN = 15
_CONNECT_TIMEOUT_S = 10
# A server that vanished without a word is noticed within about a minute, not after the kernel's two hours.
_KEEPALIVE = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 4, "tcp_user_timeout": 60_000}

# Set after connecting, not at start-up, which connection poolers refuse. A server that would acknowledge before the
# data is on disk is overruled. Late data may unpack as much of compressed chunks as it takes; where there is no
# TimescaleDB that name means nothing.
_SESSION: LiteralString = """
    SELECT set_config('TimeZone', 'UTC', false),
           set_config('DateStyle', 'ISO', false),
           set_config('client_min_messages', 'warning', false),
           set_config('jit', 'off', false),
           set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', false),
           set_config('lock_timeout', '10min', false),
           set_config('statement_timeout', '1h', false),
           set_config('synchronous_commit',
                      CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
                      ELSE current_setting('synchronous_commit') END, false)
"""
# What libpq or the server says, and what to do about it.
_ADVICE = (
    ("password authentication failed", "the password is wrong, or the user does not exist: check the URL"),
    ("no password supplied", "the server wants a password: put it into the URL or a .pgpass file"),
    ("no pg_hba.conf entry", "the server does not admit this user from here: add a line to its pg_hba.conf"),
    ("role ", "the user does not exist there: create it, or check the URL"),
    ("database ", "the database does not exist there: create it (CREATE DATABASE) or check the URL"),
    ("too many", "the server has no connection left: raise max_connections or start fewer processes"),
    ("starting up", "the server is starting: try again in a moment"),
    ("shutting down", "the server is shutting down: start it again"),
    ("could not translate host name", "the host name is not known: check the URL"),
    ("failed to resolve host", "the host name is not known: check the URL"),
    ("timeout expired", "no answer in time: check host, port and firewall"),
    ("", "is the server running, and are host and port right?"),
)


@contextmanager
def open_store(settings: Settings) -> Iterator[str]:
    """Yield the URL of the store: the server that the settings name, else the embedded one. Raises StoreUnavailable."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with open_embedded(settings.data_folder) as url:
        yield url


def connect(url: str, application_name: str = "hanhtrinh") -> Connection:
    """Open a connection: a transaction begins with the first statement, times are UTC. Raises StoreUnavailable."""
    target = _target(url, application_name)
    try:
        connection: Connection = psycopg.connect(make_conninfo("", **target))
    except psycopg.OperationalError as error:
        raise StoreUnavailable(_explain(target, str(error))) from None
    try:
        version = connection.info.server_version // 10_000
        if version < _VERSION_MIN:
            raise StoreUnavailable(
                f"{_name(target)} is PostgreSQL {version}: version {_VERSION_MIN} or later is needed"
            )
        prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def target_of(url: str, application_name: str) -> str:
    """What `connect` connects to, for a pool that does so by itself. Raises StoreUnavailable for a URL of no form."""
    return make_conninfo("", **_target(url, application_name))


def prepare(connection: Connection, statement_s: float | None = None) -> None:
    """Settings of a session of ours on a new connection. statement_s: the longest time of one statement."""
    connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    connection.execute(_SESSION)
    if statement_s is not None:
        text = f"{int(statement_s * 1000)}ms"
        connection.execute(
            "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)", (text, text)
        )
    connection.commit()


def _target(url: str, application_name: str) -> ConnDict:
    try:
        target = conninfo_to_dict(url)
    except psycopg.Error:
        # What libpq says of it quotes the URL, password and all.
        raise StoreUnavailable(
            "the database URL cannot be read: write it like postgresql://user:password@host:5432/name"
        ) from None
    kept = {"connect_timeout": _CONNECT_TIMEOUT_S, **_KEEPALIVE, **target}
    return {**kept, "application_name": application_name, "client_encoding": "utf8"}


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Run the block as one transaction, committed at its end.

    Raises StoreUnavailable where the server goes away; whether the commit had happened is then not known. Likewise
    where its disk is full; nothing of the block is stored then.
    RuntimeError where a transaction is open already: the block would not be committed at its end.
    """
    if connection.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
        raise RuntimeError("a transaction is open on this connection: commit it first")
    try:
        with connection.transaction():
            yield
    except psycopg.errors.DiskFull as error:
        raise StoreUnavailable(disk_full(error)) from error
    except psycopg.OperationalError as error:
        if not connection.broken and not connection.closed:
            raise
        message = f"the connection to the database is lost: reconnect, and resume where the store stands ({error})"
        raise StoreUnavailable(message) from error


def disk_full(error: psycopg.errors.DiskFull) -> str:
    """What to say of a statement that found no room."""
    return (
        f"a disk of the database is full ({error.diag.message_primary}): nothing of this was stored, and what was "
        "acknowledged before is safe; make room as docs/runbooks/disk.md says, and it goes on by itself"
    )


def scalar(
    connection: Connection, query: LiteralString, parameters: Sequence[object] | Mapping[str, object] = ()
) -> Any:
    """The one value of a query that gives one row."""
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise LookupError(f"no row from: {query}")
    return row[0]


def _explain(target: ConnDict, said: str) -> str:
    password = str(target.get("password") or "")
    if password:
        said = said.replace(password, "***")
    advice = next(advice for mark, advice in _ADVICE if mark in said)
    return f"no connection to {_name(target)}: {advice} ({' '.join(said.split())})"


def _name(target: ConnDict) -> str:
    host = target.get("host") or target.get("hostaddr") or "the local socket"
    return f"database {target.get('dbname') or '(default)'} on {host}, port {target.get('port') or 5432}"

"""Connections of a process that answers many: kept in a pool, statements bounded in time, reading apart from writing.

Nothing is opened at import: whoever composes the process opens a pool and closes it.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from storage.database import Connection, connect, disk_full, prepare, target_of
from storage.errors import StoreUnavailable
from storage.server.leases import Leases


class Bounds(NamedTuple):
    """How many connections there are, and for how long (s) one is waited for, one statement may run, and all of them
    together that are asked on a connection while it is lent."""

    connections: int = 8
    wait_s: float = 3.0
    statement_s: float = 8.0
    lent_s: float = 9.0


class TooSlow(RuntimeError):  # noqa: N818
    """A statement ran longer than it may, or no connection came free in time: the store works, but is busy."""


class Pool(NamedTuple):
    """As open_pool opens it."""

    connections: ConnectionPool[Connection]
    leases: Leases

    def close(self) -> None:
        self.leases.close()
        self.connections.close()


def open_pool(url: str, bounds: Bounds, application_name: str) -> Pool:
    """A pool with its connections open. Raises StoreUnavailable where the database cannot be reached now."""
    connect(url, application_name).close()  # says what is wrong, which a pool only does in its log
    connections: ConnectionPool[Connection] = ConnectionPool(
        target_of(url, application_name),
        min_size=bounds.connections,
        max_size=bounds.connections,
        timeout=bounds.wait_s,
        configure=partial(_configure, bounds.statement_s),
        open=False,
    )
    connections.open(wait=True)
    return Pool(connections, Leases(bounds.lent_s))


def _configure(statement_s: float, connection: Connection) -> None:
    """What is not begun as a transaction that writes can write nothing, and has no begin and end to wait for."""
    prepare(connection, statement_s)
    connection.autocommit = True
    connection.execute("SELECT set_config('default_transaction_read_only', 'on', false)")


@contextmanager
def reading(pool: Pool) -> Iterator[Connection]:
    """A connection that can write nothing; each statement sees what is committed when it begins.

    A transaction that is begun on it can write nothing either. Raises TooSlow, StoreUnavailable.
    """
    with _lent(pool) as connection:
        connection.read_only = True
        yield connection


@contextmanager
def writing(pool: Pool) -> Iterator[Connection]:
    """A connection in a transaction, committed at the end of the block. Raises TooSlow, StoreUnavailable."""
    with _lent(pool) as connection:
        connection.read_only = False
        with connection.transaction():
            yield connection


@contextmanager
def mostly_reading(pool: Pool) -> Iterator[Connection]:
    """As `reading`, save that a transaction that is begun on it can write: for what writes now and then.

    Raises TooSlow, StoreUnavailable.
    """
    with _lent(pool) as connection:
        connection.read_only = False
        yield connection


def require_answer(pool: Pool) -> None:
    """Ask the database for a sign of life. Raises TooSlow, StoreUnavailable."""
    with reading(pool) as connection:
        connection.execute("SELECT 1")


def _sound(pool: ConnectionPool[Connection]) -> Connection:
    """A connection that works: the database may have started anew since it was last used.

    The pool's own check waits longer and longer from one dead connection to the next, and they all die together.
    """
    for _ in range(pool.max_size):
        connection = pool.getconn()
        if not spoken_to(connection):
            return connection
        try:
            pool.check_connection(connection)
        except psycopg.OperationalError:
            pool.putconn(connection)  # which makes another in its place
        else:
            return connection
    return pool.getconn()


def spoken_to(connection: Connection) -> bool:
    """Whether the server has said something, or hung up, since the connection was last used: asks the kernel alone."""
    listening = select.poll()
    listening.register(connection.fileno(), select.POLLIN)
    return bool(listening.poll(0))


@contextmanager
def _lent(pool: Pool) -> Iterator[Connection]:
    try:
        connection = _sound(pool.connections)
        try:
            with pool.leases.lease(connection):
                yield connection
        finally:
            pool.connections.putconn(connection)
    except PoolTimeout as error:
        raise TooSlow("no connection to the database came free in time") from error
    except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable) as error:
        raise TooSlow("the database took too long over it") from error
    except psycopg.errors.DiskFull as error:
        raise StoreUnavailable(disk_full(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StoreUnavailable("the connection to the database is lost") from error

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


class Bounds(NamedTuple):
    """How many connections there are, and for how long (s) one is waited for and one statement may run."""

    connections: int = 8
    wait_s: float = 5.0
    statement_s: float = 10.0


class TooSlow(RuntimeError):  # noqa: N818
    """A statement ran longer than it may, or no connection came free in time: the store works, but is busy."""


type Pool = ConnectionPool[Connection]


def open_pool(url: str, bounds: Bounds, application_name: str) -> Pool:
    """A pool with its connections open. Raises StoreUnavailable where the database cannot be reached now."""
    connect(url, application_name).close()  # says what is wrong, which a pool only does in its log
    pool: Pool = ConnectionPool(
        target_of(url, application_name),
        min_size=bounds.connections,
        max_size=bounds.connections,
        timeout=bounds.wait_s,
        configure=partial(_configure, bounds.statement_s),
        open=False,
    )
    pool.open(wait=True)
    return pool


def _configure(statement_s: float, connection: Connection) -> None:
    prepare(connection, statement_s)


@contextmanager
def reading(pool: Pool) -> Iterator[Connection]:
    """A connection in a transaction that can write nothing. Raises TooSlow, StoreUnavailable."""
    with _lent(pool, read_only=True) as connection:
        yield connection


@contextmanager
def writing(pool: Pool) -> Iterator[Connection]:
    """A connection in a transaction, committed at the end of the block. Raises TooSlow, StoreUnavailable."""
    with _lent(pool, read_only=False) as connection:
        yield connection


@contextmanager
def one_by_one(pool: Pool) -> Iterator[Connection]:
    """A connection on which each statement commits itself, for whoever asks one thing: nothing is begun and ended
    around it. Raises TooSlow, StoreUnavailable."""
    with _lent(pool, read_only=False) as connection:
        connection.autocommit = True
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.autocommit = False


def require_answer(pool: Pool) -> None:
    """Ask the database for a sign of life. Raises TooSlow, StoreUnavailable."""
    with reading(pool) as connection:
        connection.execute("SELECT 1")


def _sound(pool: Pool) -> Connection:
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
def _lent(pool: Pool, read_only: bool) -> Iterator[Connection]:
    try:
        connection = _sound(pool)
        try:
            connection.read_only = read_only
            with connection:  # one of a pool is not closed by this
                yield connection
        finally:
            pool.putconn(connection)
    except PoolTimeout as error:
        raise TooSlow("no connection to the database came free in time") from error
    except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable) as error:
        raise TooSlow("the database took too long over it") from error
    except psycopg.errors.DiskFull as error:
        raise StoreUnavailable(disk_full(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StoreUnavailable("the connection to the database is lost") from error

"""Work that one process does at a time, whatever the number of machines: an advisory lock on a connection of its own.

The lock lasts as long as its transaction, so that it holds over a pooler too and goes when the process is killed. An
open transaction that has written nothing and reads nothing holds back no cleaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from storage.database import Connection, connect, scalar, transaction
from storage.errors import StoreUnavailable

DELIVERY, SCHEDULE, PROOF = (
    0x64656C69,
    0x73636865,
    0x70726F6F,
)  # any numbers that no other program on this database locks


class Held:
    """A lock that is held. Its connection can be lost while the process lives; `require` says so."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def require(self) -> None:
        """Raises StoreUnavailable where the lock may be another's by now."""
        try:
            self._connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            raise StoreUnavailable(f"the lock is lost with its connection to the database ({error})") from error


@contextmanager
def held(url: str, number: int) -> Iterator[Held | None]:
    """Hold a lock during the block; None where another process has it. Raises StoreUnavailable."""
    with connect(url, "hanhtrinh lock") as connection, transaction(connection):
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        mine = scalar(connection, "SELECT pg_try_advisory_xact_lock(%s)", (number,))
        yield Held(connection) if mine else None

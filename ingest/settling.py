"""Gathered messages into the store: with the registry as it stands, over a connection that is made anew when lost."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import psycopg

from ingest.admission import Admission, admit, prepare
from ingest.gathering import Gathered
from rules.law import Law
from storage.commit import Committed, commit_batch
from storage.database import Connection, disk_full
from storage.errors import StoreUnavailable
from storage.registry import load_registry, registry_version


class Settler:
    """Commits for one connection of live data. Calls from several threads follow one another."""

    def __init__(self, connect: Callable[[], Connection], law: Law) -> None:
        self._connect, self._law = connect, law
        self._connection: Connection | None = None
        self._admission: Admission | None = None
        self._version = -1
        self._one_at_a_time = Lock()

    def settle(self, gathered: Gathered) -> Committed:
        """Admit and commit. Raises as storage.commit.commit_batch does."""
        return self.work(lambda connection: commit_batch(connection, admit(gathered, self._current(connection))))

    def work[T](self, job: Callable[[Connection], T]) -> T:
        """Do something with the connection.

        Raises StoreUnavailable where it is lost, or the server is busy or full: the same may succeed later.
        """
        with self._one_at_a_time:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = self._connect()
                return job(self._connection)
            except psycopg.errors.DiskFull as error:
                self._close()
                raise StoreUnavailable(disk_full(error)) from error
            except psycopg.OperationalError as error:
                self._close()
                raise StoreUnavailable(f"the database did not do it: {' '.join(str(error).split())}") from error
            except BaseException:
                self._close()  # whatever state it is in, the next job begins with a sound one
                raise

    def close(self) -> None:
        with self._one_at_a_time:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _current(self, connection: Connection) -> Admission:
        version = registry_version(connection)
        if self._admission is None or version != self._version:
            self._admission, self._version = prepare(load_registry(connection), self._law), version
        return self._admission

"""Rows of the audit log written together: what many requests put on record at once goes in by one statement.

Each row alone would hold the lock of the chain until its own commit is on disk, and all others wait in line. Here one
thread takes whatever has been handed in, in that order, and writes it by a statement that commits itself: the lock
is held for as long as the server takes, and the next group gathers meanwhile. Whoever hands in is told when his rows
are on disk, and shows nothing before. Several processes have a group each; the lock orders those.

A group costs about the same whatever its size. So what comes soon after the last one was begun is not written at once,
but with what comes beside it, as soon as the first of those who handed in has nothing left to do but wait.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Condition, Thread
from time import monotonic

import psycopg

from storage.audit.log import Row, record_together
from storage.database import Connection, connect, prepare
from storage.errors import StoreUnavailable
from storage.server.pool import TooSlow, spoken_to

_ROWS_MAX = 500  # of one statement; a request brings about fifty at most
_GATHER_S = 0.02  # from the begin of one group to the next, while nobody waits for that
log = logging.getLogger(__name__)


class Recorder:
    """One process's writer, with a thread and a connection of its own; `recording` opens and closes it."""

    def __init__(self, url: str, statement_s: float, application_name: str) -> None:
        self._url, self._statement_s, self._application_name = url, statement_s, application_name
        self._waiting: dict[Future[None], Sequence[Row]] = {}  # in the order in which they came
        self._changed, self._closed, self._hurried, self._begun_s = Condition(), False, False, 0.0
        self._connection: Connection | None = None
        self._thread = Thread(target=self._write_groups, name="audit", daemon=True)

    def hand_in(self, rows: Sequence[Row]) -> Future[None]:
        """Rows to be written, one behind another. The result comes once they are committed.

        Its exceptions: StoreUnavailable and TooSlow, whether they were written is then not known; those of psycopg for
        rows that the database refuses, which are not written.
        """
        done: Future[None] = Future()
        if not rows:
            done.set_result(None)
            return done
        with self._changed:
            if self._closed:
                raise StoreUnavailable("the process is ending")
            self._waiting[done] = rows
            self._changed.notify()
        return done

    def hurry(self, done: Future[None]) -> None:
        """Write these rows, of which hand_in gave this, as soon as can be: somebody waits for them."""
        with self._changed:
            if done in self._waiting:
                self._hurried = True
                self._changed.notify()

    def open(self) -> None:
        self._connection = self._connected()
        self._thread.start()

    def close(self) -> None:
        """Write what was handed in, then end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()
        if self._connection is not None:
            self._connection.close()

    def _write_groups(self) -> None:
        while group := self._next_group():
            fault = self._fault([row for rows in group.values() for row in rows])
            if len(group) > 1 and isinstance(fault, psycopg.DataError | psycopg.IntegrityError):
                for done, rows in group.items():  # one of them is at fault, and the others are not
                    _tell(done, self._fault(rows))
            else:
                for done in group:
                    _tell(done, fault)

    def _next_group(self) -> dict[Future[None], Sequence[Row]]:
        """What waits, up to the most; empty: it is closed and nothing waits."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            while not (self._hurried or self._closed) and (left_s := self._begun_s + _GATHER_S - monotonic()) > 0:
                self._changed.wait(left_s)
            group: dict[Future[None], Sequence[Row]] = {}
            count = 0
            for done, rows in self._waiting.items():
                count += len(rows)
                if group and count > _ROWS_MAX:
                    break
                group[done] = rows
            for done in group:
                del self._waiting[done]
            self._hurried = self._hurried and bool(self._waiting)  # who waits may be among those left
            self._begun_s = monotonic()
        return group

    def _fault(self, rows: Sequence[Row]) -> Exception | None:
        """Why rows could not be written; None: they are on disk."""
        try:
            self._write(rows)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told, and the thread goes on
            return error
        return None

    def _write(self, rows: Sequence[Row]) -> None:
        """Raises as hand_in says."""
        connection = self._sound()
        try:
            record_together(connection, rows)
        except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable) as error:
            raise TooSlow("the database took too long over the audit log") from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            log.warning("the audit log was not written: %s", type(error).__name__)
            raise StoreUnavailable("the connection to the database is lost") from error

    def _sound(self) -> Connection:
        """The connection, or a new one where the server hung up since the last group."""
        if self._connection is None or self._connection.closed or spoken_to(self._connection):
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._connection = self._connected()
        return self._connection

    def _connected(self) -> Connection:
        connection = connect(self._url, self._application_name)
        prepare(connection, self._statement_s)
        connection.autocommit = True
        return connection


def _tell(done: Future[None], fault: Exception | None) -> None:
    if not done.set_running_or_notify_cancel():
        return  # nobody waits any more
    if fault is None:
        done.set_result(None)
    else:
        done.set_exception(fault)


@contextmanager
def recording(url: str, statement_s: float, application_name: str) -> Iterator[Recorder]:
    """A writer while the block runs. statement_s: the longest that a group may take. Raises StoreUnavailable."""
    recorder = Recorder(url, statement_s, application_name)
    recorder.open()
    try:
        yield recorder
    finally:
        recorder.close()

"""Connections that are lent for a time: whatever still runs on one when its time is over is cancelled.

A statement has its own bound (statement_timeout); an answer may ask several, and together they may not take longer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

import psycopg

from storage.database import Connection

_LOOK_S, _CANCEL_S = 0.25, 1.0


class Leases:
    """Who has a connection until when. A thread looks at them until it is closed."""

    def __init__(self, most_s: float) -> None:
        self._most_s, self._until = most_s, dict[Connection, float]()
        self._lock, self._closed = Lock(), Event()
        self._thread = Thread(target=self._look, name="leases", daemon=True)
        self._thread.start()

    @contextmanager
    def lease(self, connection: Connection) -> Iterator[None]:
        """While the block runs: its statements end with psycopg.errors.QueryCanceled once the time is over."""
        with self._lock:
            self._until[connection] = time.monotonic() + self._most_s
        try:
            yield
        finally:
            with self._lock:  # a cancellation under way has reached the server before somebody else has the connection
                del self._until[connection]

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._closed.wait(_LOOK_S):
            with self._lock:
                now = time.monotonic()
                for connection in [one for one, until in self._until.items() if until <= now]:
                    _cancel(connection)  # at each look anew: a statement may have begun after its time


def _cancel(connection: Connection) -> None:
    with suppress(psycopg.Error):  # it is lost, or the server does not answer: whoever waits for it is told so
        connection.cancel_safe(timeout=_CANCEL_S)

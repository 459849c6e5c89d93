"""What is asked of the store again and again while it runs: what waits for check, and whether a week is published."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection, scalar

_QUEUE = "SELECT count(*), min(touched), max(touched) FROM vehicle_day WHERE touched > checked"
_DUE = """
    SELECT CASE WHEN EXISTS (SELECT FROM list WHERE week = %(week)s) THEN false
           ELSE EXISTS (SELECT FROM day_summary WHERE day >= %(first)s AND day < %(stop)s) END
"""


class Queue(NamedTuple):
    """Windows that wait. oldest, newest: of their numbers of touch; None: none waits."""

    windows: int
    oldest: int | None
    newest: int | None


def queue(connection: Connection) -> Queue:
    """What waits to be judged, inside the open transaction."""
    ((windows, oldest, newest),) = connection.execute(_QUEUE).fetchall()
    return Queue(windows, oldest, newest)


def unpublished(connection: Connection, week: str, first: int, stop: int) -> bool:
    """Whether a week has judged days and no list. Args: first, stop: its local days, [first, stop)."""
    return bool(scalar(connection, _DUE, {"week": week, "first": first, "stop": stop}))

"""What is asked of the store again and again while it runs: what waits for check, and whether a week is published."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection, scalar

_QUEUE = "SELECT count(*), min(touched), max(touched) FROM vehicle_day WHERE touched > checked"
_DUE = """
    SELECT CASE WHEN EXISTS (SELECT FROM list WHERE week = %(week)s) THEN false
           ELSE EXISTS (SELECT FROM day_summary WHERE day >= %(first)s AND day < %(stop)s) END
"""


# Since when each job has failed each time it was tried; of one that is tried no more, as it is in no schedule, nothing.
_FAILING = """
    WITH done AS (SELECT job, coalesce(max(id) FILTER (WHERE outcome = 'done'), 0) AS id FROM job_run GROUP BY job)
    SELECT d.job, CASE WHEN max(r.ended_at) > now() - interval '2 days'
                  THEN floor(extract(epoch FROM min(r.ended_at)))::bigint END
    FROM done d LEFT JOIN job_run r ON r.job = d.job AND r.id > d.id GROUP BY d.job
"""
# An attempt that has failed is made again within six hours.
_UNDELIVERED = """
    SELECT recipient, floor(extract(epoch FROM min(since) FILTER (
        WHERE NOT delivered AND last > now() - interval '2 days')))::bigint
    FROM (SELECT recipient, min(at) AS since, max(at) AS last, bool_or(step = 'delivered') AS delivered
          FROM delivery GROUP BY recipient, position, month) each
    GROUP BY recipient
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


def failing_jobs(connection: Connection) -> dict[str, int | None]:
    """By job of the schedule since when it fails, s UTC; None: it does not. Inside the open transaction."""
    return dict(connection.execute(_FAILING).fetchall())


def undelivered(connection: Connection) -> dict[str, int | None]:
    """By recipient since when a list is tried that he has not got, s UTC; None: he has all. In the open transaction."""
    return dict(connection.execute(_UNDELIVERED).fetchall())


def unpublished(connection: Connection, week: str, first: int, stop: int) -> bool:
    """Whether a week has judged days and no list. Args: first, stop: its local days, [first, stop)."""
    return bool(scalar(connection, _DUE, {"week": week, "first": first, "stop": stop}))

"""Connections of live data as they stand, and the times at which they took nothing in through our own doing."""

from __future__ import annotations

from dataclasses import dataclass

from journey.localtime import day_of
from storage.database import Connection, transaction
from storage.windows import touch_over

_ALIVE = """
    WITH before AS (SELECT alive_at FROM connection WHERE name = %(name)s FOR UPDATE),
    gap AS (
        INSERT INTO outage (connection, start_time, end_time)
        SELECT %(name)s, alive_at, statement_timestamp() FROM before
        WHERE alive_at < statement_timestamp() - make_interval(secs => %(outage_s)s)
        ON CONFLICT (connection, start_time) DO UPDATE SET end_time = EXCLUDED.end_time
        RETURNING start_time, end_time),
    now AS (
        INSERT INTO connection (name, started_at, alive_at)
        VALUES (%(name)s, statement_timestamp(), statement_timestamp())
        ON CONFLICT (name) DO UPDATE SET alive_at = EXCLUDED.alive_at,
            started_at = CASE WHEN %(begins)s THEN EXCLUDED.started_at ELSE connection.started_at END)
    SELECT extract(epoch FROM date_trunc('second', start_time))::bigint, ceil(extract(epoch FROM end_time))::bigint
    FROM gap
"""
_PAUSE = """
    INSERT INTO connection (name, paused_at, pause_reason) VALUES (%s, statement_timestamp(), %s)
    ON CONFLICT (name) DO UPDATE SET paused_at = EXCLUDED.paused_at, pause_reason = EXCLUDED.pause_reason
"""
_RESUME = "UPDATE connection SET paused_at = NULL, pause_reason = NULL WHERE name = %s AND paused_at IS NOT NULL"
_ALL = """
    SELECT name, extract(epoch FROM started_at)::bigint, extract(epoch FROM alive_at)::bigint,
           extract(epoch FROM paused_at)::bigint, pause_reason
    FROM connection ORDER BY name
"""
_OUTAGES = """
    SELECT extract(epoch FROM date_trunc('second', start_time))::bigint,
           ceil(extract(epoch FROM end_time))::bigint
    FROM outage WHERE end_time > to_timestamp(%s::bigint) AND start_time < to_timestamp(%s::bigint)
    ORDER BY 1, 2
"""
_OUTAGES_BY_NAME = """
    SELECT connection, extract(epoch FROM date_trunc('second', start_time))::bigint,
           ceil(extract(epoch FROM end_time))::bigint
    FROM outage WHERE end_time > to_timestamp(%s::bigint) ORDER BY start_time, connection
"""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """Times in s UTC; None: never, or not now."""

    name: str
    started_at: int | None
    alive_at: int | None
    paused_at: int | None
    pause_reason: str | None


def say_alive(connection: Connection, name: str, outage_s: int, begins: bool = False) -> None:
    """A connection takes data in now. A time of more than `outage_s` since it last said so is kept as an outage.

    What was judged of the days of an outage was judged without it: those windows wait again.
    """
    with transaction(connection):
        gap = connection.execute(_ALIVE, {"name": name, "outage_s": outage_s, "begins": begins}).fetchone()
        if gap is not None:
            touch_over(connection, day_of(gap[0]), day_of(gap[1]))


def pause(connection: Connection, name: str, reason: str) -> None:
    """Hold a connection until it is resumed, also over restarts."""
    with transaction(connection):
        connection.execute(_PAUSE, (name, reason))


def resume(connection: Connection, name: str) -> bool:
    """Let a held connection run again; whether it was held."""
    with transaction(connection):
        return connection.execute(_RESUME, (name,)).rowcount == 1


def connection_states(connection: Connection) -> list[ConnectionState]:
    """Every connection that ever ran."""
    with transaction(connection):
        return [ConnectionState(*row) for row in connection.execute(_ALL)]


def outages(connection: Connection, time_from: int, time_to: int) -> tuple[tuple[int, int], ...]:
    """Outages of any connection that reach into [time_from, time_to), as [start, end) in s UTC, widened to seconds."""
    return tuple((start, end) for start, end in connection.execute(_OUTAGES, (time_from, time_to)))


def outages_since(connection: Connection, time: int) -> list[tuple[str, int, int]]:
    """Outages that ended after `time`, each with its connection, as [start, end) in s UTC, widened to seconds."""
    return [(name, start, end) for name, start, end in connection.execute(_OUTAGES_BY_NAME, (time,))]

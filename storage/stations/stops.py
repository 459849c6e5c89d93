"""Stops that stations reported, and what the watching of stations asks again and again."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection

_ADD = """
    INSERT INTO station_stop (station, time_from, time_to, reason, reported_at)
    VALUES (%s, to_timestamp(%s::bigint), to_timestamp(%s::bigint), %s, to_timestamp(%s::bigint))
    ON CONFLICT (station, time_from) DO UPDATE
    SET time_to = excluded.time_to, reason = excluded.reason, reported_at = excluded.reported_at
"""
# A stop touches the reviews of its days and of those beside it: as it was, and as it is now; one that is not over,
# those up to today.
_WAIT = """
    INSERT INTO station_review_wait (day)
    SELECT generate_series(
        floor((extract(epoch FROM time_from) + 25200) / 86400)::int - 1,
        floor((extract(epoch FROM least(coalesce(time_to, statement_timestamp()), statement_timestamp())) + 25200)
              / 86400)::int + 1)
    FROM station_stop WHERE station = %s AND time_from = to_timestamp(%s::bigint)
"""
_STOPS = """
    SELECT station, floor(extract(epoch FROM time_from))::bigint, floor(extract(epoch FROM time_to))::bigint, reason,
           floor(extract(epoch FROM reported_at))::bigint
    FROM station_stop
    WHERE time_from < to_timestamp(%(stop)s::bigint)
    AND (time_to IS NULL OR time_to > to_timestamp(%(start)s::bigint)) ORDER BY station, time_from
"""
_TIMES = """
    SELECT station, array_agg(DISTINCT floor(extract(epoch FROM "time"))::bigint ORDER BY
                              floor(extract(epoch FROM "time"))::bigint)
    FROM weighing WHERE "time" >= to_timestamp(%s::bigint) AND "time" < to_timestamp(%s::bigint) GROUP BY station
"""
_GAPS = "SELECT station, usual_s, silence_s FROM station_gap ORDER BY station"
_LAST = """
    SELECT station, floor(extract(epoch FROM max("time")))::bigint FROM weighing
    WHERE "time" > to_timestamp(%(since)s::bigint) AND "time" <= to_timestamp(%(now)s::bigint) GROUP BY station
"""
_UNREAD = """
    SELECT station, lane, sum(weighings)::bigint, sum(unread)::bigint FROM instrument_day
    WHERE day = %s::int GROUP BY station, lane ORDER BY station, lane
"""


class Stop(NamedTuple):
    """A stop as reported. Times s UTC; end None: it was not over when it was reported."""

    station: str
    start: int
    end: int | None
    reason: str
    reported_at: int


class Gap(NamedTuple):
    """usual_s, silence_s: None: not known."""

    station: str
    usual_s: int | None
    silence_s: int | None


class Unread(NamedTuple):
    station: str
    lane: int | None
    weighings: int
    unread: int


def add_stop(connection: Connection, stop: Stop) -> None:
    """Inside the open transaction; one that begins at the same time is replaced. The days that it touches, and those
    that the one before touched, wait to be reviewed."""
    connection.execute(_WAIT, stop[:2])
    connection.execute(_ADD, stop)
    connection.execute(_WAIT, stop[:2])


def stops_between(connection: Connection, start: int, stop: int) -> list[Stop]:
    """Stops that touch [start, stop) s UTC."""
    return [Stop(*row) for row in connection.execute(_STOPS, {"start": start, "stop": stop})]


def weighing_times(connection: Connection, start: int, stop: int) -> dict[str, list[int]]:
    """By station the instants of its weighings in [start, stop) s UTC, in order, each once."""
    return dict(connection.execute(_TIMES, (start, stop)).fetchall())


def station_gaps(connection: Connection) -> list[Gap]:
    return [Gap(*row) for row in connection.execute(_GAPS)]


def last_weighings(connection: Connection, since: int, now: int) -> dict[str, int]:
    """By station the last weighing after `since` that is not ahead, s UTC."""
    return dict(connection.execute(_LAST, {"since": since, "now": now}).fetchall())


def unread_on(connection: Connection, day: int) -> list[Unread]:
    """Weighings and plates not read of a local day, by station and lane."""
    return [Unread(*row) for row in connection.execute(_UNREAD, (day,))]

"""Fixes by vehicle and hour, `vehicle_hour`: for dashboards only, no finding rests on them.

Where there is TimescaleDB a continuous aggregate, which its policy refreshes for the last days; what is older is
refreshed here once late data has been judged. Else a table, kept in the transaction that judges a vehicle-day. Both
count the same: tests hold the one against the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from journey.localtime import day_of, day_start
from storage.database import Connection, transaction
from storage.upkeep.status import on_hypertables

_LATE_DAYS = 3  # the policy refreshes those after it

_COUNT = """
    SELECT date_trunc('hour', f."time"), f.vehicle_id, count(*), count(*) FILTER (WHERE f.flags & 61 = 0),
           count(*) FILTER (WHERE f.flags & 61 = 0 AND f.speed_dkmh > 0),
           coalesce(sum(f.speed_dkmh) FILTER (WHERE f.flags & 61 = 0 AND f.speed_dkmh > 0), 0)::bigint,
           max(f.speed_dkmh) FILTER (WHERE f.flags & 61 = 0), count(f.delay_s), coalesce(sum(f.delay_s), 0)::bigint
    FROM unnest(%(vehicles)s::int[], %(starts)s::bigint[], %(stops)s::bigint[]) AS w (vehicle_id, start, stop)
    CROSS JOIN LATERAL (
        SELECT * FROM fix WHERE vehicle_id = w.vehicle_id
        AND "time" >= to_timestamp(w.start) AND "time" < to_timestamp(w.stop)
        AND "time" >= to_timestamp(%(first)s::bigint) AND "time" < to_timestamp(%(last)s::bigint) OFFSET 0) AS f
    GROUP BY 1, 2
"""
_REMOVE = """
    DELETE FROM vehicle_hour h
    USING unnest(%(vehicles)s::int[], %(starts)s::bigint[], %(stops)s::bigint[]) AS w (vehicle_id, start, stop)
    WHERE h.vehicle_id = w.vehicle_id AND h.hour >= to_timestamp(w.start) AND h.hour < to_timestamp(w.stop)
"""
_REFRESH = "CALL refresh_continuous_aggregate('vehicle_hour', to_timestamp(%s::bigint), to_timestamp(%s::bigint))"


def save_hours(connection: Connection, days: Sequence[tuple[int, int]]) -> None:
    """Count the hours of vehicle-days (vehicle number, local day) anew, inside the open transaction.

    Nothing where there is TimescaleDB.
    """
    if not days or on_hypertables(connection):
        return
    starts, stops = [day_start(day) for _, day in days], [day_start(day + 1) for _, day in days]
    parameters = {"vehicles": [vehicle for vehicle, _ in days], "starts": starts, "stops": stops,
                  "first": min(starts), "last": max(stops)}  # fmt: skip
    connection.execute(_REMOVE, parameters)
    connection.execute("INSERT INTO vehicle_hour " + _COUNT, parameters)


def refresh_late(connection: Connection, days: Sequence[int], now: int) -> None:
    """Refresh the hours of local days that are too old for the policy, outside of a transaction.

    Nothing where there is no TimescaleDB. What another change left stale in between is refreshed too.
    """
    late = [day for day in days if day < day_of(now) - _LATE_DAYS + 1]
    if late:
        _refresh(connection, day_start(min(late)), day_start(max(late) + 1))


def refresh_all(connection: Connection, now: int) -> None:
    """Refresh whatever is stale up to the hour that runs, outside of a transaction."""
    _refresh(connection, None, now - now % 3600)


def _refresh(connection: Connection, start: int | None, end: int) -> None:
    with transaction(connection):
        absent = not on_hypertables(connection)
    if absent:
        return
    connection.autocommit = True  # the procedure commits by itself
    try:
        connection.execute(_REFRESH, (start, end))
    finally:
        connection.autocommit = False

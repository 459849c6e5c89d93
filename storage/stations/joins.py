"""Weighings placed on tracks: what a day is made of, and what was made of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from journey.localtime import day_start
from storage.database import Connection
from storage.upkeep.retention import closed_before

# What a day rests on: the windows of the day itself and of the two beside it, which a track runs into.
_STATE = """
    SELECT coalesce(max(touched), 0), count(*) FROM vehicle_day WHERE day BETWEEN %s::int - 1 AND %s::int + 1
"""
_MADE = "SELECT DISTINCT version FROM station_clock WHERE day = %s::int"
_DAYS = """
    SELECT DISTINCT floor((extract(epoch FROM "time") + 25200) / 86400)::int FROM weighing
    WHERE "time" >= to_timestamp(%s::bigint) AND "time" < to_timestamp(%s::bigint)
    UNION SELECT day FROM station_clock WHERE day >= %s::int AND day < %s::int ORDER BY 1
"""
_WEIGHED = """
    SELECT encode(w.hash, 'hex'), w.station, floor(extract(epoch FROM w."time"))::bigint, w.vehicle_id, v.plate
    FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id
    WHERE w."time" >= to_timestamp(%s::bigint) AND w."time" < to_timestamp(%s::bigint) ORDER BY w."time", w.hash
"""
_PUT_PLACES = """
    INSERT INTO weighing_place (hash, day, "time", station, vehicle_id, status, passed_at, apart_s, away_m, driver_id,
                                origin_from, origin_until, origin_lon, origin_lat, way_m)
    SELECT decode(p.hash, 'hex'), %s::int, to_timestamp(p."time"), p.station, p.vehicle_id, p.status,
           to_timestamp(p.passed_at), p.apart_s, p.away_m, d.id, to_timestamp(p.origin_from),
           to_timestamp(p.origin_until), p.origin_lon, p.origin_lat, p.way_m
    FROM jsonb_to_recordset(%s::jsonb) AS p (hash text, "time" bigint, station text, vehicle_id int, status text,
        passed_at bigint, apart_s int, away_m int, driver text, origin_from bigint, origin_until bigint,
        origin_lon double precision, origin_lat double precision, way_m bigint)
    LEFT JOIN driver d ON d.licence = p.driver
"""
_PUT_CLOCKS = """
    INSERT INTO station_clock (station, day, clock_s, spread_s, passages, weighings, version)
    SELECT station, %s::int, clock_s, spread_s, passages, weighings, %s
    FROM jsonb_to_recordset(%s::jsonb)
        AS c (station text, clock_s int, spread_s double precision, passages int, weighings int)
"""
_CLOCKS = """
    SELECT station, day, clock_s, spread_s, passages, weighings FROM station_clock
    WHERE day >= %s::int AND day < %s::int ORDER BY station, day
"""


_VEHICLES = """
    SELECT v.plate FROM vehicle_day d JOIN vehicle v ON v.id = d.vehicle_id WHERE d.day = %s::int AND d.fixes ORDER BY 1
"""


class Weighed(NamedTuple):
    hash: str
    station: str
    time: int  # s UTC
    vehicle_id: int
    plate: str


def days_to_join(connection: Connection, first: int, stop: int) -> list[int]:
    """Local days in [first, stop) with weighings, or with what was made of some that are gone. Closed ones are left
    out: their tracks may be gone, and what was made of them stands."""
    first = max(first, closed_before(connection))
    if stop <= first:
        return []
    bounds = (day_start(first), day_start(stop), first, stop)
    return [row[0] for row in connection.execute(_DAYS, bounds)]


def state_of(connection: Connection, day: int) -> str:
    """What a day's tracks and weighings rest on; another text after each change."""
    touched, count = connection.execute(_STATE, (day, day)).fetchone() or (0, 0)
    return f"{touched}.{count}"


def made_of(connection: Connection, day: int) -> str | None:
    """The version that a day was made as; None where it was not, or in pieces."""
    rows = connection.execute(_MADE, (day,)).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None


def vehicles_on(connection: Connection, day: int) -> list[str]:
    """Plates of the vehicles that sent fixes on a local day."""
    return [row[0] for row in connection.execute(_VEHICLES, (day,))]


def weighed_on(connection: Connection, day: int) -> list[Weighed]:
    return [Weighed(*row) for row in connection.execute(_WEIGHED, (day_start(day), day_start(day + 1)))]


def replace_day(
    connection: Connection, day: int, places: Sequence[dict[str, Any]], clocks: Sequence[dict[str, Any]], version: str
) -> None:
    """Put a day's rows in the place of those before, inside the open transaction."""
    connection.execute("DELETE FROM weighing_place WHERE day = %s::int", (day,))
    connection.execute("DELETE FROM station_clock WHERE day = %s::int", (day,))
    connection.execute(_PUT_PLACES, (day, json.dumps(places)))
    connection.execute(_PUT_CLOCKS, (day, version, json.dumps(clocks)))


def clocks_between(connection: Connection, first: int, stop: int) -> list[tuple[Any, ...]]:
    """Station, day, clock_s, spread_s, passages, weighings of each station and local day in [first, stop)."""
    return connection.execute(_CLOCKS, (first, stop)).fetchall()

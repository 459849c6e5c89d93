"""Where vehicles are and were: for a map, read by probes of the key of fix and never by a scan of it.

There is no table of last positions and no index by time alone, and commits pay for neither: a table kept by commit
would lock and rewrite one row a vehicle in every batch, an index by time would be written once more for every fix. A
probe of the key (vehicle, time) costs some 6 µs where its pages are in memory: 3,000 vehicles in 20 ms.

Fixes with a fatal flag of their own are left out. A jump, or a frozen position, is known only from its neighbours when
the day is judged, and is not left out here. Positions that were sent the wrong way round stand the right way round.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from psycopg import sql

from journey.localtime import DAY_S
from journey.model import FATAL, Flag
from journey.track import EARTH_RADIUS_M
from storage.database import Connection
from storage.names import known_vehicles

WINDOW_MAX_S = 31 * DAY_S  # of last positions: how far back a probe may walk over unusable fixes
NEAR_WINDOW_MAX_S = 3600  # on either side of the instant
NEAR_RADIUS_MAX_M = 50_000
_DEGREE_M = 111_000  # less than a degree of latitude has, so that the box is never too small

_PLACE = sql.SQL("""
    CASE WHEN f.flags & %(swapped)s = 0 THEN f.lon_e7 ELSE f.lat_e7 END / 1e7::float8 AS lon,
    CASE WHEN f.flags & %(swapped)s = 0 THEN f.lat_e7 ELSE f.lon_e7 END / 1e7::float8 AS lat""")
# "< 1" is "= 0" here; of an equation the planner believes that one row in 200 fulfils it, and reads the whole window.
LAST = sql.SQL("""
    SELECT v.plate, d.licence, extract(epoch FROM p."time")::bigint, extract(epoch FROM p."time")::bigint + p.delay_s,
           p.lon, p.lat, p.speed_dkmh, p.heading, p.ignition
    FROM vehicle v
    CROSS JOIN LATERAL (
        SELECT f."time", f.delay_s, f.driver_id, f.speed_dkmh, f.heading, f.ignition, {place}
        FROM fix f
        WHERE f.vehicle_id = v.id AND f."time" > to_timestamp(%(since)s::bigint)
        AND f."time" <= to_timestamp(%(at)s::bigint) AND f.flags & %(fatal)s < 1
        ORDER BY f."time" DESC LIMIT 1) AS p
    LEFT JOIN driver d ON d.id = p.driver_id
    WHERE %(vehicles)s::int[] IS NULL OR v.id = ANY(%(vehicles)s::int[])
    ORDER BY v.plate
""").format(place=_PLACE)
# Of each vehicle the fix that came nearest; of equally near ones the one nearest in time.
NEAREST = sql.SQL("""
    SELECT v.plate, d.licence, extract(epoch FROM n."time")::bigint, extract(epoch FROM n."time")::bigint + n.delay_s,
           n.lon, n.lat, n.speed_dkmh, n.heading, n.ignition, n.distance_m
    FROM vehicle v
    CROSS JOIN LATERAL (
        SELECT p.*, 2 * %(earth)s * asin(sqrt(least(1, sind((p.lat - %(lat)s) / 2) ^ 2
                   + cosd(p.lat) * cosd(%(lat)s) * sind((p.lon - %(lon)s) / 2) ^ 2))) AS distance_m
        FROM (SELECT f."time", f.delay_s, f.driver_id, f.speed_dkmh, f.heading, f.ignition, {place}
              FROM fix f
              WHERE f.vehicle_id = v.id AND f."time" >= to_timestamp(%(first)s::bigint)
              AND f."time" <= to_timestamp(%(last)s::bigint) AND f.flags & %(fatal)s = 0 OFFSET 0) AS p
        WHERE abs(p.lat - %(lat)s) <= %(height)s
        ORDER BY distance_m, abs(extract(epoch FROM p."time") - %(time)s), p."time" LIMIT 1) AS n
    LEFT JOIN driver d ON d.id = n.driver_id
    WHERE n.distance_m <= %(radius)s
    ORDER BY n.distance_m, v.plate LIMIT %(limit)s
""").format(place=_PLACE)


class Position(NamedTuple):
    """Where a vehicle was at one instant. Times in s UTC, None: not known; lon, lat degrees WGS 84."""

    plate: str
    licence: str | None
    time: int
    received: int | None
    lon: float
    lat: float
    speed_dkmh: int  # tenths of km/h
    heading_deg: float | None
    ignition: bool | None


class Near(NamedTuple):
    position: Position
    distance_m: float  # along the sphere


def last_positions(
    connection: Connection, at: int, window_s: int, plates: Collection[str] | None = None
) -> list[Position]:
    """The last usable fix of each vehicle, or of those named, in (at - window_s, at] s UTC, by plate.

    A vehicle without one is left out: where it is is not known. Raises ValueError for a window beyond WINDOW_MAX_S.
    """
    _require(0 < window_s <= WINDOW_MAX_S, f"a window of {window_s} s: 1 to {WINDOW_MAX_S} s can be asked for")
    vehicles = None if plates is None else sorted(known_vehicles(connection, plates).values())
    return [Position(*row) for row in connection.execute(LAST, last_parameters(at, window_s, vehicles))]


def last_parameters(at: int, window_s: int, vehicles: list[int] | None) -> dict[str, object]:
    return {"at": at, "since": at - window_s, "vehicles": vehicles, **_FLAGS}


def nearest_fixes(
    connection: Connection, lon: float, lat: float, time: int, window_s: int, radius_m: float, limit: int
) -> list[Near]:
    """Which vehicles were near a place at about an instant: of each its nearest usable fix, the nearest first.

    Args: lon, lat: degrees WGS 84. time: s UTC. window_s: on either side of it, both ends included. radius_m: how far.
    limit: most vehicles. Raises ValueError beyond NEAR_WINDOW_MAX_S or NEAR_RADIUS_MAX_M.
    """
    _require(
        0 <= window_s <= NEAR_WINDOW_MAX_S, f"a window of {window_s} s: up to {NEAR_WINDOW_MAX_S} s can be asked for"
    )
    _require(
        0 < radius_m <= NEAR_RADIUS_MAX_M, f"a radius of {radius_m} m: up to {NEAR_RADIUS_MAX_M} m can be asked for"
    )
    _require(-180 <= lon <= 180 and -90 <= lat <= 90, f"{lon}, {lat}: no place; degrees of longitude and latitude")
    parameters = near_parameters(lon, lat, time, window_s, radius_m, limit)
    return [Near(Position(*row[:-1]), row[-1]) for row in connection.execute(NEAREST, parameters)]


def near_parameters(lon: float, lat: float, time: int, window_s: int, radius_m: float, limit: int) -> dict[str, object]:
    return {
        "lon": lon, "lat": lat, "time": time, "first": time - window_s, "last": time + window_s, "radius": radius_m,
        "height": radius_m / _DEGREE_M, "limit": limit, "earth": EARTH_RADIUS_M, **_FLAGS,
    }  # fmt: skip


_FLAGS: dict[str, object] = {"fatal": int(FATAL), "swapped": int(Flag.SWAPPED)}


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)

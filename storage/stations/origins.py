"""Where overloads begin: the places at which journeys started that were weighed as overloaded, most first."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection

CELL_DEGREES = 0.005  # of a place: some 500 m
# An overload is what the view weighing_judged counts as one: a certain finding against which no case has ended.
_ORIGINS = """
    WITH placed AS (
        SELECT hash, vehicle_id, "time", station,
               round((origin_lon / %(cell)s)::numeric) AS x, round((origin_lat / %(cell)s)::numeric) AS y
        FROM weighing_place
        WHERE day >= %(first)s::int AND day < %(stop)s::int AND origin_lon IS NOT NULL
        AND (%(station)s::text IS NULL OR station = %(station)s::text)
    ), over AS (
        SELECT p.hash, p.x, p.y, p.vehicle_id, max(f.operator) AS operator, max(f.excess) AS excess
        FROM placed p
        JOIN finding f ON f.vehicle_id = p.vehicle_id AND f.at = p."time" AND f.body->'detail'->>'station' = p.station
        LEFT JOIN finding_case c ON c.finding = f.id
        WHERE starts_with(f.rule, 'overload_') AND f.grade = 'certain' AND f.withdrawn_at IS NULL
        AND (c.outcome IS NULL OR c.outcome NOT IN ('overturned', 'dismissed'))
        AND (%(operator)s::text IS NULL OR f.operator = %(operator)s::text)
        GROUP BY p.hash, p.x, p.y, p.vehicle_id
    ), started AS (SELECT x, y, count(*) AS weighed FROM placed GROUP BY x, y)
    SELECT x * %(cell)s::numeric, y * %(cell)s::numeric, count(*), s.weighed, count(DISTINCT o.vehicle_id),
           array_agg(DISTINCT o.operator) FILTER (WHERE o.operator IS NOT NULL), max(o.excess)
    FROM over o JOIN started s USING (x, y)
    GROUP BY x, y, s.weighed ORDER BY 3 DESC, 1, 2 LIMIT %(most)s
"""

_STATIONS = "SELECT name, lon, lat FROM station WHERE lon IS NOT NULL AND lat IS NOT NULL ORDER BY id"


class WantedOrigins(NamedTuple):
    """Weighings of local days [first, stop); None does not count. operator: for whom the overloaded vehicle drove."""

    first: int
    stop: int
    station: str | None = None
    operator: str | None = None


class Origin(NamedTuple):
    """A place, some 500 m wide. lon, lat: degrees, of its middle.

    journeys: those weighed as overloaded; weighed: all that began here and came to a scale.
    """

    lon: float
    lat: float
    journeys: int
    weighed: int
    vehicles: int
    operators: tuple[str, ...]
    worst: float  # the largest excess, percent of the limit


def overload_origins(connection: Connection, wanted: WantedOrigins, most: int) -> list[Origin]:
    """Up to `most` places, those of the most overloaded journeys first. Only journeys that were laid on a track."""
    asked = {**wanted._asdict(), "cell": CELL_DEGREES, "most": most}
    return [
        Origin(float(lon), float(lat), journeys, weighed, vehicles, tuple(operators or ()), float(worst))
        for lon, lat, journeys, weighed, vehicles, operators, worst in connection.execute(_ORIGINS, asked)
    ]


def station_places(connection: Connection) -> list[tuple[str, float, float]]:
    """Name, lon, lat of the stations whose place is on file."""
    return [(name, lon, lat) for name, lon, lat in connection.execute(_STATIONS)]

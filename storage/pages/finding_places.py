"""Where findings were complete: kept beside them when they are added, so that they can be searched for by place.

The place of a finding is that of the last usable fix of its vehicle at `at` or at most a minute before; of a weighing
the place of its station. Where there is none, or the registry does not say where the station lies, it is not known. It
is a way to find a finding: nothing rests on it, and the record that a finding is derived from is the one that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString, NamedTuple

from journey.model import FATAL, Finding, Flag
from journey.track import EARTH_RADIUS_M
from storage.database import Connection, scalar

RADIUS_MAX_M = 50_000
_WITHIN_S = 60
_DEGREE_M = 111_000  # less than a degree of latitude has, so that the box is never too small

# The bounds of all findings together say which parts of the table take part.
_OF_FIXES = """
    INSERT INTO finding_place (finding_row, place)
    SELECT n.row, CASE WHEN p.flags & %(swapped)s = 0 THEN point(p.lon_e7 / 1e7, p.lat_e7 / 1e7)
                       ELSE point(p.lat_e7 / 1e7, p.lon_e7 / 1e7) END
    FROM unnest(%(rows)s::bigint[], %(vehicles)s::int[], %(ats)s::bigint[]) AS n (row, vehicle, at)
    CROSS JOIN LATERAL (
        SELECT lon_e7, lat_e7, flags FROM fix
        WHERE vehicle_id = n.vehicle AND "time" > to_timestamp(n.at - %(within)s::int) AND "time" <= to_timestamp(n.at)
        AND "time" > to_timestamp(%(first)s::bigint) AND "time" <= to_timestamp(%(last)s::bigint)
        AND flags & %(fatal)s = 0
        ORDER BY "time" DESC LIMIT 1) AS p
"""
_OF_STATIONS = """
    INSERT INTO finding_place (finding_row, place)
    SELECT n.row, point(s.lon, s.lat) FROM unnest(%s::bigint[], %s::text[]) AS n (row, station)
    JOIN station s ON s.id = n.station WHERE s.lon IS NOT NULL AND s.lat IS NOT NULL
"""
_OF_ROADS = "INSERT INTO finding_road (road, finding_row) SELECT DISTINCT * FROM unnest(%s::text[], %s::bigint[])"
ROADS: LiteralString = """
    SELECT %(road)s::text
    UNION SELECT id FROM road WHERE folded(name) = folded(%(road)s)
"""
_BOX: LiteralString = """
    place <@ box(point(%(west)s::float8, %(south)s::float8), point(%(east)s::float8, %(north)s::float8))
"""
_WITHIN: LiteralString = (
    _BOX
    + """
    AND (%(radius)s::float8 IS NULL OR 2 * %(earth)s * asin(sqrt(least(1,
         sind((place[1] - %(lat)s::float8) / 2) ^ 2 + cosd(place[1]) * cosd(%(lat)s::float8)
         * sind((place[0] - %(lon)s::float8) / 2) ^ 2))) <= %(radius)s::float8)
"""
)
# Two ways to the same rows: from the places of an area to their findings, or from findings in their order to the place
# of each. The database knows nothing of how many places an area holds and takes the first whenever it may.
INSIDE: LiteralString = " AND finding.row IN (SELECT finding_row FROM finding_place WHERE {within})".replace(
    "{within}", _WITHIN
)
EACH_INSIDE: LiteralString = " AND (SELECT {within} FROM finding_place WHERE finding_row = finding.row)".replace(
    "{within}", _WITHIN
)
_MANY: LiteralString = """
    SELECT count(*) > %(many)s::int FROM (SELECT FROM finding_place WHERE {box} LIMIT %(many)s::int + 1) AS found
""".replace("{box}", _BOX)
_MANY_PLACES = 5000  # to sort as many findings takes about as long as a page may
ON_ROAD: LiteralString = """
    AND finding.row IN (SELECT finding_row FROM finding_road WHERE road = ANY(%(roads)s::text[]))
"""


class Area(NamedTuple):
    """A box in degrees WGS 84, and where a radius (m) is given only what lies so near to its lon and lat."""

    west: float
    south: float
    east: float
    north: float
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None


def around(lon: float, lat: float, radius_m: float) -> Area:
    """What lies within a radius. Raises ValueError beyond RADIUS_MAX_M, and across the date line or a pole's circle."""
    if not 0 < radius_m <= RADIUS_MAX_M:
        raise ValueError(f"a radius of {radius_m} m: up to {RADIUS_MAX_M} can be asked for")
    height = radius_m / _DEGREE_M
    if abs(lat) + height >= 80:  # nearer to a pole a degree of longitude is no length to reckon with
        raise ValueError(f"latitude {lat}: write one between 79 degrees south and north")
    width = 6 * height  # 1 / cos 80 degrees is less
    return Area(lon - width, lat - height, lon + width, lat + height, lon, lat, radius_m)


def area_parameters(area: Area | None) -> dict[str, object]:
    if area is None:
        return {}
    return {"west": area.west, "south": area.south, "east": area.east, "north": area.north, "lon": area.lon,
            "lat": area.lat, "radius": area.radius_m, "earth": EARTH_RADIUS_M}  # fmt: skip


def is_crowded(connection: Connection, area: Area) -> bool:
    """Whether an area's box holds the places of so many findings that they are better looked at one by one."""
    return bool(scalar(connection, _MANY, {**area_parameters(area), "many": _MANY_PLACES}))


def roads_called(connection: Connection, road: str) -> list[str]:
    """Ids of the segments of that id, on file or not any more, or of that name, whose marks and case do not count."""
    return [id_ for (id_,) in connection.execute(ROADS, {"road": road})]


def keep_places(connection: Connection, added: Sequence[tuple[int, int, Finding]]) -> None:
    """Keep place and roads of findings just added. added: row of each, number of its vehicle, itself."""
    weighed = [(row, str(one.detail["station"])) for row, _, one in added if "station" in one.detail]
    driven = [(row, vehicle, one.at) for row, vehicle, one in added if "station" not in one.detail]
    roads = [(str(road), row) for row, _, one in added for road in one.detail.get("segments", ())]
    if driven:
        rows, vehicles, ats = (list(column) for column in zip(*driven, strict=True))
        connection.execute(_OF_FIXES, {
            "rows": rows, "vehicles": vehicles, "ats": ats, "within": _WITHIN_S, "first": min(ats) - _WITHIN_S,
            "last": max(ats), "fatal": int(FATAL), "swapped": int(Flag.SWAPPED),
        })  # fmt: skip
    if weighed:
        connection.execute(_OF_STATIONS, [list(column) for column in zip(*weighed, strict=True)])
    if roads:
        connection.execute(_OF_ROADS, [list(column) for column in zip(*roads, strict=True)])

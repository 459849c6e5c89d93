"""Which vehicle-days a change of roads can matter to: those with a fix near a road that changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from math import floor
from typing import Any, LiteralString, NamedTuple

from storage.database import Connection, scalar
from storage.roads.matches import hold_matches

_CELL = 0.01  # degrees, about 1 km
_ROOM = 0.003  # degrees around a road: ten times the distance within which one is a candidate
_COLUMNS = 36_000
_CELLS_MAX = 200_000  # of more the days are all touched: the search would cost more than the checking
_LINES = """
    SELECT line FROM road WHERE row IN (SELECT row FROM plan WHERE what IN ('ends', 'goes'))
    UNION ALL SELECT line FROM staged WHERE row IN (SELECT row FROM plan WHERE what = 'comes')
"""
# A fix may have been sent with its coordinates exchanged.
_BY: LiteralString = """
    (floor((lat_e7 / 1e7 + 90) / 0.01)::bigint * 36000 + floor((lon_e7 / 1e7 + 180) / 0.01)::bigint
        IN (SELECT cell FROM road_cell)
     OR floor((lon_e7 / 1e7 + 90) / 0.01)::bigint * 36000 + floor((lat_e7 / 1e7 + 180) / 0.01)::bigint
        IN (SELECT cell FROM road_cell))
"""
# A run of fixes may go over midnight: the days around too.
_NEAR: LiteralString = (  # its parts are constants
    """
    CREATE TEMPORARY TABLE near_day ON COMMIT DROP AS
    SELECT DISTINCT vehicle_id, floor((extract(epoch FROM "time") + 25200) / 86400)::int AS day FROM fix
    WHERE "time" >= %(since)s AND
"""  # noqa: S608
    + _BY
)
# The tiles hold roads of OpenStreetMap alone.
_MATCHABLE = """
    SELECT EXISTS (SELECT FROM road
                   WHERE source = 'osm' AND row IN (SELECT row FROM plan WHERE what IN ('ends', 'goes')))
        OR EXISTS (SELECT FROM staged WHERE source = 'osm' AND row IN (SELECT row FROM plan WHERE what = 'comes'))
"""
_OVERTAKE: LiteralString = (
    """
    UPDATE road_match m SET stale = true
    WHERE NOT stale AND last_time >= %(since)s::bigint AND tiles IS DISTINCT FROM %(tiles)s
    AND (%(all)s OR vehicle_id IN (SELECT vehicle_id FROM near_day) AND EXISTS (
        SELECT FROM fix f WHERE f.vehicle_id = m.vehicle_id
        AND f."time" BETWEEN to_timestamp(m.first_time) AND to_timestamp(m.last_time) AND """  # noqa: S608
    + _BY
    + "))"
)
_SOME = 'SELECT EXISTS (SELECT FROM fix WHERE "time" >= to_timestamp(%(since)s::bigint))'
_TOUCH = """
    INSERT INTO vehicle_day (vehicle_id, day, touched)
    SELECT vehicle_id, day, touched FROM vehicle_day v
    WHERE day >= greatest((SELECT closed_before FROM deployment), %(first)s)
    AND (%(all)s OR EXISTS (SELECT FROM near_day n WHERE n.vehicle_id = v.vehicle_id
                            AND n.day BETWEEN v.day - 1 AND v.day + 1))
    ORDER BY vehicle_id, day
    ON CONFLICT (vehicle_id, day) DO UPDATE SET touched = nextval('touch')
"""
_EPOCH = date(1970, 1, 1)


class Reach(NamedTuple):
    """What a change of roads reaches. since: s UTC; first: the local day before which nothing is touched.

    all: every vehicle-day from then on, else those of the temporary table near_day and their neighbours.
    matchable: whether roads change that tracks are matched to.
    """

    since: int
    first: int
    all: bool
    matchable: bool


def reach_of(connection: Connection, since: date | None) -> Reach:
    """What the plan reaches from a local day on, inside the open transaction; to be asked before roads are changed."""
    first = 0 if since is None else max(0, (since - _EPOCH).days)
    midnight = first * 86_400 - 25_200
    some = scalar(connection, _SOME, {"since": midnight})
    # Where no fix is stored from that day on, what has come in meanwhile is touched without a search.
    cells = _near(connection) if some else None
    connection.execute("CREATE TEMPORARY TABLE road_cell (cell bigint PRIMARY KEY) ON COMMIT DROP")
    if cells is not None:
        connection.execute("INSERT INTO road_cell SELECT unnest(%s::bigint[])", (sorted(cells),))
    connection.execute(
        _NEAR.replace("%(since)s", "to_timestamp(%(since)s::bigint)") + (" LIMIT 0" if cells is None else ""),
        {"since": midnight},
    )
    matchable = bool(scalar(connection, _MATCHABLE))
    return Reach(midnight, first - 1 if some else first, cells is None, matchable)


def touch_roads(connection: Connection, reach: Reach, tiles: str | None) -> int:
    """Make windows wait that a change of roads reaches, inside the open transaction; how many.

    What was matched there becomes stale, unless these tiles answered it. Nobody puts matches in from here to the
    transaction's end, so that it comes last. Args: tiles: made of what is imported.
    """
    hold_matches(connection)
    if reach.matchable:
        connection.execute(_OVERTAKE, {"since": reach.since, "all": reach.all, "tiles": tiles})
    return connection.execute(_TOUCH, {"all": reach.all, "first": reach.first}).rowcount


def _near(connection: Connection) -> set[int] | None:
    """Cells near the roads of the plan; None where there are too many."""
    cells: set[int] = set()
    with connection.cursor(name="road_lines") as cursor:
        cursor.execute(_LINES)
        for (line,) in cursor:
            cells.update(_cells(line))
            if len(cells) > _CELLS_MAX:
                return None
    return cells


def _cells(line: list[Any]) -> Iterable[int]:
    """Cells that the boxes around a line's segments touch."""
    for (lon_a, lat_a), (lon_b, lat_b) in pairwise(line):
        west, east = (floor((lon + 180) / _CELL) for lon in (min(lon_a, lon_b) - _ROOM, max(lon_a, lon_b) + _ROOM))
        south, north = (floor((lat + 90) / _CELL) for lat in (min(lat_a, lat_b) - _ROOM, max(lat_a, lat_b) + _ROOM))
        if (east - west + 1) * (north - south + 1) > _CELLS_MAX:
            yield from range(-1, -_CELLS_MAX - 2, -1)  # longer than any road: all days
            return
        for row in range(south, north + 1):
            yield from range(row * _COLUMNS + west, row * _COLUMNS + east + 1)

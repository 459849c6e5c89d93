"""Administrative areas and what was driven in each; where findings were complete."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import LiteralString, NamedTuple

from journey.localtime import day_start
from journey.model import FATAL, Flag
from journey.registry import Area
from storage.cases.reading import MAY_BE_LISTED
from storage.database import Connection, scalar, transaction
from storage.windows import touch_days

_WEEK = 7
_LOAD = """
    SELECT id, level, code, name, boundary, valid_from, valid_to FROM area
    ORDER BY level, code, valid_from NULLS FIRST
"""
_REMOVE = """
    DELETE FROM area WHERE level = %s AND code = %s AND valid_from IS NOT DISTINCT FROM %s::date
"""
_ADD = """
    INSERT INTO area (level, code, name, boundary, valid_from, valid_to) VALUES (%s, %s, %s, %s, %s, %s)
"""
_CLEAR_DAYS = """
    DELETE FROM area_day d USING unnest(%s::int[], %s::int[], %s::int[]) AS s (vehicle_id, first, stop)
    WHERE d.vehicle_id = s.vehicle_id AND d.day >= s.first AND d.day < s.stop
"""
_ADD_DAYS = """
    INSERT INTO area_day (vehicle_id, day, area_id, driving_mm)
    SELECT * FROM unnest(%s::int[], %s::int[], %s::int[], %s::bigint[])
"""
_DRIVEN = """
    SELECT area_id, sum(driving_mm)::bigint, count(DISTINCT vehicle_id)
    FROM area_day WHERE day >= %s AND day < %s GROUP BY area_id
"""
# Of a weighing the place of its station; else the last fix without a fatal flag that is not too old, exchanged where
# its degrees were. The bounds of time stand as constants too, so that other parts of the table are not opened.
_PLACED: LiteralString = """
    SELECT f.rule, f.vehicle_id, f.day,
           CASE WHEN f.rule = 'speeding'
                THEN round((f.body->'detail'->>'distance_m')::numeric * 1000) ELSE 0 END::bigint,
           coalesce(s.lon, x.lon), coalesce(s.lat, x.lat)
    FROM finding f LEFT JOIN finding_case c ON c.finding = f.id
    LEFT JOIN station s ON s.id = f.body->'detail'->>'station'
    LEFT JOIN LATERAL (
        SELECT (CASE WHEN flags & %(swapped)s::int > 0 THEN lat_e7 ELSE lon_e7 END)::float8 / 1e7 AS lon,
               (CASE WHEN flags & %(swapped)s::int > 0 THEN lon_e7 ELSE lat_e7 END)::float8 / 1e7 AS lat
        FROM fix WHERE vehicle_id = f.vehicle_id
        AND "time" <= f.at AND "time" >= f.at - make_interval(secs => %(oldest)s::int)
        AND "time" >= to_timestamp(%(start)s::bigint) AND "time" <= to_timestamp(%(end)s::bigint)
        AND flags & %(fatal)s::int = 0
        ORDER BY "time" DESC LIMIT 1) AS x ON f.body->'detail'->>'station' IS NULL
    WHERE f.withdrawn_at IS NULL AND f.day >= %(first)s AND f.day < %(stop)s AND {listed}
""".replace("{listed}", MAY_BE_LISTED)


class AreaChanges(NamedTuple):
    """rows: areas written or removed; touched: windows that wait for a new check because of it."""

    rows: int
    touched: int


class AreaDay(NamedTuple):
    vehicle_id: int
    day: int
    area_id: int
    driving_mm: int


class Driven(NamedTuple):
    """driving_mm in one area, and by how many vehicles."""

    area_id: int
    driving_mm: int
    vehicles: int


class Placed(NamedTuple):
    """A finding that may be listed and where it was complete, degrees WGS 84; None: not known. over_mm: length of the
    run above the limit."""

    rule: str
    vehicle_id: int
    day: int
    over_mm: int
    lon: float | None
    lat: float | None


def load_areas(connection: Connection) -> dict[int, Area]:
    """All areas by number, in order of level, code and days."""
    return {
        number: Area(level, code, name, bytes(boundary), valid_from, valid_to)
        for number, level, code, name, boundary, valid_from, valid_to in connection.execute(_LOAD)
    }


def save_areas(connection: Connection, areas: Collection[Area], replace: bool = False) -> AreaChanges:
    """Write what is new or different, as a transaction of its own; nothing happens for what is equal.

    One area where level, code and valid_from agree. What is not named stays, or goes where `replace` says so. The days
    in force of what changed are touched: their distances are made anew.
    """
    with transaction(connection):
        scalar(connection, "SELECT registry_version FROM deployment FOR UPDATE")  # one registry at a time
        old = {_key(one): one for one in load_areas(connection).values()}
        new = {_key(one): one for one in areas}
        different = [key for key, one in new.items() if old.get(key) != one]
        gone = [key for key in old if key in different or (replace and key not in new)]
        with connection.cursor() as cursor:
            if gone:
                cursor.executemany(_REMOVE, gone)
            if different:
                rows = [new[key] for key in different]
                cursor.executemany(_ADD, [
                    (one.level, one.code, one.name, one.boundary, one.valid_from, one.valid_to) for one in rows
                ])  # fmt: skip
        changed = [*(old[key] for key in gone), *(new[key] for key in different)]
        touched = 0
        if changed:
            starts, ends = [one.valid_from for one in changed], [one.valid_to for one in changed]
            first = None if None in starts else min(day for day in starts if day)
            last = None if None in ends else max(day for day in ends if day)
            touched = touch_days(connection, first, last)
            connection.execute("UPDATE deployment SET registry_version = registry_version + 1")
    return AreaChanges(len({*gone, *different}), touched)


def _key(area: Area) -> tuple[int, str, date | None]:
    return area.level, area.code, area.valid_from


def replace_area_days(connection: Connection, spans: Sequence[tuple[int, int, int]], rows: Iterable[AreaDay]) -> None:
    """Distances of days [first, stop) of vehicles in the place of those stored, inside the open transaction."""
    connection.execute(_CLEAR_DAYS, [list(column) for column in zip(*spans, strict=True)])
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        connection.execute(_ADD_DAYS, columns)


def driven(connection: Connection, first: int, stop: int) -> list[Driven]:
    """What was driven in each area over local days [first, stop)."""
    return [Driven(*row) for row in connection.execute(_DRIVEN, (first, stop))]


def placed(connection: Connection, first: int, stop: int, at: int, oldest_s: int) -> Iterable[Placed]:
    """The findings of local days [first, stop) that may be listed at an instant (s UTC), a week of them at a time.

    Args: oldest_s: how long before the finding the fix may lie that places it.
    """
    for begin in range(first, stop, _WEEK):
        end = min(begin + _WEEK, stop)
        asked = {
            "first": begin, "stop": end, "start": day_start(begin) - oldest_s, "end": day_start(end),
            "oldest": oldest_s,
            "fatal": int(FATAL), "swapped": int(Flag.SWAPPED), "now": at, "unheard": True,
        }  # fmt: skip
        yield from (Placed(*row) for row in connection.execute(_PLACED, asked))

"""What is known of a stored weighing beside its masses: its place on a track, its ticket, plates like its own."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import LiteralString, NamedTuple

from journey.localtime import DAY_S, day_of, day_start
from journey.model import Weighing
from journey.plates import solid
from storage.database import Connection
from storage.stations.weighings import OF_TICKET, weighing_of

_PLACES: LiteralString = """
    SELECT encode(p.hash, 'hex'), p.status, floor(extract(epoch FROM p.passed_at))::bigint, p.apart_s, p.away_m,
           d.licence, floor(extract(epoch FROM p.origin_from))::bigint,
           floor(extract(epoch FROM p.origin_until))::bigint, p.origin_lon, p.origin_lat, p.way_m,
           c.clock_s, c.spread_s, c.passages
    FROM weighing_place p
    LEFT JOIN driver d ON d.id = p.driver_id
    LEFT JOIN station_clock c ON c.station = p.station AND c.day = p.day
    WHERE p.day = %s::int AND p.hash = ANY(%s::bytea[])
"""
_LIKE: LiteralString = """
    SELECT v.plate FROM vehicle v WHERE v.plate LIKE ANY(%s::text[])
    AND EXISTS (SELECT FROM registration r WHERE r.vehicle_id = v.id)
"""
_SPECIAL = re.compile(r"([\\%_])")


class Place(NamedTuple):
    """Where a weighing lies on the track of its vehicle, as `check` or `station join` made it. Times s UTC, ways m.

    status: passed, near, elsewhere or silent. apart_s: passage less weighing once the clocks are compared. away_m:
    from the station. origin: the last long standing before, and way_m the way since. clock_s: recorders less station
    that day, spread_s: None where too few passages told it; passages: how many did.
    """

    status: str
    passed_at: int | None
    apart_s: int | None
    away_m: int | None
    driver: str | None
    origin_from: int | None
    origin_until: int | None
    origin_lon: float | None
    origin_lat: float | None
    way_m: int | None
    clock_s: int | None
    spread_s: float | None
    passages: int | None


def places_of(connection: Connection, ids: Collection[str], time: int) -> dict[str, Place]:
    """By id (hash, hex) the places of weighings of the local day of an instant; none that were not placed yet."""
    rows = connection.execute(_PLACES, (day_of(time), [bytes.fromhex(one) for one in ids])).fetchall()
    return {row[0]: Place(*row[1:]) for row in rows}


def registered_near(connection: Connection, read: str) -> list[str]:
    """Registered plates at most one character away from what was read, that one itself among them, in no order."""
    letters = [_SPECIAL.sub(r"\\\1", letter) for letter in solid(read) or read]
    patterns = [
        *("".join([*letters[:place], *instead, *letters[place + 1 :]])
          for place in range(len(letters)) for instead in ("_", "")),
        *("".join([*letters[:place], "_", *letters[place:]]) for place in range(len(letters) + 1)),
        _SPECIAL.sub(r"\\\1", read),
    ]  # fmt: skip
    return [plate for (plate,) in connection.execute(_LIKE, (patterns,)).fetchall()]


def on_ticket(connection: Connection, weighing: Weighing) -> list[Weighing]:
    """Weighings of the same station under the same ticket, on its local day and those beside it."""
    if weighing.ticket is None:
        return [weighing]
    start = day_start(day_of(weighing.time)) - DAY_S
    asked = (weighing.station, weighing.ticket, start, start + 3 * DAY_S)
    return [weighing_of(row) for row in connection.execute(OF_TICKET, asked).fetchall()]

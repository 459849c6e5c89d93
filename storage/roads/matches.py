"""Map matches of slices of tracks, as the matcher answered. In the open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString, NamedTuple

import orjson
import polars as pl

from journey.track import MATCH
from storage.database import Connection, scalar
from storage.names import known_vehicles

_LOAD: LiteralString = """
    SELECT vehicle_id, first_time, last_time, digest, tiles, matcher, rows::text, stale FROM road_match
    JOIN unnest(%s::int[], %s::bigint[], %s::bigint[]) AS s (id, since, until)
        ON vehicle_id = s.id AND last_time >= s.since AND first_time < s.until
    ORDER BY vehicle_id, first_time
"""
_TAKE_OUT: LiteralString = """
    DELETE FROM road_match WHERE vehicle_id = %s::int AND last_time >= %s::bigint AND first_time < %s::bigint
    AND NOT (first_time, digest, tiles) IN (SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::text[]))
"""
# Whether a file is the one that roads in the store are of.
_IMPORTED = """
    SELECT EXISTS (SELECT FROM road_import i WHERE hash = %s
                   AND id = (SELECT max(id) FROM road_import WHERE dataset = i.dataset))
"""
_PUT_IN: LiteralString = f"""
    INSERT INTO road_match (vehicle_id, first_time, last_time, digest, tiles, matcher, rows, stale)
    VALUES (%s::int, %s::bigint, %s::bigint, %s, %s, %s, %s::jsonb, NOT ({_IMPORTED}))
    ON CONFLICT (vehicle_id, first_time) DO NOTHING
"""  # noqa: S608
_SETTLE = "UPDATE road_match SET stale = false WHERE stale AND tiles = %s"
# Matches are put in by many at once, and by none while an import of roads marks those that it overtakes: either sees
# what the other has done. Taken before rows of vehicle_day are locked, by both.
_PUTTING: LiteralString = "SELECT pg_advisory_xact_lock_shared(%s::bigint)"
_MARKING: LiteralString = "SELECT pg_advisory_xact_lock(%s::bigint)"
_LOCK = 7_021_937_414  # any number that no other lock has

_FIELDS = 5  # of a row; what was matched until 2026-11-29 tells a sixth, which nothing reads
# Days of what other tiles are to be asked about, unless they wait already.
_TOUCH_STALE: LiteralString = """
    INSERT INTO vehicle_day (vehicle_id, day, touched)
    SELECT vehicle_id, day, touched FROM vehicle_day v
    WHERE touched <= checked AND day >= (SELECT closed_before FROM deployment)
    AND EXISTS (SELECT FROM road_match m WHERE m.stale AND m.tiles <> %s AND m.vehicle_id = v.vehicle_id
                AND v.day BETWEEN floor((m.first_time + 25200) / 86400.0) AND floor((m.last_time + 25200) / 86400.0))
    ORDER BY vehicle_id, day
    ON CONFLICT (vehicle_id, day) DO UPDATE SET touched = nextval('touch')
"""

type Row = tuple[int, str | None, int | None, Sequence[str], int | None]


class MatchedSlice(NamedTuple):
    """One slice. tiles, matcher: what answered. stale: other tiles are to be asked, if there are.

    source: SHA-256 of the file that the tiles were made of, of an answer that is not yet on record.
    """

    plate: str
    first_time: int
    last_time: int
    digest: bytes
    tiles: str
    matcher: str
    rows: Sequence[Row]
    stale: bool = False
    source: str | None = None


def load_matches(connection: Connection, spans: Iterable[tuple[str, int, int]]) -> list[MatchedSlice]:
    """The slices of vehicles that reach into [since, until) s UTC of each span (plate, since, until)."""
    asked = list(spans)
    numbers = known_vehicles(connection, [plate for plate, _, _ in asked])
    rows = [(numbers[plate], since, until) for plate, since, until in asked if plate in numbers]
    if not rows:
        return []
    plates = {number: plate for plate, number in numbers.items()}
    found = connection.execute(_LOAD, [list(column) for column in zip(*rows, strict=True)])
    slices = [
        MatchedSlice(plates[number], first, last, bytes(digest), tiles, matcher, orjson.loads(said), stale)
        for number, first, last, digest, tiles, matcher, said, stale in found
    ]
    return list({(one.plate, one.first_time): one for one in slices}.values())


def replace_matches(
    connection: Connection, vehicle_id: int, since: int, until: int, slices: Sequence[MatchedSlice]
) -> None:
    """Make these the slices of a vehicle in [since, until) s UTC; those that are there already stay as they are.

    What tiles answered that were not made of the file that the roads are of is stale from the first.
    """
    connection.execute(_PUTTING, (_LOCK,))
    kept = [list(column) for column in zip(*((one.first_time, one.digest, one.tiles) for one in slices), strict=True)]
    kept = kept or [[], [], []]
    connection.execute(_TAKE_OUT, (vehicle_id, since, until, *kept))
    for one in slices:
        rows = orjson.dumps([tuple(row) for row in one.rows]).decode()
        values: tuple[Any, ...] = (vehicle_id, *one[1:6], rows, one.source)
        connection.execute(_PUT_IN, values)


def hold_matches(connection: Connection) -> None:
    """Let nobody put matches in until the open transaction ends, and see all that were."""
    connection.execute(_MARKING, (_LOCK,))


def settle(connection: Connection, tiles: str, source: str) -> bool:
    """Whether tiles are of the file that the roads are of; what they answered is then not stale.

    Args: source: SHA-256 of the file that they were made of.
    """
    agree = bool(scalar(connection, _IMPORTED, (source,)))
    if agree:
        connection.execute(_SETTLE, (tiles,))
    return agree


def touch_stale(connection: Connection, tiles: str) -> int:
    """Make days wait with a stale match that other tiles than these answered. Again: none more. Returns how many."""
    return connection.execute(_TOUCH_STALE, (tiles,)).rowcount


def match_frame(slices: Iterable[MatchedSlice]) -> pl.DataFrame:
    """Slices as rows of journey.track.MATCH."""
    rows = [(one.plate, one.first_time, *row[:_FIELDS]) for one in slices for row in one.rows]
    plates, firsts, times, roads, offsets, throughs, paths = zip(*rows, strict=True) if rows else [()] * 7
    columns = {
        "vehicle": plates, "time": times, "slice": firsts, "road": roads, "offset_dm": offsets,
        "through": [list(through) for through in throughs], "path_dm": paths,
    }  # fmt: skip
    return pl.DataFrame(columns, schema=MATCH)

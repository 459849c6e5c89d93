"""Fixes into the store, each (vehicle, time) once, every further copy beside it.

Which copy stands is decided by journey.track.resolve_copies alone: first within the batch, then between what is
stored and what is new. It picks the least of a total order, so that the outcome depends neither on how the copies
were cut into batches nor on their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from psycopg import sql

from journey.localtime import day_of
from journey.model import Flag
from journey.track import NO_DRIVER, Bool, Int, encode, resolve_copies
from storage.database import Connection
from storage.intake import CONFLICT, DUPLICATE
from storage.names import Ids, clean, driver_ids, vehicle_ids
from storage.windows import NO_DAYS, VehicleDays, distinct_days
from storage.wire import (
    COLUMNS,
    FLAGGED,
    FROM_STAGED,
    STAGED,
    TO_WIRE,
    Rows,
    frame_of,
    read_rows,
    rows_of,
    seconds,
    write_rows,
)

_NONE = np.empty(0, np.int64)
_SCALED = np.int16(Flag.SCALED_TIME)
# Rows that resolve_copies holds for equal may differ in these; an order among them leaves nothing to chance.
_FURTHER = ("altitude_m", "door", "aircon", "flags", "scaled")

_PARTS: dict[str, sql.Composable] = {
    "columns": sql.SQL(COLUMNS),
    "staged": sql.SQL(STAGED),
    "values": sql.SQL(FROM_STAGED),
    "wire": sql.SQL(TO_WIRE),
    # The bounds say which parts of the table, and which segments of a compressed part, can hold any of the rows.
    "where": sql.SQL("""f.vehicle_id = s.vehicle_id AND f."time" = s."time"
        AND f.vehicle_id = ANY(%(vehicles)s::int[]) AND f."time" >= to_timestamp(%(first)s::bigint)
        AND f."time" <= to_timestamp(%(last)s::bigint)"""),
}
_STAGE = sql.SQL("""
    CREATE TEMPORARY TABLE IF NOT EXISTS staged_fix ({staged}) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS staged_copy ({staged}) ON COMMIT DELETE ROWS
""").format(**_PARTS)
_INSERT = sql.SQL("""
    INSERT INTO fix ({columns})
    SELECT {values}, %s FROM staged_fix s ORDER BY s.vehicle_id, s."time"
    ON CONFLICT DO NOTHING
""").format(**_PARTS)
# One transaction at a time decides between stored fixes and new copies, until it ends. Rows of compressed chunks cannot
# be locked one by one; and whoever waits here has touched nothing that the one before still has to touch.
_ALONE = "SELECT pg_advisory_xact_lock(%s)"
_CONTEST = 0x66697865
_PRESENT = sql.SQL("""
    COPY (SELECT {wire}, s.place FROM staged_fix s JOIN fix f ON {where} WHERE f.batch_id <> %(batch)s)
    TO STDOUT (FORMAT binary)
""").format(**_PARTS)
_PUT_OUT = sql.SQL("""
    INSERT INTO fix_copy ({columns})
    SELECT f.vehicle_id, f."time", f.delay_s, f.lon_e7, f.lat_e7, f.speed_dkmh, f.driver_id, f.heading, f.altitude_m,
           f.ignition, f.door, f.aircon, (f.flags & ~128 | 128 * f.scaled::int)::smallint, f.scaled, f.batch_id
    FROM unnest(%(places)s::int[]) AS w (place) JOIN staged_fix s ON s.place = w.place JOIN fix f ON {where}
""").format(**_PARTS)
_REPLACE = sql.SQL("""
    UPDATE fix f
    SET (delay_s, lon_e7, lat_e7, speed_dkmh, driver_id, heading, altitude_m, ignition, door, aircon, flags, scaled,
         batch_id)
      = (s.delay_s, s.lon_e7, s.lat_e7, s.speed_dkmh, s.driver_id, s.heading, s.altitude_m, s.ignition, s.door,
         s.aircon, (s.flags | f.flags & 128)::smallint, s.scaled, s.batch_id)
    FROM (SELECT {values}, %(batch)s::bigint
          FROM unnest(%(places)s::int[]) AS w (place) JOIN staged_fix s ON s.place = w.place) AS s ({columns})
    WHERE {where}
""").format(**_PARTS)
_SAY_SCALED = sql.SQL("""
    UPDATE fix f SET flags = (f.flags | 128)::smallint
    FROM unnest(%(places)s::int[]) AS w (place) JOIN staged_fix s ON s.place = w.place
    WHERE {where}
""").format(**_PARTS)
_KEEP_COPIES = sql.SQL("""
    INSERT INTO fix_copy ({columns}) SELECT {values}, %s FROM staged_copy s ORDER BY s.vehicle_id, s."time"
""").format(**_PARTS)


@dataclass(frozen=True, slots=True)
class StoredFixes:
    inserted: int  # of a (vehicle, time) not known before
    duplicates: int  # rows added to fix_copy
    replaced: int  # stored fixes that a better copy put out
    fate: npt.NDArray[np.int8]  # of each row as sent: storage.intake.STORED, DUPLICATE or CONFLICT
    changed: VehicleDays  # days with a fix that was added or changed


class _Standing(NamedTuple):
    winner: Int  # rows that stand
    loser: Int
    of: Int  # for each loser the index into `winner`
    conflict: Bool  # whether a loser says something else than the winner


class _Contest(NamedTuple):
    """Places of staged rows whose key was stored already."""

    present: Int  # all of them
    conflict: Int  # of these, those whose stored fix says something else
    won: Int  # the staged row is better than the stored one
    scaled: Int  # the stored one stays, and has to say scaled_time from now on


def store_fixes(connection: Connection, frame: pl.DataFrame, batch_id: int) -> StoredFixes:
    """Store a FLAGGED frame inside the open transaction, as rows of `batch_id`."""
    if not len(frame):
        return StoredFixes(0, 0, 0, np.empty(0, np.int8), NO_DAYS)
    frame = _storable(frame)
    rows = rows_of(frame, *_numbers(connection, frame))
    standing = _stand(frame)
    staged = _staged(rows, standing)
    origin = staged["place"].astype(np.int64)  # rows of the frame
    staged["place"] = np.arange(len(staged))
    fate = np.zeros(len(rows), np.int8)  # STORED, if nothing else is found
    fate[standing.loser] = np.where(standing.conflict, CONFLICT, DUPLICATE)
    connection.execute(_STAGE)
    write_rows(connection, "COPY staged_fix FROM STDIN (FORMAT binary)", staged)
    inserted = connection.execute(_INSERT, (batch_id,)).rowcount
    if inserted == len(staged):
        copies, won, unchanged = standing.loser, 0, _NONE
    else:
        connection.execute(_ALONE, (_CONTEST,))
        bounds = _bounds(staged, batch_id)
        contest = _contest(connection, frame, staged, origin, bounds)
        fate[origin[contest.present]] = DUPLICATE
        fate[origin[contest.conflict]] = CONFLICT
        _apply(connection, contest, bounds)
        lost = np.setdiff1d(contest.present, contest.won)
        copies, won = np.concatenate((standing.loser, origin[lost])), len(contest.won)
        unchanged = np.setdiff1d(lost, contest.scaled)
    if len(copies):
        write_rows(connection, "COPY staged_copy FROM STDIN (FORMAT binary)", rows[copies])
        connection.execute(_KEEP_COPIES, (batch_id,))
    changed = np.delete(staged, unchanged)
    days = distinct_days(changed["vehicle_id"].astype(np.int64), day_of(seconds(changed["time"].astype(np.int64))))
    return StoredFixes(inserted, len(copies) + won, won, fate, days)


def _storable(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in FLAGGED's order, its names as PostgreSQL can hold them."""
    frame = frame.select(FLAGGED.names())
    for column in ("vehicle", "driver"):
        names = frame[column].drop_nulls().unique()
        changed = {name: clean(name) for name in names if clean(name) != name}
        if changed:
            frame = frame.with_columns(pl.col(column).replace(changed))
    return frame


def _numbers(connection: Connection, frame: pl.DataFrame) -> tuple[Ids, Ids]:
    """Vehicle and driver number of each row, -1 for no driver. Shape: n -> n, n."""
    found = []
    for column, ids_of in (("vehicle", vehicle_ids), ("driver", driver_ids)):
        names = frame[column].drop_nulls().unique().sort()
        ids = ids_of(connection, names)
        number = np.array([*(ids[name] for name in names), NO_DRIVER], np.int32)
        found.append(number[frame[column].cast(pl.Enum(names)).to_physical().fill_null(len(names)).to_numpy()])
    return found[0], found[1]


def _stand(frame: pl.DataFrame) -> _Standing:
    copies = resolve_copies(encode(frame).frame)
    if not len(copies.loser):
        return _Standing(copies.winner, copies.loser, copies.of, copies.conflict)
    order = frame.select(pl.arg_sort_by(_FURTHER, maintain_order=True)).to_series().to_numpy().astype(np.int64)
    copies = resolve_copies(encode(frame[order]).frame)
    return _Standing(order[copies.winner], order[copies.loser], copies.of, copies.conflict)


def _staged(rows: Rows, standing: _Standing) -> Rows:
    """The rows that stand, ordered by (vehicle number, time); scaled_time if any copy of theirs has it."""
    staged = rows[standing.winner]
    scaled = standing.of[rows["flags"][standing.loser] & _SCALED != 0]
    staged["flags"][scaled] |= _SCALED
    return staged[np.lexsort((staged["time"].astype(np.int64), staged["vehicle_id"].astype(np.int64)))]


def _bounds(staged: Rows, batch_id: int) -> dict[str, Any]:
    """Parameters of the statements on stored fixes that staged rows are copies of."""
    vehicles, time = staged["vehicle_id"].astype(np.int64), seconds(staged["time"].astype(np.int64))
    return {"vehicles": np.unique(vehicles).tolist(), "first": int(time.min()), "last": int(time.max()),
            "batch": batch_id}  # fmt: skip


def _contest(
    connection: Connection, frame: pl.DataFrame, staged: Rows, origin: Int, bounds: dict[str, Any]
) -> _Contest:
    """Decide which stands, of the stored fixes that staged rows are copies of and of those rows."""
    stored = read_rows(connection, _PRESENT, bounds)
    place = stored["place"].astype(np.int64)
    both = pl.concat((frame_of(connection, stored), frame[origin[place]]))
    pairs = _stand(both)  # of each pair, one row is stored and one new
    won = np.sort(place[pairs.winner[pairs.winner >= len(stored)] - len(stored)])
    conflict = place[pairs.loser[pairs.conflict] % len(stored)]
    says = (staged["flags"][place] & ~stored["flags"] & _SCALED) != 0
    return _Contest(np.sort(place), conflict, won, np.setdiff1d(place[says], won))


def _apply(connection: Connection, contest: _Contest, bounds: dict[str, Any]) -> None:
    if len(contest.won):
        connection.execute(_PUT_OUT, {**bounds, "places": contest.won.tolist()})
        connection.execute(_REPLACE, {**bounds, "places": contest.won.tolist()})
    if len(contest.scaled):
        connection.execute(_SAY_SCALED, {**bounds, "places": contest.scaled.tolist()})

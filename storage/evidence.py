"""What the store knows of one finding beyond what it states: its text, its run, and where its records came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString, NamedTuple

import polars as pl
from psycopg import sql

from journey.model import Finding
from storage.database import Connection
from storage.errors import AmbiguousPrefix
from storage.findings import finding_of, is_prefix
from storage.names import known_vehicles
from storage.wire import FLAGGED, TO_WIRE, frame_of, read_rows

# A current row stands before withdrawn ones of its id, and of those the last withdrawn.
_BY_PREFIX = """
    SELECT id, content, body::text, run_id, extract(epoch FROM added_at)::bigint,
           extract(epoch FROM withdrawn_at)::bigint, withdrawn_run, reason
    FROM (SELECT DISTINCT ON (id) * FROM finding WHERE id >= %s AND id < %s
          ORDER BY id, withdrawn_at DESC NULLS FIRST, row DESC) AS f
    ORDER BY id LIMIT %s
"""
_LISTED_MAX = 20  # findings that an ambiguous prefix names
# As storage.tracks loads them: the bounds of all windows say which parts of the tables take part.
_ARRIVED: LiteralString = """
    COPY (SELECT {wire}, f.batch_id::integer
          FROM unnest(%(vehicles)s::int[], %(starts)s::bigint[], %(ends)s::bigint[]) AS w (vehicle_id, start, stop)
          CROSS JOIN LATERAL (
              SELECT * FROM {table} WHERE vehicle_id = w.vehicle_id
              AND "time" >= to_timestamp(w.start) AND "time" < to_timestamp(w.stop)
              AND "time" >= to_timestamp(%(first)s::bigint) AND "time" < to_timestamp(%(last)s::bigint)
              OFFSET 0) AS f)
    TO STDOUT (FORMAT binary)
"""
_ORDER = ("vehicle", "time", "copy", "received", "speed_dkmh", "lon", "lat", "driver", "batch")
_BATCHES = """
    SELECT b.id, b.connection, extract(epoch FROM b.committed_at)::bigint, p.source, p.position_from, p.position_to
    FROM batch b LEFT JOIN batch_position p ON p.batch_id = b.id
    WHERE b.id = ANY(%s::bigint[]) ORDER BY b.id, p.source, p.position_from
"""
_OF_WEIGHING = """
    SELECT w.batch_id FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id
    WHERE v.plate = %s AND w."time" = to_timestamp(%s::bigint)
"""

# Fixes as FLAGGED, with the batch that brought each; copy: it does not stand.
ARRIVED = pl.Schema([*FLAGGED.items(), ("batch", pl.Int64), ("copy", pl.Boolean)])


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding as it is stored. Times: s UTC. `body`: its text, byte for byte; withdrawn_*: None where it stands."""

    id: str
    content: str
    body: str
    run: str
    added_at: int
    withdrawn_at: int | None
    withdrawn_run: str | None
    reason: str | None

    @property
    def finding(self) -> Finding:
        return finding_of(self.body)


class Batch(NamedTuple):
    """One committed transaction of arrivals, and one part of a stream that it holds; a transaction may have several.

    `connection`: of live data, or the recorded file; `committed_at`: s UTC; the others None: the transport keeps no
    account of positions.
    """

    id: int
    connection: str
    committed_at: int
    source: str | None
    position_from: int | None
    position_to: int | None


def kept_finding(connection: Connection, id_or_prefix: str) -> Kept | None:
    """The finding of an id, or of the unique start of one; where none is current, the last that was withdrawn.

    Raises AmbiguousPrefix where several ids begin so.
    """
    prefix = id_or_prefix.strip().lower()
    if not is_prefix(prefix):
        return None
    rows = connection.execute(_BY_PREFIX, (prefix, prefix + "g", _LISTED_MAX)).fetchall()
    if len(rows) > 1:
        raise AmbiguousPrefix(prefix, [id_ for id_, *_ in rows])
    return Kept(*rows[0]) if rows else None


def arrived(connection: Connection, windows: Sequence[tuple[str, int, int]]) -> pl.DataFrame:
    """Every stored copy of the fixes of vehicles in [start, end) s UTC, as ARRIVED; the standing one of each first.

    Args: windows: plate, start, end; those of one vehicle must not overlap.
    """
    numbers = known_vehicles(connection, {plate for plate, _, _ in windows})
    known = [(numbers[plate], start, end) for plate, start, end in windows if plate in numbers]
    if not known:
        return ARRIVED.to_frame()
    vehicles, starts, ends = (list(column) for column in zip(*known, strict=True))
    asked = {"vehicles": vehicles, "starts": starts, "ends": ends, "first": min(starts), "last": max(ends)}
    frames = []
    for table in ("fix", "fix_copy"):
        statement = sql.SQL(_ARRIVED).format(wire=sql.SQL(TO_WIRE), table=sql.Identifier(table))
        rows = read_rows(connection, statement, asked)
        batch = pl.Series(rows["place"].astype("int64"))
        frames.append(frame_of(connection, rows).with_columns(batch=batch, copy=pl.lit(table != "fix")))
    # By content, so that the order is the same in every store that holds the same.
    return pl.concat(frames).sort(_ORDER, nulls_last=True)


def batches(connection: Connection, ids: Sequence[int]) -> list[Batch]:
    return [Batch(*row) for row in connection.execute(_BATCHES, (sorted(set(ids)),))]


def batches_of_weighing(connection: Connection, plate: str, time: int) -> list[Batch]:
    """The transactions that brought the weighings of a vehicle at an instant."""
    return batches(connection, [number for (number,) in connection.execute(_OF_WEIGHING, (plate, time))])

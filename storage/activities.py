"""Activities of vehicles, and the sums of a vehicle over a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
import polars as pl

from storage.database import Connection
from storage.names import driver_ids, known_drivers, known_vehicles, vehicle_ids
from storage.tracks import united

# Activities with names as text; columns as journey.track.ACTIVITY.
NAMED_ACTIVITY = pl.Schema(
    {
        "vehicle": pl.String,  # plate
        "driver": pl.String,  # licence, null: unknown
        "start": pl.Int64,  # s, UTC
        "end": pl.Int64,
        "kind": pl.Int8,  # journey.track.DRIVING, STANDING or UNKNOWN
    }
)

# What touches a span counts as in it, so that what was cut at its border can become whole again. Activities of one
# vehicle do not overlap: of those that end after a span only the first can begin in it, and the second at its end.
_IN_SPANS = """
    SELECT DISTINCT o.vehicle_id, o.driver_id, extract(epoch FROM o.start_time)::bigint,
           extract(epoch FROM o.end_time)::bigint, o.kind, v.plate, d.licence
    FROM unnest(%(vehicles)s::int[], %(starts)s::bigint[], %(stops)s::bigint[]) AS s (vehicle_id, start, stop)
    CROSS JOIN LATERAL (
        SELECT * FROM activity
        WHERE vehicle_id = s.vehicle_id AND end_time >= to_timestamp(s.start) AND end_time < to_timestamp(s.stop)
        AND end_time >= to_timestamp(%(first)s::bigint) AND end_time < to_timestamp(%(last)s::bigint)
        UNION ALL
        SELECT * FROM (SELECT * FROM activity
                       WHERE vehicle_id = s.vehicle_id AND end_time >= to_timestamp(s.stop)
                       AND end_time >= to_timestamp(%(first)s::bigint)
                       ORDER BY end_time LIMIT 2) AS next
        WHERE start_time <= to_timestamp(s.stop)) AS o
    JOIN vehicle v ON v.id = o.vehicle_id LEFT JOIN driver d ON d.id = o.driver_id
"""
_TAKE_OUT = """
    DELETE FROM activity a USING unnest(%s::int[], %s::bigint[]) AS s (vehicle_id, stop)
    WHERE a.vehicle_id = s.vehicle_id AND a.end_time = to_timestamp(s.stop) AND a.vehicle_id = ANY(%s::int[])
    AND a.end_time >= to_timestamp(%s::bigint) AND a.end_time <= to_timestamp(%s::bigint)
"""
_PUT_IN = """
    INSERT INTO activity (vehicle_id, driver_id, start_time, end_time, kind)
    SELECT vehicle_id, driver_id, to_timestamp(start), to_timestamp(stop), kind
    FROM unnest(%s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::smallint[])
        AS a (vehicle_id, driver_id, start, stop, kind)
"""
_LOAD = """
    SELECT v.plate, d.licence, extract(epoch FROM a.start_time)::bigint, extract(epoch FROM a.end_time)::bigint, a.kind
    FROM (SELECT * FROM activity WHERE driver_id = ANY(%(drivers)s::int[])
          AND end_time > to_timestamp(%(start)s::bigint) AND start_time < to_timestamp(%(stop)s::bigint)
          UNION ALL
          SELECT * FROM activity WHERE vehicle_id = ANY(%(vehicles)s::int[]) AND driver_id IS NULL
          AND end_time > to_timestamp(%(start)s::bigint) AND start_time < to_timestamp(%(stop)s::bigint)) AS a
    JOIN vehicle v ON v.id = a.vehicle_id
    LEFT JOIN driver d ON d.id = a.driver_id
    ORDER BY v.plate, a.start_time
"""
_SUMMARY = """
    INSERT INTO day_summary (vehicle_id, day, fixes, usable, flags, driving_s, standing_s, unknown_s, driving_m, run_id)
    SELECT t.*, %s FROM unnest(%s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::jsonb[], %s::bigint[],
                               %s::bigint[], %s::bigint[], %s::float8[]) AS t
    ON CONFLICT (vehicle_id, day) DO UPDATE
    SET fixes = EXCLUDED.fixes, usable = EXCLUDED.usable, flags = EXCLUDED.flags, driving_s = EXCLUDED.driving_s,
        standing_s = EXCLUDED.standing_s, unknown_s = EXCLUDED.unknown_s, driving_m = EXCLUDED.driving_m,
        run_id = EXCLUDED.run_id
"""
_NO_LONGER = """
    DELETE FROM day_summary d USING unnest(%s::int[], %s::int[], %s::int[]) AS s (vehicle_id, first, stop)
    WHERE d.vehicle_id = s.vehicle_id AND d.day >= s.first AND d.day < s.stop
    AND NOT EXISTS (SELECT FROM unnest(%s::int[], %s::int[]) AS k (vehicle_id, day)
                    WHERE k.vehicle_id = d.vehicle_id AND k.day = d.day)
"""


class Affected(NamedTuple):
    """Whose activities a replacement took out or put in, and from when to when (s UTC): one driver, or where the
    driver is unknown (None), one vehicle."""

    licence: str | None
    plate: str | None  # None where the licence is given
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DaySummary:
    """Sums of one vehicle over one local day."""

    vehicle_id: int
    day: int  # local day number
    fixes: int
    usable: int  # without a fatal flag
    flags: dict[str, int]  # fixes by flag name, zeros left out
    driving_s: int
    standing_s: int
    unknown_s: int
    driving_m: float


class _Row(NamedTuple):
    vehicle_id: int
    driver_id: int | None
    start: int
    end: int
    kind: int
    plate: str
    licence: str | None


def replace_activities(
    connection: Connection, spans: Sequence[tuple[int, int, int]], frame: pl.DataFrame
) -> list[Affected]:
    """Put the activities of a NAMED_ACTIVITY frame in the place of all that lies in spans (vehicle number, start, end).

    A stored activity over the border of a span keeps its part outside. Inside the open transaction. Raises ValueError
    where a row of the frame does not lie in a span of its vehicle; nothing is written then.
    """
    by_vehicle: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for vehicle, start, end in spans:
        by_vehicle[vehicle].append((start, end))
    by_vehicle = {vehicle: united(some) for vehicle, some in by_vehicle.items()}
    new = _new_rows(connection, frame)
    _require_inside(new, by_vehicle)
    old = _take_out(connection, [(vehicle, *span) for vehicle, some in sorted(by_vehicle.items()) for span in some])
    kept = [part for row in old for part in _outside(row, by_vehicle[row.vehicle_id])]
    rows = [row[:5] for row in _joined((*kept, *new))]
    if rows:
        vehicle_id, driver_id, start_, end_, kind = _columns(rows, 5)
        connection.execute(_PUT_IN, (vehicle_id, driver_id, start_, end_, kind))
    changed = [
        row for row in old if any(row.start < end and row.end > start for start, end in by_vehicle[row.vehicle_id])
    ]
    return _affected((*changed, *new))


def _take_out(connection: Connection, spans: Sequence[tuple[int, int, int]]) -> list[_Row]:
    """Remove the activities that reach into or touch spans (vehicle number, start, end), and give them."""
    if not spans:
        return []
    vehicles, starts, stops = _columns(spans, 3)
    bounds = {"first": min(starts), "last": max(stops)}
    found = connection.execute(_IN_SPANS, {"vehicles": vehicles, "starts": starts, "stops": stops, **bounds})
    rows = [_Row(*row) for row in found]
    if rows:
        numbers, ends = [row.vehicle_id for row in rows], [row.end for row in rows]
        connection.execute(_TAKE_OUT, (numbers, ends, sorted(set(numbers)), min(ends), max(ends)))
    return rows


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _new_rows(connection: Connection, frame: pl.DataFrame) -> list[_Row]:
    vehicles = vehicle_ids(connection, frame["vehicle"].unique())
    drivers = driver_ids(connection, frame["driver"].drop_nulls().unique())
    return [
        _Row(vehicles[plate], drivers[licence] if licence else None, start, end, kind, plate, licence)
        for plate, licence, start, end, kind in frame.select(NAMED_ACTIVITY.names()).iter_rows()
    ]


def _require_inside(rows: Sequence[_Row], spans: dict[int, list[tuple[int, int]]]) -> None:
    for row in rows:
        if not any(start <= row.start < row.end <= end for start, end in spans.get(row.vehicle_id, ())):
            raise ValueError(f"the activity of {row.plate} from {row.start} to {row.end} lies outside the spans given")


def _outside(row: _Row, spans: Sequence[tuple[int, int]]) -> list[_Row]:
    """What is left of a row when disjoint, ordered spans are cut out."""
    parts = []
    start = row.start
    for span_start, span_end in spans:
        if start < min(span_start, row.end):
            parts.append(row._replace(start=start, end=min(span_start, row.end)))
        start = max(start, span_end)
    if start < row.end:
        parts.append(row._replace(start=start))
    return parts


def _joined(rows: Iterable[_Row]) -> list[_Row]:
    """Rows, those that touch and say the same as one: as if nothing had been cut."""
    result: list[_Row] = []
    for row in sorted(rows, key=lambda row: (row.vehicle_id, row.start)):
        last = result[-1] if result else None
        if last is not None and (last.vehicle_id, last.driver_id, last.kind, last.end) == (
            row.vehicle_id, row.driver_id, row.kind, row.start
        ):  # fmt: skip
            result[-1] = last._replace(end=row.end)
        else:
            result.append(row)
    return result


def _affected(rows: Iterable[_Row]) -> list[Affected]:
    bounds: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        # Whoever has a licence is named by it, on whatever vehicle.
        key = (row.licence or "", "" if row.licence else row.plate)
        start, end = bounds.get(key, (row.start, row.end))
        bounds[key] = min(start, row.start), max(end, row.end)
    return [Affected(licence or None, plate or None, *bounds[licence, plate]) for licence, plate in sorted(bounds)]


def load_activities(
    connection: Connection, licences: Iterable[str], plates: Iterable[str], start: int, end: int
) -> pl.DataFrame:
    """Activities that overlap [start, end): those of drivers on any vehicle, and those of vehicles with no driver.

    Whole, not cut at the borders. A NAMED_ACTIVITY frame ordered by plate and start.
    """
    parameters = {
        "drivers": list(known_drivers(connection, licences).values()),
        "vehicles": list(known_vehicles(connection, plates).values()),
        "start": start,
        "stop": end,
    }
    rows = connection.execute(_LOAD, parameters).fetchall()
    return pl.DataFrame(rows, schema=NAMED_ACTIVITY, orient="row")


def save_day_summaries(connection: Connection, run_id: str, summaries: Sequence[DaySummary]) -> None:
    """Write the sums of vehicle-days over those that stand, inside the open transaction."""
    if not summaries:
        return
    rows = sorted(
        (
            (
                one.vehicle_id,
                one.day,
                one.fixes,
                one.usable,
                orjson.dumps(one.flags).decode(),
                one.driving_s,
                one.standing_s,
                one.unknown_s,
                one.driving_m,
            )
            for one in summaries
        ),
        key=lambda row: row[:2],
    )
    connection.execute(_SUMMARY, (run_id, *_columns(rows, 9)))


def remove_day_summaries(
    connection: Connection, spans: Sequence[tuple[int, int, int]], kept: Sequence[DaySummary]
) -> None:
    """Remove the sums of days of which nothing is known any more, inside the open transaction.

    Args: spans: vehicle number, first day, day after the last, where `kept` are all the sums that hold.
    """
    days = [(one.vehicle_id, one.day) for one in kept]
    connection.execute(_NO_LONGER, (*_columns(spans, 3), *_columns(days, 2)))

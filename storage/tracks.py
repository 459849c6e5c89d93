"""Stored fixes, read back as frames."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from psycopg import sql

from journey.model import Flag
from journey.track import FIX
from storage.database import Connection
from storage.names import known_vehicles
from storage.packed import read_packed
from storage.wire import TIME_MAX, TIME_MIN, frame_of

# One look into the index a window, whatever the planner thinks of their number; the bounds of all windows say, before
# anything is looked at, which parts of the table take part.
WINDOWS = sql.SQL("""
    SELECT * FROM unnest(%(vehicles)s::int[], %(starts)s::bigint[], %(ends)s::bigint[]) AS w (vehicle_id, start, stop)
""")
OF_WINDOW = sql.SQL("""
    SELECT * FROM fix WHERE vehicle_id = w.vehicle_id
    AND "time" >= to_timestamp(w.start) AND "time" < to_timestamp(w.stop)
    AND "time" >= to_timestamp(%(first)s::bigint) AND "time" < to_timestamp(%(last)s::bigint)
    ORDER BY "time" OFFSET 0
""")
# Of windows, of which there is one a vehicle and day with anything stored: fixes are not looked at.
_AROUND = """
    SELECT (SELECT min(day) FROM vehicle_day WHERE vehicle_id = s.vehicle_id AND fixes),
           (SELECT max(day) FROM vehicle_day WHERE vehicle_id = s.vehicle_id AND fixes),
           (SELECT max(day) FROM vehicle_day WHERE vehicle_id = s.vehicle_id AND fixes AND day < s.first),
           (SELECT min(day) FROM vehicle_day WHERE vehicle_id = s.vehicle_id AND fixes AND day >= s.stop)
    FROM unnest(%s::int[], %s::int[], %s::int[]) WITH ORDINALITY AS s (vehicle_id, first, stop, place)
    ORDER BY s.place
"""
_FIXES_BY_FLAGS = """
    SELECT v.plate, f.flags, f.fixes
    FROM (SELECT vehicle_id, flags, count(*) AS fixes FROM fix GROUP BY vehicle_id, flags) AS f
    JOIN vehicle v ON v.id = f.vehicle_id
    ORDER BY v.plate
"""
# Flags that rest on neighbours are known once a day has been judged.
_FLAGS_OF_NEIGHBOURS = """
    SELECT v.plate, f.name, sum(f.fixes::bigint)::bigint
    FROM day_summary s
    JOIN vehicle v ON v.id = s.vehicle_id
    CROSS JOIN LATERAL jsonb_each_text(s.flags) AS f (name, fixes)
    WHERE f.name = ANY(%s)
    GROUP BY v.plate, f.name
"""
_COPIES = """
    SELECT v.plate, c.duplicates, c.conflicts
    FROM (SELECT c.vehicle_id, count(*) AS duplicates,
                 count(*) FILTER (WHERE (c.driver_id, c.lon_e7, c.lat_e7, c.speed_dkmh, c.heading, c.ignition)
                     IS DISTINCT FROM (f.driver_id, f.lon_e7, f.lat_e7, f.speed_dkmh, f.heading, f.ignition))
                     AS conflicts
          FROM fix_copy c JOIN fix f ON f.vehicle_id = c.vehicle_id AND f."time" = c."time"
          GROUP BY c.vehicle_id) AS c
    JOIN vehicle v ON v.id = c.vehicle_id
"""


class Surroundings(NamedTuple):
    """Local days with fixes of one vehicle around a span; None where there is none."""

    first: int | None  # of all
    last: int | None
    before: int | None  # the last before the span
    after: int | None  # the first at or after its end


@dataclass(frozen=True, slots=True)
class Counts:
    """What is stored of one vehicle."""

    plate: str
    fixes: int  # of different times
    duplicates: int  # further copies of them
    conflicts: int  # those copies that say something else
    flags: dict[str, int]  # fixes by flag name, zeros left out; jump and frozen of the days that have been judged


def load_fixes(connection: Connection, windows: Sequence[tuple[str | int, int, int]]) -> pl.DataFrame:
    """Fixes of vehicles (plate or number) in [start, end) s UTC, as a FIX frame ordered by plate and time.

    Windows of one vehicle may overlap: each fix comes once. `scaled` holds if it holds for any copy of the fix.
    """
    numbers = known_vehicles(connection, {name for name, _, _ in windows if isinstance(name, str)})
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for name, start, end in windows:
        number = name if isinstance(name, int) else numbers.get(name)
        if number is not None and start < end:
            spans[number].append((max(start, TIME_MIN), min(end, TIME_MAX + 1)))
    disjoint = [(number, *span) for number, some in sorted(spans.items()) for span in united(some)]
    if not disjoint:
        return FIX.to_frame()
    vehicles, starts, ends = (list(column) for column in zip(*disjoint, strict=True))
    bounds = {"first": min(starts), "last": max(ends)}
    parameters = {"vehicles": vehicles, "starts": starts, "ends": ends, **bounds}
    rows = read_packed(connection, WINDOWS, OF_WINDOW, parameters)
    frame = frame_of(connection, rows)
    scaled = (frame["flags"].to_numpy() & np.int16(Flag.SCALED_TIME)) != 0
    # Rows come by vehicle number and time; a stable sort brings the vehicles into the order of their plates.
    return frame.select(FIX.names()).with_columns(scaled=pl.Series(scaled)).sort("vehicle", maintain_order=True)


def united(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Half-open spans without overlaps or touching ends, in order."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def surroundings(connection: Connection, spans: Sequence[tuple[int, int, int]]) -> list[Surroundings]:
    """What lies around spans (vehicle number, first day, day after the last), in the order given."""
    if not spans:
        return []
    columns = [list(column) for column in zip(*spans, strict=True)]
    return [Surroundings(*row) for row in connection.execute(_AROUND, columns)]


def counts(connection: Connection) -> list[Counts]:
    """Fixes, copies and flags of every vehicle with data, by plate."""
    copies = {plate: (duplicates, conflicts) for plate, duplicates, conflicts in connection.execute(_COPIES)}
    by_plate: dict[str, dict[int, int]] = defaultdict(dict)
    for plate, flags, fixes in connection.execute(_FIXES_BY_FLAGS):
        by_plate[plate][flags] = fixes
    of_neighbours: dict[str, dict[str, int]] = defaultdict(dict)
    for plate, name, fixes in connection.execute(_FLAGS_OF_NEIGHBOURS, (["frozen", "jump"],)):
        of_neighbours[plate][name] = fixes
    result = []
    for plate, by_flags in by_plate.items():
        flags = {
            str(flag.name).lower(): number
            for flag in Flag
            if (number := sum(fixes for bits, fixes in by_flags.items() if bits & flag))
        }
        flags |= of_neighbours[plate]
        result.append(Counts(plate, sum(by_flags.values()), *copies.get(plate, (0, 0)), flags))
    return result

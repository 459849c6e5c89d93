"""Quality of service of vehicle-days: written where days are judged, added up by operator and vehicle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from storage.database import Connection

_CLEAR = """
    DELETE FROM service_day d USING unnest(%s::int[], %s::int[], %s::int[]) AS s (vehicle_id, first, stop)
    WHERE d.vehicle_id = s.vehicle_id AND d.day >= s.first AND d.day < s.stop
"""
_ADD = """
    INSERT INTO service_day (run_id, vehicle_id, day, fixes, usable, drifted, future, without_receipt, moving_steps,
                             moving_judged, moving_timely, standing_steps, standing_judged, standing_timely,
                             driving_mm, track_mm, delays)
    SELECT %s, * FROM unnest(%s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                             %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                             %s::bigint[], %s::bigint[], %s::bigint[], %s::jsonb[])
"""
_SUMS = """
    SELECT d.operator, v.plate,
           sum(d.fixes)::bigint, sum(d.usable)::bigint, sum(d.drifted)::bigint, sum(d.future)::bigint,
           sum(d.without_receipt)::bigint, sum(d.moving_steps)::bigint, sum(d.moving_judged)::bigint,
           sum(d.moving_timely)::bigint, sum(d.standing_steps)::bigint, sum(d.standing_judged)::bigint,
           sum(d.standing_timely)::bigint, sum(d.driving_mm)::bigint, sum(d.track_mm)::bigint,
           count(*) FILTER (WHERE d.usable > 0)
    FROM service_day_operator d JOIN vehicle v ON v.id = d.vehicle_id
    WHERE d.day >= %s AND d.day < %s
    GROUP BY d.operator, v.plate
"""
_DELAYS = """
    SELECT d.operator, v.plate, e.edge, sum(e.fixes::bigint)::bigint
    FROM service_day_operator d JOIN vehicle v ON v.id = d.vehicle_id
    CROSS JOIN LATERAL jsonb_each_text(d.delays) AS e (edge, fixes)
    WHERE d.day >= %s AND d.day < %s
    GROUP BY d.operator, v.plate, e.edge
"""
_SILENCES = """
    SELECT f.operator, v.plate, count(*)
    FROM finding f JOIN vehicle v ON v.id = f.vehicle_id
    WHERE f.withdrawn_at IS NULL AND f.rule = 'moving_silence' AND f.day >= %s AND f.day < %s
    GROUP BY f.operator, v.plate
"""
_UNSUMMED = """
    SELECT count(*) FROM day_summary d
    WHERE d.day >= %s AND d.day < %s AND d.fixes > 0
    AND NOT EXISTS (SELECT FROM service_day WHERE vehicle_id = d.vehicle_id AND day = d.day)
"""


class ServiceSums(NamedTuple):
    """Sums over one or more days; names, meaning and units as in the table service_day."""

    fixes: int
    usable: int
    drifted: int
    future: int
    without_receipt: int
    moving_steps: int
    moving_judged: int
    moving_timely: int
    standing_steps: int
    standing_judged: int
    standing_timely: int
    driving_mm: int
    track_mm: int


_NOTHING = ServiceSums(*(0 for _ in ServiceSums._fields))
_Key = tuple[str | None, str]  # operator, plate


class ServiceRow(NamedTuple):
    """One vehicle-day. delays: fixes by edge."""

    vehicle_id: int
    day: int  # local day number
    sums: ServiceSums
    delays: dict[str, int]


@dataclass(frozen=True, slots=True)
class VehicleService:
    """One vehicle under one operator over the days of a period."""

    operator: str | None  # None: not registered on those days
    plate: str
    sums: ServiceSums
    online_days: int  # days with a usable fix
    silences: int  # current findings of moving silence, complete on those days
    delays: dict[str, int]


def replace_service_days(
    connection: Connection, run_id: str, spans: Sequence[tuple[int, int, int]], rows: Sequence[ServiceRow]
) -> None:
    """Make `rows` all that is kept of spans (vehicle number, first day, day after the last), in the open transaction.

    Raises ValueError for a row that lies in no span; nothing is written then.
    """
    inside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for vehicle, first, stop in spans:
        inside[vehicle].append((first, stop))
    for row in rows:
        if not any(first <= row.day < stop for first, stop in inside.get(row.vehicle_id, ())):
            raise ValueError(f"day {row.day} of vehicle number {row.vehicle_id} lies outside the spans given")
    if spans:
        connection.execute(_CLEAR, [list(column) for column in zip(*spans, strict=True)])
    if rows:
        flat = [(one.vehicle_id, one.day, *one.sums, orjson.dumps(one.delays).decode()) for one in sorted(rows)]
        connection.execute(_ADD, (run_id, *(list(column) for column in zip(*flat, strict=True))))


def service_sums(connection: Connection, day_from: int, day_to: int) -> list[VehicleService]:
    """Sums over local days [day_from, day_to), by operator (none last) and plate.

    A vehicle that changes operators in the period has a row for each.
    """
    days = day_from, day_to
    delays: dict[_Key, dict[str, int]] = defaultdict(dict)
    for operator, plate, edge, fixes in connection.execute(_DELAYS, days):
        delays[operator, plate][edge] = fixes
    silences: dict[_Key, int] = {(operator, plate): n for operator, plate, n in connection.execute(_SILENCES, days)}
    sums: dict[_Key, tuple[ServiceSums, int]] = dict.fromkeys(silences, (_NOTHING, 0))
    for operator, plate, *some, online in connection.execute(_SUMS, days):
        sums[operator, plate] = ServiceSums(*some), online
    return [
        VehicleService(*key, *sums[key], silences.get(key, 0), delays[key])
        for key in sorted(sums, key=lambda key: (key[0] is None, key[0] or "", key[1]))
    ]


def days_without_service(connection: Connection, day_from: int, day_to: int) -> int:
    """Vehicle-days with fixes in local days [day_from, day_to) that were judged before these sums were kept."""
    row = connection.execute(_UNSUMMED, (day_from, day_to)).fetchone()
    return 0 if row is None else int(row[0])

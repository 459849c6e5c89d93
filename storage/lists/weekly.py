"""What a weekly list needs besides the findings: how much of the fleet was seen, and what it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from storage.database import Connection
from storage.in_force import date_of_day, row_in_force

_SUMS: LiteralString = """
    SELECT r.operator, v.plate, sum(s.fixes)::bigint, sum(s.driving_s)::bigint, sum(s.standing_s)::bigint,
           sum(s.unknown_s)::bigint, sum(s.driving_m ORDER BY s.day)
    FROM day_summary s
    JOIN vehicle v ON v.id = s.vehicle_id
    LEFT JOIN LATERAL ({row}) AS r ON true
    WHERE s.day >= %s AND s.day < %s
    GROUP BY r.operator, v.plate
    ORDER BY r.operator NULLS LAST, v.plate
""".replace("{row}", row_in_force("s.vehicle_id", date_of_day("s.day")))
_REGISTERED = """
    SELECT operator, count(DISTINCT vehicle_id)
    FROM registration
    WHERE (valid_from IS NULL OR valid_from < date '1970-01-01' + %(day_to)s::int)
    AND (valid_to IS NULL OR valid_to >= date '1970-01-01' + %(day_from)s::int)
    GROUP BY operator ORDER BY operator
"""


@dataclass(frozen=True, slots=True)
class VehicleWeek:
    """Sums of one vehicle under one operator over the days of a period."""

    operator: str | None  # None: not registered on those days
    plate: str
    fixes: int
    driving_s: int
    standing_s: int
    unknown_s: int
    driving_m: float


@dataclass(frozen=True, slots=True)
class OperatorWeek:
    """How much of an operator's fleet was seen in a period."""

    operator: str | None  # None: vehicles that are not registered
    registered: int  # vehicles with a registry row in force on a day of the period
    with_data: int  # vehicles with a fix in the period


def vehicle_sums(connection: Connection, day_from: int, day_to: int) -> list[VehicleWeek]:
    """Sums of day summaries over local days [day_from, day_to), by operator (none last) and plate.

    A vehicle that changes operators in the period has a row for each.
    """
    return [VehicleWeek(*row) for row in connection.execute(_SUMS, (day_from, day_to))]


def operator_coverage(connection: Connection, day_from: int, day_to: int) -> list[OperatorWeek]:
    """Vehicles registered and vehicles with data over local days [day_from, day_to), by operator (none last)."""
    rows = connection.execute(_REGISTERED, {"day_from": day_from, "day_to": day_to})
    registered: dict[str, int] = dict(rows.fetchall())
    seen: dict[str | None, int] = {}
    for row in vehicle_sums(connection, day_from, day_to):
        seen[row.operator] = seen.get(row.operator, 0) + (row.fixes > 0)
    operators = sorted(registered.keys() | seen.keys(), key=lambda name: (name is None, name or ""))
    return [OperatorWeek(name, registered.get(name or "", 0), seen.get(name, 0)) for name in operators]

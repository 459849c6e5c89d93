"""What a vehicle's page asks of the store: the days of which anything is known. All in the open transaction."""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from storage.database import Connection
from storage.in_force import date_of_day, row_in_force
from storage.names import known_vehicles

_DAYS: LiteralString = """
    SELECT d.day, r.operator, d.fixes, d.usable, d.driving_s, d.standing_s, d.unknown_s, d.driving_m
    FROM day_summary d LEFT JOIN LATERAL ({row}) AS r ON true
    WHERE d.vehicle_id = %(vehicle)s AND d.day <= %(until)s AND d.fixes > 0
    AND (%(operator)s::text IS NULL OR r.operator = %(operator)s::text)
    ORDER BY d.day DESC LIMIT %(limit)s
""".replace("{row}", row_in_force("d.vehicle_id", date_of_day("d.day")))


class KnownDay(NamedTuple):
    """A local day (number) of a vehicle, and for whom it was registered on it."""

    day: int
    operator: str | None
    fixes: int
    usable: int
    driving_s: int
    standing_s: int
    unknown_s: int
    driving_m: float


def known_days(
    connection: Connection, plate: str, until: int, limit: int, operator: str | None = None
) -> list[KnownDay]:
    """The last days with fixes up to a local day, the latest first; operator: only those on which it was its own."""
    vehicle = known_vehicles(connection, [plate]).get(plate)
    if vehicle is None:
        return []
    asked = {"vehicle": vehicle, "until": until, "limit": limit, "operator": operator}
    return [KnownDay(*row) for row in connection.execute(_DAYS, asked)]

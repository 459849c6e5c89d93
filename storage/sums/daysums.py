"""Stored sums of vehicle-days, read back."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from storage.database import Connection
from storage.names import known_vehicles

_LOAD = """
    SELECT v.plate, s.day, s.fixes, s.usable, s.driving_s, s.standing_s, s.unknown_s, s.driving_m
    FROM day_summary s JOIN vehicle v ON v.id = s.vehicle_id
    WHERE s.day >= %(from)s AND s.day < %(to)s
    AND (%(vehicles)s::int[] IS NULL OR s.vehicle_id = ANY(%(vehicles)s::int[]))
    ORDER BY v.plate, s.day
"""


class VehicleDay(NamedTuple):
    """Sums of one vehicle over one local day (day number), as check stored them."""

    plate: str
    day: int
    fixes: int
    usable: int
    driving_s: int
    standing_s: int
    unknown_s: int
    driving_m: float  # to the mm, as it was judged


def load_day_sums(
    connection: Connection, day_from: int, day_to: int, plates: Collection[str] | None = None
) -> list[VehicleDay]:
    """Sums of days [day_from, day_to), of all vehicles or of those named, by plate and day."""
    vehicles = None if plates is None else list(known_vehicles(connection, plates).values())
    rows = connection.execute(_LOAD, {"from": day_from, "to": day_to, "vehicles": vehicles})
    return [VehicleDay(*row) for row in rows]

"""Marks of the ends of the days that a check has judged, into the store."""

from __future__ import annotations

from collections.abc import Sequence

from cli.checking.spans import Part
from rules.edges import edges
from rules.engine import VehicleFloor
from rules.law import Law
from storage.database import Connection
from storage.edges import save_edges


def save_marks(connection: Connection, floor: VehicleFloor, parts: Sequence[Part], law: Law) -> None:
    """The marks of the days of parts in the place of those that were stored, inside the open transaction."""
    codes = {plate: code for code, plate in enumerate(floor.plates)}
    days = {
        (codes[part.span.plate], day): (part.span.vehicle_id, day)
        for part in parts
        if part.span.plate in codes
        for day in range(part.first, part.stop)
    }
    found = edges(floor.fixes, floor.flags, floor.usable, floor.kind, floor.activities, law, days)
    save_edges(connection, {days[key]: ends for key, ends in found.items()})

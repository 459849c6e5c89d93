"""Quality of service of the days that a check has judged, into the store."""

from __future__ import annotations

from cli.checking.spans import Part
from rules.engine import VehicleFloor
from rules.law import Law
from rules.service import service_days
from storage.database import Connection
from storage.sums.service import ServiceRow, ServiceSums, replace_service_days


def save_service(connection: Connection, floor: VehicleFloor, parts: list[Part], law: Law, run_id: str) -> None:
    """The sums of the days of parts in the place of those that were stored, inside the open transaction."""
    held = {part.span.plate: part for part in parts}
    rows = []
    for (code, day), one in service_days(floor.fixes, floor.flags, floor.usable, floor.kind, law).items():
        part = held.get(floor.plates[code])
        if part is not None and part.first <= day < part.stop:
            sums = ServiceSums(*(getattr(one, name) for name in ServiceSums._fields))
            rows.append(ServiceRow(part.span.vehicle_id, day, sums, one.delays))
    spans = [(part.span.vehicle_id, part.first, part.stop) for part in parts]
    replace_service_days(connection, run_id, spans, rows)

"""Distances by administrative area of the days that a check has judged, into the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cli.checking.spans import Part
from rules.areas import NOWHERE, AreaIndex, driven_there, index
from rules.engine import VehicleFloor
from storage.areas import AreaDay, load_areas, replace_area_days
from storage.database import Connection


class Areas(NamedTuple):
    """Areas prepared for look-up, and under which numbers they are stored."""

    numbers: tuple[int, ...]
    prepared: AreaIndex


def read_areas(connection: Connection) -> Areas | None:
    """The areas of the store; None where there are none."""
    stored = load_areas(connection)
    prepared = index(tuple(stored.values()))
    return None if prepared is None else Areas(tuple(stored), prepared)


def save_area_days(
    connection: Connection, floor: VehicleFloor, parts: list[Part], areas: Areas | None,
    whole_m: Mapping[tuple[int, int], float],
) -> None:  # fmt: skip
    """The distances of the days of parts in the place of those that were stored, inside the open transaction.

    Args: whole_m: driven by vehicle code and local day. areas None: there are none, nor any distances.
    """
    if areas is None:
        return
    held = {part.span.plate: part for part in parts}
    rows = []
    for one in driven_there(areas.prepared, floor.usable, floor.kind, whole_m):
        part = held.get(floor.plates[one.vehicle])
        if one.area != NOWHERE and one.driving_mm and part is not None and part.first <= one.day < part.stop:
            rows.append(AreaDay(part.span.vehicle_id, one.day, areas.numbers[one.area], one.driving_mm))
    replace_area_days(connection, [(part.span.vehicle_id, part.first, part.stop) for part in parts], rows)

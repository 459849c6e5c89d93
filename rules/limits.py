"""The speed limit at a fix: the posted sign, else the table by class and road, at the fix's own time (rules.md, 4.1).

Where several roads are possible, the highest limit that any of them could give; where none is, the expressway
maximum. So a wrong road can never make a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from journey.model import LawUse
from journey.registry import Registration, Road
from journey.track import Int
from rules.grouping import groups
from rules.law import Law
from rules.quality import Usable
from rules.registered import Registered
from rules.roads import RoadIndex, candidates

NO_LAW = -1
NO_ROAD = -1
PATHS = ("speed.sign", "speed.expressway_max", "speed.inside", "speed.outside")
_SIGN, _EXPRESSWAY, _INSIDE, _OUTSIDE = range(4)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the fixes that could be over one at all. All arrays have one entry a judged fix."""

    fix: Int  # index into the usable fixes, ascending
    limit_dkmh: Int  # NO_LAW where none was in force
    road: Int  # index into the roads, NO_ROAD where no road is a candidate
    source: npt.NDArray[np.int8]  # index into PATHS


def limits(usable: Usable, registered: Registered, roads: RoadIndex | None, law: Law) -> Limits:
    """Judge the fixes whose speed is above the lowest limit that could apply anywhere here."""
    return limits_at(usable, np.flatnonzero(usable.speed_dkmh > _lowest(roads, law)), registered, roads, law)


def limits_at(usable: Usable, fixes: Int, registered: Registered, roads: RoadIndex | None, law: Law) -> Limits:
    """The limits at some fixes, whatever their speed. Args: fixes: indices into `usable`, ascending."""
    time = usable.time[fixes]
    limit, source, road = (
        _of_expressway(time, law),
        np.full(len(fixes), _EXPRESSWAY, np.int8),
        np.full(len(fixes), NO_ROAD),
    )
    if roads is None or not len(fixes):
        return Limits(fixes, limit, road, source)
    found = candidates(roads, usable, fixes, law)
    time, vehicle = time[found.fix], usable.vehicle[fixes[found.fix]]
    classes = vehicle_classes(registered, vehicle, time, law)
    each_limit, each_source = of_roads(roads, found.road, classes, time, law)
    order = np.lexsort((found.road, found.distance_m, -each_limit, found.fix))
    highest = order[np.flatnonzero(np.diff(found.fix[order], prepend=-1))]
    place = found.fix[highest]
    limit[place], source[place], road[place] = each_limit[highest], each_source[highest], found.road[highest]
    return Limits(fixes, limit, road, source)


def vehicle_classes(
    registered: Registered, vehicle: npt.NDArray[np.int32], time: Int, law: Law
) -> npt.NDArray[np.str_]:
    """Class letter of each (vehicle code, time) by the definition in force; "" where none was."""
    regimes = law.dated("speed.classes")
    regime = law.series("speed.classes", time)
    row = registered.rows_at(vehicle, time)
    pairs = groups(regime, row)
    letters = [
        "" if k < 0 else class_of(registered.rows[r] if r >= 0 else None, regimes[k].value) for k, r in pairs.rows
    ]
    return np.array(letters, dtype="U1")[pairs.of]


def class_of(row: Registration | None, clauses: tuple[dict[str, Any], ...]) -> str:
    """The class that the first applicable clause gives; a figure not on file meets every bound."""
    for clause in clauses:
        if clause.get("otherwise") or (row is not None and _applies(row, clause)):
            return str(clause["class"])
    raise ValueError("speed.classes has no clause with otherwise: true")


def _applies(row: Registration, clause: dict[str, Any]) -> bool:
    return (
        row.kind in clause["kinds"]
        and (row.seats is None or row.seats <= clause.get("seats_max", row.seats))
        and (row.payload_kg is None or row.payload_kg <= clause.get("payload_kg_max", row.payload_kg))
        and row.liquid_tank >= clause.get("liquid_tank", False)
    )


def uses(source: int, limit_dkmh: int, time: int, row: Registration | None, law: Law) -> list[LawUse]:
    """The figures that a limit rests on, as in force at the fix's time."""
    limit, classes = law.at(PATHS[source], time), law.at("speed.classes", time)
    found = [limit.use(limit_dkmh / 10)] if limit else []
    if source == _OUTSIDE and classes:
        found.append(classes.use(class_of(row, classes.value)))
    return found


def _lowest(roads: RoadIndex | None, law: Law) -> int:
    """A lower bound of every limit at any time, so that slower fixes need no road."""
    values: list[int] = [dated.value for dated in law.dated("speed.expressway_max")]
    if roads is not None:
        values += [cell for dated in law.dated("speed.inside") for cell in dated.value.values()]
        values += [
            cell for dated in law.dated("speed.outside") for line in dated.value.values() for cell in line.values()
        ]
        values += [_tenths(road.maxspeed) for road in roads.roads if road.maxspeed is not None]
    return min(values)


def _of_expressway(time: Int, law: Law) -> Int:
    values = np.array([dated.value for dated in law.dated("speed.expressway_max")] + [NO_LAW], np.int64)
    return values[law.series("speed.expressway_max", time)]


def of_roads(
    roads: RoadIndex, road: Int, classes: npt.NDArray[np.str_], time: Int, law: Law
) -> tuple[Int, npt.NDArray[np.int8]]:
    """Limit and its source for pairs of a road and a vehicle's class at a time."""
    letters = np.ascontiguousarray(classes).view(np.uint32).astype(np.int64)
    kinds = groups(road, law.series("speed.outside", time), law.series("speed.sign", time), letters)
    cells = [
        of_road(roads.roads[r], chr(letter) if letter else "", int(time[first]), law)
        for (r, _, _, letter), first in zip(kinds.rows, kinds.first.tolist(), strict=True)
    ]
    table = np.array(cells, np.int64).reshape(-1, 2)[kinds.of]
    return table[:, 0], table[:, 1].astype(np.int8)


def of_road(road: Road, letter: str, time: int, law: Law) -> tuple[int, int]:
    """Limit on one road for one class at one time: (tenths of km/h or NO_LAW, source)."""
    if road.maxspeed is not None:
        return (_tenths(road.maxspeed), _SIGN) if law.at("speed.sign", time) else (NO_LAW, _SIGN)
    table = law.at("speed.inside" if road.urban else "speed.outside", time)
    highest, lanes = law.at("speed.expressway_max", time), law.at("speed.one_way_lanes_min", time)
    if table is None or highest is None or lanes is None:
        return NO_LAW, _EXPRESSWAY
    if road.kind not in ("divided", "undivided"):
        return highest.value, _EXPRESSWAY
    wide = road.oneway and (road.lanes is None or road.lanes >= lanes.value)
    column = "divided" if road.kind == "divided" or wide else "undivided"
    return (table.value[column], _INSIDE) if road.urban else (table.value[letter][column], _OUTSIDE)


def _tenths(speed_kmh: float) -> int:
    return round(speed_kmh * 10)

"""The speed limit at a fix: the posted sign, else the table by class and road, at the fix's own time (rules.md, 4.1).

Where several roads are possible, the highest limit that any of them could give; where none is, the expressway
maximum. So a wrong road can never make a finding. The same holds for what is not known of one road: of two directions
the higher sign, and where something of a road was assumed, the highest limit that it could have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from journey.model import LawUse
from journey.registry import Registration, Road
from journey.track import Bool, Int
from rules.grouping import groups
from rules.law import Dated, Law
from rules.quality import Usable
from rules.registered import Registered
from rules.roads.index import BACKWARD, FORWARD, Candidates, RoadIndex, candidates

NO_LAW = -1
NO_ROAD = -1
PATHS = ("speed.sign", "speed.expressway_max", "speed.inside", "speed.outside", "speed.sign")
SIGN, _EXPRESSWAY, _INSIDE, _OUTSIDE, GOODS_SIGN = range(len(PATHS))
_GOODS = ("truck", "tanker_truck", "mixer", "tractor")
_BOTH = ("divided", "undivided")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the fixes that could be over one at all. All arrays have one entry a judged fix."""

    fix: Int  # index into the usable fixes, ascending
    limit_dkmh: Int  # NO_LAW where none was in force
    road: Int  # index into the roads, NO_ROAD where no road is a candidate
    source: npt.NDArray[np.int8]  # index into PATHS


def limits(usable: Usable, fixes: Int, registered: Registered, roads: RoadIndex | None, law: Law) -> Limits:
    """Judge those of some fixes whose speed is above the lowest limit that could apply anywhere here.

    Args: fixes: indices into `usable`, ascending.
    """
    return limits_at(usable, fixes[usable.speed_dkmh[fixes] > _lowest(roads, law)], registered, roads, law)


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
    each_limit, each_source = limits_of_pairs(roads, found, registered, usable.vehicle[fixes], time, law)
    order = np.lexsort((found.road, found.distance_m, -each_limit, found.fix))
    highest = order[np.flatnonzero(np.diff(found.fix[order], prepend=-1))]
    place = found.fix[highest]
    limit[place], source[place], road[place] = each_limit[highest], each_source[highest], found.road[highest]
    return Limits(fixes, limit, road, source)


def limits_of_pairs(
    roads: RoadIndex, pairs: Candidates, registered: Registered, vehicle: npt.NDArray[np.int32], time: Int, law: Law
) -> tuple[Int, npt.NDArray[np.int8]]:
    """Limit and source of each pair of a fix and a road. Args: vehicle, time: of the fixes that the pairs count in."""
    time, vehicle = time[pairs.fix], vehicle[pairs.fix]
    classes, goods = vehicle_classes(registered, vehicle, time, law), _goods(registered, vehicle, time, law)
    return _of_roads(roads, pairs.road, pairs.ways, classes, goods, time, law)


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
    if source == GOODS_SIGN:
        found.append(law.method["goods_sign_above"].use())
    return found


def stated_by(source: int, time: int, law: Law) -> Dated | None:
    """The law that a limit of this source stands in, as in force at a time."""
    return law.at(PATHS[source], time)


def assumed_of(road: Road, source: int) -> list[str]:
    """What of a road was assumed that a limit from this source rests on: nothing under a sign."""
    return [] if source in (SIGN, GOODS_SIGN) else sorted(road.assumed)


def _lowest(roads: RoadIndex | None, law: Law) -> int:
    """A lower bound of every limit at any time, so that slower fixes need no road."""
    values: list[int] = [dated.value for dated in law.dated("speed.expressway_max")]
    if roads is not None:
        values += [cell for dated in law.dated("speed.inside") for cell in dated.value.values()]
        values += [
            cell for dated in law.dated("speed.outside") for line in dated.value.values() for cell in line.values()
        ]
        values += [] if roads.lowest_kmh is None else [_tenths(roads.lowest_kmh)]
    return min(values)


def _of_expressway(time: Int, law: Law) -> Int:
    values = np.array([dated.value for dated in law.dated("speed.expressway_max")] + [NO_LAW], np.int64)
    return values[law.series("speed.expressway_max", time)]


def _goods(registered: Registered, vehicle: npt.NDArray[np.int32], time: Int, law: Law) -> Bool:
    """Of each (vehicle code, time) whether it is certainly one that signs for goods vehicles are for."""
    rows = [is_goods(row, law) for row in registered.rows]
    result: Bool = np.array([*rows, False])[registered.rows_at(vehicle, time)]
    return result


def is_goods(row: Registration, law: Law) -> bool:
    """Whether a vehicle is certainly one that signs for goods vehicles are for."""
    above = law.figure("goods_sign_above")
    return row.kind in _GOODS and (row.kind != "truck" or (row.payload_kg is not None and row.payload_kg > above))


def _of_roads(
    roads: RoadIndex, road: Int, ways: Int, classes: npt.NDArray[np.str_], goods: Bool, time: Int, law: Law
) -> tuple[Int, npt.NDArray[np.int8]]:
    """Limit and its source for pairs of a road, driven in some of its ways, and a vehicle's class at a time."""
    letters = np.ascontiguousarray(classes).view(np.uint32).astype(np.int64)
    regimes = law.series("speed.outside", time), law.series("speed.sign", time)
    kinds = groups(road, *regimes, letters, ways, goods.astype(np.int64))
    cells = [
        limit_on(roads.roads[r], way, chr(letter) if letter else "", bool(heavy), int(time[first]), law)
        for (r, _, _, letter, way, heavy), first in zip(kinds.rows, kinds.first.tolist(), strict=True)
    ]
    table = np.array(cells, np.int64).reshape(-1, 2)[kinds.of]
    return table[:, 0], table[:, 1].astype(np.int8)


def limit_on(road: Road, ways: int, letter: str, goods: bool, time: int, law: Law) -> tuple[int, int]:
    """Limit on one road for one class at one time: (tenths of km/h or NO_LAW, source); of several ways the highest.

    Args: ways: FORWARD, BACKWARD or their sum. goods: whether signs for goods vehicles are for it.
    """
    return max(_one_way(road, way, letter, goods, time, law) for way in (FORWARD, BACKWARD) if way & ways)


def _one_way(road: Road, way: int, letter: str, goods: bool, time: int, law: Law) -> tuple[int, int]:
    general, special = _signs(road, way)
    if goods and special is not None:
        return _sign(special, GOODS_SIGN, time, law)
    if general is None:
        return _by_table(road, letter, time, law)
    # A sign for goods vehicles above that for all contradicts it: the doubt is the driver's gain.
    return _sign(general if special is None else max(general, special), SIGN, time, law)


def _signs(road: Road, way: int) -> tuple[float | None, float | None]:
    """The sign for all and that for goods vehicles in one direction; the one of a direction before that of both."""
    if way == FORWARD:
        own, own_goods = road.maxspeed_forward, road.maxspeed_hgv_forward
    else:
        own, own_goods = road.maxspeed_backward, road.maxspeed_hgv_backward
    return road.maxspeed if own is None else own, road.maxspeed_hgv if own_goods is None else own_goods


def _sign(speed_kmh: float, source: int, time: int, law: Law) -> tuple[int, int]:
    return (_tenths(speed_kmh), source) if law.at("speed.sign", time) else (NO_LAW, source)


def _by_table(road: Road, letter: str, time: int, law: Law) -> tuple[int, int]:
    inside, outside = law.at("speed.inside", time), law.at("speed.outside", time)
    highest, lanes = law.at("speed.expressway_max", time), law.at("speed.one_way_lanes_min", time)
    if inside is None or outside is None or highest is None or lanes is None:
        return NO_LAW, _EXPRESSWAY
    if road.kind not in _BOTH:
        return highest.value, _EXPRESSWAY
    if "maxspeed" in road.assumed:  # a sign may stand: nothing below the highest of the tables is sure
        urban, columns = {True, False}, set(_BOTH)
    else:
        urban = {True, False} if "urban" in road.assumed else {bool(road.urban)}
        wide = road.oneway and ("lanes" in road.assumed or road.lanes is None or road.lanes >= lanes.value)
        columns = set(_BOTH) if "kind" in road.assumed else {"divided" if wide else road.kind}
    cells = [(inside.value[column], _INSIDE) for column in columns if True in urban]
    cells += [(outside.value[letter][column], _OUTSIDE) for column in columns if False in urban]
    return max(cells)


def _tenths(speed_kmh: float) -> int:
    return round(speed_kmh * 10)

"""Which fixes can be part of a speeding run at all, told without a search for roads.

Exact in the safe direction: a fix that is left out is not over the limit of any road within reach of it, for no class
that its vehicle ever had, under no law in force in the time judged. What stays in is judged in full.

Law:   speed.*, as rules.roads.limits.  Shape: usable fixes -> indices of few of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from journey.registry import Registration
from journey.track import Int
from rules.bands import NEVER_OVER, lowest
from rules.law import Law
from rules.quality import Usable
from rules.registered import Registered
from rules.roads.index import BACKWARD, FORWARD, RoadIndex, reach_m, signs_of
from rules.roads.limitgrid import NOTHING, Grid, grid
from rules.roads.limits import NO_LAW, class_of, is_goods, limit_on

_TABLES = ("speed.sign", "speed.expressway_max", "speed.inside", "speed.outside", "speed.one_way_lanes_min")


class Runs(NamedTuple):
    """Runs of fixes: the places of the first and last of each."""

    first: Int
    last: Int

    def flat(self) -> Int:
        """The places of all fixes in runs, in order."""
        each = self.last - self.first + 1
        start = np.repeat(self.first - (np.cumsum(each) - each), each)
        places: Int = start + np.arange(int(each.sum()))
        return places


def runs_of(usable: Usable, fix: Int, law: Law) -> Runs:
    """Runs of neighbouring fixes that last long enough to be speeding, as places in `fix` (indices into usable)."""
    if len(fix) < 2:
        return Runs(np.zeros(0, np.int64), np.zeros(0, np.int64))
    joined = np.diff(fix) == 1
    joined &= usable.linked[fix[:-1]] & (usable.step_s[fix[:-1]] <= law.figure("speeding_gap_max"))
    first = np.flatnonzero(np.concatenate(([True], ~joined)))
    last = np.append(first[1:], len(fix)) - 1
    long = usable.time[fix[last]] - usable.time[fix[first]] >= law.figure("speeding_min_duration")
    long &= last - first + 1 >= law.figure("speeding_min_fixes")
    return Runs(first[long], last[long])


def suspects(usable: Usable, registered: Registered, roads: RoadIndex | None, law: Law) -> Int:
    """Indices of the fixes that can be part of a speeding run, ascending."""
    if not len(usable.time):
        return np.zeros(0, np.int64)
    instants = _instants(int(usable.time.min()), int(usable.time.max()), law)
    values = [dated.value for at in instants if (dated := law.at("speed.expressway_max", at))]
    expressway = min(values, default=NOTHING)
    if roads is None:
        return _in_runs(usable, np.flatnonzero(usable.speed_dkmh >= expressway), np.int64(expressway), law)
    layers, of_vehicle = _layers(registered, roads, instants, law)
    anywhere = min(expressway, int(layers.min()))
    fix = np.flatnonzero(usable.speed_dkmh >= anywhere)
    cells = layers.shape[1]
    place = _grid_of(roads, law).places(usable.lon[fix], usable.lat[fix])
    place += of_vehicle[usable.vehicle[fix]] * cells
    # Where no road is a candidate, the limit is that of expressways; near a road that may be so too.
    bound = np.minimum(layers.reshape(-1)[place], np.int16(expressway))
    return _in_runs(usable, fix, bound, law)


def _in_runs(usable: Usable, fix: Int, bound: npt.NDArray[np.int16] | np.int64, law: Law) -> Int:
    """Those of `fix` that are in runs of fixes over the least limit. Args: bound: tenths of km/h."""
    excess = usable.speed_dkmh[fix] - bound
    starts = np.array([dated.start for dated in law.dated("speed.bands")], np.int64)
    over = np.flatnonzero(excess >= lowest(law, "speed.bands", starts).min())
    fix, excess = fix[over], excess[over]
    least = lowest(law, "speed.bands", usable.time[fix])
    fix = fix[(least != NEVER_OVER) & (excess >= least)]
    return fix[runs_of(usable, fix, law).flat()]


def _instants(first: int, last: int, law: Law) -> tuple[int, ...]:
    """One instant of each state that the law of limits was in from `first` to `last`."""
    starts = sorted({dated.start for path in (*_TABLES, "speed.classes") for dated in law.dated(path)})
    before = [start for start in starts if start <= first]
    return (*before[-1:], *(start for start in starts if first < start <= last))


def _grid_of(roads: RoadIndex, law: Law) -> Grid:
    key = "grid", law.figure("road_distance_max")
    if key not in roads.memo:
        roads.memo[key] = grid(roads, reach_m(law))
    found: Grid = roads.memo[key]
    return found


def _layers(
    registered: Registered, roads: RoadIndex, instants: tuple[int, ...], law: Law
) -> tuple[npt.NDArray[np.int16], Int]:
    """The least limit of each cell, one layer a set of classes, and which layer each vehicle code has."""
    sets = _classes(registered, instants, law)
    different = {some: number for number, some in enumerate(sorted(set(sets)))}
    key = "layers", law.version, law.method_name, instants, tuple(different)
    if key not in roads.memo:
        cells = _grid_of(roads, law)
        by_class = {
            one: cells.least(_least_of_roads(roads, one, instants, law))
            for one in sorted({one for some in different for one in some})
        }
        layers = [np.minimum.reduce([by_class[one] for one in some]) for some in different]
        roads.memo[key] = np.stack(layers or [np.full(cells.cells, NOTHING, np.int16)])
    return roads.memo[key], np.array([different[some] for some in sets], np.int64)


# The letter of the tables ("": none in force), and whether signs for goods vehicles hold.
type _Class = tuple[str, bool]


def _classes(registered: Registered, instants: tuple[int, ...], law: Law) -> list[tuple[_Class, ...]]:
    """For each plate code the classes that it has at any time. An unregistered time counts for everybody."""
    regimes = [dated.value for at in instants if (dated := law.at("speed.classes", at))]

    def classes(row: Registration | None) -> set[_Class]:
        goods = row is not None and is_goods(row, law)
        return {(class_of(row, clauses), goods) for clauses in regimes} or {("", goods)}

    nobody, of_row = classes(None), [classes(row) for row in registered.rows]
    sets = [set(nobody) for _ in registered.plates]
    for code, row in registered.changes():
        if row >= 0:
            sets[code] |= of_row[row]
    return [tuple(sorted(some)) for some in sets]


def _least_of_roads(roads: RoadIndex, one: _Class, instants: tuple[int, ...], law: Law) -> Int:
    """The least limit of each road for a class, at any of the instants, either way; NOTHING where none was in force."""
    letter, goods = one
    known: dict[object, int] = {}
    result = np.empty(len(roads.roads), np.int64)
    for number, road in enumerate(roads.roads):
        kind = (road.kind, road.urban, road.oneway, road.lanes, road.assumed, *signs_of(road))
        if kind not in known:
            limits = [limit_on(road, way, letter, goods, at, law)[0] for at in instants for way in (FORWARD, BACKWARD)]
            known[kind] = min((limit for limit in limits if limit != NO_LAW), default=NOTHING)
        result[number] = known[kind]
    return result

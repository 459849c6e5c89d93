"""Which roads a fix may have been on: those within the candidate distance, in a possible direction (rules.md, 4.1)."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from math import radians
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from journey.registry import Road
from journey.track import EARTH_RADIUS_M, Bool, Float, Int
from rules.law import Law
from rules.quality import Usable
from rules.registered import days
from rules.roads.grid import Grid, lay
from rules.roads.grid import near as near_cells

DEGREE_M = EARTH_RADIUS_M * radians(1)
_MM = 1000
LAT_MAX = 80.0  # beyond it a degree of longitude is too short for the box of the search
_AT_ONCE = 1 << 16  # fixes looked up in one pass, so that the pairs of many fixes need no more memory than of these
FORWARD, BACKWARD = 1, 2


@dataclass(frozen=True, slots=True)
class RoadIndex:
    """Roads cut into straight segments, in arrays: no object stands for a point or a segment.

    roads: rows without their lines, which `line` gives. lon, lat: the points of all lines, one after another; those of
    road r from first[r] to first[r + 1]. begin: of each segment its first point, the next point is its end; road: of
    each segment its row. since, until, oneway: of each road the seconds [since, until) in which it holds, and whether.
    memo: what is made of these roads once, by what it is.
    """

    roads: tuple[Road, ...]
    lon: Float
    lat: Float
    first: Int
    begin: npt.NDArray[np.int32]
    road: npt.NDArray[np.int32]
    since: Int
    until: Int
    oneway: Bool
    grid: Grid
    lowest_kmh: float | None  # of all signs
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def line(self, road: int) -> tuple[tuple[float, float], ...]:
        """The points (lon, lat) of a road."""
        span = slice(int(self.first[road]), int(self.first[road + 1]))
        return tuple(zip(self.lon[span].tolist(), self.lat[span].tolist(), strict=True))

    def distance_m(self, road: int, lon: float, lat: float) -> float:
        """How far a point is from a road, m."""
        segment = np.flatnonzero(self.road == road)
        place = np.ones(len(segment))
        return float(_to_segment(self, place * lon, place * lat, segment)[0].min(initial=np.inf))

    def inside(self, west: float, south: float, east: float, north: float) -> Int:
        """The roads of which a segment may cross a box, in degrees, ascending."""
        a, b = self.begin, self.begin + 1
        crosses = np.maximum(self.lon[a], self.lon[b]) >= west
        crosses &= np.minimum(self.lon[a], self.lon[b]) <= east
        crosses &= np.maximum(self.lat[a], self.lat[b]) >= south
        crosses &= np.minimum(self.lat[a], self.lat[b]) <= north
        return np.unique(self.road[crosses]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of a fix (index into the asked fixes) and a road it may have been on, with the distance in m.

    ways: the directions in which it may have been driven there, of FORWARD and BACKWARD, added.
    """

    fix: Int
    road: Int
    distance_m: Float
    ways: Int


def index(given: Iterable[Road]) -> RoadIndex | None:
    """Roads prepared for look-up; None where there are none. Of their lines nothing is held but the arrays."""
    roads: list[Road] = []
    counts, points = array("q"), array("d")
    for road in given:
        counts.append(len(road.line))
        for point in road.line:
            points.extend(point)
        roads.append(replace(road, line=()))
    if not points:
        return None
    count = np.array(counts, np.int64)
    first = np.concatenate(([0], np.cumsum(count)))
    lon, lat = np.ascontiguousarray(np.frombuffer(points).reshape(-1, 2).T)
    of = np.repeat(np.arange(len(roads), dtype=np.int32), count)
    begin = np.flatnonzero((of[1:] == of[:-1]) & ((lon[1:] != lon[:-1]) | (lat[1:] != lat[:-1]))).astype(np.int32)
    if not len(begin):
        return None
    spans = np.array([days(road.valid_from, road.valid_to) for road in roads], np.int64)
    signs = [sign for road in roads for sign in signs_of(road) if sign is not None]
    return RoadIndex(
        tuple(roads),
        lon, lat, first, begin, of[begin],
        spans[:, 0].copy(), spans[:, 1].copy(), np.array([road.oneway for road in roads]),
        lay(lon[begin], lat[begin], lon[begin + 1], lat[begin + 1]),
        min(signs, default=None),
    )  # fmt: skip


def signs_of(road: Road) -> tuple[float | None, ...]:
    """Every limit posted along a road, km/h."""
    return (
        road.maxspeed, road.maxspeed_forward, road.maxspeed_backward,
        road.maxspeed_hgv, road.maxspeed_hgv_forward, road.maxspeed_hgv_backward,
    )  # fmt: skip


def candidates(roads: RoadIndex, usable: Usable, fixes: Int, law: Law) -> Candidates:
    """Roads that each of `fixes` (indices into usable) may have been on, in force at the fix's own time.

    Distance is planar, on the local tangent at the fix's latitude; each road once a fix, by its nearest segment. It
    may have been driven in every direction that the heading allows on a segment within reach; without a heading in
    both, on a one-way road forward.
    """
    parts = []
    for begin in range(0, len(fixes), _AT_ONCE):
        some = fixes[begin : begin + _AT_ONCE]
        near = segments_near(roads, usable, some, np.full(len(some), reach_m(law)), law)
        found = roads_once(near.fix, near.road, near.distance_m, near.ways)
        parts.append((found.fix + begin, found.road, found.distance_m, found.ways))
    if not parts:
        nothing = np.empty(0, np.int64)
        return Candidates(nothing, nothing, np.empty(0), nothing)
    return Candidates(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def reach_m(law: Law) -> float:
    """How far from a fix a road may lie to be a candidate, in m."""
    return float(law.figure("road_distance_max") / _MM)


class Near(NamedTuple):
    """Pairs of a fix (index into the asked fixes) and a segment near it, named by its road. bearing: degrees."""

    fix: Int
    road: Int
    distance_m: Float
    ways: Int
    bearing: Float


def segments_near(roads: RoadIndex, usable: Usable, fixes: Int, reach: Float, law: Law) -> Near:
    """The segments within reach of fixes, of roads in force, in a possible direction. Args: reach: m, one a fix."""
    lon, lat = usable.lon[fixes], usable.lat[fixes]
    # A little wider than the reach: the exact distance decides below.
    reach_deg = 1.01 * float(reach.max(initial=0.0)) / DEGREE_M
    narrow = np.cos(np.radians(np.minimum(np.abs(lat), LAT_MAX)))
    fix, segment = near_cells(roads.grid, lon, lat, reach_deg / narrow, reach_deg)
    time, heading = usable.time[fixes], usable.heading[fixes].astype(np.float64)
    road = roads.road[segment]
    holds = (roads.since[road] <= time[fix]) & (time[fix] < roads.until[road])
    fix, segment, road = fix[holds], segment[holds], road[holds].astype(np.int64)
    distance, bearing = _to_segment(roads, lon[fix], lat[fix], segment)
    ways = _ways(roads.oneway[road], bearing, heading[fix], law.figure("road_heading_max"))
    near = (distance <= reach[fix]) & (ways > 0)
    return Near(fix[near], road[near].astype(np.int64), distance[near], ways[near], bearing[near])


def roads_once(fix: Int, road: Int, distance: Float, ways: Int) -> Candidates:
    """Of several segments of one road the nearest, with the ways of all."""
    order = np.lexsort((distance, road, fix))
    fix, road, distance, ways = fix[order], road[order], distance[order], ways[order]
    nearest = np.ones(len(fix), bool)
    nearest[1:] = (np.diff(fix) != 0) | (np.diff(road) != 0)
    first = np.flatnonzero(nearest)
    if len(first):
        ways = np.bitwise_or.reduceat(ways, first)
    return Candidates(fix[first], road[first], distance[first], ways)


def _to_segment(roads: RoadIndex, lon: Float, lat: Float, segment: Int) -> tuple[Float, Float]:
    """Distance in m from each point to its segment, and the segment's bearing in degrees."""
    a, b = roads.begin[segment], roads.begin[segment] + 1
    east = np.cos(np.radians(lat)) * DEGREE_M
    ax, ay = (roads.lon[a] - lon) * east, (roads.lat[a] - lat) * DEGREE_M
    bx, by = (roads.lon[b] - lon) * east, (roads.lat[b] - lat) * DEGREE_M
    dx, dy = bx - ax, by - ay
    along = np.clip(-(ax * dx + ay * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    return np.hypot(ax + along * dx, ay + along * dy), np.degrees(np.arctan2(dx, dy)) % 360


def _ways(oneway: Bool, bearing: Float, heading: Float, most: float) -> Int:
    """Directions that a heading (NaN: not known) allows along a segment; 0: none."""
    turn = np.abs((heading - bearing + 180) % 360 - 180)
    unknown = np.isnan(heading)
    forward = unknown | (turn <= most)
    backward = ~oneway & (unknown | (turn >= 180 - most))
    ways = FORWARD * forward.astype(np.int64) + BACKWARD * backward
    # Only a one-way road is ruled out by a heading.
    result: Int = np.where(oneway | (ways > 0), ways, FORWARD + BACKWARD)
    return result

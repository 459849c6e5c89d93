"""Which roads a fix may have been on: those within the candidate distance, in a possible direction (rules.md, 4.1)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from math import cos, radians
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from journey.registry import Road
from journey.track import EARTH_RADIUS_M, Bool, Float, Int
from rules.law import Law
from rules.quality import Usable
from rules.registered import days

DEGREE_M = EARTH_RADIUS_M * radians(1)
_MM = 1000
LAT_MAX = 80.0  # beyond it a degree of longitude is too short for the box of the search


@dataclass(frozen=True, slots=True)
class RoadIndex:
    """Roads cut into straight segments. Arrays of segments have one entry a segment, `road` indexes `roads`.

    valid: Unix s [start, end) of each road, shape (roads, 2). memo: what is made of these roads once, by what it is.
    """

    roads: tuple[Road, ...]
    road: Int
    lon_a: Float
    lat_a: Float
    lon_b: Float
    lat_b: Float
    tree: shapely.STRtree
    valid: Int
    oneway: Bool
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of a fix (index into the asked fixes) and a road it may have been on, with the distance in m."""

    fix: Int
    road: Int
    distance_m: Float


def index(roads: Sequence[Road]) -> RoadIndex | None:
    """Roads prepared for look-up; None where there are none."""
    ends = [
        (number, *a, *b)
        for number, road in enumerate(roads)
        for a, b in zip(road.line, road.line[1:], strict=False)
        if a != b
    ]
    if not ends:
        return None
    table = np.array(ends, np.float64)
    lines = np.atleast_1d(np.asarray(shapely.linestrings(table[:, 1:].reshape(-1, 2, 2))))
    lon_a, lat_a, lon_b, lat_b = np.ascontiguousarray(table[:, 1:].T)
    return RoadIndex(
        tuple(roads),
        table[:, 0].astype(np.int64),
        lon_a,
        lat_a,
        lon_b,
        lat_b,
        shapely.STRtree(lines),
        np.array([days(row.valid_from, row.valid_to) for row in roads], np.int64),
        np.array([row.oneway for row in roads], bool),
    )


def candidates(roads: RoadIndex, usable: Usable, fixes: Int, law: Law) -> Candidates:
    """Roads that each of `fixes` (indices into usable) may have been on, in force at the fix's own time.

    Distance is planar, on the local tangent at the fix's latitude; each road once a fix, by its nearest segment.
    """
    found = segments_near(roads, usable, fixes, np.full(len(fixes), reach_m(law)), law)
    return roads_once(found.fix, found.road, found.distance_m)


def reach_m(law: Law) -> float:
    """How far from a fix a road may lie to be a candidate, in m."""
    return float(law.figure("road_distance_max") / _MM)


class Near(NamedTuple):
    """Pairs of a fix (index into the asked fixes) and a segment near it, named by its road. bearing: degrees."""

    fix: Int
    road: Int
    distance_m: Float
    bearing: Float


def segments_near(roads: RoadIndex, usable: Usable, fixes: Int, reach: Float, law: Law) -> Near:
    """The segments within reach of fixes, of roads in force, in a possible direction. Args: reach: m, one a fix."""
    lon, lat = usable.lon[fixes], usable.lat[fixes]
    # A little wider than the reach: the exact distance decides below.
    reach_deg = 1.01 * float(reach.max(initial=0.0)) / DEGREE_M / cos(radians(_widest(lat)))
    fix, segment = roads.tree.query(shapely.points(lon, lat), predicate="dwithin", distance=reach_deg)
    distance, bearing = _to_segment(roads, lon[fix], lat[fix], segment)
    near = distance <= reach[fix]
    near &= _in_force(roads, roads.road[segment], usable.time[fixes[fix]])
    near &= _direction(roads, roads.road[segment], bearing, usable.heading[fixes[fix]], law.figure("road_heading_max"))
    return Near(fix[near].astype(np.int64), roads.road[segment[near]], distance[near], bearing[near])


def roads_once(fix: Int, road: Int, distance_m: Float) -> Candidates:
    """Of several segments of one road the nearest."""
    order = np.lexsort((distance_m, road, fix))
    fix, road, distance_m = fix[order], road[order], distance_m[order]
    nearest = np.ones(len(fix), bool)
    nearest[1:] = (np.diff(fix) != 0) | (np.diff(road) != 0)
    return Candidates(fix[nearest], road[nearest], distance_m[nearest])


def _widest(lat: Float) -> float:
    return min(float(np.abs(lat).max(initial=0.0)), LAT_MAX)


def _to_segment(roads: RoadIndex, lon: Float, lat: Float, segment: Int) -> tuple[Float, Float]:
    """Distance in m from each point to its segment, and the segment's bearing in degrees."""
    east = np.cos(np.radians(lat)) * DEGREE_M
    ax, ay = (roads.lon_a[segment] - lon) * east, (roads.lat_a[segment] - lat) * DEGREE_M
    bx, by = (roads.lon_b[segment] - lon) * east, (roads.lat_b[segment] - lat) * DEGREE_M
    dx, dy = bx - ax, by - ay
    along = np.clip(-(ax * dx + ay * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    return np.hypot(ax + along * dx, ay + along * dy), np.degrees(np.arctan2(dx, dy)) % 360


def _in_force(roads: RoadIndex, road: Int, time: Int) -> Bool:
    result: Bool = (roads.valid[road, 0] <= time) & (time < roads.valid[road, 1])
    return result


def _direction(roads: RoadIndex, road: Int, bearing: Float, heading: npt.NDArray[np.float32], most: float) -> Bool:
    turn = np.abs((heading.astype(np.float64) - bearing + 180) % 360 - 180)
    result: Bool = ~roads.oneway[road] | np.isnan(heading) | (turn <= most)
    return result

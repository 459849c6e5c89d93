"""Which roads a fix may have been on: those within the candidate distance, in a possible direction (rules.md, 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

import numpy as np
import numpy.typing as npt
import shapely

from journey.registry import Road
from journey.track import EARTH_RADIUS_M, Bool, Float, Int
from rules.law import Law
from rules.quality import Usable
from rules.registered import days

_DEGREE_M = EARTH_RADIUS_M * radians(1)
_MM = 1000
_LAT_MAX = 80.0  # beyond it a degree of longitude is too short for the box of the search


@dataclass(frozen=True, slots=True)
class RoadIndex:
    """Roads cut into straight segments. Arrays of segments have one entry a segment, `road` indexes `roads`."""

    roads: tuple[Road, ...]
    road: Int
    lon_a: Float
    lat_a: Float
    lon_b: Float
    lat_b: Float
    tree: shapely.STRtree


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
    return RoadIndex(tuple(roads), table[:, 0].astype(np.int64), lon_a, lat_a, lon_b, lat_b, shapely.STRtree(lines))


def candidates(roads: RoadIndex, usable: Usable, fixes: Int, law: Law) -> Candidates:
    """Roads that each of `fixes` (indices into usable) may have been on, in force at the fix's own time.

    Distance is planar, on the local tangent at the fix's latitude; each road once a fix, by its nearest segment.
    """
    reach_m = law.figure("road_distance_max") / _MM
    lon, lat = usable.lon[fixes], usable.lat[fixes]
    widest = min(float(np.abs(lat).max(initial=0.0)), _LAT_MAX)
    # A little wider than the reach: the exact distance decides below.
    reach_deg = 1.01 * reach_m / _DEGREE_M / cos(radians(widest))
    fix, segment = roads.tree.query(shapely.points(lon, lat), predicate="dwithin", distance=reach_deg)
    distance, bearing = _to_segment(roads, lon[fix], lat[fix], segment)
    near = distance <= reach_m
    near &= _in_force(roads, roads.road[segment], usable.time[fixes[fix]])
    near &= _direction(roads, roads.road[segment], bearing, usable.heading[fixes[fix]], law.figure("road_heading_max"))
    fix, road, distance = fix[near].astype(np.int64), roads.road[segment[near]], distance[near]
    order = np.lexsort((distance, road, fix))
    fix, road, distance = fix[order], road[order], distance[order]
    nearest = np.ones(len(fix), bool)
    nearest[1:] = (np.diff(fix) != 0) | (np.diff(road) != 0)
    return Candidates(fix[nearest], road[nearest], distance[nearest])


def _to_segment(roads: RoadIndex, lon: Float, lat: Float, segment: Int) -> tuple[Float, Float]:
    """Distance in m from each point to its segment, and the segment's bearing in degrees."""
    east = np.cos(np.radians(lat)) * _DEGREE_M
    ax, ay = (roads.lon_a[segment] - lon) * east, (roads.lat_a[segment] - lat) * _DEGREE_M
    bx, by = (roads.lon_b[segment] - lon) * east, (roads.lat_b[segment] - lat) * _DEGREE_M
    dx, dy = bx - ax, by - ay
    along = np.clip(-(ax * dx + ay * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    return np.hypot(ax + along * dx, ay + along * dy), np.degrees(np.arctan2(dx, dy)) % 360


def _in_force(roads: RoadIndex, road: Int, time: Int) -> Bool:
    spans = np.array([days(row.valid_from, row.valid_to) for row in roads.roads], np.int64)
    result: Bool = (spans[road, 0] <= time) & (time < spans[road, 1])
    return result


def _direction(roads: RoadIndex, road: Int, bearing: Float, heading: npt.NDArray[np.float32], most: float) -> Bool:
    oneway = np.array([row.oneway for row in roads.roads])[road]
    turn = np.abs((heading.astype(np.float64) - bearing + 180) % 360 - 180)
    result: Bool = ~oneway | np.isnan(heading) | (turn <= most)
    return result

"""The roads that the fleet drives on, and how fast it may and does drive at each metre of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from shapely import LineString, STRtree, points

from cli.fleet.law_margins import table_limit
from journey.track import EARTH_RADIUS_M, Bool, Float, Int, distance_m

LINES = ("QL1A", "QL1B", "QL4A", "QL4B")
SIGNED_LINE = "QL1A"  # has signs above and below the table of every class
_STEP_M = 20.0
_OTHER_ROAD_M = 60.0  # a road farther than this from the true one is no candidate, with noise of position
_MARGIN_M = 200.0  # planted speeding stays this far from where a limit changes
_SLOWING_M = 150.0  # a driver slows down this far before a lower limit
_USUAL = 0.86  # share of the limit that is driven on average


@dataclass(frozen=True, slots=True)
class Route:
    """A road end to end. Arrays by vertex and every 20 m: s m from its start, degrees, bearing, piece number.

    alone: no other piece of road within 60 m, so that the limit there is that of the piece alone.
    """

    s: Float
    lon: Float
    lat: Float
    bearing: Float
    piece: Int
    alone: Bool
    pieces: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """How one class of vehicle drives a route. Arrays by the route's s.

    limit km/h; sign: 1 where a sign allows more than the table, -1 less, 0 no sign or an equal one; reference: m/s
    usually driven; clock: s from the route's start at that speed; low, high: m, ends of the stretch of one certain
    limit around here, high = low where there is none.
    """

    route: Route
    limit: Float
    sign: Int
    signed: Bool
    reference: Float
    clock: Float
    low: Float
    high: Float


@cache
def network() -> dict[str, Any]:
    """The road file, as GeoJSON."""
    document: dict[str, Any] = json.loads(files("cli.fleet").joinpath("roads_lang_son.geojson").read_text("utf-8"))
    return document


def _metres(lon: Float, lat: Float) -> tuple[Float, Float]:
    """Local plane in m, true enough over a province."""
    unit = np.radians(1.0) * EARTH_RADIUS_M
    return lon * unit * np.cos(np.radians(21.8)), lat * unit


@cache
def route(name: str) -> Route:
    features = network()["features"]
    own = [n for n, f in enumerate(features) if f["properties"]["id"].rsplit("-", 1)[0] == name]
    ends: list[float] = []
    corners: list[list[float]] = []
    for n in own:
        line = features[n]["geometry"]["coordinates"]
        corners += line if not corners else line[1:]
        ends.append(float(len(corners) - 1))
    corner = np.array(corners)
    at_corner = np.concatenate(([0.0], np.cumsum(distance_m(corner[:, 0], corner[:, 1]))))
    s = np.unique(np.concatenate((at_corner, np.arange(0.0, at_corner[-1], _STEP_M))))
    lon, lat = np.interp(s, at_corner, corner[:, 0]), np.interp(s, at_corner, corner[:, 1])
    x, y = _metres(lon, lat)
    bearing = np.degrees(np.arctan2(np.diff(x, append=x[-1]), np.diff(y, append=y[-1]))) % 360
    bearing[-1] = bearing[-2]
    borders = at_corner[np.array(ends[:-1], np.int64)]
    piece = np.searchsorted(borders, s, side="right")
    return Route(s, lon, lat, bearing, piece, _alone(x, y, piece, own), tuple(features[n]["properties"] for n in own))


def _alone(x: Float, y: Float, piece: Int, own: list[int]) -> Bool:
    lines = []
    for feature in network()["features"]:
        corner = np.array(feature["geometry"]["coordinates"])
        lines.append(LineString(np.column_stack(_metres(corner[:, 0], corner[:, 1]))))
    near, line = STRtree(lines).query(points(x, y), predicate="dwithin", distance=_OTHER_ROAD_M)
    other = line != np.array(own)[piece[near]]
    alone = np.ones(len(x), bool)
    alone[near[other]] = False
    return alone


@cache
def profile(name: str, speed_class: str) -> Profile:
    """The route of one name for one class of vehicle (A to D)."""
    on = route(name)
    table = [table_limit(speed_class, divided=p["kind"] == "divided", urban=p["urban"]) for p in on.pieces]
    posted = [
        float(t) if p["maxspeed"] is None else float(p["maxspeed"]) for p, t in zip(on.pieces, table, strict=True)
    ]
    limit = np.array(posted)[on.piece]
    sign = np.sign(limit - np.array(table, float)[on.piece]).astype(np.int64)
    signed = np.array([p["maxspeed"] is not None for p in on.pieces])[on.piece]
    first = np.searchsorted(on.s, on.s - _SLOWING_M)
    last = np.searchsorted(on.s, on.s + _SLOWING_M, side="right")
    lowest = np.array([limit[a:b].min() for a, b in zip(first, last, strict=True)])
    reference = _USUAL * lowest / 3.6
    mean = (reference[:-1] + reference[1:]) / 2
    clock = np.concatenate(([0.0], np.cumsum(np.diff(on.s) / mean)))
    low, high = _stretches(on)
    return Profile(on, limit, sign, signed, reference, clock, low, high)


def _stretches(on: Route) -> tuple[Float, Float]:
    """Ends of the stretch of one piece, with no other road near, that each place lies in, less a margin."""
    low, high = on.s.copy(), on.s.copy()
    change = np.flatnonzero((np.diff(on.piece) != 0) | (np.diff(on.alone.astype(np.int8)) != 0)) + 1
    for run in np.split(np.arange(len(on.s)), change):
        a, b = on.s[run[0]] + _MARGIN_M, on.s[run[-1]] - _MARGIN_M
        if on.alone[run[0]] and b > a:
            inside = run[(on.s[run] >= a) & (on.s[run] <= b)]
            low[inside], high[inside] = a, b
    return low, high


def nearest(values: Float, s: Float, at: Float) -> Float:
    """Stepwise values of a profile at places `at`, those of the point at or before each. Shape: n -> n."""
    result: Float = values[np.clip(np.searchsorted(s, at, side="right") - 1, 0, len(s) - 1)]
    return result

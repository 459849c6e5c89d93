"""Tracks along known roads of an OpenStreetMap extract, with errors of receivers: where each fix truly was is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium

from journey.registry import Road
from journey.track import Float, Int

DEGREE_M = 111_194.9
DRIVEN = (
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
    "tertiary", "tertiary_link", "unclassified", "residential", "living_street", "service",
)  # fmt: skip
_BARRED = ("no", "private")
_LIKED = {name: weight for weight, names in ((8, DRIVEN[:8]), (4, DRIVEN[8:11]), (1, DRIVEN[11:])) for name in names}


@dataclass(frozen=True, slots=True)
class Network:
    """Roads, and between neighbouring points where one may go on: (point, road, bearing kept out) by point."""

    roads: tuple[Road, ...]
    lon: Float
    lat: Float
    onward: dict[int, list[tuple[int, int]]]  # point -> (next point, road)
    liked: tuple[int, ...]  # of each road how often it is taken


@dataclass(frozen=True, slots=True)
class Drive:
    """A drive as it was, one entry a second: place, road (index), speed in m/s and metres gone along the path.

    path_*: the points of the path, where along it each lies, and the road from it to the next.
    """

    lon: Float
    lat: Float
    road: Int
    speed: Float
    way: Float
    path_lon: Float
    path_lat: Float
    path_way: Float
    path_road: Int


def read_network(path: Path) -> Network:
    """The roads of an extract that may be driven, and how they join."""
    roads: list[Road] = []
    liked: list[int] = []
    number: dict[int, int] = {}
    places: list[tuple[float, float]] = []
    onward: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for way in osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)):
        assert isinstance(way, osmium.osm.Way)
        tags = way.tags
        if tags.get("highway") not in DRIVEN or {tags.get("access"), tags.get("motor_vehicle")} & set(_BARRED):
            continue
        if tags.get("area") == "yes" or len(way.nodes) < 2 or not all(node.location.valid() for node in way.nodes):
            continue
        backward = tags.get("oneway") == "-1"
        oneway = tags.get("oneway") in ("yes", "1", "true", "-1") or tags.get("junction") in ("roundabout", "circular")
        nodes = list(way.nodes)[:: -1 if backward else 1]
        line = tuple((node.lon, node.lat) for node in nodes)
        for node, place in zip(nodes, line, strict=True):
            if node.ref not in number:
                number[node.ref] = len(places)
                places.append(place)
        points = [number[node.ref] for node in nodes]
        for a, b in pairwise(points):
            onward[a].append((b, len(roads)))
            if not oneway:
                onward[b].append((a, len(roads)))
        sign, lanes = tags.get("maxspeed") or "", tags.get("lanes") or ""
        liked.append(_LIKED[tags["highway"]])
        roads.append(
            Road(
                f"osm/{way.id}",
                tags.get("name"),
                "undivided",
                False,
                float(sign) if sign.isdigit() else None,
                oneway,
                int(lanes) if lanes.isdigit() else None,
                line,
            )
        )
    lon, lat = np.array(places).T
    return Network(tuple(roads), lon, lat, dict(onward), tuple(liked))


def drive(network: Network, seconds: int, random: np.random.Generator, speeds: Sequence[float]) -> Drive:
    """Go where the roads lead, back only at an end; on each road at its own speed. Args: speeds: m/s of each road."""
    starts = list(network.onward)
    point = starts[int(random.integers(len(starts)))]
    before = -1
    lon, lat, road, speed, way = [], [], [], [], []
    path: list[tuple[float, float, float, int]] = []
    left, time, gone = 0.0, 0, 0.0
    haste = float(random.uniform(0.7, 1.3))
    while time < seconds:
        ways = network.onward.get(point, ())
        ahead = [one for one in ways if one[0] != before] or list(ways)
        if not ahead:  # a way in of which no way leads out
            point, before = starts[int(random.integers(len(starts)))], -1
            if time:
                break
            continue
        weight = np.array([network.liked[one[1]] for one in ahead], float)
        following, on = ahead[int(random.choice(len(ahead), p=weight / weight.sum()))]
        ax, ay, bx, by = network.lon[point], network.lat[point], network.lon[following], network.lat[following]
        metres = float(np.hypot((bx - ax) * np.cos(np.radians(ay)), by - ay) * DEGREE_M)
        pace = speeds[on] * haste
        path.append((ax, ay, gone, on))
        at = left
        while at < metres and time < seconds:
            lon.append(ax + (bx - ax) * at / metres)
            lat.append(ay + (by - ay) * at / metres)
            road.append(on)
            speed.append(pace)
            way.append(gone + at)
            at += pace
            time += 1
        left = at - metres
        gone += metres
        before, point = point, following
    path.append((network.lon[point], network.lat[point], gone, path[-1][3]) if path else (0.0, 0.0, 0.0, 0))
    path_lon, path_lat, path_way, path_road = map(np.array, zip(*path, strict=True))
    return Drive(
        np.array(lon), np.array(lat), np.array(road, np.int64), np.array(speed), np.array(way), path_lon, path_lat,
        path_way, path_road,
    )  # fmt: skip


def errors(
    count: int, step_s: int, metres: float, correlated: bool, random: np.random.Generator
) -> tuple[Float, Float]:
    """Errors east and north in m, of this standard deviation each: white, or kept for a minute as receivers do."""
    fresh = random.normal(0, metres, (2, count))
    if correlated:
        keep = np.exp(-step_s / 60)
        for place in range(1, count):
            fresh[:, place] = keep * fresh[:, place - 1] + np.sqrt(1 - keep * keep) * fresh[:, place]
    return fresh[0], fresh[1]

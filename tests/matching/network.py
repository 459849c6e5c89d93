"""A small made-up network as an OpenStreetMap file, the same roads as rows, and tracks along them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import polars as pl
from osmium.osm.mutable import Node, Way

from journey.registry import Operator, Registration, Registry, Road
from journey.track import FIX

START = 1_741_000_200
PLATE = "12C12345"
LON, LAT = 106.7, 21.8  # of the network's corner
DEGREE_M = math.radians(1) * 6_371_008.8
type Metres = tuple[float, float]  # east, north of the corner


def place(east: float, north: float) -> tuple[float, float]:
    """Degrees of a point, on the grid of 1e-7 that files and store keep."""
    lon = LON + east / DEGREE_M / math.cos(math.radians(LAT))
    return round(lon, 7), round(LAT + north / DEGREE_M, 7)


@dataclass(slots=True)
class Network:
    """Ways by number. Two ways join where they name the same point of the same level."""

    ways: dict[int, tuple[list[Metres], dict[str, str]]] = field(default_factory=dict)

    def way(self, number: int, line: Sequence[Metres], maxspeed: int, highway: str = "primary", **tags: str) -> None:
        level = tags.pop("level", "")
        tags = {"highway": highway, "maxspeed": str(maxspeed), "name": f"way {number}", **tags}
        self.ways[number] = (list(line), tags | ({"layer": level} if level else {}))

    def write(self, path: Path) -> Path:
        """As .osm.pbf. Points between the given ones are put in every 50 m."""
        numbers: dict[tuple[Metres, str], int] = {}
        for line, tags in self.ways.values():
            for point in line:
                numbers.setdefault((point, tags.get("layer", "")), len(numbers) + 1)
        with osmium.SimpleWriter(str(path)) as writer:
            for (point, _), number in numbers.items():
                writer.add_node(Node(id=number, location=place(*point)))
            for number, (line, tags) in sorted(self.ways.items()):
                nodes = [numbers[point, tags.get("layer", "")] for point in line]
                writer.add_way(Way(id=number, nodes=nodes, tags=tags))
        return path

    def roads(self) -> tuple[Road, ...]:
        return tuple(
            Road(
                f"osm/{number}", tags["name"], "undivided", False, float(tags["maxspeed"]),
                tags.get("oneway") == "yes", None, tuple(place(*point) for point in line),
                layer=int(tags.get("layer", "0")),
            )
            for number, (line, tags) in sorted(self.ways.items())
        )  # fmt: skip

    def registry(self) -> Registry:
        vehicle = Registration(PLATE, "OP1", "truck", payload_kg=8000)
        return Registry((Operator("OP1", "one"),), (vehicle,), roads=self.roads())


def track(
    line: Sequence[Metres], speed_kmh: float, step_s: int = 10, aside_m: Metres = (0.0, 0.0), noise_m: float = 0.0,
    seed: int = 0, silent: tuple[float, float] = (math.inf, math.inf), reported_kmh: float | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Fixes of a drive along a line, aside of it by so many metres. silent: metres along it between which none came."""
    points = np.array(line)
    along = np.concatenate(([0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    metres = np.arange(0, along[-1], speed_kmh / 3.6 * step_s)
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for number, at in enumerate(metres):
        if silent[0] < at < silent[1]:
            continue
        east, north = (float(np.interp(at, along, points[:, axis])) for axis in (0, 1))
        lon, lat = place(east + aside_m[0] + random.normal(0, noise_m), north + aside_m[1] + random.normal(0, noise_m))
        rows.append(
            {
                "vehicle": PLATE, "driver": "790123456789", "time": START + number * step_s, "lon": lon, "lat": lat,
                "speed_dkmh": round(10 * (reported_kmh or speed_kmh)), "scaled": False,
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema={name: kind for name, kind in FIX.items() if name in rows[0]}).select(
        pl.col(name) if name in rows[0] else pl.lit(None, kind).alias(name) for name, kind in FIX.items()
    )

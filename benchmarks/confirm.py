"""Screen, and screen with confirmation, on one core: the generated fleet with 2 % of fixes suspect, over its roads.

Beside it Valhalla on every fix, as many as are given; and the memory of a province's roads, 50,000 of ten points each.
Aims: 1 M fixes/s, 100,000 fixes/s, 300 MB. Rates are by processor time of this process and the matcher's, so that a
busy machine tells the same; what the clock said stands beside them.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

CORE = min(os.sched_getaffinity(0))
FIXES, EVERY, SHARE, BLOCK = 1_000_000, 30_000, 0.02, 12


def main(folder: Path) -> None:
    os.sched_setaffinity(0, {CORE})  # the matcher's process inherits it
    os.environ["POLARS_MAX_THREADS"] = "1"  # read when polars is imported, so that comes after

    import numpy as np
    import osmium
    import polars as pl
    from osmium.osm.mutable import Node, Way

    from benchmarks.fleet import read
    from cli.matching.answers import Point
    from cli.matching.matcher import matcher
    from cli.matching.tiles import build
    from cli.reference import read_registry, read_roads
    from journey.registry import Road
    from rules import law as rulebook
    from rules import registered as registrations
    from rules.engine import know, slices_to_match, vehicle_floor, with_matches
    from rules.quality import Usable
    from rules.roads.index import index
    from rules.roads.suspects import suspects
    from storage.roads.matches import MatchedSlice, match_frame

    def points_of(usable: Usable, first: int, last: int) -> list[Point]:
        inside = slice(first, last + 1)
        columns = (usable.time[inside].tolist(), usable.lon[inside].tolist(), usable.lat[inside].tolist())
        return [Point(*point) for point in zip(*columns, strict=True)]

    law, random = rulebook.load(), np.random.default_rng(1)
    registry = read_registry(folder / "registry.json")
    roads = tuple(replace(road, id=f"osm/{n}") for n, road in enumerate(read_roads(folder / "roads.geojson"), 1))
    known = know(replace(registry, roads=roads), law)
    fixes = read(folder).sort("vehicle", "time").head(FIXES)
    speed = fixes["speed_dkmh"].to_numpy().copy()
    begin = random.choice(len(speed) - BLOCK, round(SHARE * len(speed) / BLOCK), replace=False)
    for step in range(BLOCK):
        speed[begin + step] = 990
    fixes = fixes.with_columns(speed_dkmh=pl.Series(speed))
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "roads.osm.pbf"
        places = {point: n for n, point in enumerate(dict.fromkeys(p for road in roads for p in road.line), 1)}
        with osmium.SimpleWriter(str(file)) as writer:
            for point, n in places.items():
                writer.add_node(Node(id=n, location=point))
            for n, road in enumerate(roads, 1):
                writer.add_way(Way(id=n, nodes=[places[point] for point in road.line], tags={"highway": "primary"}))
        tiles = build(file, Path(name) / "tiles")
        floor = vehicle_floor(fixes, known, law)
        usable, registered = floor.usable, registrations.index(known.registry.vehicles, floor.plates)
        suspects(usable, registered, known.roads, law)  # makes the grid, once for all
        began = time.process_time()
        kept = suspects(usable, registered, known.roads, law)
        count = len(usable.time)
        rate = count / (time.process_time() - began)
        print(f"{'screen':<28} {rate:>12,.0f} fixes/s  {len(kept) / count:.2%} of {count:,} left", flush=True)
        with matcher(tiles) as match:
            match.match(points_of(usable, 0, 5))  # starts the process
            assert match.child is not None
            child = match.child.pid
            clock, began = time.perf_counter(), _seconds(child)
            runs = slices_to_match(floor, known, law)
            slices, asked = [], 0
            for first, last in zip(runs.first.tolist(), runs.last.tolist(), strict=True):
                points = points_of(usable, first, last)
                asked += len(points)
                plate, times = floor.plates[int(usable.vehicle[first])], (points[0].time, points[-1].time)
                slices.append(MatchedSlice(plate, *times, b"", "", "", match.match(points) or []))
            matching = _seconds(child) - began
            judged = with_matches(floor, match_frame(slices), known, law)
            seconds = _seconds(child) - began
            print(
                f"{'screen + confirm':<28} {count / seconds:>12,.0f} fixes/s  {len(slices):,} slices of {asked:,} "
                f"fixes, {matching:.1f} of {seconds:.1f} s matching, {time.perf_counter() - clock:.1f} s by clock, "
                f"{len(judged.findings)} findings on tracks",
                flush=True,
            )
            began, asked = _seconds(child), 0
            for code in range(len(floor.plates)):
                first, last = np.searchsorted(usable.vehicle, [code, code + 1]).tolist()
                asked += len(match.match(points_of(usable, first, min(last, first + 500) - 1)) or [])
                if asked >= EVERY:
                    break
            print(f"{'Valhalla on every fix':<28} {asked / (_seconds(child) - began):>12,.0f} fixes/s", flush=True)
    before = _resident_mb()
    corners = random.uniform((106.0, 21.3), (107.4, 22.5), (50_000, 2))
    lines = corners[:, None] + np.cumsum(random.normal(0, 5e-4, (50_000, 10, 2)), axis=1)
    province = [
        Road(f"osm/{n}", None, "undivided", False, 60, False, None, tuple(map(tuple, line)))
        for n, line in enumerate(lines.round(7).tolist())
    ]
    found = index(province)
    del province, lines, corners
    suspects(usable, registered, found, law)
    print(f"{'roads of a province':<28} {_resident_mb() - before:>12,.0f} MB with the grid of limits", flush=True)


def _seconds(child: int) -> float:
    """Processor time of this process and of a child that still runs."""
    user, system = Path(f"/proc/{child}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main(Path(sys.argv[1]))

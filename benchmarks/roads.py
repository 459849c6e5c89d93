"""Roads of a province in the index, and a large extract of OpenStreetMap imported. Made here, the same each time."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from journey.registry import Road

PROVINCE, POINTS = 50_000, 15
EXTRACT = 200_000
_SIDE = 1.3  # degrees; about that of Lang Son
_STEP = 0.0004  # degrees between two points, about 40 m
_FIXES = 1_000_000


def lines(count: int) -> Iterator[tuple[tuple[float, float], ...]]:
    """Winding lines, spread over a province."""
    random = np.random.default_rng(9)
    for _ in range(count):
        start = np.array((106.1, 21.3)) + random.random(2) * _SIDE
        turns = random.random() * 6.28 + np.cumsum(random.normal(0, 0.3, POINTS))
        path = start + np.cumsum(np.column_stack((np.cos(turns), np.sin(turns))), 0) * _STEP
        yield tuple(zip(path[:, 0].round(7).tolist(), path[:, 1].round(7).tolist(), strict=True))


def province() -> None:
    """The index of a province's roads: memory, time to make, fixes looked up a second."""
    from rules import law as rulebook
    from rules.quality import Usable
    from rules.roads.index import candidates, index

    law = rulebook.load()
    before = _peak_mb()
    roads = (
        Road(f"osm/{number}", f"road {number % 999}", "undivided", False, None, False, 2, line, source="osm",
             assumed=frozenset(("kind", "maxspeed")), road_class="primary")
        for number, line in enumerate(lines(PROVINCE))
    )  # fmt: skip
    began = time.perf_counter()
    made = index(roads)
    seconds = time.perf_counter() - began
    if made is None:
        raise ValueError("no roads")
    held = made.lon.nbytes + made.lat.nbytes + made.first.nbytes + made.begin.nbytes + made.road.nbytes
    held += made.grid.cell.nbytes + made.grid.start.nbytes + made.grid.segment.nbytes
    print(
        f"{'roads, index':<28} {held / 1e6:>12,.0f} MB        {PROVINCE:,} roads, {len(made.begin):,} segments, in "
        f"{seconds:.2f} s; {held / len(made.begin):.0f} bytes a segment; peak with the rows {_peak_mb():,.0f} MB, of "
        f"which {before:,.0f} MB before",
        flush=True,
    )
    random = np.random.default_rng(1)
    near = random.integers(0, len(made.lon), _FIXES)
    nothing = np.zeros(_FIXES, np.int32)
    usable = Usable(
        nothing, nothing, np.full(_FIXES, 1_750_000_000), made.lon[near] + random.normal(0, 1e-4, _FIXES),
        made.lat[near] + random.normal(0, 1e-4, _FIXES), nothing, random.random(_FIXES).astype(np.float32) * 360,
        np.zeros(_FIXES - 1, bool), np.zeros(_FIXES - 1, np.int64), np.zeros(_FIXES - 1),
    )  # fmt: skip
    began = time.perf_counter()
    found = candidates(made, usable, np.arange(_FIXES), law)
    seconds = time.perf_counter() - began
    print(
        f"{'roads, candidates':<28} {_FIXES / seconds:>12,.0f} fixes/s  {len(found.fix):,} candidates; "
        f"peak {_peak_mb():,.0f} MB",
        flush=True,
    )


def extract(count: int) -> None:
    """An extract written, then imported by the command into an embedded database of its own."""
    import osmium

    with tempfile.TemporaryDirectory(prefix="hanhtrinh-bench-") as folder:
        path = Path(folder) / "roads.osm.pbf"
        node, ways = 0, []
        with osmium.SimpleWriter(str(path)) as writer:
            for line in lines(count):
                first = node + 1
                for place in line:
                    node += 1
                    writer.add_node(osmium.osm.mutable.Node(id=node * 400, location=place))
                ways.append((first, node))
            for number, (first, last) in enumerate(ways, 1):
                nodes = [400 * one for one in range(first, last + 1)]
                tags = {"highway": "primary", "maxspeed": "60", "name": f"road {number % 999}"}
                writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        size = path.stat().st_size / 1e6
        for name in ("roads, import", "roads, import again"):
            began = time.perf_counter()
            command = [sys.executable, "-m", "benchmarks.roads", "--run", folder, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds = time.perf_counter() - began
            print(
                f"{name:<28} {count / seconds:>12,.0f} roads/s  {count:,} roads, {node:,} points, {size:.0f} MB, in "
                f"{seconds:.0f} s, {done.stdout.strip()}",
                flush=True,
            )


def run(folder: str, path: str) -> None:
    from cli.main import app

    app(["--data", f"{folder}/data", "roads", "import", path], standalone_mode=False)
    print(f"peak {_peak_mb():,.0f} MB")


def _peak_mb() -> float:
    # Of this program alone: what the system's own account says begins with the peak of the process that started it.
    said = Path("/proc/self/status").read_text(encoding="ascii")
    return int(said.split("VmHWM:")[1].split()[0]) / 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", nargs=2)
    parser.add_argument("--ways", type=int, default=EXTRACT)
    given = parser.parse_args()
    if given.run:
        run(*given.run)
    else:
        province()
        extract(given.ways)

"""The engine on one core: fixes in order of arrival, with their copies, to findings. Aim: 1 M fixes/s under 2 GB."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

CORE = min(os.sched_getaffinity(0))


def main(folder: Path, with_roads: bool) -> None:
    os.sched_setaffinity(0, {CORE})
    os.environ["POLARS_MAX_THREADS"] = "1"  # read when polars is imported, so that comes after

    from benchmarks.fleet import read
    from cli.reference import read_registry, read_roads
    from journey.registry import Registry
    from rules import law as rulebook
    from rules.engine import evaluate, know

    law = rulebook.load()
    registry = read_registry(folder / "registry.json")
    if with_roads:
        registry = Registry(registry.operators, registry.vehicles, roads=read_roads(folder / "roads.geojson"))
    known = know(registry, law)
    fixes = read(folder)
    before = _peak_mb()
    began = time.perf_counter()
    result = evaluate(fixes, [], known, law)
    seconds = time.perf_counter() - began
    name = "evaluate, roads given" if with_roads else "evaluate, roads absent"
    print(
        f"{name:<28} {len(fixes) / seconds:>12,.0f} fixes/s  {len(fixes):,} fixes in {seconds:.2f} s on 1 core, "
        f"peak {_peak_mb():,.0f} MB ({before:,.0f} MB with the fixes read), {len(result.findings)} findings",
        flush=True,
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] == "roads")

"""The rulebook: time to load it, and look-ups of a figure that changes in mid-track, an as-of join per fix."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

LOADS = 20


def main(folder: Path) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    import numpy as np

    from benchmarks.fleet import read
    from rules import law as rulebook

    law = rulebook.load()
    took = []
    for _ in range(LOADS):
        began = time.perf_counter()
        rulebook.load()
        took.append(time.perf_counter() - began)
    print(f"{'load the law':<28} {sorted(took)[LOADS // 2] * 1000:>12.0f} ms       median of {LOADS}", flush=True)
    times = read(folder)["time"].to_numpy()
    dated = law.dated("speed.expressway_max")
    # Moved so that the change of law lies in the middle of the tracks.
    times = times - int(np.median(times)) + dated[-1].start
    values = np.array([one.value for one in dated], np.int64)
    began = time.perf_counter()
    limit = values[law.series("speed.expressway_max", times)]
    seconds = time.perf_counter() - began
    print(
        f"{'law at every fix':<28} {len(limit) / seconds:>12,.0f} fixes/s  {len(limit):,} fixes in {seconds:.2f} s",
        flush=True,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

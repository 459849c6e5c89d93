"""`python -m benchmarks.avoidance`: precision and recall of each kind of review, over days of known answers.

Each seed gives a day at a weigh station (cli.fleet.scale): some avoid it, others only look as if. Exit 1 where an
innocent look-alike is open for review, or fewer than 95 % of the bypasses are found.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from cli.evaluate import read_weighings
from cli.fleet import Fleet, FleetSpec, ReviewResult, frame, generate, match_reviews
from cli.fleet.output import write_reference
from cli.reference import read_folder
from journey.localtime import day_of, day_start
from rules import law as rulebook
from rules.law import Law
from rules.quality import figures_box
from rules.stations.day import Review, day_of_records
from rules.stations.reviews import reviews
from rules.stations.sightings import seen_in, together

SEEDS = 40
LEAST_RECALL = 0.95


def fleet_of(seed: int) -> Fleet:
    return generate(FleetSpec(vehicles=12, days=1, seed=seed, planted=False, scale=True))


def reviews_of(fleet: Fleet, law: Law) -> list[Review]:
    """All reviews of the fleet's day at the scale."""
    with tempfile.TemporaryDirectory() as name:
        write_reference(fleet, Path(name))
        registry, weighings = read_folder(Path(name)), read_weighings(Path(name) / "weighings.ndjson")
    own, seen = seen_in(frame(fleet), registry.box or figures_box(law), registry.stations, law)
    plates = sorted({*own, *(one.plate for one in weighings)})
    codes = {plate: code for code, plate in enumerate(plates)}
    seen = together([seen], [np.array([codes[plate] for plate in own], np.int64)])
    day = day_of(min(answer["at_from"] for answer in fleet.reviews))
    bounds = (day_start(day), day_start(day + 1))
    return reviews(day_of_records(bounds, plates, registry.vehicles, registry.stations, weighings, seen, (), law))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="number of days, each another")
    seeds = parser.parse_args().seeds
    law, sums, began = rulebook.load(), Counter[tuple[str, str]](), time.perf_counter()
    for seed in range(seeds):
        fleet = fleet_of(seed)
        found = reviews_of(fleet, law)
        result = match_reviews(fleet.reviews, [one._asdict() for one in found])
        for kind, one in result.items():
            sums.update({(kind, name): value for name, value in one._asdict().items()})
            if one.found < one.planted or one.extra:
                print(f"seed {seed}: {kind}: {one}")
    kinds = sorted({kind for kind, _ in sums})
    print(f"{seeds} days, {time.perf_counter() - began:.0f} s; planted, found, extra; look-alikes, of these open; "
          "excused by the record")  # fmt: skip
    whole = {kind: ReviewResult(*(sums[kind, name] for name in ReviewResult._fields)) for kind in kinds}
    for kind, one in whole.items():
        print(f"{kind:10} {one.planted:5} {one.found:5} {one.extra:5}  {one.innocent:6} {one.look_alikes:4} "
              f"{one.excused:5}  precision {_percent(one.precision)}, recall {_percent(one.recall)}")  # fmt: skip
    bypass = whole["unweighed"].recall
    if any(one.look_alikes for one in whole.values()) or bypass is None or bypass < LEAST_RECALL:
        sys.exit(1)


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f} %"


if __name__ == "__main__":
    main()

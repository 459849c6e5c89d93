"""A week's list of a province in all its formats: 5,000 vehicles, 20,000 findings in the week, 80,000 in those before.

Read from a store of its own, rendered twice and compared; time and the peak of this process's memory.
"""

from __future__ import annotations

import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from api.exports import EXPORTS
from benchmarks.province import licence, plate, registry
from cli.lists.weekly import read_weekly
from journey.localtime import DAY_S, day_of, parse_week
from journey.model import Finding, Grade
from rules.law import Law, load
from storage.activities import DaySummary, save_day_summaries
from storage.database import Connection, connect, transaction
from storage.findings import Scope, replace_findings
from storage.migrate import migrate
from storage.names import vehicle_ids
from storage.registry import save_registry
from storage.runs import Run, save_run
from storage.server.embedded import open_embedded

WEEK, VEHICLES, OPERATORS, FINDINGS, WEEKS = "2025-W10", 5_000, 400, 20_000, 5
RULES = ("speeding", "speeding", "speeding", "continuous_driving", "moving_silence")


def fill(connection: Connection, law: Law) -> None:
    """Sums of two weeks, findings of five."""
    start, end = parse_week(WEEK)
    uses = tuple(law.dated(path)[-1].use() for path in ("speed.bands", "rollups.speeding_breaches_min"))
    uses += (law.method["speeding_min_duration"].use(),)
    save_run(connection, Run("bench", start, {}, 0, law.version, law.method_name, "bench"))
    ids = vehicle_ids(connection, [plate(number) for number in range(VEHICLES)])
    for day in range(day_of(start - 7 * DAY_S), day_of(end)):
        save_day_summaries(connection, "bench", [
            DaySummary(number, day, 3_000, 3_000, {}, 30_000, 50_000, 0, 412_345.678) for number in ids.values()
        ])  # fmt: skip
    dice = random.Random(1)
    for week in range(WEEKS):
        begin = start - week * 7 * DAY_S
        found = {one.id: one for one in (_finding(dice, begin, uses) for _ in range(FINDINGS))}
        scope = Scope(tuple(set(RULES)), None, None, begin - DAY_S, begin + 8 * DAY_S, "at")
        replace_findings(connection, "bench", [scope], list(found.values()), "bench")


def _finding(dice: random.Random, begin: int, uses: tuple) -> Finding:  # type: ignore[type-arg]
    number, at, rule = dice.randrange(VEHICLES), begin + DAY_S + dice.randrange(5 * DAY_S), dice.choice(RULES)
    time_rule = rule != "speeding"
    measured, limit = (15_000, 14_400) if time_rule else (78.5, 60.0)
    return Finding(
        rule, Grade.CERTAIN, plate(number), licence(number), f"OP{number % OPERATORS:03d}", at - 60, at + 60, at,
        measured, limit, measured - limit, "s" if time_rule else "km/h", None if time_rule else "10-20", uses,
        {"peak_speed": 80.1, "mean_speed": 77.0, "fixes": 13, "distance_m": 2_612.5, "segments": ["R1"]},
    )  # fmt: skip


def prepare(url: str, law: Law) -> None:
    """A store with all of it. In a process of its own, so that memory is that of the lists alone."""
    with connect(url) as connection:
        migrate(connection)
        connection.commit()
        save_registry(connection, registry(VEHICLES, OPERATORS))
        with transaction(connection):
            fill(connection, law)


def main() -> None:
    law = load()
    if len(sys.argv) > 1:
        prepare(sys.argv[1], law)
        return
    with tempfile.TemporaryDirectory(prefix="hanhtrinh-bench-") as folder, open_embedded(Path(folder) / "data") as url:
        subprocess.run([sys.executable, "-m", "benchmarks.weekly_list", url], check=True)
        hashes = [_render(url, law) for _ in range(2)]
    assert hashes[0] == hashes[1], "two runs gave different bytes"
    print(f"weekly list: peak memory {_peak()} MB; both runs equal")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _render(url: str, law: Law) -> list[str]:
    begin = time.perf_counter()
    with connect(url) as connection, transaction(connection):
        weekly = read_weekly(connection, law, WEEK, parse_week(WEEK)[1] + 5 * DAY_S)
    read, took = sum(1 for _ in weekly.listed()), time.perf_counter() - begin
    print(f"weekly list: {read} findings read in {took:.1f} s; peak {_peak()} MB")
    hashes = []
    for export in EXPORTS.values():
        if export.of == "list":
            since = time.perf_counter()
            content = export.render(weekly)
            hashes.append(hashlib.sha256(content).hexdigest())
            size = len(content) / 2**20
            took = time.perf_counter() - since
            print(f"weekly list: {export.name} {took:.1f} s, {size:.1f} MB; peak {_peak()} MB", flush=True)
    print(f"weekly list: all formats {time.perf_counter() - begin:.1f} s")
    return hashes


if __name__ == "__main__":
    main()

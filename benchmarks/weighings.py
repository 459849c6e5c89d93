"""A year of 12 stations, 1,000,000 weighings: judged in columns, then those to be told of worded one by one.

Drawn, not recorded: 5,000 vehicles of a province, axle masses about what each may bear, six in a hundred too heavy.
Prints weighings a second of one core, then the join to tracks, a year of it in one pass with its memory, and the
watching of instruments. Judging is bounded in memory: a hundred thousand at a time.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from datetime import date

import numpy as np

from benchmarks.station_year import pair_a_year, watch_a_year
from journey.model import Scale, Weighing
from journey.registry import Registration, Station
from rules import registered
from rules.checks.overload import check
from rules.law import Law, load
from rules.quality import Usable
from rules.scene import WeighingScene
from rules.stations.joining import join
from rules.stations.passages import passages
from rules.weighings.columns import UNKNOWN, Weighings
from rules.weighings.overload import judge

WEIGHINGS, CHUNK, VEHICLES, STATIONS = 1_000_000, 100_000, 5_000, 12
# kind, spacing mm, share of the lawful mass that the axles bear, lawful gross kg, king-pin mm
MODELS = (
    ("truck", (4200,), (37, 63), 16_000, None),
    ("truck", (3600, 1350), (26, 37, 37), 24_000, None),
    ("truck", (1900, 3600, 1350), (20, 20, 30, 30), 30_000, None),
    ("tractor", (3300, 1350, 6000, 1350), (15, 21, 21, 21, 22), 42_000, 4600),
    ("tractor", (3300, 1350, 5900, 1350, 1350), (14, 18, 18, 16, 17, 17), 48_000, 6600),
)
STATION = tuple(Station(f"KT{number:02d}", f"Station {number}", automatic_one_stage=True) for number in range(STATIONS))


def registry() -> tuple[list[Registration], list[str]]:
    rows, names = [], []
    for number in range(VEHICLES):
        kind, _, _, gross, kingpin = MODELS[number % len(MODELS)]
        plate, trailer = f"12C{number:05d}", f"12R{number:05d}"
        payload = gross * 6 // 10
        rows.append(Registration(plate, f"OP{number % 400}", kind, payload_kg=None if kingpin else payload,
                                 kerb_kg=gross * 2 // 10 if kingpin else gross * 39 // 100))  # fmt: skip
        names.append(plate)
        if kingpin:
            rows.append(Registration(trailer, f"OP{number % 400}", "semi_trailer", payload_kg=payload,
                                     kerb_kg=gross * 19 // 100, kingpin_mm=kingpin))  # fmt: skip
            names.append(trailer)
    return rows, sorted(names)


def draw(dice: np.random.Generator, size: int, codes: dict[str, int]) -> Weighings:
    start = int(time.mktime(date(2025, 6, 1).timetuple()))
    vehicle = dice.integers(VEHICLES, size=size)
    model = vehicle % len(MODELS)
    axle, spacing = np.zeros((size, 6), np.int64), np.zeros((size, 5), np.int64)
    axles, trailer = np.zeros(size, np.int64), np.full(size, UNKNOWN, np.int64)
    load = np.where(dice.random(size) < 0.06, dice.uniform(1.12, 1.6, size), dice.uniform(0.45, 0.97, size))
    for number, (kind, apart, shares, gross, _) in enumerate(MODELS):
        those = np.flatnonzero(model == number)
        share = np.array(shares) * dice.uniform(0.97, 1.03, (len(those), len(shares))) / 100
        axle[those, : len(shares)] = (share * (load[those] * gross)[:, None] * 0.98).astype(np.int64)
        spacing[those, : len(apart)] = np.array(apart) + dice.integers(0, 40, (len(those), len(apart)))
        axles[those] = len(shares)
        if kind == "tractor":
            trailer[those] = np.array([codes[f"12R{one:05d}"] for one in vehicle[those].tolist()])
    plate = np.array([codes[f"12C{one:05d}"] for one in range(VEHICLES)])[vehicle]
    whole = np.full(size, UNKNOWN, np.int64)
    return Weighings(
        start + dice.integers(0, 365 * 86_400, size), plate, trailer, dice.integers(STATIONS, size=size), axle.sum(1),
        axle, axles, spacing, axles - 1, np.ones(size, np.int64), whole, np.full(size, 10), np.full(size, 990),
        whole, np.zeros(size, bool),
    )  # fmt: skip


def worded(weighed: Weighings, place: int, names: list[str]) -> Weighing:
    axles = int(weighed.axles[place])
    trailer = int(weighed.trailer[place])
    return Weighing(
        STATION[int(weighed.station[place])].id, 1, int(weighed.time[place]), names[int(weighed.vehicle[place])],
        None if trailer == UNKNOWN else names[trailer], tuple(weighed.axle[place, :axles].tolist()),
        tuple(weighed.spacing[place, : axles - 1].tolist()), int(weighed.gross[place]), 1, None, f"T{place}",
        Scale("WIM", error_permille=10, plate_permille=990),
    )  # fmt: skip


def _join(law: Law) -> None:
    """Tracks of a thousand vehicles past 12 stations, and a weighing at each passage: passages found, then paired."""
    vehicles, fixes = 1_000, 2_000
    size = vehicles * fixes
    vehicle = np.repeat(np.arange(vehicles, dtype=np.int32), fixes)
    step = np.tile(np.arange(fixes), vehicles)
    lat = 20.0 + step * 0.0015 / 2 + vehicle * 1e-6  # 83 m a step of 10 s, 1.5 degrees in all
    linked = np.diff(vehicle) == 0
    usable = Usable(
        vehicle, np.full(size, -1, np.int32), 1_740_934_800 + step * 10 + vehicle, np.full(size, 106.7), lat,
        np.full(size, 300, np.int32), np.full(size, np.nan, np.float32), linked, np.where(linked, 10, 0),
        np.full(size - 1, 83.0),
    )  # fmt: skip
    stations = [Station(f"KT{one:02d}", "", lon=106.7, lat=20.05 + one * 0.1) for one in range(STATIONS)]
    began = time.process_time()
    passed = passages(usable, stations, law)
    passing_s = time.process_time() - began
    began = time.process_time()
    joined = join(passed.station, passed.vehicle, passed.time - 97, passed, law)
    pairing_s = time.process_time() - began
    if (joined.passage < 0).any() or (joined.clocks.clock_s != 97).any():
        raise SystemExit("a weighing did not find its passage")
    print(f"  {len(passed):,} passages of {STATIONS} stations in {size:,} fixes, {size / passing_s:,.0f}/s a core; "
          f"weighings paired {len(passed) / pairing_s:,.0f}/s a core")  # fmt: skip


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else WEIGHINGS
    law = load()
    rows, names = registry()
    codes = {name: code for code, name in enumerate(names)}
    known = registered.index(rows, names)
    stations = {one.id: one for one in STATION}
    dice = np.random.default_rng(1)
    columns_s = wording_s = 0.0
    over = findings = 0
    for begin in range(0, size, CHUNK):
        weighed = draw(dice, min(CHUNK, size - begin), codes)
        began = time.process_time()
        verdicts = judge(weighed, STATION, known, {}, law)
        columns_s += time.process_time() - began
        those = np.flatnonzero(verdicts.plain)
        sent = tuple(worded(weighed, place, names) for place in those.tolist())
        began = time.process_time()
        found, _ = check(WeighingScene(sent, stations, known, codes, {}), law)
        wording_s += time.process_time() - began
        over += int(verdicts.over.sum())
        findings += len(found)
    print(f"weighings: {size:,} of {STATIONS} stations, {over:,} over in some test, {findings:,} findings")
    print(f"  judged in columns {size / columns_s:,.0f}/s a core ({columns_s:.1f} s)")
    print(f"  with the findings worded {size / (columns_s + wording_s):,.0f}/s a core ({wording_s:.1f} s more, "
          f"{findings / max(wording_s, 1e-9):,.0f} findings/s)")  # fmt: skip
    _join(law)
    pair_a_year(size, STATIONS, VEHICLES, law)
    watch_a_year(size, STATIONS, law)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  peak of the process {peak} MB; load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

"""`python -m benchmarks.review_day`: reviews of one day of a province, how long they take, and whether they are right.

Vehicles go to and fro past one of twelve stations from 6 to 18 h, 12 km to each side, with 40 minutes of standing at
either end; of the passages northwards two in a hundred are not weighed. Exit 1 where another vehicle is found than one
of these, or one of them is not. From fixes in memory: what reading them takes is in the figures of the store.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from datetime import date

import numpy as np
import polars as pl

from benchmarks.province import plate
from cli.stations.joining import VEHICLES
from journey.localtime import DAY_S, midnight
from journey.model import Scale, Weighing
from journey.registry import Registration, Station
from journey.track import FIX, Int, on_grid
from rules import law as rulebook
from rules.quality import figures_box
from rules.stations.day import day_of_records
from rules.stations.reviews import reviews
from rules.stations.sightings import Sightings, seen_in, together

STATIONS, MISSED = 12, 0.02
_START = midnight(date(2026, 3, 6))
_FROM_S, _TO_S, _EVERY_S = 6 * 3600, 18 * 3600, 30
_PACE, _REACH_M, _STAND_S = 14.0, 12_000.0, 2400
_LEG_S = 2 * _REACH_M / _PACE
_ROUND_S = 2 * (_STAND_S + _LEG_S)
_DEGREE_M = 111_195.0
_LAT, _APART_DEGREES, _GATE = 21.8, 0.2, 3000 / _DEGREE_M


def stations() -> tuple[Station, ...]:
    lons = [105.0 + _APART_DEGREES * number for number in range(STATIONS)]
    return tuple(
        Station(f"KT{number:02d}", f"Trạm {number}", lon, _LAT, 0.0, open='"06:00-18:00"',
                corridor=(lon, _LAT - _GATE, lon, _LAT + _GATE))
        for number, lon in enumerate(lons)
    )  # fmt: skip


def tracks(numbers: Int, phase_s: Int) -> pl.DataFrame:
    """Fixes of some vehicles. phase_s: of each, how far on its round it is at midnight."""
    at = np.arange(_FROM_S, _TO_S, _EVERY_S)
    on = (at[None, :] + phase_s[:, None]) % _ROUND_S
    back = on >= _ROUND_S / 2
    gone = np.clip(np.where(back, on - _ROUND_S / 2, on) - _STAND_S, 0, _LEG_S) * _PACE - _REACH_M
    north = np.where(back, -gone, gone)
    moving = np.abs(north) < _REACH_M
    many = len(at)
    columns = {
        "vehicle": np.repeat([plate(one) for one in numbers.tolist()], many),
        "time": np.tile(_START + at, len(numbers)),
        "lon": np.repeat([105.0 + _APART_DEGREES * (one % STATIONS) for one in numbers.tolist()], many),
        "lat": (_LAT + north / _DEGREE_M).ravel(),
        "speed_dkmh": np.where(moving, round(_PACE * 36), 0).ravel(),
        "received": np.tile(_START + at + 2, len(numbers)),
        "scaled": np.zeros(many * len(numbers), bool),
    }
    empty = [pl.lit(None, kind).alias(name) for name, kind in FIX.items() if name not in columns]
    return on_grid(pl.DataFrame(columns).with_columns(empty).select(pl.col(name).cast(FIX[name]) for name in FIX))


def weighings(vehicles: int, phase_s: Int, dice: np.random.Generator) -> tuple[list[Weighing], set[tuple[str, int]]]:
    """What was weighed, and who was not: plate and instant of the passage, s UTC."""
    made, missed = [], set()
    for number in range(vehicles):
        first = _STAND_S + _LEG_S / 2 - int(phase_s[number])
        for turn in range(-1, int((_TO_S + _ROUND_S) // _ROUND_S) + 2):
            passing = round(first + turn * _ROUND_S)
            if not _FROM_S - _EVERY_S < passing < _TO_S + _EVERY_S:  # a track that begins at the scale passed it
                continue
            if _FROM_S + 3600 < passing < _TO_S - 3600 and dice.random() < MISSED:
                missed.add((plate(number), _START + passing))
                continue
            made.append(Weighing(
                f"KT{number % STATIONS:02d}", 1, _START + passing + int(dice.integers(-10, 11)), plate(number), None,
                (6000, 9000), (4000,), 15_000, 1, 0, f"T{number}-{turn}", Scale("WIM-1", plate_permille=990),
            ))  # fmt: skip
    return sorted(made, key=lambda one: (one.time, one.plate)), missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vehicles", type=int, default=5000)
    vehicles = parser.parse_args().vehicles
    law, dice = rulebook.load(), np.random.default_rng(1)
    phase_s: Int = dice.integers(0, int(_ROUND_S), vehicles)
    weighed, missed = weighings(vehicles, phase_s, dice)
    every, plates = stations(), [plate(number) for number in range(vehicles)]
    rows = [Registration(one, "OP1", "truck") for one in plates]
    codes = {one: code for code, one in enumerate(plates)}
    parts: list[Sightings] = []
    renamed: list[Int] = []
    fixes, seeing = 0, 0.0
    for low in range(0, vehicles, VEHICLES):
        numbers = np.arange(low, min(low + VEHICLES, vehicles))
        sent = tracks(numbers, phase_s[numbers])
        began = time.process_time()
        own, seen = seen_in(sent, figures_box(law), every, law)
        seeing += time.process_time() - began
        fixes += len(sent)
        parts.append(seen)
        renamed.append(np.array([codes[one] for one in own], np.int64))
    began = time.process_time()
    bounds = (_START, _START + DAY_S)
    day = day_of_records(bounds, plates, rows, every, weighed, together(parts, renamed), (), law)
    joining = time.process_time() - began
    began = time.process_time()
    found = [one for one in reviews(day) if one.kind == "unweighed"]
    reviewing = time.process_time() - began
    hit = {(name, at) for name, at in missed for one in found if one.vehicle == name and abs(one.at - at) <= _EVERY_S}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{fixes:,} fixes of {vehicles:,} vehicles, {STATIONS} stations, {len(weighed):,} weighings\n"
          f"tracks seen at stations  {seeing:6.1f} s  {fixes / seeing:,.0f} fixes/s\n"
          f"weighings joined         {joining:6.1f} s  {len(weighed) / joining:,.0f} weighings/s\n"
          f"reviews                  {reviewing:6.1f} s\n"
          f"passed unweighed: planted {len(missed)}, found {len(hit)}, extra {len(found) - len(hit)}; "
          f"CPU time, load {os.getloadavg()[0]:.1f}, peak {peak:,.0f} MB")  # fmt: skip
    if not len(missed) == len(hit) == len(found):
        sys.exit(1)


if __name__ == "__main__":
    main()

"""Weighings in the store of `benchmarks.deskstore`: 12 stations at a million a year, judged, watched. Made once, kept.

A third are five-axle combinations of vehicles that nobody registered; the others trucks of the store. Six in a hundred
are too heavy; one lane drifts in the last quarter.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.province import plate
from benchmarks.store import DAYS, FIRST_DAY, OPERATORS, VEHICLES
from cli.checking.windows import check
from cli.root import code_version
from cli.stations.watching import watch_stations
from journey.localtime import DAY_S, day_start
from journey.model import Scale, Weighing
from journey.registry import Registry, Station
from journey.settings import Settings
from rules.law import load
from storage.commit import Batch, commit_batch
from storage.database import connect, transaction
from storage.registry import load_stations, save_registry

STATIONS, A_YEAR = 12, 1_000_000
_LANES = 2
_DRIFTING = ("KT00", 1)


def add_weighings(url: str, settings: Settings) -> None:
    """Nothing where they are there already. Args: settings: of the store, beside whose folder a mark is kept."""
    mark = settings.data_folder.parent / "weighings"
    if mark.exists():
        return
    law = load()
    began = time.perf_counter()
    with connect(url) as connection:
        stations = tuple(Station(f"KT{number:02d}", f"Trạm {number}") for number in range(STATIONS))
        save_registry(connection, Registry(stations=stations))
        for day in range(FIRST_DAY, FIRST_DAY + DAYS):
            commit_batch(connection, Batch("bench-stations", weighings=_day(day)))
        check(connection, law, code_version())
        with transaction(connection):
            stations = load_stations(connection)
        watch_stations(connection, stations, law, day_start(FIRST_DAY + DAYS))
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    mark.touch()
    print(f"{'weighings added':<28} {A_YEAR // 365 * DAYS:>12,} of {DAYS} days, {VEHICLES} vehicles of {OPERATORS} "
          f"operators, {STATIONS} stations, in {time.perf_counter() - began:,.0f} s", flush=True)  # fmt: skip


def _day(day: int) -> list[Weighing]:
    dice = np.random.default_rng(day)
    size = A_YEAR // 365
    times = np.sort(day_start(day) + dice.integers(0, DAY_S, size)).tolist()
    load = np.where(dice.random(size) < 0.06, dice.uniform(1.12, 1.6, size), dice.uniform(0.5, 0.95, size)).tolist()
    station, lane = dice.integers(STATIONS, size=size).tolist(), dice.integers(1, _LANES + 1, size=size).tolist()
    five, vehicle = (dice.random(size) < 0.34).tolist(), dice.integers(VEHICLES, size=size).tolist()
    steer, unread = dice.normal(5400, 430, size).tolist(), (dice.random(size) < 0.03).tolist()
    made = []
    for number in range(size):
        name, way = f"KT{station[number]:02d}", lane[number]
        moved = 1.08 if (name, way) == _DRIFTING and day >= FIRST_DAY + DAYS * 3 // 4 else 1.0
        if five[number]:
            axles = (int(steer[number] * moved), *(int(each * load[number]) for each in (9000, 9000, 9300, 9300)))
            apart: tuple[int, ...] = (3300, 1350, 6000, 1350)
            named = f"99C{vehicle[number]:05d}"
        else:
            axles, apart = tuple(int(each * load[number] * moved) for each in (5900, 9000, 9000)), (3600, 1350)
            named = plate(vehicle[number])
        made.append(Weighing(
            name, way, times[number], "?" if unread[number] else named, None, axles, apart, sum(axles), 1, None,
            f"T{day}-{number}", Scale(f"WIM-{way}", "KD-2026", error_permille=10, plate_permille=990),
        ))  # fmt: skip
    return made

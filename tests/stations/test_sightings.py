"""Journeys past a station, standing near it and silences, against plain loops over fixes and activities."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.localtime import DAY_S
from journey.registry import Station
from rules.engine import VehicleFloor
from rules.stations.sightings import Sightings, sightings, together
from rules.stations.silent import last_and_next
from tests.casefolder import LAW
from tests.stations.plainly import plain_standings, plain_transits
from tests.stations.test_passages import BEGIN, M, floor_of

PLATES = ("12C00001", "12C00002", "12C00003")
GATES = (106.7, 21.8 - 1000 * M, 106.7, 21.8 + 1000 * M)
STATIONS = (
    Station("KT1", "one", lon=106.7, lat=21.8, direction_deg=0.0, corridor=GATES),
    Station("KT2", "both ways", lon=106.7, lat=21.8, corridor=GATES),
    Station("KT3", "no corridor", lon=106.7, lat=21.8 + 3500 * M),
    Station("KT4", "no place"),
)


def walk(dice: random.Random, plate: str) -> list[dict[str, Any]]:
    """Somebody who wanders about the station: along the corridor, beside it, standing, with silences."""
    rows, now, north, east = [], BEGIN + dice.randrange(DAY_S), float(dice.randrange(-2500, 2500)), 0.0
    way, still = 1, 0
    for _ in range(dice.randrange(2, 120)):
        if dice.random() < 0.06:
            way = -way
        if dice.random() < 0.08:
            east = dice.choice((0.0, 600.0, 900.0))
        if dice.random() < 0.05:
            still = dice.randrange(1, 30)
        step = dice.choice((20, 30, 30, 60, 100, *((400, 2000) if dice.random() < 0.2 else ())))
        now += step
        still -= 1
        if still < 0:
            north += way * step * 12
        rows.append({
            "vehicle": plate, "driver": dice.choice(("790123456789", "790123456789", None)), "time": now,
            "lon": round(106.7 + east * M / math.cos(math.radians(21.8)), 7), "lat": round(21.8 + north * M, 7),
            "speed_dkmh": 0 if still >= 0 else 430, "received": now, "scaled": False,
        })  # fmt: skip
    return rows


def seen_of(floor: VehicleFloor) -> Sightings:
    return sightings(floor.fixes, floor.usable, floor.activities, STATIONS, LAW)


def rows_of(table: Any) -> list[tuple[Any, ...]]:
    columns = [getattr(table, name) for name in table.__dataclass_fields__]
    return sorted(
        zip(*((column if column.dtype == bool else np.round(column, 3)).tolist() for column in columns), strict=True)
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_sightings_are_those_of_plain_loops(seed: int) -> None:
    dice = random.Random(seed)
    floor = floor_of([row for plate in PLATES for row in walk(dice, plate)])
    seen = seen_of(floor)
    assert rows_of(seen.transits) == plain_transits(floor, STATIONS)
    assert rows_of(seen.standings) == plain_standings(floor, STATIONS)
    times = {v: sorted(floor.fixes.time[floor.fixes.vehicle == v].tolist()) for v in range(len(floor.plates))}
    for vehicle, own in times.items():
        for at in [dice.randrange(BEGIN, BEGIN + 2 * DAY_S) for _ in range(20)]:
            sent = seen.sendings
            before, after = last_and_next(np.array([vehicle]), np.array([at]), sent.vehicle, sent.start, sent.end)
            near = min(abs(at - time) for time in own)
            for wide in (1800, 9000):
                assert (near <= wide) == (at - before[0] <= wide or after[0] - at <= wide)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_portions_of_vehicles_and_the_order_of_fixes_change_nothing(seed: int) -> None:
    dice = random.Random(seed)
    tracks = {plate: walk(dice, plate) for plate in PLATES}
    rows = [row for track in tracks.values() for row in track]
    dice.shuffle(rows)
    whole = seen_of(floor_of(rows))
    floors = [floor_of(track) for track in tracks.values()]
    parts = together([seen_of(floor) for floor in floors], [np.array([n], np.int64) for n in range(len(floors))])
    for name in ("transits", "standings", "sendings", "stops"):
        assert rows_of(getattr(whole, name)) == rows_of(getattr(parts, name))


def test_a_store_without_stations_or_fixes_gives_nothing() -> None:
    floor = floor_of([])
    empty = seen_of(floor)
    assert [len(rows_of(getattr(empty, name))) for name in ("transits", "standings", "sendings", "stops")] == [0] * 4
    some = floor_of(walk(random.Random(1), PLATES[0]))
    assert rows_of(sightings(some.fixes, some.usable, some.activities, (), LAW).transits) == []

"""Passages, pairs, clocks and origins against plain loops."""

from __future__ import annotations

import math
import random
from datetime import date
from statistics import median
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.localtime import DAY_S, midnight
from journey.registry import Registry, Station
from journey.track import FIX, STANDING
from rules.engine import VehicleFloor, know, vehicle_floor
from rules.stations.joining import NONE, estimate, join, pair
from rules.stations.origins import origins
from rules.stations.passages import Passages, passages
from tests.casefolder import LAW

BEGIN = midnight(date(2025, 3, 3))
NOON = BEGIN + 43_200
M = 1 / math.radians(1) / 6_371_008.8  # degrees of latitude in one m
HERE = Station("KT1", "one", lon=106.7, lat=21.8)


def track(
    plate: str, points: list[tuple[int, float, int]], driver: str | None = "790123456789"
) -> list[dict[str, Any]]:
    """Fixes on the meridian of the station. points: s after BEGIN, m north of the station, km/h."""
    return [
        {"vehicle": plate, "driver": driver, "time": BEGIN + after, "lon": 106.7, "lat": round(21.8 + north * M, 7),
         "speed_dkmh": speed * 10, "received": BEGIN + after, "scaled": False}
        for after, north, speed in points
    ]  # fmt: skip


def floor_of(rows: list[dict[str, Any]]) -> VehicleFloor:
    return vehicle_floor(pl.DataFrame(rows, schema=FIX), know(Registry(), LAW), LAW)


def northward(plate: str, start_s: int, step_s: int = 30, speed: int = 60) -> list[dict[str, Any]]:
    """From 3 km south to 3 km north of the station; it lies at 3,000 m / (60 km/h) = 180 s after the start."""
    metres = speed * step_s / 3.6
    count = int(6000 / metres) + 1
    return track(plate, [(start_s + k * step_s, -3000 + k * metres, speed) for k in range(count)])


def test_a_passage_between_two_fixes_is_seen_at_its_time() -> None:
    usable = floor_of(northward("12C00001", 0, step_s=110)).usable
    found = passages(usable, [HERE], LAW)
    assert len(found) == 1
    assert found.time.tolist() == [BEGIN + 180]
    assert found.away_m[0] < 1
    assert found.bearing[0] == pytest.approx(0, abs=0.1)


def test_a_silence_is_no_passage_and_a_stop_in_the_zone_is_one() -> None:
    assert len(passages(floor_of(northward("12C00001", 0, step_s=121)).usable, [HERE], LAW)) == 0
    stopped = track("12C00001", [(0, -900, 60), (60, -100, 10), *((60 + 30 * k, 10, 0) for k in range(1, 20)),
                                 (720, 100, 40), (780, 900, 60)])  # fmt: skip
    assert len(passages(floor_of(stopped).usable, [HERE], LAW)) == 1


def test_one_who_comes_by_twice_passes_twice_and_one_beside_not_at_all() -> None:
    rows = northward("12C00001", 0) + northward("12C00001", 3600)
    assert len(passages(floor_of(rows).usable, [HERE, Station("KT2", "no place")], LAW)) == 2
    beside = Station("KT3", "beside", lon=106.7 + 301 * M / math.cos(math.radians(21.8)), lat=21.8)
    near = Station("KT4", "near", lon=106.7 + 299 * M / math.cos(math.radians(21.8)), lat=21.8)
    found = passages(floor_of(rows).usable, [beside, near], LAW)
    assert found.station.tolist() == [1, 1]


def some_passages(dice: random.Random, count: int) -> Passages:
    time = np.array([BEGIN + dice.randrange(2 * DAY_S) for _ in range(count)], np.int64)
    code = np.array([dice.randrange(3) for _ in range(count)], np.int64)
    vehicle = np.array([dice.randrange(4) for _ in range(count)], np.int64)
    return Passages(code, vehicle, time, np.arange(count), np.zeros(count), np.zeros(count))


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.integers(0, 40), st.integers(0, 30))
def test_pairs_and_clocks_are_those_of_plain_loops(seed: int, count: int, weighings: int) -> None:
    dice = random.Random(seed)
    passed = some_passages(dice, count)
    station = np.array([dice.randrange(3) for _ in range(weighings)], np.int64)
    vehicle = np.array([dice.randrange(-1, 5) for _ in range(weighings)], np.int64)
    time = np.array([BEGIN + dice.randrange(2 * DAY_S) for _ in range(weighings)], np.int64)
    within = dice.choice((60, 3600, 7200))
    found = pair(station, vehicle, time, passed, within)
    for k in range(weighings):
        apart = [
            (abs(int(passed.time[p] - time[k])), int(passed.time[p]))
            for p in range(count)
            if passed.station[p] == station[k] and passed.vehicle[p] == vehicle[k]
            and abs(int(passed.time[p] - time[k])) <= within
        ]  # fmt: skip
        assert (found[k] == NONE) == (not apart)
        if apart:
            assert int(passed.time[found[k]]) == min(apart)[1]
    clocks = estimate(station, time, found, passed, 3)
    for k in range(weighings):
        row = clocks.of[k]
        alike = [j for j in range(weighings) if station[j] == station[k] and found[j] != NONE]
        today = [j for j in alike if (time[j] + 25_200) // DAY_S == clocks.day[row]]
        used = today if len(today) >= 3 else alike
        expected = math.floor(median(int(passed.time[found[j]] - time[j]) for j in used)) if len(used) >= 3 else 0
        assert clocks.clock_s[row] == expected
        assert clocks.passages[row] == len(today)


def test_a_clock_an_hour_out_is_found_and_taken_off() -> None:
    passed = Passages(*(np.array(column, np.int64) for column in ([0] * 7, range(7), range(NOON, NOON + 7000, 1000),
                                                                  range(7))), np.zeros(7), np.zeros(7))  # fmt: skip
    time = passed.time - 3600 + np.array([0, 5, -5, 2, -2, 0, 1500])
    joined = join(passed.station, passed.vehicle, time, passed, LAW)
    assert joined.passage.tolist() == [0, 1, 2, 3, 4, 5, NONE]
    assert joined.clocks.clock_s.tolist() == [3600]
    assert joined.clocks.spread_s.tolist() == [2]


def test_a_load_comes_from_the_last_long_standing() -> None:
    rows = track("12C00001", [
        *((60 * k, -30_000, 0) for k in range(31)),  # 30 min: long enough
        *((1800 + 30 * k, -30_000 + 500 * k, 60) for k in range(1, 41)),
        *((3000 + 60 * k, -10_000, 0) for k in range(1, 29)),  # 28 min: not
        *((4680 + 30 * k, -10_000 + 500 * k, 60) for k in range(1, 31)),
    ])  # fmt: skip
    floor = floor_of(rows)
    passed = passages(floor.usable, [HERE], LAW)
    came = origins(floor.usable, floor.activities, passed.fix, passed.time, LAW)
    assert came.start.tolist() == [BEGIN]
    assert came.end.tolist() == [BEGIN + 1830]  # until the first fix that moves
    assert came.lat[0] == pytest.approx(21.8 - 30_000 * M, abs=1e-6)
    assert came.way_m[0] == pytest.approx(29_500, abs=501)  # between fixes 500 m apart
    standing = floor.activities.filter(pl.col("kind") == STANDING)
    assert len(standing) == 2


def test_a_vehicle_seen_no_earlier_came_from_nowhere_known() -> None:
    floor = floor_of(northward("12C00001", 0) + northward("12C00002", 50))
    passed = passages(floor.usable, [HERE], LAW)
    assert origins(floor.usable, floor.activities, passed.fix, passed.time, LAW).start.tolist() == [NONE, NONE]

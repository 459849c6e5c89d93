"""Which weighings watch an instrument, their days, and the gaps of a station: columns against plain loops."""

from __future__ import annotations

import random
import statistics
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.localtime import day_of, day_start
from journey.registry import Station
from rules.stations.opening import open_spans
from rules.stations.silence import gaps, silence_from, silences, usual_gap
from rules.stations.steering import Passed, days, watching
from rules.stations.unweighed import is_open
from tests.casefolder import LAW

GAP, ERROR, HEAVIEST = (LAW.figure(name) for name in ("axle_group_gap", "weighing_sum_error", "weighing_axle_max"))
type Row = tuple[int, int, bool, tuple[int, ...], tuple[int, ...], int]  # time, scale, unread, axles, spacings, gross


def rows(dice: random.Random, number: int) -> list[Row]:
    made = []
    for _ in range(number):
        axles = dice.choice((2, 5, 5, 5, 5, 6))
        apart = tuple(dice.choice((0, 900, 1350, GAP - 1, GAP, 3300, 6000)) for _ in range(axles - 1))
        if axles == 5 and dice.random() < 0.7:
            apart = (dice.choice((GAP, 3300)), dice.choice((1, GAP - 1)), 6000, 1350)
        mass = (
            dice.choice((0, 1, 5000, 5500, 6100)),
            *(
                dice.choice((3000, 8000, HEAVIEST, HEAVIEST + 1)) if dice.random() < 0.1 else 7000
                for _ in range(axles - 1)
            ),
        )
        gross = sum(mass) * dice.choice((100, 100, 100, 103, 105)) // 100
        made.append((dice.randrange(1_740_900_000, 1_741_200_000), dice.randrange(3), dice.random() < 0.2, mass, apart,
                     gross))  # fmt: skip
    return sorted(made)


def passed_of(some: list[Row]) -> Passed:
    five = [len(row[3]) == 5 and len(row[4]) == 4 for row in some]
    none = np.full(len(some), -1, np.int64)
    return Passed(
        np.array([row[0] for row in some], np.int64), np.array([row[1] for row in some], np.int64), none,
        np.array([row[2] for row in some], bool), np.array(five, bool),
        np.array([row[3] if fits else (0,) * 5 for row, fits in zip(some, five, strict=True)], np.int64).reshape(-1, 5),
        np.array([row[4] if fits else (0,) * 4 for row, fits in zip(some, five, strict=True)], np.int64).reshape(-1, 4),
        np.array([row[5] for row in some], np.int64),
    )  # fmt: skip


def plainly(row: Row) -> bool:
    _, _, _, mass, apart, gross = row
    if len(mass) != 5 or 0 in apart or max(mass) > HEAVIEST or mass[0] == 0:
        return False
    if abs(sum(mass) - gross) * 1000 > ERROR * (sum(mass) + gross):
        return False
    return apart[0] >= GAP > apart[1] and apart[2] >= GAP > apart[3]


@settings(max_examples=50)
@given(st.integers(0, 1 << 32), st.integers(0, 200))
def test_columns_watch_what_a_loop_watches(seed: int, number: int) -> None:
    some = rows(random.Random(seed), number)
    passed = passed_of(some)
    watch = watching(passed, LAW)
    assert watch.tolist() == [plainly(row) for row in some]
    made = days(passed, watch)
    lines = {(int(scale), int(day)): rest for scale, day, *rest in zip(
        *(getattr(made, field.name).tolist() for field in fields(made)), strict=True)}  # fmt: skip
    assert set(lines) == {(row[1], day_of(row[0])) for row in some}
    for (scale, day), (weighings, unread, number_watching, mean, spread) in lines.items():
        mine = [row for row in some if (row[1], day_of(row[0])) == (scale, day)]
        masses = [row[3][0] for row in mine if plainly(row)]
        assert (weighings, unread, number_watching) == (len(mine), sum(row[2] for row in mine), len(masses))
        assert mean == pytest.approx(statistics.fmean(masses)) if masses else mean != mean
        assert spread == pytest.approx(statistics.stdev(masses), abs=1e-6) if len(masses) > 1 else spread != spread


def test_the_random_rows_hold_what_they_are_for() -> None:
    some = rows(random.Random(1), 2000)
    assert 200 < sum(map(plainly, some)) < 1800


OPEN = (None, '"24/24"', '"06:00-22:00"', '"22:00-06:00"', '"00:00-12:00,12:00-24:00"', '"01:30-02:30, 23:00-01:00"',
        '"whenever"', "17")  # fmt: skip


@pytest.mark.parametrize("text", OPEN)
def test_spans_are_open_where_the_entry_says_so(text: str | None) -> None:
    station = Station("KT", "", open=text)
    day = day_of(1_741_000_000)
    spans = open_spans(station, day, day + 3)
    for at in range(day_start(day), day_start(day + 3), 300):
        assert any(low <= at < high for low, high in spans) == is_open(station, at), at
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_gaps_count_while_the_station_is_open() -> None:
    spans = [(0, 100), (200, 300)]
    begin, end = gaps(np.array([10, 40, 150, 210]), spans)
    found = list(zip(begin.tolist(), end.tolist(), strict=True))
    assert found == [(0, 10), (10, 40), (40, 100), (200, 210), (210, 300)]
    assert silences(np.array([10, 40, 150, 210]), spans, 60) == [(40, 100), (210, 300)]
    assert silences(np.zeros(0, np.int64), [], 60) == []


def test_a_silence_is_measured_by_the_stations_own_gaps() -> None:
    day = day_of(1_741_000_000)
    spans = open_spans(None, day, day + 20)
    low, high = spans[0]
    busy, quiet = np.arange(low, high, 120), np.arange(low, high, 4000)
    assert usual_gap(busy, spans, LAW) == 120
    assert silence_from(120, LAW) == LAW.figure("station_gap_min")  # three minutes times three is no silence
    assert usual_gap(quiet, spans, LAW) == 4000
    assert silence_from(4000, LAW) == 12_000
    assert usual_gap(np.arange(low, low + 98 * 60, 60), spans, LAW) is None  # 98 weighings, 99 gaps with the edges
    assert silence_from(None, LAW) is None
    dice = np.random.default_rng(1)
    lengths = dice.integers(1, 1000, 3000)
    times = low + np.cumsum(lengths)
    plain = sorted([*lengths.tolist(), high - int(times[-1])])
    share = LAW.figure("station_gap_share")
    expected = next(one for one in plain if sum(each <= one for each in plain) * 1000 >= share * len(plain))
    assert usual_gap(times[times < high], spans, LAW) == expected

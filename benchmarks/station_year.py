"""A year of stations in one pass each: a million weighings paired with as many passages, and instruments watched."""

from __future__ import annotations

import resource
import time

import numpy as np

from journey.localtime import DAY_S
from rules.law import Law
from rules.stations.drift import NONE, figures, spans
from rules.stations.joining import join
from rules.stations.passages import Passages
from rules.stations.steering import Passed, days, watching

_START = 1_740_934_800
_YEAR_S, _LANES, _CLOCK_S, _JITTER_S = 365 * DAY_S, 2, 97, 40


def pair_a_year(size: int, stations: int, vehicles: int, law: Law) -> None:
    """Weighings of a year and the passages that they belong to, and a tenth as many of vehicles without a track."""
    dice = np.random.default_rng(2)
    station, vehicle = dice.integers(stations, size=size), dice.integers(vehicles, size=size)
    at = np.sort(_START + dice.integers(0, _YEAR_S, size))
    passed = Passages(station, vehicle, at, np.arange(size), np.zeros(size), np.zeros(size))
    silent = dice.random(size) < 0.1
    weighed = at - _CLOCK_S + dice.integers(-_JITTER_S, _JITTER_S + 1, size)
    before = _peak_mb()
    began = time.process_time()
    joined = join(station, np.where(silent, NONE, vehicle), weighed, passed, law)
    seconds = time.process_time() - began
    found = joined.passage >= 0
    wrong = int((found & (joined.passage != np.arange(size))).sum())
    # Of two passages of one vehicle within minutes the nearer is taken, which need not be the one drawn.
    if found[silent].any() or (~found[~silent]).any() or wrong * 1000 > size:
        raise SystemExit(f"{int(found.sum())} of {int((~silent).sum())} weighings were paired, {wrong} wrongly")
    print(f"  a year joined in one pass: {size:,} weighings with {size:,} passages of {stations} stations, "
          f"{size / seconds:,.0f}/s a core ({seconds:.1f} s), {_peak_mb() - before} MB more at its peak")  # fmt: skip


def watch_a_year(size: int, stations: int, law: Law) -> None:
    """As many weighings, a fifth of them five-axle combinations, two lanes a station; one drifts by 8 percent."""
    dice = np.random.default_rng(3)
    method, a_station = figures(law), size // stations
    spent = alarms = watched = 0.0
    for station in range(stations):
        at = np.sort(_START + dice.integers(0, _YEAR_S, a_station))
        scale, five = dice.integers(_LANES, size=a_station), dice.random(a_station) < 0.2
        steering = dice.normal(5400, 430, a_station)
        if station == 0:
            steering[(scale == 0) & (np.arange(a_station) > a_station // 2)] *= 1.08
        axle = np.stack([steering.astype(np.int64), *(np.full(a_station, 7000) for _ in range(4))], axis=1)
        spacing = np.tile(np.array([3300, 1350, 6000, 1350]), (a_station, 1))
        none = np.zeros(a_station, bool)
        passed = Passed(at, scale, np.zeros(a_station, np.int64), none, five, axle, spacing, axle.sum(1))
        began = time.process_time()
        watch = watching(passed, law)
        days(passed, watch)
        for lane in range(_LANES):
            mine = watch & (scale == lane)
            for span in spans(at[mine], axle[mine, 0], passed.certificate[mine], method):
                alarms += sum(one.alarmed_at is not None for one in span.excursions)
                watched += span.number
        spent += time.process_time() - began
    if alarms != 1:
        raise SystemExit(f"{alarms:.0f} alarms where one lane drifts")
    print(f"  instruments watched: {size:,} weighings, {watched:,.0f} steering axles on {stations * _LANES} lanes, "
          f"{size / spent:,.0f}/s a core; the one lane that drifts found, no other")  # fmt: skip


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

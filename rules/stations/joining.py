"""Each weighing on its vehicle's track: the passage that it was made at, and how station and recorders' clocks differ.

The difference is estimated for each station and local day as the median over the passages that lie nearest to a
weighing; its spread is the median distance from that. With few passages the station's median over all days given
stands, and where even that is missing, none is assumed. The difference moves no finding: it places weighings.
Units: s. Shape: n weighings -> n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.localtime import day_of
from journey.track import Float, Int
from rules.law import Law
from rules.stations.passages import Passages

NONE = -1
_BITS = 40  # for an instant in a combined key


@dataclass(frozen=True, slots=True)
class Clocks:
    """One row a station and local day with weighings. clock_s: recorder less station; spread_s: NaN where unknown."""

    station: Int
    day: Int
    clock_s: Int
    spread_s: Float
    passages: Int  # pairs that it rests on
    weighings: Int
    of: Int  # the row of each weighing


@dataclass(frozen=True, slots=True)
class Joined:
    """passage: the place of each weighing's passage, NONE where there is none."""

    passage: Int
    clocks: Clocks


def join(station: Int, vehicle: Int, time: Int, passed: Passages, law: Law) -> Joined:
    """Args: station, vehicle, time: of each weighing, codes as in `passed`; vehicle NONE where it has no track."""
    nearest = pair(station, vehicle, time, passed, law.figure("clock_search"))
    clocks = estimate(station, time, nearest, passed, law.figure("clock_passages_min"))
    shifted = time + clocks.clock_s[clocks.of] if len(time) else time
    return Joined(pair(station, vehicle, shifted, passed, law.figure("clock_window")), clocks)


def pair(station: Int, vehicle: Int, time: Int, passed: Passages, within_s: int) -> Int:
    """The passage of the same vehicle at the same station that lies nearest in time; of two as near the earlier."""
    if not len(passed):
        return np.full(len(time), NONE, np.int64)
    wide = int(max(passed.vehicle.max(), vehicle.max(initial=0))) + 1
    held = passed.station * wide + passed.vehicle
    order = np.lexsort((passed.time, held))
    keys = (held[order] << _BITS) + passed.time[order]
    group = station * wide + vehicle
    place = np.searchsorted(keys, (group << _BITS) + time)
    best, away = np.full(len(time), NONE, np.int64), np.full(len(time), within_s + 1, np.int64)
    for side in (place - 1, place):
        inside = (side >= 0) & (side < len(keys)) & (vehicle != NONE)
        one = order[np.clip(side, 0, len(keys) - 1)]
        apart = np.abs(passed.time[one] - time)
        better = inside & (held[one] == group) & (apart < away)
        best, away = np.where(better, one, best), np.where(better, apart, away)
    return best


def estimate(station: Int, time: Int, nearest: Int, passed: Passages, least: int) -> Clocks:
    """The clocks of each station and day. Args: nearest: the passage nearest to each weighing, NONE."""
    if not len(time):
        none = np.zeros(0, np.int64)
        return Clocks(none, none, none, np.zeros(0), none, none, none)
    day = day_of(time)
    pairs, of = np.unique(np.stack([station, day], axis=1), axis=0, return_inverse=True)
    of = of.reshape(-1).astype(np.int64)
    known = nearest != NONE
    apart = np.where(known, passed.time[nearest] if len(passed) else 0, 0) - time
    count = np.bincount(of[known], minlength=len(pairs)).astype(np.int64)
    clock, spread = np.zeros(len(pairs), np.int64), np.full(len(pairs), np.nan)
    by_day = np.split(apart[known][np.argsort(of[known], kind="stable")], np.cumsum(count)[:-1])
    by_station = {one: apart[known & (station == one)] for one in set(pairs[count < least, 0].tolist())}
    for row, one in enumerate(pairs[:, 0].tolist()):
        own = by_day[row] if count[row] >= least else by_station[one]
        if len(own) >= least:
            clock[row] = int(np.floor(np.median(own)))
            spread[row] = float(np.median(np.abs(own - clock[row])))
    weighings = np.bincount(of, minlength=len(pairs)).astype(np.int64)
    return Clocks(pairs[:, 0], pairs[:, 1], clock, spread, count, weighings, of)

"""Slices of track that a map matcher is asked about: runs that could be speeding on some road near them, with context.

A slice goes no farther than driving does: what stands between two cuts of a track (rules.cuts) has its slices whole.

Shape: usable fixes -> slices, disjoint and in order.
"""

from __future__ import annotations

import numpy as np

from journey.track import DRIVING, Int
from rules.activity import Kind
from rules.bands import NEVER_OVER, lowest
from rules.law import Law
from rules.quality import Usable
from rules.registered import Registered
from rules.roads.index import RoadIndex, candidates
from rules.roads.limits import NO_LAW, limits_of_pairs
from rules.roads.suspects import Runs, runs_of, suspects

_SPAN = 1 << 40  # s; orders by vehicle and time in one number


def to_match(usable: Usable, kind: Kind, registered: Registered, roads: RoadIndex | None, law: Law) -> Runs:
    """Slices as first and last indices into usable: none where no reading of the roads could make a finding."""
    if roads is None:
        return Runs(np.zeros(0, np.int64), np.zeros(0, np.int64))
    doubted = _over_some_road(usable, suspects(usable, registered, roads, law), registered, roads, law)
    runs = runs_of(usable, doubted, law)
    return _with_context(usable, kind, doubted[runs.first], doubted[runs.last], law.figure("match_context"))


def _over_some_road(usable: Usable, fix: Int, registered: Registered, roads: RoadIndex, law: Law) -> Int:
    """Those of `fix` that are over the limit of at least one road within reach."""
    found = candidates(roads, usable, fix, law)
    time, vehicle = usable.time[fix], usable.vehicle[fix]
    limit, _ = limits_of_pairs(roads, found, registered, vehicle, time, law)
    least = lowest(law, "speed.bands", time[found.fix])
    over = (limit != NO_LAW) & (least != NEVER_OVER) & (usable.speed_dkmh[fix[found.fix]] - limit >= least)
    doubted: Int = fix[np.unique(found.fix[over])]
    return doubted


def _with_context(usable: Usable, kind: Kind, first: Int, last: Int, context_s: int) -> Runs:
    """Runs grown over the driving around them, and united where they meet."""
    if not len(first):
        return Runs(first, last)
    place = np.arange(len(usable.time))
    drives = np.concatenate(([False], kind == DRIVING, [False]))  # of the step to each fix; the last: from the last fix
    begin = np.maximum.accumulate(np.where(drives[:-1], 0, place))
    end = np.minimum.accumulate(np.where(drives[1:], len(place), place)[::-1])[::-1]
    key = usable.vehicle.astype(np.int64) * _SPAN + usable.time
    first = np.maximum(begin[first], np.searchsorted(key, key[first] - context_s))
    last = np.minimum(end[last], np.searchsorted(key, key[last] + context_s, side="right") - 1)
    apart = np.flatnonzero(first[1:] > last[:-1]) + 1
    return Runs(first[np.concatenate(([0], apart))], last[np.append(apart - 1, len(last) - 1)])

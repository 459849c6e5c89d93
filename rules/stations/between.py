"""The average speed between two weighings at different stations: a measure that no recorder has a part in.

What is stated is the least that it was: the way is the straight line less the radius of both stations, the time that
between the weighings and what their clocks, waiting and writing may add. It is evidence beside a finding, never one.

Law:   none; method.station_radius, clock_window, average_distance_min.  Units: m, s, km/h.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from journey.model import Weighing
from journey.registry import Station
from journey.track import distance_m
from rules.law import Law

_MM, _KMH = 1000, 3.6


class Between(NamedTuple):
    """Two weighings one after another. least_kmh: what the average speed was at least."""

    first: Station
    first_time: int
    second: Station
    second_time: int
    straight_m: float
    least_kmh: float


def between_stations(
    weighings: Iterable[Weighing], stations: Mapping[str, Station], start: int, end: int, law: Law
) -> Between | None:
    """The pair of neighbouring weighings of one vehicle with the highest least speed, of those whose time meets
    [start, end] s UTC; None where no two stations with known places lie far enough from each other."""
    found = []
    ordered = sorted(weighings, key=lambda one: (one.time, one.station))
    radius_m = law.figure("station_radius") / _MM
    for one, other in pairwise(ordered):
        if one.time > end or other.time < start:
            continue
        first, second = stations.get(one.station), stations.get(other.station)
        if first is None or second is None or None in (first.lon, first.lat, second.lon, second.lat):
            continue
        straight_m = float(distance_m(np.array([first.lon, second.lon]), np.array([first.lat, second.lat]))[0])
        sure_m = straight_m - 2 * radius_m
        if sure_m < law.figure("average_distance_min") / _MM:
            continue
        least_kmh = sure_m / (other.time - one.time + law.figure("clock_window")) * _KMH
        found.append(Between(first, one.time, second, other.time, straight_m, least_kmh))
    return max(found, key=lambda pair: pair.least_kmh, default=None)

"""On which of the plausible roads a vehicle likely was at a fix: told by all fixes of its slice and the speeds between.

The matcher puts each fix on the nearest point of its path. Along the road such a point errs as far as the fix does, and
a single fix that errs to a side draws the path round a corner and back, on a way that no speed allows. So places every
few metres of the plausible roads are weighed: by how far the fix lies from them, by whether the matcher's path leads
along their road, and by how well the way along the roads, from the places of the fix before and to those of the fix
after, agrees with the speeds. The road whose places weigh most together is the likeliest; of those that weigh the same
the one with the higher limit.
It is the best estimate and no proof: what stays plausible (rules.roads.matched) does not depend on it.

Law:   none; method.match_place_step, match_place_error_min, match_pace_error, match_off_path, match_way_unknown.
Units: m, s.  Shape: n pairs of a fix and a plausible road -> n truths.  Source: forward and backward sums over a chain
(L. R. Rabiner, A tutorial on hidden Markov models, 1989), of places instead of states.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from journey.track import Bool, Float, Int
from rules.law import Law
from rules.quality import Usable
from rules.roads.index import DEGREE_M, RoadIndex
from rules.roads.ways import Ways, lay_ways, ways_m

_MM = 1000
_PERCENT = 100
_DKMH = 36.0  # tenths of km/h in a m/s
_DENSITY = np.sqrt(2 * np.pi)
_FAR = 6  # standard deviations; a way that differs by more from what speeds say is as likely as any
_SAME = 1 - 1e-6  # what weighs as much but for this is told apart by nothing


class Slice(NamedTuple):
    """Fixes of one slice, in order, and the roads plausible at them.

    fix: indices into usable; noise_m, reach_m: of each how far it errs, and how far a road may lie. pair_fix: counts in
    these arrays, ascending; pair_road: a row; pair_limit: what holds there; led: whether the matcher's path leads along
    it there. rows: of all roads that the path leads along.
    """

    fix: Int
    noise_m: Float
    reach_m: Float
    pair_fix: Int
    pair_road: Int
    pair_limit: Int
    led: Bool
    rows: Int


def likeliest(usable: Usable, given: Slice, roads: RoadIndex, law: Law) -> Bool:
    """Of each pair whether its road is the likeliest at its fix, or weighs as much; none of a fix without a place."""
    lat = float(usable.lat[given.fix[0]])
    rows = np.unique(np.concatenate((given.pair_road, given.rows)))
    east_m = float(np.cos(np.radians(lat)) * DEGREE_M)
    ways = lay_ways(roads, rows, east_m, law.figure("match_place_step") / _MM)
    error_m = np.maximum(given.noise_m, law.figure("match_place_error_min") / _MM)
    places, weight, pair = _places(usable, given, ways, east_m, error_m, law)
    joins = [None, *(_agreement(usable, int(given.fix[k]), ways, places[k - 1], places[k], law)
                     if given.fix[k] - given.fix[k - 1] == 1 else None for k in range(1, len(places)))]  # fmt: skip
    ahead = _carried(weight, joins)
    back = _carried(weight[::-1], [None, *(None if one is None else one.T for one in joins[:0:-1])])[::-1]
    result = np.zeros(len(given.led), bool)
    bounds = np.searchsorted(given.pair_fix, np.arange(len(places) + 1))
    for k, (begin, end) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
        if len(places[k]):
            mass = np.bincount(pair[k] - begin, weight[k] * ahead[k] * back[k], end - begin)
            result[begin:end] = _heaviest(mass, given.pair_limit[begin:end])
    return result


def _heaviest(mass: Float, limit: Int) -> Bool:
    """Of some roads those that weigh most of all with the limit that weighs most; of equal limits' the higher."""
    _, of = np.unique(limit, return_inverse=True)
    together = np.bincount(of, mass)
    chosen = of == np.flatnonzero(together >= _SAME * together.max())[-1]
    heaviest: Bool = chosen & (mass >= _SAME * mass[chosen].max())
    return heaviest


def _places(
    usable: Usable, given: Slice, ways: Ways, east_m: float, error_m: Float, law: Law
) -> tuple[list[Int], list[Float], list[Int]]:
    """Of each fix the places on plausible roads within reach, what they weigh by themselves, and the pair of each."""
    off_path = law.figure("match_off_path") / _PERCENT
    by_x = np.argsort(ways.x_m, kind="stable")
    x, y = usable.lon[given.fix] * east_m, usable.lat[given.fix] * DEGREE_M
    low = np.searchsorted(ways.x_m[by_x], x - given.reach_m)
    high = np.searchsorted(ways.x_m[by_x], x + given.reach_m, side="right")
    bounds = np.searchsorted(given.pair_fix, np.arange(len(x) + 1))
    places, weights, pairs = [], [], []
    for k in range(len(x)):
        some = by_x[low[k] : high[k]]
        square = (ways.x_m[some] - x[k]) ** 2 + (ways.y_m[some] - y[k]) ** 2
        rows = given.pair_road[bounds[k] : bounds[k + 1]]
        order = np.argsort(rows)
        at = np.minimum(np.searchsorted(rows, ways.road[some], sorter=order), max(len(rows) - 1, 0))
        kept = square <= given.reach_m[k] ** 2
        kept &= rows[order[at]] == ways.road[some] if len(rows) else False
        some, square, of = some[kept], square[kept], bounds[k] + order[at[kept]]
        nearer = np.exp((square.min(initial=np.inf) - square) / (2 * error_m[k] ** 2)) if len(some) else square
        led = given.led[of] | (not given.led[bounds[k] : bounds[k + 1]].any())
        places.append(some)
        weights.append(nearer * ways.size_m[some] * np.where(led, 1.0, off_path))
        pairs.append(of)
    return places, weights, pairs


def _agreement(usable: Usable, fix: int, ways: Ways, from_: Int, to: Int, law: Law) -> Float | None:
    """How likely each way from a place of the fix before to one of this fix is by their speeds, a metre.

    None where either has no place, or the silence between them is longer than an excess is carried over.
    """
    seconds = float(usable.time[fix] - usable.time[fix - 1])
    if not len(from_) or not len(to) or seconds > law.figure("speeding_gap_max"):
        return None
    before, here = usable.speed_dkmh[fix - 1] / _DKMH, usable.speed_dkmh[fix] / _DKMH
    least, most = sorted((before * seconds, here * seconds))
    # A change of speed may have come at any moment between the two: any way between is as likely.
    doubt = max(seconds * law.figure("match_pace_error") / _DKMH, law.figure("match_place_step") / _MM / 2)
    far = ways_m(ways, from_, to, most + _FAR * doubt)
    beside = np.maximum(np.maximum(least - far, far - most), 0.0) / doubt
    unknown = _MM / law.figure("match_way_unknown")
    said: Float = np.exp(-(beside**2) / 2) / (most - least + doubt * _DENSITY) + unknown
    return said


def _carried(weight: list[Float], joins: list[Float | None]) -> list[Float]:
    """What the fixes before say of each fix's places. Args: joins: to each fix from the one before; None: nothing."""
    said = [np.ones_like(weight[0])]
    for before, own, join in zip(weight, weight[1:], joins[1:], strict=False):
        if join is None:
            said.append(np.ones_like(own))
            continue
        told = (before * said[-1]) @ join
        said.append(told / told.max())
    return said

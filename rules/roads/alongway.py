"""On which road of its matched path a vehicle likely was at a fix: told by the neighbours and the reported speeds too.

The matcher puts each fix on the nearest point of the path. Along the road such a point errs as far as the fix does, so
that near the end of one road and the beginning of the next it names the wrong one as often as not. A few fixes before
and after, moved along the path by the speeds between, err each by itself; weighed with them the place is better told.
It is the best estimate and no proof: what stays plausible (rules.roads.matched) does not depend on it.

Law:   none; method.match_noise_factor, match_neighbours, match_place_error_min, match_pace_error.
Units: m, s.  Shape: n matched fixes -> n ids of roads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from journey.track import Bool, Float, Int
from rules.law import Law
from rules.quality import Usable

_MM = 1000
_DKMH = 36.0  # tenths of km/h in a m/s
_UNIFORM = 1 / np.sqrt(12)  # standard deviation of what may be anything between none and all
_SAME_M = 1e-6  # a fix at which a road begins is on it, whichever way its place was rounded
_APART_M = 1e6  # between the paths of two chains on one line: more than any slice is long


class Path(NamedTuple):
    """The ways between matched fixes, one entry a fix; and the pieces of road that they lead along, in order.

    fix: index into the usable fixes; slice: of which it is; way_m: along the path from the fix before, NaN: not known.
    piece_fix: the fix (place in these arrays) to which a piece leads; piece_m: where on the way to it it begins.
    """

    fix: Int
    slice: Int
    way_m: Float
    piece_fix: Int
    piece_road: npt.NDArray[np.object_]
    piece_m: Float


def likeliest_roads(
    usable: Usable, path: Path, road: npt.NDArray[np.object_], noise_m: Float, law: Law
) -> npt.NDArray[np.object_]:
    """The id of the road on which each fix likely was; where no path leads to or from it, that of the match.

    Args: road: of each fix as matched; noise_m: of each how far fixes of its slice lie from the path, root mean square.
    """
    result = road.copy()
    joined = _joined(path)
    chain = np.cumsum(~joined)
    # A piece of a way that is not known leads nowhere.
    held = joined[path.piece_fix]
    if not held.any():
        return result
    piece_fix, piece_road = path.piece_fix[held], path.piece_road[held]
    metres = np.cumsum(np.where(joined, np.nan_to_num(path.way_m), _APART_M))
    begins = metres[piece_fix - 1] + path.piece_m[held]
    place = _smoothed(usable, path, metres, chain, noise_m, law)
    piece = np.searchsorted(begins, place + _SAME_M, side="right") - 1
    of_chain = chain[piece_fix]
    first, last = np.searchsorted(of_chain, chain), np.searchsorted(of_chain, chain, side="right") - 1
    known = first <= last
    result[known] = piece_road[np.clip(piece, first, last)[known]]
    return result


def _joined(path: Path) -> Bool:
    """Which fixes a known way leads to from the fix before."""
    joined = ~np.isnan(path.way_m)
    joined[:1] = False
    joined[1:] &= (np.diff(path.fix) == 1) & (np.diff(path.slice) == 0)
    has = np.zeros(len(joined), bool)
    has[path.piece_fix] = True
    result: Bool = joined & has
    return result


def _smoothed(usable: Usable, path: Path, metres: Float, chain: Int, noise_m: Float, law: Law) -> Float:
    """Where along its chain each fix was, by itself and its neighbours, each weighed by how far it may err."""
    error_m = np.maximum(noise_m, law.figure("match_place_error_min") / _MM)
    fix, before = path.fix, np.maximum(path.fix - 1, 0)
    speed = usable.speed_dkmh / _DKMH
    seconds = (usable.time[fix] - usable.time[before]).astype(np.float64)
    by_speed = (speed[before] + speed[fix]) / 2 * seconds
    # A change of speed may have come at any moment between the two.
    doubt = seconds * (law.figure("match_pace_error") / _DKMH + np.abs(speed[fix] - speed[before]) * _UNIFORM)
    way = np.diff(metres, prepend=0.0)
    both = np.hypot(doubt, np.hypot(error_m, error_m[np.maximum(np.arange(len(fix)) - 1, 0)]))
    # Where the speeds and the path disagree, one of them is wrong, and neither side says anything of the other.
    doubt[np.abs(way - by_speed) > law.figure("match_noise_factor") * both] = np.inf
    ahead = _carried(metres, chain, error_m, by_speed, doubt, law.figure("match_neighbours"))
    back = _carried(
        -metres[::-1], chain[::-1], error_m[::-1], np.roll(by_speed[::-1], 1), np.roll(doubt[::-1], 1),
        law.figure("match_neighbours"),
    )  # fmt: skip
    own = error_m**-2.0
    weight = own + ahead[1] + back[1][::-1]
    place: Float = (own * metres + ahead[1] * ahead[0] - (back[1] * back[0])[::-1]) / weight
    return place


def _carried(
    metres: Float, chain: Int, error_m: Float, by_speed: Float, doubt: Float, neighbours: int
) -> tuple[Float, Float]:
    """What the fixes before say of each fix's place, carried to it by the speeds: the place and its weight.

    Args: by_speed, doubt: of the way to each fix from the one before, and how far that may err; inf: not known.
    """
    here = np.arange(len(metres))
    place, weight = np.zeros(len(metres)), np.zeros(len(metres))
    for back in range(neighbours, 0, -1):
        at = np.maximum(here - back, 0)
        inside = (here >= back) & (chain[at] == chain)
        own = np.where(inside, error_m[at] ** -2.0, 0.0)
        total = weight + own
        said = total > 0
        place = np.where(said, (weight * place + own * metres[at]) / np.where(said, total, 1.0), 0.0)
        after = np.minimum(at + 1, len(metres) - 1)
        place = place + np.where(said, by_speed[after], 0.0)
        weight = np.where(said, 1 / (1 / np.where(said, total, 1.0) + doubt[after] ** 2), 0.0)
    return place, weight

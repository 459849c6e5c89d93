"""What a map match says of the limit at a fix, and how surely: the roads that stay plausible beside the matched one.

A match is an answer that came from outside (journey.track.MATCH) and is kept with the record; what follows from it is
computed here, each time anew. A road stays plausible that lies within reach of the fix, and along the way travelled.
The reach grows with how far the slice's fixes lie from the roads they were matched to: a bad receiver excludes little.

The limit is the highest of the plausible roads'. Where the matched road lies farther from its fix than a road may
(method.road_distance_max), or there is none, the match only ever raises what holds without one (rules.limits).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from journey.track import Bool, Float, Int
from rules.law import Law
from rules.limits import Limits, limits_at, of_roads, vehicle_classes
from rules.quality import Usable
from rules.registered import Registered
from rules.roads import Candidates, Near, RoadIndex, reach_m, roads_once, segments_near

_SPAN = 1 << 40
_MM, _DM = 1000, 10


@dataclass(frozen=True, slots=True)
class Matched:
    """Matches of usable fixes. Arrays have one entry a fix: its index, its slice, the road's id, metres.

    path_m: from the fix before, NaN where not known. road: "" where the fix was not matched.
    """

    fix: Int
    slice: Int
    road: npt.NDArray[np.object_]
    offset_m: Float
    path_m: Float


@dataclass(frozen=True, slots=True)
class Proof:
    """What matches say of the limits at fixes. Arrays have one entry a fix.

    highest: of the plausible roads. on: of the matched road alone, equal to `highest` where the match proves nothing.
    certain: no plausible road has another limit. pairs: the plausible roads, `fix` counts in these arrays; pair_limit.
    """

    highest: Limits
    on: Limits
    certain: Bool
    pairs: Candidates
    pair_limit: Int


def aligned(usable: Usable, plates: Sequence[str], matches: pl.DataFrame) -> Matched:
    """Rows of MATCH by the usable fixes that they are of; rows of other fixes are left out."""
    codes = {plate: code for code, plate in enumerate(plates)}
    vehicle = np.array([codes.get(plate, -1) for plate in matches["vehicle"]], np.int64)
    key = vehicle * _SPAN + matches["time"].to_numpy()
    own = usable.vehicle.astype(np.int64) * _SPAN + usable.time
    place = np.searchsorted(own, key)
    known = np.flatnonzero((vehicle >= 0) & (place < len(own)))
    known = known[own[place[known]] == key[known]]
    order = known[np.argsort(place[known], kind="stable")]
    return Matched(
        place[order],
        vehicle[order] * _SPAN + matches["slice"].to_numpy()[order],
        np.array(matches["road"].fill_null("").to_list(), object)[order],
        matches["offset_dm"].cast(pl.Float64).fill_null(np.nan).to_numpy()[order] / _DM,
        matches["path_dm"].cast(pl.Float64).fill_null(np.nan).to_numpy()[order] / _DM,
    )


def proof(usable: Usable, matched: Matched, registered: Registered, roads: RoadIndex, law: Law) -> Proof:
    """The limits at matched fixes."""
    fix = matched.fix
    without = limits_at(usable, fix, registered, roads, law)
    near = segments_near(roads, usable, fix, _reaches(matched, law), law)
    own = _own(matched, near, roads)
    close = near.distance_m <= reach_m(law)
    proves = np.zeros(len(fix), bool)
    proves[near.fix[own & close]] = True
    kept = own | np.where(proves[near.fix], _along(usable, fix, near, law), close)
    pairs = roads_once(near.fix[kept], near.road[kept], near.distance_m[kept])
    time = usable.time[fix]
    classes = vehicle_classes(registered, usable.vehicle[fix[pairs.fix]], time[pairs.fix], law)
    limit, source = of_roads(roads, pairs.road, classes, time[pairs.fix], law)
    highest = _chosen(without, pairs, limit, source, np.ones(len(limit), bool), proves)
    on = _chosen(highest, pairs, limit, source, _own(matched, pairs, roads), proves & (matched.road != ""), lower=True)
    lowest = highest.limit_dkmh.copy()
    np.minimum.at(lowest, pairs.fix, limit)
    return Proof(highest, on, proves & (lowest == highest.limit_dkmh), pairs, limit)


def _reaches(matched: Matched, law: Law) -> Float:
    """How far from each fix a road is plausible, in m: by the root mean square of the slice's offsets."""
    _, of = np.unique(matched.slice, return_inverse=True)
    known = ~np.isnan(matched.offset_m)
    squares = np.bincount(of[known], matched.offset_m[known] ** 2, of.max(initial=-1) + 1)
    count = np.bincount(of[known], minlength=of.max(initial=-1) + 1)
    noise_m = np.sqrt(squares / np.maximum(count, 1))[of]
    reaches: Float = np.clip(
        noise_m * law.figure("match_noise_factor"), reach_m(law), law.figure("match_reach_max") / _MM
    )
    return reaches


def _own(matched: Matched, pairs: Near | Candidates, roads: RoadIndex) -> Bool:
    """Which pairs are of the road that their fix was matched to, whichever of its rows."""
    names = roads.memo.get("names")
    if names is None:
        names = roads.memo["names"] = np.array([road.id for road in roads.roads], object)
    same: Bool = (names[pairs.road] == matched.road[pairs.fix]).astype(bool)
    return same


def _along(usable: Usable, fix: Int, near: Near, law: Law) -> Bool:
    """Pairs whose segment runs along a way travelled (to the fix, from it, as it headed), or where none is known."""
    most, shortest = law.figure("match_heading_max"), law.figure("match_chord_min") / _MM
    at = fix[near.fix]
    along, told = np.zeros(len(at), bool), np.zeros(len(at), bool)
    for step in (at - 1, at):  # the step to the fix, the step from it
        known = (step >= 0) & (step < len(usable.step_s))
        step = np.where(known, step, 0)
        if len(usable.step_s):
            known &= usable.linked[step] & (usable.step_m[step] >= shortest)
            known &= usable.step_s[step] <= law.figure("speeding_gap_max")
            along |= known & (_turn(_bearing(usable, step), near.bearing) <= most)
            told |= known
    heading = usable.heading[at].astype(np.float64)
    known = ~np.isnan(heading)
    along |= known & (_turn(heading, near.bearing) <= most)
    return along | ~(told | known)


def _bearing(usable: Usable, step: Int) -> Float:
    after = np.minimum(step + 1, len(usable.lon) - 1)
    east = (usable.lon[after] - usable.lon[step]) * np.cos(np.radians(usable.lat[step]))
    bearing: Float = np.degrees(np.arctan2(east, usable.lat[after] - usable.lat[step])) % 360
    return bearing


def _turn(a: Float, b: Float) -> Float:
    """The angle between two lines, whichever way along them, in degrees."""
    turn: Float = np.abs((a - b + 90) % 180 - 90)
    return turn


def _chosen(
    base: Limits, pairs: Candidates, limit: Int, source: npt.NDArray[np.int8], asked: Bool, replaced: Bool,
    lower: bool = False,
) -> Limits:  # fmt: skip
    """The highest limit of the pairs asked: in place of the base's where `replaced`, else where it is higher.

    Args: lower: where not replaced the base stands.
    """
    order = np.lexsort((pairs.road, pairs.distance_m, -limit, pairs.fix))
    order = order[asked[order]]
    best = order[np.flatnonzero(np.diff(pairs.fix[order], prepend=-1))]
    at = pairs.fix[best]
    taken = replaced[at] | ((limit[best] > base.limit_dkmh[at]) & (not lower))
    best, at = best[taken], at[taken]
    limits, roads, sources = base.limit_dkmh.copy(), base.road.copy(), base.source.copy()
    limits[at], roads[at], sources[at] = limit[best], pairs.road[best], source[best]
    return Limits(base.fix, limits, roads, sources)

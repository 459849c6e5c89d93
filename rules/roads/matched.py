"""What a map match says of the limit at a fix, and how surely: the roads that stay plausible beside the matched one.

A match is an answer that came from outside (journey.track.MATCH) and is kept with the record; what follows from it is
computed here, each time anew. A road stays plausible that lies within reach of the fix, unless it crosses the way of
a vehicle that went straight on; and it stays in any case where the matched path leads along it just before or after,
or where it meets the path, so that only what crosses above or below is left out.
The reach grows with how far the slice's fixes lie from the roads they were matched to: a bad receiver excludes little.

The limit is the highest of the plausible roads'. Where the matched road lies farther from its fix than a road may
(method.road_distance_max), or there is none, no road within reach is left out, and the match only ever raises what
holds without one (rules.roads.limits). The limit of the road on which a vehicle likely was is told beside
it, and proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from journey.track import Bool, Float, Int
from rules.law import Law
from rules.quality import Usable
from rules.registered import Registered
from rules.roads.alongway import Slice, likeliest
from rules.roads.index import Candidates, Near, RoadIndex, reach_m, roads_once, segments_near
from rules.roads.limits import Limits, limits_at, limits_of_pairs

_SPAN = 1 << 40
_MM, _DM = 1000, 10


@dataclass(frozen=True, slots=True)
class Matched:
    """Matches of usable fixes. Arrays have one entry a fix: its index, its slice, the road's id, metres.

    path_m: from the fix before, NaN where not known. road: "" where the fix was not matched. near_path: of pairs of a
    fix and a road, the road's id, those along which the path leads to the fix or on from it; path_fix counts in `fix`.
    """

    fix: Int
    slice: Int
    road: npt.NDArray[np.object_]
    offset_m: Float
    path_m: Float
    path_fix: Int
    near_path: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Proof:
    """What matches say of the limits at fixes. Arrays have one entry a fix.

    highest: of the plausible roads. on: of the road on which the vehicle likely was (rules.roads.alongway), equal to
    `highest` where that is not known.
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
    slices = vehicle[order] * _SPAN + matches["slice"].to_numpy()[order]
    through = matches["through"].gather(order).to_frame().with_row_index("fix").explode("through").drop_nulls()
    led = through["fix"].to_numpy().astype(np.int64)
    ids = np.array(through["through"].to_list(), object)
    # The way to a fix is the way on from the one before it.
    on = (led > 0) & (slices[np.maximum(led - 1, 0)] == slices[led])
    return Matched(
        place[order],
        slices,
        np.array(matches["road"].fill_null("").to_list(), object)[order],
        matches["offset_dm"].cast(pl.Float64).fill_null(np.nan).to_numpy()[order] / _DM,
        matches["path_dm"].cast(pl.Float64).fill_null(np.nan).to_numpy()[order] / _DM,
        np.concatenate((led, led[on] - 1)),
        np.concatenate((ids, ids[on])),
    )


def proof(usable: Usable, matched: Matched, registered: Registered, roads: RoadIndex, law: Law) -> Proof:
    """The limits at matched fixes."""
    fix = matched.fix
    without = limits_at(usable, fix, registered, roads, law)
    noise_m = _noise_m(matched)
    reaches = _reaches(noise_m, law)
    near = segments_near(roads, usable, fix, reaches, law)
    proves = np.zeros(len(fix), bool)
    own = _own(matched, near, roads)
    proves[near.fix[own & (near.distance_m <= reach_m(law))]] = True
    kept = own | ~proves[near.fix] | _on_path(matched, near, roads) | _along(usable, fix, near, law)
    kept |= _joins_path(matched, near, roads, ~kept)
    pairs = roads_once(near.fix[kept], near.road[kept], near.distance_m[kept], near.ways[kept])
    limit, source = limits_of_pairs(roads, pairs, registered, usable.vehicle[fix], usable.time[fix], law)
    highest = _chosen(without, pairs, limit, source, np.ones(len(limit), bool), proves)
    # Likely is no proof: a fix may lie farther from its road than a road may that proves a limit.
    likelier = np.ones(len(fix), bool)
    on = _chosen(highest, pairs, limit, source, _own(matched, pairs, roads), likelier, lower=True)
    likely = _likeliest(usable, matched, pairs, limit, noise_m, reaches, roads, law)
    on = _chosen(on, pairs, limit, source, likely, likelier, lower=True)
    lowest = highest.limit_dkmh.copy()
    np.minimum.at(lowest, pairs.fix, limit)
    return Proof(highest, on, proves & (lowest == highest.limit_dkmh), pairs, limit)


def _noise_m(matched: Matched) -> Float:
    """Of each fix the root mean square of its slice's offsets, m."""
    _, of = np.unique(matched.slice, return_inverse=True)
    known = ~np.isnan(matched.offset_m)
    squares = np.bincount(of[known], matched.offset_m[known] ** 2, of.max(initial=-1) + 1)
    count = np.bincount(of[known], minlength=of.max(initial=-1) + 1)
    noise_m: Float = np.sqrt(squares / np.maximum(count, 1))[of]
    return noise_m


def _reaches(noise_m: Float, law: Law) -> Float:
    """How far from each fix a road is plausible, in m."""
    reaches: Float = np.clip(
        noise_m * law.figure("match_noise_factor"), reach_m(law), law.figure("match_reach_max") / _MM
    )
    return reaches


def _likeliest(
    usable: Usable, matched: Matched, pairs: Candidates, limit: Int, noise_m: Float, reaches: Float, roads: RoadIndex,
    law: Law,
) -> Bool:  # fmt: skip
    """Which pairs are of the likeliest road at a matched fix; none of slices in which all have one limit."""
    result = np.zeros(len(limit), bool)
    led = _on_path(matched, pairs, roads)
    bounds = np.flatnonzero(np.diff(matched.slice, prepend=-1, append=-1)).tolist()
    for first, after in pairwise(bounds):
        begin, end = np.searchsorted(pairs.fix, [first, after]).tolist()
        some = pairs.fix[begin:end]
        if not np.any((np.diff(some) == 0) & (np.diff(limit[begin:end]) != 0)):
            continue
        inside = slice(first, after)
        given = Slice(
            matched.fix[inside], noise_m[inside], reaches[inside],
            some - first, pairs.road[begin:end], limit[begin:end], led[begin:end],
            _led_to(matched, first, after, usable, roads),
        )  # fmt: skip
        result[begin:end] = likeliest(usable, given, roads, law)
    result &= (matched.road != "")[pairs.fix]
    return result


def _led_to(matched: Matched, first: int, after: int, usable: Usable, roads: RoadIndex) -> Int:
    """The rows of the roads that the path leads along in a slice, in force at its first fix."""
    inside = (matched.path_fix >= first) & (matched.path_fix < after)
    names = dict.fromkeys(matched.near_path[inside].tolist())
    rows = np.array([row for name in names for row in _rows(roads).get(name, ())], np.int64)
    time = usable.time[matched.fix[first]]
    held: Int = rows[(roads.since[rows] <= time) & (time < roads.until[rows])]
    return held


def _own(matched: Matched, pairs: Near | Candidates, roads: RoadIndex) -> Bool:
    """Which pairs are of the road that their fix was matched to, whichever of its rows."""
    same: Bool = (_names(roads)[pairs.road] == matched.road[pairs.fix]).astype(bool)
    return same


def _on_path(matched: Matched, pairs: Near | Candidates, roads: RoadIndex) -> Bool:
    """Which pairs are of a road that the path leads along, to their fix or on from it."""
    led = set(zip(matched.path_fix.tolist(), matched.near_path.tolist(), strict=True))
    names = _names(roads)[pairs.road].tolist()
    return np.array([pair in led for pair in zip(pairs.fix.tolist(), names, strict=True)], bool)


def _joins_path(matched: Matched, pairs: Near, roads: RoadIndex, asked: Bool) -> Bool:
    """Which of the pairs asked are of a road that meets one of the path's in a point of both, not above or below it."""
    result = np.zeros(len(asked), bool)
    if not asked.any():
        return result
    led: dict[int, set[str]] = defaultdict(set)
    for fix, name in zip(matched.path_fix.tolist(), matched.near_path.tolist(), strict=True):
        led[fix].add(name)
    rows = _rows(roads)
    for pair in np.flatnonzero(asked).tolist():
        road, path = int(pairs.road[pair]), led[int(pairs.fix[pair])]
        result[pair] = any(_meet(roads, road, row) for name in path for row in rows.get(name, ()))
    return result


def _meet(roads: RoadIndex, a: int, b: int) -> bool:
    """Whether two roads have a point in common; of different layers one at the end of either, as a bridge has."""
    key = "meet", min(a, b), max(a, b)
    if key not in roads.memo:
        one, other = roads.line(a), roads.line(b)
        common = set(one) & set(other)
        if roads.roads[a].layer != roads.roads[b].layer:
            common &= {one[0], one[-1], other[0], other[-1]}
        roads.memo[key] = bool(common)
    return bool(roads.memo[key])


def _names(roads: RoadIndex) -> npt.NDArray[np.object_]:
    if "names" not in roads.memo:
        roads.memo["names"] = np.array([road.id for road in roads.roads], object)
    names: npt.NDArray[np.object_] = roads.memo["names"]
    return names


def _rows(roads: RoadIndex) -> dict[str, list[int]]:
    """The rows of each road by its id."""
    if "rows" not in roads.memo:
        rows = defaultdict(list)
        for row, name in enumerate(_names(roads).tolist()):
            rows[name].append(row)
        roads.memo["rows"] = dict(rows)
    found: dict[str, list[int]] = roads.memo["rows"]
    return found


def _along(usable: Usable, fix: Int, near: Near, law: Law) -> Bool:
    """Pairs whose segment runs as the vehicle went or headed; all of a fix at which that is not known.

    The way to a fix and that from it tell a direction only together, where they are nearly one line: between them a
    vehicle may have turned.
    """
    most, at = law.figure("match_heading_max"), fix[near.fix]
    heading = usable.heading[at].astype(np.float64)
    known = ~np.isnan(heading)
    along = known & (_turn(heading, near.bearing) <= most)
    if len(usable.step_s):
        before, after = np.maximum(at - 1, 0), np.minimum(at, len(usable.step_s) - 1)
        tells = usable.linked & (usable.step_m >= law.figure("match_chord_min") / _MM)
        tells &= usable.step_s <= law.figure("speeding_gap_max")
        to, on = _bearing(usable, before), _bearing(usable, after)
        straight = (at > 0) & (at < len(usable.step_s)) & tells[before] & tells[after]
        straight &= np.abs((to - on + 180) % 360 - 180) <= most
        along |= straight & ((_turn(to, near.bearing) <= most) | (_turn(on, near.bearing) <= most))
        known |= straight
    result: Bool = along | ~known
    return result


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

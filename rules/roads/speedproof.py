"""What matches add to speeding: the limits of both readings at suspect fixes, and what a finding says of its roads."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from journey.registry import Road
from journey.track import Bool, Float, Int
from rules.law import Law
from rules.quality import Usable
from rules.registered import Registered
from rules.roads.agreement import average, disagreement, path_m
from rules.roads.index import RoadIndex
from rules.roads.limits import NO_LAW, NO_ROAD, PATHS, Limits
from rules.roads.matched import Matched, Proof, proof

HIGHEST, MATCHED = "highest", "matched"  # what the limits of a finding are: of all plausible roads, of the matched one
_NOT_MATCHED = -1


class Evidence(NamedTuple):
    """Limits of suspect fixes, one entry each. highest: most favourable to the driver; on: the matched road alone.

    place: of each in the proof, -1 where it was not matched. way_m: from the fix before along the roads, NaN: unknown.
    """

    highest: Limits
    on: Limits
    place: Int
    road: Bool  # a road was matched, and what it says is proven
    way_m: Float
    proof: Proof


class Said(NamedTuple):
    """What a finding adds to its detail, and why its speeds are doubted."""

    detail: dict[str, Any]
    doubt: str | None


def evidence(judged: Limits, matched: Matched, said: Proof) -> Evidence:
    """Limits of suspect fixes with those of matched ones put in."""
    place = np.searchsorted(matched.fix, judged.fix)
    place[place == len(matched.fix)] = 0
    has = matched.fix[place] == judged.fix if len(matched.fix) else np.zeros(len(judged.fix), bool)
    place = np.where(has, place, _NOT_MATCHED)
    way_m = np.full(len(place), np.nan)
    way_m[has] = matched.path_m[place[has]]
    named = np.zeros(len(place), bool)
    named[has] = matched.road[place[has]] != ""
    return Evidence(_put(judged, said.highest, place), _put(judged, said.on, place), place, named, way_m, said)


def as_judged(
    usable: Usable,
    judged: Limits,
    registered: Registered,
    roads: RoadIndex | None,
    matched: Matched | None,
    reading: str | None,
    law: Law,
) -> Limits:
    """Limits as a finding was judged by them. Args: reading: that of its detail, None: no match was there."""
    if matched is None or roads is None or reading is None:
        return judged
    proven = evidence(judged, matched, proof(usable, matched, registered, roads, law))
    return proven.on if reading == MATCHED else proven.highest


def _put(judged: Limits, said: Limits, place: Int) -> Limits:
    if not len(said.fix):
        return judged
    has = place != _NOT_MATCHED
    return Limits(
        judged.fix,
        np.where(has, said.limit_dkmh[place], judged.limit_dkmh),
        np.where(has, said.road[place], judged.road),
        np.where(has, said.source[place], judged.source).astype(np.int8),
    )


def about(usable: Usable, judged: Limits, run: Int, proven: Evidence, roads: RoadIndex, law: Law) -> Said | None:
    """What a match says of one run; None where none of its fixes was matched to a road. Args: run: places in judged."""
    places = proven.place[run]
    if not proven.road[run].any():
        return None
    fixes = judged.fix[run]
    way_m = path_m(usable, fixes, proven.way_m[run])
    detail: dict[str, Any] = {
        "matched": int(proven.road[run].sum()),
        "certain_limits": int(proven.proof.certain[places[places != _NOT_MATCHED]].sum()),
        "roads": _roads(judged, run, roads),
        "alternatives": _alternatives(judged, run, places, proven.proof, roads),
    }
    if measure := average(usable, fixes, way_m, law):
        detail["average"] = measure
    return Said(detail, disagreement(usable, fixes, way_m, law))


def _roads(judged: Limits, run: Int, roads: RoadIndex) -> list[dict[str, Any]]:
    """The roads whose limits the run was judged by, in order of their first fix."""
    keys = zip(*(column[run].tolist() for column in (judged.road, judged.limit_dkmh, judged.source)), strict=True)
    counted = Counter(key for key in keys if key[0] != NO_ROAD)
    return [
        {**_road(roads.roads[road], limit), "source": PATHS[source], "fixes": count}
        for (road, limit, source), count in counted.items()
    ]


def _alternatives(judged: Limits, run: Int, places: Int, said: Proof, roads: RoadIndex) -> list[dict[str, Any]]:
    """Other roads that stay plausible at the run's fixes, with their limits."""
    by_place = {place: position for place, position in zip(places.tolist(), run.tolist(), strict=True) if place >= 0}
    counted: Counter[tuple[int, int]] = Counter()
    # Pairs are in order of their fixes, and those of a run lie together.
    span = np.searchsorted(said.pairs.fix, [min(by_place), max(by_place) + 1])
    for pair in range(*span.tolist()):
        if int(said.pairs.fix[pair]) not in by_place:
            continue
        road, limit = int(said.pairs.road[pair]), int(said.pair_limit[pair])
        if road != judged.road[by_place[int(said.pairs.fix[pair])]] and limit != NO_LAW:
            counted[road, limit] += 1
    return [{**_road(roads.roads[road], limit), "fixes": count} for (road, limit), count in sorted(counted.items())]


def _road(road: Road, limit_dkmh: int) -> dict[str, Any]:
    since = road.valid_from
    return {
        "id": road.id,
        "name": road.name,
        "limit": limit_dkmh / 10,
        "valid_from": since.isoformat() if since else None,
    }

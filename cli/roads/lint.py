"""What looks wrong with roads: gaps, contradictions, limits that jump, what is not known. A look, not a judgement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import cos, hypot, radians
from typing import NamedTuple

import shapely

from journey.registry import Road
from journey.track import EARTH_RADIUS_M
from rules.roads.index import signs_of

_STEP_KMH = 5  # signs are multiples of it
_HIGHEST_KMH = 120
_JUMP_KMH = 40  # between two pieces of one road
_TOUCH_M = 0.5  # nearer than that they do meet
_GAP_M = 30  # within which two loose ends of one road were meant to meet
_DEGREE_M = EARTH_RADIUS_M * radians(1)

type Point = tuple[float, float]


class Remark(NamedTuple):
    """check: one of the names below; detail: what was found, in words; lon, lat: where to look."""

    check: str
    road: str
    name: str
    detail: str
    lon: float
    lat: float


def lint(roads: Sequence[Road], day: date) -> list[Remark]:
    """Remarks on roads with all their rows, those between roads as they stand on a day. In order of check and road."""
    now = [road for road in roads if _holds(road, day)]
    found: list[Remark] = []
    for road in now:
        found += [_remark(check, road, detail) for check, detail in _of_one(road)]
    found += _validity(roads)
    for check in (_duplicates, _jumps, _one_way_ends, _gaps):
        found += check(now)
    return sorted(set(found))


def _remark(check: str, road: Road, detail: str, place: Point | None = None) -> Remark:
    lon, lat = place or road.line[0]
    return Remark(check, road.id, road.name or road.ref or "", detail, round(lon, 6), round(lat, 6))


def _holds(road: Road, day: date) -> bool:
    return (road.valid_from or day) <= day <= (road.valid_to or day)


def _of_one(road: Road) -> Iterator[tuple[str, str]]:
    if road.kind is None:
        yield "kind not known", "it may be an expressway: no limit below that of one is sure"
    for sign in sorted({sign for sign in signs_of(road) if sign is not None}):
        if sign % _STEP_KMH:
            yield "odd sign", f"{sign:g} km/h is no multiple of {_STEP_KMH}"
        if sign > _HIGHEST_KMH:
            yield "odd sign", f"{sign:g} km/h is above {_HIGHEST_KMH}"
    if road.conditional:
        yield "limit not usable", road.conditional
    if road.oneway and (road.maxspeed_backward is not None or road.maxspeed_hgv_backward is not None):
        yield "contradiction", "a limit against the direction of a one-way road"
    both = (road.maxspeed_forward, road.maxspeed_backward)
    if road.maxspeed is not None and None not in both and road.maxspeed not in both:
        yield "contradiction", f"the sign for both directions, {road.maxspeed:g}, is that of neither"
    if road.maxspeed is not None and road.maxspeed_hgv is not None and road.maxspeed_hgv > road.maxspeed:
        yield "contradiction", f"{road.maxspeed_hgv:g} for goods vehicles, {road.maxspeed:g} for all"
    if road.kind == "expressway" and road.urban and "urban" not in road.assumed:
        yield "contradiction", "an expressway in a residential area"
    if road.kind == "divided" and not road.oneway and road.lanes == 1:
        yield "contradiction", "divided with one lane for both directions"


def _validity(roads: Iterable[Road]) -> Iterator[Remark]:
    rows: dict[str, list[Road]] = defaultdict(list)
    for road in roads:
        rows[road.id].append(road)
    for same in rows.values():
        same.sort(key=lambda road: road.valid_from or date.min)
        for before, after in pairwise(same):
            start = after.valid_from or date.min
            if before.valid_to is None or before.valid_to >= start:
                yield _remark("overlap in time", after, f"its row from {start} begins before the last one has ended")
            elif before.valid_to + timedelta(days=1) < start:
                yield _remark("gap in time", after, f"nothing holds from {before.valid_to} to {start}")


def _duplicates(roads: Sequence[Road]) -> Iterator[Remark]:
    lines: dict[tuple[Point, ...], Road] = {}
    for road in roads:
        key = min(road.line, road.line[::-1])
        other = lines.setdefault(key, road)
        if other is not road and other.layer == road.layer:
            yield _remark("duplicate", road, f"lies on {other.id}")


def _ends(roads: Iterable[Road]) -> dict[Point, list[Road]]:
    ends: dict[Point, list[Road]] = defaultdict(list)
    for road in roads:
        for place in {road.line[0], road.line[-1]}:
            ends[place].append(road)
    return ends


def _one_road(a: Road, b: Road) -> bool:
    return (a.ref is not None and a.ref == b.ref) or (a.name is not None and a.name == b.name)


def _jumps(roads: Sequence[Road]) -> Iterator[Remark]:
    for place, meeting in _ends(roads).items():
        for a, b in ((a, b) for a in meeting for b in meeting if a.id < b.id and _one_road(a, b)):
            if a.maxspeed is not None and b.maxspeed is not None and abs(a.maxspeed - b.maxspeed) >= _JUMP_KMH:
                yield _remark("limit jumps", a, f"{a.maxspeed:g} to {b.maxspeed:g} of {b.id}", place)


def _one_way_ends(roads: Sequence[Road]) -> Iterator[Remark]:
    touched: dict[Point, int] = defaultdict(int)
    for road in roads:
        for place in set(road.line):
            touched[place] += 1
    for road in (road for road in roads if road.oneway and road.line[0] != road.line[-1]):
        for place, way in ((road.line[-1], "into"), (road.line[0], "out of")):
            if touched[place] == 1:
                yield _remark("one-way conflict", road, f"one-way {way} a place without another road", place)
    for place, meeting in _ends(roads).items():
        if len(meeting) < 2 or touched[place] != len(meeting) or not all(road.oneway for road in meeting):
            continue
        where: list[tuple[Callable[[Road], Point], str]] = [
            (lambda road: road.line[-1], "all roads here are one-way into this place"),
            (lambda road: road.line[0], "all roads here are one-way out of this place"),
        ]
        for end, detail in where:
            if all(end(road) == place for road in meeting) and all(road.line[0] != road.line[-1] for road in meeting):
                yield _remark("one-way conflict", meeting[0], detail, place)


def _gaps(roads: Sequence[Road]) -> Iterator[Remark]:
    """Loose ends of one road that nearly meet, and others of the same name or number."""
    touched: dict[Point, int] = defaultdict(int)
    for road in roads:
        for place in set(road.line):
            touched[place] += 1
    loose = [(place, road) for place, meeting in _ends(roads).items() for road in meeting if touched[place] == 1]
    if len(loose) < 2:
        return
    places = [shapely.Point(place) for place, _ in loose]
    one, other = shapely.STRtree(places).query(places, predicate="dwithin", distance=2 * _GAP_M / _DEGREE_M)
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        (place, road), (there, second) = loose[a], loose[b]
        apart = hypot((place[0] - there[0]) * cos(radians(place[1])), place[1] - there[1]) * _DEGREE_M
        if road.id < second.id and _TOUCH_M < apart <= _GAP_M and _one_road(road, second):
            yield _remark("gap", road, f"{apart:.1f} m to the loose end of {second.id}", place)

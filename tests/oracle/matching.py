"""What a match says of the limit at a fix, in plain loops: a second reading of the confidence, apart from rules."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.oracle import alongway

EARTH_M = 6_371_008.8
NEAR_M = 30.0
REACH_MAX_M = 100.0
NOISE_FACTOR = 4
STRAIGHT_DEGREES = 60
CHORD_MIN_M = 50.0
GAP_MAX_S = 120


@dataclass
class Place:
    """A fix with what the matcher said of it. through: the roads of the path from the fix before, this one's too."""

    time: int
    lon: float
    lat: float
    heading: float | None
    road: str | None
    offset_m: float | None
    through: list[str]
    speed_dkmh: int = 0


@dataclass
class Line:
    """A road in one row, with the limit that it has for the vehicle."""

    id: str
    points: list[tuple[float, float]]
    oneway: bool
    layer: int
    limit: int


def bearing(a: tuple[float, float], b: tuple[float, float], lat: float) -> float:
    return math.degrees(math.atan2((b[0] - a[0]) * math.cos(math.radians(lat)), b[1] - a[1])) % 360


def metres(a: Place, b: Place) -> float:
    """Haversine, as for every distance between fixes."""
    p, q = math.radians(a.lat), math.radians(b.lat)
    h = math.sin((q - p) / 2) ** 2
    h += math.cos(p) * math.cos(q) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(h))


def near(fix: Place, line: Line, reach_m: float) -> list[tuple[float, float]]:
    """(distance, bearing) of each segment within reach that the fix's heading does not rule out."""
    found = []
    for a, b in zip(line.points, line.points[1:], strict=False):
        if a == b:
            continue
        east = math.radians(1) * EARTH_M * math.cos(math.radians(fix.lat))
        north = math.radians(1) * EARTH_M
        ax, ay = (a[0] - fix.lon) * east, (a[1] - fix.lat) * north
        bx, by = (b[0] - fix.lon) * east, (b[1] - fix.lat) * north
        dx, dy = bx - ax, by - ay
        share = min(1.0, max(0.0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)))
        distance = math.hypot(ax + share * dx, ay + share * dy)
        way = math.degrees(math.atan2(dx, dy)) % 360
        against = line.oneway and fix.heading is not None and abs((fix.heading - way + 180) % 360 - 180) > 90
        if distance <= reach_m and not against:
            found.append((distance, way))
    return found


def between(a: float, b: float) -> float:
    """The angle between two lines, whichever way along them."""
    turn = abs(a - b) % 180
    return min(turn, 180 - turn)


def meet(a: Line, b: Line) -> bool:
    common = set(a.points) & set(b.points)
    if a.layer != b.layer:
        common &= {a.points[0], a.points[-1], b.points[0], b.points[-1]}
    return bool(common)


def directions(fixes: list[Place], i: int) -> list[float]:
    """The directions travelled in at a fix, as far as they are known: its heading, and both chords if straight."""
    fix = fixes[i]
    known = [] if fix.heading is None else [fix.heading]
    if 0 < i < len(fixes) - 1:
        before, after = fixes[i - 1], fixes[i + 1]
        long = min(metres(before, fix), metres(fix, after)) >= CHORD_MIN_M
        quick = max(fix.time - before.time, after.time - fix.time) <= GAP_MAX_S
        to = bearing((before.lon, before.lat), (fix.lon, fix.lat), before.lat)
        on = bearing((fix.lon, fix.lat), (after.lon, after.lat), fix.lat)
        if long and quick and abs((to - on + 180) % 360 - 180) <= STRAIGHT_DEGREES:
            known += [to, on]
    return known


def limits(fixes: list[Place], lines: list[Line], no_road: int) -> list[tuple[int, int, bool]]:
    """For each fix of one slice: the highest plausible limit, the matched road's, and whether it is certain."""
    offsets = [fix.offset_m for fix in fixes if fix.offset_m is not None]
    noise = math.sqrt(sum(one * one for one in offsets) / len(offsets)) if offsets else 0.0
    reach = min(REACH_MAX_M, max(NEAR_M, NOISE_FACTOR * noise))
    said_of: list[tuple[int, int, bool]] = []
    all_plausible: list[list[int]] = []
    for i, fix in enumerate(fixes):
        without = max((line.limit for line in lines if near(fix, line, NEAR_M)), default=no_road)
        own = [line for line in lines if line.id == fix.road]
        proves = any(near(fix, line, NEAR_M) for line in own)
        path = set(fix.through) | (set(fixes[i + 1].through) if i + 1 < len(fixes) else set())
        on_path = [line for line in lines if line.id in path]
        travelled = directions(fixes, i)
        plausible = []
        for line in lines:
            segments = near(fix, line, reach)
            along = not travelled or any(
                between(one, way) <= STRAIGHT_DEGREES for one in travelled for _, way in segments
            )
            joins = any(meet(line, other) for other in on_path)
            if segments and (not proves or line.id == fix.road or line.id in path or along or joins):
                plausible.append(line)
        if proves:
            said = [line.limit for line in plausible]
            highest, certain = max(said), len(set(said)) == 1
        else:
            highest = max([without, *(line.limit for line in plausible)])
            certain = False
        own_limit = max((line.limit for line in plausible if line.id == fix.road), default=highest)
        said_of.append((highest, own_limit, certain))
        all_plausible.append([number for number, line in enumerate(lines) if any(line is one for one in plausible)])
    best = alongway.likely(fixes, lines, all_plausible, noise, reach)
    return [
        (highest, max((lines[number].limit for number in some), default=own_limit) if fix.road else own_limit, certain)
        for fix, some, (highest, own_limit, certain) in zip(fixes, best, said_of, strict=True)
    ]

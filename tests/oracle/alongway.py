"""On which road a vehicle likely was at each fix, in plain loops: a second reading of rules.roads.alongway and ways.

Places stand every few metres along the stretches between junctions, once for each direction in which they are driven.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.oracle.matching import Line, Place

DEGREE_M = math.radians(1) * 6_371_008.8
STEP_M = 5.0
ERROR_MIN_M = 3.0
PACE_KMH = 1.0
OFF_PATH = 0.05
UNKNOWN_A_METRE = 1 / 5000
SILENCE_MAX_S = 120
SAME = 1 - 1e-6

type Point = tuple[float, float]


@dataclass
class Stretch:
    """A piece of a road between two junctions, in one direction. reverse: number of the same piece the other way."""

    line: int
    points: list[Point]
    ends: tuple[object, object]
    reverse: int | None = None

    @property
    def metres(self) -> float:
        return sum(math.dist(a, b) for a, b in zip(self.points, self.points[1:], strict=False))

    def at(self, along: float) -> Point:
        for a, b in zip(self.points, self.points[1:], strict=False):
            length = math.dist(a, b)
            if along <= length:
                return a[0] + (b[0] - a[0]) * along / length, a[1] + (b[1] - a[1]) * along / length
            along -= length
        return self.points[-1]


@dataclass
class Spot:
    """A place on a stretch: how far along it, where, for how many metres it stands, and its weight at a fix."""

    stretch: int
    along: float
    at: Point
    size: float
    weight: float = 0.0


def stretches(lines: list[tuple[int, Line]], east_m: float) -> list[Stretch]:
    ends = {point for _, line in lines for point in (line.points[0], line.points[-1])}

    def junction(point: Point, line: Line) -> tuple[Point, int | None]:
        """What roads share there: of different layers only where one ends."""
        return point, None if point in ends else line.layer

    held: dict[tuple[Point, int | None], int] = {}
    for _, line in lines:
        for number, point in enumerate(line.points):
            key = junction(point, line)
            held[key] = held.get(key, 0) + (3 if number in (0, len(line.points) - 1) else 1)
    found: list[Stretch] = []
    for number, line in lines:
        piece: list[Point] = []
        first = junction(line.points[0], line)
        for point in line.points:
            piece.append((point[0] * east_m, point[1] * DEGREE_M))
            if held[junction(point, line)] > 1 and len(piece) > 1:
                found.append(Stretch(number, piece, (first, junction(point, line))))
                piece, first = [piece[-1]], junction(point, line)
    for one, stretch in enumerate(list(found)):
        if not dict(lines)[stretch.line].oneway:
            found.append(Stretch(stretch.line, stretch.points[::-1], stretch.ends[::-1], one))
            stretch.reverse = len(found) - 1
    return found


def onward(of: list[Stretch]) -> list[list[int]]:
    """The stretches that may follow each: back on itself only where no other leads on."""
    result = []
    for stretch in of:
        leaving = [number for number, other in enumerate(of) if other.ends[0] == stretch.ends[1]]
        result.append([number for number in leaving if number != stretch.reverse] or leaving)
    return result


def between(of: list[Stretch]) -> list[list[float]]:
    """From the end of each stretch to the begin of each other, the shortest: relaxed until nothing changes."""
    following = onward(of)
    far = [[0.0 if b in following[a] else math.inf for b in range(len(of))] for a in range(len(of))]
    changed = True
    while changed:
        changed = False
        for row in far:
            for via, gone in enumerate(list(row)):
                for b in following[via]:
                    if gone + of[via].metres < row[b]:
                        row[b], changed = gone + of[via].metres, True
    return far


def spots(of: list[Stretch]) -> list[Spot]:
    found = []
    for number, stretch in enumerate(of):
        count = max(round(stretch.metres / STEP_M), 1)
        size = stretch.metres / count
        found += [Spot(number, (k + 0.5) * size, stretch.at((k + 0.5) * size), size) for k in range(count)]
    return found


def way(of: list[Stretch], far: list[list[float]], a: Spot, b: Spot) -> float:
    if a.stretch == b.stretch and b.along >= a.along:
        return b.along - a.along
    return of[a.stretch].metres - a.along + far[a.stretch][b.stretch] + b.along


def agreement(a: Place, b: Place, metres: float) -> float:
    """How likely this way between two fixes is by their speeds, a metre."""
    seconds = b.time - a.time
    least, most = sorted((a.speed_dkmh / 36 * seconds, b.speed_dkmh / 36 * seconds))
    doubt = max(seconds * PACE_KMH / 3.6, STEP_M / 2)
    if metres > most + 6 * doubt:
        return UNKNOWN_A_METRE
    beside = max(least - metres, metres - most, 0) / doubt
    return math.exp(-(beside**2) / 2) / (most - least + doubt * math.sqrt(2 * math.pi)) + UNKNOWN_A_METRE


def likely(
    fixes: list[Place], lines: list[Line], plausible: list[list[int]], noise: float, reach: float
) -> list[list[int]]:
    """The likeliest lines at each fix; none where the limits of the slice are the same at every fix.

    Args: plausible: numbers of lines, one list a fix.
    """
    if all(len({lines[number].limit for number in some}) < 2 for some in plausible):
        return [[] for _ in fixes]
    path = [set(fix.through) | (set(after.through) if after else set()) for fix, after in
            zip(fixes, [*fixes[1:], None], strict=True)]  # fmt: skip
    led_to = set().union(*path)
    kept = [(number, line) for number, line in enumerate(lines)
            if line.id in led_to or any(number in some for some in plausible)]  # fmt: skip
    east_m = math.cos(math.radians(fixes[0].lat)) * DEGREE_M
    of = stretches(kept, east_m)
    far, every, error = between(of), spots(of), max(noise, ERROR_MIN_M)
    near: list[list[Spot]] = []
    for fix, some, led in zip(fixes, plausible, path, strict=True):
        here = (fix.lon * east_m, fix.lat * DEGREE_M)
        any_led = any(lines[number].id in led for number in some)
        near.append([])
        for one in every:
            number, distance = of[one.stretch].line, math.dist(one.at, here)
            if number in some and distance <= reach:
                aside = OFF_PATH if any_led and lines[number].id not in led else 1.0
                weight = math.exp(-(distance**2) / (2 * error**2)) * one.size * aside
                near[-1].append(Spot(one.stretch, one.along, one.at, one.size, weight))
    total = sums(fixes, of, far, near)
    result = []
    for some, here_, masses in zip(plausible, near, total, strict=True):
        mass = dict.fromkeys(some, 0.0)
        for one, each in zip(here_, masses, strict=True):
            mass[of[one.stretch].line] += each
        result.append(heaviest(lines, mass) if here_ else [])
    return result


def heaviest(lines: list[Line], mass: dict[int, float]) -> list[int]:
    together: dict[int, float] = {}
    for number, each in mass.items():
        together[lines[number].limit] = together.get(lines[number].limit, 0.0) + each
    limit = max(one for one, each in together.items() if each >= SAME * max(together.values()))
    among = {number: each for number, each in mass.items() if lines[number].limit == limit}
    return [number for number, each in among.items() if each >= SAME * max(among.values())]


def sums(fixes: list[Place], of: list[Stretch], far: list[list[float]], near: list[list[Spot]]) -> list[list[float]]:
    """Of each fix's places what all chains through them weigh together."""
    joined = [bool(a and b) and after.time - fix.time <= SILENCE_MAX_S
              for a, b, fix, after in zip(near, near[1:], fixes, fixes[1:], strict=False)]  # fmt: skip

    def told(fix: int, one: Spot, step: int, already: list[float]) -> float:
        other = fix - step
        if not (0 <= other < len(fixes)) or not joined[min(fix, other)]:
            return 1.0
        early, late = (other, fix) if step > 0 else (fix, other)
        result = 0.0
        for spot, gone in zip(near[other], already, strict=True):
            metres = way(of, far, spot, one) if step > 0 else way(of, far, one, spot)
            result += spot.weight * gone * agreement(fixes[early], fixes[late], metres)
        return result

    ahead: list[list[float]] = []
    for k in range(len(fixes)):
        ahead.append([told(k, one, 1, ahead[k - 1] if k else []) for one in near[k]])
    back: list[list[float]] = [[] for _ in fixes]
    for k in reversed(range(len(fixes))):
        back[k] = [told(k, one, -1, back[k + 1] if k + 1 < len(fixes) else []) for one in near[k]]
    return [
        [one.weight * a * b for one, a, b in zip(near[k], ahead[k], back[k], strict=True)] for k in range(len(fixes))
    ]

"""Ways past, round and before a scale, and the fixes of whoever drives them. Metres east and north of the scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey.track import Float, Int

type Point = tuple[float, float]

LON, LAT = 105.80, 22.20  # of the scale: far from every road on file, so that no limit of speed is known
GATE_M = 3000.0  # to the points before and behind it
YARD: Point = (0.0, -8000.0)
NORTH: Point = (0.0, 8000.0)
DIRECT: tuple[Point, ...] = (YARD, NORTH)
BACK = DIRECT[::-1]
ROUND: tuple[Point, ...] = (YARD, (0.0, -2400.0), (4000.0, -2400.0), (4000.0, 2400.0), (0.0, 2400.0), NORTH)
MIDWAY = 3  # of ROUND, the corner behind which it turns back
BESIDE: tuple[Point, ...] = (YARD, (0.0, -2600.0), (700.0, -2300.0), (700.0, 2300.0), (0.0, 2600.0), NORTH)
_METRES = 111_195.0  # in a degree of latitude
_PARKED_S = 900


class Leg(NamedTuple):
    """One drive along points from an instant on. stops: s by number of the point at which it stands."""

    start: int
    points: tuple[Point, ...]
    stops: tuple[tuple[int, int], ...] = ()


def arrival(leg: Leg, pace: float, north_m: float) -> int:
    """When a leg first comes to a latitude, s UTC. Args: pace: m/s."""
    time, _, north = _course(leg, pace)
    grid = np.arange(time[0], time[-1] + 1)
    at = np.interp(grid, time, north)
    up = north[-1] > north[0]
    return int(grid[np.argmax(at >= north_m if up else at <= north_m)])


def end_of(leg: Leg, pace: float) -> int:
    return int(np.ceil(_course(leg, pace)[0][-1]))


def fixes_of(
    rng: np.random.Generator, legs: Sequence[Leg], pace: float, every_s: int, span: tuple[int, int],
    dark: Sequence[tuple[int, int]] = (),
) -> dict[str, Float | Int]:  # fmt: skip
    """time, lon, lat, speed_dkmh of one vehicle over a span, parked before, between and after its legs.

    Args: dark: times at which it sends nothing.
    """
    times, easts, norths, moves = [], [], [], []
    free, place = span[0], legs[0].points[0] if legs else YARD
    for leg in [*legs, None]:
        until = span[1] if leg is None else leg.start
        parked = np.arange(free, until, _PARKED_S)
        times.append(parked)
        easts.append(np.full(len(parked), place[0]))
        norths.append(np.full(len(parked), place[1]))
        moves.append(np.zeros(len(parked), bool))
        if leg is None:
            break
        time, east, north = _course(leg, pace)
        at = np.arange(leg.start, int(np.ceil(time[-1])) + 1, every_s)
        times.append(at)
        easts.append(np.interp(at, time, east))
        norths.append(np.interp(at, time, north))
        still = np.interp(at + 1, time, east) == easts[-1]
        moves.append(~(still & (np.interp(at + 1, time, north) == norths[-1])))
        free, place = int(at[-1]) + every_s, leg.points[-1]
    time, moving = np.concatenate(times).astype(np.int64), np.concatenate(moves)
    stray = np.clip(rng.normal(0, 2.5, (2, len(time))), -6, 6) * moving
    north = np.concatenate(norths) + stray[0]
    east = np.concatenate(easts) + stray[1]
    speed = np.where(moving, np.round((pace * 3.6 + rng.uniform(-1, 1, len(time))) * 10), 0)
    keep = np.ones(len(time), bool)
    for begin, end in dark:
        keep &= (time < begin) | (time >= end)
    return {
        "time": time[keep],
        "lon": np.round(LON + east / _METRES / np.cos(np.radians(LAT)), 6)[keep],
        "lat": np.round(LAT + north / _METRES, 6)[keep],
        "speed_dkmh": speed.astype(np.int32)[keep],
    }


def _course(leg: Leg, pace: float) -> tuple[Float, Float, Float]:
    """Instants and places at which a leg turns, stands and goes on."""
    stops = dict(leg.stops)
    time, now = [float(leg.start)], float(leg.start)
    points = [leg.points[0]]
    for number, (before, after) in enumerate(zip(leg.points, leg.points[1:], strict=False), start=1):
        now += float(np.hypot(after[0] - before[0], after[1] - before[1])) / pace
        time.append(now)
        points.append(after)
        if number in stops:
            now += stops[number]
            time.append(now)
            points.append(after)
    place = np.array(points)
    return np.array(time), place[:, 0], place[:, 1]

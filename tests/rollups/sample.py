"""Tracks and weighings made by hand."""

from __future__ import annotations

import math

from journey.model import Fix, Weighing

_DEGREE_M = math.radians(1) * 6_371_008.8


def drive(plate: str, start: int, legs: list[tuple[int, int]], step: int = 10) -> list[Fix]:
    """Fixes northwards along a meridian. Args: legs: (speed in tenths of km/h, s) one after the other."""
    fixes, time, north_m = [], start, 0.0
    speeds = [speed for speed, seconds in legs for _ in range(seconds // step)]
    for speed in (*speeds, 0):
        fixes.append(Fix(plate, None, time, 106.7, 15 + north_m / _DEGREE_M, speed))
        north_m += speed / 36 * step
        time += step
    return fixes


def overloaded(
    plate: str, time: int, trailer: str | None = None, axles: tuple[int, ...] = (12_000, 12_000)
) -> Weighing:
    """A weighing with two single axles."""
    return Weighing("KT12", 1, time, plate, trailer, axles, (3600,), sum(axles), 1, 0, "T")

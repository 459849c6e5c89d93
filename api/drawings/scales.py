"""Scales of drawings: where a value lies on the paper, and at which round values there is a mark."""

from __future__ import annotations

from datetime import datetime
from math import ceil, floor, log10
from typing import NamedTuple

from journey.localtime import DAY_S, ZONE, day_of, day_start

# Steps between marks of time, s: from a second to a day.
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY_S)


class Scale(NamedTuple):
    """Values low to high lie from `start` to `stop` on the paper."""

    low: float
    high: float
    start: float
    stop: float

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)


def round_step(span: float, most: int) -> float:
    """The least step of 1, 2 or 5 times a power of ten that divides a span into at most so many parts."""
    rough = span / most
    power = 10.0 ** floor(log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))


def marks(low: float, high: float, most: int) -> list[float]:
    """Round values from low to high, both ends included where they are round."""
    step = round_step(high - low, most)
    return [number * step for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def time_marks(start: int, end: int, most: int) -> list[tuple[int, str]]:
    """Round local times from start to end (s UTC), each as it is printed; a midnight by its date."""
    step = next((one for one in _TIME_STEPS if (end - start) / one <= most), DAY_S)
    midnight = day_start(day_of(start))
    first = midnight + ceil((start - midnight) / step) * step
    form = "%H:%M:%S" if step % 60 else "%H:%M"
    found = []
    for time in range(first, end + 1, step):
        local = datetime.fromtimestamp(time, ZONE)
        new_day = step >= 3600 and local.hour == 0 and local.minute == 0
        found.append((time, local.strftime("%d/%m" if new_day else form)))
    return found


def clock(time: int, with_day: bool = False) -> str:
    """Local time of day; with its date where a drawing shows several days."""
    if with_day:
        return datetime.fromtimestamp(time, ZONE).strftime("%H:%M:%S %d/%m")
    return datetime.fromtimestamp(time, ZONE).strftime("%H:%M:%S")


def day(time: int) -> str:
    return datetime.fromtimestamp(time, ZONE).strftime("%d/%m/%Y")

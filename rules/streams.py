"""Driving as one line of time per driver: the activities of all his vehicles, united (rules.md, 4.2).

A stream is one known driver, or one vehicle while its driver is unknown. Overlaps on two vehicles count once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from journey.track import DRIVING, NO_DRIVER, UNKNOWN, Bool, Int
from rules.law import Dated


@dataclass(frozen=True, slots=True)
class Stretches:
    """United driving. Stretches of one stream are disjoint and in order.

    Arrays of stretches: stream, start, end; first: index of the stretch's first piece. Arrays of pieces, the driving
    of one vehicle each, ordered by stream and start: piece_start, piece_end, piece_vehicle, and `of`, the stretch that
    a piece belongs to.
    """

    stream: Int
    start: Int
    end: Int
    first: Int
    of: Int
    piece_start: Int
    piece_end: Int
    piece_vehicle: Int

    def vehicle_at(self, stretch: slice, time: int) -> int:
        """The vehicle driven at an instant inside the stretches; of two the smaller code."""
        pieces = slice(*np.searchsorted(self.of, [stretch.start, stretch.stop]).tolist())
        inside = (self.piece_start[pieces] <= time) & (time < self.piece_end[pieces])
        return int(self.piece_vehicle[pieces][inside].min())


def streams(activities: pl.DataFrame, drivers: int) -> Int:
    """Stream number of each activity: the driver's code, or `drivers` + the vehicle's code where unknown."""
    driver = activities["driver"].to_numpy().astype(np.int64)
    return np.where(driver == NO_DRIVER, drivers + activities["vehicle"].to_numpy(), driver)


def driving(activities: pl.DataFrame) -> Bool:
    """Reading `certain`: only driving is driving."""
    chosen: Bool = activities["kind"].to_numpy() == DRIVING
    return chosen


def driving_or_bridged(activities: pl.DataFrame, longest_s: int) -> Bool:
    """Reading `unfavourable`: an unknown activity of at most `longest_s` counts as driving too."""
    kind = activities["kind"].to_numpy()
    seconds = (activities["end"] - activities["start"]).to_numpy()
    chosen: Bool = (kind == DRIVING) | ((kind == UNKNOWN) & (seconds <= longest_s))
    return chosen


def unite(activities: pl.DataFrame, stream: Int, chosen: Bool) -> Stretches:
    """Unite the chosen activities of each stream. Stretches that touch become one."""
    stream, start, end, vehicle = (
        stream[chosen],
        activities["start"].to_numpy()[chosen],
        activities["end"].to_numpy()[chosen],
        activities["vehicle"].to_numpy()[chosen].astype(np.int64),
    )
    order = np.lexsort((vehicle, end, start, stream))
    stream, start, end, vehicle = stream[order], start[order], end[order], vehicle[order]
    if not len(stream):
        return Stretches(stream, start, end, stream, stream, start, end, vehicle)
    base, width = int(start.min()), int(end.max() - start.min()) + 1
    # Streams side by side on one long line of time, so that one running maximum serves them all.
    reach = np.maximum.accumulate(stream * width + (end - base))
    new = np.ones(len(stream), bool)
    new[1:] = stream[1:] * width + (start[1:] - base) > reach[:-1]
    first = np.flatnonzero(new)
    return Stretches(
        stream[first],
        start[first],
        np.maximum.reduceat(end, first),
        first,
        np.cumsum(new) - 1,
        start,
        end,
        vehicle,
    )


def crossing(start: Int, end: Int, limits: Sequence[Dated]) -> tuple[int, Dated] | None:
    """When the running sum of driving first exceeds the limit in force at that instant.

    The instant is the start of the first driving second that makes the sum exceed the limit; a limit reached exactly
    at a stop is exceeded by the next driving second. Each dated limit is tried inside its own period.

    Args: start, end: disjoint stretches in order, s.
    """
    total = np.cumsum(end - start)
    found: list[tuple[int, Dated]] = []
    for place, dated in enumerate(limits):
        until = limits[place + 1].start if place + 1 < len(limits) else None
        stretch = int(np.searchsorted(total, dated.value, side="right"))
        if stretch == len(total):
            continue
        before = int(total[stretch - 1]) if stretch else 0
        at = int(start[stretch]) + dated.value - before
        if at < dated.start:
            later = np.flatnonzero(end > dated.start)
            if not len(later):
                continue
            at = max(at, int(start[later[0]]), dated.start)
        if until is None or at < until:
            found.append((at, dated))
    return min(found, key=lambda pair: pair[0], default=None)

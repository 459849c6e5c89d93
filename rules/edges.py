"""The two ends of a vehicle's day that rest on its neighbours, as marks: where a mark is what it was, so is the day.

What a day holds changes with records of other days only before its first cut (rules.cuts) and after its last: steps
over midnight, and stands, stops and flags that run through it. A mark is a hash of all that the sums of the day
(rules.summaries, rules.service) take from there. So of a day whose own records have not changed, and whose mark has
not changed either, the sums need not be made again, nor its other records be loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from journey.localtime import day_of, day_start
from journey.track import Int
from rules.activity import Kind
from rules.cuts import cuts
from rules.law import Law
from rules.quality import Fixes, Flags, Usable


class Edges(NamedTuple):
    """Marks of a day, 64 bits with sign: to its first cut, and from its last. None: it has no cut of its own."""

    head: int | None
    tail: int | None


def edges(
    fixes: Fixes,
    flags: Flags,
    usable: Usable,
    kind: Kind,
    activities: pl.DataFrame,
    law: Law,
    days: Iterable[tuple[int, int]],
) -> dict[tuple[int, int], Edges]:
    """Marks of days, as (vehicle code, local day number). Of a day of which a part is missing, those of the other part.

    Args: flags, usable, kind: as the vehicle floor gave them of `fixes`; activities: its ACTIVITY, ordered.
    """
    marks = cuts(usable, kind, flags, law, np.diff(day_of(usable.time)) == 0)
    of_fixes, of_usable = _Rows(fixes.vehicle, fixes.time), _Rows(usable.vehicle, usable.time)
    start, end, kinds = (activities[name].to_numpy() for name in ("start", "end", "kind"))
    begun = _Rows(activities["vehicle"].to_numpy(), start)

    def mark(code: int, since: int, until: int) -> int:
        """What a vehicle's fixes, steps and activities from `since` to `until` (both included) say there."""
        held, good, every = (
            of_fixes.between(code, since, until),
            of_usable.between(code, since, until),
            of_usable.of(code),
        )
        # With the step that leads to the first, and that which leads away from the last.
        points = slice(max(good.start - 1, every.start), min(good.stop + 1, every.stop))
        steps = slice(points.start, points.stop - 1)
        done = begun.between(code, since, until - 1)
        # Activities do not overlap, so that of those begun before only the last can reach into it.
        done = slice(max(done.start - 1, begun.of(code).start), done.stop)
        reach = end[done] > since
        said = hashlib.blake2b(np.array([since, until], np.int64), digest_size=8)
        for values in (
            fixes.time[held],
            flags[held],
            usable.time[points],
            usable.linked[steps],
            usable.step_m[steps],
            kind[steps],
            np.maximum(start[done][reach], since),
            np.minimum(end[done][reach], until),
            kinds[done][reach],
        ):
            said.update(np.ascontiguousarray(values))
        return int.from_bytes(said.digest(), "big", signed=True)

    result = {}
    for code, day in days:
        begin, stop = day_start(day), day_start(day + 1)
        first, last = marks.first_after(code, begin), marks.last_before(code, stop - 1)
        if first is None or last is None or first >= stop or last < begin:
            result[code, day] = Edges(None, None)
        else:
            result[code, day] = Edges(mark(code, begin, first), mark(code, last, stop - 1))
    return result


class _Rows:
    """Rows of columns ordered by vehicle code and time."""

    def __init__(self, vehicle: npt.NDArray[np.int32], time: Int) -> None:
        codes = np.arange(int(vehicle[-1]) + 2 if len(vehicle) else 1, dtype=vehicle.dtype)
        self._bounds = np.searchsorted(vehicle, codes).tolist()
        self._time = time

    def of(self, code: int) -> slice:
        """Those of a vehicle."""
        return slice(*self._bounds[code : code + 2]) if code + 1 < len(self._bounds) else slice(0, 0)

    def between(self, code: int, since: int, until: int) -> slice:
        """Those of a vehicle from one time to another, both included."""
        own = self.of(code)
        a, b = np.searchsorted(self._time[own], [since, until + 1]).tolist()
        return slice(own.start + a, own.start + b)

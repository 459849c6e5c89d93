"""Which registry row of a vehicle is in force at an instant, for whole columns of vehicles and times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from journey.localtime import day_of, midnight
from journey.registry import Registration
from journey.track import Int

_SPAN = 1 << 40  # seconds; with the vehicle code in front, one number orders rows by vehicle and time
_ALWAYS, _FOREVER = 0, _SPAN - 1


@dataclass(frozen=True, slots=True)
class Registered:
    """Registry rows by plate code. `rows_at` gives indices into `rows`, -1 where the vehicle is not registered."""

    plates: tuple[str, ...]
    rows: tuple[Registration, ...]
    _key: Int
    _row: Int

    def rows_at(self, vehicle: npt.NDArray[np.integer], time: Int) -> Int:
        """Index of the row in force for each (vehicle code, time); of overlapping rows the latest begun."""
        if not len(self._key):
            return np.full(len(time), -1, np.int64)
        key = vehicle.astype(np.int64) * _SPAN + np.clip(time, _ALWAYS, _FOREVER)
        place = np.searchsorted(self._key, key, side="right") - 1
        found = np.where(place >= 0, self._row[place], -1)
        same_vehicle = (place >= 0) & (self._key[place] // _SPAN == vehicle)
        return np.where(same_vehicle, found, -1)

    def changes(self) -> list[tuple[int, int]]:
        """(vehicle code, index of the row that begins or -1) of every change on file."""
        return list(zip((self._key // _SPAN).tolist(), self._row.tolist(), strict=True))

    def row_at(self, vehicle: int, time: int) -> Registration | None:
        found = int(self.rows_at(np.array([vehicle]), np.array([time], np.int64))[0])
        return None if found < 0 else self.rows[found]


class Span(NamedTuple):
    """Local days [first, stop) on which a row is the one in force."""

    row: Registration
    first: int
    stop: int


def days(valid_from: date | None, valid_to: date | None) -> tuple[int, int]:
    """Unix seconds [start, end) of a validity whose first and last day are both included; open ends clipped."""
    start = _ALWAYS if valid_from is None else max(_ALWAYS, midnight(valid_from))
    if valid_to is None or valid_to == date.max:
        return start, _FOREVER
    return start, midnight(valid_to + timedelta(days=1))


def index(rows: Sequence[Registration], plates: Sequence[str]) -> Registered:
    """Registry rows prepared for look-up by the codes of `plates`."""
    by_plate: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_plate[row.plate].append(number)
    keys: list[int] = []
    numbers: list[int] = []
    for code, plate in enumerate(plates):
        for start, number in _timeline(rows, by_plate.get(plate, [])):
            keys.append(code * _SPAN + start)
            numbers.append(number)
    return Registered(tuple(plates), tuple(rows), np.array(keys, np.int64), np.array(numbers, np.int64))


def spans(rows: Sequence[Registration]) -> list[Span]:
    """The days of each row, by plate and day; days on which a vehicle is not registered are left out."""
    by_plate: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_plate[row.plate].append(number)
    found = []
    for plate in sorted(by_plate):
        changes = _timeline(rows, by_plate[plate])
        for (start, chosen), (end, _) in pairwise(changes):
            if chosen >= 0:
                found.append(Span(rows[chosen], day_of(start), day_of(end)))
    return found


def clipped(some: Sequence[Span], first: int, stop: int) -> list[Span]:
    """What of spans lies within local days [first, stop)."""
    return [Span(row, max(begin, first), min(end, stop)) for row, begin, end in some if begin < stop and first < end]


def _timeline(rows: Sequence[Registration], numbers: list[int]) -> list[tuple[int, int]]:
    """The rows of one plate as (start, row or -1) changes in order of time."""
    spans = {number: days(rows[number].valid_from, rows[number].valid_to) for number in numbers}
    if len(spans) == 1:  # as most have it
        ((number, (start, end)),) = spans.items()
        return [(start, number), (end, -1)] if start < end else []
    changes = []
    for instant in sorted({edge for span in spans.values() for edge in span}):
        valid = [number for number in numbers if spans[number][0] <= instant < spans[number][1]]
        # Of two rows begun on one day the later in the file stands, as a correction would.
        chosen = max(valid, key=lambda number: (spans[number][0], number), default=-1)
        changes.append((instant, chosen))
    return changes

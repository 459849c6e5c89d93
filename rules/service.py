"""How well a vehicle's data served: what each local day says of the recorder's sending, position and clock.

Law:   recorder.upload_moving_max, recorder.upload_stopped_max, each as in force at the end of a step;
       method.moving_min, method.service_delay_edges.
Units: s, mm and counts, all whole: the sums of parts add up to those of the whole, whatever the parts.
Shape: standing fixes, flags and steps -> sums by (vehicle code, local day number).
Gaps:  a step whose figure of law is not known, or not yet in force, is counted and not judged.

A step belongs to the day of its last second, as the half-open interval that it is: one that ends at midnight belongs to
the day before, and no day rests on a step that lies outside it. Distance is a straight line, each step in whole mm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from journey.localtime import day_of
from journey.model import FATAL, Flag
from journey.track import DRIVING, NEVER, Bool, Int
from rules.activity import MM, Kind
from rules.law import Law
from rules.quality import Fixes, Flags, Usable

DRIFT = Flag.ZERO | Flag.OUTSIDE | Flag.JUMP | Flag.FROZEN  # a receiver that lost its position
BEYOND = "inf"  # name of the class of delays above the last edge
_KEY = 1 << 32

VehicleDay = tuple[int, int]
Sum = tuple[str, Bool, Int | None]  # its name, what it is over, and what is summed; None: it is counted


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """Sums of one vehicle over one local day.

    usable: fixes without a fatal flag. Steps: between neighbouring usable fixes, moving or standing by the speed at
    their start; `judged` where the longest interval of the law is known, `timely` where the step is not longer.
    delays: fixes by the delay from their time to their receipt, under the least edge (s) that it does not exceed; a
    fix flagged `future` has a wrong time and is none of them. without_receipt: fixes of no known receipt.
    """

    fixes: int = 0
    usable: int = 0
    drifted: int = 0
    future: int = 0
    without_receipt: int = 0
    moving_steps: int = 0
    moving_judged: int = 0
    moving_timely: int = 0
    standing_steps: int = 0
    standing_judged: int = 0
    standing_timely: int = 0
    driving_mm: int = 0
    track_mm: int = 0
    delays: dict[str, int] = field(default_factory=dict)


def service_days(fixes: Fixes, flags: Flags, usable: Usable, kind: Kind, law: Law) -> dict[VehicleDay, ServiceDay]:
    """Sums by (vehicle code, local day number) of the days that hold a fix or the end of a step.

    Args: flags, usable: as rules.quality.screen gave them of `fixes`; kind: of the steps.
    """
    keys = _keys(fixes.vehicle, fixes.time)
    known = fixes.received != NEVER
    timed = known & ((flags & Flag.FUTURE) == 0)
    of_fixes: list[Sum] = [
        ("fixes", np.ones(len(keys), bool), None),
        ("usable", (flags & FATAL) == 0, None),
        ("drifted", (flags & DRIFT) != 0, None),
        ("future", (flags & Flag.FUTURE) != 0, None),
        ("without_receipt", ~known, None),
    ]
    linked = np.flatnonzero(usable.linked)
    ends = _keys(usable.vehicle[linked + 1], usable.time[linked + 1] - 1)
    of_steps = ((name, chosen[linked], _at(values, linked)) for name, chosen, values in _of_steps(usable, kind, law))
    sums: defaultdict[int, dict[str, int]] = defaultdict(dict)
    _add(sums, keys, of_fixes)
    _add(sums, ends, of_steps)
    delays = _delays(keys[timed], fixes.received[timed] - fixes.time[timed], law)
    return {divmod(key, _KEY): ServiceDay(**some, delays=delays.get(key, {})) for key, some in sorted(sums.items())}


def _keys(vehicle: npt.NDArray[np.int32], time: Int) -> Int:
    return vehicle.astype(np.int64) * _KEY + day_of(time)


def _at(values: Int | None, place: Int) -> Int | None:
    return None if values is None else values[place]


def _of_steps(usable: Usable, kind: Kind, law: Law) -> Iterator[Sum]:
    moving: Bool = usable.speed_dkmh[:-1] >= law.figure("moving_min")
    for name, chosen in (("moving", moving), ("standing", ~moving)):
        path = "recorder.upload_moving_max" if name == "moving" else "recorder.upload_stopped_max"
        longest = _figures(path, usable.time[1:], law)
        yield f"{name}_steps", chosen, None
        yield f"{name}_judged", chosen & (longest >= 0), None
        yield f"{name}_timely", chosen & (usable.step_s <= longest), None
    step_mm = np.rint(usable.step_m * MM).astype(np.int64)
    yield "driving_mm", kind == DRIVING, step_mm
    yield "track_mm", np.ones(len(step_mm), bool), step_mm


def _figures(path: str, times: Int, law: Law) -> Int:
    """The figure in force at each instant; -1 where it is not known, or none is in force yet."""
    values = [-1 if dated.value is None else dated.value for dated in law.dated(path)]
    return np.array([*values, -1], np.int64)[law.series(path, times)]


def _add(sums: defaultdict[int, dict[str, int]], keys: Int, wanted: Iterable[Sum]) -> None:
    groups, place = np.unique(keys, return_inverse=True)
    for name, chosen, values in wanted:
        # Sums of whole numbers: exact in floating point, far below limits.
        weights = None if values is None else values[chosen]
        totals = np.bincount(place[chosen], weights, len(groups)).astype(np.int64)
        for key, total in zip(groups.tolist(), totals.tolist(), strict=True):
            sums[key][name] = total


def _delays(keys: Int, delay_s: Int, law: Law) -> dict[int, dict[str, int]]:
    edges = [int(edge) for edge in law.figure("service_delay_edges")]
    names = [*(str(edge) for edge in edges), BEYOND]
    groups, group = np.unique(keys, return_inverse=True)
    cells, counts = np.unique(group * len(names) + np.searchsorted(edges, delay_s), return_counts=True)
    result: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for cell, count in zip(cells.tolist(), counts.tolist(), strict=True):
        place, number = divmod(cell, len(names))
        result[int(groups[place])][names[number]] = count
    return result

"""Stored tracks read day by day for report forms: memory holds one vehicle's day, whatever the period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched
from typing import NamedTuple

import numpy as np

from api.reports.episodes import Spot
from api.reports.tracks import TrackFix
from journey.localtime import day_start
from journey.model import FATAL
from journey.track import DRIVING, Float, Int, encode
from rules.activity import MM, classify
from rules.engine import Known
from rules.law import Law
from rules.quality import Fixes, Flags, Usable, screen, standing
from rules.roads.index import candidates
from storage.database import Connection
from storage.tracks import load_fixes

_AROUND_S = 3600  # of neighbours, that some flags rest on
_AT_ONCE = 500

type Point = tuple[str, int]  # plate, s UTC


class _Day(NamedTuple):
    licences: tuple[str, ...]
    fixes: Fixes
    flags: Flags
    usable: Usable
    start: int
    stop: int


def _days(connection: Connection, plate: str, days: Iterable[int], known: Known, law: Law) -> Iterator[_Day]:
    for day in days:
        start, stop = day_start(day), day_start(day + 1)
        frame = load_fixes(connection, [(plate, start - _AROUND_S, stop + _AROUND_S)])
        if not len(frame):
            continue
        sent = encode(frame)
        fixes, _ = standing(sent.frame, known.box, law)
        flags, usable = screen(fixes, law)
        yield _Day(sent.licences, fixes, flags, usable, start, stop)


def track_fixes(
    connection: Connection, plate: str, days: Sequence[int], known: Known, law: Law, tell: Callable[[], None]
) -> Iterator[TrackFix]:
    """Every standing fix of a vehicle's local days, in order of time. Args: tell: called after each day."""
    for day in days:
        for one in _days(connection, plate, [day], known, law):
            roads = _roads(known, one.fixes, law)
            inside = np.flatnonzero((one.fixes.time >= one.start) & (one.fixes.time < one.stop))
            for place in inside.tolist():
                driver = int(one.fixes.driver[place])
                yield TrackFix(
                    int(one.fixes.time[place]), float(one.fixes.lon[place]), float(one.fixes.lat[place]),
                    int(one.fixes.speed_dkmh[place]), int(one.flags[place]),
                    one.licences[driver] if driver >= 0 else None, roads.get(place),
                )  # fmt: skip
        tell()


def driven_by_licence(
    connection: Connection, plate: str, days: Iterable[int], known: Known, law: Law
) -> Counter[str | None]:
    """mm driven by each licence (None: not known) in steps of driving that end on the days."""
    driven: Counter[str | None] = Counter()
    for one in _days(connection, plate, days, known, law):
        usable = one.usable
        ends = usable.time[1:]
        chosen = (classify(usable, law) == DRIVING) & (ends > one.start) & (ends <= one.stop)
        steps_mm = np.rint(usable.step_m[chosen] * MM).astype(np.int64)
        for driver, step_mm in zip(usable.driver[:-1][chosen].tolist(), steps_mm.tolist(), strict=True):
            driven[one.licences[driver] if driver >= 0 else None] += step_mm
    return driven


def located(connection: Connection, points: Iterable[Point], known: Known, law: Law) -> dict[Point, Spot]:
    """Where vehicles were at the instants of fixes; a point without a fix, or with a faulty one, is left out."""
    found: dict[Point, Spot] = {}
    for some in batched(dict.fromkeys(points), _AT_ONCE):
        frame = load_fixes(connection, [(plate, time, time + 1) for plate, time in some])
        if not len(frame):
            continue
        sent = encode(frame)
        fixes, _ = standing(sent.frame, known.box, law)
        roads = _roads(known, fixes, law)
        for place in np.flatnonzero((fixes.flags & FATAL) == 0).tolist():
            point = sent.plates[int(fixes.vehicle[place])], int(fixes.time[place])
            found[point] = Spot(float(fixes.lon[place]), float(fixes.lat[place]), roads.get(place))
    return found


def _roads(known: Known, fixes: Fixes, law: Law) -> dict[int, str]:
    """Names (or ids) of the nearest road that each fix may have been on, by place; those with none are left out."""
    if known.roads is None or not len(fixes.time):
        return {}
    nothing: Float = np.zeros(max(len(fixes.time) - 1, 0))
    seconds: Int = np.zeros(len(nothing), np.int64)
    # Steps play no part in which road is near.
    alone = Usable(fixes.vehicle, fixes.driver, fixes.time, fixes.lon, fixes.lat, fixes.speed_dkmh, fixes.heading,
                   np.zeros(len(nothing), bool), seconds, nothing)  # fmt: skip
    sound = np.flatnonzero((fixes.flags & FATAL) == 0)
    near = candidates(known.roads, alone, sound, law)
    best: dict[int, tuple[float, str]] = {}
    for fix, road, metres in zip(near.fix.tolist(), near.road.tolist(), near.distance_m.tolist(), strict=True):
        row = known.roads.roads[road]
        place = int(sound[fix])
        best[place] = min(best.get(place, (np.inf, "")), (metres, row.name or row.id))
    return {place: name for place, (_, name) in best.items()}

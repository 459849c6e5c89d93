"""Stood before an open station until it closed, then passed it unweighed: for a person to look at, never an accusation.

Law:   whoever has to be weighed follows the signs of the station; that a truck had to is not in the record.
Grade: possible, always.
Units: s, m.  Shape: passages of one local day and the standings before them -> reviews.
Left out: a station that wrote nothing in the half hour before it closed, or whose clock is not known; who stood in its
zone, for less or more than a wait lasts, or passed it in between; vehicles not on file or that carry people.
"""

from __future__ import annotations

import numpy as np

from rules.stations.day import Day, Review
from rules.stations.joining import NONE
from rules.stations.opening import closed_since
from rules.stations.passages import MM
from rules.stations.reasons import BY_KIND, excuse_of
from rules.stations.unweighed import in_direction

KIND = "wait"
USES = ("wait_min", "wait_max", "wait_after_close_max", "approach_max", "station_radius", "rest_due_margin",
        "queue_vehicles_min", "station_silence")  # fmt: skip


def waits(day: Day) -> list[Review]:
    """In no order."""
    passed, met = day.seen.passed, set(day.joined.passage.tolist())
    fits = in_direction(passed, day.stations, day.law) & (passed.time >= day.start) & (passed.time < day.end)
    found = []
    for code, station in enumerate(day.stations):
        own = np.flatnonzero(fits & (passed.station == code))
        closed = closed_since(station, passed.time[own])
        late = passed.time[own] - closed
        shortly = (closed != NONE) & (late <= day.law.figure("wait_after_close_max"))
        for place, close in zip(own[shortly].tolist(), closed[shortly].tolist(), strict=True):
            if place not in met and (one := _review(day, code, place, close)) is not None:
                found.append(one)
    return found


def _review(day: Day, code: int, place: int, close: int) -> Review | None:
    passed, near, law = day.seen.passed, day.seen.standings, day.law
    vehicle, at = int(passed.vehicle[place]), int(passed.time[place])
    owner, clock = day.goods(vehicle, at), day.clock(code, close - 1)
    if owner is None or clock is None:
        return None
    shut = close + clock  # as the recorders tell the time
    length = near.end - near.start
    stood = (near.station == code) & (near.vehicle == vehicle) & (near.end <= at) & (near.end >= shut)
    stood &= (near.start <= shut - law.figure("wait_min")) & (length <= law.figure("wait_max"))
    stood &= near.away_m > law.figure("station_radius") / MM
    rows = np.flatnonzero(stood)
    around = _before(day, code, close)
    if not len(rows) or not around:
        return None
    row = int(rows[np.argmax(near.end[rows])])
    start, end = int(near.start[row]), int(near.end[row])
    own = (passed.station == code) & (passed.vehicle == vehicle) & (passed.time >= start) & (passed.time < at)
    if own.any() or day.weighed(code, vehicle, start - clock, at - clock):
        return None
    queue = day.queue(code, shut - 1, vehicle)
    excuse = excuse_of(
        station_stopped=day.stopped(code, start - clock, at - clock), rest_due=_rest_due(day, row, start),
        full=day.full(queue),
    )  # fmt: skip
    evidence = {
        "stood_from": start, "stood_until": end, "closed_at": close, "away_m": round(float(near.away_m[row])),
        "driven_s": int(near.driven_s[row]), "day_s": int(near.day_s[row]), "queue": queue, "around": around,
        "clock_s": clock,
    }  # fmt: skip
    uses = [dated.use() for path in ("driving_time.continuous_max", "driving_time.day_max")
            if (dated := law.at(path, start)) is not None]  # fmt: skip
    return Review(KIND, day.plates[vehicle], owner.operator, day.stations[code].id, at, excuse, evidence,
                  BY_KIND[KIND], (*day.uses(*USES), *uses))  # fmt: skip


def _before(day: Day, code: int, close: int) -> int:
    """Weighings of a station in the half hour before it closed, by its own clock."""
    times = day.time[day.station == code]
    return int(np.sum((times < close) & (times >= close - day.law.figure("station_silence"))))


def _rest_due(day: Day, row: int, start: int) -> bool:
    """Whether a break or the day's rest was due, or nearly so, when it came to stand."""
    near, margin = day.seen.standings, day.law.figure("rest_due_margin")
    limits = ((near.driven_s, "driving_time.continuous_max"), (near.day_s, "driving_time.day_max"))
    return any(
        (dated := day.law.at(path, start)) is not None and int(driven[row]) >= dated.value - margin
        for driven, path in limits
    )

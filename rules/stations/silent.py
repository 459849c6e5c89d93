"""Weighed while its recorder sent nothing: for a person to look at, never an accusation.

Law:   a vehicle of transport business has a recorder that works and sends while it is on the road.
Grade: possible, always.
Units: s, kg.  Shape: weighings of one local day, and when each vehicle sent -> reviews.
Told apart by what the record shows: a plate that is not on file or was not surely read, an outage of the operator's
feed or of our own intake. Where the clocks are not compared, the silence has to be so much longer.
"""

from __future__ import annotations

import numpy as np

from journey.model import Weighing
from journey.plates import UNREAD
from journey.registry import Registration
from journey.track import Int
from rules.stations.day import Day, Review
from rules.stations.joining import NONE
from rules.stations.reasons import BY_KIND
from rules.weighings.faults import faults_of
from rules.weighings.plate_reading import PlateIndex

KIND = "silent"
_BITS = 40  # for an instant in a combined key
USES = ("station_silence", "clock_search", "clock_window", "plate_confidence_min")


def silent(day: Day) -> list[Review]:
    """In no order; of several records of one vehicle at one station and instant one."""
    clock = np.array([_or_none(day.clock(station, time)) for station, time in
                      zip(day.station.tolist(), day.time.tolist(), strict=True)], np.int64)  # fmt: skip
    known = clock != NONE_KNOWN
    moment = day.time + np.where(known, clock, 0)
    wide = day.law.figure("station_silence") + np.where(known, 0, day.law.figure("clock_search"))
    sent = day.seen.sendings
    before, after = last_and_next(day.vehicle, moment, sent.vehicle, sent.start, sent.end)
    nothing = (moment - before > wide) & (after - moment > wide) & (day.time >= day.start) & (day.time < day.end)
    met: set[tuple[int, int, int]] = set()
    found = []
    for place in np.flatnonzero(nothing).tolist():
        one = day.weighings[place]
        key = (int(day.vehicle[place]), int(day.station[place]), one.time)
        if one.plate == UNREAD or key in met or key[1] == len(day.stations):
            continue
        met.add(key)
        found.append(_review(day, place, int(moment[place]), int(wide[place]), int(before[place]), int(after[place])))
    return found


NONE_KNOWN = -(1 << _BITS)
_FAR = 1 << _BITS


def last_and_next(vehicle: Int, moment: Int, of: Int, start: Int, end: Int) -> tuple[Int, Int]:
    """When each vehicle sent last at or before a moment and first at or after it, where runs of sending do not count
    as silence; far away where it never did. Args: of, start, end: runs, in any order."""
    order = np.lexsort((start, of))
    of, start, end = of[order], start[order], end[order]
    place = np.searchsorted((of << _BITS) + start, (vehicle << _BITS) + moment, side="right")
    at, after = np.clip(place - 1, 0, max(len(of) - 1, 0)), np.clip(place, 0, max(len(of) - 1, 0))
    if not len(of):
        return np.full(len(moment), -_FAR, np.int64), np.full(len(moment), _FAR, np.int64)
    began = (place > 0) & (of[at] == vehicle)
    inside = began & (end[at] >= moment)
    follows = (place < len(of)) & (of[after] == vehicle)
    last = np.where(began, np.minimum(end[at], moment), -_FAR)
    return last, np.where(inside, moment, np.where(follows, start[after], _FAR))


def _or_none(clock: int | None) -> int:
    return NONE_KNOWN if clock is None else clock


def _review(day: Day, place: int, moment: int, wide: int, before: int, after: int) -> Review:
    one, vehicle, code = day.weighings[place], int(day.vehicle[place]), int(day.station[place])
    row = day.goods(vehicle, moment)
    others, sending = _others(day, row, vehicle, moment, wide)
    excuse = _excuse(day, one, row, moment, wide, code, sending)
    evidence = {
        "gross_kg": one.gross_kg, "ticket": one.ticket, "sent_before": before if before > 0 else None,
        "sent_after": after if after < _FAR else None, "others": others, "others_sending": sending,
        "clock_s": day.clock(code, one.time),
    }  # fmt: skip
    return Review(KIND, one.plate, row.operator if row else None, one.station, one.time, excuse, evidence,
                  BY_KIND[KIND], day.uses(*USES))  # fmt: skip


def _excuse(
    day: Day, one: Weighing, row: Registration | None, moment: int, wide: int, code: int, sending: int
) -> str | None:
    if row is None:
        return "unregistered"
    if any(fault.impossible or fault.kind == "plate_unsure" for fault in faults_of(one, day.stations[code], day.law)):
        return "plate_unsure"
    if _almost(day, one, moment, code):
        return "plate_near"
    if any(start < moment + wide and end > moment - wide for start, end in day.outages):
        return "our_outage"
    return None if sending else "feed_silent"


def _others(day: Day, row: Registration | None, vehicle: int, moment: int, wide: int) -> tuple[int, int]:
    """Other vehicles of the operator that sent anything in the time loaded, and those that did so about the moment."""
    if row is None:
        return 0, 0
    sent = day.seen.sendings
    near = (sent.start <= moment + wide) & (sent.end >= moment - wide)
    counts = []
    for some in (np.unique(sent.vehicle), np.unique(sent.vehicle[near])):
        held = day.rows.rows_at(some, np.full(len(some), moment, np.int64)).tolist()
        counts.append(sum(place >= 0 and code != vehicle and day.rows.rows[place].operator == row.operator
                          for place, code in zip(held, some.tolist(), strict=True)))  # fmt: skip
    return counts[0], counts[1]


def _almost(day: Day, one: Weighing, moment: int, code: int) -> bool:
    """Whether a vehicle on a plate one character off passed the station then, and no weighing belongs to it."""
    passed, met = day.seen.passed, set(day.joined.passage.tolist()) - {NONE}
    near = (passed.station == code) & (np.abs(passed.time - moment) <= day.law.figure("clock_window"))
    plates = [day.plates[int(passed.vehicle[place])] for place in np.flatnonzero(near).tolist() if place not in met]
    return bool(PlateIndex(plates).suggest(one.plate))

"""Left the corridor before an open station and came back behind it: for a person to look at, never an accusation.

Law:   whoever has to be weighed follows the signs of the station; that a truck had to is not in the record.
Grade: possible, always.
Units: s, m.  Shape: transits of one local day -> reviews.
A detour is much longer than the direct way: the one that the station's entry states, else the median of the journeys
that the day saw through the station; where neither is known, none is seen. Left out: a station closed or without
weighings about then, or whose clock is not known; vehicles not on file, carrying people, or weighed there all the same.
"""

from __future__ import annotations

import numpy as np

from journey.track import Bool
from rules.stations.day import Day, Review
from rules.stations.opening import open_at
from rules.stations.passages import MM
from rules.stations.reasons import BY_KIND, excuse_of

KIND = "detour"
_WHOLE = 100  # percent
USES = ("detour_way_percent", "detour_extra_min", "detour_time_max", "detour_stop_min", "corridor_journeys_min",
        "queue_vehicles_min", "approach_max", "station_radius", "station_silence")  # fmt: skip


def detours(day: Day) -> list[Review]:
    """In no order."""
    transits, law = day.seen.transits, day.law
    today = (transits.end >= day.start) & (transits.end < day.end)
    extra, percent = law.figure("detour_extra_min") / MM, law.figure("detour_way_percent")
    found = []
    for code, station in enumerate(day.stations):
        for back in (False, True):
            here = today & (transits.station == code) & (transits.back == back)
            direct, journeys = _direct(day, here & transits.through & ~transits.gap, station.corridor_m)
            if direct is None:
                continue
            round_ = here & ~transits.through & (transits.way_m - direct >= extra)
            round_ &= transits.way_m * _WHOLE >= direct * percent
            round_ &= open_at(station, transits.begin) & open_at(station, transits.end)
            found += [one for row in np.flatnonzero(round_).tolist()
                      if (one := _review(day, code, row, direct, journeys)) is not None]  # fmt: skip
    return found


def _direct(day: Day, through: Bool, stated_m: int | None) -> tuple[float | None, int | None]:
    """The direct way, m, and on how many journeys it rests; None: stated."""
    if stated_m is not None:
        return float(stated_m), None
    ways = day.seen.transits.way_m[through]
    least = day.law.figure("corridor_journeys_min")
    return (float(np.median(ways)), len(ways)) if len(ways) >= least else (None, len(ways))


def _review(day: Day, code: int, row: int, direct: float, journeys: int | None) -> Review | None:
    transits = day.seen.transits
    vehicle, begin, end = int(transits.vehicle[row]), int(transits.begin[row]), int(transits.end[row])
    owner, clock = day.goods(vehicle, end), day.clock(code, begin)
    if owner is None or clock is None or day.weighed(code, vehicle, begin - clock, end - clock):
        return None
    around, told = day.around(code, begin - clock), np.array([begin - clock, end - clock], np.int64)
    if not around or not open_at(day.stations[code], told).all():
        return None
    stop, queue = _longest_stop(day, vehicle, begin, end), day.queue(code, begin, vehicle)
    excuse = excuse_of(
        station_stopped=day.stopped(code, begin - clock, end - clock), track_gap=bool(transits.gap[row]),
        stop=stop > 0, full=day.full(queue),
    )  # fmt: skip
    evidence = {
        "left_at": begin, "way_m": round(float(transits.way_m[row])), "direct_m": round(direct), "journeys": journeys,
        "stop_s": stop, "queue": queue, "around": around, "clock_s": clock,
    }  # fmt: skip
    return Review(KIND, day.plates[vehicle], owner.operator, day.stations[code].id, end, excuse, evidence,
                  BY_KIND[KIND], day.uses(*USES))  # fmt: skip


def _longest_stop(day: Day, vehicle: int, begin: int, end: int) -> int:
    """Of its stops that touch the way round, the whole length of the longest, s; 0: none."""
    stops = day.seen.stops
    inside = (stops.vehicle == vehicle) & (stops.end > begin) & (stops.start < end)
    return int(np.max((stops.end - stops.start)[inside], initial=0))

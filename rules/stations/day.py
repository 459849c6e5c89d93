"""One local day of stations: weighings, what tracks show of them, clocks, and what reviews ask of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from journey.localtime import day_of
from journey.model import LawUse, Weighing
from journey.registry import Registration, Station
from journey.track import Int
from rules import registered
from rules.law import Law
from rules.registered import Registered
from rules.scene import Outages
from rules.stations.joining import Joined, join
from rules.stations.sightings import Sightings
from rules.weighings.masses import TOWED

PERSONS = ("bus", "coach", "taxi")
GRADE = "possible"


class Stopped(NamedTuple):
    """A stop that a station reported, by its id. [start, end) s UTC; end None: not said to be over."""

    station: str
    start: int
    end: int | None


class Review(NamedTuple):
    """What looks as if a vehicle avoided a scale, grade possible. at: s UTC.

    excuse: code of what in the record makes it innocent, None: nothing, a person has to look. evidence: times s UTC,
    ways m, counts. reasons: codes of why it may be innocent all the same (rules.stations.reasons).
    """

    kind: str
    vehicle: str
    operator: str | None
    station: str
    at: int
    excuse: str | None
    evidence: dict[str, Any]
    reasons: tuple[str, ...]
    law: tuple[LawUse, ...]

    def as_dict(self) -> dict[str, Any]:
        return {**self._asdict(), "grade": GRADE, "law": [use._asdict() for use in self.law]}


@dataclass(frozen=True, slots=True)
class Day:
    """start, end: of the local day, s UTC; the records reach beyond it. plates: of the vehicle codes.

    station: of each weighing its place in `stations`, beyond them for one not on file; vehicle: its code.
    clocks: by station and local day, recorder less station, s; where none is known, or passages lie so far from their
    weighings that none can be, there is none.
    """

    start: int
    end: int
    plates: tuple[str, ...]
    rows: Registered
    stations: tuple[Station, ...]
    weighings: tuple[Weighing, ...]
    time: Int
    station: Int
    vehicle: Int
    joined: Joined
    clocks: dict[tuple[int, int], int]
    seen: Sightings
    outages: Outages
    law: Law
    stops: tuple[Stopped, ...] = ()

    def goods(self, vehicle: int, at: int) -> Registration | None:
        """The registry's row of a vehicle that carries goods by itself; None for all others."""
        row = self.rows.row_at(vehicle, at)
        return None if row is None or row.kind in (*PERSONS, *TOWED) else row

    def clock(self, station: int, at: int) -> int | None:
        return self.clocks.get((station, day_of(at)))

    def around(self, station: int, moment: int) -> int:
        """Weighings of a station in the half hour on either side of a moment by its clock; 0: it may have stood still
        before or after."""
        silence = self.law.figure("station_silence")
        times = self.time[self.station == station]
        before = int(np.sum((times <= moment) & (times >= moment - silence)))
        after = int(np.sum((times >= moment) & (times <= moment + silence)))
        return before + after - int(np.sum(times == moment)) if before and after else 0

    def weighed(self, station: int, vehicle: int, begin: int, end: int) -> bool:
        """Whether the vehicle was weighed there in [begin, end] by the station's clock, and the minutes beside."""
        wide = self.law.figure("clock_window")
        own = (self.station == station) & (self.vehicle == vehicle)
        return bool(np.any(own & (self.time >= begin - wide) & (self.time <= end + wide)))

    def queue(self, station: int, at: int, own: int) -> int:
        """Other vehicles that stood near a station at an instant."""
        near = self.seen.standings
        there = (near.station == station) & (near.start <= at) & (near.end > at) & (near.vehicle != own)
        return len(np.unique(near.vehicle[there]))

    def stopped(self, station: int, begin: int, end: int) -> bool:
        """Whether the station reported a stop that touches [begin, end] by its clock, or the minutes beside."""
        wide, name = self.law.figure("clock_window"), self.stations[station].id
        return any(one.station == name and one.start <= end + wide and (one.end is None or one.end > begin - wide)
                   for one in self.stops)  # fmt: skip

    def full(self, queue: int) -> bool:
        return bool(queue >= self.law.figure("queue_vehicles_min"))

    def holds(self, at: int) -> bool:
        return self.start <= at < self.end

    def uses(self, *names: str) -> tuple[LawUse, ...]:
        return tuple(self.law.method[name].use() for name in names)


def day_of_records(
    bounds: tuple[int, int], plates: Sequence[str], rows: Sequence[Registration], stations: Sequence[Station],
    weighings: Sequence[Weighing], seen: Sightings, outages: Outages, law: Law,
    stops: Sequence[Stopped] = (),
) -> Day:  # fmt: skip
    """Args: bounds: of the local day, s UTC. plates: of the codes in `seen`, those of all weighings among them."""
    codes = {plate: code for code, plate in enumerate(plates)}
    places = {one.id: place for place, one in enumerate(stations)}
    once = tuple(
        sorted(dict.fromkeys(weighings), key=lambda one: (one.time, one.station, one.plate, repr(one), repr(one.scale)))
    )
    station = np.array([places.get(one.station, len(places)) for one in once], np.int64)
    vehicle = np.array([codes[one.plate] for one in once], np.int64)
    time = np.array([one.time for one in once], np.int64)
    joined = join(station, vehicle, time, seen.passed, law)
    told = joined.clocks
    clocks = {
        (place, day): clock
        for place, day, clock, spread in zip(
            *(column.tolist() for column in (told.station, told.day, told.clock_s, told.spread_s)), strict=True
        )
        if spread <= law.figure("clock_window")  # NaN, none: not known
    }
    return Day(
        *bounds, tuple(plates), registered.index(rows, plates), tuple(stations), once, time, station, vehicle, joined,
        clocks, seen, outages, law, tuple(stops),
    )  # fmt: skip

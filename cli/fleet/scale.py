"""A day at one scale with known answers: who avoids it, and who only looks as if.

Beside ordinary traffic there are bypasses, ways round, waits and silent recorders; and a customer off the corridor, a
road beside it, the other direction, a coach, a station that is closed or full, a rest that was due, a feed that was
out, a foreign plate and one that was read wrong. Nothing here breaks a rule: no finding comes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from cli.fleet import scale_ways as ways
from cli.fleet.models import MODELS
from cli.fleet.scale_ways import Leg
from cli.fleet.spec import ReviewAnswer
from journey.localtime import DAY_S

if TYPE_CHECKING:
    from cli.fleet.spec import FleetSpec

STATION: dict[str, Any] = {
    "id": "KT-HANHLANG", "name": "Trạm kiểm tra tải trọng xe có hành lang", "lon": ways.LON, "lat": ways.LAT,
    "direction_deg": 0, "automatic_one_stage": False, "instrument_error_permille": 0, "gross_limit_kg": None,
    "axle_limit_kg": None, "open": "06:00-20:00",
    "corridor": [ways.LON, round(ways.LAT - ways.GATE_M / 111_195, 6), ways.LON,
                 round(ways.LAT + ways.GATE_M / 111_195, 6)],
    "corridor_m": None, "valid_from": None, "valid_to": None,
}  # fmt: skip
_HOUR = 3600
_TRAFFIC = 12  # vehicles that go to and fro; each passes every two hours
_TRIPS = 7
_EVERY_S = 600  # between two passages
# Passages at times when no other vehicle stands before the scale, so that it is not full: not at noon, nor at dusk.
_QUIET = [*range(3, 34), *range(43, 74)]
_WITHIN_S = 90  # a passage lies between two fixes
_OPERATORS = ("DT01", "DT02", "DT03")  # the last one's feed is out for hours
_PACE = (13.2, 14.2)  # m/s: some 50 km/h
_MODEL = "truck3"
FOREIGN = "桂F12345"


class Ride(NamedTuple):
    """One vehicle's day. dark: times at which it sends nothing."""

    legs: tuple[Leg, ...]
    operator: int = 0
    kind: str = "truck"
    dark: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Scale:
    """What a day at the scale adds to a fleet. rows: of the registry; fixes: one frame a vehicle, without names."""

    operators: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    drivers: list[dict[str, Any]] = field(default_factory=list)
    weighings: list[dict[str, Any]] = field(default_factory=list)
    answers: list[ReviewAnswer] = field(default_factory=list)
    fixes: list[pl.DataFrame] = field(default_factory=list)
    plates: list[str] = field(default_factory=list)
    licences: list[str] = field(default_factory=list)
    provider: list[int] = field(default_factory=list)


class _Day:
    """The day as it is filled. midnight: s UTC; clock_s: recorders less station."""

    def __init__(self, spec: FleetSpec) -> None:
        self.rng = np.random.default_rng([spec.seed, 8])
        self.midnight = spec.begin + min(1, spec.days - 1) * DAY_S
        self.clock_s = int(self.rng.integers(-120, 121))
        self.every = (spec.sampling_s[0], spec.sampling_s[1])
        self.made = Scale()
        self.numbers: list[str] = []

    def plate(self) -> str:
        """One that differs from all others in two figures: none is another one read wrong."""
        while True:
            number = f"{self.rng.integers(10_000, 100_000)}"
            if all(sum(a != b for a, b in zip(number, other, strict=True)) > 1 for other in self.numbers):
                self.numbers.append(number)
                return f"12K{number}"

    def at(self, hours: float) -> int:
        return self.midnight + int(hours * _HOUR)

    def pace(self) -> float:
        return round(float(self.rng.uniform(*_PACE)), 2)

    def ride(self, ride: Ride, pace: float) -> str:
        """Add a vehicle with its track; returns its plate."""
        plate, made = self.plate(), self.made
        licence = f"0208{len(made.plates):02d}{self.numbers[-1]}1"
        span = (self.at(4.5), self.at(23.5))
        every = int(self.rng.integers(self.every[0], self.every[1] + 1))
        track = ways.fixes_of(self.rng, ride.legs, pace, every, span, ride.dark)
        made.fixes.append(pl.DataFrame(track))
        made.plates.append(plate)
        made.licences.append(licence)
        made.provider.append(ride.operator)
        made.rows.append(_row(plate, _OPERATORS[ride.operator], ride.kind))
        made.drivers.append({"licence": licence, "name": f"Nguyễn Văn {len(made.plates)}",
                             "operator": _OPERATORS[ride.operator]})  # fmt: skip
        return plate

    def weigh(self, plate: str, passing: int) -> int:
        """Add a weighing some seconds off the passage; returns its time by the station's clock."""
        time = passing - self.clock_s + int(self.rng.integers(-15, 16))
        axles = [int(mass * self.rng.uniform(0.6, 0.95)) for mass in MODELS[_MODEL].axle_kg]
        self.made.weighings.append({
            "station": STATION["id"], "lane": 1, "time": time, "plate": plate, "trailer": None, "axle_kg": axles,
            "spacing_mm": list(MODELS[_MODEL].spacing_mm), "gross_kg": sum(axles), "persons": 1, "containers": None,
            "ticket": f"{STATION['id']}-{len(self.made.weighings):06d}",
        })  # fmt: skip
        return time

    def answer(self, kind: str, plate: str, operator: int | None, at: int, why: str, *, planted: bool = True) -> None:
        name = None if operator is None else _OPERATORS[operator]
        self.made.answers.append(
            ReviewAnswer(
                kind=kind,
                vehicle=plate,
                operator=name,
                station=STATION["id"],
                at_from=at - _WITHIN_S,
                at_to=at + _WITHIN_S,
                planted=planted,
                why=why,
            )
        )

    def innocent(self, kind: str, plate: str, operator: int | None, at: int, why: str) -> None:
        self.answer(kind, plate, operator, at, why, planted=False)


def scale_day(spec: FleetSpec) -> Scale:
    """Equal arguments give an equal day."""
    day = _Day(spec)
    day.made.operators += [{"id": name, "name": f"Công ty vận tải hàng hóa {name}", "tax_code": None}
                           for name in _OPERATORS]  # fmt: skip
    _traffic(day)
    _queue(day)
    _waits(day)
    _silences(day)
    _others(day)
    day.made.weighings.sort(key=lambda one: (one["time"], one["plate"]))
    day.made.answers.sort(key=lambda one: (one["kind"], one["at_from"], one["vehicle"]))
    return day.made


def _traffic(day: _Day) -> None:
    """Vehicles to and fro, most of them weighed northwards."""
    names = ["bypass"] * 5 + ["round"] * 4 + ["customer"] * 3 + ["beside"] * 3
    places: list[int] = []
    for place in day.rng.permutation(_QUIET).tolist():
        # Between two of them somebody is weighed: else the station would seem to stand still.
        if all(abs(place - other) > 1 for other in places):
            places.append(place)
    chosen = dict(zip(places, names, strict=False))
    for number in range(_TRAFFIC):
        pace, legs, doings = day.pace(), [], []
        for trip in range(_TRIPS):
            place = trip * _TRAFFIC + number
            what = chosen.get(place, "")
            start = day.at(6) + 120 + place * _EVERY_S - int(-ways.YARD[1] / pace) + int(day.rng.integers(0, 120))
            points = ways.ROUND if what in ("round", "customer") else ways.BESIDE if what == "beside" else ways.DIRECT
            stop = ((ways.MIDWAY, int(day.rng.integers(480, 1200))),) if what == "customer" else ()
            north = Leg(start, points, stop)
            legs += [north, Leg(ways.end_of(north, pace) + int(day.rng.integers(1200, 1500)), ways.BACK)]
            doings.append((what, north))
        operator = number % 2
        plate = day.ride(Ride(tuple(legs), operator), pace)
        for what, north in doings:
            passing, behind = ways.arrival(north, pace, 0.0), ways.arrival(north, pace, ways.GATE_M)
            if what == "bypass":
                day.answer("unweighed", plate, operator, passing, "passed the open station without a weighing")
            elif what == "round":
                day.answer("detour", plate, operator, behind, "drove round the open station, 14 km for 6")
            elif what == "customer":
                day.innocent("detour", plate, operator, behind, "a customer off the corridor")
            elif what == "beside":
                day.innocent("detour", plate, operator, behind, "a road beside the corridor, as long as it")
            else:
                day.weigh(plate, passing)
        for leg in legs[1::2]:
            day.innocent("unweighed", plate, operator, ways.arrival(leg, pace, 0.0), "the other direction")


def _queue(day: _Day) -> None:
    """Three vehicles wait in a queue to be weighed; one drives round, one past."""
    noon = day.at(12) + int(day.rng.integers(0, 1200))
    for number in range(3):
        pace, stand = day.pace(), (0.0, -700.0 - 60 * number)
        leg = Leg(noon - int((stand[1] - ways.YARD[1]) / pace), (ways.YARD, stand, ways.NORTH), ((1, 1500),))
        plate = day.ride(Ride((leg,), number % 2), pace)
        day.weigh(plate, ways.arrival(leg, pace, 0.0))
    pace = day.pace()
    leg = Leg(noon + 600 - int((-ways.GATE_M - ways.YARD[1]) / pace), ways.ROUND)
    plate = day.ride(Ride((leg,), 0), pace)
    day.innocent("detour", plate, 0, ways.arrival(leg, pace, ways.GATE_M), "the station was full")
    leg = Leg(noon + 800 - int(-ways.YARD[1] / pace), ways.DIRECT)
    plate = day.ride(Ride((leg,), 1), pace)
    day.innocent("unweighed", plate, 1, ways.arrival(leg, pace, 0.0), "the station was full, and waved it past")


def _waits(day: _Day) -> None:
    """Two that stood until the station closed; one that rested after nearly four hours; one that stood far away."""
    for number, (north_m, why) in enumerate(((-1500.0, "stood before the station until it closed"),
                                             (-2300.0, "stood before the station until it closed"),
                                             (-5000.0, "stood five kilometres away"))):  # fmt: skip
        pace, operator = day.pace(), number % 2
        arrives = day.at(20) + day.clock_s - int(day.rng.integers(2400, 5400))
        stay = day.at(20) + day.clock_s + int(day.rng.integers(240, 1500)) - arrives
        leg = Leg(arrives - int((north_m - ways.YARD[1]) / pace), (ways.YARD, (0.0, north_m), ways.NORTH), ((1, stay),))
        plate = day.ride(Ride((leg,), operator), pace)
        at = ways.arrival(leg, pace, 0.0)
        day.answer("wait", plate, operator, at, why, planted=north_m > -ways.GATE_M)
    pace, drive_s = day.pace(), int(day.rng.integers(13_000, 13_800))
    arrives = day.at(20) + day.clock_s - 3000
    far = (0.0, -1800.0 - drive_s * pace)
    leg = Leg(arrives - drive_s, (far, (0.0, -1800.0), ways.NORTH), ((1, 3600),))
    plate = day.ride(Ride((leg,), 1), pace)
    day.innocent("wait", plate, 1, ways.arrival(leg, pace, 0.0), f"rested after {drive_s} s at the wheel")


def _silences(day: _Day) -> None:
    """Two weighed while their recorder was silent; one while the whole feed was out."""
    for hours, operator, planted in ((9.2, 0, True), (15.4, 1, True), (11.1, 2, False)):
        at = day.at(hours)
        plate = day.ride(Ride((), operator, dark=((at - 9000, at + 9000),)), day.pace())
        time = day.weigh(plate, at)
        why = "weighed, its recorder silent" if planted else "weighed while nothing of its operator was sent"
        day.answer("silent", plate, operator, time, why, planted=planted)
        if operator == 2:
            day.ride(Ride((), operator, dark=((at - 9000, at + 9000),)), day.pace())
    day.innocent(
        "silent", FOREIGN, None, day.weigh(FOREIGN, day.at(10.6)), "a foreign vehicle, without a recorder here"
    )


def _others(day: _Day) -> None:
    """Past and round it at night, when it is closed; a coach; a plate that was read wrong."""
    pace = day.pace()
    for start, points, kind in ((day.at(20.9), ways.DIRECT, "unweighed"), (day.at(21.1), ways.ROUND, "detour")):
        leg = Leg(start, points)
        plate = day.ride(Ride((leg,), 0), pace)
        at = ways.arrival(leg, pace, 0.0 if kind == "unweighed" else ways.GATE_M)
        day.innocent(kind, plate, 0, at, "the station was closed")
    leg = Leg(day.at(13.3), ways.DIRECT)
    plate = day.ride(Ride((leg,), 0, "coach"), pace)
    day.innocent("unweighed", plate, 0, ways.arrival(leg, pace, 0.0), "a coach")
    leg = Leg(day.at(16.7), ways.DIRECT)
    plate = day.ride(Ride((leg,), 1), pace)
    passing = ways.arrival(leg, pace, 0.0)
    read = plate[:-1] + ("7" if plate[-1] != "7" else "1")
    time = day.weigh(read, passing)
    day.innocent("unweighed", plate, 1, passing, f"weighed, its plate read as {read}")
    day.innocent("silent", read, None, time, f"the plate of {plate}, read wrong")


def _row(plate: str, operator: str, kind: str) -> dict[str, Any]:
    model = MODELS[_MODEL if kind == "truck" else "coach45"]
    return {
        "plate": plate, "operator": operator, "kind": kind, "business": model.business, "seats": model.seats,
        "payload_kg": model.payload_kg, "kerb_kg": model.kerb_kg, "design_gross_kg": None, "towed_kg": None,
        "kingpin_mm": None, "liquid_tank": False, "badge": model.badge, "valid_from": "2021-01-01", "valid_to": None,
    }  # fmt: skip

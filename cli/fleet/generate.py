"""A fleet from its spec: who there is, what is planted on whom, then each vehicle's fixes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from cli.fleet import planted_days
from cli.fleet.days import innocent_drives, swaps
from cli.fleet.driving import sample
from cli.fleet.noise import columns
from cli.fleet.people import people, registry
from cli.fleet.planted_days import Book, Week
from cli.fleet.planted_fixes import Planter
from cli.fleet.roads import SIGNED_LINE, network
from cli.fleet.scale import STATION, scale_day
from cli.fleet.spec import Answer, Fleet, FleetSpec
from cli.fleet.weighings import STATIONS, weighings
from journey.localtime import DAY_S

if TYPE_CHECKING:
    from cli.fleet.noise import Columns
    from cli.fleet.people import Vehicle

_ARRIVAL = ("received", "vehicle", "time", "speed_dkmh", "lon", "driver")
_SINGLES = (
    planted_days.speeder,
    planted_days.continuous,
    planted_days.possible,
    planted_days.daily,
    planted_days.weekly,
    planted_days.silences,
    planted_days.look_alike,
)
_ROUND = len(_SINGLES) + 2  # vehicles of one planting of everything; a double login takes two


def generate(spec: FleetSpec) -> Fleet:
    """The fleet of a spec, with every finding that must come of it."""
    who = people(spec)
    book = Book(who)
    if spec.planted:
        _plant(spec, book)
    rounds = max(1, round(spec.planted_share * spec.vehicles / _ROUND))
    scales = np.random.default_rng([spec.seed, 4])
    weighed, permits, overloads = weighings(spec, scales, who, rounds if spec.planted else 0)
    changed = swaps(spec, np.random.default_rng([spec.seed, 2]), who.vehicles, set(book.drives))
    answers = book.answers + overloads
    parts: list[Columns] = []
    for vehicle in who.vehicles:
        # Where who is silent at a scale is planted, nobody else may be.
        awake = [record["time"] for record in weighed if record["plate"] in (vehicle.plate, vehicle.written)]
        part, planted = _fixes(spec, book, vehicle, changed, awake if spec.scale else [])
        parts.append(part)
        answers += planted
    answers.sort(key=lambda answer: (answer["rule"], answer["vehicle"], answer["driver"] or "", answer["at_from"]))
    fleet = Fleet(
        spec=spec,
        registry=registry(who),
        stations=STATIONS,
        permits=permits,
        roads=network(),
        weighings=weighed,
        answers=answers,
        fixes=_arrived(parts),
        plates=tuple(vehicle.plate for vehicle in who.vehicles),
        written=tuple(vehicle.written for vehicle in who.vehicles),
        licences=tuple(who.licences),
        provider=tuple(vehicle.operator for vehicle in who.vehicles),
    )
    return with_scale(fleet) if spec.scale else fleet


def with_scale(fleet: Fleet) -> Fleet:
    """A fleet with a day at the scale beside it."""
    made = scale_day(fleet.spec)
    vehicles, people_ = len(fleet.plates), len(fleet.licences)
    rng = np.random.default_rng([fleet.spec.seed, 9])
    parts = []
    for number, track in enumerate(made.fixes):
        count = len(track)
        constant = {"vehicle": vehicles + number, "plate_form": 0, "driver": people_ + number, "driver_form": 0,
                    "heading": None, "altitude_m": None, "door": False, "aircon": False,
                    "scaled": False}  # fmt: skip
        parts.append(track.with_columns(
            *(pl.lit(value).alias(name) for name, value in constant.items()),
            ignition=pl.col("speed_dkmh") > 0,
            received=pl.col("time") + 1 + pl.Series(rng.exponential(4, count).astype(np.int64)),
        ))  # fmt: skip
    columns_ = fleet.fixes.columns
    added = pl.concat([part.select(columns_) for part in parts]).cast(fleet.fixes.schema)
    registry_ = {
        **fleet.registry,
        "operators": [*fleet.registry["operators"], *made.operators],
        "vehicles": [*fleet.registry["vehicles"], *made.rows],
        "drivers": [*fleet.registry["drivers"], *made.drivers],
    }
    operators = len(fleet.registry["operators"])
    weighed = [*fleet.weighings, *made.weighings]
    weighed.sort(key=lambda record: (record["time"], record["plate"], record["ticket"]))
    return replace(
        fleet,
        registry=registry_,
        stations=[*fleet.stations, STATION],
        weighings=weighed,
        fixes=pl.concat([fleet.fixes, added]).sort(_ARRIVAL, maintain_order=True),
        plates=(*fleet.plates, *made.plates),
        written=(*fleet.written, *(f"{plate[:3]}-{plate[3:6]}.{plate[6:]}" for plate in made.plates)),
        licences=(*fleet.licences, *made.licences),
        provider=(*fleet.provider, *(operators + number for number in made.provider)),
        reviews=tuple(made.answers),
    )


def _plant(spec: FleetSpec, book: Book) -> None:
    """Choose the vehicles, and plan their weeks."""
    rng = np.random.default_rng([spec.seed, 5])
    vehicles = [vehicle for vehicle in book.who.vehicles if not vehicle.night]
    chosen = [vehicles[n] for n in rng.permutation(len(vehicles))]
    rounds = max(1, round(spec.planted_share * spec.vehicles / _ROUND))
    weeks = [range(first, min(first + 7, spec.days)) for first in range(0, spec.days, 7)]
    for turn in range(min(rounds, len(chosen) // _ROUND)):
        here = chosen[turn * _ROUND : (turn + 1) * _ROUND]
        for number, days in enumerate(weeks):
            week = Week(tuple(spec.begin + day * DAY_S for day in days), turn + number)
            for recipe, vehicle in zip(_SINGLES, here[2:], strict=True):
                recipe(book, rng, vehicle, week)
            planted_days.double_login(book, rng, (here[0], here[1]), week)


def _fixes(
    spec: FleetSpec, book: Book, vehicle: Vehicle, changed: dict[tuple[int, int], int], awake: list[int]
) -> tuple[Columns, list[Answer]]:
    rng = np.random.default_rng([spec.seed, 6, vehicle.number])
    requests = book.requests.get(vehicle.number, [])
    if any(request.sign for request in requests):
        vehicle = replace(vehicle, route=SIGNED_LINE)
    drives = book.drives.get(vehicle.number)
    if drives is None:
        drives = innocent_drives(spec, rng, vehicle, changed)
    samples = sample(rng, vehicle, sorted(drives), spec.begin, spec.end, spec.parked_s)
    operator = book.who.operators[vehicle.operator]["id"]
    planter = Planter(rng, samples, vehicle.sampling_s, vehicle.plate, operator, book.who.licences)
    planter.build_all(requests)
    return columns(rng, samples, vehicle, spec.days, spec.noise, awake), planter.answers


def _arrived(parts: list[Columns]) -> pl.DataFrame:
    """The fixes of all vehicles in the order in which they were received."""
    data: dict[str, Any] = {}
    for name in list(parts[0]):
        data[name] = np.concatenate([part.pop(name) for part in parts])
    return pl.DataFrame(data).sort(_ARRIVAL, maintain_order=True)

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
        part, planted = _fixes(spec, book, vehicle, changed)
        parts.append(part)
        answers += planted
    answers.sort(key=lambda answer: (answer["rule"], answer["vehicle"], answer["driver"] or "", answer["at_from"]))
    return Fleet(
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
    spec: FleetSpec, book: Book, vehicle: Vehicle, changed: dict[tuple[int, int], int]
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
    return columns(rng, samples, vehicle, spec.days, spec.noise), planter.answers


def _arrived(parts: list[Columns]) -> pl.DataFrame:
    """The fixes of all vehicles in the order in which they were received."""
    data: dict[str, Any] = {}
    for name in list(parts[0]):
        data[name] = np.concatenate([part.pop(name) for part in parts])
    return pl.DataFrame(data).sort(_ARRIVAL, maintain_order=True)

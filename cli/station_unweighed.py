"""`hanhtrinh station unweighed`: vehicles that passed an open station and were not weighed, for a person to look at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cli.station_joining import VEHICLES, passages_of_none
from journey.localtime import day_start
from journey.model import Weighing
from journey.registry import Registration
from rules import registered
from rules.engine import Known, vehicle_floor
from rules.law import Law
from rules.stations.joining import Joined, join
from rules.stations.passages import Passages, passages
from rules.stations.unweighed import Review, unweighed
from storage.database import Connection
from storage.station_joins import vehicles_on
from storage.tracks import load_fixes
from storage.weighings import weighings_of_period

_AROUND_S = 600  # of tracks around the day, for a passage at midnight


def reviews_of(connection: Connection, known: Known, law: Law, day: int) -> list[Review]:
    """Those of one local day, inside the open transaction."""
    start, end = day_start(day), day_start(day + 1)
    margin = law.figure("clock_search")
    weighings = weighings_of_period(connection, start - margin, end + margin)
    stations = known.registry.stations
    plates = vehicles_on(connection, day)
    codes = {plate: code for code, plate in enumerate(sorted({*plates, *(one.plate for one in weighings)}))}
    names = tuple(codes)
    parts = []
    for at in range(0, len(plates), VEHICLES):
        windows = [(plate, start - _AROUND_S, end + _AROUND_S) for plate in plates[at : at + VEHICLES]]
        floor = vehicle_floor(load_fixes(connection, windows), known, law)
        found = passages(floor.usable, stations, law)
        ours = np.array([codes[plate] for plate in floor.plates], np.int64)
        parts.append(replace(found, vehicle=ours[found.vehicle] if len(found) else found.vehicle))
    passed = _together(parts)
    joined = _joined(weighings, codes, {one.id: code for code, one in enumerate(stations)}, passed, law)
    index = registered.index(known.registry.vehicles, names)
    rows: list[Registration | None] = [index.row_at(vehicle, time) for vehicle, time in
                                       zip(passed.vehicle.tolist(), passed.time.tolist(), strict=True)]  # fmt: skip
    own = [names[vehicle] for vehicle in passed.vehicle.tolist()]
    found_all = unweighed(passed, own, rows, stations, weighings, joined, law)
    return [one for one in found_all if start <= one.at < end]


def _together(parts: Sequence[Passages]) -> Passages:
    if not parts:
        return passages_of_none()
    return Passages(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Passages.__dataclass_fields__)
    )


def _joined(
    weighings: Sequence[Weighing], codes: dict[str, int], stations: dict[str, int], passed: Passages, law: Law
) -> Joined:
    beyond = len(stations)  # a station that is not on file
    return join(
        np.array([stations.get(one.station, beyond) for one in weighings], np.int64),
        np.array([codes[one.plate] for one in weighings], np.int64),
        np.array([one.time for one in weighings], np.int64), passed, law,
    )  # fmt: skip


def line_of(review: Review) -> str:
    return json.dumps({**review._asdict(), "law": [use._asdict() for use in review.law]}, ensure_ascii=False)

"""What a rule sees: one scene for rules over a vehicle's track, one for rules over drivers, one for weighings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from journey.model import Finding, Note, Weighing
from journey.registry import Permit, Registration, Station
from journey.track import NO_DRIVER
from rules.activity import Kind
from rules.law import Law
from rules.quality import Usable
from rules.registered import Registered
from rules.roads import RoadIndex

Outages = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class TrackScene:
    """Usable fixes of many vehicles, with the class of each step between them.

    outages: [start, end) of times at which our own intake was down.
    """

    plates: tuple[str, ...]
    licences: tuple[str, ...]
    usable: Usable
    kind: Kind
    registered: Registered
    roads: RoadIndex | None
    outages: Outages = ()

    def driver(self, code: int) -> str | None:
        return None if code == NO_DRIVER else self.licences[code]


@dataclass(frozen=True, slots=True)
class DriverScene:
    """Activities of all vehicles of the drivers judged, whole from one break to another. activities: ACTIVITY."""

    plates: tuple[str, ...]
    licences: tuple[str, ...]
    activities: pl.DataFrame
    registered: Registered


@dataclass(frozen=True, slots=True)
class WeighingScene:
    """Weighings (each once) with what is known of stations, vehicles and permits."""

    weighings: tuple[Weighing, ...]
    stations: dict[str, Station]
    registered: Registered
    plate_codes: dict[str, int]
    permits: dict[str, tuple[Permit, ...]]

    def row(self, plate: str | None, time: int) -> Registration | None:
        code = self.plate_codes.get(plate or "")
        return None if code is None else self.registered.row_at(code, time)


Judged = tuple[list[Finding], list[Note]]


@dataclass(frozen=True, slots=True)
class Rule[Scene]:
    """One rule: its name, the scene it reads, the figures it rests on, and the pure function that judges."""

    id: str
    floor: Literal["track", "driver", "weighing"]
    uses: tuple[str, ...]
    check: Callable[[Scene, Law], Judged]


def operator_of(registered: Registered, vehicle: int, time: int) -> str | None:
    """The operator of a vehicle at an instant; None where the vehicle is not registered."""
    row = registered.row_at(vehicle, time)
    return None if row is None else row.operator

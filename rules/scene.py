"""What a rule sees: one scene for rules over a vehicle's track, one for rules over drivers, one for weighings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal, NamedTuple

import polars as pl

from journey.model import Finding, Note, Weighing
from journey.registry import Permit, Registration, Station
from journey.track import NO_DRIVER
from rules.activity import Kind
from rules.law import Law
from rules.quality import Usable
from rules.registered import Registered
from rules.roads.index import RoadIndex
from rules.roads.matched import Matched

Outages = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class TrackScene:
    """Usable fixes of many vehicles, with the class of each step between them.

    outages: [start, end) of times at which our own intake was down. matched: None where no fix was matched.
    """

    plates: tuple[str, ...]
    licences: tuple[str, ...]
    usable: Usable
    kind: Kind
    registered: Registered
    roads: RoadIndex | None
    outages: Outages = ()
    matched: Matched | None = None

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


class Formula[Scene](NamedTuple):
    """Another way to judge a rule, given by law from a local day on."""

    effective_from: date
    check: Callable[[Scene, Law], Judged]
    citation: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Rule[Scene]:
    """One rule: its name, the scene it reads, the figures it rests on, and the pure function that judges.

    formulas: what judges in its place from a day on, in order of the days; `check` is the formula of the time before.
    bears: those of the figures that are silences which what it finds on a track may run through.
    """

    id: str
    floor: Literal["track", "driver", "weighing"]
    uses: tuple[str, ...]
    check: Callable[[Scene, Law], Judged]
    formulas: tuple[Formula[Scene], ...] = ()
    bears: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not set(self.bears) <= set(self.uses):
            raise ValueError(f"rule {self.id}: it bears silences that it does not use; name them in uses too")
        if any(after.effective_from <= before.effective_from for before, after in pairwise(self.formulas)):
            raise ValueError(f"rule {self.id}: its formulas are not in order of their days; put them in order")


def operator_of(registered: Registered, vehicle: int, time: int) -> str | None:
    """The operator of a vehicle at an instant; None where the vehicle is not registered."""
    row = registered.row_at(vehicle, time)
    return None if row is None else row.operator

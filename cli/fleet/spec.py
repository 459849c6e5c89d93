"""What fleet to make, and the fleet made: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from cli.fleet.law_margins import WEEK_FROM
from journey.localtime import midnight

if TYPE_CHECKING:
    import polars as pl

FEWEST_VEHICLES = 12  # so that each kind of vehicle and each planted behaviour has one


@dataclass(frozen=True, slots=True)
class FleetSpec:
    """Arguments of `generate`. Equal arguments give equal bytes.

    start: a local Monday. sampling_s: each vehicle sends a fix every so many seconds while it moves, drawn from this
    range, both ends included. planted_share: the share of vehicles with planted driving; at least one of each sort is
    planted. noise: lost, doubled, late and wrong fixes. split_feeds: each provider sends its own form (see `write`).
    parked_s: a parked vehicle sends so often. operator: the id of the only one there is, instead of DV01, DV02 and so
    on. provinces: the digits that plates begin with, drawn from these. scale: with a day at a weigh station that some
    avoid (cli.fleet.scale).
    """

    vehicles: int = 14
    days: int = 7
    start: date = date(2026, 3, 2)
    seed: int = 1
    sampling_s: tuple[int, int] = (10, 30)
    operators: int = 5
    planted: bool = True
    planted_share: float = 0.2
    noise: bool = True
    split_feeds: bool = False
    parked_s: int = 900
    operator: str | None = None
    provinces: tuple[str, ...] = ("12",) * 8 + ("98", "29")
    scale: bool = False

    def __post_init__(self) -> None:
        low, high = self.sampling_s
        last = self.start + timedelta(days=self.days)
        if self.vehicles < FEWEST_VEHICLES:
            raise ValueError(f"vehicles must be at least {FEWEST_VEHICLES}, not {self.vehicles}")
        if self.days < 1 or self.operators < 1:
            raise ValueError("days and operators must be at least 1")
        if self.start.weekday() != 0:
            raise ValueError(f"start must be a Monday: {self.start} is none")
        if self.start.year < 2022 or self.start < WEEK_FROM < last:
            raise ValueError("the answers are for one state of the law: from 2022 to 2024, or from 2025")
        if not 10 <= low <= high <= 30:
            raise ValueError(f"sampling_s must lie within 10 and 30, not {self.sampling_s}")
        if not 10 <= self.parked_s <= 900:
            raise ValueError(f"parked_s must lie within 10 and 900, not {self.parked_s}")
        if self.operator is not None and self.operators != 1:
            raise ValueError("operator names the only one: operators must be 1")
        if not 0 <= self.planted_share <= 1:
            raise ValueError("planted_share must lie within 0 and 1")

    @property
    def begin(self) -> int:
        """Unix seconds of the first local midnight."""
        return midnight(self.start)

    @property
    def end(self) -> int:
        """Unix seconds of the midnight after the last day: no fix is later."""
        return self.begin + self.days * 86_400


class Answer(TypedDict):
    """One finding that must come: all fields equal, and at_from <= at <= at_to."""

    rule: str
    grade: str
    vehicle: str
    driver: str | None
    operator: str
    band: str | None
    at_from: int
    at_to: int
    why: str


class ReviewAnswer(TypedDict):
    """One who avoids a scale (planted), of whom a review must come, or who only looks as if, of whom none may be open.

    kind as of rules.stations; at_from <= at <= at_to.
    """

    kind: str
    vehicle: str
    operator: str | None
    station: str
    at_from: int
    at_to: int
    planted: bool
    why: str


class Drive(NamedTuple):
    """One spell at the wheel, [start, start + seconds). driver: code, -1 unknown. pure: only harmless noise."""

    start: int
    seconds: int
    driver: int
    pure: bool = False

    @property
    def end(self) -> int:
        return self.start + self.seconds


class Request(NamedTuple):
    """Something to be built into one vehicle's fixes once it is known where it drives.

    kind: `speeding` (excess_dkmh over the limit, spread by jitter_dkmh), `speeding_19s`, `under` (over by less than
    counts), `silence`, `crawl` (silence over less than 1000 m), `late_start` (moved while parked). sign: 1 on a sign
    above the table, -1 below it, 0 without a sign. start, seconds: where the silence lies, s.
    """

    kind: str
    excess_dkmh: int = 0
    jitter_dkmh: int = 0
    sign: int = 0
    start: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Fleet:
    """A generated fleet.

    fixes: in arrival order, names as codes: vehicle, plate_form, driver (-1 unknown), driver_form, then the columns
    of journey.track.FIX from `time` on. plates and licences: canonical, by code; written: plates
    as painted.
    """

    spec: FleetSpec
    registry: dict[str, Any]
    stations: list[dict[str, Any]]
    permits: list[dict[str, Any]]
    roads: dict[str, Any]
    weighings: list[dict[str, Any]]
    answers: list[Answer]
    fixes: pl.DataFrame
    plates: tuple[str, ...]
    written: tuple[str, ...]
    licences: tuple[str, ...]
    provider: tuple[int, ...]  # number of the operator that sends each vehicle, from 0
    reviews: tuple[ReviewAnswer, ...] = ()

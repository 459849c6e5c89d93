"""What the page of an operator shows, read once: its weeks, its vehicles, how well they send, a month's roll-up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from api.monthly import counted, roll_up_counts
from api.pages._fleets import Fleet, Fleets
from journey.localtime import date_of, day_of, week_of, week_start
from journey.registry import Registry
from rules.law import Dated, Law
from rules.months import bounds, in_force
from rules.registered import Span, clipped
from rules.rollups import RollUps, proposed_vehicles
from rules.service_rates import Service
from rules.weighings.masses import TOWED
from storage.database import Connection
from storage.pages.operator import (
    Driven,
    Found,
    OperatorHead,
    OperatorSums,
    operator_head,
    operator_sums,
    stations_and_permits,
)
from storage.sums.month_counts import MonthCount
from storage.sums.vehicle_days import VehicleDays

WEEKS, _PER_KM = 12, 1000
_FIGURES = {
    "breaches": "rollups.speeding_breaches_min", "distance": "rollups.speeding_distance",
    "over": "rollups.speeding_excess_over", "weighings": "rollups.overload_weighings_min",
    "share": "rollups.operator_share_min",
}  # fmt: skip
_NOT_FOUND, _NOT_DRIVEN = Found(0, 0), Driven(0, None)


class Total(NamedTuple):
    certain: int
    possible: int
    driven_m: float

    @property
    def rate(self) -> float | None:
        """Certain findings per 1000 km; None where nothing was driven."""
        return self.certain * _PER_KM * 1000 / self.driven_m if self.driven_m > 0 else None


class VehicleLine(NamedTuple):
    """A vehicle as registered on the last day, and its sums over the weeks. last_day: of them with data, day number."""

    plate: str
    kind: str
    business: str | None
    badge: str | None
    driven_m: float
    certain: int
    last_day: int | None


class MonthLine(NamedTuple):
    """A vehicle's month against the law: breaches and km, weighings that count."""

    plate: str
    breaches: int
    driven_m: float
    rate: float | None  # per the distance that the law counts on
    weighings: int
    coverage: Fraction
    proposed: bool


class Month(NamedTuple):
    """figures: by their short names, those that are in force. vehicles: of the fleet at the month's end."""

    figures: dict[str, Dated]
    lines: list[MonthLine]
    vehicles: int
    revoked: int
    review: bool

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.revoked, self.vehicles) if self.vehicles else None


class OperatorWhole(NamedTuple):
    """weeks: by number, those of which anything is known. first, stop: local days of the weeks up to last_week."""

    head: OperatorHead
    chosen: date
    last_week: int
    first: int
    stop: int
    weeks: dict[int, Total]
    total: Total
    vehicles: list[VehicleLine]
    service: Service
    month: Month


def read_operator(
    connection: Connection, operator: str, month: date | None, law: Law, now: int, fleets: Fleets
) -> OperatorWhole | None:
    """The last weeks up to the latest finding or today (now, s UTC), and one month, by default the last day's.

    None: there is no such operator.
    """
    head = operator_head(connection, operator)
    if head is None:
        return None
    fleet = fleets.fleet(connection, operator, head.registry)
    latest = min(head.latest or now, now)
    chosen = date_of(day_of(latest)).replace(day=1) if month is None else month
    last_week = week_of(latest)
    weeks = last_week - WEEKS + 1, last_week + 1
    first, stop = (day_of(week_start(one)) for one in weeks)
    served = _over(fleet.own, chosen, now)
    sums = operator_sums(
        connection, operator, weeks, _days(clipped(fleet.own, first, stop), fleet.numbers),
        _days(served, fleet.numbers), counted(chosen, law, now), fleet.sending,
    )  # fmt: skip
    by_week = {
        week: _total([sums.found.by_week.get(week, _NOT_FOUND)], [sums.driven.by_week.get(week, _NOT_DRIVEN)])
        for week in sums.found.by_week.keys() | sums.driven.by_week.keys()
    }
    registered = sum(one.stop - one.first for one in served if one.row.kind not in TOWED)
    return OperatorWhole(
        head=head,
        chosen=chosen,
        last_week=last_week,
        first=first,
        stop=stop,
        weeks=by_week,
        total=_total(sums.found.by_week.values(), sums.driven.by_week.values()),
        vehicles=_vehicle_lines(clipped(fleet.own, stop - 1, stop), fleet.numbers, sums),
        service=Service(registered_days=registered, online_days=sums.online, **sums.service._asdict()),
        month=_month(connection, operator, chosen, fleet, sums.month, law, now),
    )


def _total(found: Iterable[Found], drove: Iterable[Driven]) -> Total:
    certain, possible = (sum(column) for column in zip(_NOT_FOUND, *found, strict=True))
    return Total(certain, possible, sum(one.driven_mm for one in drove) / 1000)


def _days(some: Sequence[Span], numbers: dict[str, int]) -> list[VehicleDays]:
    return [VehicleDays(numbers[row.plate], first, stop) for row, first, stop in some]


def _vehicle_lines(some: Sequence[Span], numbers: dict[str, int], sums: OperatorSums) -> list[VehicleLine]:
    """Those with most findings first."""
    lines = []
    for row, _, _ in some:
        vehicle = numbers[row.plate]
        way = sums.driven.by_vehicle.get(vehicle, _NOT_DRIVEN)
        lines.append(VehicleLine(row.plate, row.kind, row.business, row.badge, way.driven_mm / 1000,
                                 sums.found.by_vehicle.get(vehicle, _NOT_FOUND).certain, way.last_day))  # fmt: skip
    return sorted(lines, key=lambda line: (-line.certain, line.plate))


def _over(own: Sequence[Span], month: date, now: int) -> list[Span]:
    """What of spans lies in a month's days that are over."""
    start, end = bounds(month)
    first, stop = day_of(start), min(day_of(end), day_of(now))
    return clipped(own, first, stop) if first < stop else []


def _month(
    connection: Connection, operator: str, month: date, fleet: Fleet, counts: Sequence[MonthCount], law: Law, now: int
) -> Month:
    figures = {name: found for name, path in _FIGURES.items() if (found := in_force(path, month, law)) is not None}
    # Stations and permits say which weighings count: asked for where there was one that may.
    known = stations_and_permits(connection) if any(one.overloads for one in counts) else ((), ())
    registry = Registry(vehicles=fleet.rows, stations=known[0], permits=known[1])
    rolled = roll_up_counts(connection, month, counts, registry, law, now)
    reviewed = next((one for one in rolled.operators if one.operator == operator), None)
    lines = _month_lines(rolled, proposed_vehicles(rolled), figures)
    if reviewed is None:
        return Month(figures, lines, len(fleet.sending), 0, review=False)
    return Month(figures, lines, reviewed.vehicles, reviewed.revoked, reviewed.proposed)


def _month_lines(rolled: RollUps, proposed: set[str], figures: dict[str, Dated]) -> list[MonthLine]:
    """Vehicles with a breach or a weighing that counts; those nearest to the threshold first."""
    weighings = {one.vehicle: one.n for one in rolled.overload}
    speeding = {one.vehicle: one for one in rolled.speeding}
    lines = []
    for plate in sorted(weighings.keys() | {plate for plate, one in speeding.items() if one.n}):
        one = speeding.get(plate)
        driven_m = one.driven_mm / 1000 if one else 0.0
        rate = None
        if one is not None and driven_m > 0 and "distance" in figures:
            rate = one.n * figures["distance"].printed / driven_m
        lines.append(MonthLine(plate, one.n if one else 0, driven_m, rate, weighings.get(plate, 0),
                               one.coverage if one else Fraction(0), plate in proposed))  # fmt: skip
    return sorted(lines, key=lambda line: (not line.proposed, -(line.rate or 0), -line.weighings, line.plate))

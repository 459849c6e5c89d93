"""Operators: all, and one with what was found of its vehicles, how well they send, and what a month adds up to."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query, Request, Response

from api.access import bounded, not_there
from api.drawings.bars import Bar, bar_chart
from api.inputs import Name, NameOrNone
from api.monthly import roll_up_stored
from api.pages._formats import filters, week_name
from api.pages._language import EN, language_of, say_in
from api.pages._page import drawing, page
from api.pages._period import month_after, month_before, month_named
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey.localtime import date_of, day_of, day_start, week_of, week_start
from journey.registry import Registry
from rules.law import Dated, Law
from rules.masses import TOWED
from rules.months import bounds, in_force
from rules.rollups import RollUps, proposed_vehicles
from rules.service_rates import Service, registered_days
from storage.database import Connection
from storage.operator_page import (
    OperatorWeekSum,
    driver_count,
    operator_registry,
    operator_sums,
    operator_vehicles,
    operator_weeks,
)
from storage.overview import latest_finding
from storage.pool import reading
from storage.registered import operators

ROUTER = APIRouter(prefix="/operators")
_ROWS, _WEEKS, _PER_KM = 100, 12, 1000
_FIGURES = {
    "breaches": "rollups.speeding_breaches_min", "distance": "rollups.speeding_distance",
    "over": "rollups.speeding_excess_over", "weighings": "rollups.overload_weighings_min",
    "share": "rollups.operator_share_min",
}  # fmt: skip


@ROUTER.get("", name="operators_page")
def every(
    request: Request, caller: GivenCaller, pool: GivenPool, after: Annotated[NameOrNone, Query()] = ""
) -> Response:
    with reading(pool) as connection:
        rows = operators(connection, after, _ROWS + 1, caller.operator)
    more = rows[_ROWS - 1].id if len(rows) > _ROWS else None
    return page(request, caller, "operators.html", rows=rows[:_ROWS], more=more)


@ROUTER.get("/{operator}", name="operator_page")
def operator(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    operator: Annotated[Name, Path()],
    month: str | None = None,
) -> Response:
    """The last weeks up to the latest finding or today, and one month of it."""
    bounded(caller, operator)
    now, law = parts.clock(), parts.law
    with reading(pool) as connection:
        known = operators(connection, "", 1, operator)
        if not known:
            raise not_there("operator")
        latest = min(latest_finding(connection, operator) or now, now)
        chosen = date_of(day_of(latest)).replace(day=1) if month is None else month_named(month)
        last_week = week_of(latest)
        start = week_start(last_week - _WEEKS + 1)
        first, stop = day_of(start), day_of(week_start(last_week + 1))
        weeks = operator_weeks(connection, operator, first, stop, start)
        registry = operator_registry(connection, operator)
        content: dict[str, Any] = {
            "operator": known[0],
            "vehicles": operator_vehicles(connection, operator, stop - 1, first, stop, start),
            "drivers": driver_count(connection, operator),
            "service": _service(connection, operator, chosen, registry, now),
            "month": _month(connection, operator, chosen, registry, law, now),
        }
    total = _Total(sum(one.certain for one in weeks), sum(one.driven_m for one in weeks))
    content |= {
        "total": total,
        "possible": sum(one.possible for one in weeks),
        "trend": drawing(_trend(request, weeks, last_week)),
        "weeks": _WEEKS,
        "last_day": date_of(stop - 1),
        "first_day": date_of(first),
        "towed": TOWED,
        "day_time": lambda day: day_start(day),
        "chosen": chosen,
        "before": f"{month_before(chosen):%Y-%m}",
        "after": f"{month_after(chosen):%Y-%m}",
    }
    return page(request, caller, "operator.html", **content)


class _Total(NamedTuple):
    certain: int
    driven_m: float

    @property
    def rate(self) -> float | None:
        """Certain findings per 1000 km; None where nothing was driven."""
        return _rate(self.certain, self.driven_m)


def _rate(findings: int, driven_m: float) -> float | None:
    return findings * _PER_KM * 1000 / driven_m if driven_m > 0 else None


def _trend(request: Request, weeks: list[OperatorWeekSum], last_week: int) -> str:
    language = language_of(request)
    say, number = say_in(language), filters(language)["number"]
    known = {one.week: one for one in weeks}
    bars = []
    for week in range(last_week - _WEEKS + 1, last_week + 1):
        one = known.get(week)
        rate = None if one is None else _rate(one.certain, one.driven_m)
        name = week_name(date_of(day_of(week_start(week)))).removeprefix("20")
        bars.append(Bar(name[3:], rate, number(rate, 1)))
    title = say("Phát hiện chắc chắn trên 1000 km, theo tuần")
    return bar_chart(title, bars, "." if language == EN else ",")


def _service(connection: Connection, operator: str, month: date, registry: Registry, now: int) -> Service:
    """Of the month's days that are over."""
    start, end = bounds(month)
    first, stop = day_of(start), min(day_of(end), day_of(now))
    if stop <= first:
        return Service()
    sums, online = operator_sums(connection, operator, first, stop)
    days = registered_days(registry.vehicles, first, stop)
    service = Service(registered_days=sum(count for (owner, _), count in days.items() if owner == operator))
    service.online_days = online
    for name, value in sums._asdict().items():
        setattr(service, name, value)
    return service


class _Vehicle(NamedTuple):
    """A vehicle's month against the law: breaches and km, weighings that count."""

    plate: str
    breaches: int
    driven_m: float
    rate: float | None  # per the distance that the law counts on
    weighings: int
    coverage: Fraction
    proposed: bool


class _Month(NamedTuple):
    """figures: by their short names, those that are in force. vehicles: of the fleet at the month's end."""

    figures: dict[str, Dated]
    lines: list[_Vehicle]
    vehicles: int
    revoked: int
    review: bool

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.revoked, self.vehicles) if self.vehicles else None


def _month(connection: Connection, operator: str, month: date, registry: Registry, law: Law, now: int) -> _Month:
    figures = {name: found for name, path in _FIGURES.items() if (found := in_force(path, month, law)) is not None}
    fleet = sorted({row.plate for row in registry.vehicles if row.operator == operator and row.kind not in TOWED})
    rolled = roll_up_stored(connection, month, registry, law, fleet, now)
    proposed = proposed_vehicles(rolled)
    reviewed = next((one for one in rolled.operators if one.operator == operator), None)
    lines = _lines(rolled, proposed, figures)
    vehicles = len(fleet) if reviewed is None else reviewed.vehicles
    return _Month(figures, lines, vehicles, 0 if reviewed is None else reviewed.revoked,
                  reviewed is not None and reviewed.proposed)  # fmt: skip


def _lines(rolled: RollUps, proposed: set[str], figures: dict[str, Dated]) -> list[_Vehicle]:
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
        lines.append(_Vehicle(plate, one.n if one else 0, driven_m, rate, weighings.get(plate, 0),
                              one.coverage if one else Fraction(0), plate in proposed))  # fmt: skip
    return sorted(lines, key=lambda line: (not line.proposed, -(line.rate or 0), -line.weighings, line.plate))

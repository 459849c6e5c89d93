"""What one operator's vehicles did and what was found of them, by week and by vehicle. All in the open transaction.

A day counts for the operator for whom the vehicle was registered on it: whoever asks says which days those are, so that
the registry is looked at once and not for each day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

from journey.localtime import day_of
from journey.registry import Permit, Registration, Station
from storage.database import Connection
from storage.registry import station_of
from storage.sums.month_counts import MonthCount, Wanted, month_query, of_vehicles
from storage.sums.service import ServiceSums
from storage.sums.vehicle_days import VehicleDays, driven_query, last_day, service_query
from storage.together import ask_together

_HEAD: LiteralString = """
    SELECT id, name, tax_code, (SELECT count(*) FROM driver WHERE operator = o.id),
           (SELECT extract(epoch FROM max(at))::bigint FROM finding WHERE withdrawn_at IS NULL AND operator = o.id),
           (SELECT registry_version FROM deployment)
    FROM operator o WHERE id = %s
"""
_REGISTRY: LiteralString = """
    SELECT v.id, v.plate, r.operator, r.kind, r.business, r.seats, r.payload_kg, r.kerb_kg, r.design_gross_kg,
           r.towed_kg, r.kingpin_mm, r.liquid_tank, r.badge, r.valid_from, r.valid_to
    FROM registration r JOIN vehicle v ON v.id = r.vehicle_id
    WHERE r.vehicle_id IN (SELECT vehicle_id FROM registration WHERE operator = %s)
    ORDER BY v.plate, r.row
"""
_STATIONS: LiteralString = """
    SELECT id, name, lon, lat, direction_deg, automatic_one_stage, instrument_error_permille, gross_limit_kg,
           axle_limit_kg, open, corridor, corridor_m, valid_from, valid_to
    FROM station ORDER BY id
"""
_PERMITS: LiteralString = """
    SELECT v.plate, p.gross_kg, p.valid_from, p.valid_to FROM permit p JOIN vehicle v ON v.id = p.vehicle_id
"""
# Rows of a vehicle have no week, those of a week no vehicle.
_FOUND: LiteralString = """
    SELECT vehicle_id, week, sum(certain) AS certain, sum(possible) AS possible FROM finding_week
    WHERE operator = %(operator)s::text AND week >= %(first_week)s::int AND week < %(stop_week)s::int
    AND certain + possible > 0
    GROUP BY GROUPING SETS ((vehicle_id), (week))
"""


class OperatorHead(NamedTuple):
    """An operator, its drivers in the registry, `at` of its latest current finding (s UTC), the registry's version."""

    id: str
    name: str | None
    tax_code: str | None
    drivers: int
    latest: int | None
    registry: int


class Found(NamedTuple):
    certain: int
    possible: int


class Driven(NamedTuple):
    """last_day: of them with data, a local day number."""

    driven_mm: int
    last_day: int | None


class Sums[Sum](NamedTuple):
    """By the vehicle's number, and by the week's (as journey.localtime.week_of); those of which anything is known."""

    by_vehicle: dict[int, Sum]
    by_week: dict[int, Sum]


class OperatorSums(NamedTuple):
    """online: vehicle-days with a usable fix."""

    found: Sums[Found]
    driven: Sums[Driven]
    service: ServiceSums
    online: int
    month: list[MonthCount]


class Registrations(NamedTuple):
    """All rows of the vehicles that were an operator's at any time, by plate, as they came; numbers: of these."""

    rows: list[Registration]
    numbers: dict[str, int]


def operator_head(connection: Connection, operator: str) -> OperatorHead | None:
    """An operator by the registry; None: it has none of this id."""
    row = connection.execute(_HEAD, (operator,)).fetchone()
    return None if row is None else OperatorHead(*row)


def registrations(connection: Connection, operator: str) -> Registrations:
    rows = connection.execute(_REGISTRY, (operator,)).fetchall()
    return Registrations([Registration(*row[1:]) for row in rows], {plate: number for number, plate, *_ in rows})


def stations_and_permits(connection: Connection) -> tuple[tuple[Station, ...], tuple[Permit, ...]]:
    """All of them: what decides which weighings count."""
    stations, permits = connection.execute(_STATIONS).fetchall(), connection.execute(_PERMITS).fetchall()
    return tuple(station_of(row) for row in stations), tuple(Permit(*row) for row in permits)


def operator_sums(
    connection: Connection,
    operator: str,
    weeks: tuple[int, int],
    driven: Sequence[VehicleDays],
    served: Sequence[VehicleDays],
    month: Wanted,
    vehicles: Mapping[int, str],
) -> OperatorSums:
    """Current findings of weeks [first, stop), what was driven on some days, no day of a vehicle twice, the quality of
    service on some of a month, and what that month adds up to for some vehicles: their plates by their numbers."""
    questions = (
        (_FOUND, {"operator": operator, "first_week": weeks[0], "stop_week": weeks[1]}),
        driven_query(driven),
        service_query(month.month, day_of(month.start), day_of(month.end), served),
        month_query(month, vehicles),
    )
    found, drove, (service,), counts = ask_together(connection, questions)
    *quality, online = (one or 0 for one in service)  # null: of no day at all
    return OperatorSums(
        _sums(found, Found), _sums(drove, _driven), ServiceSums(*quality), online, of_vehicles(counts, vehicles)
    )


def _driven(driven_mm: int, latest: int | None) -> Driven:
    return Driven(driven_mm, last_day(latest))


def _sums[Sum](rows: Iterable[tuple[Any, ...]], kind: Callable[..., Sum]) -> Sums[Sum]:
    sums = Sums[Sum]({}, {})
    for vehicle, week, *some in rows:
        if vehicle is not None:
            sums.by_vehicle[vehicle] = kind(*some)
        else:
            sums.by_week[week] = kind(*some)
    return sums

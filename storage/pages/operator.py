"""What one operator's vehicles did and what was found of them, by week and by vehicle. All in the open transaction.

A day counts for the operator for whom the vehicle was registered on it: whoever asks says which days those are, so that
the registry is looked at once and not for each day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, LiteralString, NamedTuple

from journey.registry import Permit, Registration, Station
from storage.database import Connection
from storage.registry import station_of
from storage.sums.month_counts import MonthCount, Wanted, month_query
from storage.sums.service import ServiceSums
from storage.together import ask_together, whole_numbers

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
# Day 0 was a Thursday: weeks begin on the day before 4 January 1970.
_OF_DAYS: LiteralString = """
    FROM unnest(%({asked}_vehicles)s::int[], %({asked}_firsts)s::int[], %({asked}_stops)s::int[])
        AS o (vehicle_id, first, stop)
    JOIN {table} d ON d.vehicle_id = o.vehicle_id AND d.day >= o.first AND d.day < o.stop
"""
_OF_DRIVEN: LiteralString = _OF_DAYS.replace("{asked}", "driven").replace("{table}", "day_summary")
_OF_SERVED: LiteralString = _OF_DAYS.replace("{asked}", "served").replace("{table}", "service_day")
_DRIVEN: LiteralString = (
    "SELECT d.vehicle_id, (d.day + 3) / 7 AS week, sum(round(d.driving_m * 1000)::bigint)::bigint AS driven_mm, "
    "max(d.day) FILTER (WHERE d.fixes > 0) AS last_day"
    + _OF_DRIVEN
    + "GROUP BY GROUPING SETS ((d.vehicle_id), ((d.day + 3) / 7))"
)
_SERVICE: LiteralString = (
    "SELECT " + ", ".join(f"coalesce(sum(d.{name}), 0)::bigint AS {name}" for name in ServiceSums._fields)
    + ", count(*) FILTER (WHERE d.usable > 0) AS online" + _OF_SERVED
)  # fmt: skip


class OperatorHead(NamedTuple):
    """An operator, its drivers in the registry, `at` of its latest current finding (s UTC), the registry's version."""

    id: str
    name: str | None
    tax_code: str | None
    drivers: int
    latest: int | None
    registry: int


class VehicleDays(NamedTuple):
    """Local days [first, stop) of the vehicle of a number."""

    vehicle: int
    first: int
    stop: int


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
    vehicles: Collection[int],
) -> OperatorSums:
    """Current findings of weeks [first, stop), what was driven on some days, no day of a vehicle twice, the quality of
    service of others, and what a month adds up to for some vehicles."""
    text, asked_of_month = month_query(month, vehicles)
    asked = {
        "operator": operator, "first_week": weeks[0], "stop_week": weeks[1],
        **_parameters("driven", driven), **_parameters("served", served), **asked_of_month,
    }  # fmt: skip
    found, drove, ((*service, online),), counts = ask_together(connection, (_FOUND, _DRIVEN, _SERVICE, text), asked)
    return OperatorSums(
        _sums(found, Found), _sums(drove, Driven), ServiceSums(*service), online, [MonthCount(*one) for one in counts]
    )


def _sums[Sum](rows: Iterable[tuple[Any, ...]], kind: Callable[..., Sum]) -> Sums[Sum]:
    sums = Sums[Sum]({}, {})
    for vehicle, week, *some in rows:
        if vehicle is not None:
            sums.by_vehicle[vehicle] = kind(*some)
        else:
            sums.by_week[week] = kind(*some)
    return sums


def _parameters(name: str, days: Sequence[VehicleDays]) -> dict[str, object]:
    return {f"{name}_vehicles": whole_numbers(one.vehicle for one in days),
            f"{name}_firsts": whole_numbers(one.first for one in days),
            f"{name}_stops": whole_numbers(one.stop for one in days)}  # fmt: skip

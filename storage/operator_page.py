"""What one operator's vehicles did and what was found of them, by week and by vehicle. All in the open transaction.

A day counts for the operator for whom the vehicle was registered on it.
"""

from __future__ import annotations

from datetime import date
from typing import LiteralString, NamedTuple

from journey.registry import Permit, Registration, Registry
from storage.database import Connection
from storage.registered import IN_FORCE
from storage.registry import station_of
from storage.service import ServiceSums

_OWN_DAY: LiteralString = IN_FORCE.replace("{columns}", "operator").replace("{vehicle}", "d.vehicle_id").replace(
    "{day}", "date '1970-01-01' + d.day")  # fmt: skip
_OWN: LiteralString = """
    FROM {table} d JOIN LATERAL ({row}) AS r ON r.operator = %(operator)s::text
    WHERE d.vehicle_id IN (SELECT vehicle_id FROM registration WHERE operator = %(operator)s::text)
    AND d.day >= %(first)s AND d.day < %(stop)s
""".replace("{row}", _OWN_DAY)
# Day 0 was a Thursday: weeks begin on the day before 4 January 1970.
_DRIVEN: LiteralString = (
    "SELECT (d.day + 3) / 7, sum(d.driving_m), count(DISTINCT d.vehicle_id) FILTER (WHERE d.fixes > 0) "
    + _OWN.replace("{table}", "day_summary")
    + " GROUP BY 1"
)
_FOUND: LiteralString = """
    SELECT (day + 3) / 7, count(*) FILTER (WHERE grade = 'certain'), count(*) FILTER (WHERE grade <> 'certain')
    FROM finding WHERE withdrawn_at IS NULL AND operator = %(operator)s::text AND at >= to_timestamp(%(start)s::bigint)
    AND day >= %(first)s AND day < %(stop)s GROUP BY 1
"""
_BY_VEHICLE: LiteralString = (
    "SELECT d.vehicle_id, sum(d.driving_m), max(d.day) FILTER (WHERE d.fixes > 0) "
    + _OWN.replace("{table}", "day_summary")
    + " GROUP BY 1"
)
_VEHICLES: LiteralString = """
    WITH driven (vehicle_id, driven_m, last_day) AS ({driven}),
    found AS (SELECT vehicle_id, count(*) AS findings FROM finding
              WHERE withdrawn_at IS NULL AND grade = 'certain' AND operator = %(operator)s::text
              AND at >= to_timestamp(%(start)s::bigint) AND day >= %(first)s AND day < %(stop)s GROUP BY 1)
    SELECT v.plate, r.kind, r.business, r.badge, r.valid_to, coalesce(d.driven_m, 0), coalesce(f.findings, 0),
           d.last_day
    FROM vehicle v JOIN LATERAL ({row}) AS r ON r.operator = %(operator)s::text
    LEFT JOIN driven d ON d.vehicle_id = v.id LEFT JOIN found f ON f.vehicle_id = v.id
    WHERE v.id IN (SELECT vehicle_id FROM registration WHERE operator = %(operator)s::text)
    ORDER BY coalesce(f.findings, 0) DESC, v.plate
""".replace("{driven}", _BY_VEHICLE).replace("{row}", IN_FORCE.replace("{columns}", "*").replace(
    "{vehicle}", "v.id").replace("{day}", "date '1970-01-01' + %(on)s::int"))  # fmt: skip
_SERVICE: LiteralString = (
    "SELECT " + ", ".join(f"coalesce(sum(d.{name}), 0)::bigint" for name in ServiceSums._fields)
    + ", count(*) FILTER (WHERE d.usable > 0) " + _OWN.replace("{table}", "service_day")
)  # fmt: skip
_ROWS: LiteralString = """
    SELECT v.plate, r.operator, r.kind, r.business, r.seats, r.payload_kg, r.kerb_kg, r.design_gross_kg, r.towed_kg,
           r.kingpin_mm, r.liquid_tank, r.badge, r.valid_from, r.valid_to
    FROM registration r JOIN vehicle v ON v.id = r.vehicle_id
    WHERE r.vehicle_id IN (SELECT vehicle_id FROM registration WHERE operator = %(operator)s::text)
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
_DRIVERS: LiteralString = "SELECT count(*) FROM driver WHERE operator = %(operator)s::text"


class OperatorWeekSum(NamedTuple):
    """A week (number as journey.localtime.week_of) of an operator. vehicles: with data."""

    week: int
    driven_m: float
    vehicles: int
    certain: int
    possible: int


class OperatorVehicle(NamedTuple):
    """A vehicle registered for an operator on a day, and its period. last_day: of it with data, a local day number."""

    plate: str
    kind: str | None
    business: str | None
    badge: str | None
    valid_to: date | None
    driven_m: float
    certain: int
    last_day: int | None


def operator_weeks(connection: Connection, operator: str, first: int, stop: int, start: int) -> list[OperatorWeekSum]:
    """Weeks of local days [first, stop) in which anything is known. start: s UTC at which `first` begins."""
    asked = {"operator": operator, "first": first, "stop": stop, "start": start}
    driven = {week: row for week, *row in connection.execute(_DRIVEN, asked)}
    found = {week: row for week, *row in connection.execute(_FOUND, asked)}
    return [
        OperatorWeekSum(week, *driven.get(week, (0.0, 0)), *found.get(week, (0, 0)))
        for week in sorted(driven.keys() | found.keys())
    ]


def operator_vehicles(
    connection: Connection, operator: str, on: int, first: int, stop: int, start: int
) -> list[OperatorVehicle]:
    """Vehicles registered for an operator on a local day, with sums over days [first, stop); most findings first."""
    asked = {"operator": operator, "on": on, "first": first, "stop": stop, "start": start}
    return [OperatorVehicle(*row) for row in connection.execute(_VEHICLES, asked)]


def operator_sums(connection: Connection, operator: str, first: int, stop: int) -> tuple[ServiceSums, int]:
    """Quality of service over local days [first, stop), and vehicle-days with a usable fix."""
    row = connection.execute(_SERVICE, {"operator": operator, "first": first, "stop": stop}).fetchone()
    if row is None:
        raise LookupError("sums give one row")
    return ServiceSums(*row[:-1]), row[-1]


def operator_registry(connection: Connection, operator: str) -> Registry:
    """What of the registry a month's roll-up of an operator's vehicles asks for: no roads, no drivers."""
    return Registry(
        vehicles=tuple(Registration(*row) for row in connection.execute(_ROWS, {"operator": operator})),
        stations=tuple(station_of(row) for row in connection.execute(_STATIONS)),
        permits=tuple(Permit(*row) for row in connection.execute(_PERMITS)),
    )


def driver_count(connection: Connection, operator: str) -> int:
    """Drivers whom the registry names with an operator."""
    row = connection.execute(_DRIVERS, {"operator": operator}).fetchone()
    return 0 if row is None else int(row[0])

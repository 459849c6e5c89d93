"""Who runs what, page by page: operators, vehicles with the registration of a day, drivers; and whose is what when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import LiteralString, NamedTuple

from journey.registry import Registration
from storage.database import Connection
from storage.in_force import date_of_day, row_in_force

PAGE_MAX = 1000

_DATE: LiteralString = date_of_day("%(day)s::int")
_COLUMNS: LiteralString = """
    r.operator, r.kind, r.business, r.seats, r.payload_kg, r.kerb_kg, r.design_gross_kg, r.towed_kg, r.kingpin_mm,
    r.liquid_tank, r.badge, r.valid_from, r.valid_to
"""
_VEHICLES: LiteralString = """
    SELECT v.plate, {columns} FROM vehicle v LEFT JOIN LATERAL ({row}) AS r ON true WHERE {which}
""".replace("{columns}", _COLUMNS).replace("{row}", row_in_force("v.id", _DATE, "*"))
VEHICLES: LiteralString = _VEHICLES.replace("{which}", "v.plate > %(after)s ORDER BY v.plate LIMIT %(limit)s")
VEHICLES_OF_OPERATOR: LiteralString = _VEHICLES.replace(
    "{which}",
    """v.plate > %(after)s AND r.operator = %(operator)s
    AND v.id IN (SELECT vehicle_id FROM registration WHERE operator = %(operator)s)
    ORDER BY v.plate LIMIT %(limit)s""",
)
VEHICLE: LiteralString = _VEHICLES.replace("{which}", "v.plate = %(plate)s")
OPERATORS: LiteralString = """
    SELECT id, name, tax_code FROM operator
    WHERE id > %(after)s AND (%(operator)s::text IS NULL OR id = %(operator)s::text) ORDER BY id LIMIT %(limit)s
"""
_DRIVERS: LiteralString = "SELECT licence, name, operator FROM driver WHERE {which}"
DRIVERS: LiteralString = _DRIVERS.replace("{which}", "licence > %(after)s ORDER BY licence LIMIT %(limit)s")
DRIVERS_OF_OPERATOR: LiteralString = _DRIVERS.replace(
    "{which}", "operator = %(operator)s AND licence > %(after)s ORDER BY licence LIMIT %(limit)s"
)
_DRIVER: LiteralString = _DRIVERS.replace("{which}", "licence = %(licence)s")
_OF_OPERATOR: LiteralString = """
    SELECT v.plate FROM vehicle v JOIN LATERAL ({row}) AS r ON r.operator = %(operator)s
    WHERE v.id IN (SELECT vehicle_id FROM registration WHERE operator = %(operator)s) ORDER BY v.plate
""".replace("{row}", row_in_force("v.id", _DATE))
_OWNED: LiteralString = """
    SELECT k.plate, k.day FROM unnest(%(plates)s::text[], %(days)s::int[]) AS k (plate, day)
    JOIN vehicle v ON v.plate = k.plate JOIN LATERAL ({row}) AS r ON r.operator = %(operator)s
""".replace("{row}", row_in_force("v.id", date_of_day("k.day")))
_REGISTRATIONS: LiteralString = """
    SELECT v.plate, {columns} FROM registration r JOIN vehicle v ON v.id = r.vehicle_id ORDER BY v.plate, r.row
""".replace("{columns}", _COLUMNS)

_ROWS_OF: LiteralString = _REGISTRATIONS.replace("ORDER BY", "WHERE v.plate = ANY(%s) ORDER BY")


class OperatorRow(NamedTuple):
    id: str
    name: str | None  # None: named by a registration, described by no registry file
    tax_code: str | None


class DriverRow(NamedTuple):
    licence: str
    name: str | None  # None: the licence stands in no registry file
    operator: str | None


class VehicleRow(NamedTuple):
    """A plate and the registration of a day; all None but the plate: there is none. Columns as journey.registry."""

    plate: str
    operator: str | None
    kind: str | None
    business: str | None
    seats: int | None
    payload_kg: int | None
    kerb_kg: int | None
    design_gross_kg: int | None
    towed_kg: int | None
    kingpin_mm: int | None
    liquid_tank: bool | None
    badge: str | None
    valid_from: date | None
    valid_to: date | None


def operators(connection: Connection, after: str, limit: int, operator: str | None = None) -> list[OperatorRow]:
    """Operators with an id after one, in order; `operator`: that one alone."""
    parameters = {"after": after, "limit": _bounded(limit), "operator": operator}
    return [OperatorRow(*row) for row in connection.execute(OPERATORS, parameters)]


def vehicles(connection: Connection, day: int, after: str, limit: int, operator: str | None = None) -> list[VehicleRow]:
    """Vehicles with a plate after one, in order, with the registration of a local day; `operator`: its own on it."""
    query = VEHICLES if operator is None else VEHICLES_OF_OPERATOR
    parameters = {"day": day, "after": after, "limit": _bounded(limit), "operator": operator}
    return [VehicleRow(*row) for row in connection.execute(query, parameters)]


def vehicle(connection: Connection, plate: str, day: int) -> VehicleRow | None:
    """A vehicle with its registration of a local day; None: a plate that was never seen."""
    row = connection.execute(VEHICLE, {"plate": plate, "day": day}).fetchone()
    return None if row is None else VehicleRow(*row)


def drivers(connection: Connection, after: str, limit: int, operator: str | None = None) -> list[DriverRow]:
    """Drivers with a licence after one, in order; `operator`: those that the registry names with it."""
    query = DRIVERS if operator is None else DRIVERS_OF_OPERATOR
    parameters = {"after": after, "limit": _bounded(limit), "operator": operator}
    return [DriverRow(*row) for row in connection.execute(query, parameters)]


def driver(connection: Connection, licence: str) -> DriverRow | None:
    """A driver; None: a licence that was never seen."""
    row = connection.execute(_DRIVER, {"licence": licence}).fetchone()
    return None if row is None else DriverRow(*row)


def plates_of(connection: Connection, operator: str, day: int) -> list[str]:
    """Plates registered for an operator on a local day, in order."""
    return [plate for (plate,) in connection.execute(_OF_OPERATOR, {"operator": operator, "day": day})]


def owned(connection: Connection, operator: str, days: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Of vehicle-days (plate, local day number) those on which the vehicle was registered for an operator."""
    plates, numbers = ([list(column) for column in zip(*days, strict=True)]) if days else ([], [])
    rows = connection.execute(_OWNED, {"plates": plates, "days": numbers, "operator": operator})
    return {(plate, day) for plate, day in rows}


def registrations(connection: Connection) -> list[Registration]:
    """Every registry row of vehicles, by plate, rows of one plate in the order in which they came."""
    return [Registration(*row) for row in connection.execute(_REGISTRATIONS)]


def rows_of(connection: Connection, plates: Collection[str]) -> list[Registration]:
    """Every registry row of some vehicles, in the same order."""
    return [Registration(*row) for row in connection.execute(_ROWS_OF, (sorted(plates),))]


def _bounded(limit: int) -> int:
    if not 0 < limit <= PAGE_MAX:
        raise ValueError(f"a page of {limit} rows: 1 to {PAGE_MAX} can be asked for")
    return limit

"""The registry: who runs which vehicle, and what each may carry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import astuple, dataclass
from typing import Any, LiteralString

import numpy as np

from journey.localtime import day_of
from journey.registry import Driver, Operator, Permit, Provider, Registration, Registry, Road, Station
from storage.database import Connection, scalar, transaction
from storage.names import clean, known_vehicles, vehicle_ids
from storage.roads.rows import INSERT_ROAD, load_roads, road_row
from storage.windows import NO_DAYS, distinct_days, lock_drivers, touch, touch_again

_ADD: dict[str, LiteralString] = {
    "operator": """
        INSERT INTO operator (id, name, tax_code) VALUES (%s, %s, %s)
        ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, tax_code = EXCLUDED.tax_code""",
    "driver": """
        INSERT INTO driver (licence, name, operator) VALUES (%s, %s, %s)
        ON CONFLICT (licence) DO UPDATE SET name = EXCLUDED.name, operator = EXCLUDED.operator""",
    "provider": """
        INSERT INTO provider (id, name, operators) VALUES (%s, %s, %s::text[])
        ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, operators = EXCLUDED.operators""",
    "registration": """
        INSERT INTO registration (vehicle_id, operator, kind, business, seats, payload_kg, kerb_kg, design_gross_kg,
                                  towed_kg, kingpin_mm, liquid_tank, badge, valid_from, valid_to)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
    "permit": "INSERT INTO permit (vehicle_id, gross_kg, valid_from, valid_to) VALUES (%s, %s, %s, %s)",
    "station": """
        INSERT INTO station (id, name, lon, lat, direction_deg, automatic_one_stage, instrument_error_permille,
                             gross_limit_kg, axle_limit_kg, open, corridor, corridor_m, valid_from, valid_to)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::float8[], %s, %s, %s)""",
    "road": INSERT_ROAD,
}
_LOAD: dict[str, LiteralString] = {
    "operator": "SELECT id, name, tax_code FROM operator WHERE name IS NOT NULL ORDER BY id",
    "driver": "SELECT licence, name, operator FROM driver WHERE name IS NOT NULL ORDER BY licence",
    "provider": "SELECT id, name, operators FROM provider ORDER BY id",
    "registration": """
        SELECT v.plate, r.operator, r.kind, r.business, r.seats, r.payload_kg, r.kerb_kg, r.design_gross_kg,
               r.towed_kg, r.kingpin_mm, r.liquid_tank, r.badge, r.valid_from, r.valid_to
        FROM registration r JOIN vehicle v ON v.id = r.vehicle_id ORDER BY v.plate, r.row""",
    "permit": """
        SELECT v.plate, p.gross_kg, p.valid_from, p.valid_to
        FROM permit p JOIN vehicle v ON v.id = p.vehicle_id ORDER BY v.plate, p.row""",
    "station": """
        SELECT id, name, lon, lat, direction_deg, automatic_one_stage, instrument_error_permille, gross_limit_kg,
               axle_limit_kg, open, corridor, corridor_m, valid_from, valid_to
        FROM station ORDER BY id""",
}
_REMOVE: dict[str, LiteralString] = {
    # Who is still named by rows stays, without what a registry said of it.
    "operator": "UPDATE operator SET name = NULL, tax_code = NULL WHERE id = %s",
    "driver": "UPDATE driver SET name = NULL, operator = NULL WHERE licence = %s",
    "provider": "DELETE FROM provider WHERE id = %s",
    "registration": "DELETE FROM registration WHERE vehicle_id = %s AND valid_from IS NOT DISTINCT FROM %s::date",
    "permit": """
        DELETE FROM permit WHERE vehicle_id = %s AND gross_kg = %s
        AND valid_from IS NOT DISTINCT FROM %s::date AND valid_to IS NOT DISTINCT FROM %s::date""",
    "station": "DELETE FROM station WHERE id = %s",
    "road": "DELETE FROM road WHERE dataset IS NULL AND id = %s AND valid_from IS NOT DISTINCT FROM %s::date",
}
# Of the same tables the rows of some plates, and one operator; stations are few.
_OF: dict[str, LiteralString] = {
    "operator": "SELECT id, name, tax_code FROM operator WHERE name IS NOT NULL AND id = %(operator)s::text",
    "registration": _LOAD["registration"].replace("ORDER BY", "WHERE v.plate = ANY(%(plates)s::text[]) ORDER BY"),
    "permit": _LOAD["permit"].replace("ORDER BY", "WHERE v.plate = ANY(%(plates)s::text[]) ORDER BY"),
    "station": _LOAD["station"],
}
_NAME_OPERATORS = "INSERT INTO operator (id) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING"
_WEIGHED = """
    SELECT vehicle_id, extract(epoch FROM "time")::bigint FROM weighing
    WHERE station = ANY(%s::text[]) OR trailer = ANY(%s::text[])
"""


@dataclass(frozen=True, slots=True)
class RegistryChanges:
    """Rows written or removed by table, and how many windows wait for a new check because of it."""

    rows: dict[str, int]
    box: bool
    touched: int

    def __bool__(self) -> bool:
        return self.box or any(self.rows.values())


@dataclass(frozen=True, slots=True)
class _Difference:
    """Keys whose rows go, and (key, row as written) that come."""

    removed: list[tuple[Hashable, ...]]
    added: list[tuple[tuple[Hashable, ...], tuple[object, ...]]]

    def first_keys(self) -> set[str]:
        """The first part of every key: the plate, licence or id."""
        return {str(key[0]) for key in (*self.removed, *(key for key, _ in self.added))}


def registry_version(connection: Connection) -> int:
    """A number that rises with every change of the registry.

    A worker that keeps a registry compares it after it has taken windows, and loads anew where it has risen: a change
    touches the windows that rest on it in the same transaction.
    """
    with connection.transaction():
        return int(scalar(connection, "SELECT registry_version FROM deployment"))


def save_registry(connection: Connection, registry: Registry, replace: bool = False) -> RegistryChanges:
    """Write what is new or different, as a transaction of its own; nothing happens for what is equal.

    Rows are one where id (and valid_from) agree, of vehicles plate and valid_from, of permits everything. What the
    registry does not name stays as it is, or is removed where `replace` says so. Windows that rest on what changed
    are touched: the days of a vehicle for its rows and permits, all days for roads and the box.
    """
    with transaction(connection):
        box = scalar(connection, "SELECT box FROM deployment FOR UPDATE")  # one registry at a time
        old = load_registry(connection)
        plates = {row.plate for part in (registry, old) for row in part.vehicles}
        plates |= {row.plate for part in (registry, old) for row in part.permits}
        ids = vehicle_ids(connection, plates)
        differences = {
            "operator": _difference(old.operators, registry.operators, lambda row: (row.id,), astuple, replace),
            "provider": _difference(old.providers, registry.providers, lambda row: (row.id,), _provider_row, replace),
            "driver": _difference(old.drivers, registry.drivers, lambda row: (row.licence,), astuple, replace),
            "registration": _difference(
                old.vehicles,
                registry.vehicles,
                lambda row: (row.plate, row.valid_from),
                lambda row: (ids[row.plate], *astuple(row)[1:]),
                replace,
            ),
            "permit": _difference(
                old.permits, registry.permits, astuple, lambda row: (ids[row.plate], *astuple(row)[1:]), replace
            ),
            "station": _difference(old.stations, registry.stations, lambda row: (row.id,), _station_row, replace),
            "road": _difference(
                _reference(old.roads), registry.roads, lambda row: (row.id, row.valid_from), road_row, replace
            ),
        }
        operators = sorted({row.operator for row in registry.vehicles})
        connection.execute(_NAME_OPERATORS, (operators,))
        # In the order in which workers lock them, else both could wait for each other.
        lock_drivers(connection, differences["driver"].first_keys())
        for table, difference in differences.items():
            _write(connection, table, difference, ids)
        new_box = registry.box if registry.box is not None or replace else old.box
        box_changed = new_box != (None if box is None else tuple(box))
        if box_changed:
            connection.execute("UPDATE deployment SET box = %s::float8[]", (new_box and list(new_box),))
        touched = _touch(connection, differences, box_changed)
        rows = {table: len(one.first_keys()) for table, one in differences.items()}
        changes = RegistryChanges(rows, box_changed, touched)
        if changes:
            connection.execute("UPDATE deployment SET registry_version = registry_version + 1")
    return changes


def _difference[T](
    old: Iterable[T],
    new: Iterable[T],
    key: Callable[[T], tuple[Hashable, ...]],
    written: Callable[[T], tuple[object, ...]],
    replace: bool,
) -> _Difference:
    before, after = _grouped(old, key), _grouped(new, key)
    different = [one for one, rows in after.items() if before.get(one) != rows]
    removed = [one for one in different if one in before]
    if replace:
        removed += [one for one in before if one not in after]
    return _Difference(removed, [(one, written(row)) for one in different for row in after[one]])


def _grouped[T](rows: Iterable[T], key: Callable[[T], tuple[Hashable, ...]]) -> dict[tuple[Hashable, ...], list[T]]:
    groups: dict[tuple[Hashable, ...], list[T]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _reference(roads: Iterable[Road]) -> list[Road]:
    """Those that came with reference data; a road that was imported is not its to change."""
    return [road for road in roads if road.dataset is None]


def station_of(row: tuple[Any, ...]) -> Station:
    """Args: row: the columns of a station in the order of journey.registry.Station."""
    values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
    return Station(*values)


def _station_row(station: Station) -> tuple[object, ...]:
    return tuple(list(value) if isinstance(value, tuple) else value for value in astuple(station))


def _provider_row(provider: Provider) -> tuple[object, ...]:
    return provider.id, provider.name, None if provider.operators is None else list(provider.operators)


def _write(connection: Connection, table: str, difference: _Difference, ids: dict[str, int]) -> None:
    removed = difference.removed
    if table in ("registration", "permit"):
        removed = [(ids[str(plate)], *rest) for plate, *rest in removed]
    with connection.cursor() as cursor:
        if removed:
            cursor.executemany(_REMOVE[table], removed)
        if difference.added:
            cursor.executemany(_ADD[table], [row for _, row in difference.added])


def _touch(connection: Connection, differences: dict[str, _Difference], box_changed: bool) -> int:
    if box_changed or differences["road"].first_keys():
        return touch_again(connection, None)
    plates = differences["registration"].first_keys() | differences["permit"].first_keys()
    stations = differences["station"].first_keys()
    # A trailer's row decides on the weighings of the vehicle that drew it.
    weighed = connection.execute(_WEIGHED, (sorted(stations), sorted(plates))).fetchall() if plates | stations else []
    vehicle, time = (np.array([row[place] for row in weighed], np.int64) for place in (0, 1))
    days = distinct_days(vehicle, day_of(time))
    touch(connection, NO_DAYS, days)
    return len(days.day) + touch_again(connection, known_vehicles(connection, plates).values())


def load_registry(connection: Connection) -> Registry:
    """The registry as it stands: by id or plate, rows of one plate or road in the order in which they came."""
    with connection.transaction():
        while True:
            before = registry_version(connection)
            rows = {table: connection.execute(query).fetchall() for table, query in _LOAD.items()}
            roads = tuple(load_roads(connection))
            box = scalar(connection, "SELECT box FROM deployment")
            if registry_version(connection) == before:  # else a change came between two queries
                break
    return Registry(
        operators=tuple(Operator(*row) for row in rows["operator"]),
        vehicles=tuple(Registration(*row) for row in rows["registration"]),
        drivers=tuple(Driver(*row) for row in rows["driver"]),
        stations=tuple(station_of(row) for row in rows["station"]),
        permits=tuple(Permit(*row) for row in rows["permit"]),
        roads=roads,
        box=None if box is None else (box[0], box[1], box[2], box[3]),
        providers=tuple(
            Provider(id_, name, None if operators is None else tuple(operators))
            for id_, name, operators in rows["provider"]
        ),
    )


def registry_of(connection: Connection, plates: Collection[str], operator: str | None) -> Registry:
    """The rows and permits of some vehicles, one operator, every station, the box; roads, drivers and providers are
    left out. Several queries: whether the registry changed between them tells registry_version."""
    asked = {"plates": sorted({clean(plate) for plate in plates}), "operator": operator}
    rows = {table: connection.execute(query, asked).fetchall() for table, query in _OF.items()}
    box = scalar(connection, "SELECT box FROM deployment")
    return Registry(
        operators=tuple(Operator(*row) for row in rows["operator"]),
        vehicles=tuple(Registration(*row) for row in rows["registration"]),
        stations=tuple(station_of(row) for row in rows["station"]),
        permits=tuple(Permit(*row) for row in rows["permit"]),
        box=None if box is None else (box[0], box[1], box[2], box[3]),
    )


def load_stations(connection: Connection) -> tuple[Station, ...]:
    """The weigh stations on file, by id."""
    return tuple(Station(*row) for row in connection.execute(_LOAD["station"]))

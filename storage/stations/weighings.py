"""Stored weighings, read back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from journey.localtime import day_start
from journey.model import Scale, Weighing
from storage.database import Connection
from storage.names import known_vehicles

_OWN, _UNSAID = 11, Scale()  # columns of the weighing itself
_COLUMNS = """
    w.station, w.lane, extract(epoch FROM w."time")::bigint, v.plate, w.trailer, w.axle_kg, w.spacing_mm, w.gross_kg,
    w.persons, w.containers, w.ticket, w.instrument, w.certificate, w.certificate_until, w.error_permille, w.speed_dkmh,
    w.plate_permille, w.image
"""
_OF_DAYS = (
    f"SELECT {_COLUMNS}"  # noqa: S608
    """
    FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS d (vehicle_id, start, stop)
    JOIN weighing w ON w.vehicle_id = d.vehicle_id
        AND w."time" >= to_timestamp(d.start) AND w."time" < to_timestamp(d.stop)
    JOIN vehicle v ON v.id = w.vehicle_id
    ORDER BY w."time", v.plate, w.hash
    """
)
_OF_PERIOD = (
    f"SELECT {_COLUMNS}"  # noqa: S608
    """
    FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id
    WHERE w."time" >= to_timestamp(%s::bigint) AND w."time" < to_timestamp(%s::bigint)
    ORDER BY w."time", v.plate, w.hash
    """
)
OF_TICKET = (
    f"SELECT {_COLUMNS}"  # noqa: S608
    """
    FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id
    WHERE w.station = %s AND w.ticket = %s
    AND w."time" >= to_timestamp(%s::bigint) AND w."time" < to_timestamp(%s::bigint)
    ORDER BY w."time", v.plate, w.hash
    """
)
_OF_VEHICLES = _OF_PERIOD.replace("WHERE", "WHERE w.vehicle_id = ANY(%s::int[]) AND")


def weighings_of_vehicles(connection: Connection, plates: Collection[str], start: int, end: int) -> list[Weighing]:
    """Weighings of some vehicles in [start, end) s UTC, ordered by time and plate."""
    numbers = list(known_vehicles(connection, plates).values())
    return _weighings(connection.execute(_OF_VEHICLES, (numbers, start, end)).fetchall())


def weighings_of_days(connection: Connection, days: Iterable[tuple[str | int, int]]) -> list[Weighing]:
    """Weighings of vehicle-days (plate or number, local day number), ordered by time and plate."""
    wanted = set(days)
    numbers = known_vehicles(connection, {name for name, _ in wanted if isinstance(name, str)})
    pairs = {(name if isinstance(name, int) else numbers.get(name), day) for name, day in wanted}
    known = sorted((number, day) for number, day in pairs if number is not None)
    starts, ends = [day_start(day) for _, day in known], [day_start(day + 1) for _, day in known]
    return _weighings(connection.execute(_OF_DAYS, ([number for number, _ in known], starts, ends)).fetchall())


def weighings_of_period(connection: Connection, start: int, end: int) -> list[Weighing]:
    """Weighings in [start, end) s UTC, ordered by time and plate."""
    return _weighings(connection.execute(_OF_PERIOD, (start, end)).fetchall())


def _weighings(rows: Sequence[tuple[object, ...]]) -> list[Weighing]:
    return [weighing_of(row) for row in rows]


def weighing_of(row: Sequence[object]) -> Weighing:
    """A weighing of its columns in the order of Weighing, then of Scale."""
    values = [tuple(value) if isinstance(value, list) else value for value in row]
    scale = Scale(*values[_OWN:])  # type: ignore[arg-type]
    return Weighing(*values[:_OWN], None if scale == _UNSAID else scale)  # type: ignore[arg-type, call-arg]

"""Weighings by period, vehicle, station or operator, page by page."""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from journey.model import Weighing
from storage.database import Connection
from storage.in_force import row_in_force
from storage.names import clean, known_vehicles
from storage.stations.weighings import weighing_of

PAGE_MAX = 1000

# The local day of a weighing: Asia/Ho_Chi_Minh has kept UTC+7 without summer time.
_OWNER: LiteralString = row_in_force("w.vehicle_id", "((w.\"time\" AT TIME ZONE 'UTC') + interval '7 hours')::date")
_PAGE: LiteralString = """
    SELECT encode(w.hash, 'hex'), w.station, w.lane, extract(epoch FROM w."time")::bigint, v.plate, w.trailer,
           w.axle_kg, w.spacing_mm, w.gross_kg, w.persons, w.containers, w.ticket, w.instrument, w.certificate,
           w.certificate_until, w.error_permille, w.speed_dkmh, w.plate_permille, w.image, r.operator
    FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id LEFT JOIN LATERAL ({owner}) AS r ON true
    WHERE w."time" >= to_timestamp(%(start)s::bigint) AND w."time" < to_timestamp(%(stop)s::bigint)
    AND (w."time", w.hash) > (to_timestamp(%(after_time)s::bigint), %(after_hash)s::bytea) {subject}
    AND (%(station)s::text IS NULL OR w.station = %(station)s::text)
    AND (%(operator)s::text IS NULL OR r.operator = %(operator)s::text)
    ORDER BY w."time", w.hash LIMIT %(limit)s
""".replace("{owner}", _OWNER)
PAGE: LiteralString = _PAGE.replace("{subject}", "")
PAGE_OF_VEHICLE: LiteralString = _PAGE.replace("{subject}", "AND w.vehicle_id = %(vehicle)s::int")
PAGE_OF_OPERATOR: LiteralString = _PAGE.replace(
    "{subject}", "AND w.vehicle_id IN (SELECT vehicle_id FROM registration WHERE operator = %(operator)s::text)"
)
_COUNT: LiteralString = "SELECT count(*) FROM ({page}) AS page"


class WantedWeighings(NamedTuple):
    """What to look for. Period: [start, stop) s UTC; what is None does not count."""

    start: int
    stop: int
    plate: str | None = None
    station: str | None = None
    operator: str | None = None  # for whom the vehicle was registered on the day


class WeighingKey(NamedTuple):
    """Where a page ends: time (s UTC) and hash of its last weighing. Neither ever changes."""

    time: int
    hash: bytes


class WeighingRow(NamedTuple):
    id: str  # hash over every field as sent, hex
    weighing: Weighing
    operator: str | None


def weighing_page(
    connection: Connection, wanted: WantedWeighings, limit: int, after: WeighingKey | None = None
) -> list[WeighingRow]:
    """Up to `limit` weighings after a key, by time. Raises ValueError beyond PAGE_MAX."""
    if not 0 < limit <= PAGE_MAX:
        raise ValueError(f"a page of {limit} weighings: 1 to {PAGE_MAX} can be asked for")
    asked = page_parameters(connection, wanted, limit, after)
    if asked is None:
        return []
    return [_row(row) for row in connection.execute(page_query(wanted), asked)]


def count_weighings(connection: Connection, wanted: WantedWeighings, most: int) -> int:
    """How many weighings there are, counted up to `most`."""
    asked = page_parameters(connection, wanted, most, None)
    if asked is None:
        return 0
    row = connection.execute(_COUNT.replace("{page}", page_query(wanted)), asked).fetchone()
    return 0 if row is None else int(row[0])


def page_query(wanted: WantedWeighings) -> LiteralString:
    if wanted.plate is not None:
        return PAGE_OF_VEHICLE
    return PAGE if wanted.operator is None else PAGE_OF_OPERATOR


def page_parameters(
    connection: Connection, wanted: WantedWeighings, limit: int, after: WeighingKey | None
) -> dict[str, object] | None:
    """None: a vehicle that was never seen."""
    vehicle = None
    if wanted.plate is not None:
        vehicle = known_vehicles(connection, [wanted.plate]).get(wanted.plate)
        if vehicle is None:
            return None
    key = after or WeighingKey(wanted.start - 1, b"")
    station = None if wanted.station is None else clean(wanted.station)
    return {"start": wanted.start, "stop": wanted.stop, "vehicle": vehicle, "station": station,
            "operator": wanted.operator, "after_time": key.time, "after_hash": key.hash, "limit": limit}  # fmt: skip


def _row(row: tuple[object, ...]) -> WeighingRow:
    return WeighingRow(row[0], weighing_of(row[1:-1]), row[-1])  # type: ignore[arg-type]

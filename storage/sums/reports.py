"""What report forms ask of the store: findings and activities of a vehicle, a driver or an operator, and day sums."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import LiteralString, NamedTuple

from journey.model import Finding
from storage.database import Connection
from storage.findings import finding_of
from storage.in_force import date_of_day, row_in_force
from storage.names import known_drivers, known_vehicles

_FINDINGS: LiteralString = """
    SELECT body::text FROM finding
    WHERE withdrawn_at IS NULL AND at >= to_timestamp(%(start)s::bigint) AND at < to_timestamp(%(stop)s::bigint)
    AND rule = ANY(%(rules)s::text[]) AND (%(operator)s::text IS NULL OR operator = %(operator)s::text)
    AND (%(vehicle)s::int IS NULL OR vehicle_id = %(vehicle)s::int)
    AND (%(driver)s::int IS NULL OR driver_id = %(driver)s::int)
"""
_ACTIVITIES: LiteralString = """
    SELECT v.plate, d.licence, greatest(extract(epoch FROM a.start_time)::bigint, %(start)s::bigint),
           least(extract(epoch FROM a.end_time)::bigint, %(stop)s::bigint)
    FROM activity a JOIN vehicle v ON v.id = a.vehicle_id LEFT JOIN driver d ON d.id = a.driver_id
    WHERE {whose} AND a.kind = %(kind)s
    AND a.end_time > to_timestamp(%(start)s::bigint) AND a.start_time < to_timestamp(%(stop)s::bigint)
    ORDER BY v.plate, a.start_time
"""
_OF_VEHICLES: LiteralString = _ACTIVITIES.replace("{whose}", "a.vehicle_id = ANY(%(whose)s::int[])")
_OF_DRIVERS: LiteralString = _ACTIVITIES.replace("{whose}", "a.driver_id = ANY(%(whose)s::int[])")
_SUMS: LiteralString = """
    SELECT r.operator, v.plate, s.day, s.fixes, s.driving_s, s.standing_s, s.unknown_s,
           round(s.driving_m::numeric * 1000)::bigint
    FROM day_summary s
    JOIN vehicle v ON v.id = s.vehicle_id
    LEFT JOIN LATERAL ({row}) AS r ON true
    WHERE s.day >= %(first)s AND s.day < %(stop)s
    AND (%(plates)s::int[] IS NULL OR s.vehicle_id = ANY(%(plates)s::int[]))
    ORDER BY v.plate, s.day
""".replace("{row}", row_in_force("s.vehicle_id", date_of_day("s.day")))


class Subject(NamedTuple):
    """Whose records: exactly one is given; all None: everybody's."""

    plate: str | None = None
    licence: str | None = None
    operator: str | None = None


class Stretch(NamedTuple):
    """One activity, cut at the period's borders (s UTC); licence None: the driver is not known."""

    plate: str
    licence: str | None
    start: int
    end: int


class FleetDay(NamedTuple):
    """Sums of one vehicle over one local day, under the operator that it was registered for (None: for none)."""

    operator: str | None
    plate: str
    day: int
    fixes: int
    driving_s: int
    standing_s: int
    unknown_s: int
    driven_mm: int


def findings_of(
    connection: Connection, subject: Subject, start: int, stop: int, rules: Collection[str]
) -> list[Finding]:
    """Current findings of some rules with `at` in [start, stop) s UTC, of any grade, in the order of time."""
    vehicle, driver = _numbers(connection, subject)
    if -1 in (vehicle, driver):
        return []
    rows = connection.execute(
        _FINDINGS, {"start": start, "stop": stop, "rules": list(rules), "operator": subject.operator,
                    "vehicle": vehicle, "driver": driver},
    )  # fmt: skip
    return sorted((finding_of(body) for (body,) in rows), key=lambda one: (one.at, one.vehicle, one.id))


def _numbers(connection: Connection, subject: Subject) -> tuple[int | None, int | None]:
    """Numbers of vehicle and driver; -1 for one that the store has never seen."""
    vehicle = driver = None
    if subject.plate is not None:
        vehicle = known_vehicles(connection, [subject.plate]).get(subject.plate, -1)
    if subject.licence is not None:
        driver = known_drivers(connection, [subject.licence]).get(subject.licence, -1)
    return vehicle, driver


def stretches_of_vehicles(
    connection: Connection, plates: Collection[str], kind: int, start: int, stop: int
) -> Iterator[Stretch]:
    """Activities of a kind (journey.track) that reach into [start, stop) s UTC, cut there, by plate and start."""
    numbers = list(known_vehicles(connection, plates).values())
    return _stretches(connection, _OF_VEHICLES, numbers, kind, start, stop)


def stretches_of_driver(connection: Connection, licence: str, kind: int, start: int, stop: int) -> Iterator[Stretch]:
    """The same of one driver, on whatever vehicles."""
    return _stretches(connection, _OF_DRIVERS, list(known_drivers(connection, [licence]).values()), kind, start, stop)


def _stretches(
    connection: Connection, statement: LiteralString, whose: list[int], kind: int, start: int, stop: int
) -> Iterator[Stretch]:
    parameters = {"whose": whose, "kind": kind, "start": start, "stop": stop}
    with connection.cursor(name="stretches") as cursor:
        cursor.execute(statement, parameters)
        for row in cursor:
            yield Stretch(*row)


def fleet_days(
    connection: Connection, first: int, stop: int, plates: Collection[str] | None = None
) -> Iterator[FleetDay]:
    """Day sums of local days [first, stop), of all vehicles or of those named, by plate and day; read as asked for."""
    numbers = None if plates is None else list(known_vehicles(connection, plates).values())
    with connection.cursor(name="fleet_days") as cursor:
        cursor.execute(_SUMS, {"first": first, "stop": stop, "plates": numbers})
        for row in cursor:
            yield FleetDay(*row)

"""Reviews of who seems to have avoided a scale: made anew by the day, and read page by page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString, NamedTuple

from journey.localtime import day_start
from storage.database import Connection
from storage.names import clean, known_vehicles
from storage.upkeep.retention import closed_before

PAGE_MAX = 1000
KINDS = ("unweighed", "detour", "wait", "silent")

_DAYS = """
    SELECT DISTINCT floor((extract(epoch FROM "time") + 25200) / 86400)::int FROM weighing
    WHERE "time" >= to_timestamp(%s::bigint) AND "time" < to_timestamp(%s::bigint)
    UNION SELECT day FROM station_review_day WHERE day >= %s::int AND day < %s::int ORDER BY 1
"""
_LOCK, _TRY = "SELECT pg_advisory_xact_lock(%s::int, %s::int)", "SELECT pg_try_advisory_xact_lock(%s::int, %s::int)"
_CLASS = 0x57454947  # of locks on days, in this database
_SERVED = "DELETE FROM station_review_wait WHERE day = %s::int"
_WAIT = "INSERT INTO station_review_wait (day) SELECT unnest(%s::int[])"
_WAITING = "SELECT DISTINCT day FROM station_review_wait WHERE day < %s::int ORDER BY day"
_MADE = "SELECT version FROM station_review_day WHERE day = %s::int"
_REMOVE = "DELETE FROM station_review WHERE day = %s::int"
_PUT = """
    INSERT INTO station_review (day, kind, station, vehicle_id, at, operator, excuse, body)
    SELECT %s::int, r.kind, r.station, v.id, to_timestamp(r.at), r.operator, r.excuse, r.body
    FROM jsonb_to_recordset(%s::jsonb) AS r (kind text, station text, vehicle text, at bigint, operator text,
        excuse text, body jsonb)
    JOIN vehicle v ON v.plate = r.vehicle
"""
_DONE = """
    INSERT INTO station_review_day (day, version) VALUES (%s::int, %s)
    ON CONFLICT (day) DO UPDATE SET version = EXCLUDED.version
"""
_LATEST = "SELECT floor(extract(epoch FROM max(at)))::bigint FROM station_review"
_PAGE: LiteralString = """
    SELECT r.kind, v.plate, r.operator, r.station, s.name, floor(extract(epoch FROM r.at))::bigint, r.excuse, r.body,
           r.vehicle_id
    FROM station_review r JOIN vehicle v ON v.id = r.vehicle_id LEFT JOIN station s ON s.id = r.station
    WHERE r.at >= to_timestamp(%(start)s::bigint) AND r.at < to_timestamp(%(stop)s::bigint)
    AND (%(kind)s::text IS NULL OR r.kind = %(kind)s::text)
    AND (%(station)s::text IS NULL OR r.station = %(station)s::text)
    AND (%(operator)s::text IS NULL OR r.operator = %(operator)s::text)
    AND (%(vehicle)s::int IS NULL OR r.vehicle_id = %(vehicle)s::int)
    AND (%(excused)s::bool OR r.excuse IS NULL)
    AND (r.at, r.kind, r.vehicle_id, r.station)
        > (to_timestamp(%(at)s::bigint), %(after_kind)s::text, %(after_vehicle)s::bigint, %(after_station)s::text)
    ORDER BY r.at, r.kind, r.vehicle_id, r.station LIMIT %(limit)s
"""
_NEWEST: LiteralString = _PAGE.replace("        > (", "        < (").replace(
    "ORDER BY r.at, r.kind, r.vehicle_id, r.station",
    "ORDER BY r.at DESC, r.kind DESC, r.vehicle_id DESC, r.station DESC",
)
_COUNT: LiteralString = "SELECT count(*) FROM ({page}) AS page".replace("{page}", _PAGE)
_COUNTS = """
    SELECT kind, count(*) FILTER (WHERE excuse IS NULL), count(*) FILTER (WHERE excuse IS NOT NULL)
    FROM station_review WHERE day >= %s::int AND day < %s::int GROUP BY kind
"""


class WantedReviews(NamedTuple):
    """Period: [start, stop) s UTC; what is None does not count. excused: those too that the record makes innocent.
    newest_first: by time downwards."""

    start: int
    stop: int
    kind: str | None = None
    station: str | None = None
    operator: str | None = None
    plate: str | None = None
    excused: bool = False
    newest_first: bool = False


class ReviewKey(NamedTuple):
    """Where a page ends: time, kind, vehicle's number and station of its last review."""

    at: int
    kind: str
    vehicle: int
    station: str


class ReviewRow(NamedTuple):
    """body: evidence, reasons and law. number: of the vehicle, for the key."""

    kind: str
    plate: str
    operator: str | None
    station: str
    station_name: str | None
    at: int
    excuse: str | None
    body: dict[str, Any]
    number: int

    @property
    def key(self) -> ReviewKey:
        return ReviewKey(self.at, self.kind, self.number, self.station)


def days_to_review(connection: Connection, first: int, stop: int) -> list[int]:
    """Local days in [first, stop) with weighings, or with what was made of some that are gone. Closed ones are left
    out: their tracks may be gone, and what was made of them stands."""
    first = max(first, closed_before(connection))
    if stop <= first:
        return []
    return [row[0] for row in connection.execute(_DAYS, (day_start(first), day_start(stop), first, stop))]


def wait_for_review(connection: Connection, days: Iterable[int]) -> None:
    """Records of these local days were judged: they, and those beside them, wait to be reviewed. Blocks nobody."""
    touched = {near for day in days for near in (day - 1, day, day + 1)}
    connection.execute(_WAIT, (sorted(touched),))


def waiting_days(connection: Connection, stop: int) -> list[int]:
    """Local days before `stop` that wait to be reviewed."""
    return [row[0] for row in connection.execute(_WAITING, (stop,))]


def claim_day(connection: Connection, day: int, patient: bool = True) -> str | None:
    """The version that a day was made as, '' where it was not; what waits of the day is served by this transaction.

    The day is held until the end of the transaction. None: another process holds it, and `patient` says not to wait.
    """
    locked = connection.execute(_LOCK if patient else _TRY, (_CLASS, day)).fetchone()
    if not patient and not (locked and locked[0]):
        return None
    connection.execute(_SERVED, (day,))
    row = connection.execute(_MADE, (day,)).fetchone()
    return "" if row is None else str(row[0])


def replace_reviews(connection: Connection, day: int, rows: Sequence[dict[str, Any]], version: str) -> None:
    """Put a day's reviews in the place of those before, inside the transaction that claimed it."""
    connection.execute(_REMOVE, (day,))
    connection.execute(_PUT, (day, json.dumps(rows)))
    connection.execute(_DONE, (day, version))


def review_counts(connection: Connection, first: int, stop: int) -> dict[str, tuple[int, int]]:
    """By kind, of local days [first, stop): those to look at, and those that the record makes innocent."""
    found = {kind: (left, excused) for kind, left, excused in connection.execute(_COUNTS, (first, stop))}
    return {kind: found.get(kind, (0, 0)) for kind in KINDS}


def latest_review(connection: Connection) -> int | None:
    """When the last of them happened, s UTC; None: there is none."""
    row = connection.execute(_LATEST).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def review_page(
    connection: Connection, wanted: WantedReviews, limit: int, after: ReviewKey | None = None
) -> list[ReviewRow]:
    """Up to `limit` reviews after a key, by time. Raises ValueError beyond PAGE_MAX."""
    if not 0 < limit <= PAGE_MAX:
        raise ValueError(f"a page of {limit} reviews: 1 to {PAGE_MAX} can be asked for")
    asked = _asked(connection, wanted, limit, after)
    return (
        []
        if asked is None
        else [ReviewRow(*row) for row in connection.execute(_NEWEST if wanted.newest_first else _PAGE, asked)]
    )


def count_reviews(connection: Connection, wanted: WantedReviews, most: int) -> int:
    """How many there are, counted up to `most`."""
    asked = _asked(connection, wanted, most, None)
    row = None if asked is None else connection.execute(_COUNT, asked).fetchone()
    return 0 if row is None else int(row[0])


def _asked(
    connection: Connection, wanted: WantedReviews, limit: int, after: ReviewKey | None
) -> dict[str, object] | None:
    """None: a vehicle that was never seen."""
    vehicle = None
    if wanted.plate is not None:
        vehicle = known_vehicles(connection, [wanted.plate]).get(wanted.plate)
        if vehicle is None:
            return None
    key = after or ReviewKey(wanted.stop if wanted.newest_first else wanted.start - 1, "", 0, "")
    station = None if wanted.station is None else clean(wanted.station)
    return {"start": wanted.start, "stop": wanted.stop, "kind": wanted.kind, "station": station,
            "operator": wanted.operator, "vehicle": vehicle, "excused": wanted.excused, "at": key.at,
            "after_kind": key.kind, "after_vehicle": key.vehicle, "after_station": key.station,
            "limit": limit}  # fmt: skip

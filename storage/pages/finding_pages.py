"""Current findings by what somebody looks for, page by page, each page by an index in the order of `at`."""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from storage.database import Connection
from storage.names import known_drivers, known_vehicles
from storage.pages.desk import Key
from storage.pages.finding_places import EACH_INSIDE, INSIDE, ON_ROAD, Area, area_parameters, is_crowded, roads_called

PAGE_MAX = 1000

# One text for each way in: no index serves a comparison that takes null for a value.
# The place is looked up for what is given alone; of a join PostgreSQL would make the plan of a period anew each time.
_ROW: LiteralString = """
    SELECT row, id, extract(epoch FROM at)::bigint, body::text, extract(epoch FROM added_at)::bigint,
           (SELECT ARRAY[place[0], place[1]] FROM finding_place WHERE finding_row = finding.row)
    FROM finding
"""
_PAGE: LiteralString = (
    _ROW
    + """
    WHERE withdrawn_at IS NULL {place} {road}
    AND at >= to_timestamp(%(start)s::bigint) AND at < to_timestamp(%(stop)s::bigint)
    AND (at, row) {beyond} (to_timestamp(%(after_at)s::bigint), %(after_row)s::bigint)
    {filters}
    ORDER BY {order} LIMIT %(limit)s
"""
)
_COUNT: LiteralString = "SELECT count(*) FROM ({page}) AS page"
_ONE: LiteralString = _ROW + " WHERE id = %s AND withdrawn_at IS NULL"
_LAST_WITHDRAWN: LiteralString = """
    SELECT extract(epoch FROM withdrawn_at)::bigint, reason, operator FROM finding
    WHERE id = %s AND withdrawn_at IS NOT NULL ORDER BY row DESC LIMIT 1
"""
# Those that are asked for alone: with all of them in the text PostgreSQL plans anew each time, at twice the cost.
_FILTERS: dict[str, LiteralString] = {
    "vehicle": "AND vehicle_id = %(vehicle)s::int",
    "driver": "AND driver_id = %(driver)s::int",
    "operator": "AND operator = %(operator)s::text",
    "rule": "AND rule = %(rule)s::text",
    "rules": "AND rule = ANY(%(rules)s::text[])",
    "grade": "AND grade = %(grade)s::text",
    "band": "AND band = %(band)s::text",
}


class Wanted(NamedTuple):
    """What to look for. Period: `at` in [start, stop) s UTC; what is None or empty does not count."""

    start: int
    stop: int
    rules: tuple[str, ...] = ()
    grade: str | None = None
    band: str | None = None
    operator: str | None = None
    plate: str | None = None
    licence: str | None = None
    newest_first: bool = False
    area: Area | None = None  # what has no known place lies in none
    road: str | None = None  # id of a segment, or a road's name

    @property
    def question(self) -> list[object]:
        """All of it, as JSON can hold it."""
        return [*self._replace(area=None), None if self.area is None else list(self.area)]


class FindingRow(NamedTuple):
    row: int
    id: str
    at: int  # s UTC
    body: str  # JSON as stored
    added_at: int  # s UTC
    lon: float | None = None  # where it was complete, degrees WGS 84; None: not known
    lat: float | None = None


class Withdrawn(NamedTuple):
    at: int  # when it was withdrawn, s UTC
    reason: str | None
    operator: str | None


def finding_page(connection: Connection, wanted: Wanted, limit: int, after: Key | None = None) -> list[FindingRow]:
    """Up to `limit` findings after a key. Raises ValueError beyond PAGE_MAX."""
    if not 0 < limit <= PAGE_MAX:
        raise ValueError(f"a page of {limit} findings: 1 to {PAGE_MAX} can be asked for")
    asked = page_parameters(connection, wanted, limit, after)
    if asked is None:
        return []
    rows = connection.execute(page_query(wanted, _one_by_one(connection, wanted)), asked).fetchall()
    return [_row(*row) for row in rows]


def count_findings(connection: Connection, wanted: Wanted, most: int) -> int:
    """How many findings there are, counted up to `most`."""
    asked = page_parameters(connection, wanted, most, None)
    if asked is None:
        return 0
    query = _COUNT.replace("{page}", page_query(wanted, _one_by_one(connection, wanted)))
    row = connection.execute(query, asked).fetchone()
    return 0 if row is None else int(row[0])


def _one_by_one(connection: Connection, wanted: Wanted) -> bool:
    """Whether the place of each finding is looked at: one vehicle or driver has few, an area may hold many."""
    if wanted.area is None:
        return False
    return wanted.plate is not None or wanted.licence is not None or is_crowded(connection, wanted.area)


def page_query(wanted: Wanted, one_by_one: bool = False) -> LiteralString:
    """one_by_one: not by the places of the area asked for, but by the place of each finding."""
    asked = {
        "vehicle": wanted.plate is not None,
        "driver": wanted.licence is not None,
        "operator": wanted.operator is not None,
        "rule": len(wanted.rules) == 1,
        "rules": len(wanted.rules) > 1,
        "grade": wanted.grade is not None,
        "band": wanted.band is not None,
    }
    query = _PAGE
    for name, is_asked in asked.items():
        if is_asked:
            query = query.replace("{filters}", _FILTERS[name] + " {filters}")
    query = query.replace("{filters}", "")
    query = query.replace("{place}", "" if wanted.area is None else EACH_INSIDE if one_by_one else INSIDE)
    query = query.replace("{road}", "" if wanted.road is None else ON_ROAD)
    if wanted.newest_first:
        return query.replace("{beyond}", "<").replace("{order}", "at DESC, row DESC")
    return query.replace("{beyond}", ">").replace("{order}", "at, row")


def page_parameters(connection: Connection, wanted: Wanted, limit: int, after: Key | None) -> dict[str, object] | None:
    """None: a vehicle or driver that was never seen is asked for, of which there is nothing."""
    vehicle = driver = None
    if wanted.plate is not None:
        vehicle = known_vehicles(connection, [wanted.plate]).get(wanted.plate)
    if wanted.licence is not None:
        driver = known_drivers(connection, [wanted.licence]).get(wanted.licence)
    if (wanted.plate is not None and vehicle is None) or (wanted.licence is not None and driver is None):
        return None
    roads = None if wanted.road is None else roads_called(connection, wanted.road)
    key = after or (Key(wanted.stop, 0) if wanted.newest_first else Key(wanted.start - 1, 0))
    return {
        "start": wanted.start, "stop": wanted.stop, "rules": list(wanted.rules) or None, "grade": wanted.grade,
        "band": wanted.band, "operator": wanted.operator, "vehicle": vehicle, "driver": driver,
        "rule": wanted.rules[0] if wanted.rules else None, "after_at": key.at, "after_row": key.row, "limit": limit,
        "roads": roads, **area_parameters(wanted.area),
    }  # fmt: skip


def _row(row: int, id_: str, at: int, body: str, added_at: int, place: list[float] | None) -> FindingRow:
    return FindingRow(row, id_, at, body, added_at, *(place or ()))


def current_finding(connection: Connection, id_: str) -> FindingRow | None:
    """The current finding of an id."""
    row = connection.execute(_ONE, (id_,)).fetchone()
    return None if row is None else _row(*row)


def last_withdrawn(connection: Connection, id_: str) -> Withdrawn | None:
    """When and why a finding that is not current was withdrawn last; None: there never was one of this id."""
    row = connection.execute(_LAST_WITHDRAWN, (id_,)).fetchone()
    return None if row is None else Withdrawn(*row)

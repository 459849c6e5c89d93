"""What a desk asks of the store: a driver's week, an operator's findings page by page, the quality of operators."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import LiteralString, NamedTuple

from journey.localtime import DAY_S, day_start
from journey.model import Finding
from storage.database import Connection
from storage.findings import finding_of
from storage.names import known_drivers
from storage.sums.service import ServiceSums, service_sums

PAGE_MAX = 1000
_WEEK_DAYS = 7

WEEK: LiteralString = """
    SELECT v.plate, extract(epoch FROM a.start_time)::bigint, extract(epoch FROM a.end_time)::bigint, a.kind
    FROM activity a JOIN vehicle v ON v.id = a.vehicle_id
    WHERE a.driver_id = %(driver)s::int AND a.end_time > to_timestamp(%(start)s::bigint)
    AND a.start_time < to_timestamp(%(stop)s::bigint)
    ORDER BY a.start_time, v.plate
"""
# Written twice: no index serves a comparison that takes null for a value.
_FINDINGS: LiteralString = """
    SELECT row, body::text FROM finding
    WHERE withdrawn_at IS NULL AND {operator}
    AND at >= to_timestamp(%(start)s::bigint) AND at < to_timestamp(%(stop)s::bigint)
    AND (at, row) > (to_timestamp(%(after_at)s::bigint), %(after_row)s::bigint)
    AND (%(rules)s::text[] IS NULL OR rule = ANY(%(rules)s::text[]))
    ORDER BY at, row LIMIT %(limit)s
"""
OF_OPERATOR: LiteralString = _FINDINGS.replace("{operator}", "operator = %(operator)s")
OF_NOBODY: LiteralString = _FINDINGS.replace("{operator}", "operator IS NULL")


class DriverActivity(NamedTuple):
    """What a driver did on a vehicle in [start, end) s UTC. kind: journey.track.DRIVING, STANDING or UNKNOWN."""

    plate: str
    start: int
    end: int
    kind: int


class Key(NamedTuple):
    """Where a page of findings ends: instant (s UTC) and number of its last row. Neither ever changes."""

    at: int
    row: int


class Page(NamedTuple):
    findings: list[Finding]
    next: Key | None  # what to ask the page after with; None: there is none


class OperatorService(NamedTuple):
    """Quality of service of an operator's vehicles over a period; names and units as in storage.sums.service."""

    operator: str | None  # None: vehicles that are not registered
    vehicles: int  # with anything known in the period
    sums: ServiceSums
    online_days: int
    silences: int
    delays: dict[str, int]


def driver_week(connection: Connection, licence: str, monday: int) -> list[DriverActivity]:
    """Activities of a driver on any vehicle that reach into the local week from a Monday (day number), by start.

    Whole, not cut at the borders. Raises ValueError where the day is no Monday.
    """
    if (monday + 3) % _WEEK_DAYS:
        raise ValueError(f"day {monday} is no Monday")
    driver = known_drivers(connection, [licence]).get(licence)
    if driver is None:
        return []
    return [DriverActivity(*row) for row in connection.execute(WEEK, week_parameters(driver, monday))]


def week_parameters(driver: int, monday: int) -> dict[str, object]:
    return {"driver": driver, "start": day_start(monday), "stop": day_start(monday) + _WEEK_DAYS * DAY_S}


def operator_findings(
    connection: Connection,
    operator: str | None,
    at_from: int,
    at_to: int,
    limit: int,
    after: Key | None = None,
    rules: Collection[str] | None = None,
) -> Page:
    """Current findings of an operator (None: those with no operator) with `at` in [at_from, at_to) s UTC, by instant.

    Pages follow one another by `after`: what is added or withdrawn between two pages moves no other finding from one
    page to another. rules: only findings of these. Raises ValueError for a limit beyond PAGE_MAX.
    """
    if not 0 < limit <= PAGE_MAX:
        raise ValueError(f"a page of {limit} findings: 1 to {PAGE_MAX} can be asked for")
    query = OF_NOBODY if operator is None else OF_OPERATOR
    rows = connection.execute(query, page_parameters(operator, at_from, at_to, limit + 1, after, rules)).fetchall()
    findings = [finding_of(body) for _, body in rows[:limit]]
    return Page(findings, Key(findings[-1].at, rows[limit - 1][0]) if len(rows) > limit else None)


def page_parameters(
    operator: str | None, at_from: int, at_to: int, limit: int, after: Key | None, rules: Collection[str] | None
) -> dict[str, object]:
    key = Key(at_from - 1, 0) if after is None else after
    return {"operator": operator, "start": at_from, "stop": at_to, "after_at": key.at, "after_row": key.row,
            "rules": None if rules is None else sorted(rules), "limit": limit}  # fmt: skip


def operator_service(connection: Connection, day_from: int, day_to: int) -> list[OperatorService]:
    """Sums over local days [day_from, day_to) by operator, none last.

    A vehicle that changed operators in the period counts for each.
    """
    every: dict[str | None, list[OperatorService]] = defaultdict(list)
    for one in service_sums(connection, day_from, day_to):
        every[one.operator].append(
            OperatorService(one.operator, 1, one.sums, one.online_days, one.silences, one.delays)
        )
    return [_added(some) for some in every.values()]


def _added(some: list[OperatorService]) -> OperatorService:
    delays: dict[str, int] = defaultdict(int)
    for one in some:
        for edge, fixes in one.delays.items():
            delays[edge] += fixes
    sums = ServiceSums(*(sum(column) for column in zip(*(one.sums for one in some), strict=True)))
    return OperatorService(some[0].operator, len(some), sums, sum(one.online_days for one in some),
                           sum(one.silences for one in some), dict(delays))  # fmt: skip

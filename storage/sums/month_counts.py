"""What a month adds up to for each vehicle, counted by the database: sums of its days, breaches, overloads.

A finding's text is not read for it: its excess stands in the index that leads to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, LiteralString, NamedTuple

from storage.cases.reading import UNWEIGHED_CASE_MAY_BE_LISTED
from storage.database import Connection
from storage.together import Question, whole_numbers

# Of what is not certain nothing is counted. Of cases as many are looked at as there are, not of findings.
_COUNTS: LiteralString = """
    WITH driven AS (
        SELECT vehicle_id, fixes, driven_mm, known_s
        FROM summary_month WHERE month = %(month)s::int AND days > 0 {month_of}),
    found AS (
        SELECT vehicle_id, count(*) FILTER (WHERE rule = %(breach)s AND excess >= %(least)s::float8) AS breaches,
               array_agg(row) FILTER (WHERE rule = ANY(%(overloads)s::text[])) AS overloads
        FROM finding
        WHERE withdrawn_at IS NULL AND grade = 'certain'
        AND at >= to_timestamp(%(start)s::bigint) AND at < to_timestamp(%(end)s::bigint) {finding_of}
        GROUP BY vehicle_id),
    held AS (
        SELECT f.vehicle_id, count(*) AS breaches
        FROM {cases} c JOIN finding f ON f.id = c.finding AND f.withdrawn_at IS NULL
        WHERE c.rule = %(breach)s
        AND c.at >= to_timestamp(%(start)s::bigint) AND c.at < to_timestamp(%(end)s::bigint)
        AND f.grade = 'certain' AND f.excess >= %(least)s::float8
        AND %(now)s::bigint IS NOT NULL AND ({listed}) IS NOT TRUE
        GROUP BY f.vehicle_id)
    SELECT {plate}, coalesce(driven.fixes, 0) AS fixes, coalesce(driven.driven_mm, 0) AS driven_mm,
           coalesce(driven.known_s, 0) AS known_s,
           coalesce(found.breaches, 0) - coalesce(held.breaches, 0) AS breaches,
           coalesce(found.overloads, '{}') AS overloads
    FROM driven FULL JOIN found USING (vehicle_id) LEFT JOIN held USING (vehicle_id) {named}
""".replace("{listed}", UNWEIGHED_CASE_MAY_BE_LISTED)
# Written twice: no index serves a comparison that takes null for a value, and of few not all names are looked at.
_OF_ALL: LiteralString = (
    _COUNTS.replace("{plate}", "v.plate")
    .replace("{named}", "JOIN vehicle v ON v.id = vehicle_id")
    .replace("{month_of}", "")
    .replace("{finding_of}", "")
    .replace("{cases}", "finding_case")
)
# Cases of few vehicles are looked up by these: a prepared plan takes a month's of all vehicles to be fewer.
_THEIR_CASES: LiteralString = """(
            SELECT finding, rule, at, content, state, outcome, due FROM finding_case
            WHERE vehicle_id = ANY(%(vehicles)s::int[]) OFFSET 0)"""
_OF_SOME: LiteralString = (
    _COUNTS.replace("{plate}", "vehicle_id")
    .replace("{named}", "")
    .replace("{month_of}", "AND vehicle_id = ANY(%(vehicles)s::int[])")
    .replace("{finding_of}", "AND vehicle_id = ANY(%(vehicles)s::int[])")
    .replace("{cases}", _THEIR_CASES)
)


class Wanted(NamedTuple):
    """What is counted: a month by its number (journey.localtime.month_number), which is instants [start, end) s UTC.

    breach: the rule, of none that weighs, whose findings count from `least` on, in its unit. overloads: rules whose
    findings are named.
    now: s UTC; what cases keep back then is no breach; None: cases are not looked at.
    """

    month: int
    start: int
    end: int
    breach: str
    least: float
    overloads: tuple[str, ...]
    now: int | None


class MonthCount(NamedTuple):
    """One vehicle's. overloads: rows of certain findings, those that cases keep back among them."""

    plate: str
    fixes: int
    driven_mm: int
    known_s: int
    breaches: int
    overloads: list[int]


def month_counts(connection: Connection, wanted: Wanted, plates: Mapping[int, str] | None) -> list[MonthCount]:
    """Of vehicles by their numbers, or of all, those with anything in the period; in any order."""
    if plates is None:
        return [MonthCount(*row) for row in connection.execute(_OF_ALL, _asked(wanted))]
    return of_vehicles(connection.execute(*month_query(wanted, plates)), plates)


def month_query(wanted: Wanted, vehicles: Iterable[int]) -> Question:
    """What gives, of the vehicles of these numbers, rows for `of_vehicles`."""
    return _OF_SOME, {**_asked(wanted), "vehicles": whole_numbers(vehicles)}


def of_vehicles(rows: Iterable[tuple[Any, ...]], plates: Mapping[int, str]) -> list[MonthCount]:
    """Of rows that month_query gives; plates by the numbers of the vehicles that were asked for."""
    return [MonthCount(plates[vehicle], *some) for vehicle, *some in rows]


def _asked(wanted: Wanted) -> dict[str, object]:
    return {**wanted._asdict(), "overloads": list(wanted.overloads)}

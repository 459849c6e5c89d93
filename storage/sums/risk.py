"""What risk ratings rest on besides findings: weeks on record and weighings, by operator."""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from journey.localtime import day_start
from storage.database import Connection
from storage.in_force import date_of_day, row_in_force

# Week 0 began on Monday, 1969-12-29; a day's metres are rounded to the mm once, as for the month's roll-ups.
_WEEKS: LiteralString = """
    SELECT r.operator, (s.day + 3) / 7, count(DISTINCT s.vehicle_id) FILTER (WHERE s.driving_s > 0),
           sum(round((s.driving_m * 1000)::numeric))::bigint, sum(s.driving_s + s.standing_s)::bigint,
           sum(s.unknown_s)::bigint
    FROM day_summary s
    JOIN LATERAL ({row}) AS r ON true
    WHERE s.day >= %s AND s.day < %s
    GROUP BY 1, 2
""".replace("{row}", row_in_force("s.vehicle_id", date_of_day("s.day")))
_WEIGHINGS: LiteralString = """
    SELECT r.operator, (d.day + 3) / 7, count(*)
    FROM weighing w
    CROSS JOIN LATERAL (
        SELECT ((extract(epoch FROM w."time")::bigint + 25200) / 86400)::int AS day) AS d
    JOIN LATERAL ({row}) AS r ON true
    WHERE w."time" >= to_timestamp(%s::bigint) AND w."time" < to_timestamp(%s::bigint)
    GROUP BY 1, 2
""".replace("{row}", row_in_force("w.vehicle_id", date_of_day("d.day")))


class OperatorSpan(NamedTuple):
    """What is known of one operator in a local week, or the part of it inside the days asked for."""

    operator: str
    first: int  # local day number of the Monday
    vehicles: int  # with known driving
    driven_mm: int
    known_s: int  # driving or standing
    unknown_s: int
    weighings: int = 0


def operator_weeks(connection: Connection, day_from: int, day_to: int) -> list[OperatorSpan]:
    """Sums over local days [day_from, day_to), by operator and week. Vehicles that are not registered are left out."""
    spans = {
        (name, week): OperatorSpan(name, week * 7 - 3, *sums)
        for name, week, *sums in connection.execute(_WEEKS, (day_from, day_to))
    }
    for name, week, count in connection.execute(_WEIGHINGS, (day_start(day_from), day_start(day_to))):
        before = spans.get((name, week), OperatorSpan(name, week * 7 - 3, 0, 0, 0, 0))
        spans[name, week] = before._replace(weighings=count)
    return sorted(spans.values())

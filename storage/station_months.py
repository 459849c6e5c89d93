"""Months of weigh stations, counted."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection

_MONTH = """
    WITH own AS (
        SELECT w.station, w."time", w.vehicle_id, v.plate, w.lane, w.ticket
        FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id
        WHERE w."time" >= to_timestamp(%(start)s::bigint) AND w."time" < to_timestamp(%(end)s::bigint)
        GROUP BY w.station, w."time", w.vehicle_id, v.plate, w.lane, w.ticket),
    weighed AS (
        SELECT station, count(*) AS weighed, count(*) FILTER (WHERE plate = '?') AS unread,
               count(DISTINCT date_trunc('hour', "time")) AS hours
        FROM own GROUP BY station),
    breach AS (
        SELECT body->'detail'->>'station' AS station,
               count(DISTINCT (vehicle_id, at, body->'detail'->>'record')) AS count
        FROM finding WHERE withdrawn_at IS NULL AND grade = 'certain' AND rule LIKE 'overload%%'
        AND at >= to_timestamp(%(start)s::bigint) AND at < to_timestamp(%(end)s::bigint) GROUP BY 1)
    SELECT coalesce(s.id, w.station), coalesce(s.name, ''), coalesce(w.weighed, 0), coalesce(b.count, 0),
           coalesce(w.unread, 0), (%(end)s::bigint - %(start)s::bigint) / 3600 - coalesce(w.hours, 0)
    FROM station s FULL JOIN weighed w ON w.station = s.id LEFT JOIN breach b ON b.station = coalesce(s.id, w.station)
    ORDER BY 1
"""


class StationMonth(NamedTuple):
    """hours_without: of all hours of the month; a station off at night has those too."""

    station: str
    name: str
    weighed: int
    in_breach: int
    unread: int
    hours_without: int

    @property
    def share(self) -> float | None:
        """In breach, percent of those weighed; None where nothing was."""
        return 100 * self.in_breach / self.weighed if self.weighed else None


def station_months(connection: Connection, start: int, end: int) -> list[StationMonth]:
    """One line a station on file, or that sent something in [start, end) s UTC."""
    rows = connection.execute(_MONTH, {"start": start, "end": end}).fetchall()
    return [StationMonth(*row) for row in rows]

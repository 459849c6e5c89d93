"""Months of weigh stations, counted from the view that boards and the API read."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection

_MONTH = """
    WITH weighed AS (
        SELECT station, count(*) AS weighed, count(*) FILTER (WHERE unread) AS unread,
               count(*) FILTER (WHERE over) AS over, count(DISTINCT date_trunc('hour', "time")) AS hours,
               max(gross_kg) AS heaviest, max(excess) AS worst
        FROM weighing_judged
        WHERE "time" >= to_timestamp(%(start)s::bigint) AND "time" < to_timestamp(%(end)s::bigint) GROUP BY station)
    SELECT coalesce(s.id, w.station), coalesce(s.name, ''), coalesce(w.weighed, 0), coalesce(w.over, 0),
           coalesce(w.unread, 0), (%(end)s::bigint - %(start)s::bigint) / 3600 - coalesce(w.hours, 0), w.heaviest,
           w.worst
    FROM station s FULL JOIN weighed w ON w.station = s.id ORDER BY 1
"""


class StationMonth(NamedTuple):
    """hours_without: of all hours of the month; a station off at night has those too. heaviest_kg: as measured."""

    station: str
    name: str
    weighed: int
    in_breach: int
    unread: int
    hours_without: int
    heaviest_kg: int | None
    worst_percent: float | None

    @property
    def share(self) -> float | None:
        """In breach, percent of those weighed; None where nothing was."""
        return 100 * self.in_breach / self.weighed if self.weighed else None


def station_months(connection: Connection, start: int, end: int) -> list[StationMonth]:
    """One line a station on file, or that sent something in [start, end) s UTC."""
    rows = connection.execute(_MONTH, {"start": start, "end": end}).fetchall()
    return [StationMonth(*row) for row in rows]

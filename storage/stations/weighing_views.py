"""Weighings added up: by station, hour of the day, day, operator or kind of cargo. Reads the view that boards read."""

from __future__ import annotations

from enum import StrEnum
from typing import LiteralString, NamedTuple

from storage.database import Connection

_LOCAL: LiteralString = "((w.\"time\" AT TIME ZONE 'UTC') + interval '7 hours')"
_LATEST = """SELECT floor(extract(epoch FROM max("time")))::bigint FROM weighing"""


class By(StrEnum):
    STATION = "station"
    HOUR = "hour"
    DAY = "day"
    OPERATOR = "operator"
    CARGO = "cargo"


# Text, which sorts as it is read; an operator that is not known is the empty text.
_KEYS: dict[By, LiteralString] = {
    By.STATION: "w.station",
    By.HOUR: f"to_char({_LOCAL}, 'HH24')",
    By.DAY: f"to_char({_LOCAL}, 'YYYY-MM-DD')",
    By.OPERATOR: "coalesce(w.operator, '')",
    By.CARGO: "w.cargo",
}
_VIEW: LiteralString = """
    SELECT {key} COLLATE "C", count(*), count(*) FILTER (WHERE w.over), max(w.gross_kg), max(w.excess),
           count(*) FILTER (WHERE w.unread)
    FROM weighing_judged w
    WHERE w."time" >= to_timestamp(%(start)s::bigint) AND w."time" < to_timestamp(%(stop)s::bigint)
    AND (%(station)s::text IS NULL OR w.station = %(station)s::text)
    AND (%(operator)s::text IS NULL OR w.operator = %(operator)s::text)
    GROUP BY 1 HAVING {key} COLLATE "C" > %(after)s OR %(after)s::text IS NULL ORDER BY 1 LIMIT %(limit)s
"""
QUERIES: dict[By, LiteralString] = {by: _VIEW.replace("{key}", key) for by, key in _KEYS.items()}


class Added(NamedTuple):
    """One line. heaviest_kg: as measured. worst_percent: the largest excess over a limit; None: none is over."""

    key: str
    weighings: int
    over: int
    heaviest_kg: int
    worst_percent: float | None
    unread: int

    @property
    def share(self) -> float:
        """Over, of those weighed, 0 to 1; a line has at least one weighing."""
        return self.over / self.weighings


class WantedView(NamedTuple):
    """[start, stop) s UTC; None does not count. operator: for whom the vehicle was registered on the day."""

    by: By
    start: int
    stop: int
    station: str | None = None
    operator: str | None = None


def latest_weighing(connection: Connection) -> int | None:
    """When the last of them was made, s UTC; None: there is none."""
    row = connection.execute(_LATEST).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def weighings_by(connection: Connection, wanted: WantedView, limit: int, after: str | None = None) -> list[Added]:
    """Up to `limit` lines after a key, by key."""
    asked = {**wanted._asdict(), "limit": limit, "after": after}
    return [Added(*row) for row in connection.execute(QUERIES[wanted.by], asked)]

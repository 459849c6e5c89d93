"""Instruments of weigh stations: what they weighed, for watching them, and what the watching made of it.

Everything here but stops is made anew from weighings, a station at a time. No finding changes by it; lists and
packages look at it beside the finding.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

from psycopg.rows import tuple_row

from journey.model import Finding
from storage.database import Connection

_PORTION = 50_000
# Records that differ only in what they were weighed with are one.
_WEIGHED = """
    SELECT DISTINCT ON (w."time", w.vehicle_id, w.lane, w.ticket, w.axle_kg, w.spacing_mm, w.gross_kg)
           floor(extract(epoch FROM w."time"))::bigint, w.lane, w.instrument, w.certificate, v.plate = %(unread)s,
           w.axle_kg, w.spacing_mm, w.gross_kg
    FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id WHERE w.station = %(station)s
    ORDER BY w."time", w.vehicle_id, w.lane, w.ticket, w.axle_kg, w.spacing_mm, w.gross_kg, w.instrument, w.hash
"""
_STATIONS = "SELECT DISTINCT station FROM weighing UNION SELECT id FROM station ORDER BY 1"
_TABLES: dict[LiteralString, LiteralString] = {
    "instrument_day": "day int, lane bigint, instrument text, weighings int, unread int, watching int, "
                      "mean_kg double precision, spread_kg double precision",
    "instrument_span": "lane bigint, instrument text, certificate text, since timestamptz, until timestamptz, "
                       "watching int, state text, mean_kg double precision, spread_kg double precision, level int",
    "instrument_drift": "lane bigint, instrument text, certificate text, direction text, since timestamptz, "
                        "warned_at timestamptz, alarmed_at timestamptz, until timestamptz, watching int, after int, "
                        "shift_permille int",
    "station_gap": "usual_s int, silence_s int, made_at timestamptz",
}  # fmt: skip
_AT = """
    SELECT DISTINCT d.station, d.lane, d.instrument, d.certificate, d.direction, d.shift_permille,
           floor(extract(epoch FROM d.since))::bigint, floor(extract(epoch FROM d.alarmed_at))::bigint,
           floor(extract(epoch FROM d.until))::bigint
    FROM weighing w JOIN vehicle v ON v.id = w.vehicle_id
    JOIN instrument_drift d ON d.station = w.station AND d.lane IS NOT DISTINCT FROM w.lane
        AND d.instrument IS NOT DISTINCT FROM w.instrument AND d.alarmed_at IS NOT NULL
        AND d.since <= w."time" AND (d.until IS NULL OR w."time" < d.until)
    WHERE v.plate = %s AND w."time" >= to_timestamp(%s::bigint) AND w."time" < to_timestamp(%s::bigint)
    ORDER BY 7, 1, 2, 3, 5
"""
# Of a finding f: whether a mass was weighed with an instrument in alarm that shows more than under its certificate at
# first. Against the driver only: one that shows less holds all the more.
IN_DOUBT: LiteralString = """
    (starts_with(f.rule, 'overload_') AND EXISTS (
        SELECT FROM weighing w JOIN instrument_drift d ON d.station = w.station AND d.lane IS NOT DISTINCT FROM w.lane
            AND d.instrument IS NOT DISTINCT FROM w.instrument AND d.alarmed_at IS NOT NULL AND d.direction = 'high'
            AND d.since <= w."time" AND (d.until IS NULL OR w."time" < d.until)
        WHERE w.vehicle_id = f.vehicle_id AND w."time" = f.at AND w.station = f.body->'detail'->>'station'))
"""
_DOUBTED: LiteralString = """
    SELECT f.id FROM finding f WHERE f.id = ANY(%s::text[]) AND f.withdrawn_at IS NULL AND {doubt}
""".replace("{doubt}", IN_DOUBT)
_LATEST = """
    SELECT DISTINCT ON (s.station, s.lane, s.instrument) s.station, s.lane, s.instrument, s.certificate, s.state,
           s.watching, s.mean_kg, s.spread_kg, s.level, floor(extract(epoch FROM s.since))::bigint, d.shift_permille,
           d.direction, floor(extract(epoch FROM d.since))::bigint
    FROM instrument_span s LEFT JOIN LATERAL (
        SELECT * FROM instrument_drift d WHERE d.station = s.station AND d.lane IS NOT DISTINCT FROM s.lane
        AND d.instrument IS NOT DISTINCT FROM s.instrument AND d.until IS NULL
        ORDER BY d.alarmed_at IS NULL, d.since LIMIT 1) AS d ON s.state IN ('warning', 'alarm')
    ORDER BY s.station, s.lane, s.instrument, s.since DESC
"""


class Drift(NamedTuple):
    """One drift that reached its alarm. Times s UTC; until None: it goes on. shift_permille: of the steering axles."""

    station: str
    lane: int | None
    instrument: str | None
    certificate: str | None
    direction: str
    shift_permille: int
    since: int
    alarmed_at: int
    until: int | None


class Instrument(NamedTuple):
    """How an instrument stands under its last certificate. level: thousandths of a spread. drift_*: what goes on."""

    station: str
    lane: int | None
    instrument: str | None
    certificate: str | None
    state: str
    watching: int
    mean_kg: float | None
    spread_kg: float | None
    level: int
    since: int
    shift_permille: int | None
    direction: str | None
    drift_since: int | None


def stations_seen(connection: Connection) -> list[str]:
    """Stations on file, and those that sent a weighing."""
    return [row[0] for row in connection.execute(_STATIONS)]


def weighed_at(connection: Connection, station: str, unread: str) -> Iterator[list[tuple[Any, ...]]]:
    """Weighings of a station by time, in portions: time, lane, instrument, certificate, whether the plate was not
    read, axle masses, spacings, gross. Inside the open transaction."""
    with connection.cursor("weighed_at", row_factory=tuple_row) as cursor:
        cursor.execute(_WEIGHED, {"station": station, "unread": unread})
        while rows := cursor.fetchmany(_PORTION):
            yield rows


def replace_watched(connection: Connection, station: str, made: Mapping[str, Sequence[dict[str, Any]]]) -> None:
    """Put what was made of a station in the place of what stood there. Args: made: rows by table; times as ISO text."""
    for table, columns in _TABLES.items():
        connection.execute(f"DELETE FROM {table} WHERE station = %s", (station,))  # noqa: S608 - of the names above
        names = ", ".join(part.split()[0] for part in columns.split(", "))
        statement = (
            f"INSERT INTO {table} (station, {names}) SELECT %s, {names} "  # noqa: S608
            f"FROM jsonb_to_recordset(%s::jsonb) AS r ({columns})"
        )
        connection.execute(statement.encode(), (station, json.dumps(made[table])))


def drifts_at(connection: Connection, plate: str, start: int, stop: int) -> list[Drift]:
    """Drifts of the instruments that a vehicle was weighed with in [start, stop) s UTC, at that time."""
    return [Drift(*row) for row in connection.execute(_AT, (plate, start, stop))]


def drifts_of_finding(connection: Connection, found: Finding) -> list[Drift]:
    """Drifts of the instrument that a finding of overload was weighed with, at that time; none of any other rule."""
    if not found.rule.startswith("overload_"):
        return []
    drifts = drifts_at(connection, found.vehicle, found.at, found.at + 1)
    return [one for one in drifts if one.station == found.detail.get("station")]


def doubted(connection: Connection, ids: Collection[str]) -> set[str]:
    """Which of these findings (by id) rest on an instrument in alarm that shows too much: for review only."""
    return {finding for (finding,) in connection.execute(_DOUBTED, (sorted(ids),))}


def instruments(connection: Connection) -> list[Instrument]:
    """Every instrument that was watched, by station and lane, as it stands."""
    return [Instrument(*row) for row in connection.execute(_LATEST)]

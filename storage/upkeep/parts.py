"""The parts that the large tables are cut into by time: chunks of TimescaleDB, or partitions of PostgreSQL.

TimescaleDB makes a chunk when a row comes that belongs there. Partitions are made here, ahead of time; what comes for a
time without one lies in the table's rest, as good as anywhere else, until a partition is made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg
from psycopg import sql

from journey.localtime import DAY_S, date_of, day_of, day_start, week_of, week_start
from storage.database import Connection, scalar, transaction
from storage.errors import StoreBusy
from storage.upkeep.status import on_hypertables

# Local weeks in one partition. A week of a thousand vehicles is 8 GB; activities and weighings are a hundredth of it.
_TABLES = {"fix": ("time", 1), "fix_copy": ("time", 1), "activity": ("end_time", 8), "weighing": ("time", 8)}
_WORTH_ROWS = 100_000  # below it the rest is as good a place
_LOCK_TIMEOUT = "10s"  # whoever waits for a table holds up all that come after

_PARTITIONS = """
    SELECT c.relname, extract(epoch FROM b.bounds[1]::timestamptz)::bigint,
           extract(epoch FROM b.bounds[2]::timestamptz)::bigint, false
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL (
        SELECT regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''(.*)''\\) TO \\(''(.*)''\\)')) AS b (bounds)
    WHERE i.inhparent = to_regclass(%s) AND b.bounds IS NOT NULL
    ORDER BY 2
"""
_CHUNKS = """
    SELECT format('%%I.%%I', chunk_schema, chunk_name), extract(epoch FROM range_start)::bigint,
           extract(epoch FROM range_end)::bigint, is_compressed
    FROM timescaledb_information.chunks WHERE hypertable_schema = 'public' AND hypertable_name = %s
    ORDER BY 2
"""
# Local weeks, as journey.localtime counts them, of what lies in the rest.
_GATHERED = """
    SELECT floor((extract(epoch FROM {time}) - %s) / %s)::bigint, count(*) FROM {rest} GROUP BY 1
"""
_MOVE = """
    WITH moved AS (DELETE FROM {rest} WHERE {time} >= {start} AND {time} < {end} RETURNING *)
    INSERT INTO {part} SELECT * FROM moved
"""


class Part(NamedTuple):
    """A part of a table: what has its time in [start, end) s UTC."""

    name: str  # as SQL writes it
    start: int
    end: int
    compressed: bool


def parts(connection: Connection, table: str) -> list[Part]:
    """The parts of a large table in order of time, the rest left out."""
    query = _CHUNKS if on_hypertables(connection) else _PARTITIONS
    return [Part(*row) for row in connection.execute(query, (table,))]


def make_parts(
    connection: Connection, first: int, last: int, on_part: Callable[[str], object] = lambda name: None
) -> int:
    """Make the partitions for local days [first, last) and for what has gathered in the rest; how many were made.

    Each in a transaction of its own, which holds up writers only while rows are moved. Only the tables' owner can.
    Nothing is to be done where there is TimescaleDB. Raises StoreBusy where a table is in use without a pause.
    """
    with transaction(connection):
        if on_hypertables(connection):
            return 0
    made = 0
    for table, (time, weeks) in _TABLES.items():
        for number in _wanted(connection, table, first, last):
            start, end = week_start(number * weeks), week_start((number + 1) * weeks)
            name = f"{table}_{date_of(day_of(start)):%Y%m%d}"
            _make(connection, table, time, Part(name, start, end, False))
            on_part(name)
            made += 1
    return made


def _wanted(connection: Connection, table: str, first: int, last: int) -> Iterator[int]:
    """Numbers of the partitions that are missing and worth to be made."""
    time, weeks = _TABLES[table]
    length = weeks * 7 * DAY_S
    with transaction(connection):
        present = {week_of(part.start) // weeks for part in parts(connection, table)}
        query = sql.SQL(_GATHERED).format(time=sql.Identifier(time), rest=sql.Identifier(f"{table}_rest"))
        gathered = connection.execute(query, (week_start(0), length)).fetchall()
    wanted = {int(number) for number, rows in gathered if rows >= _WORTH_ROWS}
    if first < last:
        wanted |= set(range(week_of(day_start(first)) // weeks, week_of(day_start(last) - 1) // weeks + 1))
    yield from sorted(wanted - present)


def _make(connection: Connection, table: str, time: str, part: Part) -> None:
    start, end = (sql.Literal(datetime.fromtimestamp(at, UTC).isoformat()) for at in (part.start, part.end))
    names = {"table": sql.Identifier(table), "rest": sql.Identifier(f"{table}_rest"), "time": sql.Identifier(time),
             "part": sql.Identifier(part.name), "start": start, "end": end}  # fmt: skip
    try:
        with transaction(connection):
            scalar(connection, "SELECT set_config('lock_timeout', %s, true)", (_LOCK_TIMEOUT,))
            connection.execute("SET LOCAL statement_timeout = 0")
            for statement in (
                "LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE",
                "CREATE TABLE {part} (LIKE {table} INCLUDING ALL)",
                _MOVE,
                "ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES FROM ({start}) TO ({end})",
            ):
                connection.execute(sql.SQL(statement).format(**names))
    except psycopg.errors.LockNotAvailable:
        raise StoreBusy(f"{table} is in use without a pause: run the same again when less is going on") from None

"""How the store stands: what server, what schema, how large, how far its data reaches, who is connected."""

from __future__ import annotations

from typing import NamedTuple

from journey.localtime import day_start
from storage.database import Connection, scalar

# Of a table that is cut into parts the sum of them; extensions' own tables are not ours.
_SIZES = """
    SELECT c.relname, sum(pg_total_relation_size(p.relid))::bigint,
           coalesce(sum(greatest(t.reltuples, 0)) FILTER (WHERE t.relkind = 'r'), 0)::bigint,
           bool_or(t.reltuples < 0 AND t.relkind = 'r'), count(*) - 1, 0::bigint
    FROM pg_class c CROSS JOIN LATERAL (
        SELECT relid FROM pg_partition_tree(c.oid) UNION SELECT c.oid) AS p
    JOIN pg_class t ON t.oid = p.relid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
    GROUP BY c.relname ORDER BY 2 DESC, 1
"""
_HYPERTABLES = """
    SELECT hypertable_name, hypertable_size(t.name), approximate_row_count(t.name), c.chunks, c.compressed
    FROM timescaledb_information.hypertables h
    CROSS JOIN LATERAL (SELECT format('%I.%I', hypertable_schema, hypertable_name)::regclass AS name) AS t
    CROSS JOIN LATERAL (SELECT count(*) AS chunks, count(*) FILTER (WHERE is_compressed) AS compressed
                        FROM timescaledb_information.chunks k
                        WHERE k.hypertable_schema = h.hypertable_schema
                        AND k.hypertable_name = h.hypertable_name) AS c
    WHERE hypertable_schema = 'public'
"""
_DAYS = "SELECT min(day), max(day) FROM vehicle_day WHERE fixes"
# A probe of the key a vehicle, in the parts of the table that hold the day: there is no index by time alone.
_FIRST = """
    SELECT extract(epoch FROM min(f."time"))::bigint
    FROM vehicle_day d CROSS JOIN LATERAL (
        SELECT "time" FROM fix WHERE vehicle_id = d.vehicle_id AND "time" >= to_timestamp(%(start)s::bigint)
        AND "time" < to_timestamp(%(stop)s::bigint) ORDER BY "time" LIMIT 1) AS f
    WHERE d.day = %(day)s AND d.fixes
"""
_LAST = _FIRST.replace("min(", "max(").replace('BY "time"', 'BY "time" DESC')
_CONNECTED = """
    SELECT application_name, count(*), count(*) FILTER (WHERE state = 'active')
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    GROUP BY application_name ORDER BY application_name
"""


class TableSize(NamedTuple):
    name: str
    total_bytes: int  # indexes included
    rows: int | None  # as the server estimates; None: it has not looked yet
    parts: int  # partitions or chunks; 0: in one piece
    compressed: int  # of these, those that are compressed


class Clients(NamedTuple):
    """Connections of one application, the one that asks left out. active: those in a statement, as far as seen."""

    application: str
    connections: int
    active: int


class Reach(NamedTuple):
    """Times of fixes, s UTC; None: there is none."""

    oldest: int | None
    newest: int | None


def server_version(connection: Connection) -> str:
    return str(scalar(connection, "SELECT current_setting('server_version')"))


def timescale_version(connection: Connection) -> str | None:
    """Version of TimescaleDB in this database; None: it is not used."""
    row = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
    return None if row is None else str(row[0])


def on_hypertables(connection: Connection) -> bool:
    """Whether the large tables of this store are hypertables of TimescaleDB; else they are partitioned."""
    return bool(scalar(connection, "SELECT relkind <> 'p' FROM pg_class WHERE oid = to_regclass('fix')"))


def database_bytes(connection: Connection) -> int:
    return int(scalar(connection, "SELECT pg_database_size(current_database())"))


def table_sizes(connection: Connection) -> list[TableSize]:
    """Every table, the largest first."""
    tables = {
        name: TableSize(name, size, None if unknown else rows, *parts)
        for name, size, rows, unknown, *parts in connection.execute(_SIZES)
    }
    if "fix" in tables and on_hypertables(connection):
        tables |= {name: TableSize(name, *rest) for name, *rest in connection.execute(_HYPERTABLES)}
    return sorted(tables.values(), key=lambda one: (-one.total_bytes, one.name))


def reach(connection: Connection) -> Reach:
    """The oldest and the newest fix of the days that are open to check."""
    first, last = connection.execute(_DAYS).fetchone() or (None, None)
    if first is None or last is None:
        return Reach(None, None)
    return Reach(scalar(connection, _FIRST, _span(first)), scalar(connection, _LAST, _span(last)))


def _span(day: int) -> dict[str, int]:
    return {"day": day, "start": day_start(day), "stop": day_start(day + 1)}


def clients(connection: Connection) -> list[Clients]:
    return [Clients(*row) for row in connection.execute(_CONNECTED)]

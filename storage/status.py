"""How the store stands: what server, what schema, how large, how far its data reaches, who is connected."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection, scalar

# Of a table that is cut into parts the sum of them; extensions' own tables are not ours.
_SIZES = """
    SELECT c.relname, sum(pg_total_relation_size(p.relid))::bigint,
           coalesce(sum(greatest(t.reltuples, 0)) FILTER (WHERE t.relkind = 'r'), 0)::bigint,
           bool_or(t.reltuples < 0 AND t.relkind = 'r')
    FROM pg_class c CROSS JOIN LATERAL (
        SELECT relid FROM pg_partition_tree(c.oid) UNION SELECT c.oid) AS p
    JOIN pg_class t ON t.oid = p.relid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
    GROUP BY c.relname ORDER BY 2 DESC, 1
"""
# Two probes of the key a vehicle: there is no index by time alone.
_REACH = """
    SELECT extract(epoch FROM min(f.oldest))::bigint, extract(epoch FROM max(f.newest))::bigint
    FROM vehicle v CROSS JOIN LATERAL (
        SELECT (SELECT "time" FROM fix WHERE vehicle_id = v.id ORDER BY "time" LIMIT 1) AS oldest,
               (SELECT "time" FROM fix WHERE vehicle_id = v.id ORDER BY "time" DESC LIMIT 1) AS newest) AS f
"""
_CONNECTED = """
    SELECT application_name, count(*), count(*) FILTER (WHERE state = 'active')
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    GROUP BY application_name ORDER BY application_name
"""


class TableSize(NamedTuple):
    name: str
    total_bytes: int  # indexes included
    rows: int | None  # as the server estimates; None: it has not looked yet


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


def database_bytes(connection: Connection) -> int:
    return int(scalar(connection, "SELECT pg_database_size(current_database())"))


def table_sizes(connection: Connection) -> list[TableSize]:
    """Every table, the largest first."""
    return [
        TableSize(name, size, None if unknown else rows) for name, size, rows, unknown in connection.execute(_SIZES)
    ]


def reach(connection: Connection) -> Reach:
    """The oldest and the newest fix."""
    row = connection.execute(_REACH).fetchone()
    return Reach(None, None) if row is None else Reach(*row)


def clients(connection: Connection) -> list[Clients]:
    return [Clients(*row) for row in connection.execute(_CONNECTED)]

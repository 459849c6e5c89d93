"""What an examination of a set-up asks of the store. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence

from storage.database import Connection, scalar


def clock_s(connection: Connection) -> float:
    """The database's clock, Unix s."""
    return float(scalar(connection, "SELECT extract(epoch FROM clock_timestamp())::double precision"))


def zone_offset_s(connection: Connection, zone: str) -> int | None:
    """How far local time of a zone is ahead of UTC there, s; None: the database does not know the zone."""
    if not scalar(connection, "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)", (zone,)):
        return None
    query = "SELECT extract(epoch FROM (now() AT TIME ZONE %s) - (now() AT TIME ZONE 'UTC'))::int"
    return int(scalar(connection, query, (zone,)))


def missing_roles(connection: Connection, names: Sequence[str]) -> list[str]:
    """Those of the roles that the server has not."""
    rows = connection.execute(
        "SELECT name FROM unnest(%s::text[]) WITH ORDINALITY AS r (name, place) "
        "WHERE name NOT IN (SELECT rolname FROM pg_roles) ORDER BY place", (list(names),),
    )  # fmt: skip
    return [name for (name,) in rows]


def timescale_offered(connection: Connection) -> bool:
    """Whether the server could make the extension, whether it is used or not."""
    return bool(scalar(connection, "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')"))


def makers(connection: Connection, since_s: int) -> list[tuple[str, str, str]]:
    """Law, method and code of the runs since then (s UTC): more than one means that different programs judged."""
    query = "SELECT DISTINCT law_version, method, code_version FROM run WHERE made_at >= to_timestamp(%s::bigint)"
    return sorted(connection.execute(query, (since_s,)).fetchall())


def rest_rows(connection: Connection) -> bool:
    """Whether fixes lie in no partition of their week. False where there is TimescaleDB."""
    if scalar(connection, "SELECT to_regclass('fix_rest')") is None:
        return False
    return bool(scalar(connection, "SELECT EXISTS (SELECT FROM fix_rest)"))

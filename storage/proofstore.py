"""The database of the self-proof: beside the store on the same server, called like it and `_proof`.

The proof's vehicles, drivers, stations and roads stand there and nowhere else. Whatever reads the store (lists,
statistics, rates, the desk, the API, boards) cannot meet them, whoever writes it and whatever he forgets: this is the
one place that says what is proof. Ingest and check write there as they write into the store, by the same code.
"""

from __future__ import annotations

from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.database import Connection, connect, scalar, transaction
from storage.errors import MigrationRefused
from storage.migrate import migrate, missing_of
from storage.roles import ROLES, apply_roles

SUFFIX = "_proof"
_ROLES: LiteralString = "SELECT count(*) = %s FROM pg_roles WHERE rolname = ANY(%s)"
# The scheduler proves under the role of check: it fills and empties this database, in which nothing is worth keeping.
_RIGHTS: tuple[LiteralString, ...] = (
    "GRANT ALL ON ALL TABLES IN SCHEMA public TO hanhtrinh_check",
    "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO hanhtrinh_check",
)
_EMPTY: tuple[LiteralString, ...] = (
    """TRUNCATE access_key, batch, batch_position, source_offset, fix, fix_copy, weighing, notice, rejection, intake,
                outage, vehicle_day, vehicle_queue, day_edge, activity, day_summary, service_day, vehicle_hour, run,
                finding, finding_change, finding_place, finding_road, finding_week, road_match, road_import,
                rule_week, change_day, summary_week, summary_month, service_month, weighing_place, station_clock,
                station_review, station_review_day, station_review_wait, area, area_day, instrument_day,
                instrument_span, instrument_drift, station_gap, station_stop""",
    # These are referred to by tables that refuse to be emptied; in those nothing stands.
    "DELETE FROM registration",
    "DELETE FROM permit",
    "DELETE FROM station",
    "DELETE FROM road",
    "DELETE FROM vehicle",
    "DELETE FROM driver",
    "DELETE FROM provider",
    "DELETE FROM operator",
)
_EXISTS = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = current_database() || %s)"
# In this database no table is anybody else's: check has all rights in it, ingest those of its role.
_WITHOUT: LiteralString = """
    SELECT rolname FROM pg_roles WHERE CASE
        WHEN rolname = 'hanhtrinh_check' THEN EXISTS (
            SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND NOT relispartition AND NOT has_table_privilege(rolname, oid, 'TRUNCATE'))
        WHEN rolname = 'hanhtrinh_ingest' THEN NOT has_table_privilege(rolname, 'fix', 'INSERT')
        END ORDER BY rolname
"""
_STORED = "SELECT coalesce(sum(fixes), 0)::bigint FROM batch"


def proof_url(url: str) -> str:
    """Where the proof's database is, given where the store is."""
    target = conninfo_to_dict(url)
    return make_conninfo("", **{**target, "dbname": f"{target.get('dbname') or target.get('user') or ''}{SUFFIX}"})


def proof_exists(connection: Connection) -> bool:
    """Whether there is one beside the store of this connection."""
    with transaction(connection):
        return bool(scalar(connection, _EXISTS, (SUFFIX,)))


def make_proof_store(url: str, rights: bool = False) -> None:
    """Make the proof's database where it is missing, bring it up to date, and give the roles their rights in a new one.

    Args: url: of the store. rights: give them in one that was there too. Raises MigrationRefused where this user may
    not do so.
    """
    with connect(url) as connection:
        missing = not proof_exists(connection)
        with transaction(connection):
            roles = bool(scalar(connection, _ROLES, (len(ROLES), list(ROLES))))
            name = str(scalar(connection, "SELECT current_database()")) + SUFFIX
    if missing:
        try:
            with psycopg.connect(url, autocommit=True) as creating:
                # Not template1: images of TimescaleDB have its extension there, and a proof needs none.
                creating.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.DuplicateDatabase:
            pass  # another process was sooner
        except psycopg.errors.InsufficientPrivilege:
            raise MigrationRefused(
                f'this user may not make databases: let one who may run CREATE DATABASE "{name}" OWNER <owner of the '
                "tables>, then run `hanhtrinh prove setup` as that owner"
            ) from None
    with connect(proof_url(url)) as connection:
        migrate(connection)
        if (missing or rights) and roles:
            apply_roles(connection)
            with transaction(connection):
                for statement in _RIGHTS:
                    connection.execute(statement)


def up_to_date(connection: Connection) -> bool:
    """Whether the proof's database has what this program expects."""
    with transaction(connection):
        return not missing_of(connection)


def roles_without_rights(connection: Connection) -> list[str]:
    """Roles of the server that lack rights in the proof's database. Inside the open transaction.

    Such are left behind by a schema that was brought up to date without `prove setup`, and by roles made later.
    """
    return [name for (name,) in connection.execute(_WITHOUT)]


def empty_proof(connection: Connection) -> None:
    """Remove what the last proof left. Args: connection: to the proof's database, nothing else."""
    with transaction(connection):
        if not str(scalar(connection, "SELECT current_database()")).endswith(SUFFIX):
            raise ValueError("only the proof's own database is emptied")
        for statement in _EMPTY:
            connection.execute(statement)


def stored_fixes(connection: Connection) -> int:
    """Fixes taken in, copies included, in a transaction of its own."""
    with transaction(connection):
        return int(scalar(connection, _STORED))

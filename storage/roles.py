"""Roles of least privilege: who may do what in the store stands in roles.sql, and only there."""

from __future__ import annotations

from pathlib import Path

import psycopg

from storage.database import Connection, transaction
from storage.errors import MigrationRefused

ROLES = ("hanhtrinh_ingest", "hanhtrinh_check", "hanhtrinh_api", "hanhtrinh_reader")
_FILE = Path(__file__).with_name("roles.sql")


def roles_sql() -> str:
    """The statements that make the roles and give them their rights."""
    return _FILE.read_text(encoding="utf-8")


def apply_roles(connection: Connection) -> None:
    """Make the roles where they are missing, and give them these rights and no others in this database.

    Raises MigrationRefused where this user may not do so; nothing is changed then.
    """
    try:
        with transaction(connection):
            connection.execute(roles_sql().encode())
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationRefused(
            "this user may not make roles or give rights: run `hanhtrinh db roles --apply` as the owner of the tables, "
            f"with the right to create roles (ALTER ROLE ... CREATEROLE) ({error.diag.message_primary})"
        ) from error

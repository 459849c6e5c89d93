"""Accounts that tests of the desk share."""

from __future__ import annotations

from functools import cache

from journey.registry import Operator, Registry
from storage.database import Connection
from storage.people import passwords
from storage.people.accounts import Person
from storage.registry import save_registry

NOW = 1_764_000_000  # s UTC
PASSWORD = "correct horse battery"  # noqa: S105
OPERATORS = Registry(operators=(Operator("OP1", "Company 1"), Operator("OP2", "Company 2")))


@cache
def _hash() -> str:
    return passwords.hash_password(PASSWORD)


def person(connection: Connection, login: str, role: str, operator: str | None = None) -> Person:
    """An account with PASSWORD, whose hash is made once: it takes a twentieth of a second."""
    row = connection.execute(
        "INSERT INTO person (login, name, role, operator, password_hash, must_change) "
        "VALUES (%s, %s, %s, %s, %s, false) RETURNING id",
        (login, login.title(), role, operator, _hash()),
    ).fetchone()
    assert row is not None
    connection.commit()
    return Person(row[0], login, login.title(), role, operator)


def registry(connection: Connection) -> None:
    save_registry(connection, OPERATORS)
    connection.commit()

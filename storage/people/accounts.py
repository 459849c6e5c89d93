"""People: the accounts of the desk and of those who may ask the API. Every function runs in the open transaction."""

from __future__ import annotations

import re
from typing import NamedTuple

import psycopg

from storage.database import Connection, scalar
from storage.names import clean
from storage.people.passwords import hash_password, password_matches
from storage.people.throttle import forget_login

ROLES = ("inspector", "supervisor", "operator", "administrator", "reader")
OPERATOR = "operator"
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_NAME_MAX = 100

_ADD = """
    INSERT INTO person (login, name, role, operator, password_hash, must_change) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (login) DO NOTHING RETURNING id
"""
_ALL = """
    SELECT p.id, p.login, p.name, p.role, p.operator, p.must_change, extract(epoch FROM p.added_at)::bigint,
           extract(epoch FROM p.disabled_at)::bigint
    FROM person p ORDER BY p.login
"""
_DISABLE = "UPDATE person SET disabled_at = to_timestamp(%s) WHERE id = %s AND disabled_at IS NULL"
_ENABLE = "UPDATE person SET disabled_at = NULL WHERE id = %s AND disabled_at IS NOT NULL"
_REVOKE = "UPDATE api_token SET revoked_at = to_timestamp(%s) WHERE person_id = %s AND revoked_at IS NULL"
_PASSWORD = "UPDATE person SET password_hash = %s, must_change = %s WHERE id = %s"  # noqa: S105


class Person(NamedTuple):
    """Somebody with an account. operator: id of his transport business, for the role operator only."""

    id: int
    login: str
    name: str
    role: str
    operator: str | None


class Account(NamedTuple):
    """How a person's account stands. Times: s UTC; disabled_at: None where he may log in."""

    person: Person
    must_change: bool
    added_at: int
    disabled_at: int | None


class PersonRefused(ValueError):  # noqa: N818
    """An account cannot be made or changed so; the message says why."""


def normal_login(login: str) -> str:
    """Logins are written small; spaces around one are a slip of the hand."""
    return login.strip().lower()


def add_person(
    connection: Connection,
    login: str,
    name: str,
    role: str,
    operator: str | None,
    password: str,
    must_change: bool = True,
) -> Person:
    """Make an account. Raises PersonRefused, and WeakPassword of storage.people.passwords."""
    login, name = normal_login(login), " ".join(name.split())
    if not _LOGIN.fullmatch(login):
        raise PersonRefused(f"login {login!r}: write 2 to 64 of a-z, 0-9 and . _ @ -, a letter or digit first")
    if not 0 < len(name) <= _NAME_MAX or not name.isprintable():
        raise PersonRefused(f"a name has 1 to {_NAME_MAX} characters that can be printed")
    if role not in ROLES:
        raise PersonRefused(f"role {role!r}: write one of {', '.join(ROLES)}")
    if (role == OPERATOR) != (operator is not None):
        raise PersonRefused("an operator's account names its operator, and no other account does")
    if operator is not None and not scalar(
        connection, "SELECT EXISTS (SELECT FROM operator WHERE id = %s)", (clean(operator),)
    ):
        raise PersonRefused(f"the registry names no operator {operator!r}: `hanhtrinh import` takes a registry in")
    row = connection.execute(
        _ADD, (login, name, role, operator, hash_password(password, login), must_change)
    ).fetchone()
    if row is None:
        raise PersonRefused(f"login {login!r} is taken, and stays so where its account is disabled")
    return Person(row[0], login, name, role, operator)


def accounts(connection: Connection) -> list[Account]:
    """Every account, disabled ones too, by login."""
    return [_account(row) for row in connection.execute(_ALL)]


def account_of(connection: Connection, login: str) -> Account | None:
    """The account of a login, disabled or not."""
    query = _ALL.replace("ORDER BY p.login", "WHERE p.login = %s")
    row = connection.execute(query, (clean(normal_login(login)),)).fetchone()
    return None if row is None else _account(row)


def disable(connection: Connection, person: Person, now: int) -> bool:
    """Shut a person out from now (s UTC) on: sessions end, tokens are void. False: he was."""
    done = connection.execute(_DISABLE, (now, person.id)).rowcount == 1
    end_sessions(connection, person)
    connection.execute(_REVOKE, (now, person.id))
    return done


def enable(connection: Connection, person: Person) -> bool:
    """Let a disabled person in again; his tokens stay void. False: he was not disabled."""
    return connection.execute(_ENABLE, (person.id,)).rowcount == 1


def set_password(connection: Connection, person: Person, password: str, must_change: bool = True) -> None:
    """Give a person another password: his sessions end, tries on his login are forgotten. Raises WeakPassword."""
    connection.execute(_PASSWORD, (hash_password(password, person.login), must_change, person.id))
    end_sessions(connection, person)
    forget_login(connection, person.login)


def change_password(connection: Connection, person: Person, old: str, new: str) -> bool:
    """A person changes his own password; all his sessions end. False: `old` is not his. Raises WeakPassword."""
    kept = scalar(connection, "SELECT password_hash FROM person WHERE id = %s FOR UPDATE", (person.id,))
    if not password_matches(kept, old):
        return False
    set_password(connection, person, new, must_change=False)
    return True


def end_sessions(connection: Connection, person: Person) -> int:
    """End all sessions of a person; how many there were."""
    return connection.execute("DELETE FROM session WHERE person_id = %s", (person.id,)).rowcount


def _account(row: psycopg.rows.TupleRow) -> Account:
    return Account(Person(*row[:5]), *row[5:])

"""API tokens: secrets of programs that act for a person, with scopes and an end. All in the open transaction."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from hashlib import sha256
from typing import NamedTuple

from storage.database import Connection
from storage.names import clean
from storage.people.accounts import Person, PersonRefused

SCOPES = ("read", "write", "export")
DAYS_MAX = 366
_DAY_S = 86_400
_USED_STEP_S = 3600  # a use does not write when another was seen so shortly before
_READS_ONLY = ("reader",)
_PREFIX = "ht_"  # by which a search through files for leaked secrets finds one

_ISSUE = """
    INSERT INTO api_token (hash, person_id, label, scopes, issued_at, expires_at)
    VALUES (%s, %s, %s, %s, to_timestamp(%s), to_timestamp(%s)) RETURNING id
"""
_FIND = """
    SELECT p.id, p.login, p.name, p.role, p.operator, t.id, t.scopes, extract(epoch FROM t.used_at)::bigint
    FROM api_token t JOIN person p ON p.id = t.person_id
    WHERE t.hash = %s AND t.revoked_at IS NULL AND t.expires_at > to_timestamp(%s) AND p.disabled_at IS NULL
"""
_OF = """
    SELECT id, label, scopes, extract(epoch FROM issued_at)::bigint, extract(epoch FROM expires_at)::bigint,
           extract(epoch FROM revoked_at)::bigint, extract(epoch FROM used_at)::bigint
    FROM api_token WHERE person_id = %s ORDER BY id
"""
_REVOKE = """
    UPDATE api_token t SET revoked_at = to_timestamp(%s) FROM person p
    WHERE t.id = %s AND t.revoked_at IS NULL AND p.id = t.person_id
    RETURNING p.id, p.login, p.name, p.role, p.operator
"""


class Token(NamedTuple):
    """What is kept of a token. Times: s UTC; None: never."""

    id: int
    label: str
    scopes: tuple[str, ...]
    issued_at: int
    expires_at: int
    revoked_at: int | None
    used_at: int | None


def issue_token(
    connection: Connection, person: Person, scopes: Collection[str], label: str, now: int, days: int
) -> tuple[int, str]:
    """A new token's number and its secret, which is told here and nowhere again. Raises PersonRefused."""
    if not scopes or not set(scopes) <= set(SCOPES):
        raise PersonRefused(f"scopes of a token: one or more of {', '.join(SCOPES)}")
    if not set(scopes) <= allowed(person):
        raise PersonRefused(f"the role {person.role} may have no token with scope write")
    if not 0 < days <= DAYS_MAX:
        raise PersonRefused(f"a token holds for 1 to {DAYS_MAX} days")
    secret = _PREFIX + secrets.token_urlsafe(32)
    ordered = [scope for scope in SCOPES if scope in scopes]
    ends = now + days * _DAY_S
    row = connection.execute(_ISSUE, (_hash(secret), person.id, clean(label), ordered, now, ends)).fetchone()
    if row is None:
        raise LookupError("the token was not kept")
    return row[0], secret


def token_owner(connection: Connection, secret: str, now: int) -> tuple[Person, frozenset[str]] | None:
    """Whose secret this is at an instant (s UTC) and what it may be used for; None: nobody's, expired or void."""
    row = connection.execute(_FIND, (_hash(secret), now)).fetchone()
    if row is None:
        return None
    person, (number, scopes, used) = Person(*row[:5]), row[5:]
    if used is None or now - used >= _USED_STEP_S:
        with connection.transaction():
            connection.execute("UPDATE api_token SET used_at = to_timestamp(%s) WHERE id = %s", (now, number))
    return person, frozenset(scopes) & allowed(person)


def allowed(person: Person) -> frozenset[str]:
    """Scopes that a person's tokens can have; a role that was taken away takes them with it."""
    return frozenset(SCOPES) - ({"write"} if person.role in _READS_ONLY else set())


def tokens_of(connection: Connection, person: Person) -> list[Token]:
    return [Token(id_, label, tuple(scopes), *times) for id_, label, scopes, *times in
            connection.execute(_OF, (person.id,))]  # fmt: skip


def revoke_token(connection: Connection, number: int, now: int) -> Person | None:
    """Make a token void; whose it was, None: there is none of that number that holds."""
    row = connection.execute(_REVOKE, (now, number)).fetchone()
    return None if row is None else Person(*row)


def _hash(secret: str) -> bytes:
    return sha256(secret[:256].encode("utf-8", "replace")).digest()

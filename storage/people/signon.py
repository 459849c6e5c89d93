"""Logging in by an OpenID provider: which account its people have here, and log-ins that have begun.

Nobody gets an account or a right by it: an administrator binds an account to somebody at the provider, and roles are
those of the account. Bound by an e-mail address, an account is bound for good to whoever first logs in with it. All in
the open transaction.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import NamedTuple

from psycopg.errors import UniqueViolation

from storage.audit.log import By, What, record
from storage.database import Connection
from storage.names import clean
from storage.people.accounts import Person, PersonRefused
from storage.people.sessions import POLICY, Policy, Session, begin
from storage.people.throttle import count_attempt

TERM_S = 600  # in which somebody who began comes back from the provider: a password and a second factor take minutes
SUBJECT_MAX = 255  # OpenID Connect Core 1.0, section 2
EMAIL_MAX = 254  # RFC 5321 with the erratum of RFC 3696
_WORD_MAX = 256  # of a cookie that is looked at

_BIND = """
    INSERT INTO sign_on (person_id, issuer, subject, email) VALUES (%s, %s, %s, %s)
    ON CONFLICT (person_id) DO UPDATE SET
        issuer = EXCLUDED.issuer, subject = EXCLUDED.subject, email = EXCLUDED.email, bound_at = clock_timestamp()
"""
_ALL = "SELECT person_id, issuer, subject, email FROM sign_on"
_END = "DELETE FROM session WHERE person_id = %s AND signed_on"
_BEGIN = """
    INSERT INTO sign_on_begun (hash, state, nonce, verifier, next, began_at)
    VALUES (%s, %s, %s, %s, %s, to_timestamp(%s))
"""
_TAKE = """
    DELETE FROM sign_on_begun WHERE hash = %s
    RETURNING state, nonce, verifier, next, floor(extract(epoch FROM began_at))::bigint
"""
_PRUNE = """
    DELETE FROM sign_on_begun WHERE hash IN (
        SELECT hash FROM sign_on_begun WHERE began_at < to_timestamp(%s) LIMIT 100)
"""
# By the subject; by the address only where no subject is known, which is then written down.
_PERSON = """
    SELECT p.id, p.login, p.name, p.role, p.operator, p.disabled_at IS NOT NULL FROM sign_on s
    JOIN person p ON p.id = s.person_id WHERE s.issuer = %s AND s.subject = %s
"""
_FIRST = """
    UPDATE sign_on SET subject = %(subject)s
    WHERE issuer = %(issuer)s AND email = %(email)s AND subject IS NULL
    AND NOT EXISTS (SELECT FROM sign_on WHERE issuer = %(issuer)s AND subject = %(subject)s)
    AND EXISTS (SELECT FROM person p WHERE p.id = person_id AND p.disabled_at IS NULL)
"""


class Binding(NamedTuple):
    """Who an account is at a provider. subject: None until the first log-in with the e-mail address."""

    issuer: str
    subject: str | None
    email: str | None


class Identity(NamedTuple):
    """Whom a provider has vouched for. email: None where it has none, or has not verified it."""

    issuer: str
    subject: str
    email: str | None


class Begun(NamedTuple):
    """A log-in on its way. word: of the browser's cookie. state, nonce, verifier: of OpenID Connect and RFC 7636."""

    word: str
    state: str
    nonce: str
    verifier: str
    next: str


def bind(connection: Connection, person: Person, issuer: str, subject: str | None, email: str | None) -> str:
    """Bind an account to somebody at a provider, by subject or by e-mail address; returns which. Sessions by it end.

    Raises PersonRefused where both or neither are given, one cannot be such, or another account has it.
    """
    if (subject is None) == (email is None):
        raise PersonRefused("name the person at the provider by --subject or by --email, one of the two")
    if subject is not None and not (0 < len(subject) <= SUBJECT_MAX and subject.isascii() and subject.isprintable()):
        raise PersonRefused(
            f"a subject has 1 to {SUBJECT_MAX} characters of ASCII (OpenID Connect Core 1.0, section 2)"
        )
    address = None if email is None else normal_email(email)
    if email is not None and address is None:
        raise PersonRefused(f"{email!r} is no e-mail address")
    try:
        connection.execute(_BIND, (person.id, issuer, subject, address))
    except UniqueViolation:
        raise PersonRefused(
            f"another account is bound to {subject or address}; `hanhtrinh people list` says which"
        ) from None
    connection.execute(_END, (person.id,))
    return str(subject or address)


def unbind(connection: Connection, person: Person) -> bool:
    """An account is no longer logged in to by the provider; sessions by it end. False: it was not bound."""
    connection.execute(_END, (person.id,))
    return connection.execute("DELETE FROM sign_on WHERE person_id = %s", (person.id,)).rowcount == 1


def bindings(connection: Connection) -> dict[int, Binding]:
    """By the number of the person."""
    return {row[0]: Binding(*row[1:]) for row in connection.execute(_ALL)}


def normal_email(text: str) -> str | None:
    """An address in the one form that is compared; None: it is none."""
    address = text.strip().lower()
    name, at, host = address.rpartition("@")
    sound = bool(name and at and host) and len(address) <= EMAIL_MAX and address.isprintable() and " " not in address
    return address if sound else None


def set_out(connection: Connection, next_: str, now: int) -> Begun:
    """Begin a log-in at the provider (now: s UTC), kept until the browser with this word comes back, TERM_S at most."""
    begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32),
                  secrets.token_urlsafe(48), next_)  # fmt: skip
    connection.execute(_PRUNE, (now - TERM_S,))
    connection.execute(_BEGIN, (_hash(begun.word), *begun[1:], now))
    return begun


def come_back(connection: Connection, word: str, now: int) -> Begun | None:
    """What a browser has begun, once: another time it has begun nothing. None too where it took longer than TERM_S.

    Commit whatever comes.
    """
    row = connection.execute(_TAKE, (_hash(word),)).fetchone()
    return None if row is None or now > row[4] + TERM_S else Begun(word, *row[:4])


def sign_on(
    connection: Connection,
    identity: Identity,
    address: str,
    now: int,
    request: str | None = None,
    previous: str | None = None,
    policy: Policy = POLICY,
) -> Session | None:
    """Begin the session of the account that somebody has; None: he has none, or it is disabled. Both are on record.

    Args are those of storage.people.sessions.log_in. Commit whatever comes.
    """
    known = (identity.issuer, clean(identity.subject))
    row = connection.execute(_PERSON, known).fetchone()
    if row is None and identity.email is not None:
        email = normal_email(identity.email)
        connection.execute(_FIRST, {"issuer": known[0], "subject": known[1], "email": email})
        row = connection.execute(_PERSON, known).fetchone()
    if row is None or row[5]:
        why = "no account is bound to it" if row is None else "the account is disabled"
        record_refusal(
            connection, f"{said_of(identity)}: {why}", address, now, request, None if row is None else row[1]
        )
        return None
    person = Person(*row[:5])
    session = begin(connection, person, now, previous, policy, signed_on=True)
    record(connection, By(person, address, request), What.LOGIN, person.login, detail=said_of(identity))
    return session


def record_refusal(
    connection: Connection, why: str, address: str, now: int, request: str | None, login: str | None = None
) -> None:
    """Put on record that a log-in by the provider came to nothing, as often as passwords may fail on one account.

    Further ones would fill the log at the will of whoever sends them. Each counts as a failed login of its address.
    """
    if count_attempt(connection, f"sign-on from {address}", address, now, POLICY.limits) <= 0:
        record(connection, By(None, address, request), What.LOGIN_REFUSED, login, detail=why)


def said_of(identity: Identity) -> str:
    return f"by {identity.issuer}, subject {identity.subject}"


def _hash(word: str) -> bytes:
    return sha256(word[:_WORD_MAX].encode("utf-8", "replace")).digest()

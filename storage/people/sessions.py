"""Sessions of the desk: a random token that only its holder has; kept is its SHA-256. All in the open transaction.

A session ends when nothing was asked for a while, and in any case after some hours. Each login gives a new token: one
that somebody put into a browser before is never taken over. The CSRF token is derived from the session's, so it is
bound to it and kept nowhere.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import NamedTuple

from journey.settings import Settings
from storage.audit.log import By, What, record
from storage.database import Connection, scalar
from storage.names import clean
from storage.people.accounts import Person, normal_login
from storage.people.passwords import LENGTH_MAX, outdated, password_matches, renewed
from storage.people.throttle import LIMITS, Limits, count_attempt, take_off

_SEEN_STEP_S = 60  # a request does not write when another was seen so shortly before

_ACCOUNT = """
    SELECT id, login, name, role, operator, password_hash, must_change FROM person
    WHERE login = %s AND disabled_at IS NULL
"""
_BEGIN = """
    INSERT INTO session (hash, person_id, began_at, seen_at, signed_on)
    VALUES (%s, %s, to_timestamp(%s), to_timestamp(%s), %s)
"""
_FIND = """
    SELECT p.id, p.login, p.name, p.role, p.operator, p.must_change AND NOT s.signed_on,
           extract(epoch FROM s.began_at)::bigint, extract(epoch FROM s.seen_at)::bigint
    FROM session s JOIN person p ON p.id = s.person_id WHERE s.hash = %s AND p.disabled_at IS NULL
"""
_SEEN = "UPDATE session SET seen_at = to_timestamp(%s) WHERE hash = %s"
_END = "DELETE FROM session WHERE hash = %s"
_PRUNE = "DELETE FROM session WHERE began_at < to_timestamp(%s) OR (seen_at < to_timestamp(%s) AND person_id = %s)"


class Policy(NamedTuple):
    """When sessions end, s, and how many logins may fail."""

    idle_s: int = 30 * 60
    most_s: int = 12 * 3600
    limits: Limits = LIMITS


POLICY = Policy()


def policy_of(settings: Settings) -> Policy:
    """What a deployment sets."""
    limits = LIMITS._replace(login_max=settings.login_failures, address_max=settings.address_failures)
    return Policy(settings.session_idle_min * 60, settings.session_hours * 3600, limits)


class Session(NamedTuple):
    """A session. token: for the cookie. csrf: to be sent with every change. expires: s UTC, if nothing more is asked.

    must_change: the password was set by somebody else: nothing but changing it is to be allowed.
    """

    token: str
    csrf: str
    person: Person
    expires: int
    must_change: bool = False


def log_in(
    connection: Connection,
    login: str,
    password: str,
    address: str,
    now: int,
    request: str | None = None,
    previous: str | None = None,
    policy: Policy = POLICY,
) -> Session | None:
    """Begin a session; None: login or password is wrong, the account is disabled, or there were too many attempts.

    now: s UTC. request: as in storage.audit.log.By. previous: the token that the browser sent; that session ends.
    Commit whatever comes, and at once: what failed counts and is on record, and storage.people.throttle.retry_after
    tells how long to wait. A login that nobody has takes as long as a wrong password.
    """
    login = normal_login(login)
    beyond = count_attempt(connection, login, address, now, policy.limits)
    row = None if beyond > 0 else connection.execute(_ACCOUNT, (clean(login),)).fetchone()
    if beyond > 0 or not password_matches(None if row is None else row[5], password) or row is None:
        if beyond <= 1:  # further ones would fill the log at the will of whoever sends them
            _record_refusal(connection, login, By(None, address, request), "too many attempts" if beyond > 0 else None)
        return None
    person = Person(*row[:5])
    take_off(connection, login, address, now, policy.limits)
    if outdated(row[5]):
        connection.execute("UPDATE person SET password_hash = %s WHERE id = %s", (renewed(password), person.id))
    session = begin(connection, person, now, previous, policy)
    record(connection, By(person, address, request), What.LOGIN, person.login)
    return session._replace(must_change=row[6])


def begin(
    connection: Connection,
    person: Person,
    now: int,
    previous: str | None = None,
    policy: Policy = POLICY,
    signed_on: bool = False,
) -> Session:
    """Begin a session of somebody who has proved who he is; that of the token `previous` ends.

    signed_on: an OpenID provider vouches for him. To be put on record by whoever knows how he did.
    """
    if previous is not None:
        log_out(connection, previous)
    connection.execute(_PRUNE, (now - policy.most_s, now - policy.idle_s, person.id))
    token = secrets.token_urlsafe(32)
    connection.execute(_BEGIN, (_hash(token), person.id, now, now, signed_on))
    return Session(token, _csrf(token), person, now + min(policy.idle_s, policy.most_s))


def session_of(connection: Connection, token: str, now: int, policy: Policy = POLICY) -> Session | None:
    """The session of a token at an instant (s UTC); None: there is none, it has ended, or its account is disabled."""
    row = connection.execute(_FIND, (_hash(token),)).fetchone()
    if row is None:
        return None
    must_change, began, seen = row[5:]
    if now >= began + policy.most_s or now >= seen + policy.idle_s:
        with connection.transaction():
            connection.execute(_END, (_hash(token),))
        return None
    if now - seen >= _SEEN_STEP_S:
        with connection.transaction():
            connection.execute(_SEEN, (now, _hash(token)))
        seen = now
    return Session(token, _csrf(token), Person(*row[:5]), min(seen + policy.idle_s, began + policy.most_s), must_change)


def log_out(connection: Connection, token: str) -> bool:
    """End a session; whether there was one. To be put on record by whoever knows from where (What.LOGOUT)."""
    return connection.execute(_END, (_hash(token),)).rowcount == 1


def csrf_matches(session: Session, sent: str) -> bool:
    """Whether what came with a change is the session's CSRF token."""
    return hmac.compare_digest(session.csrf.encode(), sent.encode("utf-8", "replace"))


def _record_refusal(connection: Connection, login: str, by: By, detail: str | None) -> None:
    """A login is written down only where an account has it: what else was typed there may be a password."""
    known = scalar(connection, "SELECT EXISTS (SELECT FROM person WHERE login = %s)", (clean(login),))
    record(connection, by, What.LOGIN_REFUSED, login if known else None, detail=detail)


def _hash(token: str) -> bytes:
    return sha256(token[:LENGTH_MAX].encode("utf-8", "replace")).digest()


def _csrf(token: str) -> str:
    return hmac.new(token.encode("utf-8", "replace"), b"csrf", sha256).hexdigest()

"""Throttling of logins, by login and by address, counted in the database: several processes count as one.

An attempt is counted before its password is looked at, and its row stays locked to the end of the transaction: attempts
at once do not slip through. One that succeeds is taken off.
"""

from __future__ import annotations

from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from storage.database import Connection

_COUNT = """
    INSERT INTO login_attempt AS a (key, attempts, since) VALUES (%(key)s, 1, to_timestamp(%(now)s))
    ON CONFLICT (key) DO UPDATE SET
        attempts = CASE WHEN a.since > to_timestamp(%(now)s - %(window)s) THEN a.attempts + 1 ELSE 1 END,
        since = CASE WHEN a.since > to_timestamp(%(now)s - %(window)s) THEN a.since ELSE EXCLUDED.since END
    RETURNING attempts
"""
_WAIT = """
    SELECT coalesce(max(ceil(extract(epoch FROM since)) + %(window)s - %(now)s), 0)::bigint FROM login_attempt
    WHERE since > to_timestamp(%(now)s - %(window)s)
    AND ((key = %(login)s AND attempts >= %(login_max)s) OR (key = %(address)s AND attempts >= %(address_max)s))
"""
_TAKE_OFF = "UPDATE login_attempt SET attempts = attempts - 1 WHERE key = %s AND attempts > 0"
_FORGET = "DELETE FROM login_attempt WHERE key = %s"
_PRUNE = """
    DELETE FROM login_attempt WHERE key IN (
        SELECT key FROM login_attempt WHERE since < to_timestamp(%s) LIMIT 100 FOR UPDATE SKIP LOCKED)
"""


class Limits(NamedTuple):
    """How many attempts in vain there may be in a window (s), on one login and from one address."""

    login_max: int = 10
    address_max: int = 100
    window_s: int = 900


LIMITS = Limits()


def count_attempt(connection: Connection, login: str, address: str, now: int, limits: Limits = LIMITS) -> int:
    """Count an attempt to log in; above 0, by so many there were too many: its password is not to be looked at."""
    beyond = 0
    for key, most in sorted(((_login(login), limits.login_max), (_address(address), limits.address_max))):
        row = connection.execute(_COUNT, {"key": key, "now": now, "window": limits.window_s}).fetchone()
        beyond = max(beyond, 0 if row is None else row[0] - most)
    return beyond


def take_off(connection: Connection, login: str, address: str, now: int, limits: Limits = LIMITS) -> None:
    """An attempt succeeded: the login's count begins anew, the address's is one less. Old counts of others go."""
    connection.execute(_FORGET, (_login(login),))
    connection.execute(_TAKE_OFF, (_address(address),))
    connection.execute(_PRUNE, (now - limits.window_s,))


def retry_after(connection: Connection, login: str, address: str, now: int, limits: Limits = LIMITS) -> int:
    """Seconds until another attempt is looked at; 0: now."""
    known = {"login": _login(login), "address": _address(address), "now": now, "window": limits.window_s}
    row = connection.execute(
        _WAIT, {**known, "login_max": limits.login_max, "address_max": limits.address_max}
    ).fetchone()
    return 0 if row is None else int(row[0])


def forget_login(connection: Connection, login: str) -> None:
    """Attempts on a login no longer count."""
    connection.execute(_FORGET, (_login(login),))


def _login(login: str) -> bytes:
    return _key("login", login)


def _address(address: str) -> bytes:
    """Of IPv6 the network: whoever has one address there has 2^64."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return _key("address", address)
    if isinstance(known, IPv6Address):
        known = known.ipv4_mapped or ip_network((known.packed, 64), strict=False).network_address
    return _key("address", str(known))


def _key(kind: str, given: str) -> bytes:
    return sha256(f"{kind}:{given}".encode("utf-8", "replace")).digest()

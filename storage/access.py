"""Secrets of senders, kept as hashes only: one secret a sender, for MQTT, AMQP and HTTP alike.

A secret is 32 random bytes, so a plain SHA-256 of it cannot be guessed back and finds it by index. The two brokers want
hashes of their own kinds, which cannot be made later: they are made when the secret is issued.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from typing import NamedTuple

from storage.database import Connection, scalar, transaction

CONSUMER = "hanhtrinh"  # the account under which we ourselves read from the brokers
_MOSQUITTO_ROUNDS = 101  # mosquitto_passwd's own number; the secret is random, more would only slow logins down

_KNOWN = """
    SELECT EXISTS (SELECT FROM operator WHERE id = %(sender)s UNION ALL SELECT FROM provider WHERE id = %(sender)s)
"""
_REVOKE = "UPDATE access_key SET revoked_at = statement_timestamp() WHERE sender = %s AND revoked_at IS NULL"
_ISSUE = "INSERT INTO access_key (sender, token_hash, mosquitto, rabbitmq) VALUES (%s, %s, %s, %s)"
_SENDER = "SELECT sender FROM access_key WHERE token_hash = %s AND revoked_at IS NULL"
_ALL = """
    SELECT k.sender, k.mosquitto, k.rabbitmq, extract(epoch FROM k.issued_at)::bigint,
           CASE WHEN o.id IS NOT NULL THEN 'operator' WHEN p.id IS NOT NULL THEN 'provider' ELSE '' END,
           coalesce(o.name, p.name, '')
    FROM access_key k LEFT JOIN operator o ON o.id = k.sender LEFT JOIN provider p ON p.id = k.sender
    WHERE k.revoked_at IS NULL ORDER BY k.sender
"""
_PAST = """
    SELECT DISTINCT sender FROM access_key AS past
    WHERE NOT EXISTS (SELECT FROM access_key AS now WHERE now.sender = past.sender AND now.revoked_at IS NULL)
    ORDER BY sender
"""


class AccessKey(NamedTuple):
    """What is kept of a sender's secret, for the brokers' own files. issued_at: s UTC.

    kind: operator or provider; empty: the registry names no such sender (any more), or it is CONSUMER.
    """

    sender: str
    mosquitto: str
    rabbitmq: str
    issued_at: int
    kind: str
    name: str


def issue(connection: Connection, sender: str) -> str:
    """A new secret for an operator, a provider or CONSUMER; the one before is void. It is told here and nowhere again.

    Raises LookupError for a sender that the registry does not name, and for CONSUMER where it does.
    """
    secret = secrets.token_urlsafe(32)
    with transaction(connection):
        known = scalar(connection, _KNOWN, {"sender": sender})
        if sender == CONSUMER and known:
            raise LookupError(f"the registry has {sender!r}, the name of our own account: give that sender another id")
        if sender != CONSUMER and not known:
            raise LookupError(f"the registry names no operator or provider {sender!r}")
        connection.execute(_REVOKE, (sender,))
        connection.execute(_ISSUE, (sender, _token_hash(secret), _mosquitto(secret), _rabbitmq(secret)))
    return secret


def revoke(connection: Connection, sender: str) -> bool:
    """Void a sender's secret; whether there was one."""
    with transaction(connection):
        return connection.execute(_REVOKE, (sender,)).rowcount == 1


def sender_of(connection: Connection, token: str) -> str | None:
    """Whose secret this is; None: nobody's."""
    with transaction(connection):
        row = connection.execute(_SENDER, (_token_hash(token),)).fetchone()
    return None if row is None else str(row[0])


def access_keys(connection: Connection) -> list[AccessKey]:
    """Every sender that holds a secret."""
    with transaction(connection):
        return [AccessKey(*row) for row in connection.execute(_ALL)]


def past_senders(connection: Connection) -> list[str]:
    """Everyone who held a secret once and holds none now."""
    with transaction(connection):
        return [sender for (sender,) in connection.execute(_PAST)]


def _token_hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _mosquitto(secret: str) -> str:
    """As mosquitto_passwd writes it: PBKDF2 with SHA-512."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, _MOSQUITTO_ROUNDS)
    return f"$7${_MOSQUITTO_ROUNDS}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def _rabbitmq(secret: str) -> str:
    """As rabbit_password_hashing_sha256 has it: a salt of four bytes, and the digest of salt and secret."""
    salt = secrets.token_bytes(4)
    return b64encode(salt + hashlib.sha256(salt + secret.encode()).digest()).decode()

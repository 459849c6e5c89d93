"""The log of delivery, of lists and of papers of months: attempts are added when they begin and when they end.

The tables refuse a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import psycopg

from storage.database import Connection, scalar
from storage.errors import AlreadyDelivered

BEGUN, DELIVERED, FAILED = "begun", "delivered", "failed"
_LAST = """
    SELECT DISTINCT ON (position, month, recipient) position, month, recipient, channel, attempt, step,
           extract(epoch FROM at)::bigint, key, detail
    FROM delivery ORDER BY position, month, recipient, attempt DESC, id DESC
"""
_BEGIN = """
    INSERT INTO delivery (position, month, recipient, channel, attempt, step, key)
    SELECT %(position)s::int, %(month)s::text, %(recipient)s, %(channel)s, 1 + coalesce(max(attempt), 0), 'begun',
           %(key)s
    FROM delivery WHERE (position = %(position)s::int OR month = %(month)s::text) AND recipient = %(recipient)s
    RETURNING attempt
"""
_END = """
    INSERT INTO delivery (position, month, recipient, channel, attempt, step, key, detail)
    VALUES (%(position)s::int, %(month)s::text, %(recipient)s, %(channel)s, %(attempt)s, %(step)s, %(key)s, %(detail)s)
"""


class Sending(NamedTuple):
    """What is sent to whom. of: the position of a list, or the month of papers."""

    of: int | str
    recipient: str
    channel: str
    key: str


@dataclass(frozen=True, slots=True)
class Stand:
    """How a delivery stands: its last attempt. at: s UTC."""

    sending: Sending
    attempt: int
    step: str
    at: int
    detail: str


def stands(connection: Connection) -> dict[tuple[int | str, str], Stand]:
    """The last attempt of each delivery, by position or month and recipient."""
    found = {}
    for position, month, recipient, channel, attempt, step, at, key, detail in connection.execute(_LAST):
        sending = Sending(month if position is None else position, recipient, channel, key)
        found[sending.of, recipient] = Stand(sending, attempt, step, at, detail)
    return found


def begin(connection: Connection, sending: Sending) -> int:
    """Record that an attempt begins; returns its number. To be committed before anything is sent."""
    return int(scalar(connection, _BEGIN, _columns(sending)))


def end(connection: Connection, sending: Sending, attempt: int, step: str, detail: str) -> None:
    """Record how an attempt ended. Raises AlreadyDelivered where one had succeeded before."""
    ended = {"attempt": attempt, "step": step, "detail": detail.replace("\0", "")}
    try:
        connection.execute(_END, _columns(sending) | ended)
    except psycopg.errors.UniqueViolation as error:
        raise AlreadyDelivered(f"{sending.recipient} had that already: two processes delivered at once") from error


def _columns(sending: Sending) -> dict[str, object]:
    month = sending.of if isinstance(sending.of, str) else None
    of = {"position": sending.of if month is None else None, "month": month}
    return {**of, "recipient": sending.recipient, "channel": sending.channel, "key": sending.key}

"""The log of delivery: attempts are added when they begin and when they end; the tables refuse a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import psycopg

from storage.database import Connection, scalar
from storage.errors import AlreadyDelivered

BEGUN, DELIVERED, FAILED = "begun", "delivered", "failed"
_LAST = """
    SELECT DISTINCT ON (position, recipient) position, recipient, channel, attempt, step,
           extract(epoch FROM at)::bigint, key, detail
    FROM delivery ORDER BY position, recipient, attempt DESC, id DESC
"""
_BEGIN = """
    INSERT INTO delivery (position, recipient, channel, attempt, step, key)
    SELECT %(position)s, %(recipient)s, %(channel)s, 1 + coalesce(max(attempt), 0), 'begun', %(key)s
    FROM delivery WHERE position = %(position)s AND recipient = %(recipient)s
    RETURNING attempt
"""
_END = """
    INSERT INTO delivery (position, recipient, channel, attempt, step, key, detail)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


class Sending(NamedTuple):
    """What is sent to whom. position: of the list."""

    position: int
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


def stands(connection: Connection) -> dict[tuple[int, str], Stand]:
    """The last attempt of each delivery, by position and recipient."""
    return {
        (position, recipient): Stand(Sending(position, recipient, channel, key), attempt, step, at, detail)
        for position, recipient, channel, attempt, step, at, key, detail in connection.execute(_LAST)
    }


def begin(connection: Connection, sending: Sending) -> int:
    """Record that an attempt begins; returns its number. To be committed before anything is sent."""
    return int(scalar(connection, _BEGIN, sending._asdict()))


def end(connection: Connection, sending: Sending, attempt: int, step: str, detail: str) -> None:
    """Record how an attempt ended. Raises AlreadyDelivered where one had succeeded before."""
    detail = detail.replace("\0", "")
    values = (sending.position, sending.recipient, sending.channel, attempt, step, sending.key, detail)
    try:
        connection.execute(_END, values)
    except psycopg.errors.UniqueViolation as error:
        raise AlreadyDelivered(f"{sending.recipient} had that list already: two processes delivered at once") from error

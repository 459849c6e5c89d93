"""Deliveries that are due: each attempt is on record before it begins and when it ends; one process at a time.

Between the end of a sending and its record a process can be killed. Then the attempt stays begun on record, and is made
again with the same key, names and bytes: into a folder and over SFTP nothing is written twice; by e-mail and HTTP the
receiver may get it twice, and can tell by the Message-ID or the Idempotency-Key. That is said in the log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from cli.delivery import drop, mail, push, sftp
from cli.delivery.parcel import MAYBE, NotDelivered, Outgoing, Parcel, kind_of, outgoing, parcel_key, parcel_of
from cli.delivery.settings import Delivery, Drop, Email, Retry, Sftp
from cli.delivery.settings import Push as Http
from journey.localtime import date_of, day_of
from storage.database import Connection, connect, transaction
from storage.errors import PublishedDamaged
from storage.lists.deliveries import BEGUN, DELIVERED, FAILED, Sending, Stand, begin, end, stands
from storage.server.locks import DELIVERY, held

log = logging.getLogger(__name__)
_TWICE = ("email", "http")  # where a repeat reaches the receiver
type Recipient = Drop | Sftp | Email | Http


class Due(NamedTuple):
    """One list, or a month's papers, for one recipient. at: from when it may be tried, s UTC."""

    one: Outgoing
    recipient: Recipient
    stand: Stand | None
    at: float


@dataclass(slots=True)
class Round:
    """What came of one look. busy: another process delivers now, and nothing was tried."""

    delivered: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    waiting: int = 0  # not due yet, after a failure
    busy: bool = False


def open_deliveries(connection: Connection, delivery: Delivery) -> list[Due]:
    """All that is not delivered, in the order of recipients and of publication. Inside the open transaction."""
    known, every = stands(connection), outgoing(connection)
    return [
        Due(one, recipient, stand, _due_at(stand, delivery.retry))
        for recipient in delivery.recipients
        for one in every
        if kind_of(one) in recipient.what and date_of(day_of(one.made_at)) >= recipient.since
        if (stand := known.get((one.of, recipient.name))) is None or stand.step != DELIVERED
    ]


def deliver(url: str, delivery: Delivery, now: bool = False, stop: Callable[[], bool] = lambda: False) -> Round:
    """Try what is due, or with `now` all that is open. `stop` is asked between two attempts.

    Raises StoreUnavailable; what was sent and could not be put on record is sent again then.
    """
    done = Round()
    with held(url, DELIVERY) as lock:
        if lock is None:
            done.busy = True
            return done
        with connect(url, "hanhtrinh deliver") as connection:
            with transaction(connection):
                due = open_deliveries(connection, delivery)
            down: set[str] = set()
            behind: set[tuple[str, str]] = set()
            for each in due:
                if stop():
                    break
                # An amendment never arrives before what it amends.
                series = each.recipient.name, each.one.series
                if each.recipient.name in down or series in behind or (not now and each.at > time.time()):
                    done.waiting += 1
                    behind.add(series)
                    continue
                lock.require()
                if not _attempt(connection, each, done, down):
                    behind.add(series)
    return done


def _attempt(connection: Connection, due: Due, done: Round, down: set[str]) -> bool:
    """One attempt, on record; whether it succeeded. down: recipients that did not answer."""
    one, to = due.one, due.recipient
    sending = Sending(one.of, to.name, to.channel, parcel_key(one, to.name))
    with transaction(connection):
        attempt = begin(connection, sending)
    said = f"{one.title} ({one.stem}) to {to.name}"
    unsure = due.stand is not None and (due.stand.step == BEGUN or MAYBE in due.stand.detail)
    if unsure:
        log.warning("%s: attempt %d has no known end; sent again with the same key", said, attempt - 1)
    try:
        with transaction(connection):
            parcel = parcel_of(connection, one, to.name, to.only)
        receipt = send(to, parcel)
    except (NotDelivered, PublishedDamaged) as error:
        with transaction(connection):
            end(connection, sending, attempt, FAILED, str(error))
        done.failed.append(f"{said}: attempt {attempt}: {error}")
        reached = isinstance(error, NotDelivered) and error.reached
        # What a receiver answers is his: it may quote whom the list names. It is on record, not in the log.
        reason = "refused; what it answered: `hanhtrinh list deliveries`" if reached else error
        log.warning("%s: attempt %d failed: %s", said, attempt, reason)
        if isinstance(error, NotDelivered) and not reached:
            down.add(to.name)
        return False
    if unsure and to.channel in _TWICE:
        receipt += f"; attempt {attempt - 1} has no known end: the receiver may have it twice, under one key"
    with transaction(connection):
        end(connection, sending, attempt, DELIVERED, receipt)
    done.delivered.append(f"{said}: {receipt}")
    log.info("%s: delivered", said)
    return True


def send(to: Recipient, parcel: Parcel) -> str:
    """Send a parcel by the channel of its recipient; the receipt. Raises NotDelivered."""
    if isinstance(to, Drop):
        return drop.send(to, parcel)
    if isinstance(to, Sftp):
        return sftp.send(to, parcel)
    if isinstance(to, Email):
        return mail.send(to, parcel)
    return push.send(to, parcel)


def described(due: Due, clock: Callable[[float], str]) -> Iterator[str]:
    """How an open delivery stands, for a reader. clock: shows an instant."""
    if due.stand is None:
        yield "not tried yet"
    elif due.stand.step == BEGUN:
        yield f"attempt {due.stand.attempt} under way, or its process was killed; it may have arrived"
    else:
        yield f"{due.stand.attempt} attempts failed, next from {clock(due.at)}: {due.stand.detail}"


def _due_at(stand: Stand | None, retry: Retry) -> float:
    return stand.at + retry.wait_s(stand.attempt) if stand is not None and stand.step == FAILED else 0

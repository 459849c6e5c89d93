"""Rejections driven in again: decoded by the format they are kept under, admitted by the registry as it stands, stored.

In the books a redrive is an arrival of its own, under the connection `redrive:<connection of the rejection>`, so that
received = stored + duplicates + rejected holds there too and the connection's own row still says what its senders sent.
Sender, notices' source and new rejections are those of the rejection itself.

What becomes of a rejection, written beside it:
  stored, duplicate      all that it holds was taken in; `duplicate` where all of it was there already. Final.
  stored in part: ...    a payload of several records: some were taken in. Final: the rest of them are rejections of
                         their own now, counted by the books as rejected in the redrive.
  rejected again: ...    nothing could be taken in. Nothing is entered anywhere but this outcome, so that it does not
                         count up however often it is tried.
The rejection itself stays, and so does how often it was seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import orjson
from psycopg.errors import DeadlockDetected

from ingest.admission import NOTICE, Admission, admit
from ingest.gathering import Gathered, take
from ingest.protocols import PROTOCOLS
from journey.model import Decoded, DecodeError, Notice, RawMessage, Reason, Rejection
from storage.commit import Batch, store_batch
from storage.database import Connection, transaction
from storage.errors import Unstorable
from storage.intake import STORED, Fates
from storage.rejections import REJECTED_AGAIN, KeptRejection, mark_redriven, take_open

BOOKS = "redrive:"
_DETAIL_CHARS = 200
_TRIES = 5


class _Attempt(NamedTuple):
    """One rejection as it would be taken in now."""

    id: int
    message: RawMessage
    batch: Batch

    @property
    def taken(self) -> int:
        return len(self.batch.fixes) + len(self.batch.weighings) + len(self.batch.notices)


def redrive(
    connection: Connection, ids: Sequence[int], admission: Admission, protocol: str | None = None
) -> dict[int, str]:
    """Drive rejections in again, in one transaction; those that were taken in before are left alone.

    Args: protocol: decode by this format instead of the one that is kept. Returns: what became of each.
    Raises StoreUnavailable.
    """
    # Live intake may lock the same rows the other way round: one of the two is then put off by the server.
    for _ in range(_TRIES - 1):
        with suppress(DeadlockDetected):
            return _redrive(connection, ids, admission, protocol)
    return _redrive(connection, ids, admission, protocol)


def _redrive(connection: Connection, ids: Sequence[int], admission: Admission, protocol: str | None) -> dict[int, str]:
    outcomes: dict[int, str] = {}
    with transaction(connection):
        together: dict[str, list[_Attempt]] = defaultdict(list)
        for kept in take_open(connection, ids):
            message = _message(kept, protocol)
            one = _Attempt(kept.id, message, admit(_gather(kept.rejection.source, [message]), admission))
            if not one.taken:
                outcomes[one.id] = _again(one.batch.rejections)
            elif one.batch.rejections or one.batch.notices:
                outcomes |= _store_alone(connection, one)
            else:
                together[kept.rejection.source].append(one)
        for source, attempts in together.items():
            outcomes |= _store_together(connection, source, attempts, admission)
        mark_redriven(connection, outcomes)
    return outcomes


def _message(kept: KeptRejection, protocol: str | None) -> RawMessage:
    one = kept.rejection
    return RawMessage(one.source, None, one.payload, one.received, one.where, one.sender, protocol or one.protocol)


def _gather(source: str, messages: Sequence[RawMessage]) -> Gathered:
    gathered = Gathered(source)
    take(gathered, messages, _decode, {})
    return gathered


def _decode(message: RawMessage) -> Decoded:
    if message.protocol == NOTICE:
        return Decoded(notices=[_notice(message.payload)])
    if message.protocol not in PROTOCOLS:
        raise DecodeError(Reason.UNDECODABLE, f"it is kept under no format: name one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[message.protocol](message.payload, message.received)


def _notice(payload: bytes) -> Notice:
    """A notice as admission keeps it."""
    try:
        kept = orjson.loads(payload)
        return Notice(kept["kind"], kept["subject"], kept["body"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise DecodeError(Reason.UNDECODABLE, f"no notice as it is kept: {error}") from None


def _store_together(
    connection: Connection, source: str, attempts: Sequence[_Attempt], admission: Admission
) -> dict[int, str]:
    """Store rejections that hold nothing but good fixes and weighings; each alone where the store refuses one."""
    batch = admit(_gather(source, [one.message for one in attempts]), admission)
    try:
        _, fates = store_batch(connection, replace(batch, booked_as=BOOKS + source))
    except Unstorable:
        return {id_: outcome for one in attempts for id_, outcome in _store_alone(connection, one).items()}
    new_fixes = _split(fates.fix == STORED, [len(one.batch.fixes) for one in attempts])
    new_weighings = _split(fates.weighing, [len(one.batch.weighings) for one in attempts])
    return {
        one.id: "stored" if fixes.any() or weighings.any() else "duplicate"
        for one, fixes, weighings in zip(attempts, new_fixes, new_weighings, strict=True)
    }


def _split(new: np.ndarray[tuple[int], np.dtype[np.bool_]], counts: Sequence[int]) -> list[np.ndarray]:
    return np.split(new, np.cumsum(np.array(counts, np.int64))[:-1])


def _store_alone(connection: Connection, one: _Attempt) -> dict[int, str]:
    batch = one.batch
    try:
        _, fates = store_batch(connection, replace(batch, booked_as=BOOKS + batch.connection))
    except Unstorable as error:
        return {one.id: f"{REJECTED_AGAIN}: {Reason.UNSTORABLE}: {str(error)[:_DETAIL_CHARS]}"}
    outcome = "stored" if _any_new(fates) else "duplicate"
    if batch.rejections:
        outcome += f" in part: {one.taken} of {one.taken + len(batch.rejections)} records; the others are rejected by "
        outcome += f"themselves now: {_reasons(batch.rejections)}"
    return {one.id: outcome}


def _any_new(fates: Fates) -> bool:
    return bool((fates.fix == STORED).any() or fates.weighing.any() or fates.notice.any())


def _again(rejections: Sequence[Rejection]) -> str:
    if not rejections:
        return f"{REJECTED_AGAIN}: it holds no record"
    return f"{REJECTED_AGAIN}: {_reasons(rejections)}: {rejections[0].detail[:_DETAIL_CHARS]}"


def _reasons(rejections: Sequence[Rejection]) -> str:
    """`not_theirs`, or `not_theirs 2, wrong_type 1` where there are several."""
    counts = Counter(str(one.reason) for one in rejections)
    if len(rejections) == 1:
        return next(iter(counts))
    return ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))

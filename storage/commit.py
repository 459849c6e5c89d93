"""The one way in: everything that one stretch of a source holds, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from journey.model import Notice, Rejection, Weighing
from storage.arrivals import store_notices, store_rejections, store_weighings
from storage.database import Connection, scalar, transaction
from storage.errors import OffsetMismatch
from storage.fixes import store_fixes
from storage.windows import touch
from storage.wire import FLAGGED

_ENTER = "INSERT INTO source_offset (source, position) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_STANDS_AT = "SELECT position FROM source_offset WHERE source = %s"
_BEGIN = "INSERT INTO batch (source, position_from, position_to) VALUES (%s, %s, %s) RETURNING id"
_END = """
    UPDATE batch SET fixes = %s, inserted = %s, duplicates = %s, replaced = %s, weighings = %s, notices = %s,
                     rejections = %s, committed_at = clock_timestamp()
    WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """What lies between two positions of a source. `received`: s UTC, for notices, which carry no such time."""

    source: str
    position_from: int
    position_to: int
    fixes: pl.DataFrame = field(default_factory=FLAGGED.to_frame)  # storage.wire.FLAGGED: FIX and flags
    weighings: Sequence[Weighing] = ()
    notices: Sequence[Notice] = ()
    rejections: Sequence[Rejection] = ()
    received: int | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What a batch added. Every fix sent is inserted, or adds a row to the copies: fixes = inserted + duplicates."""

    batch_id: int
    fixes: int
    inserted: int
    duplicates: int
    replaced: int  # of the duplicates, those that were stored and gave way to a better copy
    weighings: int  # not known before
    notices: int
    rejections: int


def source_offset(connection: Connection, source: str) -> int | None:
    """Where a source resumes: all before is committed. None: nothing of it is."""
    with connection.transaction():  # leaves nothing open in the way of commit_batch
        row = connection.execute(_STANDS_AT, (source,)).fetchone()
    return None if row is None else int(row[0])


def commit_batch(connection: Connection, batch: Batch) -> Committed:
    """Store a batch, whole or not at all. On return it is on disk, and may be acknowledged.

    Raises OffsetMismatch if the source does not stand at position_from, StoreUnavailable if the server goes away,
    ValueError for a time that cannot be stored. Two processes may commit at the same time.
    """
    if batch.position_to < batch.position_from:
        raise ValueError(f"{batch.source}: a batch from {batch.position_from} to {batch.position_to} runs backwards")
    with transaction(connection):
        connection.execute(_ENTER, (batch.source, batch.position_from))
        stands_at = scalar(connection, _STANDS_AT + " FOR UPDATE", (batch.source,))
        if stands_at != batch.position_from:
            raise OffsetMismatch(batch.source, batch.position_from, stands_at)
        batch_id: int = scalar(connection, _BEGIN, (batch.source, batch.position_from, batch.position_to))
        fixes = store_fixes(connection, batch.fixes, batch_id)
        weighings = store_weighings(connection, batch.weighings, batch_id)
        store_notices(connection, batch.notices, batch.source, batch.received, batch_id)
        store_rejections(connection, batch.rejections, batch_id)
        touch(connection, fixes.changed.joined(weighings.changed))
        done = Committed(
            batch_id,
            len(batch.fixes),
            fixes.inserted,
            fixes.duplicates,
            fixes.replaced,
            weighings.inserted,
            len(batch.notices),
            len(batch.rejections),
        )
        connection.execute(
            _END,
            (
                done.fixes,
                done.inserted,
                done.duplicates,
                done.replaced,
                done.weighings,
                done.notices,
                done.rejections,
                batch_id,
            ),
        )
        connection.execute(
            "UPDATE source_offset SET position = %s WHERE source = %s", (batch.position_to, batch.source)
        )
    return done

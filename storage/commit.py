"""The one way in: everything that one batch of arrivals holds, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl
import psycopg

from journey.model import Notice, Rejection, Weighing
from storage.arrivals import store_notices, store_rejections, store_weighings
from storage.database import Connection, scalar, transaction
from storage.errors import OffsetMismatch, Unstorable
from storage.fixes import store_fixes
from storage.intake import NOBODY, Account, AccountOf, Entry, Fates, enter
from storage.migrate import require_same
from storage.windows import touch
from storage.wire import FLAGGED

_ENTER = """
    INSERT INTO source_offset (source, position)
    SELECT source, position FROM unnest(%s::text[], %s::bigint[]) AS p (source, position) ORDER BY source
    ON CONFLICT DO NOTHING
"""
_STAND_AT = "SELECT source, position FROM source_offset WHERE source = ANY(%s) ORDER BY source FOR UPDATE"
_BEGIN = "INSERT INTO batch (connection) VALUES (%s) RETURNING id"
_END = """
    UPDATE batch SET fixes = %s, inserted = %s, duplicates = %s, replaced = %s, weighings = %s, notices = %s,
                     rejections = %s, committed_at = clock_timestamp()
    WHERE id = %s
"""
_HOLDS = """
    INSERT INTO batch_position (batch_id, source, position_from, position_to)
    SELECT %s, * FROM unnest(%s::text[], %s::bigint[], %s::bigint[])
"""
_MOVE = """
    UPDATE source_offset o SET position = p.position
    FROM unnest(%s::text[], %s::bigint[]) AS p (source, position) WHERE o.source = p.source
"""


class Position(NamedTuple):
    """A stretch of one stream; the unit is the stream's own."""

    source: str
    start: int
    end: int  # where the next batch starts


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction takes in.

    fixes: storage.wire.FLAGGED. positions: the stretches of streams that it holds, none where the transport keeps the
    account. received: s UTC, for notices, which carry no such time. booked_as: the name under which the books have it;
    empty: the connection's. accounts: to whom records are accounted; `account_of` holds, by kind of record, an index
    into it for each one; it may be left out where there is one account.
    """

    connection: str
    fixes: pl.DataFrame = field(default_factory=FLAGGED.to_frame)
    weighings: Sequence[Weighing] = ()
    notices: Sequence[Notice] = ()
    rejections: Sequence[Rejection] = ()
    positions: Sequence[Position] = ()
    received: int | None = None
    booked_as: str = ""
    accounts: Sequence[Account] = (NOBODY,)
    account_of: AccountOf | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What a batch added. Every fix sent is inserted, or adds a row to the copies: fixes = inserted + duplicates."""

    batch_id: int
    fixes: int
    inserted: int
    duplicates: int
    replaced: int  # of the duplicates, those that were stored and gave way to a better copy
    weighings: int  # not known before
    notices: int  # not known before
    rejections: int  # that arrived, known before or not
    entries: tuple[Entry, ...] = ()  # the same by account
    rejected: dict[tuple[str, str], int] = field(default_factory=dict)  # by sender (empty: us) and reason


def source_offset(connection: Connection, source: str) -> int | None:
    """Where a stream resumes: all before is committed. None: nothing of it is."""
    return source_offsets(connection, [source]).get(source)


def source_offsets(connection: Connection, sources: Sequence[str]) -> dict[str, int]:
    """Where each stream resumes; those of which nothing is committed are left out."""
    with connection.transaction():  # leaves nothing open in the way of commit_batch
        query = "SELECT source, position FROM source_offset WHERE source = ANY(%s)"
        return dict(connection.execute(query, (list(sources),)).fetchall())


def commit_batch(connection: Connection, batch: Batch) -> Committed:
    """Store a batch, whole or not at all. On return it is on disk, and may be acknowledged.

    Raises OffsetMismatch if a stream does not stand where the batch starts, StoreUnavailable if the server goes away,
    Unstorable where some record cannot be held by the tables, MigrationRefused where the schema is no longer the one
    that this program knows. Several processes may commit at the same time.
    """
    for one in batch.positions:
        if one.end < one.start:
            raise ValueError(f"{one.source}: a batch from {one.start} to {one.end} runs backwards")
    with _storable(batch), transaction(connection):
        require_same(connection)
        return _commit(connection, batch)[0]


def store_batch(connection: Connection, batch: Batch) -> tuple[Committed, Fates]:
    """Store a batch inside the open transaction, whole or not at all: what else the transaction holds stays good.

    Raises as commit_batch does.
    """
    with _storable(batch), connection.transaction():
        return _commit(connection, batch)


@contextmanager
def _storable(batch: Batch) -> Iterator[None]:
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise Unstorable(f"{batch.connection}: the store refuses a record: {error}") from error


def _commit(connection: Connection, batch: Batch) -> tuple[Committed, Fates]:
    _claim(connection, batch.positions)
    booked_as = batch.booked_as or batch.connection
    batch_id: int = scalar(connection, _BEGIN, (booked_as,))
    fixes = store_fixes(connection, batch.fixes, batch_id)
    weighings = store_weighings(connection, batch.weighings, batch_id)
    new_notices = store_notices(connection, batch.notices, batch.connection, batch.received, batch_id)
    store_rejections(connection, batch.rejections, batch_id)
    touch(connection, fixes.changed, weighings.changed)
    fates = Fates(fixes.fate, weighings.new, new_notices, len(batch.rejections))
    entries = enter(connection, booked_as, batch.accounts, _account_of(batch), fates, batch.fixes)
    done = Committed(
        batch_id,
        len(batch.fixes),
        fixes.inserted,
        fixes.duplicates,
        fixes.replaced,
        int(weighings.new.sum()),
        int(new_notices.sum()),
        len(batch.rejections),
        tuple(entries),
        dict(Counter((one.sender or "", str(one.reason)) for one in batch.rejections)),
    )
    counts = (done.fixes, done.inserted, done.duplicates, done.replaced, done.weighings, done.notices, done.rejections)
    connection.execute(_END, (*counts, batch_id))
    if batch.positions:
        sources, starts, ends = (list(column) for column in zip(*batch.positions, strict=True))
        connection.execute(_HOLDS, (batch_id, sources, starts, ends))
        connection.execute(_MOVE, (sources, ends))
    return done, fates


def _claim(connection: Connection, positions: Sequence[Position]) -> None:
    """Lock the streams, and see that each stands where the batch starts."""
    if not positions:
        return
    sources, starts, _ = (list(column) for column in zip(*positions, strict=True))
    connection.execute(_ENTER, (sources, starts))
    stand_at: dict[str, int] = dict(connection.execute(_STAND_AT, (sources,)).fetchall())
    for one in positions:
        if stand_at[one.source] != one.start:
            raise OffsetMismatch(one.source, one.start, stand_at[one.source])


def _account_of(batch: Batch) -> AccountOf:
    if batch.account_of is not None:
        return batch.account_of
    kinds = (batch.fixes, batch.weighings, batch.notices, batch.rejections)
    return AccountOf(*(np.zeros(len(records), np.int64) for records in kinds))

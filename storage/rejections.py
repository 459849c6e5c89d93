"""Stored rejections: read back, marked when they are driven in again, removed when they are old.

A rejection whose outcome begins with REJECTED_AGAIN, or that has none, may still be driven in; one that was taken in
may not, and nothing but its age removes it. What age removes stays counted in rejection_pruned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from journey.model import Reason, Rejection
from storage.database import Connection, scalar, transaction
from storage.names import clean

REJECTED_AGAIN = "rejected again"
_PRUNED_AT_ONCE = 5_000
_LOCK = 0x72656472  # of those who drive in again: one at a time

_COLUMNS = """
    SELECT id, source, place, reason, detail, payload, extract(epoch FROM received)::bigint, sender, protocol,
           extract(epoch FROM first_seen)::bigint, extract(epoch FROM last_seen)::bigint, seen,
           extract(epoch FROM redriven_at)::bigint, outcome
    FROM rejection
"""
_SELECTED = """
    WHERE (%(source)s::text IS NULL OR source = %(source)s::text)
    AND (%(sender)s::text IS NULL OR sender = %(sender)s::text)
    AND (%(reason)s::text IS NULL OR reason = %(reason)s::text)
    AND (%(since)s::bigint IS NULL OR last_seen >= to_timestamp(%(since)s::bigint))
"""
_OPEN = "AND (outcome IS NULL OR starts_with(outcome, %(again)s))"
_LIST = f"{_COLUMNS} {_SELECTED} AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s"
_ONE = f"{_COLUMNS} WHERE id = %s"
_IDS = "SELECT id FROM rejection"
_OPEN_IDS = f"{_IDS} {_SELECTED} {_OPEN} AND id > %(after)s AND id <= %(upto)s ORDER BY id LIMIT %(limit)s"
_OPEN_ROWS = f"{_COLUMNS} WHERE id = ANY(%(ids)s) {_OPEN} ORDER BY id"
_OUTCOMES = "SELECT id, outcome FROM rejection WHERE id = ANY(%s)"
_MARK = """
    UPDATE rejection r SET redriven_at = statement_timestamp(), outcome = o.outcome
    FROM unnest(%s::bigint[], %s::text[]) AS o (id, outcome) WHERE r.id = o.id
"""
_COUNT = "SELECT source, reason, count(*) FROM rejection GROUP BY source, reason ORDER BY source, reason"
_PRUNE = """
    WITH gone AS (
        DELETE FROM rejection WHERE id IN (
            SELECT id FROM rejection WHERE last_seen < to_timestamp(%(before)s::bigint)
            ORDER BY last_seen LIMIT %(limit)s FOR UPDATE)
        AND last_seen < to_timestamp(%(before)s::bigint)
        RETURNING source, coalesce(sender, '') AS sender, reason, seen, octet_length(payload) AS size, first_seen,
                  last_seen),
    entered AS (
        INSERT INTO rejection_pruned
        SELECT to_timestamp(%(now)s::double precision), source, sender, reason, count(*), sum(seen), sum(size),
               min(first_seen), max(last_seen)
        FROM gone GROUP BY source, sender, reason
        ON CONFLICT (pruned_at, source, sender, reason) DO UPDATE SET
            rejections = rejection_pruned.rejections + EXCLUDED.rejections,
            seen = rejection_pruned.seen + EXCLUDED.seen, bytes = rejection_pruned.bytes + EXCLUDED.bytes,
            first_seen = least(rejection_pruned.first_seen, EXCLUDED.first_seen),
            last_seen = greatest(rejection_pruned.last_seen, EXCLUDED.last_seen))
    SELECT count(*), coalesce(sum(size), 0)::bigint FROM gone
"""


@dataclass(frozen=True, slots=True)
class KeptRejection:
    """A rejection as stored. first_seen: when it was committed; last_seen: when it arrived last; times in s UTC.

    seen: how often it arrived. outcome: what came of driving it in again, at redriven_at; None: nobody did.
    """

    id: int
    rejection: Rejection
    first_seen: int
    last_seen: int
    seen: int
    redriven_at: int | None
    outcome: str | None


class Selection(NamedTuple):
    """Which rejections; None: whichever. source: connection or file. since: arrived (again) since, s UTC."""

    source: str | None = None
    sender: str | None = None
    reason: Reason | None = None
    since: int | None = None


class Pruned(NamedTuple):
    rejections: int
    bytes: int


def list_rejections(
    connection: Connection,
    limit: int,
    source: str | None = None,
    reason: Reason | None = None,
    before: int | None = None,
    sender: str | None = None,
    since: int | None = None,
) -> list[KeptRejection]:
    """Rejections, the latest first; `before`: an id, to page on."""
    selected = Selection(source, sender, reason, since)._asdict()
    return _kept(connection.execute(_LIST, {**selected, "before": before, "limit": limit}).fetchall())


def find_rejection(connection: Connection, id_: int) -> KeptRejection | None:
    return next(iter(_kept(connection.execute(_ONE, (id_,)).fetchall())), None)


def count_rejections(connection: Connection) -> dict[tuple[str, Reason], int]:
    """Number of rejections by source and reason."""
    return {(source, Reason(reason)): number for source, reason, number in connection.execute(_COUNT)}


def latest_rejection(connection: Connection) -> int:
    """The highest id; 0 where there is none."""
    return int(scalar(connection, "SELECT coalesce(max(id), 0) FROM rejection"))


def outcomes(connection: Connection, ids: Sequence[int]) -> dict[int, str | None]:
    """The outcome of each of the rejections; those that are not there are left out."""
    return dict(connection.execute(_OUTCOMES, (list(ids),)).fetchall())


def open_ids(connection: Connection, selection: Selection, after: int, upto: int, limit: int) -> list[int]:
    """Ids in (after, upto] of rejections that were not taken in yet, in order."""
    bounds = {"after": after, "upto": upto, "limit": limit, "again": REJECTED_AGAIN}
    return [id_ for (id_,) in connection.execute(_OPEN_IDS, {**selection._asdict(), **bounds})]


def take_open(connection: Connection, ids: Sequence[int]) -> list[KeptRejection]:
    """Those of them that were not taken in yet, inside the open transaction: until its end nobody else takes any."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    return _kept(connection.execute(_OPEN_ROWS, {"ids": list(ids), "again": REJECTED_AGAIN}).fetchall())


def mark_redriven(connection: Connection, outcomes: Mapping[int, str]) -> None:
    """Enter what came of driving rejections in again, inside the open transaction."""
    connection.execute(_MARK, (list(outcomes), [clean(outcome) for outcome in outcomes.values()]))


def prune(connection: Connection, before: int, now: float) -> Pruned:
    """Remove rejections that did not arrive since `before` (s UTC), a few thousand a transaction; their counts stay.

    Args: now: s UTC, under which the run stands in rejection_pruned.
    """
    rejections, size = 0, 0
    while True:
        with transaction(connection):
            parameters = {"before": before, "now": now, "limit": _PRUNED_AT_ONCE}
            row = connection.execute(_PRUNE, parameters).fetchone()
        assert row is not None  # noqa: S101 - a query of aggregates gives one row
        if not row[0]:
            return Pruned(rejections, size)
        rejections, size = rejections + row[0], size + row[1]


def _kept(rows: Sequence[tuple[object, ...]]) -> list[KeptRejection]:
    return [_one(*row) for row in rows]  # type: ignore[arg-type]


def _one(
    id_: int,
    source: str,
    place: str,
    reason: str,
    detail: str,
    payload: bytes,
    received: int | None,
    sender: str | None,
    protocol: str,
    *state: int,
) -> KeptRejection:
    rejection = Rejection(source, place, Reason(reason), detail, payload, received, sender, protocol)
    return KeptRejection(id_, rejection, *state)  # type: ignore[arg-type]

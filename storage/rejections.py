"""Stored rejections, read back."""

from __future__ import annotations

from dataclasses import dataclass

from journey.model import Reason, Rejection
from storage.database import Connection

_LIST = """
    SELECT id, source, place, reason, detail, payload, extract(epoch FROM received)::bigint,
           extract(epoch FROM first_seen)::bigint
    FROM rejection
    WHERE (%(source)s::text IS NULL OR source = %(source)s::text)
    AND (%(reason)s::text IS NULL OR reason = %(reason)s::text)
    AND (%(before)s::bigint IS NULL OR id < %(before)s::bigint)
    ORDER BY id DESC
    LIMIT %(limit)s
"""
_COUNT = "SELECT source, reason, count(*) FROM rejection GROUP BY source, reason ORDER BY source, reason"


@dataclass(frozen=True, slots=True)
class KeptRejection:
    """A rejection as stored. `first_seen`: when it was committed, s UTC."""

    id: int
    rejection: Rejection
    first_seen: int


def list_rejections(
    connection: Connection,
    limit: int,
    source: str | None = None,
    reason: Reason | None = None,
    before: int | None = None,
) -> list[KeptRejection]:
    """Rejections, the latest first; `before`: an id, to page on."""
    parameters = {"source": source, "reason": reason, "before": before, "limit": limit}
    return [
        KeptRejection(id_, Rejection(source_, place, Reason(why), detail, payload, received), seen)
        for id_, source_, place, why, detail, payload, received, seen in connection.execute(_LIST, parameters)
    ]


def count_rejections(connection: Connection) -> dict[tuple[str, Reason], int]:
    """Number of rejections by source and reason."""
    return {(source, Reason(reason)): number for source, reason, number in connection.execute(_COUNT)}

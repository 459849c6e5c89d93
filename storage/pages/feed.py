"""The feed of changes: every finding added or withdrawn, in the order in which it was committed.

A reader asks for what came after the last number that he has. No change can be missed: numbers are drawn at the commit,
one transaction after another (migration *_api.sql), so that a change which becomes visible later has a higher number.
"""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from storage.database import Connection

PAGE_MAX = 1000

_CHANGES: LiteralString = """
    SELECT c.number, f.id, c.withdrawn, extract(epoch FROM c.changed_at)::bigint, f.reason, f.body::text
    FROM finding_change c JOIN finding f ON f.row = c.finding_row
    WHERE c.number > %(after)s {operator}
    ORDER BY c.number LIMIT %(limit)s
"""
CHANGES: LiteralString = _CHANGES.replace("{operator}", "")
CHANGES_OF_OPERATOR: LiteralString = _CHANGES.replace("{operator}", "AND c.operator = %(operator)s")
SINCE: LiteralString = "SELECT min(number) - 1 FROM finding_change WHERE changed_at >= to_timestamp(%s::bigint)"
LAST: LiteralString = "SELECT COALESCE(max(number), 0) FROM finding_change"


class Change(NamedTuple):
    """One addition or withdrawal. A finding that states something else is withdrawn and added, under the same id."""

    number: int
    id: str
    withdrawn: bool
    changed_at: int  # s UTC
    reason: str | None  # of a withdrawal: law, method, code, or what was touched
    body: str  # JSON of the finding that was added or withdrawn, byte for byte as stored


def changes(connection: Connection, after: int, limit: int, operator: str | None = None) -> list[Change]:
    """Changes with a number above `after`, of all operators or of one, in order. Raises ValueError beyond PAGE_MAX."""
    if not 0 < limit <= PAGE_MAX:
        raise ValueError(f"a page of {limit} changes: 1 to {PAGE_MAX} can be asked for")
    query = CHANGES if operator is None else CHANGES_OF_OPERATOR
    rows = connection.execute(query, {"after": after, "limit": limit, "operator": operator})
    return [
        Change(number, id_, withdrawn, changed_at, reason if withdrawn else None, body)
        for number, id_, withdrawn, changed_at, reason, body in rows
    ]


def number_before(connection: Connection, time: int) -> int:
    """The number after which every change committed at or after an instant (s UTC) comes; some before it may too."""
    row = connection.execute(SINCE, (time,)).fetchone()
    if row is None or row[0] is None:
        row = connection.execute(LAST).fetchone()
    return 0 if row is None else int(row[0])

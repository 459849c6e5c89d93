"""What runs of the self-proof gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from storage.database import Connection, scalar

PASSED, FAILED, OUTAGE = "passed", "failed", "outage"
_SHOWN = 100  # differences that are kept
_ADD = """
    INSERT INTO proof (began_at, outcome, way, week, sent, stored, waiting, stored_s, judged_s, law_version, method,
                       code_version, detail, differences)
    VALUES (to_timestamp(%s), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_LAST = """
    SELECT id, floor(extract(epoch FROM began_at))::bigint, floor(extract(epoch FROM ended_at))::bigint, outcome, way,
           week, sent, stored, waiting, stored_s, judged_s, law_version, method, code_version, detail, differences
    FROM proof WHERE ended_at >= to_timestamp(%(since)s) AND ended_at < to_timestamp(%(until)s)
    AND (outcome <> 'outage' OR NOT %(conclusive)s)
    ORDER BY ended_at DESC, id DESC LIMIT %(most)s
"""
_RULES = "SELECT proof, rule, planted, found, extra FROM proof_rule WHERE proof = ANY(%s) ORDER BY proof, rule"
_EVER = 1 << 40


class Counts(NamedTuple):
    """Of one rule."""

    planted: int
    found: int
    extra: int


class Proof(NamedTuple):
    """One run. Instants in s UTC; see the comments of table `proof`. rules: by rule."""

    began_at: int
    ended_at: int
    outcome: str
    way: str
    week: str
    sent: int
    stored: int
    waiting: int
    stored_s: float | None
    judged_s: float | None
    law_version: str
    method: str
    code_version: str
    detail: str
    differences: Sequence[Mapping[str, Any]]
    rules: Mapping[str, Counts]

    @property
    def all(self) -> Counts:
        return Counts(*(sum(column) for column in zip(*self.rules.values(), strict=True)) if self.rules else (0, 0, 0))


def add_proof(connection: Connection, one: Proof) -> None:
    """In the open transaction; `ended_at` is the database's own."""
    number = scalar(connection, _ADD, (
        one.began_at, one.outcome, one.way, one.week, one.sent, one.stored, one.waiting, one.stored_s, one.judged_s,
        one.law_version, one.method, one.code_version, one.detail.replace("\0", "")[:2000],
        Jsonb([dict(each) for each in one.differences[:_SHOWN]]),
    ))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO proof_rule (proof, rule, planted, found, extra) VALUES (%s, %s, %s, %s, %s)",
            [(number, rule, *counts) for rule, counts in one.rules.items()],
        )


def last_proofs(
    connection: Connection, most: int, since: int = 0, until: int = _EVER, conclusive: bool = False
) -> list[Proof]:
    """Runs that ended in [since, until), s UTC, the last first; in the open transaction.

    Args: conclusive: those that passed or failed; an outage says nothing of the rules.
    """
    asked = {"most": most, "since": since, "until": until, "conclusive": conclusive}
    rows = connection.execute(_LAST, asked).fetchall()
    rules: dict[int, dict[str, Counts]] = {row[0]: {} for row in rows}
    for number, rule, *counts in connection.execute(_RULES, (list(rules),)):
        rules[number][rule] = Counts(*counts)
    return [Proof._make((*row[1:], rules[row[0]])) for row in rows]

"""Findings as sums ask for them: a fifth of the bytes, and nothing of the law that a body repeats."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, LiteralString, NamedTuple

from storage.database import Connection
from storage.names import known_vehicles

_COUNTED_OF: LiteralString = """
    SELECT f.id, f.rule, f.grade, v.plate, extract(epoch FROM f.at)::bigint, b.measured, b."limit", b.excess,
           b.detail -> 'record'
    FROM finding f JOIN vehicle v ON v.id = f.vehicle_id
    CROSS JOIN LATERAL json_to_record(f.body)
        AS b (measured double precision, "limit" double precision, excess double precision, detail json)
"""
_COUNTED: LiteralString = (
    _COUNTED_OF
    + """
    WHERE f.withdrawn_at IS NULL AND f.at >= to_timestamp(%(from)s::bigint) AND f.at < to_timestamp(%(to)s::bigint)
    AND f.rule = ANY(%(rules)s::text[])
    AND (%(vehicles)s::int[] IS NULL OR f.vehicle_id = ANY(%(vehicles)s::int[]))
"""
)
_COUNTED_ROWS: LiteralString = _COUNTED_OF + " WHERE f.row = ANY(%(rows)s::bigint[])"


class Counted(NamedTuple):
    """As much of a finding as sums ask for; of its detail the record alone, where it has one."""

    id: str
    rule: str
    grade: str
    vehicle: str
    at: int  # s UTC
    measured: float
    limit: float
    excess: float
    detail: dict[str, Any]


def load_counted(
    connection: Connection, at_from: int, at_to: int, rules: Collection[str], plates: Collection[str] | None = None
) -> list[Counted]:
    """Of current findings of some rules what is counted, in any order; period and plates as in load_findings."""
    vehicles = None if plates is None else list(known_vehicles(connection, plates).values())
    asked = {"from": at_from, "to": at_to, "rules": list(rules), "vehicles": vehicles}
    return [_counted(row) for row in connection.execute(_COUNTED, asked)]


def counted_rows(connection: Connection, rows: Sequence[int]) -> list[Counted]:
    """The same of findings by their rows, in any order."""
    return [_counted(row) for row in connection.execute(_COUNTED_ROWS, {"rows": list(rows)})] if rows else []


def _counted(row: tuple[Any, ...]) -> Counted:
    return Counted._make((*row[:-1], {} if row[-1] is None else {"record": row[-1]}))

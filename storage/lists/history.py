"""Findings with the runs behind them, current and withdrawn: what an amendment is made of."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from storage.database import Connection

_CURRENT = """
    SELECT f.row, f.id, f.content, f.grade, f.body::text, f.run_id, r.law_version, r.method, r.code_version
    FROM finding f JOIN run r ON r.id = f.run_id
    WHERE f.withdrawn_at IS NULL AND f.at >= to_timestamp(%s::bigint) AND f.at < to_timestamp(%s::bigint)
    ORDER BY f.row
"""
_WITHDRAWN = """
    SELECT row, id, reason, withdrawn_run FROM finding
    WHERE id = ANY(%s) AND withdrawn_at IS NOT NULL ORDER BY row
"""
_CASES = "SELECT finding, outcome FROM finding_case WHERE finding = ANY(%s)"
_WEEK = """
    SELECT COALESCE(max(touched), 0), COALESCE(max(checked), 0), count(*) FILTER (WHERE touched > checked)
    FROM vehicle_day WHERE day >= %s AND day < %s
"""


class Current(NamedTuple):
    """A current finding and the run that gave it."""

    row: int
    finding: str
    content: str
    grade: str
    body: str
    run_id: str
    law_version: str
    method: str
    code_version: str


class Withdrawal(NamedTuple):
    row: int
    finding: str
    reason: str
    run_id: str


class Marks(NamedTuple):
    """How far windows of a period stand: highest `touched`, highest `checked`, and how many wait to be judged."""

    touched: int
    checked: int
    waiting: int


def current_findings(connection: Connection, at_from: int, at_to: int) -> list[Current]:
    """Current findings of any grade with `at` in [at_from, at_to) s UTC, in the order in which they were stored."""
    return [Current(*row) for row in connection.execute(_CURRENT, (at_from, at_to))]


def withdrawals(connection: Connection, findings: Collection[str]) -> dict[str, list[Withdrawal]]:
    """Every withdrawal of these ids, the earliest first."""
    found: dict[str, list[Withdrawal]] = {id_: [] for id_ in findings}
    for row in connection.execute(_WITHDRAWN, (sorted(findings),)):
        one = Withdrawal(*row)
        found[one.finding].append(one)
    return found


def case_outcomes(connection: Connection, findings: Collection[str]) -> dict[str, str | None]:
    """Of those of these ids that have a case how it was closed; None: it is open."""
    return dict(connection.execute(_CASES, (sorted(findings),)).fetchall())


def marks(connection: Connection, day_from: int, day_to: int) -> Marks:
    """Of the windows of local days [day_from, day_to)."""
    row = connection.execute(_WEEK, (day_from, day_to)).fetchone()
    return Marks(*row) if row else Marks(0, 0, 0)

"""Runs: one computation of findings, and what it rested on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from storage.database import Connection

_SAVE = """
    INSERT INTO run (id, made_at, scope, watermark, law_version, method, code_version)
    VALUES (%s, to_timestamp(%s::bigint), %s::jsonb, %s, %s, %s, %s)
"""
_GET = """
    SELECT id, extract(epoch FROM made_at)::bigint, scope, watermark, law_version, method, code_version
    FROM run WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class Run:
    """`made_at`: s UTC; `scope`: what was looked at; `watermark`: highest `touched` that was taken into account."""

    id: str
    made_at: int
    scope: dict[str, Any]
    watermark: int
    law_version: str
    method: str
    code_version: str


def save_run(connection: Connection, run: Run) -> None:
    """Record a run, inside the open transaction and before what refers to it."""
    scope = json.dumps(run.scope, ensure_ascii=False)
    parameters = (run.id, run.made_at, scope, run.watermark, run.law_version, run.method, run.code_version)
    connection.execute(_SAVE, parameters)


def get_run(connection: Connection, run_id: str) -> Run | None:
    row = connection.execute(_GET, (run_id,)).fetchone()
    return None if row is None else Run(*row)

"""What the scheduler did: runs of jobs are added, with the week, month or day that each was due for."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection

DONE, FAILED = "done", "failed"
_LAST = """
    SELECT DISTINCT ON (job, slot) job, slot, outcome, floor(extract(epoch FROM began_at))::bigint,
           floor(extract(epoch FROM ended_at))::bigint, detail
    FROM job_run ORDER BY job, slot, outcome = 'done' DESC, id DESC
"""
_ADD = """
    INSERT INTO job_run (job, slot, outcome, began_at, detail) VALUES (%s, %s, %s, to_timestamp(%s), %s)
    ON CONFLICT (job, slot) WHERE outcome = 'done' DO NOTHING
"""


class Run(NamedTuple):
    """One run. Instants in s UTC. detail: what came of it, or why it failed."""

    job: str
    slot: str
    outcome: str
    began_at: int
    ended_at: int
    detail: str


def last_runs(connection: Connection) -> dict[tuple[str, str], Run]:
    """By job and slot the run that was done, else the last that failed."""
    return {(row[0], row[1]): Run(*row) for row in connection.execute(_LAST)}


def add_run(connection: Connection, job: str, slot: str, outcome: str, began_at: float, detail: str) -> None:
    """In the open transaction. That a slot is done is on record once, whoever says it again."""
    connection.execute(_ADD, (job, slot, outcome, began_at, detail.replace("\0", "")[:2000]))

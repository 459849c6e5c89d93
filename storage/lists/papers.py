"""Papers of a month as the schedule made them, kept so that what is delivered again is the same to the byte."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from storage.database import Connection

_KEPT = """
    SELECT p.month, floor(extract(epoch FROM p.made_at))::bigint, p.content FROM month_paper p
    WHERE p.name = 'bao-cao-' || p.month || '.sha256' ORDER BY p.month
"""
_FILES = "SELECT name, content FROM month_paper WHERE month = %s ORDER BY name"
_KEEP = "INSERT INTO month_paper (month, name, content) VALUES (%s, %s, %s)"


class MonthPapers(NamedTuple):
    """sums: the file of sums, which names every other. made_at: s UTC."""

    month: str
    made_at: int
    sums: bytes


def sums_name(month: str) -> str:
    """The file of sums of a month, such as bao-cao-2026-03.sha256."""
    return f"bao-cao-{month}.sha256"


def papers_kept(connection: Connection) -> list[MonthPapers]:
    """Every month of which papers are kept, in order; inside the open transaction."""
    return [MonthPapers(month, made_at, bytes(sums)) for month, made_at, sums in connection.execute(_KEPT)]


def papers_of(connection: Connection, month: str) -> dict[str, bytes]:
    """The files of a month by name, the sums last; empty: there are none. Inside the open transaction."""
    files = {name: bytes(content) for name, content in connection.execute(_FILES, (month,))}
    last = sums_name(month)
    return {name: files[name] for name in sorted(files, key=lambda name: (name == last, name))}


def keep_papers(connection: Connection, month: str, files: Mapping[str, bytes]) -> None:
    """Keep a month's papers, with their sums as `sha256sum` reads them; inside the open transaction, once a month."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    every = {**files, sums_name(month): "".join(lines).encode()}
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [(month, name, content) for name, content in every.items()])

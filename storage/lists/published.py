"""Published lists and amendments: only ever added. The tables themselves refuse a change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import psycopg

from storage.database import Connection, scalar
from storage.errors import PublishedDamaged, PublishedMeanwhile

_FIND = """
    SELECT position, year, number, week, amendment, extract(epoch FROM made_at)::bigint, law_version, method,
           code_version, touched, checked, waiting, previous, manifest, signature
    FROM list
    WHERE (%(week)s::text IS NULL OR week = %(week)s) AND (NOT %(last)s OR position = (SELECT max(position) FROM list))
    ORDER BY position
"""
_ADD = """
    INSERT INTO list (position, year, number, kind, week, amendment, made_at, law_version, method, code_version,
                      touched, checked, waiting, previous, manifest, manifest_hash, signature)
    VALUES (%s, %s, %s, %s, %s, %s, to_timestamp(%s::bigint), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ADD_FILE = "INSERT INTO list_file (position, name, sha256, content) VALUES (%s, %s, %s, %s)"
_ADD_ENTRIES = """
    INSERT INTO list_entry (position, finding, change, content, body, finding_row, before_content, before_body, reason,
                            run_id)
    SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::json[], %s::bigint[], %s::text[], %s::json[],
                             %s::text[], %s::text[])
"""
_ENTRIES = """
    SELECT finding, change, content, body::text, finding_row, before_content, before_body::text, reason, run_id
    FROM list_entry WHERE position = %s ORDER BY finding
"""
# Of each finding what was said last.
_STANDING = """
    SELECT * FROM (
        SELECT DISTINCT ON (e.finding) e.finding, e.change, e.content, e.body::text, e.finding_row
        FROM list_entry e JOIN list l ON l.position = e.position
        WHERE l.week = %s ORDER BY e.finding, l.amendment DESC) AS latest
    WHERE change <> 'withdrawn'
"""


@dataclass(frozen=True, slots=True)
class Published:
    """A list (`amendment` 0) or an amendment of it, as it went out. `made_at`: s UTC; marks as in the table."""

    position: int
    year: int
    number: int
    week: str
    amendment: int
    made_at: int
    law_version: str
    method: str
    code_version: str
    touched: int
    checked: int
    waiting: int
    previous: str | None
    manifest: bytes
    signature: bytes | None

    @property
    def manifest_hash(self) -> str:
        return hashlib.sha256(self.manifest).hexdigest()

    @property
    def title(self) -> str:
        """Number in the year, such as 07/2026."""
        return f"{self.number:02d}/{self.year}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was published of one finding. `change`: listed, added, withdrawn, changed; bodies as in finding."""

    finding: str
    change: str
    content: str | None
    body: str | None
    row: int
    before_content: str | None
    before_body: str | None
    reason: str | None
    run_id: str


class Standing(NamedTuple):
    """A finding as a list and its amendments have it."""

    finding: str
    content: str
    body: str
    row: int  # finding.row of what was published


def published_of(connection: Connection, week: str) -> list[Published]:
    """The list of a week and its amendments, in order; empty where none was published."""
    return _find(connection, week)


def every_published(connection: Connection) -> list[Published]:
    """The whole chain."""
    return _find(connection)


def last_published(connection: Connection) -> Published | None:
    """The end of the chain."""
    return next(iter(_find(connection, last=True)), None)


def _find(connection: Connection, week: str | None = None, last: bool = False) -> list[Published]:
    return [Published(*row) for row in connection.execute(_FIND, {"week": week, "last": last})]


def next_number(connection: Connection, year: int) -> int:
    """The first number of a year that is free."""
    return int(scalar(connection, "SELECT COALESCE(max(number), 0) + 1 FROM list WHERE year = %s", (year,)))


def add_published(connection: Connection, one: Published, entries: Sequence[Entry], files: dict[str, bytes]) -> None:
    """Publish, inside the open transaction. Raises PublishedMeanwhile where another process took its place."""
    kind = "amendment" if one.amendment else "list"
    values = (one.position, one.year, one.number, kind, one.week, one.amendment, one.made_at, one.law_version,
              one.method, one.code_version, one.touched, one.checked, one.waiting, one.previous, one.manifest,
              one.manifest_hash, one.signature)  # fmt: skip
    try:
        connection.execute(_ADD, values)
    except psycopg.errors.UniqueViolation as error:
        raise PublishedMeanwhile(f"{one.week}: another process published meanwhile; look again") from error
    for name, content in sorted(files.items()):
        connection.execute(_ADD_FILE, (one.position, name, hashlib.sha256(content).hexdigest(), content))
    columns = [list(column) for column in zip(*((
        entry.finding, entry.change, entry.content, entry.body, entry.row, entry.before_content, entry.before_body,
        entry.reason, entry.run_id) for entry in entries), strict=True)]  # fmt: skip
    if columns:
        connection.execute(_ADD_ENTRIES, (one.position, *columns))


def entries_of(connection: Connection, position: int) -> list[Entry]:
    """What one published list or amendment says of findings, in the order of their ids."""
    return [Entry(*row) for row in connection.execute(_ENTRIES, (position,))]


def files_of(connection: Connection, one: Published) -> dict[str, bytes]:
    """The files of a published list or amendment by name, byte for byte. Raises PublishedDamaged where they are not."""
    rows = connection.execute("SELECT name, content FROM list_file WHERE position = %s ORDER BY name", (one.position,))
    files: dict[str, bytes] = dict(rows.fetchall())
    said = {file["name"]: file["sha256"] for file in json.loads(one.manifest)["files"]}
    if said != {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}:
        raise PublishedDamaged(
            f"the store's files of {one.title} ({one.week}) are not those of its manifest: take them from a backup, or "
            "from anybody who verified what he received"
        )
    return files


def standing(connection: Connection, week: str) -> dict[str, Standing]:
    """What a week's list says after all its amendments, by id of the finding."""
    rows = connection.execute(_STANDING, (week,))
    return {id_: Standing(id_, content, body, row) for id_, _, content, body, row in rows}

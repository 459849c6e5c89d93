"""The chain of the audit log, walked anew: each hash is computed here from what stands in its row, not by the database.

A chain that is cut at its end is whole as far as it goes. What finds that are anchors: number and hash of the last row
at some instant, kept outside the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from storage.database import Connection

_START = bytes(32)
_ROWS_AT_ONCE = 5000
_WALK = """
    SELECT number, (extract(epoch FROM at) * 1000000)::bigint, person_id, login, via, what, subject, reason, detail,
           address, request, hash
    FROM audit ORDER BY number
"""
_LAST = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"
_AT = "SELECT hash FROM audit WHERE number = %s"


class Anchor(NamedTuple):
    """The end of the chain at some time. hash: hex."""

    number: int
    hash: str


class Verdict(NamedTuple):
    """What a walk found. fault: the first row that is wrong, in words; None: every row and anchor holds."""

    rows: int  # that hold, from the first on
    end: Anchor
    fault: str | None


def verify(connection: Connection, anchors: Iterable[Anchor] = ()) -> Verdict:
    """Walk the whole chain, and compare it with anchors; in the open transaction."""
    expected: dict[int, set[str]] = {}
    for one in anchors:
        expected.setdefault(one.number, set()).add(one.hash)
    number, digest = 0, _START
    with connection.cursor(name="audit_walk") as rows:
        rows.itersize = _ROWS_AT_ONCE
        for found, *fields, kept in rows.execute(_WALK):
            if found != number + 1:
                return Verdict(number, Anchor(number, digest.hex()), _gap(number + 1, found))
            digest = sha256(digest + text_of((found, *fields)).encode()).digest()
            if digest != kept:
                said = f"row {found} does not follow from what stands in it and in the row before: one was changed"
                return Verdict(number, Anchor(number, kept.hex()), said)
            number = found
            if expected.get(number, {kept.hex()}) != {kept.hex()}:
                said = f"row {number} is not the one that was anchored: the chain was made anew from there or before"
                return Verdict(number, Anchor(number, kept.hex()), said)
    end = Anchor(number, digest.hex())
    beyond = max(expected, default=0)
    if beyond > number:
        return Verdict(number, end, f"row {number + 1} is missing: the end is cut off, row {beyond} was anchored")
    return Verdict(number, end, None)


def end_of(connection: Connection) -> Anchor:
    """The end of the chain now: what an anchor keeps."""
    row = connection.execute(_LAST).fetchone()
    return Anchor(0, _START.hex()) if row is None else Anchor(row[0], row[1].hex())


def holds(connection: Connection, anchor: Anchor) -> bool:
    """Whether the row of an anchor is there as it was anchored; the rows before it are not looked at."""
    if anchor.number == 0:
        return anchor.hash == _START.hex()
    row = connection.execute(_AT, (anchor.number,)).fetchone()
    return row is not None and row[0].hex() == anchor.hash


def text_of(fields: Sequence[object]) -> str:
    """What of a row is hashed, as audit_text of the database writes it."""
    return "".join("-," if one is None else f"{len(str(one).encode())}:{one}," for one in fields)


def _gap(missing: int, found: int) -> str:
    return f"row {missing} is missing: the next one is row {found}"

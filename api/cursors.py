"""Cursors: where the page after begins, as one opaque word that is good for the same question only.

A cursor gives no right: every page is asked for with the filters and the caller's own bounds again.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import orjson

from api.problems import fault

LENGTH_MAX = 300
_NUMBER_MAX = (
    1 << 42
)  # no instant (s) and no row's number comes so far; a few times more is beyond PostgreSQL's calendar
_DIGEST = 8
_NEVER_KEPT = re.compile("[\\0\ud800-\udfff]")  # no text of the store has it, and PostgreSQL takes none


def cursor_of(question: Any, key: list[Any]) -> str:
    """question: everything that the page was asked with, as JSON can hold it. key: where it ended."""
    return urlsafe_b64encode(orjson.dumps([_digest(question), *key])).decode().rstrip("=")


def key_of[T](question: Any, cursor: str, kinds: tuple[type[T], ...]) -> list[T]:
    """The key in a cursor. kinds: the type of each part. Raises Problem for none of ours, and of another question."""
    try:
        found = orjson.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise fault("cursor", "it is none: send back what `next` gave, as it is") from None
    if (
        not isinstance(found, list)
        or len(found) != len(kinds) + 1
        or not all(type(part) is kind for part, kind in zip(found[1:], kinds, strict=True))
        or any(isinstance(part, int) and not 0 <= part <= _NUMBER_MAX for part in found[1:])
        or any(isinstance(part, str) and _NEVER_KEPT.search(part) for part in found[1:])
    ):
        raise fault("cursor", "it is none: send back what `next` gave, as it is")
    if found[0] != _digest(question):
        raise fault("cursor", "it belongs to another question: ask with the same filters as the page before")
    return found[1:]


def _digest(question: Any) -> str:
    return sha256(orjson.dumps(question, option=orjson.OPT_SORT_KEYS)).hexdigest()[:_DIGEST]

"""What is put on record of a search while it is typed.

Suggestions name plates and operators, never a person, and nothing below three letters and figures. What begins with a
text that is on record for the session is covered by it for a minute, so that a plate typed in ten strokes is one entry
and not ten; but what the suggestions narrow down to, one vehicle or one operator alone, is always on record by its own
name. Kept in each process by itself: where several answer, there may be an entry more, never one less.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from threading import Lock

from journey.plates import solid

LEAST = 3  # letters and figures: fewer say nothing about what is meant
COVERED_S = 60
_SESSIONS_MAX, _TEXTS_MAX = 10_000, 50


class Typed:
    """What each session has on record of the last minute: bounded, the oldest go first."""

    def __init__(self) -> None:
        self._of: OrderedDict[bytes, dict[str, float]] = OrderedDict()
        self._lock = Lock()

    def wanting(self, session: str, asked: str, alone: str | None, now: float) -> list[str]:
        """What is to be put on record now: the text, and what alone is found by it, unless they are covered."""
        with self._lock:
            known = {text: at for text, at in self._of.get(_key(session), {}).items() if 0 <= now - at < COVERED_S}
        text = solid(asked)
        wanted = [] if any(text.startswith(one) for one in known) else [text]
        return wanted + ([alone] if alone is not None and alone not in known and alone not in wanted else [])

    def written(self, session: str, texts: list[str], now: float) -> None:
        """After the commit: these are on record."""
        with self._lock:
            known = self._of.setdefault(_key(session), {})
            self._of.move_to_end(_key(session))
            known.update(dict.fromkeys(texts, now))
            for old in list(known)[:-_TEXTS_MAX]:
                del known[old]
            while len(self._of) > _SESSIONS_MAX:
                self._of.popitem(last=False)


def _key(session: str) -> bytes:
    return sha256(session.encode("utf-8", "replace")).digest()

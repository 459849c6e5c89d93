"""Which letters the typesetter's font has. What it has not is shown by its number, so that nothing is lost or hidden.

Signs that change the direction or the look of what follows are shown by number too: no name can disguise another.
"""

from __future__ import annotations

import re
from typing import Any

# Latin with every Vietnamese letter, Greek, Cyrillic, accents that follow their letter, punctuation, some signs.
_ELSE = re.compile(
    r"[^\n -~\u00a0-\u00ac\u00ae-\u0233\u0300-\u0304\u0306-\u030c\u031b\u0323\u0391-\u03a1\u03a3-\u03c9\u0401-\u045f"
    r"\u1e00-\u1eff\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u20ab\u20ac"
    r"\u2122\u2190-\u2193\u2212\u2248\u2260\u2264\u2265]+"
)
_LONG = re.compile(r"\S{25,}")
_BREAK_AFTER = 12
_MAY_BREAK = "\u200b"


def printable(text: str) -> str:
    """A text in letters that can be printed; a word longer than any column may break.

    >>> printable("Công ty 中文")
    'Công ty [U+4E2D U+6587]'
    """
    return _LONG.sub(lambda match: _broken(match[0]), shown(text))


def shown(text: str) -> str:
    """A text, or a drawing's source, whose other letters are shown by number."""
    return _ELSE.sub(lambda match: f"[{' '.join(f'U+{ord(sign):04X}' for sign in match[0])}]", text)


def printable_all(value: Any) -> Any:
    """The same of every text in plain data; keys stay."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: printable_all(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [printable_all(one) for one in value]
    return value


def _broken(word: str) -> str:
    return _MAY_BREAK.join(word[place : place + _BREAK_AFTER] for place in range(0, len(word), _BREAK_AFTER))

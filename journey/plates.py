"""Plates and licence numbers in their one written form (rules.md, section 1)."""

from __future__ import annotations

import re

# Two digits of the province, one or two series letters, three to five digits: Circular 79/2024/TT-BCA Art. 37, 39.
_DOMESTIC = re.compile(r"[0-9]{2}[A-Z]{1,2}[0-9]{3,5}")
_OTHER = re.compile(r"[^0-9A-Z]")
# The letter D with stroke, and the look-alike Eth that some keyboards give for it.
_D = str.maketrans({"Đ": "D", "Ð": "D"})
_LICENCE_MIN = 6
# What stands for the plate of a vehicle whose plate the reader could not read.
UNREAD = "?"


def solid(text: str) -> str:
    """Upper case, letters and digits only, D with stroke written D."""
    return _OTHER.sub("", text.upper().translate(_D))


def is_domestic(plate: str) -> bool:
    return _DOMESTIC.fullmatch(plate) is not None


def plate(text: str) -> str:
    """The plate's canonical form; one of no known domestic form is kept as sent (trimmed), never dropped.

    >>> plate("12c-123.45"), plate("29LĐ-006.78"), plate(" 粤B·12345 ")
    ('12C12345', '29LD00678', '粤B·12345')
    """
    canonical = solid(text)
    return canonical if is_domestic(canonical) else text.strip()


def licence(text: str | None) -> str | None:
    """The licence number's canonical form; None (unknown driver) if empty, all zeros or under 6 characters.

    >>> licence("79.0123-456788"), licence("000000000000"), licence("12-345")
    ('790123456788', None, None)
    """
    canonical = solid(text or "")
    if len(canonical) < _LICENCE_MIN or not canonical.strip("0"):
        return None
    return canonical

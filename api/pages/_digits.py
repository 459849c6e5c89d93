"""Figures in digits as people of a language write them: what babel gives for `#,##0.00`, in a fraction of its time.

A page has hundreds of figures, and babel reads its pattern and rounds in Python for each. The marks are babel's own;
a test holds both equal.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import NamedTuple

from babel.numbers import get_decimal_symbol, get_group_symbol

_EXACT = 1 << 53  # up to here a float holds every whole number


class Marks(NamedTuple):
    """What stands between the whole and its part, and between groups of three digits."""

    decimal: str
    group: str


def marks_of(locale: str) -> Marks:
    return Marks(get_decimal_symbol(locale), get_group_symbol(locale))


def digits(value: float, places: int, marks: Marks) -> str:
    """A figure with so many places after its mark, halves to even."""
    whole = float(value).is_integer() and abs(value) < _EXACT  # then there is nothing to round
    return _written(value if whole else _decimal(value), places, marks)


def digits_at_most(value: float, places: int, marks: Marks) -> str:
    """A figure with as many places as it needs, up to so many."""
    whole, _, part = digits(value, places, marks).partition(marks.decimal)
    part = part.rstrip("0")
    return f"{whole}{marks.decimal}{part}" if part else whole


def percent(value: float, places: int, marks: Marks) -> str:
    """A share of one in hundredths."""
    return _written(_decimal(value).scaleb(2), places, marks) + "%"


def _decimal(value: float) -> Decimal:
    """By its text, as it was written: 2.675 is a half, though the float is less."""
    return Decimal(str(value))


def _written(value: Decimal | float, places: int, marks: Marks) -> str:
    return f"{value:,.{places}f}".translate(_from_english(marks))


@cache
def _from_english(marks: Marks) -> dict[int, str]:
    """English marks to those of the language; both may be the same sign the other way round."""
    return {ord(","): marks.group, ord("."): marks.decimal}

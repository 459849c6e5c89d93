"""Figures in digits as people of a language write them: what babel gives for `#,##0.00`, in a fraction of its time.

A page has hundreds of figures, and babel reads its pattern and rounds in Python for each. The marks are babel's own;
a test holds both equal.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

# In units of the last place that is written. A float is off its text by half a bit of 53, each of two products by as
# much again: less than 4e-4 where it is small. So far from a half, both are rounded to the same figure.
_FAR, _SMALL = 1e-3, 1e12


class Marks(NamedTuple):
    """What stands between the whole and its part, and between groups of three digits."""

    decimal: str
    group: str


def marks_of(locale: Locale) -> Marks:
    return Marks(get_decimal_symbol(locale), get_group_symbol(locale))


def digits(value: float, places: int, marks: Marks) -> str:
    """A figure with so many places after its mark, halves to even."""
    if type(value) is int and not places:
        return f"{value:,}".replace(",", marks.group)
    return _written(value if _is_far_from_half(value, places) else _decimal(value), places, marks)


def digits_at_most(value: float, places: int, marks: Marks) -> str:
    """A figure with as many places as it needs, up to so many."""
    whole, _, part = digits(value, places, marks).partition(marks.decimal)
    part = part.rstrip("0")
    return f"{whole}{marks.decimal}{part}" if part else whole


def percent(value: float, places: int, marks: Marks) -> str:
    """A share of one in hundredths."""
    hundredths = value * 100
    exact = hundredths if _is_far_from_half(hundredths, places) else _decimal(value).scaleb(2)
    return _written(exact, places, marks) + "%"


def _is_far_from_half(value: float, places: int) -> bool:
    """Whether a float is rounded to the figure to which its text would be."""
    units = abs(value) * 10.0**places
    return units < _SMALL and abs(units % 1 - 0.5) > _FAR


def _decimal(value: float) -> Decimal:
    """By its text, as it was written: 2.675 is a half, though the float is less."""
    return Decimal(str(value))


def _written(value: Decimal | float, places: int, marks: Marks) -> str:
    """With English marks, then with those of the language, which may be the same two the other way round."""
    text = f"{value:,.{places}f}".replace(",", "_")
    return text.replace(".", marks.decimal).replace("_", marks.group)

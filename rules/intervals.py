"""Intervals of numbers as a lawyer writes them: "[5, 10)" is from 5 to below 10, "(20, 35]" above 20 up to 35.

The law's own phrases: "tu a den duoi b" = [a, b); "tu a den b" = [a, b]; "tren a den b" = (a, b]; "tren a" = (a, inf).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from math import inf

_FORM = re.compile(r"([\[(])\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?|inf)\s*([\])])")


@dataclass(frozen=True, slots=True)
class NumberInterval:
    """Bounds are integers in the interval's base unit; `high` is infinity where there is no upper bound."""

    low: int
    low_in: bool
    high: float
    high_in: bool

    def holds(self, value: int, per: int = 1) -> bool:
        """Whether value / per lies inside. Integers only: no rounding decides a law test."""
        above = value >= self.low * per if self.low_in else value > self.low * per
        return above and (self.high == inf or (value <= self.high * per if self.high_in else value < self.high * per))


def parse(text: str, factor: int) -> NumberInterval:
    """Read an interval whose bounds are printed in a unit of `factor` base units.

    >>> parse("[1.0, 1.3)", 1000)
    NumberInterval(low=1000, low_in=True, high=1300, high_in=False)
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is no interval: write "[5, 10)", "(20, 35]" or "(35, inf)"')
    opening, low_text, high_text, closing = match.groups()
    low = whole(low_text, factor)
    high = inf if high_text == "inf" else whole(high_text, factor)
    if high == inf and closing == "]":
        raise ValueError(f'{text!r} includes infinity: end it with "inf)"')
    if high < low or (high == low and (opening, closing) != ("[", "]")):
        raise ValueError(f"{text!r} is empty: the upper bound must lie above the lower one")
    return NumberInterval(low, opening == "[", high, closing == "]")


def whole(number: object, factor: int) -> int:
    """A printed number in base units. Raises ValueError where it is none, or is not whole in base units."""
    if isinstance(number, bool) or not isinstance(number, (int, float, str)):
        raise ValueError(f"{number!r} is not a number")
    try:
        exact = Decimal(str(number)) * factor
        base = int(exact)
    except (ArithmeticError, ValueError):
        raise ValueError(f"{number!r} is not a number") from None
    if base != exact:
        raise ValueError(f"{number!r} is finer than the unit that the rules compute in")
    return base

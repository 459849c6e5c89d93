"""Speeds as tenths of km/h, rounded half-up on the decimal text (rules.md, section 1).

A binary float hides its decimal text: 64.95 is stored as 64.9500000000000028 and, as a float32, as 64.9499969. The
value is therefore compared with the float nearest to the half: if they are equal, the text ended in a five. A half of
a negative number goes away from zero, as it does in decimal arithmetic.
"""

from __future__ import annotations

import math
import struct
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import numpy.typing as npt

_FLOAT32 = struct.Struct("<f")
_TENTH = Decimal("0.1")


def of_text(text: str) -> int:
    """Tenths of a decimal text. Raises ArithmeticError or ValueError where it is no finite number.

    >>> of_text("64.95"), of_text("64.9499999999999999"), of_text("1e2")
    (650, 649, 1000)
    """
    number = Decimal(text.strip())
    if not number.is_finite():
        raise ValueError(f"{text!r} is not a finite number")
    return int(number.quantize(_TENTH, rounding=ROUND_HALF_UP).scaleb(1))


def of_float(value: float) -> int:
    """Tenths of a number that was read from a decimal text as a float64.

    >>> of_float(64.95), of_float(64.94), of_float(80.05), of_float(-1.0)
    (650, 649, 801, -10)
    """
    size = abs(value)
    low = math.floor(size * 10)
    tenths = low + 1 if size >= (low + 0.5) / 10 else low
    return tenths if value >= 0 else -tenths


def least(tenths: int) -> float:
    """The least number that `of_float` gives as so many tenths, for whoever compares without it; of one and more.

    >>> least(51), of_float(least(51)), of_float(math.nextafter(least(51), 0))
    (5.05, 51, 50)
    """
    return (tenths - 0.5) / 10


def of_float32(value: float) -> int:
    """Tenths of a float32's shortest decimal.

    >>> of_float32(64.94999694824219), of_float32(78.05000305175781)
    (650, 781)
    """
    size = abs(value)
    low = math.floor(size * 10)
    half: float = _FLOAT32.unpack(_FLOAT32.pack((low + 0.5) / 10))[0]
    tenths = low + 1 if size >= half else low
    return tenths if value >= 0 else -tenths


def of_floats(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """`of_float` over an array. Shape: n -> n."""
    size = np.abs(values)
    low = np.floor(size * 10)
    tenths = (low + (size >= (low + 0.5) / 10)).astype(np.int64)
    return np.where(values >= 0, tenths, -tenths)

"""Speeds are rounded half-up on their decimal text: compared with exact decimal arithmetic."""

from __future__ import annotations

import math
import struct
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey import tenths

# Texts as devices write them, halves of a tenth among them more often than chance would have it.
short = st.builds(
    "{}{}.{}{}".format, st.sampled_from(("", "-")), st.integers(0, 400), st.integers(0, 9),
    st.sampled_from(("", "0", "4", "5", "49", "50", "51", "5000", "4999", "9")),
)  # fmt: skip
long = st.builds(
    "{}{}.{}{}{}".format, st.sampled_from(("", "-", "+")), st.integers(0, 10**12), st.integers(0, 9),
    st.sampled_from(("4", "5")), st.text("0123456789", max_size=60),
)  # fmt: skip


def exact(text: str) -> int:
    """Half-up to a tenth; halves go away from zero."""
    number = Fraction(text) * 10  # of any length: a decimal context would round long texts first
    whole = int(abs(number) + Fraction(1, 2))
    return whole if number >= 0 else -whole


@given(st.one_of(short, long))
def test_a_text_is_rounded_exactly(text: str) -> None:
    assert tenths.of_text(text) == exact(text)
    assert tenths.of_text(f"  {text}\n") == exact(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("64.95", 650), ("64.9499999999999999999999", 649), ("64.95000000000000000000001", 650), ("-0.05", -1),
     ("-0.04", 0), ("0", 0), ("1e2", 1000), ("5E-2", 1), ("200.05", 2001), (".25", 3), ("-64.95", -650)],
)  # fmt: skip
def test_texts_at_the_half(text: str, expected: int) -> None:
    assert tenths.of_text(text) == expected


@pytest.mark.parametrize("text", ["", "fast", "nan", "inf", "-Infinity", "1,5", "6 5", "0x10"])
def test_a_text_that_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises((ArithmeticError, ValueError)):
        tenths.of_text(text)


@given(st.one_of(short, st.integers(-(10**7), 10**7).map(lambda number: f"{number / 1000:.3f}")))
def test_a_float_is_rounded_as_its_text(text: str) -> None:
    assert tenths.of_float(float(text)) == exact(text)


@given(st.integers(1, 10**6))
def test_the_least_of_so_many_tenths_is_theirs_and_what_is_less_is_not(number: int) -> None:
    assert tenths.of_float(tenths.least(number)) == number
    assert tenths.of_float(math.nextafter(tenths.least(number), 0)) == number - 1


@given(st.integers(1, 200), st.one_of(short.map(float), st.integers(-(10**6), 10**6).map(lambda one: one / 10_000)))
def test_to_compare_with_the_least_is_to_compare_tenths(number: int, value: float) -> None:
    assert (value >= tenths.least(number)) == (tenths.of_float(value) >= number)


@given(st.lists(short, max_size=20))
def test_an_array_is_rounded_as_its_floats(texts: list[str]) -> None:
    values = np.array([float(text) for text in texts])
    assert tenths.of_floats(values).tolist() == [exact(text) for text in texts]


@given(st.one_of(
    short.map(float),
    st.integers(0, 4_000_00).map(lambda number: number / 1000),
    st.floats(0, 300, width=32),
    st.floats(-300, 0, width=32),
))  # fmt: skip
def test_a_float32_is_rounded_as_its_shortest_decimal(value: float) -> None:
    sent = np.float32(value)
    written = str(sent) if math.isfinite(sent) else ""
    assert tenths.of_float32(float(sent)) == exact(written)


def test_a_float32_at_the_half_is_not_what_its_float64_says() -> None:
    sent = struct.unpack("<f", struct.pack("<f", 64.95))[0]
    assert sent < 64.95
    assert Decimal(sent).quantize(Decimal("0.1"), ROUND_HALF_UP) == Decimal("64.9")
    assert tenths.of_float32(sent) == 650

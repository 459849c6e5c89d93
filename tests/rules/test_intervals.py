"""Intervals as a lawyer writes them, at each of their edges, in integers alone."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.intervals import NumberInterval, parse, whole


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("[5, 10)", (5, 9), (4, 10)),
        ("[10, 20]", (10, 20), (9, 21)),
        ("(20, 35]", (21, 35), (20, 36)),
        ("(20, 35)", (21, 34), (20, 35)),
        ("(35, inf)", (36, 10**12), (35, 0)),
        ("[35, inf)", (35, 10**12), (34, -1)),
        ("[7, 7]", (7,), (6, 8)),
        ("  [0,1]  ", (0, 1), (-1, 2)),
    ],
)
def test_an_interval_holds_what_it_says(text: str, inside: tuple[int, ...], outside: tuple[int, ...]) -> None:
    interval = parse(text, 1)
    assert [interval.holds(value) for value in inside] == [True] * len(inside)
    assert [interval.holds(value) for value in outside] == [False] * len(outside)


@pytest.mark.parametrize(
    ("text", "factor", "inside", "outside"),
    [
        ("[1.0, 1.3)", 1000, (1000, 1299), (999, 1300)),
        ("(1.3, inf)", 1000, (1301,), (1300,)),
        ("[5, 10)", 10, (50, 99), (49, 100)),
        ("[0, 4.5]", 1000, (0, 4500), (4501,)),
    ],
)
def test_bounds_are_read_in_base_units(
    text: str, factor: int, inside: tuple[int, ...], outside: tuple[int, ...]
) -> None:
    interval = parse(text, factor)
    assert all(interval.holds(value) for value in inside)
    assert not any(interval.holds(value) for value in outside)


@pytest.mark.parametrize(
    ("text", "value", "per", "held"),
    [
        # 10 % of 24,000 kg are 2,400 kg: exactly that is lawful, one kilogram more is not.
        ("(10, 20]", 100 * 2400, 24_000, False),
        ("(10, 20]", 100 * 2401, 24_000, True),
        ("(10, 20]", 100 * 4800, 24_000, True),
        ("(10, 20]", 100 * 4801, 24_000, False),
        ("(20, 50]", 100 * 4801, 24_000, True),
        ("(50, inf)", 100 * 12_000, 24_000, False),
        ("(50, inf)", 100 * 12_001, 24_000, True),
        # A third of 3 is 1, of 10**15 + 1 it is no float.
        ("[1, 2)", 3, 3, True),
        ("[1, 2)", 10**15 - 1, 10**15, False),
        ("[1, 2)", 2 * 10**15 - 1, 10**15, True),
        ("[1, 2)", 2 * 10**15, 10**15, False),
    ],
)
def test_a_share_is_compared_without_division(text: str, value: int, per: int, held: bool) -> None:
    assert parse(text, 1).holds(value, per) is held


@given(
    low=st.integers(0, 50), width=st.integers(1, 50), open_end=st.booleans(), low_in=st.booleans(),
    high_in=st.booleans(), value=st.integers(-1000, 10_000), per=st.integers(1, 100),
)  # fmt: skip
def test_holds_is_the_fraction_between_the_bounds(
    low: int, width: int, open_end: bool, low_in: bool, high_in: bool, value: int, per: int
) -> None:
    high = inf if open_end else low + width
    interval = NumberInterval(low, low_in, high, high_in)
    share = Fraction(value, per)
    above = share >= low if low_in else share > low
    below = share <= high if high_in else share < high
    assert interval.holds(value, per) is (above and below)


@pytest.mark.parametrize(
    "text",
    [
        "5..10",
        "5-10",
        "[5, 10",
        "[5; 10)",
        "[-5, 10)",
        "[5, 10))",
        "(inf, 5)",
        "[a, b]",
        "",
        "[5]",
        "[5, 10) ]",
        "[٥, 10)x",
    ],
)
def test_other_writings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'is no interval: write "\[5, 10\)"'):
        parse(text, 1)


@pytest.mark.parametrize("text", ["[10, 5]", "(5, 5]", "[5, 5)", "(5, 5)"])
def test_what_holds_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is empty: the upper bound must lie above the lower one"):
        parse(text, 1)


def test_infinity_is_never_included() -> None:
    with pytest.raises(ValueError, match="includes infinity"):
        parse("[5, inf]", 1)


@pytest.mark.parametrize(
    ("number", "factor", "base"),
    [(4, 3600, 14_400), ("1.3", 1000, 1300), (1.3, 1000, 1300), (0.1, 10, 1), ("0", 1, 0), (3.2, 1000, 3200)],
)
def test_a_printed_number_becomes_whole_base_units(number: object, factor: int, base: int) -> None:
    assert whole(number, factor) == base


@pytest.mark.parametrize("number", [True, None, "four", [4], "nan", "inf", float("nan"), float("inf")])
def test_what_is_no_number_is_refused(number: object) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        whole(number, 1)


@pytest.mark.parametrize(("number", "factor"), [(0.5, 1), ("1.3005", 1000), (64.95, 10)])
def test_what_is_finer_than_the_base_unit_is_refused(number: object, factor: int) -> None:
    with pytest.raises(ValueError, match="is finer than the unit"):
        whole(number, factor)

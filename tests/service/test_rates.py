"""Shares of what is known, and nothing of what is not."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from journey.localtime import number_of
from journey.registry import Registration
from rules.service_rates import Service, delay_within, registered_days, total

HALF, MOST = Fraction(1, 2), Fraction(95, 100)
MARCH, APRIL = number_of(date(2026, 3, 1)), number_of(date(2026, 4, 1))


def test_a_share_of_nothing_is_not_known() -> None:
    nothing = Service(vehicles=3)
    shares = (nothing.online, nothing.moving_on_time, nothing.standing_on_time, nothing.drift, nothing.qualified,
              nothing.ahead, nothing.complete)  # fmt: skip
    assert shares == (None,) * 7
    assert delay_within({}, HALF) is None
    assert Service(fixes=5, without_receipt=5).ahead is None


def test_zero_of_something_is_zero() -> None:
    silent = Service(vehicles=1, registered_days=31)
    assert silent.online == 0
    assert Service(fixes=4, usable=3, drifted=1).qualified == Fraction(3, 4)


def test_a_whole_is_the_sum_of_its_parts() -> None:
    parts = [Service(vehicles=1, fixes=2, delays={"5": 2}), Service(vehicles=1, fixes=3, delays={"5": 1, "inf": 2})]
    assert total(parts) == Service(vehicles=2, fixes=5, delays={"5": 3, "inf": 2})
    assert total([]) == Service()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.sampled_from((HALF, MOST)))
def test_a_delay_within_which_a_part_came(edges: list[int], part: Fraction) -> None:
    delays = {str(edge): edges.count(edge) for edge in set(edges)}
    found = int(delay_within(delays, part) or -1)
    assert sum(edge <= found for edge in edges) >= part * len(edges)
    assert sum(edge < found for edge in edges) < part * len(edges)


def test_what_came_after_the_last_edge_is_last() -> None:
    assert delay_within({"inf": 1, "30": 1, "5": 1}, HALF) == "30"
    assert delay_within({"inf": 1, "30": 1, "5": 1}, MOST) == "inf"


def test_registered_days_are_those_of_the_row_in_force() -> None:
    rows = [
        Registration("A", "OP1", "truck", valid_to=date(2026, 3, 10)),
        Registration("A", "OP2", "truck", valid_from=date(2026, 3, 11), valid_to=date(2026, 3, 20)),
        Registration("B", "OP1", "coach", valid_from=date(2026, 3, 31)),
        Registration("C", "OP1", "semi_trailer"),  # carries no recorder
        Registration("D", "OP1", "truck", valid_to=date(2026, 2, 28)),
    ]
    assert registered_days(rows, MARCH, APRIL) == {("OP1", "A"): 10, ("OP2", "A"): 10, ("OP1", "B"): 1}
    assert registered_days([], MARCH, APRIL) == {}
    assert registered_days(rows, MARCH, MARCH) == {}

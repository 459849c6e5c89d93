"""Which weeks of whom are judged anew."""

from __future__ import annotations

from datetime import date

from cli.checking.weeks import weeks_of
from journey.localtime import DAY_S, midnight
from storage.activities import Affected

WEEK_S = 7 * DAY_S
MONDAY = midnight(date(2025, 3, 3))


def test_only_the_weeks_in_which_something_changed() -> None:
    """One driver a year apart, a vehicle without a driver over the end of a week, another that ends with it."""
    found = weeks_of(
        [
            Affected("A", None, MONDAY + 3600, MONDAY + 7200),
            Affected("A", None, MONDAY - 52 * WEEK_S, MONDAY - 52 * WEEK_S + 60),
            Affected("A", None, MONDAY + DAY_S, MONDAY + 2 * DAY_S),
            Affected(None, "12C12345", MONDAY - 60, MONDAY + 60),
            Affected(None, "12C12346", MONDAY + 6 * DAY_S, MONDAY + WEEK_S),
        ]
    )
    assert found == {
        ("A", None): [(MONDAY - 52 * WEEK_S, MONDAY - 51 * WEEK_S), (MONDAY, MONDAY + WEEK_S)],
        (None, "12C12345"): [(MONDAY - WEEK_S, MONDAY + WEEK_S)],
        (None, "12C12346"): [(MONDAY, MONDAY + WEEK_S)],
    }

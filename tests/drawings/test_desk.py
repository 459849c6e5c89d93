"""Drawings of the desk, a driver's week and bars: well-formed whatever the data; no line for what is not in force."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from api.drawings import driver_week
from api.drawings.bars import Bar, bar_chart
from api.drawings.driver_week import EN, VI, Drive, Limits, Piece, driver_week_chart
from journey.localtime import DAY_S
from journey.track import DRIVING, STANDING, UNKNOWN

MONDAY = 1_772_384_400  # 2026-03-02 00:00 local
HOUR = 3600
DAYS = [f"day {number}" for number in range(7)]
LAW = Limits(4 * HOUR, 10 * HOUR, 48 * HOUR)
OVER = driver_week._OVER
TIMES = st.integers(MONDAY - DAY_S, MONDAY + 8 * DAY_S)


def week(drives: list[Drive], limits: Limits = LAW) -> str:
    pieces = [Piece("12C12345", one.start, one.end, DRIVING) for one in drives]
    return driver_week_chart("790", MONDAY, DAYS, pieces, drives, limits)


@given(
    licence=st.text(max_size=12),
    days=st.lists(st.text(max_size=8), min_size=7, max_size=7),
    pieces=st.lists(st.builds(
        lambda plate, start, length, kind: Piece(plate, start, start + length, kind),
        st.text(max_size=8), TIMES, st.integers(1, DAY_S), st.sampled_from((DRIVING, STANDING, UNKNOWN))), max_size=20),
    drives=st.lists(st.builds(lambda start, length, before: Drive(start, start + length, before),
                              TIMES, st.integers(1, DAY_S), st.integers(0, DAY_S)), max_size=20),
    limits=st.builds(Limits, *[st.none() | st.integers(1, 50 * HOUR)] * 3),
    words=st.sampled_from((VI, EN)),
)  # fmt: skip
def test_a_week_is_well_formed_and_the_same_again(
    licence: str, days: list[str], pieces: list[Piece], drives: list[Drive], limits: Limits, words: driver_week.Words
) -> None:
    made = [driver_week_chart(licence, MONDAY, days, pieces, drives, limits, words) for _ in range(2)]
    assert made[0] == made[1]
    ET.fromstring(made[0])  # noqa: S314 - ours
    assert "style=" not in made[0]


def test_what_is_beyond_a_limit_is_drawn_apart() -> None:
    exactly = [Drive(MONDAY + 6 * HOUR, MONDAY + 10 * HOUR, 0)]
    beyond = [Drive(MONDAY + 6 * HOUR, MONDAY + 10 * HOUR + 1, 0)]
    assert week(beyond).count(f'fill="{OVER}" fill-opacity') == week(exactly).count(f'fill="{OVER}" fill-opacity') + 1


def test_a_drive_over_midnight_goes_on_counting() -> None:
    """Two hours before midnight and three after, without a break: over four hours on the second day."""
    night = week([Drive(MONDAY + 22 * HOUR, MONDAY + 27 * HOUR, 0)])
    assert night.count(f'fill="{OVER}" fill-opacity') == 2  # and once in the legend


def test_day_and_week_beyond_their_limit_are_told_in_hours() -> None:
    days = [Drive(MONDAY + day * DAY_S, MONDAY + day * DAY_S + 10 * HOUR + 60, 0) for day in range(5)]
    drawn = week(days, LAW._replace(continuous_s=None))
    assert drawn.count(">10:01<") == 5
    assert ">50:05<" in drawn
    assert f'stroke="{OVER}" stroke-width="2.4"' in drawn


def test_a_limit_that_is_not_in_force_is_not_drawn() -> None:
    drive = [Drive(MONDAY, MONDAY + 11 * HOUR, 0)]
    assert OVER not in week(drive, Limits(None, None, None))
    for limits, said in ((LAW, ("4 h", "10 h", "48 h")), (LAW._replace(week_s=None), ("4 h", "10 h"))):
        drawn = week(drive, limits)
        assert [one for one in ("4 h", "10 h", "48 h") if f">{one}<" in drawn] == list(said)


@given(st.text(max_size=20), st.lists(st.builds(Bar, st.text(max_size=5), st.none() | st.floats(0, 1e6),
                                                st.text(max_size=6)), min_size=1, max_size=15))  # fmt: skip
def test_bars_are_well_formed(title: str, bars: list[Bar]) -> None:
    ET.fromstring(bar_chart(title, bars))  # noqa: S314 - ours


def test_a_week_of_which_nothing_is_known_has_no_bar() -> None:
    drawn = bar_chart("trend", [Bar("W1", None, "–"), Bar("W2", 0.0, "0"), Bar("W3", 2.5, "2,5")])
    assert drawn.count("<g><title>") == 2
    assert ">2,5<" in drawn

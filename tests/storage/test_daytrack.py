"""A day's track for a map: few points, none of them made up, and what matters kept."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from api.daytracks import shown_track
from journey.localtime import day_start
from journey.model import Flag
from journey.track import encode
from rules.quality import figures_box, jumped, screen, standing
from storage.commit import commit_batch
from storage.database import Connection
from storage.pages.daytrack import DayTrack, day_track, simplify
from tests.casefolder import LAW
from tests.storage.samples import DAY, fix, frame, stretch

START = day_start(DAY)


def straight(count: int, speed: int = 500, start: int = 0) -> list[tuple[int, float, float, int]]:
    return [(start + 10 * place, 106.7, 21.5 + 0.001 * place, speed) for place in range(count)]


def test_a_straight_line_is_its_ends() -> None:
    rows = straight(100)
    assert [point[:4] for point in simplify(rows, 5, 60)] == [rows[0], rows[-1]]


def test_a_bend_is_kept_and_a_smaller_one_is_not() -> None:
    rows = [(time, lon + (20 - abs(20 - time // 10)) / 103_500, lat, speed) for time, lon, lat, speed in straight(41)]
    assert [point.time for point in simplify(rows, 15, 60)] == [0, 200, 400]
    assert [point.time for point in simplify(rows, 25, 60)] == [0, 400]


def test_both_ends_of_each_stand_are_kept_though_the_line_is_straight() -> None:
    rows = [
        (time, lon, lat, 0 if 100 <= time <= 150 or time >= 480 else speed) for time, lon, lat, speed in straight(50)
    ]
    assert [point.time for point in simplify(rows, 50, 60)] == [0, 100, 150, 480, 490]


def test_both_sides_of_a_break_are_kept_and_no_line_leads_over_it() -> None:
    rows = straight(10) + straight(10, start=1000)
    assert [(point.time, point.after_break) for point in simplify(rows, 50, 60)] == [
        (0, False), (90, False), (1000, True), (1090, False)]  # fmt: skip
    assert [point.time for point in simplify(rows, 50, 1000)] == [0, 1090]


def test_one_fix_and_none() -> None:
    assert [point.time for point in simplify(straight(1), 5, 60)] == [0]
    assert simplify([], 5, 60) == []


@given(
    st.lists(st.tuples(st.integers(1, 200), st.integers(-300, 300), st.integers(-300, 300),
                       st.sampled_from([0, 5, 400])), min_size=1, max_size=60),
    st.sampled_from([0, 1, 25, 400]),
)  # fmt: skip
def test_every_point_is_a_fix_and_no_fix_lies_farther_than_the_tolerance(
    steps: list[tuple[int, int, int, int]], tolerance_m: int
) -> None:
    rows, time = [], 0
    for wait, east, north, speed in steps:
        time += wait
        rows.append((time, 106.7 + east / 103_000, 21.5 + north / 111_000, speed))
    points = simplify(rows, tolerance_m, 100)
    assert [point[:4] for point in points] == [row for row in rows if row[0] in {point.time for point in points}]
    assert (points[0][:4], points[-1][:4]) == (rows[0], rows[-1])
    kept = {point.time for point in points}
    for before, after in pairwise(rows):
        if after[0] - before[0] > 100:
            assert {before[0], after[0]} <= kept
        if (before[3] == 0) != (after[3] == 0):
            assert (after if after[3] == 0 else before)[0] in kept
    scale = np.cos(np.radians(np.mean([row[2] for row in rows]))) * 111_195.08
    for left, right in pairwise(points):
        line = shapely.LineString(
            [(left.lon * scale, left.lat * 111_195.08), (right.lon * scale, right.lat * 111_195.08)]
        )
        for instant, lon, lat, _ in rows:
            if left.time <= instant <= right.time:
                assert shapely.Point(lon * scale, lat * 111_195.08).distance(line) <= tolerance_m + 1e-3


def test_of_a_stored_day_what_is_usable_comes_the_right_way_round(connection: Connection) -> None:
    sent = [
        fix(time=START - 1), fix(time=START), fix(time=START + 10, lon=0, lat=0),
        fix(time=START + 20, lon=21.26, lat=105.5),
        fix("29B00001", START + 5), fix(time=START + 86_399, lat=21.27), fix(time=START + 86_400),
    ]  # fmt: skip
    commit_batch(connection, stretch("s", 0, 1, frame(sent, [0, 0, Flag.ZERO, Flag.SWAPPED, 0, 0, 0])))
    track = day_track(connection, "12C12345", DAY, 5, 300)
    assert track.fixes == 3
    assert [(point.time - START, point.lon, point.lat, point.after_break) for point in track.points] == [
        (0, 105.5, 21.25, False), (20, 105.5, 21.26, False), (86_399, 105.5, 21.27, True)]  # fmt: skip
    assert day_track(connection, "unknown", DAY, 5, 300) == DayTrack(0, [])
    assert day_track(connection, "29B00001", DAY + 1, 5, 300) == DayTrack(0, [])
    with pytest.raises(ValueError, match="tolerance -1 m"):
        day_track(connection, "12C12345", DAY, -1, 300)


@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from([0.0, 0.001, 0.9, -1.2])), min_size=1, max_size=30))
def test_what_a_map_leaves_out_is_what_the_rules_leave_out(steps: list[tuple[int, float]]) -> None:
    times = np.cumsum([step for step, _ in steps]) + START
    lons = np.array([105.5 + away for _, away in steps])
    lats = np.full(len(steps), 21.25)
    sent = frame([fix(time=int(time), lon=float(lon)) for time, lon in zip(times, lons, strict=True)])
    flags, _ = screen(standing(encode(sent).frame, figures_box(LAW), LAW)[0], LAW)
    assert jumped(times, lons, lats, LAW).tolist() == ((flags & Flag.JUMP) != 0).tolist()


def test_a_lone_fix_far_away_is_on_no_map(connection: Connection) -> None:
    sent = [fix(time=START + 10 * k, lat=21.25 + 0.001 * k, lon=106.7 if k == 5 else 105.5) for k in range(10)]
    commit_batch(connection, stretch("s", 0, 1, frame(sent)))
    track = shown_track(connection, "12C12345", DAY, 5, LAW)
    assert (track.fixes, {point.lon for point in track.points}) == (9, {105.5})

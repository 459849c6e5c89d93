"""Drawings: well-formed whatever the data, the same again, and what they say can be read off them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.drawings.axles import Group, Mass, axle_drawing
from api.drawings.driving_chart import Piece, driving_chart
from api.drawings.plane import Mark
from api.drawings.scales import marks, time_marks
from api.drawings.speed_chart import speed_chart
from api.drawings.svg import element, escaped, label
from api.drawings.track import WITHIN, Point, Track, look
from api.drawings.track_map import RoadLine, track_map
from api.drawings.words import EN, VI
from journey.track import DRIVING, STANDING, UNKNOWN

START = 1_773_000_000  # 2026-03-09 03:00:00 local
NAMES = st.text(max_size=12)
POINTS = st.builds(
    Point,
    time=st.integers(START, START + 700_000),
    lon=st.floats(102, 110),
    lat=st.floats(8, 24),
    speed_kmh=st.floats(0, 200),
    limit_kmh=st.none() | st.floats(20, 120),
    band=st.integers(WITHIN, 3),
    used=st.booleans(),
    known=st.booleans(),
)
TRACKS = st.builds(
    lambda vehicle, points: Track(vehicle, tuple(sorted(points, key=lambda point: point.time))),
    NAMES,
    st.lists(POINTS, min_size=1, max_size=30),
)
BANDS = ("5-10", "10-20", "20-35", "35+")


def texts(svg: str) -> list[str]:
    """What a reader is told; not the outlines of letters below it."""
    found = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - our own
    return [one.text or "" for one in found if one.get("aria-hidden") is None]


def run(speeds: list[float], limit: float = 60.0) -> Track:
    """A vehicle going north, a fix every 10 s; those over the limit by 10 km/h and more count."""
    points = [
        Point(START + 10 * place, 106.7, 21.5 + place * 0.001, speed, limit, 1 if speed >= limit + 10 else WITHIN,
              speed >= limit + 10, True)
        for place, speed in enumerate(speeds)
    ]  # fmt: skip
    return Track("12C12345", tuple(points))


@given(tracks=st.lists(TRACKS, min_size=1, max_size=3), road=NAMES)
def test_a_map_of_anything_is_well_formed_and_the_same_again(tracks: list[Track], road: str) -> None:
    roads = [RoadLine(road, ((106.0, 21.0), (106.5, 21.5)), candidate, 60.0) for candidate in (True, False)]
    first = track_map("X", tracks, BANDS, roads, [Mark(106.1, 21.1, road)], START + 5)
    assert first == track_map("X", tracks, BANDS, roads, [Mark(106.1, 21.1, road)], START + 5)
    assert texts(first)
    assert not re.search(r'="(nan|inf|-inf)', first)


@given(track=TRACKS)
def test_a_chart_of_anything_is_well_formed(track: Track) -> None:
    svg = speed_chart(track, track.points[0].time, track.points[-1].time, track.points[0].time, BANDS)
    assert texts(svg)
    assert not re.search(r'="(nan|inf|-inf)', svg)


@given(
    axles=st.lists(st.integers(0, 40_000), min_size=1, max_size=9),
    spacing=st.lists(st.integers(0, 20_000), max_size=9),
    limit=st.none() | st.integers(1, 60_000),
)
def test_a_weighing_of_anything_is_well_formed(axles: list[int], spacing: list[int], limit: int | None) -> None:
    groups = [Group(1, len(axles), sum(axles), limit, over=True)]
    svg = axle_drawing("<b>", axles, spacing, groups, [Mass("&", -5, 1, over=False, note="<i>")])
    assert "Trục 1" in texts(svg)
    shown = sum(text.endswith(" m") for text in texts(svg))
    assert shown == (len(spacing) if len(spacing) == len(axles) - 1 else 0)


def test_a_run_is_drawn_in_the_look_of_its_band() -> None:
    svg = track_map("12C12345", [run([50, 55, 72, 74, 73, 50])], BANDS)
    assert f'stroke="{look(1).colour}"' in svg
    assert f'stroke="{look(2).colour}"' not in svg
    said = texts(svg)
    assert "Vượt 10-20 km/h" in said
    assert {"Đầu 03:00:20", "Cuối 03:00:40", "B"} <= set(said)
    assert any(text.endswith(" m") for text in said)  # the scale


def test_bands_differ_in_lightness_and_thickness() -> None:
    """So that a print without colours, and a reader who tells no red from green, can tell them apart."""
    looks = [look(band) for band in range(4)]
    light = [sum(int(one.colour[place : place + 2], 16) * part for place, part in ((1, 0.3), (3, 0.59), (5, 0.11)))
             for one in looks]  # fmt: skip
    assert light == sorted(light, reverse=True)
    assert min(a - b for a, b in pairwise(light)) > 20
    assert [one.width for one in looks] == sorted(one.width for one in looks)
    assert look(9) == look(3)


def test_a_chart_shows_the_limit_and_leaves_a_silence_open() -> None:
    track = run([50, 55, 72, 74])
    silent = Track("X", (*track.points[:2], track.points[2]._replace(known=False), track.points[3]))
    lines = speed_chart(track, START, START + 30, START + 20, BANDS).count("<polyline")
    assert speed_chart(silent, START, START + 30, START + 20, BANDS).count("<polyline") > lines
    assert {"Tốc độ", "Giới hạn", "Hoàn thành 03:00:20"} <= set(
        texts(speed_chart(track, START, START + 30, START + 20, BANDS))
    )
    assert "Speed" in texts(speed_chart(track, START, START + 30, START + 20, BANDS, EN))


def test_many_fixes_keep_their_extremes() -> None:
    points = [Point(START + place, 106.7, 21.5, 50.0, None, WITHIN, True, True) for place in range(50_000)]
    points[33_333] = points[33_333]._replace(speed_kmh=119.0)
    svg = speed_chart(Track("X", tuple(points)), START, START + 50_000, START)
    assert len(svg) < 100_000
    top = min(float(y) for y in re.findall(r"[\d.]+,([\d.]+)", svg))
    assert top < 30  # near the upper edge of the chart, where 119 of 120 km/h lies


def test_two_vehicles_at_once_count_once() -> None:
    pieces = [Piece("A", START, START + 7200, DRIVING, True), Piece("B", START + 3600, START + 10_800, DRIVING, True),
              Piece("A", START + 7200, START + 9000, STANDING, False),
              Piece("B", START + 10_800, START + 12_000, UNKNOWN, False)]  # fmt: skip
    svg = driving_chart(pieces, "D", START, START + 12_000, START + 10_000, 7200)
    curve = re.findall(r"[\d.]+,([\d.]+)", svg[svg.index("<polyline") :])
    hours = dict(zip(("0 h", "1 h", "2 h", "3 h"), range(4), strict=True))
    assert {"A", "B", "Giới hạn 2 h", "Dừng", "Không rõ"} <= set(texts(svg))
    marked = {text: float(y) for y, text in re.findall(r'y="([\d.]+)"[^>]*>(\d h)<', svg)}
    per_hour = (marked["0 h"] - marked["2 h"]) / 2
    assert abs((float(curve[0]) - float(curve[-1])) / per_hour - hours["3 h"]) < 0.01


def test_what_the_law_does_not_count_is_not_drawn_as_an_offence() -> None:
    below = axle_drawing("X", [10_500], [], [Group(1, 1, 10_500, 10_000, over=False)], [])
    above = axle_drawing("X", [11_500], [], [Group(1, 1, 11_500, 10_000, over=True)], [])
    assert "vượt 5,00% (không tính)" in texts(below)
    assert "vượt 15,00%" in texts(above)
    assert "#9c1020" in above
    assert "#9c1020" not in below


def test_escaping() -> None:
    assert escaped("<a&\"'\x00\x0b>") == "&lt;a&amp;&quot;&#x27;\ufffd\ufffd&gt;"
    assert element("g", x=None, stroke_width=1.50, class_="a") == '<g stroke-width="1.5" class="a"/>'
    assert "<b>" not in label(0, 0, "<b>")


def test_both_languages_have_every_word() -> None:
    for name in VI.__dataclass_fields__:
        assert re.findall(r"\{\w+\}", getattr(VI, name)) == re.findall(r"\{\w+\}", getattr(EN, name)), name
        assert getattr(EN, name)


def test_marks_are_round_and_inside() -> None:
    assert marks(0, 80, 5) == [0, 20, 40, 60, 80]
    assert marks(0.3, 1.1, 5) == [0.4, 0.6000000000000001, 0.8, 1.0]
    assert time_marks(START, START + 60, 4) == [
        (START + 15 * step, f"03:{step // 4:02d}:{step % 4 * 15:02d}") for step in range(5)
    ]
    assert [text for _, text in time_marks(START, START + 3 * 86_400, 4)] == ["10/03", "11/03", "12/03"]

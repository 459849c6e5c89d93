"""Places in areas against a plain loop over edges of polygons, and distances against a plain loop over steps."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.localtime import DAY_S, date_of, day_of, day_start, number_of
from journey.model import Fix
from journey.registry import Area, Registry
from journey.track import DRIVING, fix_frame
from rules.areas import NOWHERE, driven_there, index, locate
from rules.engine import know, vehicle_floor
from rules.summaries import day_sums
from tests.casefolder import LAW

DAY = number_of(date(2025, 7, 1))
Ring = list[tuple[float, float]]


def area(level: int, code: str, rings: list[Ring], first: date | None = None, last: date | None = None) -> Area:
    shape = shapely.multipolygons([shapely.polygons(rings[0], rings[1:] or None)])
    return Area(level, code, f"Name {code}", bytes(shapely.to_wkb(shape)), first, last)


def box(west: float, south: float, east: float, north: float) -> Ring:
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def in_ring(ring: Ring, lon: float, lat: float) -> bool:
    """Whether a ray to the east crosses the ring an odd number of times."""
    inside = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > lat) != (by > lat) and lon < (bx - ax) * (lat - ay) / (by - ay) + ax:
            inside = not inside
    return inside


corner = st.integers(0, 12).map(lambda place: place * 0.1)
days = st.one_of(st.none(), st.integers(-3, 3).map(lambda more: date_of(DAY + more)))


@st.composite
def maps(draw: st.DrawFn) -> list[tuple[Area, list[Ring]]]:
    made = []
    for number in range(draw(st.integers(1, 6))):
        west, south = draw(corner), draw(corner)
        wide, high = draw(st.integers(2, 8)) * 0.1, draw(st.integers(2, 8)) * 0.1
        rings = [box(west, south, west + wide, south + high)]
        if draw(st.booleans()):
            rings.append(box(west + 0.05, south + 0.05, west + wide - 0.05, south + high - 0.05))
        made.append((area(draw(st.integers(1, 2)), str(number), rings, draw(days), draw(days)), rings))
    return made


# Never on a border: those lie at whole twentieths.
place = st.integers(0, 200).map(lambda step: step * 0.01 + 0.003)


@given(maps(), st.lists(st.tuples(place, place, st.integers(DAY - 4, DAY + 4)), min_size=1, max_size=30))
def test_places_lie_where_a_plain_loop_finds_them(
    made: list[tuple[Area, list[Ring]]], places: list[tuple[float, float, int]]
) -> None:
    prepared = index([one for one, _ in made])
    assert prepared is not None
    lon, lat, day = (np.array(column) for column in zip(*places, strict=True))
    found = locate(prepared, lon, lat, day)
    assert found.keys() == {one.level for one, _ in made}
    for level, located in found.items():
        for number, (x, y, when) in enumerate(places):
            holding = [
                which
                for which, (one, rings) in enumerate(made)
                if one.level == level
                and (one.valid_from or date.min) <= date_of(when) <= (one.valid_to or date.max)
                and in_ring(rings[0], x, y)
                and not any(in_ring(hole, x, y) for hole in rings[1:])
            ]
            assert located[number] == (holding[0] if len(holding) == 1 else NOWHERE)


def track(start: int, tenths: list[int], gaps: list[int]) -> pl.DataFrame:
    """A track northwards from 106.0, 20.0, one step of some 100 m after the other, of these speeds and gaps."""
    times = start + np.concatenate(([0], np.cumsum(gaps[: len(tenths) - 1])))
    return fix_frame([
        Fix("A", None, int(time), 106.0, 20.0 + 0.001 * step, speed)
        for step, (time, speed) in enumerate(zip(times.tolist(), tenths, strict=True))
    ])  # fmt: skip


@settings(max_examples=60)
@given(
    st.integers(-600, 600),
    st.lists(st.sampled_from([0, 300, 600]), min_size=2, max_size=40),
    st.lists(st.integers(1, 200), min_size=40, max_size=40),
    st.integers(0, 40),
)
def test_parts_of_a_day_add_up_to_it(around: int, tenths: list[int], gaps: list[int], border: int) -> None:
    south = area(1, "S", [box(105, 19, 107, 20 + 0.001 * border + 0.0005)], None, date_of(DAY - 1))
    north = area(1, "N", [box(105, 20 + 0.001 * border + 0.0005, 107, 22)])
    prepared = index([north, south])
    assert prepared is not None
    floor = vehicle_floor(track(day_start(DAY) + around, tenths, gaps), know(Registry(), LAW), LAW)
    fixes = floor.fixes
    sums = day_sums(fixes.vehicle, fixes.time, floor.flags, floor.usable, floor.kind, floor.activities)
    whole = {key: one.driving_m for key, one in sums.items()}
    found = list(driven_there(prepared, floor.usable, floor.kind, whole))
    added: Counter[tuple[int, int]] = Counter()
    for one in found:
        assert one.driving_mm >= 0
        added[one.vehicle, one.day] += one.driving_mm
    assert {key: value for key, value in added.items() if value} == {
        key: round(metres * 1000) for key, metres in whole.items() if round(metres * 1000)
    }
    # Step by step, and second by second over midnight.
    plain: Counter[tuple[int, int]] = Counter()
    usable = floor.usable
    for step in np.flatnonzero(floor.kind == DRIVING).tolist():
        begun, ended = int(usable.time[step]), int(usable.time[step + 1])
        southern = 1 if day_of(begun) < DAY else NOWHERE
        where = 0 if usable.lat[step] > 20 + 0.001 * border + 0.0005 else southern
        for second in range(begun, ended):
            plain[day_of(second), where] += usable.step_m[step] / (ended - begun)
    for one in found:
        assert abs(plain[one.day, one.area] * 1000 - one.driving_mm) <= 1.5


def test_the_last_day_in_force_is_a_whole_day() -> None:
    last = date_of(DAY)
    old, new = area(1, "1", [box(0, 0, 1, 1)], None, last), area(1, "2", [box(0, 0, 1, 1)], last + timedelta(days=1))
    prepared = index([old, new])
    assert prepared is not None
    moments = np.array([day_start(DAY), day_start(DAY) + DAY_S - 1, day_start(DAY + 1)])
    half = np.full(3, 0.5)
    assert locate(prepared, half, half, day_of(moments))[1].tolist() == [0, 0, 1]


def test_without_areas_there_is_no_index() -> None:
    assert index([]) is None

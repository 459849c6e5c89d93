"""The map of places of origin: every place in sight, by its number, and as large as its journeys are many."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from math import isclose, sqrt

from hypothesis import given
from hypothesis import strategies as st

from api.drawings.origin_map import _LEAST_R, _MOST_R, Place, origin_map
from api.drawings.plane import EDGE, HEIGHT, WIDTH, Mark
from api.drawings.words import EN

SVG = "{http://www.w3.org/2000/svg}"
places = st.lists(
    st.tuples(st.floats(106, 107.5), st.floats(21, 22.5), st.integers(1, 5000)), min_size=1, max_size=12
).map(lambda rows: [Place(number, *row) for number, row in enumerate(rows, 1)])


@given(places)
def test_every_place_is_a_disc_in_the_frame(found: list[Place]) -> None:
    tree = ET.fromstring(origin_map(found, [((106, 21), (107, 22))], [Mark(106.7, 21.8, "<KT & 1>")], EN))  # noqa: S314 - ours
    (inside,) = [one for one in tree.iter(SVG + "svg") if one is not tree]
    discs = sorted(inside.iter(SVG + "circle"), key=lambda one: float(one.attrib["r"]))
    most = max(one.journeys for one in found)
    radii = sorted(max(_LEAST_R, _MOST_R * sqrt(one.journeys / most)) for one in found)
    for disc, radius in zip(discs, radii, strict=True):
        assert isclose(float(disc.attrib["r"]), radius, abs_tol=0.06)
        assert 0 <= float(disc.attrib["cx"]) <= WIDTH - 2 * EDGE
        assert 0 <= float(disc.attrib["cy"]) <= HEIGHT - 2 * EDGE
    said = [one.text for one in inside.iter(SVG + "text")]
    assert {str(one.number) for one in found} <= set(said)
    assert "<KT & 1>" in said


def test_it_is_the_same_bytes_again_and_has_no_script() -> None:
    found = [Place(1, 106.7, 21.8, 3)]
    assert origin_map(found) == origin_map(found)
    assert "script" not in origin_map(found)

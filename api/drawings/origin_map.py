"""A map of the places at which overloaded journeys began, each a disc by how many, beside roads and stations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import NamedTuple

from api.drawings.plane import EDGE, HEIGHT, WIDTH, Mark, Plane, middle_named, north_arrow, plane_of, scale_bar
from api.drawings.svg import GREY, INK, LIGHT, PAPER, document, element, label, line, polyline, rect, window
from api.drawings.words import VI, Words

_MOST_R, _LEAST_R = 26.0, 11.0  # of a disc
_SQUARE = 6.0  # half the side of a station's mark
_FILL = "#d9820a"


class Place(NamedTuple):
    """Where journeys began. number: its rank, as it stands beside it in the table."""

    number: int
    lon: float
    lat: float
    journeys: int


def origin_map(
    places: Sequence[Place],
    roads: Iterable[Sequence[tuple[float, float]]] = (),
    stations: Sequence[Mark] = (),
    words: Words = VI,
) -> str:
    """The map as SVG. Args: places: one or more, each in its colour and size; roads: lines as (lon, lat)."""
    shown = [(one.lon, one.lat) for one in places] + [(one.lon, one.lat) for one in stations]
    plane = plane_of(shown, WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE)
    drawn = [rect(0, 0, plane.width, plane.height, fill="#f7f8f9")]
    drawn += [_road(road, plane) for road in roads]
    most = max(one.journeys for one in places)
    # The smaller lie on the larger, and stay to be seen.
    drawn += [part for one in sorted(places, key=lambda one: -one.journeys) for part in _disc(one, plane, most)]
    drawn += [part for mark in stations for part in _station(mark, plane)]
    frame = rect(EDGE, EDGE, plane.width, plane.height, fill="none", stroke=GREY)
    inside = window(EDGE, EDGE, plane.width, plane.height, *drawn)
    return document(WIDTH, HEIGHT + 32, words.origins_title, inside, frame, *scale_bar(plane, words),
                    *north_arrow(words), middle_named(plane, words), *_legend(words))  # fmt: skip


def _road(road: Sequence[tuple[float, float]], plane: Plane) -> str:
    points = [plane.at(*place) for place in road]
    return polyline(points, stroke=LIGHT, stroke_width=4, stroke_linejoin="round", stroke_linecap="round")


def _station(mark: Mark, plane: Plane) -> list[str]:
    x, y = plane.at(mark.lon, mark.lat)
    left = x > plane.width * 0.75
    return [
        rect(x - _SQUARE, y - _SQUARE, 2 * _SQUARE, 2 * _SQUARE, fill=PAPER, stroke=INK, stroke_width=2),
        label(x + (-11 if left else 11), y + 5, mark.name, anchor="end" if left else "start", size=12.5, halo=True),
    ]


def _disc(one: Place, plane: Plane, most: int) -> list[str]:
    x, y = plane.at(one.lon, one.lat)
    radius = max(_LEAST_R, _MOST_R * sqrt(one.journeys / most))  # the area says how many
    return [
        element("circle", cx=x, cy=y, r=radius, fill=_FILL, fill_opacity=0.75, stroke=PAPER, stroke_width=1.5),
        label(x, y + 4.5, str(one.number), anchor="middle", size=12.5, bold=True, halo=True),
    ]


def _legend(words: Words) -> list[str]:
    y = HEIGHT + 14
    return [
        element("circle", cx=EDGE + 10, cy=y, r=_LEAST_R, fill=_FILL, fill_opacity=0.75),
        label(EDGE + 28, y + 5, words.origins_disc),
        rect(EDGE + 330, y - _SQUARE, 2 * _SQUARE, 2 * _SQUARE, fill=PAPER, stroke=INK, stroke_width=2),
        label(EDGE + 350, y + 5, words.station),
        line(EDGE + 450, y, EDGE + 480, y, stroke=LIGHT, stroke_width=4),
        label(EDGE + 486, y + 5, words.other_road),
    ]

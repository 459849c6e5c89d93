"""The plane of a map: planar on the tangent at its middle, north up; and what every map has on it besides."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians
from typing import NamedTuple

from api.drawings.scales import round_step
from api.drawings.svg import GREY, INK, PAPER, element, label, line, rect
from api.drawings.words import Words, decimal
from journey.track import EARTH_RADIUS_M

WIDTH, HEIGHT, EDGE = 720.0, 430.0, 10.0  # of a map with its frame
_DEGREE_M = EARTH_RADIUS_M * radians(1)
_LEAST_M = 300.0  # a map shows at least so much
_ROOM = 0.22  # of the extent of what is shown, left free on each side


class Mark(NamedTuple):
    """A place that is named, such as a weigh station."""

    lon: float
    lat: float
    name: str


class Plane(NamedTuple):
    """lon, lat: of the middle. per_m: units of the paper. width, height: of the paper."""

    lon: float
    lat: float
    per_m: float
    width: float
    height: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        east = (lon - self.lon) * _DEGREE_M * cos(radians(self.lat))
        north = (lat - self.lat) * _DEGREE_M
        return self.width / 2 + east * self.per_m, self.height / 2 - north * self.per_m


def plane_of(places: Sequence[tuple[float, float]], width: float, height: float) -> Plane:
    """The plane on which all places (lon, lat) lie, of a size on the paper; one place or more."""
    lon = (min(place[0] for place in places) + max(place[0] for place in places)) / 2
    lat = (min(place[1] for place in places) + max(place[1] for place in places)) / 2
    east = (max(place[0] for place in places) - lon) * 2 * _DEGREE_M * cos(radians(lat))
    north = (max(place[1] for place in places) - lat) * 2 * _DEGREE_M
    room = max(east, north) * _ROOM * 2
    per_m = min(width / max(east + room, _LEAST_M), height / max(north + room, _LEAST_M))
    return Plane(lon, lat, per_m, width, height)


def scale_bar(plane: Plane, words: Words) -> list[str]:
    metres = round_step(150 / plane.per_m, 1)
    metres = metres if metres * plane.per_m <= 240 else metres / 2
    length, x, y = metres * plane.per_m, EDGE + 16, HEIGHT - EDGE - 16
    said = f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km".replace(".", words.decimal)
    return [
        rect(x - 8, y - 22, length + 16, 32, fill=PAPER, fill_opacity=0.85),
        line(x, y, x + length, y, stroke_width=3),
        line(x, y - 5, x, y + 5, stroke_width=2),
        line(x + length, y - 5, x + length, y + 5, stroke_width=2),
        label(x + length / 2, y - 8, said, anchor="middle", size=12.5),
    ]


def north_arrow(words: Words) -> list[str]:
    x, y = WIDTH - EDGE - 32, EDGE + 14
    return [
        element("circle", cx=x, cy=y + 20, r=25, fill=PAPER, fill_opacity=0.85),
        element("path", d=f"M {x} {y} L {x + 8} {y + 24} L {x} {y + 18} L {x - 8} {y + 24} Z", fill=INK),
        label(x, y + 39, words.north, anchor="middle", bold=True),
    ]


def middle_named(plane: Plane, words: Words) -> str:
    text = f"{decimal(plane.lat, 5, words)}° {words.north}  {decimal(plane.lon, 5, words)}° {words.east}"
    return label(
        WIDTH - EDGE - 6, HEIGHT - EDGE - 8, f"+ {text}", anchor="end", size=11.5, fill=GREY, halo=True
    ) + label(EDGE + plane.width / 2, EDGE + plane.height / 2 + 4, "+", anchor="middle", size=14, fill=GREY)

"""What drawings know of a track, and how the bands of an excess look.

Bands are told apart by lightness and by thickness, so that a print without colours and a reader who sees no difference
between red and green can tell them too.
"""

from __future__ import annotations

from typing import NamedTuple

WITHIN = -1  # no band: the speed is not above the limit, or by less than the law counts


class Point(NamedTuple):
    """A usable fix. limit_kmh: None where it was not looked up; band: place among the bands of the law, or WITHIN."""

    time: int  # s, UTC
    lon: float
    lat: float
    speed_kmh: float
    limit_kmh: float | None
    band: int
    used: bool  # the finding rests on it
    known: bool  # what happened from the fix before until this one is known


class Track(NamedTuple):
    vehicle: str
    points: tuple[Point, ...]  # in order of time


class Look(NamedTuple):
    """Colour, and thickness of its line."""

    colour: str
    width: float


CONTEXT = Look("#9aa3ad", 1.8)
_WITHIN = Look("#3f7fbf", 2.6)
_OVER = (Look("#f0a30a", 4.2), Look("#d9550f", 5.4), Look("#9c1020", 6.6), Look("#45000f", 7.8))


def look(band: int) -> Look:
    """How a band is drawn; bands beyond the known ones as the last."""
    return _WITHIN if band == WITHIN else _OVER[min(band, len(_OVER) - 1)]

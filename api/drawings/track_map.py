"""A map of a track: the roads that are known there, the way of the vehicle coloured by its excess over the limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import hypot
from typing import NamedTuple

from api.drawings.plane import EDGE, HEIGHT, WIDTH, Mark, Plane, middle_named, north_arrow, plane_of, scale_bar
from api.drawings.scales import clock
from api.drawings.svg import GREY, INK, LIGHT, PAPER, document, element, label, line, polyline, rect, window
from api.drawings.track import CONTEXT, WITHIN, Look, Point, Track, look
from api.drawings.words import VI, Words
from journey.localtime import DAY_S

_LEGEND_ROW = 24.0
_APART = 1.2  # points of one look that are closer on the paper are one
_DOTS_MAX = 120


class RoadLine(NamedTuple):
    """A road: its line as (lon, lat); candidate: a fix of the finding may have been on it; sign_kmh: posted, if any."""

    name: str
    line: tuple[tuple[float, float], ...]
    candidate: bool
    sign_kmh: float | None


def track_map(
    vehicle: str,
    tracks: Sequence[Track],
    bands: Sequence[str] = (),
    roads: Iterable[RoadLine] = (),
    marks: Sequence[Mark] = (),
    at: int | None = None,
    words: Words = VI,
) -> str:
    """The map as SVG.

    Args:
        vehicle: for its title.
        tracks: with at least one point, or a mark.
        bands: names of the bands that points refer to.
        at: the instant at which the finding is complete.
    """
    used = [point for track in tracks for point in track.points if point.used]
    shown = used or [point for track in tracks for point in track.points]
    places = [(point.lon, point.lat) for point in shown] + [(mark.lon, mark.lat) for mark in marks]
    plane = plane_of(places, WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE)
    lines = list(roads)
    drawn = [rect(0, 0, plane.width, plane.height, fill="#f7f8f9")]
    drawn += [_road(road, plane) for road in sorted(lines, key=lambda road: road.candidate)]
    drawn += [part for track in tracks for part in _way(track, plane)]
    drawn += [part for track in tracks for part in _dots(track, plane)]
    taken = [plane.at(mark.lon, mark.lat) for mark in marks]
    names = [part for mark in marks for part in _named(*plane.at(mark.lon, mark.lat), mark.name)]
    names += [part for track in tracks for part in _ends(track, plane, at, len(tracks) > 1, taken, words)]
    drawn += [*_road_names(lines, plane, taken, words), *names]
    title = words.map_title.format(vehicle=vehicle)
    frame = rect(EDGE, EDGE, plane.width, plane.height, fill="none", stroke=GREY)
    legend, height = _legend(tracks, bands, lines, words)
    inside = window(EDGE, EDGE, plane.width, plane.height, *drawn)
    return document(WIDTH, height, title, inside, frame, *scale_bar(plane, words), *north_arrow(words),
                    middle_named(plane, words), *legend)  # fmt: skip


def _road(road: RoadLine, plane: Plane) -> str:
    points = [plane.at(*place) for place in road.line]
    casing = polyline(points, stroke="#b4bcc6" if road.candidate else LIGHT, stroke_width=13 if road.candidate else 6,
                      stroke_linejoin="round", stroke_linecap="round")  # fmt: skip
    if not road.candidate:
        return casing
    inner = polyline(points, stroke=PAPER, stroke_width=10.5, stroke_linejoin="round", stroke_linecap="round")
    return casing + inner


def _road_names(
    roads: Sequence[RoadLine], plane: Plane, taken: Sequence[tuple[float, float]], words: Words
) -> list[str]:
    """Each name once, where its line is clear of other names and near the middle; candidates with their sign."""
    named = []
    seen: set[str] = set()
    for road in sorted(roads, key=lambda road: not road.candidate):
        inside = [(x, y) for x, y in (plane.at(*place) for place in _fine(road.line))
                  if 40 < x < plane.width - 110 and 30 < y < plane.height - 46]  # fmt: skip
        said = road.name
        if road.candidate and road.sign_kmh is not None:
            said = f"{road.name} ({words.sign.format(limit=f'{road.sign_kmh:g}')})"
        if not said or said in seen or not inside:
            continue
        seen.add(said)
        clear = [
            place for place in inside if all(abs(place[0] - u) > 170 or abs(place[1] + 20 - v) > 34 for u, v in taken)
        ]
        x, y = min(clear or inside, key=lambda place: hypot(place[0] - plane.width * 0.3, place[1] - plane.height / 2))
        named.append(label(x, y + 24, said, size=12.5, anchor="middle", bold=road.candidate, fill=GREY, halo=True))
    return named[:8]


def _fine(line_: Sequence[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Points along a line, so that a long straight road has some inside the map."""
    for a, b in pairwise(line_):
        for part in range(20):
            yield a[0] + (b[0] - a[0]) * part / 20, a[1] + (b[1] - a[1]) * part / 20


def _way(track: Track, plane: Plane) -> Iterable[str]:
    """The steps, drawn by runs of one look; a step of which nothing is known as dashes."""
    run: list[tuple[float, float]] = []
    before: tuple[Look, bool] | None = None
    for a, b in pairwise(track.points):
        kind = (_of_step(a, b), b.known)
        if kind != before:
            if before is not None:
                yield _run(run, *before)
            run, before = [plane.at(a.lon, a.lat)], kind
        place = plane.at(b.lon, b.lat)
        if hypot(place[0] - run[-1][0], place[1] - run[-1][1]) > _APART or b.used != a.used:
            run.append(place)
    if before is not None:
        yield _run(run, *before)


def _of_step(a: Point, b: Point) -> Look:
    """A step is as far over the limit as the lesser of its ends."""
    return look(min(a.band, b.band)) if a.used and b.used else CONTEXT


def _run(points: list[tuple[float, float]], drawn: Look, known: bool) -> str:
    return polyline(points, stroke=drawn.colour if known else INK, stroke_width=drawn.width if known else 1.6,
                    stroke_dasharray=None if known else "7 5", stroke_linejoin="round",
                    stroke_linecap="round" if known else "butt")  # fmt: skip


def _dots(track: Track, plane: Plane) -> list[str]:
    used = [point for point in track.points if point.used]
    if len(used) > _DOTS_MAX:
        return []
    dots = []
    for point in used:
        x, y = plane.at(point.lon, point.lat)
        dots.append(element("circle", cx=x, cy=y, r=4.2, fill=look(point.band).colour, stroke=PAPER, stroke_width=1.4))
    return dots


def _ends(
    track: Track, plane: Plane, at: int | None, named: bool, taken: list[tuple[float, float]], words: Words
) -> list[str]:
    """The first and last fix that count and the one nearest to `at`; places of names already there are in `taken`."""
    used = [point for point in track.points if point.used]
    if not used:
        return []
    marks: list[tuple[Point, str]] = [(used[0], words.begin)]
    if at is not None and used[0].time < at < used[-1].time:
        marks.append((min(used, key=lambda point: abs(point.time - at)), words.complete))
    marks.append((used[-1], words.end))
    with_day = used[-1].time - used[0].time > DAY_S
    drawn: list[str] = []
    for point, name in marks:
        x, y = plane.at(point.lon, point.lat)
        text = f"{name} {clock(point.time, with_day)}" + (f" {track.vehicle}" if named else "")
        # A name that would lie on another goes to the other side of its place.
        below = any(abs(x - u) < 190 and abs(y - v) < 20 for u, v in taken)
        taken.append((x, y))
        drawn += _named(x, y, text, below)
    return drawn


def _named(x: float, y: float, text: str, below: bool = False) -> list[str]:
    left = x > WIDTH * 0.72
    return [
        element("circle", cx=x, cy=y, r=6.5, fill="none", stroke=INK, stroke_width=2),
        label(x + (-11 if left else 11), y + (21 if below else -13), text, anchor="end" if left else "start", bold=True,
              halo=True),
    ]  # fmt: skip


def _legend(
    tracks: Sequence[Track], bands: Sequence[str], roads: Sequence[RoadLine], words: Words
) -> tuple[list[str], float]:
    """The legend below the map, and the height of the whole with it."""
    points = [point for track in tracks for point in track.points]
    used = [point for point in points if point.used]
    items: list[tuple[str, str, float, str | None]] = []
    if any(point.band == WITHIN for point in used):
        items.append((words.within if bands else words.counted, *look(WITHIN), None))
    over = sorted({point.band for point in used if point.band != WITHIN})
    items += [(words.over.format(band=bands[band]), *look(band), None) for band in over]
    if len(points) > len(used):
        items.append((words.context, *CONTEXT, None))
    if any(not point.known for point in points[1:]):
        items.append((words.gap, INK, 1.6, "7 5"))
    if any(road.candidate for road in roads):
        items.append((words.road, "#b4bcc6", 9, None))
    if any(not road.candidate for road in roads):
        items.append((words.other_road, LIGHT, 6, None))
    drawn, x, y = [], EDGE, HEIGHT + 14
    for name, colour, width, dashes in items:
        needed = 46 + 6.6 * len(name)
        if x + needed > WIDTH and x > EDGE:
            x, y = EDGE, y + _LEGEND_ROW
        drawn.append(line(x, y, x + 30, y, stroke=colour, stroke_width=width, stroke_dasharray=dashes))
        drawn.append(label(x + 36, y + 5, name))
        x += needed + 10
    return drawn, (y + 16 if items else HEIGHT)

"""Speed over time, against the limit at each fix where one was looked up; the part that counts is marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from api.drawings.scales import Scale, clock, day, marks, time_marks
from api.drawings.svg import GREY, INK, LIGHT, PAPER, document, element, label, line, polyline, rect
from api.drawings.track import WITHIN, Point, Track, look
from api.drawings.words import VI, Words

_WIDTH, _HEIGHT, _LEGEND = 720.0, 250.0, 34.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 14.0, 26.0, 34.0
_DOTS_MAX = 150
_COLUMNS = 640  # beyond so many fixes the least and the highest of each column are drawn
_SPEED = "#3f7fbf"
_STEPS_KMH = 20


def speed_chart(track: Track, start: int, end: int, at: int, bands: Sequence[str] = (), words: Words = VI) -> str:
    """The chart as SVG. Args: track: with at least one point; start, end, at: of the finding, s UTC."""
    points = track.points
    times = Scale(min(points[0].time, start), max(points[-1].time, end, start + 1), _LEFT, _WIDTH - _RIGHT)
    highest = max(max(point.speed_kmh, point.limit_kmh or 0) for point in points)
    top = (int(highest) // _STEPS_KMH + 1) * _STEPS_KMH
    speeds = Scale(0, top, _HEIGHT - _BOTTOM, _TOP)
    drawn = [rect(times.at(start), _TOP, max(2.0, times.at(end) - times.at(start)), _HEIGHT - _TOP - _BOTTOM,
                  fill="#fdf0d5")]  # fmt: skip
    drawn += _grid(times, speeds, words)
    drawn += [
        polyline(run, stroke=_SPEED, stroke_width=2, stroke_linejoin="round") for run in _runs(points, times, speeds)
    ]
    drawn += _gaps(points, times, speeds)
    drawn += _limits(points, times, speeds)
    drawn += _dots(points, times, speeds)
    if start <= at <= end:
        x = times.at(at)
        drawn.append(line(x, _TOP - 4, x, _HEIGHT - _BOTTOM, stroke_width=1.2, stroke_dasharray="2 2"))
        side = "end" if x > _WIDTH / 2 else "start"
        drawn.append(label(x, _TOP - 9, f"{words.complete} {clock(at)}", anchor=side, bold=True, size=12.5))
    return document(_WIDTH, _HEIGHT + _LEGEND, words.speed_title.format(vehicle=track.vehicle), *drawn,
                    *_legend(points, bands, words))  # fmt: skip


def _grid(times: Scale, speeds: Scale, words: Words) -> list[str]:
    drawn = []
    for value in marks(speeds.low, speeds.high, 7):
        y = speeds.at(value)
        drawn += [
            line(_LEFT, y, _WIDTH - _RIGHT, y, stroke=LIGHT),
            label(_LEFT - 6, y + 4, f"{value:g}", anchor="end", size=12.5),
        ]
    for time, text in time_marks(int(times.low), int(times.high), 8):
        x = times.at(time)
        drawn += [line(x, _HEIGHT - _BOTTOM, x, _HEIGHT - _BOTTOM + 5, stroke=GREY),
                  label(x, _HEIGHT - _BOTTOM + 18, text, anchor="middle", size=12.5)]  # fmt: skip
    axis = line(_LEFT, _HEIGHT - _BOTTOM, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM, stroke=GREY)
    about = f"{day(int(times.low))}, {words.local_time}"
    return [*drawn, axis, label(4, _TOP - 9, "km/h", size=12.5, fill=GREY),
            label(_WIDTH - _RIGHT, _HEIGHT - 3, about, anchor="end", size=11.5, fill=GREY)]  # fmt: skip


def _runs(points: Sequence[Point], times: Scale, speeds: Scale) -> list[list[tuple[float, float]]]:
    """Lines between points that follow on one another; broken where nothing is known."""
    runs: list[list[tuple[float, float]]] = []
    for point in _thinned(points, times):
        if not point.known or not runs:
            runs.append([])
        runs[-1].append((times.at(point.time), speeds.at(point.speed_kmh)))
    return runs


def _thinned(points: Sequence[Point], times: Scale) -> list[Point]:
    if len(points) <= _COLUMNS:
        return list(points)
    kept: dict[int, list[Point]] = {}
    for point in points:
        kept.setdefault(int(times.at(point.time)), []).append(point)
    thinned = []
    for column in kept.values():
        chosen = {column[0], min(column, key=lambda point: point.speed_kmh),
                  max(column, key=lambda point: point.speed_kmh), column[-1]}  # fmt: skip
        thinned += sorted(chosen | {point for point in column if not point.known}, key=lambda point: point.time)
    return thinned


def _gaps(points: Sequence[Point], times: Scale, speeds: Scale) -> list[str]:
    """A silence is shown, not bridged."""
    y = speeds.at(0)
    return [
        rect(times.at(a.time), _TOP, times.at(b.time) - times.at(a.time), y - _TOP, fill="none", stroke=INK,
             stroke_dasharray="4 3")
        for a, b in pairwise(points)
        if not b.known
    ]  # fmt: skip


def _limits(points: Sequence[Point], times: Scale, speeds: Scale) -> list[str]:
    """The limit of each fix holds until the next one's."""
    runs: list[list[tuple[float, float]]] = []
    for number, point in enumerate(points):
        if point.limit_kmh is None:
            continue
        y, follows = speeds.at(point.limit_kmh), points[number + 1].time if number + 1 < len(points) else point.time
        before = number and points[number - 1].limit_kmh is not None and point.known
        step = [(times.at(point.time), y), (times.at(follows), y)]
        if before:
            runs[-1] += step
        else:
            runs.append(step)
    return [polyline(run, stroke=INK, stroke_width=2.2, stroke_dasharray="9 4") for run in runs]


def _dots(points: Sequence[Point], times: Scale, speeds: Scale) -> list[str]:
    if len(points) > _DOTS_MAX:
        return []
    return [
        element("circle", cx=times.at(point.time), cy=speeds.at(point.speed_kmh), r=4.4 if point.used else 2,
                fill=look(point.band).colour if point.used else _SPEED, stroke=INK if point.used else None,
                stroke_width=1 if point.used else None)
        for point in points
    ]  # fmt: skip


def _legend(points: Sequence[Point], bands: Sequence[str], words: Words) -> list[str]:
    x, y = _LEFT, _HEIGHT + 20
    items = [(line(0, 0, 26, 0, stroke=_SPEED, stroke_width=2), words.speed)]
    if any(point.limit_kmh is not None for point in points):
        items.append((line(0, 0, 26, 0, stroke_width=2.2, stroke_dasharray="9 4"), words.limit))
    if len(points) <= _DOTS_MAX:
        for band in sorted({point.band for point in points if point.used and point.band != WITHIN}):
            dot = element("circle", cx=13, cy=0, r=4.4, fill=look(band).colour, stroke=INK, stroke_width=1)
            items.append((dot, words.over.format(band=bands[band])))
    items.append((rect(0, -7, 26, 14, fill="#fdf0d5", stroke=PAPER), words.counted))
    if any(not point.known for point in points[1:]):
        items.append((rect(0, -7, 26, 14, fill="none", stroke=INK, stroke_dasharray="4 3"), words.gap))
    drawn = []
    for sign, name in items:
        drawn.append(element("g", sign, transform=f"translate({x:g} {y:g})"))
        drawn.append(label(x + 32, y + 4, name))
        x += 50 + 7 * len(name)
    return drawn

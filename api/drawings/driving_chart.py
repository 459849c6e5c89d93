"""What a driver did over time, a row for each vehicle; below, the driving so far against what the law allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from api.drawings.scales import Scale, clock, day, marks, time_marks
from api.drawings.svg import GREY, INK, LIGHT, PAPER, document, element, label, line, polyline, rect
from api.drawings.words import VI, Words
from journey.localtime import DAY_S
from journey.track import DRIVING, STANDING, UNKNOWN

_WIDTH, _LEFT, _RIGHT, _TOP = 720.0, 92.0, 14.0, 26.0
_ROW, _CURVE, _BOTTOM = 26.0, 130.0, 66.0
_HOUR_S = 3600
_DRIVING, _STANDING = "#1f4e79", "#aab7c4"


class Piece(NamedTuple):
    """What a driver did on a vehicle in [start, end) s UTC; kind: journey.track.DRIVING, STANDING or UNKNOWN."""

    vehicle: str
    start: int
    end: int
    kind: int
    counts: bool  # as driving


def driving_chart(
    pieces: Sequence[Piece], subject: str, start: int, end: int, at: int, limit_s: int | None, words: Words = VI
) -> str:
    """The chart as SVG. Args: pieces: by start; limit_s: what the law allows; None: no sum is drawn."""
    vehicles = sorted({piece.vehicle for piece in pieces})
    times = Scale(start, max(end, start + 1), _LEFT, _WIDTH - _RIGHT)
    bottom = _TOP + _ROW * len(vehicles)
    foot = bottom + (_CURVE + 16 if limit_s is not None else 0)
    drawn: list[str] = []
    for time, text in time_marks(start, end, 8):
        x = times.at(time)
        drawn += [line(x, _TOP, x, foot, stroke=LIGHT), label(x, foot + 16, text, anchor="middle", size=12.5)]
    for row, vehicle in enumerate(vehicles):
        drawn.append(label(_LEFT - 8, _TOP + _ROW * row + 17, vehicle, anchor="end", bold=True))
        drawn += [_bar(piece, times, _TOP + _ROW * row) for piece in pieces if piece.vehicle == vehicle]
    if limit_s is not None:
        drawn += _curve(_sums(pieces), limit_s, times, bottom + 16, foot, words)
    x = times.at(at)
    drawn.append(line(x, _TOP - 4, x, foot, stroke_width=1.4, stroke_dasharray="2 2"))
    side = "end" if x > _WIDTH / 2 else "start"
    drawn.append(
        label(x, _TOP - 9, f"{words.complete} {clock(at, end - start > DAY_S)}", anchor=side, bold=True, size=12.5)
    )
    about = f"{day(start)} {clock(start)} – {day(end)} {clock(end)}, {words.local_time}"
    drawn.append(label(_WIDTH - _RIGHT, foot + 32, about, anchor="end", size=11.5, fill=GREY))
    return document(
        _WIDTH,
        foot + _BOTTOM,
        words.driving_title.format(subject=subject),
        *drawn,
        *_legend(pieces, limit_s is not None, foot + 52, words),
    )


def _bar(piece: Piece, times: Scale, top: float) -> str:
    x, width = times.at(piece.start), max(0.6, times.at(piece.end) - times.at(piece.start))
    if piece.kind == DRIVING:
        return rect(x, top + 3, width, _ROW - 6, fill=_DRIVING)
    if piece.kind == STANDING:
        return rect(x, top + 10, width, _ROW - 20, fill=_STANDING)
    return rect(x, top + 6, width, _ROW - 12, fill=PAPER, stroke=INK, stroke_width=0.8, stroke_dasharray="3 2")


def _sums(pieces: Iterable[Piece]) -> list[tuple[int, int]]:
    """Time and driving so far, at each turn; what two vehicles drove at once counts once."""
    total, reached, turns = 0, None, []
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if not piece.counts or (reached is not None and piece.end <= reached):
            continue
        begin = piece.start if reached is None else max(piece.start, reached)
        turns += [(begin, total), (piece.end, total + piece.end - begin)]
        total, reached = total + piece.end - begin, piece.end
    return turns


def _curve(
    turns: Sequence[tuple[int, int]], limit_s: int, times: Scale, top: float, foot: float, words: Words
) -> list[str]:
    highest = max(limit_s, turns[-1][1] if turns else 0) * 1.12
    hours = Scale(0, highest / _HOUR_S, foot, top)
    drawn = []
    for value in marks(0, hours.high, 5):
        y = hours.at(value)
        drawn.append(line(_LEFT, y, _WIDTH - _RIGHT, y, stroke=LIGHT))
        drawn.append(label(_LEFT - 8, y + 4, f"{value:g} h".replace(".", words.decimal), anchor="end", size=12.5))
    y = hours.at(limit_s / _HOUR_S)
    drawn.append(line(_LEFT, y, _WIDTH - _RIGHT, y, stroke_width=2, stroke_dasharray="9 4"))
    drawn.append(label(_LEFT + 6, y - 6, f"{words.limit} {limit_s / _HOUR_S:g} h", bold=True, size=12.5, halo=True))
    points = [(times.at(time), hours.at(total / _HOUR_S)) for time, total in turns]
    return [*drawn, polyline(points, stroke=_DRIVING, stroke_width=2.4, stroke_linejoin="round")]


def _legend(pieces: Sequence[Piece], summed: bool, y: float, words: Words) -> list[str]:
    drawn, x = [], _LEFT
    kinds = {piece.kind for piece in pieces}
    signs = [(rect(0, -8, 26, 16, fill=_DRIVING), words.driving)]
    if STANDING in kinds:
        signs.append((rect(0, -3, 26, 6, fill=_STANDING), words.standing))
    if UNKNOWN in kinds:
        box = rect(0, -6, 26, 12, fill=PAPER, stroke=INK, stroke_width=0.8, stroke_dasharray="3 2")
        signs.append((box, words.unknown))
    if summed:
        signs.append((line(0, 0, 26, 0, stroke=_DRIVING, stroke_width=2.4), words.driven))
    for sign, name in signs:
        drawn += [element("g", sign, transform=f"translate({x:g} {y:g})"), label(x + 32, y + 4, name)]
        x += 56 + 7 * len(name)
    return drawn

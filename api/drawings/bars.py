"""A figure week by week as bars, each with its value, so that the course is seen at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from api.drawings.scales import Scale, marks
from api.drawings.svg import GREY, LIGHT, document, element, escaped, label, line, rect

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720.0, 230.0, 40.0, 10.0, 20.0, 26.0
_BAR = "#2b6ca3"
_LEAST = 1e-6  # what is less is drawn as nothing: no scale is written for it


class Bar(NamedTuple):
    """value: None: nothing is known. shown: the value as it is printed."""

    name: str
    value: float | None
    shown: str


def bar_chart(title: str, bars: Sequence[Bar], decimal: str = ",") -> str:
    """The chart as SVG. Args: bars: in order, at least one."""
    highest = max((one.value or 0 for one in bars), default=0)
    highest = highest if highest > _LEAST else 1.0
    values = Scale(0, highest * 1.12, _HEIGHT - _BOTTOM, _TOP)
    step = (_WIDTH - _LEFT - _RIGHT) / len(bars)
    ground = values.at(0)
    drawn = []
    for value in marks(0, values.high, 4):
        y = values.at(value)
        shown = f"{value:g}".replace(".", decimal)
        drawn.append(line(_LEFT, y, _WIDTH - _RIGHT, y, stroke=LIGHT))
        drawn.append(label(_LEFT - 6, y + 4, shown, anchor="end", size=12, fill=GREY))
    for number, one in enumerate(bars):
        middle = _LEFT + step * (number + 0.5)
        drawn.append(label(middle, _HEIGHT - 8, one.name, anchor="middle", size=12))
        if one.value is None:
            drawn.append(label(middle, ground - 5, "–", anchor="middle", size=12, fill=GREY))
            continue
        top = values.at(one.value)
        bar = rect(middle - step * 0.32, top, step * 0.64, max(1.0, ground - top), fill=_BAR, rx=2)
        drawn.append(element("g", element("title", escaped(f"{one.name}: {one.shown}")), bar))
        drawn.append(label(middle, top - 5, one.shown, anchor="middle", size=12, bold=True))
    drawn.append(line(_LEFT, ground, _WIDTH - _RIGHT, ground, stroke=GREY))
    return document(_WIDTH, _HEIGHT, title, *drawn)

"""SVG elements as text: every attribute and text escaped, numbers short and the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape

FONT = "Arial, Helvetica, Liberation Sans, DejaVu Sans, Libertinus Serif, sans-serif"
INK, GREY, LIGHT, PAPER = "#1a1a1a", "#5f6670", "#d5d9de", "#ffffff"
# What XML 1.0 cannot hold, even escaped.
_UNHOLDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The same and & < > " ' too: all that `escaped` replaces. Most texts hold nothing of it, and one search tells.
_has_replaced = re.compile("[^\t\n\r\x20!#-%(-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search

type Value = str | float | None


def element(name: str, *inside: str, **attributes: Value) -> str:
    """One element. Args: inside: elements as text, or `escaped` text; attributes: `_` for `-`; None is left out."""
    said = _said(attributes)
    return f"<{name}{said}>{''.join(inside)}</{name}>" if inside else f"<{name}{said}/>"


def escaped(text: str) -> str:
    return escape(_UNHOLDABLE.sub("\ufffd", text)) if _has_replaced(text) else text


def number(value: float) -> str:
    """At most two decimals, no trailing zeros, no negative zero.

    >>> number(12.0), number(-0.001), number(3.14159)
    ('12', '0', '3.14')
    """
    if type(value) is int:
        return str(value)
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def label(x: float, y: float, text: str, *, size: float = 13.5, anchor: str = "start", bold: bool = False,
          fill: str = INK, halo: bool = False) -> str:  # fmt: skip
    """A text with its baseline at (x, y). halo: readable over lines."""
    inside = escaped(text)
    anchored = "" if anchor == "start" else f' text-anchor="{escaped(anchor)}"'
    weight = ' font-weight="bold"' if bold else ""
    placed = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{anchored}{weight}'
    shown = f'<text {placed} fill="{escaped(fill)}">{inside}</text>'
    if not halo:
        return shown
    # A text of its own below: not every program that shows SVG paints outlines first where it is asked to.
    outline = f'fill="{PAPER}" stroke="{PAPER}" stroke-width="4.5" stroke-linejoin="round" aria-hidden="true"'
    return f"<text {placed} {outline}>{inside}</text>{shown}"


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Value) -> str:
    placed = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f"<line {placed}{_said({'stroke': INK} | attributes)}/>"


def rect(x: float, y: float, width: float, height: float, **attributes: Value) -> str:
    placed = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f"<rect {placed}{_said(attributes)}/>"


def polyline(points: Iterable[tuple[float, float]], **attributes: Value) -> str:
    shown = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return element("polyline", points=shown, fill="none", **attributes)


def window(x: float, y: float, width: float, height: float, *inside: str) -> str:
    """A part of the drawing outside which nothing of `inside` shows; its coordinates begin at its own corner."""
    return element("svg", *inside, x=x, y=y, width=width, height=height, overflow="hidden")


def document(width: float, height: float, title: str, *inside: str) -> str:
    """A whole drawing. Args: title: what it shows, for those who do not see it."""
    opening = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {number(width)} {number(height)}"}
    return element("svg", element("title", escaped(title)), rect(0, 0, width, height, fill=PAPER), *inside,
                   **opening, width=width, height=height, role="img", aria_label=title,
                   font_family=FONT, class_="drawing") + "\n"  # fmt: skip


def _said(attributes: Mapping[str, Value]) -> str:
    """Attributes as they stand in an element; what a number is written with needs no escaping."""
    return "".join([
        f'{_opening(key)}{escaped(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value is not None
    ])  # fmt: skip


@cache
def _opening(key: str) -> str:
    """An attribute up to its value. Keys are those of this package's code, so they are few."""
    return f' {key.rstrip("_").replace("_", "-")}="'

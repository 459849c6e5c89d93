"""A weighing: the axles as they stood, what each carried, and each group, the whole and the cargo against its limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from api.drawings.svg import GREY, INK, LIGHT, Value, document, element, label, line, rect
from api.drawings.words import VI, Words, decimal, grouped

_WIDTH, _LEFT, _RIGHT = 720.0, 60.0, 60.0
_ROAD, _WHEEL = 96.0, 17.0
_BAR_LEFT, _BAR_WIDTH, _BAR = 190.0, 330.0, 22.0
_OVER, _BELOW, _WITHIN = "#9c1020", "#f0a30a", "#3f7fbf"
_SPAN_MIN_MM = 1.0


class Group(NamedTuple):
    """Neighbouring axles judged together, first and last from 1; limit_kg None: the law states none.

    over: above the limit by as much as the law counts; what is above it by less is drawn apart, as no offence.
    """

    first: int
    last: int
    mass_kg: int
    limit_kg: int | None
    over: bool


class Mass(NamedTuple):
    """A mass against its limit: the whole, or the cargo. over: as of groups; note: what was subtracted."""

    name: str
    kg: int
    limit_kg: int
    over: bool
    note: str = ""


def axle_drawing(
    vehicle: str,
    axle_kg: Sequence[int],
    spacing_mm: Sequence[int],
    groups: Sequence[Group],
    masses: Sequence[Mass],
    words: Words = VI,
) -> str:
    """The drawing as SVG, front to the left. Spacings that do not fit the axles are left out, the axles set evenly."""
    fits = len(spacing_mm) == len(axle_kg) - 1
    places = _places(len(axle_kg), spacing_mm if fits else [1] * (len(axle_kg) - 1))
    drawn = [_body(places), line(_LEFT - 44, _ROAD + _WHEEL, _WIDTH - 12, _ROAD + _WHEEL, stroke=GREY, stroke_width=2),
             label(places[0] - 34, _ROAD - 74, f"← {words.front}", size=12.5, fill=GREY),
             label(_WIDTH - 10, _ROAD + _WHEEL + 32, "kg", anchor="end", size=12.5, fill=GREY)]  # fmt: skip
    for number, (x, mass) in enumerate(zip(places, axle_kg, strict=True), start=1):
        drawn += [
            element("circle", cx=x, cy=_ROAD, r=_WHEEL, fill="#2f3640", stroke=INK),
            element("circle", cx=x, cy=_ROAD, r=_WHEEL / 2.4, fill=LIGHT),
            label(x, _ROAD + _WHEEL + 17, words.axle.format(number=number), anchor="middle", size=11.5, fill=GREY),
            label(x, _ROAD + _WHEEL + 32, grouped(mass, words), anchor="middle", bold=True),
        ]
    if fits:
        drawn += [
            part for place in zip(places, places[1:], spacing_mm, strict=False) for part in _spacing(*place, words)
        ]
    bottom = _ROAD + _WHEEL + 48
    for group in groups:
        drawn += _bracket(places[group.first - 1], places[group.last - 1], bottom, group)
    y = bottom + 34
    bars = [_Bar(_group_name(group, words), group.mass_kg, group.limit_kg, group.over, "") for group in groups]
    bars += [_Bar(*mass) for mass in masses]
    highest = max([max(bar.kg, bar.limit or 0) for bar in bars] or [1]) * 1.05
    for bar in bars:
        drawn += _bar(bar, highest, y, words)
        y += _BAR + (26 if bar.note else 12)
    return document(_WIDTH, y + 6, words.weighing_title.format(vehicle=vehicle), *drawn)


class _Bar(NamedTuple):
    name: str
    kg: int
    limit: int | None
    over: bool
    note: str


def _places(axles: int, spacing: Sequence[int]) -> list[float]:
    """Where each axle stands; those too close together on the paper are drawn a wheel apart."""
    room = _WIDTH - _LEFT - _RIGHT - 40
    least = min(2 * _WHEEL + 8, room / max(1, axles - 1))
    total = max(_SPAN_MIN_MM, float(sum(spacing)))
    free = room - least * (axles - 1)
    places = [_LEFT + 20.0]
    for one in spacing:
        places.append(places[-1] + least + max(0.0, free) * one / total)
    return places


def _body(places: Sequence[float]) -> str:
    front, back = places[0] - 34, places[-1] + 34
    cab = min(86.0, (back - front) / 3)
    outline = f"M {front:g} {_ROAD - 8:g} v -32 l 14 -26 H {front + cab:g} v 58 Z"
    return element("path", d=outline, fill="#eef1f4", stroke=GREY) + rect(
        front + cab + 6, _ROAD - 74, back - front - cab - 6, 62, fill="#eef1f4", stroke=GREY
    )


def _spacing(left: float, right: float, mm: int, words: Words) -> list[str]:
    y = _ROAD - 34
    text = f"{decimal(mm / 1000, 2, words)} m"
    return [line(left, y, right, y, stroke=GREY), line(left, y - 4, left, y + 4, stroke=GREY),
            line(right, y - 4, right, y + 4, stroke=GREY),
            label((left + right) / 2, y - 6, text, anchor="middle", size=11.5, halo=True)]  # fmt: skip


def _bracket(left: float, right: float, y: float, group: Group) -> list[str]:
    colour, width = (_OVER, 3.2) if group.over else (GREY, 1.4)
    left, right = left - 14, right + 14
    drawn: dict[str, Value] = {"stroke": colour, "stroke_width": width}
    return [
        line(left, y, right, y, **drawn),
        line(left, y, left, y - 6, **drawn),
        line(right, y, right, y - 6, **drawn),
    ]


def _group_name(group: Group, words: Words) -> str:
    if group.first == group.last:
        return words.axle.format(number=group.first)
    return words.group.format(axles="+".join(str(number) for number in range(group.first, group.last + 1)))


def _bar(bar: _Bar, highest: float, y: float, words: Words) -> list[str]:
    """The mass up to its limit in one shade, what is above it in another, the limit as a mark."""
    per_kg, right = _BAR_WIDTH / highest, _BAR_LEFT + _BAR_WIDTH + 10
    within = max(0, bar.kg if bar.limit is None else min(bar.kg, bar.limit))
    drawn = [
        label(_BAR_LEFT - 10, y + 16, bar.name, anchor="end"),
        rect(_BAR_LEFT, y, within * per_kg, _BAR, fill=_WITHIN),
    ]
    if bar.note:
        drawn.append(label(_BAR_LEFT, y + _BAR + 14, bar.note, size=11.5, fill=GREY))
    if bar.limit is None:
        return [*drawn, label(right, y + 16, words.no_limit.format(kg=grouped(bar.kg, words)), size=12.5)]
    x, above = _BAR_LEFT + bar.limit * per_kg, bar.kg > bar.limit
    if above:
        drawn.append(rect(x, y, (bar.kg - bar.limit) * per_kg, _BAR, fill=_OVER if bar.over else _BELOW))
    drawn.append(line(x, y - 5, x, y + _BAR + 5, stroke_width=2.4))
    said = words.of_limit.format(kg=grouped(bar.kg, words), limit=grouped(bar.limit, words))
    drawn.append(label(right, y + (9 if above else 16), said, size=12.5))
    if above:
        percent = decimal(100 * (bar.kg - bar.limit) / bar.limit, 2, words)
        said = (words.over_by if bar.over else words.not_counted).format(percent=percent)
        drawn.append(label(right, y + 24, said, size=12.5, bold=bar.over, fill=_OVER if bar.over else INK))
    return drawn

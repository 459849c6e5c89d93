"""A driver's week: what he did hour by hour, the driving since his last break, of each day, and of the week.

What is drawn against each limit is counted by the rules themselves; here it is only put on paper. A limit that is not
in force is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from api.drawings.scales import Scale
from api.drawings.svg import GREY, INK, LIGHT, PAPER, document, element, escaped, label, line, polyline, rect
from journey.localtime import DAY_S
from journey.track import DRIVING, STANDING

_WIDTH, _LEFT, _HOURS_END = 960.0, 104.0, 724.0
_SUM_LEFT, _SUM_END = 752.0, 896.0
_TOP, _ROW, _CURVE, _BAND = 46.0, 58.0, 28.0, 16.0
_WEEK_TOP, _WEEK_HEIGHT, _FOOT = 30.0, 120.0, 48.0
_HOUR_S, _DAYS = 3600, 7
_DRIVING, _STANDING, _OVER, _SUM = "#1f4e79", "#aab7c4", "#9c1020", "#3f7fbf"


class Piece(NamedTuple):
    """An activity in [start, end) s UTC; kind: journey.track.DRIVING, STANDING or UNKNOWN."""

    plate: str
    start: int
    end: int
    kind: int


class Drive(NamedTuple):
    """Driving in [start, end) s UTC, on whatever vehicles. before: driving since the last break, s."""

    start: int
    end: int
    before: int


class Limits(NamedTuple):
    """What the law allows, s; None: nothing is in force, or it is not known."""

    continuous_s: int | None
    day_s: int | None
    week_s: int | None


@dataclass(frozen=True, slots=True)
class Words:
    title: str = "Tuần của giấy phép lái xe {licence}"
    driving: str = "Lái xe"
    standing: str = "Dừng"
    unknown: str = "Không rõ"
    since_break: str = "Lái xe từ lần nghỉ trước"
    of_day: str = "Lái xe trong ngày"
    of_week: str = "Lái xe cộng dồn trong tuần"
    hours: str = "giờ"


VI = Words()
EN = Words("Week of licence {licence}", "Driving", "Standing", "Unknown", "Driving since the last break",
           "Driving of the day", "Driving of the week so far", "h")  # fmt: skip


def driver_week_chart(
    licence: str,
    start: int,
    days: Sequence[str],
    pieces: Sequence[Piece],
    drives: Sequence[Drive],
    limits: Limits,
    words: Words = VI,
) -> str:
    """The chart as SVG. Args: start: of the week, s UTC; days: the names of its days; pieces, drives: by start."""
    drawn: list[str] = []
    bottom = _TOP + _ROW * _DAYS
    for hour in range(0, 25, 2):
        x = Scale(0, 24, _LEFT, _HOURS_END).at(hour)
        drawn.append(line(x, _TOP, x, bottom, stroke=LIGHT))
        drawn.append(label(x, _TOP - 6, f"{hour}", anchor="middle", size=12, fill=GREY))
    drawn.append(label(_LEFT - 8, _TOP - 6, words.hours, anchor="end", size=12, fill=GREY))
    longest = max([*_block_sums(drives), limits.continuous_s or 0, _HOUR_S]) * 1.06
    totals = [_total(drives, start + day * DAY_S, start + (day + 1) * DAY_S) for day in range(_DAYS)]
    most = max([*totals, limits.day_s or 0, _HOUR_S]) * 1.06
    for day, name in enumerate(days):
        drawn += _day(start + day * DAY_S, _TOP + _ROW * day, name, pieces, drives, limits.continuous_s, longest)
        drawn += _day_total(totals[day], _TOP + _ROW * day, limits.day_s, most)
    drawn += _heads(limits, most, words)
    drawn += _week(start, bottom + _WEEK_TOP, days, drives, limits.week_s, words)
    foot = bottom + _WEEK_TOP + _WEEK_HEIGHT + 34
    return document(_WIDTH, foot + _FOOT, words.title.format(licence=licence), *drawn, *_legend(foot, limits, words))


def _block_sums(drives: Iterable[Drive]) -> list[int]:
    return [one.before + one.end - one.start for one in drives]


def _total(drives: Iterable[Drive], start: int, end: int) -> int:
    return sum(max(0, min(one.end, end) - max(one.start, start)) for one in drives)


def _day(
    start: int, top: float, name: str, pieces: Sequence[Piece], drives: Sequence[Drive], limit_s: int | None,
    longest: float,
) -> list[str]:  # fmt: skip
    end, base = start + DAY_S, top + 6 + _CURVE
    times, sums = Scale(start, end, _LEFT, _HOURS_END), Scale(0, longest, base, top + 6)
    drawn = [
        line(_LEFT - 80, top + _ROW, _SUM_END, top + _ROW, stroke=LIGHT),
        label(_LEFT - 8, base + 13, name, anchor="end", bold=True),
    ]
    today = (one for one in pieces if one.start < end and one.end > start)
    drawn += [_bar(one, times, start, end, base + 2) for one in today]
    for drive in drives:
        if drive.start < end and drive.end > start:
            drawn += _climb(drive, times, sums, start, end, limit_s)
    if limit_s is not None:
        y = sums.at(limit_s)
        drawn.append(line(_LEFT, y, _HOURS_END, y, stroke=_OVER, stroke_width=1.2, stroke_dasharray="6 4"))
    return drawn


def _bar(one: Piece, times: Scale, start: int, end: int, y: float) -> str:
    x = times.at(max(one.start, start))
    width = max(0.6, times.at(min(one.end, end)) - x)
    title = element("title", escaped(one.plate))
    if one.kind == DRIVING:
        shape = rect(x, y, width, _BAND, fill=_DRIVING)
    elif one.kind == STANDING:
        shape = rect(x, y + 5, width, _BAND - 10, fill=_STANDING)
    else:
        shape = rect(x, y + 2, width, _BAND - 4, fill=PAPER, stroke=INK, stroke_width=0.8, stroke_dasharray="3 2")
    return element("g", title, shape)


def _climb(one: Drive, times: Scale, sums: Scale, start: int, end: int, limit_s: int | None) -> list[str]:
    """The driving since the last break as it grows; what is beyond the limit in another colour."""
    first, last = max(one.start, start), min(one.end, end)
    low, high = one.before + first - one.start, one.before + last - one.start
    drawn = [_area(times.at(first), times.at(last), low, high, sums, _SUM)]
    if limit_s is not None and high > limit_s:
        crossed = max(first, first + limit_s - low)
        drawn.append(_area(times.at(crossed), times.at(last), max(low, limit_s), high, sums, _OVER))
    return drawn


def _area(left: float, right: float, low: float, high: float, sums: Scale, colour: str) -> str:
    base = sums.at(0)
    corners = ((left, base), (left, sums.at(low)), (right, sums.at(high)), (right, base))
    return element("polygon", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in corners), fill=colour, fill_opacity=0.55)


def _day_total(total_s: int, top: float, limit_s: int | None, most: float) -> list[str]:
    hours = Scale(0, most, _SUM_LEFT, _SUM_END)
    over = limit_s is not None and total_s > limit_s
    y = top + 6 + _CURVE + 2
    drawn = [rect(_SUM_LEFT, y, max(0.0, hours.at(total_s) - _SUM_LEFT), _BAND, fill=_OVER if over else _DRIVING)]
    if total_s:
        drawn.append(label(_WIDTH - 8, y + 13, _clock(total_s), anchor="end", bold=over, fill=_OVER if over else INK))
    if limit_s is not None:
        x = hours.at(limit_s)
        drawn.append(line(x, top + 14, x, top + _ROW, stroke=_OVER, stroke_width=1.6, stroke_dasharray="6 4"))
    return drawn


def _heads(limits: Limits, most: float, words: Words) -> list[str]:
    drawn = [label(_SUM_LEFT, _TOP - 24, words.of_day, size=12.5, bold=True)]
    if limits.continuous_s is not None:
        said = f"{limits.continuous_s / _HOUR_S:g} h"
        drawn.append(label(_HOURS_END + 3, _TOP + 12, said, size=11.5, fill=_OVER, bold=True))
    if limits.day_s is not None:
        x, said = Scale(0, most, _SUM_LEFT, _SUM_END).at(limits.day_s), f"{limits.day_s / _HOUR_S:g} h"
        drawn.append(label(x, _TOP - 6, said, anchor="middle", size=12, fill=_OVER, bold=True))
    return drawn


def _week(
    start: int, top: float, days: Sequence[str], drives: Sequence[Drive], limit_s: int | None, words: Words
) -> list[str]:
    foot, end = top + _WEEK_HEIGHT, start + _DAYS * DAY_S
    times = Scale(start, end, _LEFT, _SUM_END)
    inside = [(max(one.start, start), min(one.end, end)) for one in drives if one.start < end and one.end > start]
    points, total = [(times.at(start), 0)], 0
    for first, last in inside:
        points += [(times.at(first), total), (times.at(last), total + last - first)]
        total += last - first
    highest = max(total, limit_s or 0, _HOUR_S) * 1.1
    sums = Scale(0, highest, foot, top)
    over = limit_s is not None and total > limit_s
    drawn = [label(_LEFT, top - 8, words.of_week, bold=True), line(_LEFT, foot, _SUM_END, foot, stroke=GREY)]
    for day, name in enumerate(days):
        x = times.at(start + day * DAY_S)
        drawn += [line(x, top, x, foot, stroke=LIGHT), label(x + 4, foot + 16, name, size=12)]
    if limit_s is not None:
        y = sums.at(limit_s)
        drawn.append(line(_LEFT, y, _SUM_END, y, stroke=_OVER, stroke_width=1.6, stroke_dasharray="6 4"))
        drawn.append(label(_LEFT - 8, y + 4, f"{limit_s / _HOUR_S:g} h", anchor="end", size=12, fill=_OVER, bold=True))
    curve = [(x, sums.at(value)) for x, value in points]
    drawn.append(polyline(curve, stroke=_OVER if over else _DRIVING, stroke_width=2.4, stroke_linejoin="round"))
    x, y = curve[-1]
    said = label(min(x + 6, _WIDTH - 60), y + 16, _clock(total), bold=True, fill=_OVER if over else INK, halo=True)
    return [*drawn, said]


def _legend(y: float, limits: Limits, words: Words) -> list[str]:
    signs = [
        (rect(0, -8, 26, _BAND, fill=_DRIVING), words.driving),
        (rect(0, -3, 26, 6, fill=_STANDING), words.standing),
        (rect(0, -6, 26, 12, fill=PAPER, stroke=INK, stroke_width=0.8, stroke_dasharray="3 2"), words.unknown),
        (element("polygon", points="0,8 26,-8 26,8", fill=_SUM, fill_opacity=0.55), words.since_break),
    ]
    if limits.continuous_s is not None:
        over = element("polygon", points="0,8 0,-2 26,-8 26,8", fill=_OVER, fill_opacity=0.55)
        signs.append((over, f"> {limits.continuous_s / _HOUR_S:g} h"))
    drawn, x = [], _LEFT
    for sign, name in signs:
        drawn += [element("g", sign, transform=f"translate({x:g} {y + 14:g})"), label(x + 32, y + 18, name)]
        x += 58 + 7 * len(name)
    return drawn


def _clock(seconds: int) -> str:
    return f"{seconds // _HOUR_S}:{seconds % _HOUR_S // 60:02d}"

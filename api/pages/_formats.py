"""Figures, days and lengths of time as people of a language write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_date

from api.exports import wording
from api.pages._digits import digits, digits_at_most, marks_of, percent
from api.pages._language import EN, say_in
from journey.localtime import DAY_S, ZONE, date_of, day_of

_LOCALES = {"vi": Locale("vi", "VN"), "en": Locale("en", "GB")}
NOTHING = "–"
KEPT = "\N{NO-BREAK SPACE}"

type Filter = Callable[..., str]


@cache
def filters(language: str) -> dict[str, Filter]:
    """Filters of templates by name. What is None is written as a dash: it is not known."""
    locale, say = _LOCALES[language], say_in(language)
    marks = marks_of(locale)

    def number(value: float | Fraction | None, places: int = 0) -> str:
        return NOTHING if value is None else digits(value if type(value) is int else float(value), places, marks)

    def short(value: float | None) -> str:
        """At most two places, none that are nought."""
        return NOTHING if value is None else digits_at_most(value, 2, marks)

    def share(value: float | Fraction | None, places: int = 1) -> str:
        return NOTHING if value is None else percent(float(value), places, marks)

    def day(value: date | int | None) -> str:
        if value is None:
            return NOTHING
        one = value if isinstance(value, date) else date_of(day_of(value))
        return f"{one.day:02d}/{one.month:02d}/{one.year:04d}"

    def weekday(value: date) -> str:
        return format_date(value, "EEE", locale=locale)

    def month(value: date) -> str:
        return format_date(value, "LLLL yyyy" if language == EN else "MM/yyyy", locale=locale)

    def moment(value: int | None, seconds: bool = False) -> str:
        if value is None:
            return NOTHING
        return local(value).strftime("%H:%M:%S %d/%m/%Y" if seconds else "%H:%M %d/%m/%Y")

    def clock(value: int) -> str:
        return local(value).strftime("%H:%M:%S")

    def duration(value: float | None) -> str:
        if value is None:
            return NOTHING
        minutes, second = divmod(round(value), 60)
        hour, minute = divmod(minutes, 60)
        parts = ((hour, say("giờ")), (minute, say("phút")), (second, say("giây")))
        # A figure stays with its unit where a line ends.
        return " ".join(KEPT.join((str(count), name)) for count, name in parts if count) or f"0{KEPT}{say('giây')}"

    def hours(value: float) -> str:
        """Hours and minutes, as 5:07."""
        return f"{round(value) // 3600}:{round(value) % 3600 // 60:02d}"

    def until(value: int | None) -> str:
        """A term that ends at an instant as the last day that belongs to it."""
        return NOTHING if value is None else say("hết ngày %(day)s", day=day(value - 1))

    def since(value: int | None, now: int) -> str:
        """How long ago, in the largest unit that fits."""
        if value is None:
            return NOTHING
        gone = max(0, now - value)
        if gone >= 2 * DAY_S:
            return say("%(count)s ngày trước", count=gone // DAY_S)
        if gone >= 2 * 3600:
            return say("%(count)s giờ trước", count=gone // 3600)
        return say("%(count)s phút trước", count=gone // 60)

    def figure(value: Any, unit: str) -> str:
        """A figure of law as it is printed there; what is a table or a list stands in the rulebook."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return say("xem bộ quy định")
        shown = value if isinstance(value, str) else short(value)
        named = say(wording.unit(unit))
        return f"{shown}%" if named == "%" else f"{shown} {named}".strip()

    def cited(text: str) -> str:
        return text if language == EN else wording.citation(text)

    def isodate(text: str) -> str:
        return day(date.fromisoformat(text))

    some = (
        number,
        short,
        share,
        day,
        weekday,
        month,
        moment,
        clock,
        duration,
        hours,
        until,
        since,
        figure,
        isodate,
        cited,
    )
    return {one.__name__: one for one in some} | {"isoday": isoday, "isoweek": isoweek}


def isoday(time: int) -> str:
    """The local day of an instant as links name it."""
    return date_of(day_of(time)).isoformat()


def isoweek(time: int) -> str:
    return week_name(date_of(day_of(time)))


def local(time: int) -> datetime:
    return datetime.fromtimestamp(time, ZONE)


def week_name(monday: date) -> str:
    """An ISO week as links name it: 2026-W10."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"

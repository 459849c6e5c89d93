"""How each language of a package writes an instant, a number and a length of time."""

from __future__ import annotations

from api.exports.publication import moment
from api.exports.wording import duration as duration_vi

__all__ = ["duration_en", "duration_vi", "number_en", "number_vi", "when_en", "when_vi"]


def when_vi(time: int) -> str:
    return moment(time).strftime("%H:%M:%S ngày %d/%m/%Y")


def when_en(time: int) -> str:
    return moment(time).strftime("%H:%M:%S on %d/%m/%Y")


def number_vi(value: float, places: int = 1) -> str:
    """With the comma, thousands apart.

    >>> number_vi(12345.6), number_en(12345.6)
    ('12.345,6', '12,345.6')
    """
    return f"{value:,.{places}f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def number_en(value: float, places: int = 1) -> str:
    return f"{value:,.{places}f}"


def duration_en(seconds: float) -> str:
    """A length of time in words.

    >>> duration_en(14_410), duration_en(7_200), duration_en(0)
    ('4 h 10 s', '2 h', '0 s')
    """
    return duration_vi(seconds, ("h", "min", "s"))

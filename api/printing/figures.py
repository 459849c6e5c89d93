"""Figures as Vietnamese papers print them: points between thousands, a comma before decimals, unknown ones a dash."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from journey.localtime import ZONE

DASH = "–"
_HOUR_S, _MINUTE_S = 3600, 60


def whole(value: int | None) -> str:
    """1.234.567."""
    return DASH if value is None else f"{value:,}".replace(",", ".")


def decimal(value: float | Fraction | None, places: int = 1) -> str:
    """1.234,5."""
    if value is None:
        return DASH
    return f"{float(value):,.{places}f}".translate(str.maketrans(",.", ".,"))


def percent(share: float | Fraction | None, places: int = 1) -> str:
    """A share of one as 12,3%."""
    return DASH if share is None else f"{decimal(share * 100, places)}%"


def signed(value: int | None) -> str:
    return DASH if value is None else f"{'+' if value > 0 else ''}{whole(value)}"


def clock(seconds: float | None) -> str:
    """Hours, minutes and seconds of a length of time: 4:10:05, also above a day.

    >>> clock(15_005), clock(90_000), clock(None)
    ('4:10:05', '25:00:00', '–')
    """
    if seconds is None:
        return DASH
    if seconds < 0:
        return f"-{clock(-seconds)}"
    hours, rest = divmod(int(seconds), _HOUR_S)
    return f"{hours}:{rest // _MINUTE_S:02d}:{rest % _MINUTE_S:02d}"


def day_and_time(time: int | None) -> str:
    """16/03/2026 and 08:00:00 on two lines, in local time."""
    return DASH if time is None else datetime.fromtimestamp(time, ZONE).strftime("%d/%m/%Y\n%H:%M:%S")


def place(lon: float | None, lat: float | None) -> str:
    """Longitude; latitude in degrees, with decimals to the metre."""
    return DASH if lon is None or lat is None else f"{decimal(lon, 5)}; {decimal(lat, 5)}"

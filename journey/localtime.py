"""Local days, ISO weeks and months of Asia/Ho_Chi_Minh, which has kept UTC+7 without summer time since 1975."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

DAY_S = 86_400
_OFFSET_S = 7 * 3600
ZONE = timezone(timedelta(seconds=_OFFSET_S), "+07")
_EPOCH = date(1970, 1, 1)
_MONTH = re.compile(r"\d{4}-\d{2}")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")


def day_of[T: (int, npt.NDArray[np.int64])](time: T) -> T:
    """Local day number (days since 1970-01-01) of Unix seconds; also of an array."""
    return (time + _OFFSET_S) // DAY_S


def day_start[T: (int, npt.NDArray[np.int64])](day: T) -> T:
    """Unix seconds of the local midnight that begins a day number."""
    return day * DAY_S - _OFFSET_S


def week_of[T: (int, npt.NDArray[np.int64])](time: T) -> T:
    """Number of the local week (Monday to Monday) of Unix seconds; week 0 began on Monday 1969-12-29."""
    return (day_of(time) + 3) // 7


def week_start[T: (int, npt.NDArray[np.int64])](week: T) -> T:
    return day_start(week * 7 - 3)


def number_of(day: date) -> int:
    return (day - _EPOCH).days


def date_of(day: int) -> date:
    """Raises OverflowError for a day number beyond the calendar (year 9999)."""
    return _EPOCH + timedelta(days=day)


def month_number(day: date) -> int:
    """Of its month: 12 times the year, and the month, 0 for January."""
    return day.year * 12 + day.month - 1


def midnight(day: date) -> int:
    """Unix seconds of a local date's first instant."""
    return day_start(number_of(day))


def show(time: int) -> str:
    """Local time as a person reads it: 2025-03-03 08:00:00+07."""
    return datetime.fromtimestamp(time, UTC).astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S+07")


def parse_week(text: str) -> tuple[int, int]:
    """Unix seconds [start, end) of an ISO week such as 2026-W12. Raises ValueError that says what to write."""
    match = _WEEK.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        following = monday + timedelta(days=7)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no ISO week: write it like 2026-W12") from None
    return midnight(monday), midnight(following)


def parse_month(text: str) -> date:
    """The first day of a month such as 2026-03. Raises ValueError that says what to write."""
    try:
        if _MONTH.fullmatch(text) is None:
            raise ValueError
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ValueError(f"{text!r} is no month: write it like 2026-03") from None


def name_week(time: int) -> str:
    """The ISO week of an instant, as 2026-W12."""
    year, week, _ = date_of(day_of(time)).isocalendar()
    return f"{year}-W{week:02d}"

"""Months, quarters and years that statistics are of, each with the one before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from cli.reference import InputError
from journey.localtime import number_of

_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_MONTHS_OF_QUARTER, _DECEMBER = 3, 12

type Period = tuple[str, date, date]  # name, first day, day after the last


def periods(month: str | None, quarter: str | None, year: int | None) -> tuple[Period, Period]:
    """The period named and the one before it. Raises InputError."""
    if year is not None:
        return _year(year), _year(year - 1)
    if quarter is not None:
        match = _QUARTER.fullmatch(quarter)
        if match is None:
            raise InputError(f"--quarter {quarter!r} is no quarter: write it like 2026-Q1")
        first = date(int(match[1]), (int(match[2]) - 1) * _MONTHS_OF_QUARTER + 1, 1)
        return _quarter(first), _quarter(_back(first, _MONTHS_OF_QUARTER))
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise InputError(f"--month {month!r} is no month: write it like 2026-03") from None
    return _month(first), _month(_back(first, 1))


def periods_ended(month: date) -> Iterator[tuple[str, Period, Period]]:
    """The periods whose last month is this one: itself, its quarter, its year; each with its name in a file's name."""
    yield f"{month:%Y-%m}", *periods(f"{month:%Y-%m}", None, None)
    if month.month % _MONTHS_OF_QUARTER == 0:
        name = f"{month.year}-Q{month.month // _MONTHS_OF_QUARTER}"
        yield name, *periods(None, name, None)
    if month.month == _DECEMBER:
        yield f"{month.year}", *periods(None, None, month.year)


def days_of(period: Period) -> tuple[int, int]:
    """Local day numbers [first, stop)."""
    return number_of(period[1]), number_of(period[2])


def longer_than_a_month(period: Period) -> bool:
    return _next(period[1], 1) < period[2]


def _back(first: date, months: int) -> date:
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _next(first: date, months: int) -> date:
    for _ in range(months):
        first = first.replace(month=first.month + 1) if first.month < _DECEMBER else date(first.year + 1, 1, 1)
    return first


def _month(first: date) -> Period:
    return f"Tháng {first:%m/%Y}", first, _next(first, 1)


def _quarter(first: date) -> Period:
    return f"Quý {(first.month - 1) // _MONTHS_OF_QUARTER + 1}/{first.year}", first, _next(first, _MONTHS_OF_QUARTER)


def _year(year: int) -> Period:
    return f"Năm {year}", date(year, 1, 1), date(year + 1, 1, 1)

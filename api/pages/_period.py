"""Weeks and months that pages are about, and links to those before and after."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from api.inputs import PERIOD_DAYS_MAX, Period
from api.pages._formats import week_name
from api.problems import fault
from journey.localtime import DAY_S, date_of, day_of, number_of, parse_month, parse_week, week_of, week_start

_WEEK_DAYS, _DAYS = 7, 31
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


class Week(NamedTuple):
    """A local week. start, end: s UTC."""

    name: str
    start: int
    end: int

    @property
    def monday(self) -> date:
        return date_of(day_of(self.start))

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=_WEEK_DAYS - 1)

    @property
    def number(self) -> int:
        """As journey.localtime.week_of."""
        return week_of(self.start)

    @property
    def before(self) -> str:
        return week_name(self.monday - timedelta(days=_WEEK_DAYS))

    @property
    def after(self) -> str:
        return week_name(self.monday + timedelta(days=_WEEK_DAYS))


def week_at(time: int) -> Week:
    start = week_start(week_of(time))
    return Week(week_name(date_of(day_of(start))), start, start + _WEEK_DAYS * DAY_S)


def week_named(name: str) -> Week:
    """Raises Problem for what is no week."""
    try:
        start, end = parse_week(name)
    except ValueError as error:
        raise fault("week", str(error)) from None
    if not _FIRST_YEAR <= int(name[:4]) <= _LAST_YEAR:
        raise fault("week", f"write a week of the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return Week(name, start, end)


def month_named(name: str) -> date:
    """The first day of a month such as 2026-03. Raises Problem for what is none."""
    try:
        month = parse_month(name)
    except ValueError as error:
        raise fault("month", str(error)) from None
    if not _FIRST_YEAR <= month.year <= _LAST_YEAR:
        raise fault("month", f"write a month of the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return month


def month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def month_after(month: date) -> date:
    return date_of(number_of(month) + 31).replace(day=1)


def days_asked(first: date | None, last: date | None, latest: int) -> Period:
    """The period asked for; what is not said is made of what is latest. Raises Problem as api.inputs does."""
    last = last or max(date_of(day_of(latest)), first or date.min)
    first = first or date_of(number_of(last) - _DAYS + 1)
    if last < first:
        raise fault("to", f"{last} lies before {first}")
    if number_of(last) - number_of(first) >= PERIOD_DAYS_MAX:
        raise fault("from", f"a period of more than {PERIOD_DAYS_MAX} days: ask for it in parts")
    return Period(first, last)

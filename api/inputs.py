"""What may be sent: every parameter with its bounds."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, StringConstraints

from api.cursors import LENGTH_MAX
from api.parts import get_parts
from api.problems import fault
from journey import plates
from journey.localtime import DAY_S, date_of, day_of, midnight, number_of

PAGE_MAX = 500
PERIOD_DAYS_MAX = 400
_DEFAULT_DAYS = 31
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)
_PRINTED = r"^[^\x00-\x1f\x7f]+$"  # PostgreSQL can hold no NUL, and nobody means the others


def _in_calendar(day: date) -> date:
    if not _FIRST <= day <= _LAST:
        raise ValueError(f"write a day from {_FIRST} to {_LAST}")
    return day


Day = Annotated[date, AfterValidator(_in_calendar)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_PRINTED)]
Asked = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_PRINTED)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.+<>=-]+$")]


class Form(StrEnum):
    """In which form a listing is given."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class Paging(NamedTuple):
    """How much of a listing, from where, and in which form. CSV and XLSX hold the whole listing."""

    form: Form
    limit: int
    cursor: str | None


async def paging(
    format: Annotated[
        Form, Query(description="json: page by page; csv, xlsx: all of it, as a file (scope export)")
    ] = Form.JSON,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX, description="rows of a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=LENGTH_MAX, description="`next` of the page before")] = None,
) -> Paging:
    return Paging(format, limit, cursor)


InForm = Annotated[
    Form, Query(alias="format", description="csv, xlsx: the same as a file (scope export); json: with all that it says")
]


class Period(NamedTuple):
    """Local days, both included, and their instants [start, stop) s UTC."""

    first: date
    last: date

    @property
    def start(self) -> int:
        return midnight(self.first)

    @property
    def stop(self) -> int:
        return midnight(self.last) + DAY_S


async def period(
    request: Request,
    from_: Annotated[
        Day | None, Query(alias="from", description="first local day; default: 30 days before `to`")
    ] = None,
    to: Annotated[Day | None, Query(description="last local day, included; default: today")] = None,
) -> Period:
    """The period asked for. Raises Problem where it ends before it begins or is too long."""
    today = date_of(day_of((await get_parts(request)).clock()))
    last = to or max(today, from_ or today)
    first = from_ or date_of(number_of(last) - _DEFAULT_DAYS + 1)
    if last < first:
        raise fault("to", f"{last} lies before {first}")
    if number_of(last) - number_of(first) >= PERIOD_DAYS_MAX:
        raise fault("from", f"a period of more than {PERIOD_DAYS_MAX} days: ask for it in parts")
    return Period(first, last)


async def on_day(
    request: Request,
    on: Annotated[Day | None, Query(description="local day whose registrations are told; default: today")] = None,
) -> int:
    """A local day number."""
    return day_of((await get_parts(request)).clock()) if on is None else number_of(on)


OnDay = Annotated[int, Depends(on_day)]
InPeriod = Annotated[Period, Depends(period)]
InPages = Annotated[Paging, Depends(paging)]
PlatePath = Annotated[Name, Path(description="a plate, however it is written: 12C-123.45 or 12C12345")]
LicencePath = Annotated[Name, Path(description="a licence number")]


def licence_of(text: str) -> str:
    """The written form of a licence number. Raises Problem for what names nobody."""
    licence = plates.licence(text)
    if licence is None:
        raise fault("licence", "it names nobody: a licence number has six characters or more, not all of them zeros")
    return licence

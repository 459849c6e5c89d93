"""What may be sent: every parameter with its bounds."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, StringConstraints, WithJsonSchema

from api.cursors import LENGTH_MAX
from api.parts import get_parts
from api.problems import fault
from journey import plates
from journey.localtime import DAY_S, date_of, day_of, midnight, number_of
from storage.pages.finding_places import RADIUS_MAX_M, Area, around

PAGE_MAX = 500
PERIOD_DAYS_MAX = 400
_DEFAULT_DAYS = 31
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)
_DEGREES = r"-?\d{1,3}(\.\d{1,12})?"
_POINT = f"^{_DEGREES},{_DEGREES}$"
_BOX = f"^{_DEGREES}(,{_DEGREES}){{3}}$"
_PRINTED = r"^[^\x00-\x1f\x7f]+$"  # PostgreSQL can hold no NUL, and nobody means the others


def _in_calendar(day: date) -> date:
    if not _FIRST <= day <= _LAST:
        raise ValueError(f"write a day from {_FIRST} to {_LAST}")
    return day


# What a pattern can say of a day, a week and a month; that 30/02 is no day, and which years have a 53rd week, is asked
# of the calendar.
_MONTHS = "20[0-9]{2}-(0[1-9]|1[0-2])"
_DAYS = f"^{_MONTHS}-(0[1-9]|[12][0-9]|3[01])$"
Day = Annotated[
    date,
    AfterValidator(_in_calendar),
    WithJsonSchema({"type": "string", "format": "date", "pattern": _DAYS}),
]
WeekPath = Annotated[
    str, Path(pattern="^20[0-9]{2}-W(0[1-9]|[1-4][0-9]|5[0-3])$", description="ISO week, such as 2026-W12")
]
Month = Annotated[str, Query(pattern=f"^{_MONTHS}$", description="local calendar month, such as 2026-03")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_PRINTED)]
NameOrNone = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
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


async def area(
    bbox: Annotated[
        str | None, Query(pattern=_BOX, max_length=100, description="west,south,east,north in degrees WGS 84")
    ] = None,
    near: Annotated[str | None, Query(pattern=_POINT, max_length=60, description="lon,lat in degrees WGS 84")] = None,
    radius_m: Annotated[float, Query(gt=0, le=RADIUS_MAX_M, description="around `near`")] = 500,
) -> Area | None:
    """Where to look; None: everywhere. Raises Problem for a box without an inside and for both at once."""
    if bbox is not None and near is not None:
        raise fault("near", "a box is asked for as well: write one of the two")
    if near is not None:
        lon, lat = (float(one) for one in near.split(","))
        return area_around("near", lon, lat, radius_m)
    if bbox is None:
        return None
    west, south, east, north = (float(one) for one in bbox.split(","))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise fault("bbox", "write west,south,east,north, west less than east and south less than north")
    return Area(west, south, east, north)


def area_around(where: str, lon: float, lat: float, radius_m: float) -> Area:
    if not (-180 <= lon <= 180):
        raise fault(where, f"longitude {lon}: write one between -180 and 180")
    try:
        return around(lon, lat, radius_m)
    except ValueError as error:
        raise fault(where, str(error)) from None


InArea = Annotated[Area | None, Depends(area)]
OnDay = Annotated[int, Depends(on_day)]
InPeriod = Annotated[Period, Depends(period)]
InPages = Annotated[Paging, Depends(paging)]
PlatePath = Annotated[Name, Path(description="a plate, however it is written: 12C-123.45 or 12C12345")]
_LICENCE = "a licence number: six letters and figures or more, not all of them zeros"
LicencePath = Annotated[Name, Path(description=_LICENCE)]
LicenceAsked = Annotated[Name | None, Query(description=_LICENCE)]


def licence_of(text: str, where: str = "licence") -> str:
    """The written form of a licence number. Raises Problem for what names nobody. where: the parameter that it is."""
    licence = plates.licence(text)
    if licence is None:
        raise fault(where, "it names nobody: a licence number has six characters or more, not all of them zeros")
    return licence

"""How well the data of a month served, by operator: counts, and the shares that are made of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access import bounded
from api.answers import answer
from api.exports.listing import Column
from api.inputs import Form, InPages, Month, Name
from api.listings import FORMS, Listing, give
from api.models import QualityMonth
from api.problems import fault
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey.localtime import date_of, day_of, parse_month
from rules.months import bounds
from rules.service_rates import Service, registered_days
from storage.database import Connection
from storage.pages.desk import OperatorService, operator_service
from storage.pages.registered import registrations
from storage.server.pool import reading
from storage.sums.service import ServiceSums

ROUTER = APIRouter(prefix="/quality", tags=["records"])
_SHARES = ("online", "moving_on_time", "standing_on_time", "drift", "qualified", "complete")
_COUNTS = ("vehicles", "registered_days", "online_days", "silences", *ServiceSums._fields)
type Line = dict[str, Any]
COLUMNS = (
    Column[Line]("operator", "Mã đơn vị", lambda row: row["operator"]),
    *(Column[Line](name, name, lambda row, name=name: row[name]) for name in (*_COUNTS, *_SHARES)),  # type: ignore[misc]
)


@ROUTER.get("", name="get_quality", response_model=QualityMonth, responses=FORMS)
def get_quality(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    month: Month,
    operator: Annotated[Name | None, Query()] = None,
) -> Response:
    """The days of a month that are over and judged, added up by operator, vehicles of none last. Every operator with a
    registered vehicle is there, with data or without (`limit` and `cursor` have no use here)."""
    owner = bounded(caller, operator)
    first = parse_month(month)
    start, end = bounds(first)
    days = day_of(start), min(day_of(end), day_of(parts.clock()))
    if days[1] <= days[0]:
        raise fault("month", f"no day of {month} is over yet: ask for an earlier month")
    if paging.form is Form.JSON:
        with reading(pool) as connection:
            lines = quality_lines(connection, *days, owner)
        return answer(request, {"month": month, "first": first, "last": date_of(days[1] - 1), "items": lines})
    listing = Listing[Line](
        f"quality-{month}", "Chất lượng dữ liệu", None, COLUMNS,
        lambda connection, _, key: [] if key else quality_lines(connection, *days, owner),
        lambda row: [row["operator"] or ""], (str,), lambda row: row,
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


def quality_lines(connection: Connection, first: int, stop: int, operator: str | None) -> list[Line]:
    """A line for each operator, or for one, over local days [first, stop)."""
    kept: dict[str | None, OperatorService] = {one.operator: one for one in operator_service(connection, first, stop)}
    registered: dict[str | None, int] = {}
    for (owner, _), days in registered_days(registrations(connection), first, stop).items():
        registered[owner] = registered.get(owner, 0) + days
    owners = sorted(kept.keys() | registered.keys(), key=lambda one: (one is None, one or ""))
    return [_line(one, kept.get(one), registered.get(one, 0)) for one in owners if operator in (None, one)]


def _line(operator: str | None, one: OperatorService | None, days: int) -> Line:
    service = Service(registered_days=days)
    if one is not None:
        service.vehicles, service.online_days, service.silences = one.vehicles, one.online_days, one.silences
        for name, value in one.sums._asdict().items():
            setattr(service, name, value)
    counts = {name: getattr(service, name) for name in _COUNTS}
    return {"operator": operator, **counts, **{name: _decimal(getattr(service, name)) for name in _SHARES}}


def _decimal(share: Fraction | None) -> float | None:
    return None if share is None else round(float(share), 6)

"""Weigh stations: what they weighed in a period, added up in several ways, and how their instruments stand."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access import bounded
from api.inputs import PERIOD_DAYS_MAX, Day, NameOrNone, Period
from api.pages._page import page
from api.problems import fault
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey.localtime import date_of, day_of, number_of
from storage.instruments import instruments
from storage.pool import reading
from storage.weighing_views import By, WantedView, weighings_by

ROUTER = APIRouter(prefix="/stations")
_DAYS, _ROWS = 31, 100


@ROUTER.get("", name="stations_page")
def stations(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Annotated[Day | None, Query()] = None,
    station: Annotated[NameOrNone, Query()] = "",
    operator: Annotated[NameOrNone, Query()] = "",
) -> Response:
    """Of operators the hundred with the most overloads; the API has all."""
    period = _period(from_, to, parts.clock())
    owner, named = bounded(caller, operator.strip() or None), station.strip() or None
    views: dict[str, Any] = {}
    with reading(pool) as connection:
        for by in By:
            wanted = WantedView(by, period.start, period.stop, named, owner)
            lines = weighings_by(connection, wanted, PERIOD_DAYS_MAX * _ROWS)
            views[str(by)] = lines if by != By.OPERATOR else sorted(lines, key=lambda one: (-one.over, one.key))[:_ROWS]
        watched = [] if caller.operator else [one for one in instruments(connection) if named in (None, one.station)]
    content: dict[str, Any] = {"period": period, "filters": {"station": station.strip(), "operator": operator.strip()},
               "views": views, "instruments": watched}  # fmt: skip
    return page(request, caller, "stations.html", **content)


def _period(first: date | None, last: date | None, now: int) -> Period:
    """The period asked for, by default the last month. Raises Problem as api.inputs does."""
    last = last or max(date_of(day_of(now)), first or date.min)
    first = first or date_of(number_of(last) - _DAYS + 1)
    if last < first:
        raise fault("to", f"{last} lies before {first}")
    if number_of(last) - number_of(first) >= PERIOD_DAYS_MAX:
        raise fault("from", f"a period of more than {PERIOD_DAYS_MAX} days: ask for it in parts")
    return Period(first, last)

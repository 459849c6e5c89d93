"""Weigh stations: what they weighed in a period, added up in several ways, and how their instruments stand."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access import bounded
from api.inputs import PERIOD_DAYS_MAX, Day, NameOrNone
from api.pages._page import page
from api.pages._period import days_asked
from api.routes._given import GivenCaller, GivenParts, GivenPool
from storage.server.pool import reading
from storage.stations.instruments import instruments
from storage.stations.weighing_views import By, WantedView, latest_weighing, weighings_by

ROUTER = APIRouter(prefix="/stations")
_ROWS = 100


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
    with reading(pool) as connection:  # when others were weighed last is nothing for an operator
        latest = None if caller.operator else latest_weighing(connection)
    period = days_asked(from_, to, min(latest or parts.clock(), parts.clock()))
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

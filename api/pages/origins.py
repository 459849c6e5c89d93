"""Where overloads begin: loading places ranked by the overloaded journeys that started there, with a map."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access import bounded
from api.drawings.origin_map import Place, origin_map
from api.drawings.plane import Mark
from api.inputs import Day
from api.pages._filters import admit
from api.pages._page import drawing, drawing_words, page
from api.pages._period import days_asked
from api.pages.maps import roads_inside
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey.localtime import day_of
from storage.server.pool import reading
from storage.stations.origins import WantedOrigins, overload_origins, station_places
from storage.stations.weighing_views import latest_weighing

ROUTER = APIRouter(prefix="/origins")
_MOST, _AROUND = 20, 0.1  # places; degrees of roads drawn around them


@ROUTER.get("", name="origins_page")
def origins_page(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Annotated[Day | None, Query()] = None,
    station: str = "",
    operator: str = "",
) -> Response:
    """Filters that are empty do not count: a form sends them all."""
    filters = {"station": station.strip(), "operator": operator.strip()}
    admit(filters)
    with reading(pool) as connection:
        period = days_asked(from_, to, min(latest_weighing(connection) or parts.clock(), parts.clock()))
        wanted = WantedOrigins(day_of(period.start), day_of(period.stop), filters["station"] or None,
                               bounded(caller, filters["operator"] or None))  # fmt: skip
        rows = overload_origins(connection, wanted, _MOST)
        stations = [Mark(lon, lat, name) for name, lon, lat in station_places(connection)]
    drawn = None
    if rows:
        places = [Place(number, one.lon, one.lat, one.journeys) for number, one in enumerate(rows, 1)]
        lons, lats = [one.lon for one in places], [one.lat for one in places]
        box = (min(lons) - _AROUND, min(lats) - _AROUND, max(lons) + _AROUND, max(lats) + _AROUND)
        near = [one for one in stations if box[0] <= one.lon <= box[2] and box[1] <= one.lat <= box[3]]
        roads = [one.line for one in roads_inside(pool, day_of(parts.clock()), box)]
        drawn = drawing(origin_map(places, roads, near, drawing_words(request)))
    return page(request, caller, "origins.html", rows=rows, map=drawn, period=period, filters=filters)

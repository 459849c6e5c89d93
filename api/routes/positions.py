"""Where vehicles are and were: the last known position of each, and which were near a place."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Caller, bounded
from api.answers import answer, fields
from api.exports.listing import Column, local
from api.inputs import Form, InForm, InPages, Name
from api.listings import FORMS, Listing, as_file, give
from api.models import All, Near, Position
from api.parts import get_parts
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey import plates
from journey.localtime import day_of
from storage.database import Connection
from storage.pages import positions
from storage.pages.positions import NEAR_RADIUS_MAX_M, NEAR_WINDOW_MAX_S, last_positions, nearest_fixes
from storage.pages.registered import owned, plates_of
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/positions", tags=["records"])
COLUMNS = (
    Column[positions.Position]("plate", "Biển số xe", lambda row: row.plate),
    Column[positions.Position]("licence", "Số giấy phép lái xe", lambda row: row.licence),
    Column[positions.Position]("time", "Thời điểm", lambda row: local(row.time), 20),
    Column[positions.Position]("received", "Nhận lúc", lambda row: local(row.received), 20),
    Column[positions.Position]("lon", "Kinh độ", lambda row: row.lon),
    Column[positions.Position]("lat", "Vĩ độ", lambda row: row.lat),
    Column[positions.Position]("speed_dkmh", "Tốc độ, 0,1 km/h", lambda row: row.speed_dkmh),
    Column[positions.Position]("heading_deg", "Hướng, độ", lambda row: row.heading_deg),
    Column[positions.Position]("ignition", "Khóa điện", lambda row: row.ignition),
)
_NEAR = (
    *(Column[positions.Near](one.name, one.heading, lambda row, one=one: one.value(row.position), one.width)  # type: ignore[misc]
      for one in COLUMNS),
    Column[positions.Near]("distance_m", "Cách, m", lambda row: row.distance_m),
)  # fmt: skip
_PLATES_MAX, _NEAR_MAX = 50, 200
_WINDOW_MAX_S = 7 * 86_400
_LATEST = 4_102_444_800  # 2100-01-01


async def instant(
    request: Request,
    at: Annotated[int | None, Query(ge=0, lt=_LATEST, description="s UTC; default: now")] = None,
) -> int:
    return (await get_parts(request)).clock() if at is None else at


AtInstant = Annotated[int, Depends(instant)]


@ROUTER.get("", name="list_positions", response_model=All[Position], responses=FORMS)
def list_positions(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    at: AtInstant,
    vehicle: Annotated[list[Name] | None, Query(max_length=_PLATES_MAX, description="plates; default: all")] = None,
    operator: Annotated[Name | None, Query(description="vehicles registered for it on the day")] = None,
    window_s: Annotated[int, Query(ge=1, le=_WINDOW_MAX_S, description="how far back to look")] = 3600,
) -> Response:
    """The last usable position of each vehicle in a time before an instant, all at once (`limit` and `cursor` have no
    use here). A vehicle without one is not named: where it is is not known."""
    owner = bounded(caller, operator)
    wanted = None if vehicle is None else [plates.plate(one) for one in vehicle]

    def page(connection: Connection, _: int, key: list[str] | None) -> list[positions.Position]:
        return [] if key else _positions(connection, caller, owner, wanted, at, window_s)

    if paging.form is Form.JSON:
        with reading(pool) as connection:
            found = page(connection, 0, None)
        return answer(request, {"items": [fields(one) for one in found]})
    listing = Listing("positions", "Vị trí", None, COLUMNS, page, lambda row: [row.plate], (str,), fields)
    return give(request, pool, listing, paging, parts.clock())


def _positions(
    connection: Connection, caller: Caller, owner: str | None, wanted: list[str] | None, at: int, window_s: int
) -> list[positions.Position]:
    if owner is not None:
        own = plates_of(connection, owner, day_of(at))
        wanted = own if wanted is None else sorted(set(wanted) & set(own))
    found = last_positions(connection, at, window_s, wanted)
    if caller.operator is None:
        return found
    # A vehicle may have come to the operator since: before that its way was another's.
    days = owned(connection, caller.operator, {(one.plate, day_of(one.time)) for one in found})
    return [one for one in found if (one.plate, day_of(one.time)) in days]


@ROUTER.get("/near", name="list_near", response_model=All[Near], responses=FORMS)
def list_near(
    request: Request,
    parts: GivenParts,
    pool: GivenPool,
    at: AtInstant,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
    radius_m: Annotated[float, Query(gt=0, le=NEAR_RADIUS_MAX_M)] = 500,
    window_s: Annotated[int, Query(ge=0, le=NEAR_WINDOW_MAX_S, description="on either side of the instant")] = 600,
    limit: Annotated[int, Query(ge=1, le=_NEAR_MAX)] = 50,
    form: InForm = Form.JSON,
) -> Response:
    """Which vehicles were near a place at about an instant: of each its nearest usable fix, the nearest first."""
    with reading(pool) as connection:
        found = nearest_fixes(connection, lon, lat, at, window_s, radius_m, limit)
    if form is not Form.JSON:
        return as_file(form, "near", "Xe ở gần", _NEAR, found, parts.clock())
    return answer(request, {"items": [{**fields(one.position), "distance_m": one.distance_m} for one in found]})

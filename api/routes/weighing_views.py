"""Weighings added up, and the instruments that they were made with."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.access import bounded
from api.answers import answer, fields
from api.exports.listing import Column, local
from api.inputs import PAGE_MAX, Form, InForm, InPages, InPeriod, Name
from api.listings import FORMS, Listing, as_file, give
from api.models import All, Page
from api.routes._given import GivenCaller, GivenParts, GivenPool
from api.weighingmodels import Instrument, WeighingView
from api.weighingmodels import Origin as OriginModel
from journey.localtime import day_of
from storage.server.pool import reading
from storage.stations import instruments as watched
from storage.stations.instruments import instruments
from storage.stations.origins import Origin, WantedOrigins, overload_origins
from storage.stations.weighing_views import Added, By, WantedView, weighings_by

ROUTER = APIRouter(tags=["records"])
COLUMNS = (
    Column[Added]("key", "Nhóm", lambda row: row.key, 24),
    Column[Added]("weighings", "Lượt cân", lambda row: row.weighings),
    Column[Added]("over", "Quá tải", lambda row: row.over),
    Column[Added]("share", "Tỷ lệ quá tải", lambda row: round(row.share, 6)),
    Column[Added]("heaviest_kg", "Nặng nhất, kg", lambda row: row.heaviest_kg),
    Column[Added]("worst_percent", "Vượt nhiều nhất, %", lambda row: row.worst_percent),
    Column[Added]("unread", "Không đọc được biển số", lambda row: row.unread),
)
_INSTRUMENTS = (
    Column[watched.Instrument]("station", "Trạm cân", lambda row: row.station),
    Column[watched.Instrument]("lane", "Làn", lambda row: row.lane),
    Column[watched.Instrument]("instrument", "Thiết bị", lambda row: row.instrument),
    Column[watched.Instrument]("certificate", "Giấy kiểm định", lambda row: row.certificate),
    Column[watched.Instrument]("state", "Tình trạng", lambda row: row.state),
    Column[watched.Instrument]("watching", "Xe 5 trục", lambda row: row.watching),
    Column[watched.Instrument]("mean_kg", "Trục dẫn hướng trung bình, kg", lambda row: row.mean_kg),
    Column[watched.Instrument]("spread_kg", "Độ lệch chuẩn, kg", lambda row: row.spread_kg),
    Column[watched.Instrument]("level", "Tổng lệch, phần nghìn", lambda row: row.level),
    Column[watched.Instrument]("since", "Từ", lambda row: local(row.since), 20),
    Column[watched.Instrument]("shift_permille", "Lệch, phần nghìn", lambda row: row.shift_permille),
    Column[watched.Instrument]("direction", "Chiều lệch", lambda row: row.direction),
    Column[watched.Instrument]("drift_since", "Lệch từ", lambda row: local(row.drift_since), 20),
)

_ORIGINS = (
    Column[Origin]("lon", "Kinh độ", lambda row: row.lon),
    Column[Origin]("lat", "Vĩ độ", lambda row: row.lat),
    Column[Origin]("journeys", "Chuyến quá tải", lambda row: row.journeys),
    Column[Origin]("weighed", "Chuyến được cân", lambda row: row.weighed),
    Column[Origin]("vehicles", "Số xe quá tải", lambda row: row.vehicles),
    Column[Origin]("operators", "Mã đơn vị", lambda row: "; ".join(row.operators), 40),
    Column[Origin]("worst", "Vượt nhiều nhất, %", lambda row: row.worst),
)


@ROUTER.get("/weighings/by/{by}", name="view_weighings", response_model=Page[WeighingView], responses=FORMS)
def view_weighings(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    period: InPeriod,
    by: Annotated[By, Path(description="what a line is for")],
    station: Annotated[Name | None, Query(description="id of a station")] = None,
    operator: Annotated[Name | None, Query()] = None,
) -> Response:
    """Weighings of a period: how many, how many with an overload that stands, the heaviest, the largest excess.

    `over` counts weighings with a certain finding against which no case has ended. Hours are those of the local day.
    """
    wanted = WantedView(by, period.start, period.stop, station, bounded(caller, operator))
    listing = Listing[Added](
        f"weighings-by-{by}", "Cân xe", [*wanted], COLUMNS,
        lambda connection, limit, key: weighings_by(connection, wanted, limit, None if key is None else key[0]),
        lambda row: [row.key], (str,), _shown,
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


def _shown(row: Added) -> dict[str, Any]:
    return {**row._asdict(), "share": round(row.share, 6)}


@ROUTER.get("/instruments", name="list_instruments", response_model=All[Instrument], responses=FORMS)
def list_instruments(request: Request, parts: GivenParts, pool: GivenPool, form: InForm = Form.JSON) -> Response:
    """Instruments of weigh stations as they stand under their last certificate: learning, watched, warning, alarm."""
    with reading(pool) as connection:
        rows = instruments(connection)
    if form is not Form.JSON:
        return as_file(form, "instruments", "Thiết bị cân", _INSTRUMENTS, rows, parts.clock())
    return answer(request, {"items": [fields(row) for row in rows]})


@ROUTER.get("/origins", name="list_origins", response_model=All[OriginModel], responses=FORMS)
def list_origins(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    period: InPeriod,
    form: InForm = Form.JSON,
    station: Annotated[Name | None, Query(description="id of a station")] = None,
    operator: Annotated[Name | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX, description="places")] = 100,
) -> Response:
    """Places at which journeys began that were weighed as overloaded, those of the most first.

    A place is where the vehicle last stood for half an hour before it came to the station; a load taken on at a shorter
    halt is not seen. Only weighings that lie on a track are counted.
    """
    wanted = WantedOrigins(day_of(period.start), day_of(period.stop), station, bounded(caller, operator))
    with reading(pool) as connection:
        rows = overload_origins(connection, wanted, limit)
    if form is not Form.JSON:
        return as_file(form, "origins", "Nơi bắt đầu các chuyến xe quá tải", _ORIGINS, rows, parts.clock())
    return answer(request, {"items": [fields(row) for row in rows]})

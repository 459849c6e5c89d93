"""Weighings as they were measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access import Caller, bounded
from api.exports.listing import Column, local
from api.inputs import InPages, InPeriod, Name
from api.listings import FORMS, Listing, give
from api.models import Page, Weighing
from api.problems import fault
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey import plates
from journey.localtime import day_of
from storage.database import Connection
from storage.pages.registered import owned
from storage.stations.weighing_pages import WantedWeighings, WeighingKey, WeighingRow, count_weighings, weighing_page

ROUTER = APIRouter(prefix="/weighings", tags=["records"])
COLUMNS = (
    Column[WeighingRow]("id", "Số", lambda row: row.id, 20),
    Column[WeighingRow]("time", "Thời điểm", lambda row: local(row.weighing.time), 20),
    Column[WeighingRow]("station", "Trạm", lambda row: row.weighing.station),
    Column[WeighingRow]("lane", "Làn", lambda row: row.weighing.lane),
    Column[WeighingRow]("plate", "Biển số xe", lambda row: row.weighing.plate),
    Column[WeighingRow]("operator", "Mã đơn vị", lambda row: row.operator),
    Column[WeighingRow]("trailer", "Rơ moóc", lambda row: row.weighing.trailer),
    Column[WeighingRow]("gross_kg", "Khối lượng toàn bộ, kg", lambda row: row.weighing.gross_kg),
    Column[WeighingRow]("axle_kg", "Tải trọng trục, kg", lambda row: _joined(row.weighing.axle_kg), 30),
    Column[WeighingRow]("spacing_mm", "Khoảng cách trục, mm", lambda row: _joined(row.weighing.spacing_mm), 30),
    Column[WeighingRow]("persons", "Số người", lambda row: row.weighing.persons),
    Column[WeighingRow]("containers", "Số container", lambda row: row.weighing.containers),
    Column[WeighingRow]("ticket", "Số phiếu", lambda row: row.weighing.ticket, 20),
)


@ROUTER.get("", name="list_weighings", response_model=Page[Weighing], responses=FORMS)
def list_weighings(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    period: InPeriod,
    vehicle: Annotated[Name | None, Query(description="a plate")] = None,
    station: Annotated[Name | None, Query(description="id of a station")] = None,
    operator: Annotated[Name | None, Query()] = None,
) -> Response:
    """Weighings of a period by time. `operator` is that for whom the vehicle was registered on the day."""
    plate = None if vehicle is None else plates.plate(vehicle)
    wanted = WantedWeighings(period.start, period.stop, plate, station, bounded(caller, operator))
    listing = Listing(
        "weighings", "Cân xe", [*wanted], COLUMNS,
        lambda connection, limit, key: own_trailers(
            connection, caller, weighing_page(connection, wanted, limit, _key(key))),
        lambda row: [row.weighing.time, row.id], (int, str), shown,
        lambda connection, most: count_weighings(connection, wanted, most),
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


def shown(row: WeighingRow) -> dict[str, Any]:
    one = row.weighing
    return {
        "id": row.id, "station": one.station, "lane": one.lane, "time": one.time, "plate": one.plate,
        "operator": row.operator, "trailer": one.trailer, "axle_kg": one.axle_kg, "spacing_mm": one.spacing_mm,
        "gross_kg": one.gross_kg, "persons": one.persons, "containers": one.containers, "ticket": one.ticket,
    }  # fmt: skip


def own_trailers(connection: Connection, caller: Caller, rows: list[WeighingRow]) -> list[WeighingRow]:
    """What the caller may see: an operator no plate of a trailer that is not its own."""
    if caller.operator is None:
        return rows
    trailers = {(row.weighing.trailer, day_of(row.weighing.time)) for row in rows if row.weighing.trailer is not None}
    own = owned(connection, caller.operator, trailers)
    return [
        row
        if row.weighing.trailer is None or (row.weighing.trailer, day_of(row.weighing.time)) in own
        else row._replace(weighing=replace(row.weighing, trailer=None))
        for row in rows
    ]


def _key(key: list[Any] | None) -> WeighingKey | None:
    if key is None:
        return None
    try:
        return WeighingKey(key[0], bytes.fromhex(key[1]))
    except ValueError:
        raise fault("cursor", "it is none: send back what `next` gave, as it is") from None


def _joined(numbers: tuple[int, ...]) -> str:
    return " ".join(map(str, numbers))

"""Vehicles, with the registration of a day."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access import bounded, not_there
from api.answers import answer, fields
from api.exports.listing import Column
from api.inputs import InPages, Name, OnDay, PlatePath
from api.listings import FORMS, Listing, give
from api.models import Page, Vehicle
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey import plates
from storage.pages.registered import VehicleRow, vehicle, vehicles
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/vehicles", tags=["registry"])
COLUMNS = (
    Column[VehicleRow]("plate", "Biển số xe", lambda row: row.plate),
    Column[VehicleRow]("operator", "Mã đơn vị", lambda row: row.operator),
    Column[VehicleRow]("kind", "Loại xe", lambda row: row.kind),
    Column[VehicleRow]("business", "Hình thức kinh doanh", lambda row: row.business),
    Column[VehicleRow]("seats", "Số chỗ", lambda row: row.seats),
    Column[VehicleRow]("payload_kg", "Khối lượng chở cho phép, kg", lambda row: row.payload_kg),
    Column[VehicleRow]("kerb_kg", "Khối lượng bản thân, kg", lambda row: row.kerb_kg),
    Column[VehicleRow]("design_gross_kg", "Khối lượng toàn bộ thiết kế, kg", lambda row: row.design_gross_kg),
    Column[VehicleRow]("towed_kg", "Khối lượng kéo theo, kg", lambda row: row.towed_kg),
    Column[VehicleRow]("badge", "Phù hiệu", lambda row: row.badge),
    Column[VehicleRow]("valid_from", "Từ ngày", lambda row: row.valid_from),
    Column[VehicleRow]("valid_to", "Đến ngày", lambda row: row.valid_to),
)


@ROUTER.get("", name="list_vehicles", response_model=Page[Vehicle], responses=FORMS)
def list_vehicles(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    day: OnDay,
    operator: Annotated[Name | None, Query()] = None,
) -> Response:
    """Vehicles by plate: every plate ever seen, or those registered for an operator on a day."""
    owner = bounded(caller, operator)
    listing = Listing(
        "vehicles", "Phương tiện", [owner, day], COLUMNS,
        lambda connection, limit, key: vehicles(connection, day, key[0] if key else "", limit, owner),
        lambda row: [row.plate], (str,), fields,
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


@ROUTER.get("/{plate}", name="get_vehicle", response_model=Vehicle)
def get_vehicle(request: Request, caller: GivenCaller, pool: GivenPool, day: OnDay, plate: PlatePath) -> Response:
    """One vehicle; for an operator those that are registered for it on the day."""
    with reading(pool) as connection:
        found = vehicle(connection, plates.plate(plate), day)
    if found is None or caller.operator not in (None, found.operator):
        raise not_there("vehicle")
    return answer(request, fields(found))

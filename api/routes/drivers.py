"""Drivers, and what one did in a week on whatever vehicles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access import Caller, bounded, not_there
from api.answers import answer, fields
from api.exports.listing import Column, local
from api.inputs import Form, InForm, InPages, LicencePath, Name, WeekPath, licence_of
from api.listings import FORMS, Listing, as_file, give
from api.models import Driver, DriverWeek, Page
from api.names import shown
from api.problems import fault
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey.localtime import day_of, parse_week
from journey.track import DRIVING, STANDING, UNKNOWN
from storage.database import Connection
from storage.pages.desk import DriverActivity, driver_week
from storage.pages.registered import DriverRow, driver, drivers, owned
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/drivers", tags=["registry"])
KINDS = {DRIVING: "driving", STANDING: "standing", UNKNOWN: "unknown"}


COLUMNS = (
    Column[DriverRow]("licence", "Số giấy phép lái xe", lambda row: row.licence),
    Column[DriverRow]("name", "Họ tên", lambda row: row.name, 30),
    Column[DriverRow]("operator", "Mã đơn vị", lambda row: row.operator),
)


WEEK_COLUMNS = (
    Column[DriverActivity]("plate", "Biển số xe", lambda row: row.plate),
    Column[DriverActivity]("start", "Bắt đầu", lambda row: local(row.start), 20),
    Column[DriverActivity]("end", "Kết thúc", lambda row: local(row.end), 20),
    Column[DriverActivity]("kind", "Hoạt động", lambda row: KINDS[row.kind]),
)


@ROUTER.get("", name="list_drivers", response_model=Page[Driver], responses=FORMS)
def list_drivers(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    operator: Annotated[Name | None, Query()] = None,
) -> Response:
    """Drivers by licence: every licence ever seen, or those whom the registry names with an operator."""
    owner = bounded(caller, operator)
    listing = Listing(
        "drivers", "Lái xe", owner, COLUMNS,
        lambda connection, limit, key: shown(
            connection, caller, drivers(connection, key[0] if key else "", limit, owner)),
        lambda row: [row.licence], (str,), fields,
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


@ROUTER.get("/{licence}", name="get_driver", response_model=Driver)
def get_driver(request: Request, caller: GivenCaller, pool: GivenPool, licence: LicencePath) -> Response:
    """One driver."""
    with reading(pool) as connection:
        (found,) = shown(connection, caller, [known_driver(connection, caller, licence_of(licence))])
    return answer(request, fields(found))


@ROUTER.get(
    "/{licence}/weeks/{week}", name="get_driver_week", response_model=DriverWeek, responses=FORMS, tags=["records"]
)
def get_driver_week(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    licence: LicencePath,
    week: WeekPath,
    form: InForm = Form.JSON,
) -> Response:
    """Driving, standing and unknown time of a driver in a local week, on any vehicle.

    For an operator on its own vehicles only; `complete` says whether something is left out.
    """
    start, end = _bounds(week)
    known = licence_of(licence)
    with reading(pool) as connection:
        known_driver(connection, caller, known)
        every = driver_week(connection, known, day_of(start))
        known_to_him = every if caller.operator is None else own_activities(connection, caller.operator, every)
    if form is not Form.JSON:
        return as_file(form, f"{known}-{week}", "Tuần lái xe", WEEK_COLUMNS, known_to_him, parts.clock())
    activities = [
        {"plate": one.plate, "start": one.start, "end": one.end, "kind": KINDS[one.kind]} for one in known_to_him
    ]
    return answer(request, {"licence": known, "week": week, "start": start, "end": end, "activities": activities,
                            "complete": len(known_to_him) == len(every)})  # fmt: skip


def _bounds(week: str) -> tuple[int, int]:
    try:
        return parse_week(week)
    except ValueError as error:
        raise fault("week", str(error)) from None


def known_driver(connection: Connection, caller: Caller, licence: str) -> DriverRow:
    found = driver(connection, licence)
    if found is None or caller.operator not in (None, found.operator):
        raise not_there("driver")
    return found


def own_activities(connection: Connection, operator: str, every: list[DriverActivity]) -> list[DriverActivity]:
    """Those on vehicles that were the operator's on the days of both ends."""
    ends = {(one.plate, day) for one in every for day in (day_of(one.start), day_of(one.end - 1))}
    own = owned(connection, operator, ends)
    return [one for one in every if {(one.plate, day_of(one.start)), (one.plate, day_of(one.end - 1))} <= own]

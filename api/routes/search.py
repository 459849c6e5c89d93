"""Search by what somebody types."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import answer, fields
from api.exports.listing import Column
from api.inputs import Asked, Form, InForm, OnDay
from api.listings import FORMS, as_file
from api.models import Found
from api.names import shown
from api.routes._given import GivenCaller, GivenParts, GivenPool
from storage.pages import search as finder
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/search", tags=["registry"])


type Line = tuple[str, str, str | None, str | None]  # kind, plate or id or licence, name, operator
COLUMNS = (
    Column[Line]("kind", "Loại", lambda row: row[0]),
    Column[Line]("id", "Biển số, mã đơn vị, số giấy phép", lambda row: row[1], 24),
    Column[Line]("name", "Tên", lambda row: row[2], 40),
    Column[Line]("operator", "Mã đơn vị", lambda row: row[3]),
)


@ROUTER.get("", name="search", response_model=Found, responses=FORMS)
def search(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    day: OnDay,
    q: Annotated[
        Asked,
        Query(
            description="a plate or its last figures, an operator's id or words of its name, the "
            "beginning of a licence number"
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=finder.FOUND_MAX)] = 10,
    form: InForm = Form.JSON,
) -> Response:
    """Vehicles, operators and drivers, at most `limit` of each. Dots, dashes, case and marks do not count."""
    with reading(pool) as connection:
        found = finder.search(connection, q, day, limit, caller.operator)
        drivers = shown(connection, caller, found.drivers)
    if form is not Form.JSON:
        lines: list[Line] = [("vehicle", one.plate, None, one.operator) for one in found.vehicles]
        lines += [("operator", one.id, one.name, None) for one in found.operators]
        lines += [("driver", one.licence, one.name, one.operator) for one in drivers]
        return as_file(form, "search", "Kết quả tìm", COLUMNS, lines, parts.clock())
    return answer(request, {
        "vehicles": [fields(one) for one in found.vehicles],
        "operators": [fields(one) for one in found.operators],
        "drivers": [fields(one) for one in drivers],
    })  # fmt: skip

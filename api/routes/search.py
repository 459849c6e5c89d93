"""Search by what somebody types."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import answer, fields
from api.inputs import Asked, OnDay
from api.models import Found
from api.names import shown
from api.routes._given import GivenCaller, GivenPool
from storage import search as finder
from storage.pool import reading

ROUTER = APIRouter(prefix="/search", tags=["registry"])


@ROUTER.get("", name="search", response_model=Found)
def search(
    request: Request,
    caller: GivenCaller,
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
) -> Response:
    """Vehicles, operators and drivers, at most `limit` of each. Dots, dashes, case and marks do not count."""
    with reading(pool) as connection:
        found = finder.search(connection, q, day, limit, caller.operator)
        drivers = shown(connection, caller, found.drivers)
    return answer(request, {
        "vehicles": [fields(one) for one in found.vehicles],
        "operators": [fields(one) for one in found.operators],
        "drivers": [fields(one) for one in drivers],
    })  # fmt: skip

"""Operators: the transport businesses."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.access import bounded, not_there
from api.answers import answer, fields
from api.exports.listing import Column
from api.inputs import InPages, Name, OnDay
from api.listings import FORMS, Listing, give
from api.models import Operator, OperatorNow, Page
from api.routes._given import GivenCaller, GivenParts, GivenPool
from storage.pages.registered import OperatorRow, operators, plates_of
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/operators", tags=["registry"])
COLUMNS = (
    Column[OperatorRow]("id", "Mã đơn vị", lambda row: row.id),
    Column[OperatorRow]("name", "Đơn vị vận tải", lambda row: row.name, 40),
    Column[OperatorRow]("tax_code", "Mã số thuế", lambda row: row.tax_code),
)


@ROUTER.get("", name="list_operators", response_model=Page[Operator], responses=FORMS)
def list_operators(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, paging: InPages
) -> Response:
    """Operators by id."""
    listing = Listing(
        "operators", "Đơn vị vận tải", None, COLUMNS,
        lambda connection, limit, key: operators(connection, key[0] if key else "", limit, caller.operator),
        lambda row: [row.id], (str,), fields,
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


@ROUTER.get("/{operator}", name="get_operator", response_model=OperatorNow)
def get_operator(
    request: Request, caller: GivenCaller, pool: GivenPool, day: OnDay, operator: Annotated[Name, Path()]
) -> Response:
    """One operator, and how many vehicles are registered for it."""
    bounded(caller, operator)
    with reading(pool) as connection:
        found = operators(connection, "", 1, operator)
        if not found:
            raise not_there("operator")
        plates = plates_of(connection, operator, day)
    return answer(request, {**fields(found[0]), "vehicles": len(plates)})

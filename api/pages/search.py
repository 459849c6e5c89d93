"""Search by what somebody types: as a page, and part by part while he types."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.inputs import OnDay
from api.pages._page import is_partial, page
from api.pages.account import gone_on
from api.problems import fault
from api.routes._given import GivenCaller, GivenPool
from journey.plates import solid
from storage.disclosure import names_visible
from storage.pool import reading
from storage.search import Found
from storage.search import search as find

ROUTER = APIRouter()
_EACH, _LENGTH_MAX = 12, 100
_NOTHING = Found([], [], [])


@ROUTER.get("/search", name="search_page")
def search(request: Request, caller: GivenCaller, pool: GivenPool, day: OnDay, q: str = "") -> Response:
    """What is found. Who sends the form with the whole plate of a vehicle is led to it."""
    asked = q.strip()
    if len(asked) > _LENGTH_MAX or not asked.isprintable():
        raise fault("q", f"write at most {_LENGTH_MAX} letters and figures")
    found, names = _NOTHING, set[str]()
    if asked:
        with reading(pool) as connection:
            found = find(connection, asked, day, _EACH, caller.operator)
            names = names_visible(connection, [one.licence for one in found.drivers], caller.person)
    vehicles = found.vehicles
    if not is_partial(request) and len(vehicles) == 1 and vehicles[0].plate == solid(asked):
        return gone_on(f"/vehicles/{vehicles[0].plate}")
    template = "search_results.html" if is_partial(request) else "search.html"
    return page(request, caller, template, found=found, names=names, asked=asked)

"""Search by what somebody types: as a page, and suggestions while he types."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response

from api.access import Caller
from api.admission import by_of, reason_of
from api.inputs import OnDay
from api.pages._page import page
from api.pages.account import gone_on
from api.problems import fault
from api.routes._given import GivenCaller, GivenPool
from api.typed import LEAST, Typed
from journey.plates import solid
from storage.audit.log import What, record
from storage.pages.search import Found
from storage.pages.search import search as find
from storage.people.disclosure import names_visible
from storage.server.pool import Pool, reading, writing

ROUTER = APIRouter()
_EACH, _LENGTH_MAX = 12, 100
_NOTHING = Found([], [], [])


@ROUTER.get("/search", name="search_page")
def search(request: Request, caller: GivenCaller, pool: GivenPool, day: OnDay, q: str = "") -> Response:
    """What is found. Who sends the form with the whole plate of a vehicle is led to it."""
    asked = _asked(q)
    found, names = _NOTHING, set[str]()
    if asked:
        with reading(pool) as connection:
            found = find(connection, asked, day, _EACH, caller.operator)
            names = names_visible(connection, [one.licence for one in found.drivers], caller.person)
    vehicles = found.vehicles
    if len(vehicles) == 1 and vehicles[0].plate == solid(asked):
        return gone_on(f"/vehicles/{vehicles[0].plate}")
    return page(request, caller, "search.html", found=found, names=names, asked=asked, typing=False, persons=False)


@ROUTER.get("/search/typed", name="search_typed")
def suggestions(request: Request, caller: GivenCaller, pool: GivenPool, day: OnDay, q: str = "") -> Response:
    """Plates and operators that begin so, as a part of a page; of persons only that there are some."""
    asked = _asked(q)
    found, persons = _NOTHING, False
    if len(solid(asked)) >= LEAST:
        with reading(pool) as connection:
            found = find(connection, asked, day, _EACH, caller.operator)
        persons, found = bool(found.drivers), found._replace(drivers=[])
        _put_on_record(request, caller, pool, asked, _alone(found))
    typed = asked if len(solid(asked)) >= LEAST else ""
    return page(request, caller, "search_results.html", found=found, names=set(), asked=typed, typing=True,
                persons=persons)  # fmt: skip


def _asked(text: str) -> str:
    asked = text.strip()
    if len(asked) > _LENGTH_MAX or not asked.isprintable():
        raise fault("q", f"write at most {_LENGTH_MAX} letters and figures")
    return asked


def _alone(found: Found) -> str | None:
    """The one vehicle or operator that is left; None: none, or several."""
    names = [one.plate for one in found.vehicles] + [one.id for one in found.operators]
    return names[0] if len(names) == 1 else None


def _put_on_record(request: Request, caller: Caller, pool: Pool, asked: str, alone: str | None) -> None:
    typed: Typed = request.app.state.typed
    session, now = caller.session.token if caller.session is not None else "", time.monotonic()
    wanting = typed.wanting(session, asked, alone, now)
    if not wanting:
        return
    with writing(pool) as connection:
        for text in wanting:
            record(connection, by_of(request, caller), What.SEARCH, text, reason_of(request), "search_typed")
    typed.written(session, wanting, now)

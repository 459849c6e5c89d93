"""A weighing: what the station measured, axle by axle, what was found of it, and where it lies on a track."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api.access import Caller, not_there
from api.drawings.axles import axle_drawing
from api.drawings.words import Words
from api.evidence.pictures import pictures
from api.inputs import PlatePath
from api.pages._page import drawing, drawing_words, page
from api.parts import Parts
from api.routes._given import GivenCaller, GivenParts, GivenPool
from api.routes.weighings import own_trailers
from journey import plates
from rules.law import Law
from rules.weighings.faults import faults_of, repeated_tickets
from rules.weighings.plate_reading import PlateIndex, Suggestion
from storage.database import Connection
from storage.evidence import kept_finding
from storage.findings import finding_of
from storage.pages.finding_pages import Wanted, finding_page
from storage.pages.overview import case_states
from storage.pages.registered import operators
from storage.registry import load_stations
from storage.server.pool import reading
from storage.stations.instruments import drifts_at
from storage.stations.placed import on_ticket, places_of, registered_near
from storage.stations.weighing_pages import WantedWeighings, WeighingRow, weighing_page

ROUTER = APIRouter(prefix="/vehicles/{plate}/weighings")
_MOST = 20  # weighings and findings of one vehicle at one instant


@ROUTER.get("/{time}", name="weighing_page")
def weighing(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    plate: PlatePath,
    time: Annotated[int, Path(ge=0, lt=1 << 32, description="s UTC")],
) -> Response:
    """Weighings of a vehicle at an instant: one, as a rule."""
    known, words = plates.plate(plate), drawing_words(request)
    with reading(pool) as connection:
        wanted = WantedWeighings(time, time + 1, known, operator=caller.operator)
        measured = own_trailers(connection, caller, weighing_page(connection, wanted, _MOST))
        if not measured:
            raise not_there("weighing")
        asked = Wanted(time, time + 1, operator=caller.operator, plate=known)
        found = [(row.id, finding_of(row.body)) for row in finding_page(connection, asked, _MOST)]
        rows = [(id_, one) for id_, one in found if one.rule.startswith("overload_")]
        drawings = _judged(connection, parts, caller, [id_ for id_, _ in rows], words) or _sent(measured, words)
        owner = measured[0].operator
        drifts = drifts_at(connection, known, time, time + 1)
        content: dict[str, Any] = {
            "plate": known,
            "measured": measured,
            "rows": rows,
            "states": case_states(connection, [id_ for id_, _ in rows], caller.person),
            "drifts": drifts,
            "faults": _faults(connection, parts.law, measured),
            "places": places_of(connection, [row.id for row in measured], time),
            # Of other vehicles: for the inspectorate alone.
            "alike": _alike(connection, known) if caller.operator is None else [],
            "drawings": [drawing(one) for one in drawings],
            "business": operators(connection, "", 1, owner)[:1] if owner else [],
        }
    return page(request, caller, "weighing.html", **content)


def _faults(connection: Connection, law: Law, measured: list[WeighingRow]) -> dict[str, list[str]]:
    """Of each record by its id the codes of what is wrong with it, as `station faults` says it."""
    stations = {one.id: one for one in load_stations(connection)}
    return {
        row.id: [
            *(fault.kind for fault in faults_of(row.weighing, stations.get(row.weighing.station), law)),
            *{fault.kind for _, fault in repeated_tickets(on_ticket(connection, row.weighing))},
        ]
        for row in measured
    }


def _alike(connection: Connection, read: str) -> list[Suggestion]:
    """Registered plates that may have been meant: suggested, never put in its place."""
    return [] if read == plates.UNREAD else PlateIndex(registered_near(connection, read)).suggest(read)


def _judged(connection: Connection, parts: Parts, caller: Caller, ids: list[str], words: Words) -> list[str]:
    """The drawing of each finding, with the limits that its axles, its whole or its cargo were judged by."""
    drawn: dict[str, None] = {}
    for id_ in ids:
        kept = kept_finding(connection, id_)
        svg = None if kept is None else pictures(parts.gather(connection, kept), words).get("weighing.svg")
        if svg is not None:
            drawn[svg] = None
    return list(drawn)


def _sent(measured: list[WeighingRow], words: Words) -> list[str]:
    """Nothing was found: the masses as they were measured, without limits."""
    return [
        axle_drawing(row.weighing.plate, row.weighing.axle_kg, row.weighing.spacing_mm, [], [], words)
        for row in measured
    ]

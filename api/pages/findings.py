"""Findings: those that one looks for, and one with its figures, its law and what follows from it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.access import Caller, bounded
from api.cursors import LENGTH_MAX, cursor_of, key_of
from api.evidence.law_excerpt import rests_on
from api.evidence.penalties import penalties
from api.evidence.words_en import EN
from api.evidence.words_vi import VI
from api.exports import wording
from api.findings import body_for, visible_finding
from api.inputs import Day, area_around
from api.pages._filters import admit
from api.pages._language import EN as ENGLISH
from api.pages._language import language_of
from api.pages._page import page
from api.pages._period import days_asked
from api.problems import fault
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey import plates
from journey.casework import possible_steps
from journey.localtime import day_of
from journey.model import Finding, Grade
from storage.cases.reading import actor_of, case_of
from storage.findings import finding_of
from storage.pages.desk import Key
from storage.pages.finding_pages import FindingRow, Wanted, finding_page
from storage.pages.finding_places import Area
from storage.pages.overview import case_states, latest_finding
from storage.pages.registered import driver as driver_of
from storage.pages.registered import operators, vehicle
from storage.people.disclosure import name_visible
from storage.server.pool import reading
from storage.stations.instruments import drifts_of_finding

ROUTER = APIRouter(prefix="/findings")
FindingId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
_ROWS = 50
_RADIUS_M = 500
_PLACE = re.compile(r"(-?[0-9]{1,2}(?:\.[0-9]{1,12})?)\s*[,; ]\s*(-?[0-9]{1,3}(?:\.[0-9]{1,12})?)")
_METRES = re.compile(r"[0-9]{1,6}")


@ROUTER.get("", name="findings_page")
def findings(
    request: Request,
    caller: GivenCaller,
    pool: GivenPool,
    parts: GivenParts,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Annotated[Day | None, Query()] = None,
    rule: str = "",
    grade: str = "",
    operator: str = "",
    vehicle: str = "",
    driver: str = "",
    road: str = "",
    near: str = "",
    radius_m: str = "",
    cursor: Annotated[str | None, Query(max_length=LENGTH_MAX)] = None,
) -> Response:
    """The latest first. Filters that are empty do not count: a form sends them all."""
    filters = {"rule": rule, "grade": grade, "operator": operator.strip(), "vehicle": vehicle.strip(),
               "driver": driver.strip(), "road": road.strip(), "near": near.strip(),
               "radius_m": radius_m.strip()}  # fmt: skip
    admit(filters)
    licence = plates.licence(filters["driver"]) or filters["driver"]
    with reading(pool) as connection:
        period = days_asked(from_, to, min(latest_finding(connection, caller.operator) or parts.clock(), parts.clock()))
    wanted = Wanted(
        period.start, period.stop, (rule,) if rule else (), grade or None, None,
        bounded(caller, filters["operator"] or None), plates.plate(filters["vehicle"]) if filters["vehicle"] else None,
        licence or None, newest_first=True, area=_area(filters["near"], filters["radius_m"]),
        road=filters["road"] or None,
    )  # fmt: skip
    question = ["findings_page", wanted.question]
    after = None if cursor is None else Key(*key_of(question, cursor, (int, int)))
    with reading(pool) as connection:
        found = finding_page(connection, wanted, _ROWS + 1, after)
        rows = [(row.id, finding_of(row.body)) for row in found[:_ROWS]]
        states = case_states(connection, [id_ for id_, _ in rows], caller.person)
    following = cursor_of(question, [found[_ROWS - 1].at, found[_ROWS - 1].row]) if len(found) > _ROWS else None
    return page(request, caller, "findings.html", rows=rows, states=states, period=period, filters=filters,
                next_cursor=following, rules=wording.SHORT_RULES, grades=[str(one) for one in Grade])  # fmt: skip


@ROUTER.get("/{finding}", name="finding_page")
def finding(request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, finding: FindingId) -> Response:
    now = parts.clock()
    with reading(pool) as connection:
        row, found = visible_finding(connection, caller, finding)
        person = None if found.driver is None else driver_of(connection, found.driver)
        named = found.driver is not None and name_visible(connection, found.driver, caller.person)
        case = case_of(connection, finding, caller.person)
        business = [] if found.operator is None else operators(connection, "", 1, found.operator)
        registered = vehicle(connection, found.vehicle, day_of(found.at))
        drifts = drifts_of_finding(connection, found)
    stated = rests_on(found, parts.law)
    steps = possible_steps(None if case is None else case.course, actor_of(caller.person), now)
    content: dict[str, Any] = {
        "id": finding,
        "finding": found,
        "row": row,
        "detail": _detail(caller, row, found),
        "driver_name": person.name if named and person is not None else None,
        "business": business[0] if business else None,
        "registered": registered,
        "drifts": drifts,
        "case": case,
        "may_open": case is None and "open" in steps,
        "excerpt": stated,
        "penalties": penalties(stated, EN if language_of(request) == ENGLISH else VI),
        "band": wording.band(found),
    }
    return page(request, caller, "finding.html", **content)


def _area(near: str, radius_m: str) -> Area | None:
    """As people write a place, latitude first, and metres around it. Raises Problem for what is none."""
    if not near:
        return None
    place = _PLACE.fullmatch(near)
    if place is None:
        raise fault("near", "write latitude and longitude in degrees, such as 21.85, 106.76")
    if radius_m and not _METRES.fullmatch(radius_m):
        raise fault("radius_m", "write metres, such as 500")
    return area_around("near", float(place[2]), float(place[1]), float(radius_m or _RADIUS_M))


def _detail(caller: Caller, row: FindingRow, found: Finding) -> dict[str, Any]:
    """What the finding states besides, without the vehicles of others where an operator asks."""
    body = body_for(caller, row.body)
    detail: dict[str, Any] = body["detail"] if isinstance(body, dict) else found.detail
    return detail

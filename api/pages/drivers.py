"""A driver's week: driving, standing and unknown time on whatever vehicles, against what the law allows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
from fastapi import APIRouter, Request, Response

from api.drawings.driver_week import EN, VI, Drive, Limits, Piece, driver_week_chart
from api.inputs import LicencePath, licence_of
from api.pages._formats import filters
from api.pages._language import EN as ENGLISH
from api.pages._language import language_of
from api.pages._page import drawing, page
from api.pages._period import Week, week_at, week_named
from api.routes._given import GivenCaller, GivenParts, GivenPool
from api.routes.drivers import known_driver, own_activities
from journey.localtime import day_of
from journey.registry import Registration
from journey.track import ACTIVITY, DRIVING
from rules.checks.continuous_driving import block_starts
from rules.law import Dated, Law
from rules.registered import index
from rules.streams import driving, streams, unite
from storage.findings import finding_of
from storage.pages.desk import DriverActivity, driver_week
from storage.pages.finding_pages import Wanted, finding_page
from storage.pages.overview import case_states
from storage.pages.registered import rows_of
from storage.people.disclosure import name_visible
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/drivers")
_WEEK_DAYS, _FINDINGS, _BACK_S = 7, 50, 400 * 86_400
_LIMITS = ("driving_time.continuous_max", "driving_time.day_max", "driving_time.week_max")


@ROUTER.get("/{licence}", name="driver_page")
def driver_page(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, licence: LicencePath,
    week: str | None = None,
) -> Response:  # fmt: skip
    """week: without it that of the driver's latest finding, else this one."""
    known, now, law = licence_of(licence), parts.clock(), parts.law
    with reading(pool) as connection:
        person = known_driver(connection, caller, known)
        wanted = Wanted(now - _BACK_S, now + 1, operator=caller.operator, licence=known, newest_first=True)
        rows = [(row.id, finding_of(row.body)) for row in finding_page(connection, wanted, _FINDINGS)]
        chosen = week_named(week) if week is not None else week_at(rows[0][1].at if rows else now)
        monday = day_of(chosen.start)
        # A drive may have begun in the week before, and its last break too.
        every = list(dict.fromkeys(driver_week(connection, known, monday - _WEEK_DAYS)
                                   + driver_week(connection, known, monday)))  # fmt: skip
        shown = every if caller.operator is None else own_activities(connection, caller.operator, every)
        registry = rows_of(connection, {one.plate for one in shown})
        content: dict[str, Any] = {
            "person": person,
            "named": name_visible(connection, known, caller.person),
            "rows": [one for one in rows if chosen.start <= one[1].at < chosen.end],
            "others": [one for one in rows if not chosen.start <= one[1].at < chosen.end],
            "states": case_states(connection, [id_ for id_, _ in rows], caller.person),
        }
    limits = [law.at(path, chosen.end - 1) for path in _LIMITS]
    drives = _drives(shown, registry, law)
    inside = [one for one in shown if one.end > chosen.start and one.start < chosen.end]
    content |= {
        "week": chosen,
        "complete": len(shown) == len(every),
        "limits": [one for one in limits if one is not None],
        "chart": drawing(_chart(request, known, chosen, inside, drives, limits)) if inside else None,
        "plates": sorted({one.plate for one in inside}),
        "sums": _sums(inside, chosen),
    }
    return page(request, caller, "driver.html", **content)


def _drives(activities: list[DriverActivity], registry: list[Registration], law: Law) -> list[Drive]:
    """Driving as the rules unite it, each with the driving of its block before it."""
    plates = sorted({one.plate for one in activities})
    code = {plate: number for number, plate in enumerate(plates)}
    rows = [(code[one.plate], 0, one.start, one.end, one.kind) for one in activities]
    frame = pl.DataFrame(rows, schema=ACTIVITY, orient="row")
    united = unite(frame, streams(frame, 1), driving(frame))
    if not len(united.start):
        return []
    begins = set(block_starts(united, index(registry, plates), law).tolist())
    drives, before = [], 0
    for place, (start, end) in enumerate(np.column_stack((united.start, united.end)).tolist()):
        before = 0 if place in begins else before
        drives.append(Drive(start, end, before))
        before += end - start
    return drives


def _chart(
    request: Request, licence: str, week: Week, activities: list[DriverActivity], drives: list[Drive],
    limits: list[Dated | None],
) -> str:  # fmt: skip
    language = language_of(request)
    weekday = filters(language)["weekday"]
    days = [week.monday + timedelta(days=number) for number in range(_WEEK_DAYS)]
    names = [f"{weekday(day)} {day:%d/%m}" for day in days]
    pieces = [Piece(one.plate, one.start, one.end, one.kind) for one in activities]
    allowed = Limits(*(None if one is None else one.value for one in limits))
    return driver_week_chart(licence, week.start, names, pieces, drives, allowed, EN if language == ENGLISH else VI)


def _sums(activities: list[DriverActivity], week: Week) -> list[int]:
    """Seconds of driving, standing and unknown inside the week, vehicle by vehicle: two at once count twice."""
    sums = [0, 0, 0]
    for one in activities:
        sums[one.kind - DRIVING] += min(one.end, week.end) - max(one.start, week.start)
    return sums

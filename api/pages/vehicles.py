"""A vehicle: its registration, where it was last, the days of which anything is known, a day's track, findings."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.access import Caller, not_there
from api.daytracks import shown_track
from api.drawings.track import Point, Track
from api.drawings.track_map import track_map
from api.inputs import Day, PlatePath
from api.pages._page import drawing, drawing_words, page
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey import plates
from journey.localtime import DAY_S, date_of, day_of, day_start, number_of
from storage.database import Connection
from storage.findings import finding_of
from storage.pages.daytrack import DayTrack
from storage.pages.finding_pages import Wanted, finding_page
from storage.pages.overview import case_states
from storage.pages.positions import last_positions
from storage.pages.registered import VehicleRow, operators, owned, vehicle
from storage.pages.vehicle import known_days
from storage.server.pool import reading
from storage.stations.weighing_pages import WantedWeighings, weighing_page

ROUTER = APIRouter(prefix="/vehicles")
_DAYS, _FINDINGS, _WEIGHINGS, _BACK_DAYS = 14, 30, 30, 400
_TOLERANCE_M = 8.0


@ROUTER.get("/{plate}", name="vehicle_page")
def vehicle_page(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    plate: PlatePath,
    day: Day | None = None,
    until: Day | None = None,
) -> Response:
    """day: local; without it the last one of which anything is known. until: the last that is listed; today."""
    known, today = plates.plate(plate), day_of(parts.clock())
    with reading(pool) as connection:
        latest = known_days(connection, known, today, 1, caller.operator)
        chosen = number_of(day) if day is not None else (latest[0].day if latest else today)
        end = number_of(until) if until is not None else today
        days = known_days(connection, known, end, _DAYS + 1, caller.operator)
        row = _registered(connection, caller, known, chosen, today)
        shown = caller.operator is None or bool(owned(connection, caller.operator, [(known, chosen)]))
        track = shown_track(connection, known, chosen, _TOLERANCE_M, parts.law) if shown else DayTrack(0, [])
        start, stop = day_start(today - _BACK_DAYS), day_start(today + 1)
        wanted = Wanted(start, stop, operator=caller.operator, plate=known, newest_first=True)
        rows = [(one.id, finding_of(one.body)) for one in finding_page(connection, wanted, _FINDINGS)]
        seen = WantedWeighings(start, stop, known, operator=caller.operator)
        last = last_positions(connection, day_start(latest[0].day + 1), DAY_S, [known]) if latest else []
        content: dict[str, Any] = {
            "plate": known,
            "row": row,
            "business": operators(connection, "", 1, row.operator)[:1] if row.operator else [],
            "days": days[:_DAYS],
            "earlier": date_of(days[_DAYS].day) if len(days) > _DAYS else None,
            "later": end < today,
            "rows": rows,
            "states": case_states(connection, [id_ for id_, _ in rows], caller.person),
            "weighings": weighing_page(connection, seen, _WEIGHINGS)[::-1],
            "position": last[0] if last else None,
        }
    drawn = track_map(known, [_track(known, track)], words=drawing_words(request)) if track.points else None
    content |= {"day": date_of(chosen), "track": track, "map": None if drawn is None else drawing(drawn),
                "tolerance_m": _TOLERANCE_M}  # fmt: skip
    return page(request, caller, "vehicle.html", **content)


def _registered(connection: Connection, caller: Caller, plate: str, day: int, today: int) -> VehicleRow:
    """The registration of a day. Raises Problem for a plate that is not there or not the caller's, then or now."""
    for one in (day, today):
        found = vehicle(connection, plate, one)
        if found is not None and caller.operator in (None, found.operator):
            return found
    raise not_there("vehicle")


def _track(plate: str, track: DayTrack) -> Track:
    """Every point counts; a step over a break is not known."""
    points = [
        Point(one.time, one.lon, one.lat, one.speed_dkmh / 10, None, -1, True, not one.after_break)
        for one in track.points
    ]
    return Track(plate, tuple(points))

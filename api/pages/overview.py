"""The front page: what a week brought, what waits for a person, and from whom nothing came."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.pages._page import page
from api.pages._period import week_at, week_named
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey.casework import State
from journey.localtime import DAY_S, day_of
from rules.weighings.masses import TOWED
from storage.cases.reading import cases
from storage.connections import ConnectionState, connection_states
from storage.findings import finding_of
from storage.pages.finding_pages import Wanted, finding_page
from storage.pages.overview import (
    case_counts,
    case_states,
    changed_since,
    fleets,
    latest_finding,
    rule_counts,
)
from storage.server.pool import reading
from storage.windows import waiting

ROUTER = APIRouter()
_SILENT_S = 15 * 60  # a connection that has not said for so long that it takes data in
_NEWS_DAYS, _BOOKS_DAYS, _SHOWN = 7, 35, 10


@ROUTER.get("/", name="overview_page")
def overview(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, week: str | None = None
) -> Response:
    now, owner = parts.clock(), caller.operator
    with reading(pool) as connection:  # which opens a transaction of its own
        states = [] if owner else connection_states(connection)
    with reading(pool) as connection:
        if week is None:
            latest = latest_finding(connection, owner)
            chosen = week_at(now if latest is None else min(latest, now))
        else:
            chosen = week_named(week)
        lines = rule_counts(connection, chosen.number, owner)
        wanted = Wanted(chosen.start, chosen.end, grade="certain", operator=owner, newest_first=True)
        rows = [(row.id, finding_of(row.body)) for row in finding_page(connection, wanted, _SHOWN)]
        found: dict[str, Any] = {
            "week": chosen,
            "lines": lines,
            "certain": sum(line.certain for line in lines),
            "possible": sum(line.possible for line in lines),
            "unopened": sum(line.unopened for line in lines),
            "changed": changed_since(connection, day_of(now) - _NEWS_DAYS + 1, owner),
            "counts": {one.state: one for one in case_counts(connection, caller.person, now)},
            "late": cases(connection, caller.person, _SHOWN, _open_states(), late_at=now),
            "fleets": fleets(connection, chosen.number, now - _BOOKS_DAYS * DAY_S, list(TOWED), owner),
            "rows": rows,
            "states": case_states(connection, [id_ for id_, _ in rows], caller.person),
            "connections": [(one, _silent(one, now)) for one in states],
            "waiting": None if owner else waiting(connection),
        }
    return page(request, caller, "overview.html", **found)


def _open_states() -> list[State]:
    return [State.SUSPECTED, State.SENT, State.DISPUTED]


def _silent(one: ConnectionState, now: int) -> bool:
    return one.paused_at is not None or one.alive_at is None or now - one.alive_at > _SILENT_S

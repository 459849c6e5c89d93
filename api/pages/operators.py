"""Operators: all, and one with what was found of its vehicles, how well they send, and what a month adds up to."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.access import bounded, not_there
from api.drawings.bars import Bar, bar_chart
from api.inputs import Name, NameOrNone
from api.pages._formats import filters, week_name
from api.pages._language import EN, language_of, say_in
from api.pages._operator import WEEKS, OperatorWhole, read_operator
from api.pages._page import drawing, page
from api.pages._period import month_after, month_before, month_named
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey.localtime import date_of, day_of, week_start
from rules.weighings.masses import TOWED
from storage.pages.registered import operators
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/operators")
_ROWS = 100


@ROUTER.get("", name="operators_page")
def every(
    request: Request, caller: GivenCaller, pool: GivenPool, after: Annotated[NameOrNone, Query()] = ""
) -> Response:
    with reading(pool) as connection:
        rows = operators(connection, after, _ROWS + 1, caller.operator)
    more = rows[_ROWS - 1].id if len(rows) > _ROWS else None
    return page(request, caller, "operators.html", rows=rows[:_ROWS], more=more)


@ROUTER.get("/{operator}", name="operator_page")
def operator(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    operator: Annotated[Name, Path()],
    month: str | None = None,
) -> Response:
    """The last weeks up to the latest finding or today, and one month of it."""
    bounded(caller, operator)
    chosen = None if month is None else month_named(month)
    with reading(pool) as connection:
        whole = read_operator(connection, operator, chosen, parts.law, parts.clock(), request.app.state.fleets)
    if whole is None:
        raise not_there("operator")
    content: dict[str, Any] = {
        "operator": whole.head,
        "drivers": whole.head.drivers,
        "vehicles": whole.vehicles,
        "total": whole.total,
        "possible": whole.total.possible,
        "trend": drawing(_trend(request, whole)),
        "service": whole.service,
        "month": whole.month,
        "weeks": WEEKS,
        "last_day": date_of(whole.stop - 1),
        "first_day": date_of(whole.first),
        "towed": TOWED,
        "chosen": whole.chosen,
        "before": f"{month_before(whole.chosen):%Y-%m}",
        "after": f"{month_after(whole.chosen):%Y-%m}",
    }
    return page(request, caller, "operator.html", **content)


def _trend(request: Request, whole: OperatorWhole) -> str:
    language = language_of(request)
    say, number = say_in(language), filters(language)["number"]
    bars = []
    for week in range(whole.last_week - WEEKS + 1, whole.last_week + 1):
        one = whole.weeks.get(week)
        rate = None if one is None else one.rate
        bars.append(Bar(_named(week), rate, number(rate, 1)))
    title = say("Phát hiện chắc chắn trên 1000 km, theo tuần")
    return bar_chart(title, bars, "." if language == EN else ",")


@cache
def _named(week: int) -> str:
    """A week as its bar is named, without the year: W10. There are few weeks, and each page names the last ones."""
    return week_name(date_of(day_of(week_start(week)))).partition("-")[2]

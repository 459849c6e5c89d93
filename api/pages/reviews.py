"""Who seems to have avoided a scale: for a person to look at, each with its evidence and why it may be innocent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access import bounded
from api.cursors import LENGTH_MAX, cursor_of, key_of
from api.inputs import Day
from api.pages._filters import admit
from api.pages._page import page
from api.pages._period import days_asked
from api.review_words import KINDS
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey import plates
from journey.localtime import day_of
from storage.server.pool import reading
from storage.stations.reviews import ReviewKey, WantedReviews, latest_review, review_counts, review_page

ROUTER = APIRouter(prefix="/reviews")
_ROWS = 50


@ROUTER.get("", name="reviews_page")
def reviews(
    request: Request,
    caller: GivenCaller,
    pool: GivenPool,
    parts: GivenParts,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Annotated[Day | None, Query()] = None,
    kind: str = "",
    station: str = "",
    operator: str = "",
    vehicle: str = "",
    excused: str = "",
    cursor: Annotated[str | None, Query(max_length=LENGTH_MAX)] = None,
) -> Response:
    """The latest first. Filters that are empty do not count: a form sends them all."""
    filters = {"kind": kind, "station": station.strip(), "operator": operator.strip(), "vehicle": vehicle.strip(),
               "excused": excused}  # fmt: skip
    admit(filters)
    with reading(pool) as connection:
        period = days_asked(from_, to, min(latest_review(connection) or parts.clock(), parts.clock()))
    wanted = WantedReviews(
        period.start, period.stop, kind or None, filters["station"] or None,
        bounded(caller, filters["operator"] or None), plates.plate(filters["vehicle"]) if filters["vehicle"] else None,
        bool(excused), newest_first=True,
    )  # fmt: skip
    question = ["reviews_page", [*wanted]]
    key = [] if cursor is None else key_of(question, cursor, (int, str, int, str))
    after = ReviewKey(*key) if key else None  # type: ignore[arg-type]
    with reading(pool) as connection:
        found = review_page(connection, wanted, _ROWS + 1, after)
        counts = review_counts(connection, day_of(period.start), day_of(period.stop))
    rows = found[:_ROWS]
    following = cursor_of(question, [*rows[-1].key]) if len(found) > _ROWS else None
    # On paper nothing can be opened: why each kind may be innocent is said once, below the table.
    reasons: dict[str, dict[str, None]] = {}
    for row in rows:
        if not row.excuse:
            reasons.setdefault(row.kind, {}).update(dict.fromkeys(row.body["reasons"]))
    return page(request, caller, "reviews.html", rows=rows, reasons=reasons, counts=counts, period=period,
                filters=filters, next_cursor=following, kinds=[*KINDS])  # fmt: skip

"""Reviews of who seems to have avoided a scale: grade possible, for the inspectorate to look at."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access import Caller, bounded
from api.exports.listing import Column, local
from api.inputs import InPages, InPeriod, Name
from api.listings import FORMS, Listing, give
from api.models import Page, Review
from api.review_words import EXCUSES, KINDS, REASONS
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey import plates
from rules.stations.day import GRADE
from storage.stations.reviews import ReviewKey, ReviewRow, WantedReviews, count_reviews, review_page

ROUTER = APIRouter(prefix="/reviews", tags=["records"])
COLUMNS = (
    Column[ReviewRow]("at", "Thời điểm", lambda row: local(row.at), 20),
    Column[ReviewRow]("kind", "Dấu hiệu", lambda row: KINDS[row.kind], 40),
    Column[ReviewRow]("station", "Trạm", lambda row: row.station),
    Column[ReviewRow]("vehicle", "Biển số xe", lambda row: row.plate),
    Column[ReviewRow]("operator", "Mã đơn vị", lambda row: row.operator),
    Column[ReviewRow]("excuse", "Dữ liệu cho thấy không né trạm", lambda row: EXCUSES.get(row.excuse or ""), 50),
    Column[ReviewRow]("evidence", "Căn cứ", lambda row: _told(row.body["evidence"]), 60),
    Column[ReviewRow]("reasons", "Có thể không phải né trạm vì", lambda row: _reasons(row), 80),
)


class Kind(StrEnum):
    UNWEIGHED = "unweighed"
    DETOUR = "detour"
    WAIT = "wait"
    SILENT = "silent"


@ROUTER.get("", name="list_reviews", response_model=Page[Review], responses=FORMS)
def list_reviews(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    period: InPeriod,
    kind: Annotated[Kind | None, Query(description="passed unweighed, drove round, waited until it closed, weighed "
                                                   "while its recorder was silent")] = None,
    station: Annotated[Name | None, Query(description="id of a station")] = None,
    vehicle: Annotated[Name | None, Query(description="a plate")] = None,
    operator: Annotated[Name | None, Query()] = None,
    excused: Annotated[bool, Query(description="also what the record itself makes innocent")] = False,
) -> Response:  # fmt: skip
    """Who seems to have avoided a scale in a period, by time. None is a finding: nobody is accused, no list takes it.

    Each has the `reasons` why it may be innocent; with `excuse` the record itself says so.
    """
    wanted = _wanted(caller, period.start, period.stop, kind, station, vehicle, operator, excused)
    listing = Listing(
        "reviews", "Dấu hiệu né trạm cân, để xem xét", [*wanted], COLUMNS,
        lambda connection, limit, key: review_page(connection, wanted, limit, ReviewKey(*key) if key else None),
        lambda row: [*row.key], (int, str, int, str), shown,
        lambda connection, most: count_reviews(connection, wanted, most),
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


def _wanted(
    caller: Caller, start: int, stop: int, kind: Kind | None, station: str | None, vehicle: str | None,
    operator: str | None, excused: bool,
) -> WantedReviews:  # fmt: skip
    plate = None if vehicle is None else plates.plate(vehicle)
    return WantedReviews(start, stop, kind and kind.value, station, bounded(caller, operator), plate, excused)


def shown(row: ReviewRow) -> dict[str, Any]:
    return {
        "kind": row.kind, "grade": GRADE, "vehicle": row.plate, "operator": row.operator, "station": row.station,
        "at": row.at, "excuse": row.excuse, "evidence": row.body["evidence"], "reasons": row.body["reasons"],
        "law": row.body["law"],
    }  # fmt: skip


def _told(evidence: dict[str, Any]) -> str:
    return "; ".join(f"{name} {value}" for name, value in evidence.items() if value is not None)


def _reasons(row: ReviewRow) -> str:
    return "; ".join(REASONS[one] for one in row.body["reasons"])

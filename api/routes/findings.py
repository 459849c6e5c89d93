"""Findings: by what one looks for, one with the law that it rests on, and what has changed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.access import Caller, bounded
from api.answers import answer
from api.cursors import LENGTH_MAX, cursor_of, key_of
from api.findings import COLUMNS, body_for, law_texts, shown, visible_finding
from api.inputs import PAGE_MAX, InArea, InPages, InPeriod, LicenceAsked, Name, Word, licence_of
from api.listings import FORMS, Listing, give
from api.models import Changes, Finding, FindingWhole, Page
from api.problems import RESPONSES, fault
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey import plates
from journey.model import Grade
from storage.cases.reading import case_of
from storage.pages.desk import Key
from storage.pages.feed import Change, changes, number_before
from storage.pages.finding_pages import Wanted, count_findings, finding_page
from storage.pages.registered import driver, operators
from storage.people.disclosure import name_visible
from storage.server.pool import reading
from storage.stations.instruments import drifts_of_finding

ROUTER = APIRouter(prefix="/findings", tags=["findings"])
_RULES_MAX = 20
_CHANGES = ["changes"]


class Order(StrEnum):
    OLDEST = "at"
    NEWEST = "-at"


@ROUTER.get("", name="list_findings", response_model=Page[Finding], responses=FORMS)
def list_findings(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    paging: InPages,
    period: InPeriod,
    area: InArea,
    rule: Annotated[list[Word] | None, Query(max_length=_RULES_MAX)] = None,
    grade: Annotated[Grade | None, Query()] = None,
    band: Annotated[Word | None, Query()] = None,
    operator: Annotated[Name | None, Query()] = None,
    vehicle: Annotated[Name | None, Query(description="a plate")] = None,
    driver: LicenceAsked = None,
    road: Annotated[
        Name | None, Query(description="id of a segment, or a road's name; only speeding names roads")
    ] = None,
    sort: Annotated[Order, Query(description="by the instant at which the offence was complete")] = Order.OLDEST,
) -> Response:
    """Current findings whose offence was complete in a period. Pages hold each once, whatever changes meanwhile.

    By `bbox` and `near` those whose `place` lies there: the last usable fix at most a minute before the offence was
    complete, or the weigh station. A finding of which no place is known lies nowhere and is not among them.
    """
    wanted = Wanted(
        period.start, period.stop, tuple(sorted(set(rule or ()))), grade, band, bounded(caller, operator),
        None if vehicle is None else plates.plate(vehicle), None if driver is None else licence_of(driver, "driver"),
        sort is Order.NEWEST, area, road,
    )  # fmt: skip
    listing = Listing(
        "findings", "Phát hiện", wanted.question, COLUMNS,
        lambda connection, limit, key: finding_page(connection, wanted, limit, Key(*key) if key else None),
        lambda row: [row.at, row.row], (int, int), lambda row: shown(caller, row),
        lambda connection, most: count_findings(connection, wanted, most),
    )  # fmt: skip
    return give(request, pool, listing, paging, parts.clock())


@ROUTER.get("/changes", name="list_changes", response_model=Changes)
def list_changes(
    request: Request,
    caller: GivenCaller,
    pool: GivenPool,
    updated_after: Annotated[
        str | None,
        Query(
            max_length=LENGTH_MAX,
            description="`next` of the answer before, or an instant such as "
            "2026-03-01T00:00:00+07:00 to begin with; default: from the first finding",
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> Response:
    """Every addition and withdrawal of a finding since, in the order in which they were committed; none is left out.

    Ask again with `next`, at once while `more` is true, else when you like. Keep findings by id: put in what is added,
    take out what is withdrawn.
    """  # fmt: skip
    start, instant = _begin(updated_after)
    with reading(pool) as connection:
        after = number_before(connection, instant) if instant is not None else start
        found = changes(connection, after, limit + 1, caller.operator)
    given = found[:limit]
    following = cursor_of(_CHANGES, [given[-1].number if given else after])
    content = {"items": [_change(caller, one) for one in given], "next": following, "more": len(found) > limit}
    return answer(request, content)


@ROUTER.get(
    "/{finding}",
    name="get_finding",
    response_model=FindingWhole,
    responses={410: {**RESPONSES[404], "description": "It was withdrawn; the detail says when and why."}},
)
def get_finding(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    finding: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")],
) -> Response:
    """One finding, with the law that it rests on as it stood, and what follows from it (`detail.consequences`)."""
    with reading(pool) as connection:
        row, found = visible_finding(connection, caller, finding)
        person = None if found.driver is None else driver(connection, found.driver)
        named = person is not None and name_visible(connection, person.licence, caller.person)
        case = case_of(connection, finding, caller.person)
        business = [] if found.operator is None else operators(connection, "", 1, found.operator)
        drifts = drifts_of_finding(connection, found)
    content = {
        **shown(caller, row), "law_texts": law_texts(parts.law, found),
        "instrument_drifts": [one._asdict() for one in drifts],
        "case": None if case is None else str(case.state),
        "driver_name": person.name if person is not None and named else None,
        "operator_name": business[0].name if business else None,
    }  # fmt: skip
    return answer(request, content)


def _begin(updated_after: str | None) -> tuple[int, int | None]:
    """The number or the instant (s UTC) to begin after."""
    if updated_after is None:
        return 0, None
    try:
        instant = datetime.fromisoformat(updated_after)
    except ValueError:
        (number,) = key_of(_CHANGES, updated_after, (int,))
        return number, None
    if instant.tzinfo is None:
        raise fault("updated_after", "an instant without its offset: write it like 2026-03-01T00:00:00+07:00")
    return 0, int(instant.timestamp())


def _change(caller: Caller, one: Change) -> dict[str, Any]:
    return {"id": one.id, "change": "withdrawn" if one.withdrawn else "added", "changed_at": one.changed_at,
            "reason": one.reason, "finding": None if one.withdrawn else body_for(caller, one.body)}  # fmt: skip

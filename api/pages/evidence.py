"""The record behind a finding, derived anew: drawings, arithmetic, what is not known; and the whole as a package."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dossiers import OthersInvolved, dossier_of, packed_evidence
from api.evidence import doubts, roads, statements
from api.evidence.pictures import pictures
from api.evidence.words_en import EN
from api.evidence.words_vi import VI
from api.pages._language import EN as ENGLISH
from api.pages._language import language_of
from api.pages._page import drawing, drawing_words, is_partial, page
from api.pages.findings import FindingId
from api.routes._given import GivenCaller, GivenParts, GivenPool

ROUTER = APIRouter(prefix="/findings/{finding}")
_ORDER = ("driving.svg", "weighing.svg", "map.svg", "speed.svg")  # first what is as wide as the page


@ROUTER.get("/record", name="finding_record")
def finding_record(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, finding: FindingId
) -> Response:
    """As a part of the finding's page, or as a page of its own for who has no scripts."""
    template = "record_part.html" if is_partial(request) else "record.html"
    try:
        dossier = dossier_of(pool, parts, caller, finding)
    except OthersInvolved:
        return page(request, caller, template, id=finding, dossier=None)
    drawn = pictures(dossier, drawing_words(request))
    said = EN if language_of(request) == ENGLISH else VI
    content: dict[str, Any] = {
        "id": finding,
        "dossier": dossier,
        "drawings": [(name.removesuffix(".svg"), drawing(drawn[name])) for name in _ORDER if name in drawn],
        "warnings": statements.warnings(dossier, said),
        "recorded": [*statements.recorded(dossier, said), *roads.averages(dossier, said.roads)],
        "roads": roads.rows(dossier, said.roads),
        "unknown": list(doubts.unknown(dossier, said)),
        "answers": list(doubts.answers(dossier, said)),
        "flagged": dossier.flagged(),
    }
    return page(request, caller, template, **content)


@ROUTER.get("/evidence", name="finding_evidence")
def finding_evidence(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, finding: FindingId
) -> Response:
    """The package as a zip, on record before it is out; with English beside the Vietnamese for who reads English."""
    packed = packed_evidence(request, pool, parts, caller, finding, language_of(request) == ENGLISH)
    headers = {"Content-Disposition": f'attachment; filename="{finding[:12]}.zip"', "Cache-Control": "no-store"}
    return Response(packed, headers=headers, media_type="application/zip")

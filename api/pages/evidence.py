"""The record behind a finding, derived anew: drawings, arithmetic, what is not known; and the whole as a package."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.access import Caller
from api.admission import reason_of
from api.drawings.words import EN, VI
from api.evidence import doubts
from api.evidence import wording as words
from api.evidence.dossier import Dossier
from api.evidence.package import manifest_sha256, package
from api.evidence.pictures import pictures
from api.pages._language import EN as ENGLISH
from api.pages._language import language_of
from api.pages._page import drawing, is_partial, page
from api.pages.account import by_of
from api.pages.findings import FindingId, shown_finding
from api.parts import Parts
from api.problems import Problem
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey.localtime import day_of
from storage.audit import What, record
from storage.database import Connection
from storage.evidence import kept_finding
from storage.pool import Pool, reading, writing
from storage.registered import owned

ROUTER = APIRouter(prefix="/findings/{finding}")
_ORDER = ("map.svg", "speed.svg", "driving.svg", "weighing.svg")


@ROUTER.get("/record", name="finding_record")
def finding_record(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, finding: FindingId
) -> Response:
    """As a part of the finding's page, or as a page of its own for who has no scripts."""
    template = "record_part.html" if is_partial(request) else "record.html"
    try:
        dossier = _dossier(pool, parts, caller, finding)
    except OthersInvolved:
        return page(request, caller, template, id=finding, dossier=None)
    drawn = pictures(dossier, EN if language_of(request) == ENGLISH else VI)
    content: dict[str, Any] = {
        "id": finding,
        "dossier": dossier,
        "drawings": [(name.removesuffix(".svg"), drawing(drawn[name])) for name in _ORDER if name in drawn],
        "warnings": words.warnings(dossier),
        "recorded": list(words.recorded(dossier)),
        "unknown": list(doubts.unknown(dossier)),
        "answers": list(doubts.answers(dossier)),
        "flagged": dossier.flagged(),
    }
    return page(request, caller, template, **content)


@ROUTER.get("/evidence", name="finding_evidence")
def finding_evidence(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, finding: FindingId
) -> Response:
    """The package as a zip, on record with the SHA-256 of its manifest before it is out."""
    try:
        packed = package(_dossier(pool, parts, caller, finding))
    except OthersInvolved as error:
        raise Problem(403, str(error)) from None
    with writing(pool) as connection:
        told = f"manifest.json SHA-256 {manifest_sha256(packed)}"
        record(connection, by_of(request, caller), What.EVIDENCE, finding, reason_of(request), told)
    headers = {"Content-Disposition": f'attachment; filename="{finding[:12]}.zip"', "Cache-Control": "no-store"}
    return Response(packed, headers=headers, media_type="application/zip")


class OthersInvolved(PermissionError):  # noqa: N818
    """The record shows vehicles of another operator: it is not for this one."""


def _dossier(pool: Pool, parts: Parts, caller: Caller, finding: str) -> Dossier:
    with reading(pool) as connection:
        shown_finding(connection, caller, finding)
        kept = kept_finding(connection, finding)
        if kept is None:
            raise LookupError(f"finding {finding} went while it was read")
        dossier = parts.gather(connection, kept)
        if caller.operator is not None and not _all_own(connection, caller.operator, dossier):
            raise OthersInvolved("the record shows vehicles of another operator: ask the inspectorate for it")
    return dossier


def _all_own(connection: Connection, operator: str, dossier: Dossier) -> bool:
    """Whether every vehicle and day that a dossier shows is an operator's own."""
    shown = {(row.vehicle, day_of(row.time)) for row in dossier.fixes}
    shown |= {(piece.vehicle, day_of(time)) for piece in dossier.pieces for time in (piece.start, piece.end - 1)}
    if dossier.weighed is not None and dossier.weighed.sent.trailer is not None:
        shown.add((dossier.weighed.sent.trailer, day_of(dossier.finding.at)))
    return owned(connection, operator, shown) == shown

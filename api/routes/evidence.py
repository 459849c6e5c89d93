"""The evidence package of a finding."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import tagged
from api.dossiers import packed_evidence
from api.problems import RESPONSES
from api.routes._given import GivenCaller, GivenParts, GivenPool
from api.routes.cases import FindingPath

ROUTER = APIRouter(prefix="/findings", tags=["findings"])
_ZIP = "application/zip"
_FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "The caller's copy is the same."},
    410: {**RESPONSES[404], "description": "It was withdrawn; the detail says when and why."},
}


@ROUTER.get("/{finding}/evidence", name="get_evidence", responses=_FORMS, response_class=Response)
def get_evidence(
    request: Request, caller: GivenCaller, parts: GivenParts, pool: GivenPool, finding: FindingPath,
    language: Annotated[Literal["vi", "en"], Query(description="en: with a summary in English too")] = "vi",
) -> Response:  # fmt: skip
    """The finding as a package that can be checked without this system, made now from the stored records; the same
    records give the same bytes, and so the same ETag. 403 to an operator where the records show another's vehicles."""
    packed = packed_evidence(request, pool, parts, caller, finding, language == "en")
    return tagged(request, packed, _ZIP, {"Content-Disposition": f'attachment; filename="{finding[:12]}.zip"'})

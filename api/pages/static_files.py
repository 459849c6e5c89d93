"""Scripts and styles, kept by browsers for as long as they like: their addresses change with them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access import not_there
from api.answers import tagged
from api.pages._assets import assets

ROUTER = APIRouter()
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


@ROUTER.get("/static/{name}", name="static")
def static(request: Request, name: str) -> Response:
    found = assets().get(name)
    if found is None:
        raise not_there("file")
    headers = _KEPT if request.query_params.get("v") == found.digest else {"Cache-Control": "no-cache"}
    return tagged(request, found.content, found.media_type, headers)

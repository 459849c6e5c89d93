"""Who asks, as the API knows him; and the document of the API itself."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import answer
from api.models import Me
from api.routes._given import GivenCaller

ROUTER = APIRouter(tags=["caller"])


@ROUTER.get("/me", name="me", response_model=Me)
def me(request: Request, caller: GivenCaller) -> Response:
    """Login, role and scopes of the caller."""
    person = caller.person
    return answer(request, {"login": person.login, "name": person.name, "role": person.role,
                            "operator": person.operator, "scopes": caller.scopes})  # fmt: skip


@ROUTER.get("/openapi.json", name="openapi", include_in_schema=False)
def openapi(request: Request) -> Response:
    """This document."""
    return answer(request, request.app.openapi())

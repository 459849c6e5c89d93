"""Errors as RFC 9457 says them: application/problem+json with what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from storage.errors import PublishedDamaged, StoreUnavailable
from storage.server.pool import TooSlow

MEDIA_TYPE = "application/problem+json"
_RETRY_S = "5"
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
                "required": ["where", "what"],
            },
        },
    },
}
_MEANINGS = {
    400: "The request cannot be read.",
    401: "Nobody is known by these credentials.",
    403: "The caller may not do this.",
    404: "There is no such thing, or it is not the caller's to see.",
    406: "None of the forms asked for is there.",
    413: "What was sent along is too large.",
    414: "The address is too long.",
    422: "A parameter is not as it must be.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "The store is busy or away; try again.",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
    for status, meaning in _MEANINGS.items()
}


class Problem(Exception):  # noqa: N818
    """What goes back instead of an answer. detail: what is wrong and what to do, for the person at the other end."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None, where: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.where = status, detail, headers or {}, where


def elsewhere(path: str) -> Problem:
    """The caller is sent to another page first, such as to log in."""
    return Problem(303, f"go on at {path}", {"Location": path})


def fault(where: str, what: str) -> Problem:
    """A parameter that is not as it must be."""
    return Problem(422, f"{where}: {what}", where=where)


def problem(
    status: int, detail: str = "", headers: dict[str, str] | None = None, faults: list[dict[str, str]] | None = None
) -> Response:
    """The answer of a program's client."""
    content: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        content["detail"] = detail
    if faults:
        content["faults"] = faults
    return Response(orjson.dumps(content), status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def _allowed(request: Request) -> str:
    """All methods that a path has, of whichever route; the first route that fits it knows its own alone."""
    fitting = (one for one in iter_route_contexts(request.app.routes) if one.path_regex.match(request.scope["path"]))
    return ", ".join(sorted({method for one in fitting for method in one.methods or ()}))


type AsPage = Callable[[Request, Problem], Response | None]


def handle_problems(app: FastAPI, as_page: AsPage) -> None:
    """Let every error of the app go out in this form, or as a page where `as_page` makes one of it."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101
        faults = [{"where": error.where, "what": error.detail}] if error.where else None
        return as_page(request, error) or problem(error.status, error.detail, error.headers, faults)

    async def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = _allowed(request)
        return as_page(request, Problem(error.status_code, "", headers)) or problem(error.status_code, "", headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        # What was sent is not said back: it may be a secret in the wrong place.
        faults = [{"where": ".".join(map(str, one["loc"])), "what": str(one["msg"])} for one in error.errors()]
        said = Problem(422, "; ".join(f"{one['where']}: {one['what']}" for one in faults))
        return as_page(request, said) or problem(said.status, said.detail, None, faults)

    async def busy(request: Request, error: Exception) -> Response:
        said = Problem(503, f"{error}: ask for less, or try again in a moment", {"Retry-After": _RETRY_S})
        return as_page(request, said) or problem(said.status, said.detail, said.headers)

    async def damaged(_: Request, error: Exception) -> Response:
        return problem(500, str(error))

    app.add_exception_handler(PublishedDamaged, damaged)
    app.add_exception_handler(Problem, ours)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(TooSlow, busy)
    app.add_exception_handler(StoreUnavailable, busy)

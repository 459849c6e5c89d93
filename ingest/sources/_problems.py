"""Refusals of the HTTP entrance, as RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import JSONResponse

RETRY_AFTER_S = 2


class Refused(Exception):  # noqa: N818
    """A request that is not accepted: the status, what is wrong and what to do, further headers."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def busy(detail: str, status: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE) -> Refused:
    """Not now: the same request may be accepted a little later."""
    return Refused(status, detail, {"Retry-After": str(RETRY_AFTER_S)})


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    content = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return JSONResponse(content, status.value, headers, "application/problem+json")

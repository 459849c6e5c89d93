"""The requests of the HTTP entrance: who, what, how much; then the body is handed in and its commit waited for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingest.sources._http_body import Gzip, read_body, too_large
from ingest.sources._http_senders import Senders
from ingest.sources._problems import Refused, busy, problem

# Payload, protocol, sender, route -> id, when it is committed.
HandIn = Callable[[bytes, str, str, str], Awaitable[str]]

_JSON = ("application/json", "application/x-ndjson", "application/ndjson", "application/jsonl")
ROUTES = {
    "/v1/fixes": dict.fromkeys(_JSON, "json_v1")
    | {"text/csv": "csv_v1", "application/x-protobuf": "ufms", "application/x-ufms-frames": "ufms_frames"},
    "/v1/weighings": dict.fromkeys(_JSON, "weighing_v1")
    | {
        "text/csv": "weighing_csv",
        "application/x-tmg-w": "tmg_w",
        "application/x-tmg-w-lb": "tmg_w_lb",
        "application/x-tmg-w-2016": "tmg_w_2016",
    },
    "/v1/traccar": dict.fromkeys(_JSON, "traccar"),
}
_DRAINED_BYTES, _DRAINED_S = 1 << 18, 2.0
_RATE_BYTES_PER_S = 4096  # slower than this, a body costs more than it is worth


@dataclass(slots=True)
class Bounds:
    """How much is let in at once, and how much is in."""

    body_bytes: int
    waiting_bytes: int
    requests: int
    requests_per_sender: int
    slow_s: float
    held_bytes: int = 0
    running: int = 0
    running_of: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def request(self) -> Iterator[None]:
        if self.running >= self.requests:
            raise busy("too many requests at once")
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1

    @contextmanager
    def of_sender(self, sender: str) -> Iterator[None]:
        if self.running_of[sender] >= self.requests_per_sender:
            raise busy("too many requests of this sender at once: wait for answers", HTTPStatus.TOO_MANY_REQUESTS)
        self.running_of[sender] += 1
        try:
            yield
        finally:
            self.running_of[sender] -= 1
            if not self.running_of[sender]:
                del self.running_of[sender]

    @contextmanager
    def bytes(self) -> Iterator[Callable[[int], None]]:
        """Gives what counts bytes in; all of them are let go of at the end."""
        held = 0

        def hold(count: int) -> None:
            nonlocal held
            if self.held_bytes + count > self.waiting_bytes:
                raise busy("too much waits to be stored")
            held += count
            self.held_bytes += count

        try:
            yield hold
        finally:
            self.held_bytes -= held


def application(hand_in: HandIn, is_read: Callable[[], bool], senders: Senders, bounds: Bounds) -> Starlette:
    async def post(request: Request) -> Response:
        request.state.whole = request.state.known = False  # the body is read; the sender is one of ours
        try:
            with bounds.request():
                return await _post(request, hand_in, senders, bounds)
        except Refused as refused:
            headers = refused.headers
            if "Connection" not in headers:
                # A sender that is still sending would see its connection broken instead of the answer.
                await _drain(request, bounds.body_bytes if request.state.known else _DRAINED_BYTES)
                headers = headers if request.state.whole else headers | {"Connection": "close"}
            return problem(refused.status, refused.detail, headers)
        except ClientDisconnect:
            return problem(HTTPStatus.BAD_REQUEST, "the connection was closed within the request")

    async def health(request: Request) -> Response:
        if is_read():
            return JSONResponse({"status": "ok"})
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "what was posted last is not being taken in")

    return Starlette(
        routes=[Route(path, post, methods=["POST"]) for path in ROUTES]
        + [Route("/v1/health", health, methods=["GET"])],
        exception_handlers={HTTPException: _no_such_route, Exception: _broken},
    )


async def _post(request: Request, hand_in: HandIn, senders: Senders, bounds: Bounds) -> Response:
    address = request.client.host if request.client else ""
    sender = await senders.sender(request.headers.getlist("authorization"), address)
    request.state.known = True
    with bounds.of_sender(sender), bounds.bytes() as hold:
        route = request.url.path
        protocol = _protocol(request, route)
        unpack = _unpacking(request, bounds)
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > bounds.body_bytes:
            raise too_large(bounds.body_bytes)
        body = await read_body(_timed(request, bounds.slow_s), unpack, bounds.body_bytes, hold)
        id_ = await hand_in(body, protocol, sender, route)
    return JSONResponse({"accepted": True, "id": id_})


def _protocol(request: Request, route: str) -> str:
    """The format that the content type names for this route. Raises Refused."""
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    kind, known = header.get_content_type().lower(), ROUTES[route]
    if kind not in known or header.get_content_charset("utf-8") not in ("utf-8", "utf8", "us-ascii"):
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Type here is one of {', '.join(known)}; text in UTF-8"
        )
    return known[kind]


def _unpacking(request: Request, bounds: Bounds) -> Gzip | None:
    match request.headers.get("content-encoding", "identity").strip().lower():
        case "identity":
            return None
        case "gzip" | "x-gzip":
            return Gzip(bounds.body_bytes)
    raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is gzip or absent", {"Accept-Encoding": "gzip"})


async def _timed(request: Request, slow_s: float) -> AsyncIterator[bytes]:
    """The pieces of a body that comes fast enough. Raises Refused, ClientDisconnect."""
    loop = asyncio.get_running_loop()
    began, size = loop.time(), 0
    while not request.state.whole:
        patience = min(slow_s, began + slow_s + size / _RATE_BYTES_PER_S - loop.time())
        try:
            async with asyncio.timeout(max(0.0, patience)):
                piece = await _piece(request)
        except TimeoutError:
            raise Refused(
                HTTPStatus.REQUEST_TIMEOUT, "the body comes too slowly: send it in smaller parts",
                {"Connection": "close"},
            ) from None  # fmt: skip
        size += len(piece)
        yield piece


async def _piece(request: Request) -> bytes:
    """The next piece of a body, with which it may be whole."""
    message = await request.receive()
    if message["type"] != "http.request":
        raise ClientDisconnect
    request.state.whole = not message.get("more_body", False)
    return bytes(message.get("body", b""))


async def _drain(request: Request, most: int) -> None:
    """Read what is left of a body, and throw it away."""
    size = 0
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(_DRAINED_S):
            while not request.state.whole and size <= most:
                size += len(await _piece(request))


async def _no_such_route(request: Request, error: Exception) -> Response:
    status, headers = HTTPStatus.NOT_FOUND, {}
    if isinstance(error, HTTPException):
        status, headers = HTTPStatus(error.status_code), dict(error.headers or {})
    return problem(status, f"there are POST {', '.join(ROUTES)} and GET /v1/health", headers | {"Connection": "close"})


async def _broken(request: Request, error: Exception) -> Response:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "a fault of this server: send it again later")

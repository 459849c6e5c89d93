"""Around every answer: headers that keep a browser safe, how many requests an address may make, what is measured.

It is the outermost part of the app, so that errors and what finds no route have all of it too.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from concurrent.futures import Future
from functools import lru_cache
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from prometheus_client import Counter, Histogram
from starlette.datastructures import FormData
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.buckets import Buckets, Taken
from api.problems import problem
from journey.metrics import ApiMetrics

if TYPE_CHECKING:
    from api.access import Caller

BODY_BYTES_MAX = 1 << 20
_NAME, _NAMES_MAX = re.compile("[a-z_]{1,20}"), 20  # of parameters, in a line of the log
_FORM_BYTES = 64 << 10  # of a form around its document
_URL_BYTES_MAX = 8 << 10
_UNMETERED = ("/health", "/ready", "/metrics")
_SLOW_S = 3.0  # from then on the log says which question it was
log = logging.getLogger(__name__)

_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Pages: all from here, no script or style within a page; maps are drawn from workers and from pictures in memory.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_TRANSPORT = b"max-age=31536000"
_RATE_LIMIT = (b"x-ratelimit-limit", b"x-ratelimit-remaining", b"x-ratelimit-reset")
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


def _as_sent(policy: str) -> list[tuple[bytes, bytes]]:
    """As ASGI has headers: the names in small letters."""
    headers = {**_SAFE, "Content-Security-Policy": policy}
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


_OF_PAGES, _OF_DATA = _as_sent(PAGE_POLICY), _as_sent(_POLICY)


class Seen:
    """What becomes known of a request on its way."""

    __slots__ = ("address", "caller", "form", "request", "route", "taken", "written")

    def __init__(self, address: str) -> None:
        self.address, self.request = address, token_hex(8)
        self.route = ""
        self.taken: Taken | None = None
        self.caller: Caller | None = None
        self.form: FormData | None = None
        self.written: Future[None] | None = None  # what was looked up, until it is on disk


class Frame:
    """ASGI middleware. buckets: by address; upload_bytes_max: of a form with a document."""

    def __init__(self, app: ASGIApp, buckets: Buckets, metrics: ApiMetrics, upload_bytes_max: int) -> None:
        self._app, self._buckets, self._metrics = app, buckets, metrics
        self._counters: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._upload_bytes_max = upload_bytes_max + _FORM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = scope["frame"] = Seen(_address(scope))
        began, status = time.perf_counter(), 0

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _dress(message, seen, scope["scheme"])
            await send(message)

        try:
            await self._answer(scope, receive, dressed, seen)
        except Exception:
            if status:  # what has begun cannot be taken back: the client sees that it breaks off
                raise
            # Not its path: that names vehicles and drivers. The audit log has it under the same number.
            log.exception("request %s to route %s failed", seen.request, seen.route or "(none)")
            await problem(500, f"a fault of ours; report it with {seen.request}")(scope, receive, dressed)
        finally:
            if seen.form is not None:
                await seen.form.close()
            took = time.perf_counter() - began
            self._count(seen.route, status, took)
            if took >= _SLOW_S:
                log.warning("request %s to route %s took %.1f s, asked with %s", seen.request, seen.route or "(none)",
                            took, _names(scope["query_string"]))  # fmt: skip

    def _count(self, route: str, status: int, took_s: float) -> None:
        counters = self._counters.get((route, status))
        if counters is None:  # as many as there are routes and kinds of answers
            counters = self._metrics.requests.labels(route, str(status)), self._metrics.seconds.labels(route)
            self._counters[route, status] = counters
        counters[0].inc()
        counters[1].observe(took_s)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, seen: Seen) -> None:
        if scope["path"] not in _UNMETERED:
            seen.taken = self._buckets.take(_network(seen.address), time.monotonic())
            if not seen.taken.allowed:
                wait = str(seen.taken.wait_s)
                await problem(429, f"wait {wait} s", {"Retry-After": wait})(scope, receive, send)
                return
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > _URL_BYTES_MAX:
            await problem(414, f"an address of more than {_URL_BYTES_MAX} bytes")(scope, receive, send)
            return
        headers = dict(scope["headers"])
        most = self._body_bytes_max(scope["path"], headers)
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > most:
            await problem(413, f"a body of more than {most} bytes")(scope, receive, send)
            return
        await self._app(scope, _bounded(receive, most), send)

    def _body_bytes_max(self, path: str, headers: dict[bytes, bytes]) -> int:
        """Documents come from people who have logged in: of anybody else no more is read than of any request."""
        place = path.removeprefix("/api/v1")
        known = b"cookie" in headers or b"authorization" in headers
        upload = place.startswith("/cases/") and place.endswith("/documents") and known
        return self._upload_bytes_max if upload else BODY_BYTES_MAX


def _bounded(receive: Receive, most: int) -> Receive:
    """As much of a body as may be, for those that do not say how long they are."""
    taken = 0

    async def some() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return {"type": "http.disconnect"} if taken > most else message

    return some


def _dress(message: Message, seen: Seen, scheme: str) -> None:
    """Add to the head of an answer what it does not say itself."""
    said = message["headers"] = list(message["headers"])
    names = dict(said)
    page = names.get(b"content-type", b"").startswith(b"text/html")
    said += [header for header in (_OF_PAGES if page else _OF_DATA) if header[0] not in names]
    said.append((b"x-request-id", seen.request.encode()))
    if scheme == "https":
        said.append((b"strict-transport-security", _TRANSPORT))
    if seen.taken is not None:
        figures = (seen.taken.limit, seen.taken.left, seen.taken.reset_s)
        said += zip(_RATE_LIMIT, (b"%d" % one for one in figures), strict=True)


def _names(query: bytes) -> str:
    """Which parameters a request had: not what stood in them, nor names of no form, which may be plates or numbers."""
    names = {name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)}
    return ", ".join(sorted(name for name in names if _NAME.fullmatch(name))[:_NAMES_MAX]) or "nothing that is known"


def _address(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else "local"


@lru_cache(1024)
def _network(address: str) -> str:
    """What counts as one address: of IPv6 the network that one subscriber has."""
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if one.version == 4 else str(ipaddress.ip_network((one, 64), strict=False))

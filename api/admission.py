"""The door: who asks, whether he may, how often, and what he looks up put on record before he sees it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from api.access import OFFICE, Caller, Need, need_of
from api.buckets import Buckets
from api.fitting import refuse_misfit
from api.frame import Seen
from api.parts import Parts, parts_of, pool_of, recorder_of
from api.problems import Problem, elsewhere
from api.sent import CSRF_HEADER, SAFE, read_csrf
from journey import plates
from storage.audit.log import By, Row, What, row_of
from storage.database import Connection
from storage.people.sessions import csrf_matches, session_of
from storage.people.tokens import allowed, token_owner
from storage.server.pool import mostly_reading

COOKIE = "hanhtrinh_session"
REASON_HEADER, REASON_COOKIE = "X-Reason", "hanhtrinh_reason"
_TABLES = ("csv", "xlsx")
_SECRET_MAX = 256
_LOOK_UPS_MAX = 50  # of one request
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="hanhtrinh"'}


async def admit(request: Request) -> None:
    """Let a request in, or raise Problem. What it looks up is on record, and on disk, before it goes on.

    It asks for nothing but the request: each part that FastAPI hands on costs as much as a small query.
    """
    csrf = await read_csrf(request)
    await run_in_threadpool(let_in, request, csrf)
    await put_on_record(request)


def let_in(request: Request, csrf: str = "") -> None:
    """Find out who asks, where a route is not open to everybody, or raise Problem; in a thread.

    What he looks up is handed in to be written: nothing may be sent to him before `put_on_record`.
    """
    name, need = need_of(request)
    refuse_misfit(request.app, name)
    seen: Seen = request.scope["frame"]
    seen.route = name
    if need.scope is None:
        return
    caller = _known(request, need, csrf)
    if caller is None and need.page:
        raise elsewhere("/login" if request.method not in SAFE else f"/login?next={_here(request)}")
    if caller is None:
        raise Problem(401, "send a token as `Authorization: Bearer ...`, or log in at the desk", _CHALLENGE)
    buckets: Buckets = request.app.state.buckets
    # People and programs of one account share what it may ask.
    seen.taken = buckets.take(f"person {caller.person.id}", time.monotonic())
    if not seen.taken.allowed:
        raise Problem(429, f"wait {seen.taken.wait_s} s", {"Retry-After": str(seen.taken.wait_s)})
    if rows := list(_rows(request, name, need, caller)):
        seen.written = recorder_of(request.app).hand_in(rows)
    seen.caller = caller


async def put_on_record(request: Request) -> None:
    """Wait until what was looked up is on disk: neither a thread nor a connection is held meanwhile.

    Raises StoreUnavailable and TooSlow.
    """
    seen: Seen = request.scope["frame"]
    written, seen.written = seen.written, None
    if written is not None:
        recorder_of(request.app).hurry(written)
        await asyncio.wrap_future(written)


def _known(request: Request, need: Need, csrf: str) -> Caller | None:
    parts = parts_of(request.app)
    with mostly_reading(pool_of(request.app)) as connection:
        caller = _caller(connection, request, need, parts, parts.clock())
        if caller is not None:
            _require(caller, need, request, csrf)
    return caller


def _caller(connection: Connection, request: Request, need: Need, parts: Parts, now: int) -> Caller | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret and not need.page:
        found = token_owner(connection, secret.strip()[:_SECRET_MAX], now)
        return None if found is None else Caller(found[0], found[1], None)
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    session = session_of(connection, cookie[:_SECRET_MAX], now, parts.policy)
    return None if session is None else Caller(session.person, allowed(session.person), session)


def _require(caller: Caller, need: Need, request: Request, csrf: str) -> None:
    if caller.person.role not in need.roles:
        raise Problem(403, f"this is not for the role {caller.person.role}")
    wanted = {need.scope} | ({"export"} if request.query_params.get("format") in _TABLES else set())
    for scope in sorted(str(one) for one in wanted):
        if scope not in caller.scopes:
            raise Problem(403, f"this needs the scope {scope}, which the token has not")
    if caller.session is not None:
        if caller.session.must_change and not need.before_change:
            if need.page:
                raise elsewhere("/password")
            raise Problem(403, "the password was set by somebody else: log in at the desk and change it first")
        if request.method not in SAFE and not csrf_matches(caller.session, csrf):
            raise Problem(403, f"a change from a browser needs the session's CSRF token in {CSRF_HEADER}")
    if need.reason and caller.person.role in OFFICE and reason_of(request) is None:
        raise elsewhere(f"/reason?next={_here(request)}")


def by_of(request: Request, caller: Caller) -> By:
    """Who does something, from where, by which request."""
    seen: Seen = request.scope["frame"]
    return By(caller.person, seen.address, seen.request, caller.via)


def reason_of(request: Request) -> str | None:
    """Why somebody looks, as he wrote it: with this request, or at the desk for what he does now; None: not said."""
    sent = request.headers.get(REASON_HEADER) or request.cookies.get(REASON_COOKIE, "")
    return unquote(sent).strip() or None


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(request.url.path + query, safe="")


def _rows(request: Request, name: str, need: Need, caller: Caller) -> Iterator[Row]:
    """What of a request is put on record."""
    by = by_of(request, caller)
    reason = reason_of(request)
    for what, subject in look_ups(request, need):
        yield row_of(by, what, subject, reason, detail=name)
    if request.query_params.get("format") in _TABLES:
        yield row_of(by, What.EXPORT, name, reason, detail=request.url.query)


def look_ups(request: Request, need: Need) -> Iterator[tuple[What, str]]:
    """What a request looks up, in the one written form of plates and licences. Raises Problem where it is too much."""
    found = dict.fromkeys(
        (what, subject)
        for parameter, what in need.looks_up
        for subject in (*request.query_params.getlist(parameter), request.path_params.get(parameter))
        if subject
    )
    if len(found) > _LOOK_UPS_MAX:
        raise Problem(422, f"{len(found)} names at once: ask for {_LOOK_UPS_MAX} at most")
    for what, subject in found:
        if what == What.LOOK_UP_VEHICLE:
            yield what, plates.plate(subject)
        elif what == What.LOOK_UP_DRIVER:
            yield what, plates.licence(subject) or subject
        else:
            yield what, subject

"""Logging in by an OpenID provider: out and back. The account and its rights are ours (storage.people.signon)."""

from __future__ import annotations

import hmac
import logging
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.admission import COOKIE
from api.pages._page import page
from api.pages.account import local_path, login_form, set_cookie
from api.problems import Problem
from api.routes._given import GivenParts, GivenPool
from api.signon import SignOn, SignOnFailed
from storage.people.signon import TERM_S, come_back, record_refusal, set_out, sign_on
from storage.server.pool import Pool, writing

ROUTER = APIRouter()
_COOKIE, _PATH = "hanhtrinh_sign_on", "/login/oidc"
_AWAY = "Không liên lạc được với nơi đăng nhập chung: hãy thử lại, hoặc đăng nhập bằng mật khẩu."
_OLD = "Lần đăng nhập này đã cũ hoặc không bắt đầu từ trình duyệt này: hãy thử lại."
_REFUSED = "Nơi đăng nhập chung không xác nhận lần đăng nhập này."
_UNKNOWN = "Chưa có tài khoản nào được gắn với người này, hoặc tài khoản đã bị khóa: hãy báo quản trị viên."
log = logging.getLogger(__name__)


def _provided(request: Request) -> SignOn:
    provided = request.app.state.sign_on
    if not isinstance(provided, SignOn):
        raise Problem(404, "nobody logs in by a provider here")
    return provided


# By GET: the policy of our pages lets no form be sent on to another host.
@ROUTER.get("/login/oidc", name="oidc_begin")
def oidc_begin(request: Request, parts: GivenParts, pool: GivenPool, next: str = "/") -> Response:
    provided, next_ = _provided(request), local_path(next)
    with writing(pool) as connection:
        begun = set_out(connection, next_, parts.clock())
    try:
        address = provided.address(begun)
    except SignOnFailed as error:
        log.warning("log-in by %s: %s", provided.provider.issuer, error)
        return login_form(request, next_, _AWAY, status=503)
    answer = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    # lax, unlike our others: it has to come along when the provider sends the browser back.
    answer.set_cookie(_COOKIE, begun.word, TERM_S, path=_PATH, httponly=True, samesite="lax",
                      secure=request.url.scheme == "https")  # fmt: skip
    return answer


@ROUTER.get("/login/oidc/return", name="oidc_return")
def oidc_return(
    request: Request, parts: GivenParts, pool: GivenPool, code: str = "", state: str = "", error: str = "",
    iss: str | None = None,
) -> Response:  # fmt: skip
    """A browser comes back. What it had begun is over, whatever it brings: a code is looked at once."""
    provided, seen, now = _provided(request), request.scope["frame"], parts.clock()
    with writing(pool) as connection:
        begun = come_back(connection, request.cookies.get(_COOKIE, ""), now)
    if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode("utf-8", "replace")):
        return _over(login_form(request, "/", _OLD, status=403))
    try:
        if error or not code:
            raise SignOnFailed(f"the provider says {error[:40]!r}")
        identity = provided.identity(code, begun, iss)
    except SignOnFailed as failure:
        return _over(_failed(request, pool, provided, failure, begun.next, now))
    with writing(pool) as connection:
        session = sign_on(connection, identity, seen.address, now, seen.request, request.cookies.get(COOKIE),
                          parts.policy)  # fmt: skip
    if session is None:
        return _over(login_form(request, begun.next, _UNKNOWN, status=403))
    # A page and no redirect: of a way that began on another site browsers do not send strict cookies along.
    answer = page(request, None, "arrived.html", next=quote(begun.next, safe="/?=&%-._~:,+"))
    set_cookie(request, answer, COOKIE, session.token)
    return _over(answer)


def _failed(
    request: Request, pool: Pool, provided: SignOn, failure: SignOnFailed, next_: str, now: int
) -> Response:  # fmt: skip
    seen = request.scope["frame"]
    log.warning("log-in by %s, request %s: %s", provided.provider.issuer, seen.request, failure)
    if failure.away:
        return login_form(request, next_, _AWAY, status=503)
    with writing(pool) as connection:
        record_refusal(connection, f"by {provided.provider.issuer}: {failure}", seen.address, now, seen.request)
    return login_form(request, next_, _REFUSED, status=401)


def _over(answer: Response) -> Response:
    answer.delete_cookie(_COOKIE, path=_PATH)
    # The address of this page holds the code.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer

"""Logging in and out, the password, the language, and why somebody looks: what a person says of himself."""

from __future__ import annotations

import hmac
from secrets import token_urlsafe
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.admission import COOKIE, REASON_COOKIE, by_of
from api.pages._language import COOKIE as LANGUAGE_COOKIE
from api.pages._language import LANGUAGES
from api.pages._page import page
from api.problems import Problem
from api.routes._given import GivenCaller, GivenParts, GivenPool
from api.sent import CSRF_FIELD, GivenForm, text_of
from storage.audit.log import What, record
from storage.people.accounts import change_password as change
from storage.people.passwords import WeakPassword
from storage.people.sessions import log_in as begin_session
from storage.people.sessions import log_out as end_session
from storage.people.throttle import retry_after
from storage.server.pool import writing

ROUTER = APIRouter()
# Of a form that is shown before there is a session: the same word in a cookie that no other site can set or send.
_FORM_COOKIE = "hanhtrinh_form"
_YEAR_S, _REASON_MAX, _LOGIN_MAX, _PASSWORD_MAX = 365 * 86_400, 200, 100, 1000


def local_path(text: str | None) -> str:
    """A path of this desk to go on at; the front page where it is none: nobody is sent to another site."""
    path = text or "/"
    harmless = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if harmless else "/"


def gone_on(path: str) -> RedirectResponse:
    return RedirectResponse(quote(path, safe="/?=&%-._~:,+"), 303, {"Cache-Control": "no-store"})


@ROUTER.get("/login", name="login_page")
def login_page(request: Request, next: str = "/") -> Response:
    return login_form(request, local_path(next))


def login_form(request: Request, next_: str, fault: str = "", login: str = "", status: int = 200) -> Response:
    """The page to log in at, with what went wrong."""
    word, provided = request.cookies.get(_FORM_COOKIE) or token_urlsafe(24), request.app.state.sign_on
    answer = page(request, None, "login.html", status, next=next_, fault=fault, login=login, word=word,
                  provider=None if provided is None else provided.provider.name)  # fmt: skip
    set_cookie(request, answer, _FORM_COOKIE, word)
    return answer


@ROUTER.post("/login", name="log_in")
def log_in(request: Request, parts: GivenParts, pool: GivenPool, form: GivenForm) -> Response:
    word, next_ = request.cookies.get(_FORM_COOKIE, ""), local_path(text_of(form, "next"))
    if not word or not hmac.compare_digest(word.encode(), text_of(form, CSRF_FIELD).encode("utf-8", "replace")):
        return login_form(request, next_, "Trang đăng nhập đã cũ: hãy thử lại.", status=403)
    login, password = text_of(form, "login")[:_LOGIN_MAX], text_of(form, "password")[:_PASSWORD_MAX]
    seen, now = request.scope["frame"], parts.clock()
    with writing(pool) as connection:
        session = begin_session(connection, login, password, seen.address, now, seen.request,
                                request.cookies.get(COOKIE), parts.policy)  # fmt: skip
        wait_s = 0 if session is not None else retry_after(connection, login, seen.address, now, parts.policy.limits)
    if session is None:
        fault = (
            "Quá nhiều lần đăng nhập sai: hãy thử lại sau ít phút." if wait_s else "Tên đăng nhập hoặc mật khẩu sai."
        )
        return login_form(request, next_, fault, login, 429 if wait_s else 401)
    answer = gone_on("/password" if session.must_change else next_)
    set_cookie(request, answer, COOKIE, session.token)
    answer.delete_cookie(_FORM_COOKIE, path="/")
    return answer


@ROUTER.post("/logout", name="log_out")
def log_out(request: Request, caller: GivenCaller, pool: GivenPool) -> Response:
    with writing(pool) as connection:
        end_session(connection, request.cookies.get(COOKIE, ""))
        record(connection, by_of(request, caller), What.LOGOUT, caller.person.login)
    answer = gone_on("/login")
    for name in (COOKIE, REASON_COOKIE):
        answer.delete_cookie(name, path="/")
    return answer


@ROUTER.get("/password", name="password_page")
def password_page(request: Request, caller: GivenCaller) -> Response:
    return page(request, caller, "password.html", fault="")


@ROUTER.post("/password", name="change_password")
def change_password(request: Request, caller: GivenCaller, pool: GivenPool, form: GivenForm) -> Response:
    """All sessions end: whoever had the old password is out."""
    old, new, again = (text_of(form, name)[:_PASSWORD_MAX] for name in ("old", "new", "again"))
    if new != again:
        return page(request, caller, "password.html", 422, fault="Hai lần nhập mật khẩu mới không giống nhau.")
    if new == old:
        return page(request, caller, "password.html", 422, fault="Mật khẩu mới phải khác mật khẩu cũ.")
    try:
        with writing(pool) as connection:
            changed = change(connection, caller.person, old, new)
            if changed:
                record(connection, by_of(request, caller), What.ACCOUNT, caller.person.login, detail="password")
    except WeakPassword as error:
        return page(request, caller, "password.html", 422, fault="Mật khẩu mới quá yếu.", said=str(error))
    if not changed:
        return page(request, caller, "password.html", 422, fault="Mật khẩu hiện tại không đúng.")
    answer = gone_on("/login")
    answer.delete_cookie(COOKIE, path="/")
    return answer


@ROUTER.get("/language/{language}", name="language")
def language(request: Request, language: str, next: str = "/") -> Response:
    if language not in LANGUAGES:
        raise Problem(404, "vi, en")
    answer = gone_on(local_path(next))
    set_cookie(request, answer, LANGUAGE_COOKIE, language, _YEAR_S)
    return answer


@ROUTER.get("/reason", name="reason_page")
def reason_page(request: Request, caller: GivenCaller, next: str = "/") -> Response:
    return page(request, caller, "reason.html", next=local_path(next))


@ROUTER.post("/reason", name="set_reason")
def set_reason(request: Request, caller: GivenCaller, form: GivenForm) -> Response:
    """Kept in the browser until it is closed, and written into the log with each look-up."""
    answer = gone_on(local_path(text_of(form, "next")))
    reason = " ".join(text_of(form, "reason").split())[:_REASON_MAX]
    if reason:
        set_cookie(request, answer, REASON_COOKIE, quote(reason))
    else:
        answer.delete_cookie(REASON_COOKIE, path="/")
    return answer


def set_cookie(request: Request, answer: Response, name: str, value: str, max_age_s: int | None = None) -> None:
    """A cookie for the server alone, that no other site makes a browser send. max_age_s None: until it is closed."""
    answer.set_cookie(name, value, max_age_s, path="/", httponly=True, samesite="strict",
                      secure=request.url.scheme == "https")  # fmt: skip

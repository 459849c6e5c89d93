"""What somebody hostile sends, to every route and page that there is: refused, or shown as the text that it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.access import NEEDS
from api.app import make_app
from storage.database import Connection, scalar
from tests.api.desk import browser, log_in, page_questions
from tests.api.filled import first_finding
from tests.api.running import parts
from tests.api.test_document import OPERATIONS
from tests.api.walking import questions

Of = Callable[..., httpx.Client]
_APP = make_app(parts("postgresql://nowhere/none", lambda: 0))
ROUTES = {str(one.name): one.original_route for one in iter_route_contexts(_APP.routes)
          if isinstance(one.original_route, APIRoute)}  # fmt: skip
CHANGES = sorted(name for name, route in ROUTES.items() if not (route.methods or set()) <= {"GET", "HEAD"})
TEMPLATES = Path("api/pages/templates")
FIELDS = {name for one in TEMPLATES.glob("*.html") for name in re.findall(r'name="([a-z_]+)"', one.read_text("utf-8"))}
HOSTILE = (
    "'; DELETE FROM finding_change; --",
    "1 OR 1=1",
    "') UNION SELECT password_hash FROM person --",
    "x'||pg_sleep(30)||'",
    "\\'; SELECT pg_sleep(30) --",
    "%27%3B--",
    "../../../../etc/passwd",
    "{{7*19173967}}${7*19173967}<%=7*19173967%>",
    "<img src=x onerror=alert(1)>",
    "a\x00b",
    "\ud7ff\uffff\u202e",
)
ELSEWHERE = (
    "//evil.example", "///evil.example", "https://evil.example/", "http:evil.example", "/\\evil.example",
    "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", " //evil.example",
    "/%0d%0aSet-Cookie:%20a=b", "/\r\nSet-Cookie: a=b", "//evil.example@127.0.0.1/", "evil.example",
)  # fmt: skip


def asked_for(dependant: Dependant) -> set[str]:
    """Names of the query parameters of a route, those of what it depends on too."""
    own = {one.alias for one in dependant.query_params}
    return own.union(*(asked_for(one) for one in dependant.dependencies))


def sums(connection: Connection) -> dict[str, Any]:
    return {
        table: scalar(connection, f"SELECT count(*) FROM {table}")  # type: ignore[arg-type]  # noqa: S608
        for table in ("finding", "finding_change", "finding_place", "person", "api_token", "operator", "vehicle")
    }


def test_there_are_changes_to_walk() -> None:
    assert {"case_step", "case_attach", "set_reason", "log_out", "change_password", "take_step",
            "attach_document"} <= set(CHANGES)  # fmt: skip


@pytest.mark.parametrize("name", [one for one in CHANGES if NEEDS[one].page and one != "log_in"])
def test_no_page_changes_anything_without_the_sessions_own_token(
    name: str, lan: httpx.Client, base: str, store: Connection
) -> None:
    finding = first_finding(store, "OP1")
    forms = {key: (some[0].path, some[0].form or {}) for key, some in page_questions("OP1", finding).items()}
    forms |= {"log_out": ("/logout", {}), "change_password": ("/password", {"old": "x", "new": "y", "again": "y"})}
    path, form = forms[name]
    with browser(base) as other:
        log_in(other, "supervisor")
        foreign = re.findall(r'name="csrf" value="([^"]+)"', other.get("/password").text)[0]
    for word in (None, "", "x", foreign):
        sent = form if word is None else {**form, "csrf": word}
        assert lan.post(path, data=sent).status_code == 403
        assert lan.post(path, data=sent, headers={"Origin": "https://evil.example"}).status_code == 403
        if word is not None:
            assert lan.post(path, data=form, headers={"X-CSRF-Token": word}).status_code == 403
    assert lan.post(path, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 403
    assert lan.get("/").status_code == 200  # the session stands


@pytest.mark.parametrize("name", [one for one in CHANGES if not NEEDS[one].page])
def test_no_route_changes_anything_by_a_cookie_alone(name: str, lan: httpx.Client, store: Connection) -> None:
    for question in questions("OP1", first_finding(store, "OP1"))[name]:
        assert question.asked(lan).status_code == 403


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_page_is_asked_for_and_never_changes_by_being_asked_for(name: str) -> None:
    """A link or picture on another site asks with GET, which needs no token."""
    methods = ROUTES[name].methods or set()
    assert methods <= {"GET", "HEAD"} or not methods & {"GET", "HEAD"}


@pytest.mark.parametrize("label", OPERATIONS)
def test_hostile_text_in_every_parameter_of_the_api(label: str, client: Of, store: Connection) -> None:
    raw, before = OPERATIONS[label].definition.raw, sums(store)
    name, method = raw["operationId"], label.split()[0]
    question = questions("OP1", first_finding(store, "OP1"))[name][0]
    for text in HOSTILE:
        for one in raw.get("parameters", ()):
            if one["in"] == "query":
                answer = client().request(method, question.path, params={**question.query, one["name"]: text})
                assert answer.status_code < 500, (one["name"], text)
        path = "/".join(quote(text, safe="") if part.startswith("{") else part for part in label.split()[1].split("/"))
        body = {"step": text, "note": text} if method == "POST" else None
        assert client().request(method, path, json=body).status_code < 500, text
    if method == "POST" and question.body:
        for text in HOSTILE:
            assert client().post(question.path, json={**question.body, "note": text}).status_code < 500
    assert sums(store) == before


@pytest.mark.parametrize("name", sorted(one for one in ROUTES if NEEDS[one].page and one not in ("log_out",)))
def test_hostile_text_in_every_field_of_every_page(name: str, lan: httpx.Client, store: Connection) -> None:
    before, word = sums(store), re.findall(r'name="csrf" value="([^"]+)"', lan.get("/password").text)[0]
    route, finding = ROUTES[name], first_finding(store, "OP1")
    asked = asked_for(route.dependant)
    path = page_questions("OP1", finding)[name][0].path if name in page_questions("OP1", finding) else route.path
    for text in HOSTILE:
        if name in CHANGES:
            answers = [lan.post(path, data={**dict.fromkeys(FIELDS, text), "csrf": word})]
        else:
            answers = [lan.get(path, params=dict.fromkeys(asked, text))]
            answers += [lan.get(path, params={one: text}) for one in asked]
        for answer in answers:
            assert answer.status_code < 500, text
            told = answer.text if answer.headers.get("content-type", "").startswith("text/html") else ""
            assert "<img src=x" not in told
            assert "134217769" not in told
    assert sums(store) == before


def test_no_page_sends_anybody_to_another_site(lan: httpx.Client, base: str, store: Connection) -> None:
    """Every page that takes `next`, in its address or its form."""
    takes = {name for name, route in ROUTES.items() if "next" in asked_for(route.dependant)}
    assert takes == {"login_page", "language", "reason_page", "oidc_begin"}  # the last: tests/api/test_signon.py
    word = re.findall(r'name="csrf" value="([^"]+)"', lan.get("/password").text)[0]
    for strange in ELSEWHERE:
        with browser(base) as other:
            answers = [
                lan.get("/language/vi", params={"next": strange}),
                lan.post("/reason", data={"csrf": word, "reason": "x", "next": strange}),
                log_in(other, "inspector", next=strange),
            ]
        for answer in answers:
            location = answer.headers["location"]
            assert answer.status_code == 303
            assert location.startswith("/")
            assert not location.startswith(("//", "/\\"))
            assert (urlsplit(location).netloc, urlsplit(location).scheme) == ("", "")
            assert "a=b" not in answer.headers.get("set-cookie", "")
        for page in ("/login", "/reason"):
            shown = lan.get(page, params={"next": strange}).text
            for hidden in re.findall(r'name="next" value="([^"]*)"', shown):
                assert hidden.startswith("/") and not hidden.startswith(("//", "/\\"))  # noqa: PT018


def test_a_form_that_is_a_flood_is_refused(lan: httpx.Client, store: Connection) -> None:
    path = f"/cases/{first_finding(store, 'OP1')}/documents"
    two = [("document", ("a.pdf", b"%PDF-1.4 %%EOF")), ("document", ("b.pdf", b"%PDF-1.4 %%EOF"))]
    assert lan.post(path, files=two).status_code == 400
    assert lan.post(path, files={f"f{n}": (None, "x") for n in range(40)}).status_code == 400
    assert lan.post(path, files={"csrf": (None, "x" * (65 << 10))}).status_code == 400
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert lan.post(path, content=b"--x\r\nContent-Disposition: form", headers=broken).status_code in (400, 403)
    # What is packed stays packed: a body of nothing a thousand times over is no megabyte here.
    packed = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
    assert lan.post("/reason", content=b"\x1f\x8b" + b"\0" * 99, headers=packed).status_code == 403

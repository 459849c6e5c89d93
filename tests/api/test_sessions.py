"""Sessions, forms and what is typed into them: nothing is done without the session's own token, nothing is run."""

from __future__ import annotations

from urllib.parse import unquote

import httpx
import pytest

from storage.audit.log import entries
from storage.database import Connection
from storage.people.accounts import add_person
from tests.api.desk import browser, csrf_of, log_in
from tests.api.filled import LICENCES, PLATES, WEEK, first_finding

STRANGE = (
    "'; DROP TABLE finding; --",
    "<script>alert(1)</script>",
    "%' OR '1'='1",
    "\u202e../../etc/passwd",
    "{{7*7}}",
)


def test_the_cookie_is_for_the_server_alone(base: str, store: Connection) -> None:
    with browser(base) as client:
        (cookie,) = [one for one in log_in(client, "inspector").headers.get_list("set-cookie") if "_session=" in one]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie


def test_a_session_that_was_put_into_a_browser_is_never_taken_over(base: str, store: Connection) -> None:
    with browser(base) as client:
        client.cookies.set("hanhtrinh_session", "planted", domain="127.0.0.1", path="/")
        log_in(client, "inspector")
        assert "planted" not in [one.value for one in client.cookies.jar if one.name == "hanhtrinh_session"][-1:]
        first = csrf_of(client)
        log_in(client, "inspector")
        assert csrf_of(client) != first


def test_logging_in_needs_the_word_of_its_own_form(base: str, store: Connection) -> None:
    with browser(base) as client, browser(base) as other:
        client.get("/login")
        stranger = {"csrf": other.cookies.get("hanhtrinh_form", "x"), "login": "inspector", "password": "x"}
        assert client.post("/login", data=stranger).status_code == 403
        assert other.post("/login", data=stranger).status_code == 403


def test_a_wrong_password_says_no_more_than_an_unknown_login(base: str, store: Connection) -> None:
    with browser(base) as client:
        known, unknown = log_in(client, "inspector", "wrong"), log_in(client, "nobody", "wrong")
    assert known.status_code == unknown.status_code == 401
    assert known.text.replace("inspector", "") == unknown.text.replace("nobody", "")


def test_nobody_is_sent_to_another_site(base: str, store: Connection) -> None:
    for strange in (
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\evil.example",
        "javascript:alert(1)",
    ):
        with browser(base) as client:
            assert log_in(client, "inspector", next=strange).headers["location"] == "/"
            assert client.get("/language/en", params={"next": strange}).headers["location"] == "/"


def test_a_change_needs_the_sessions_token(lan: httpx.Client, base: str, store: Connection) -> None:
    finding = first_finding(store, "OP1")
    with browser(base) as other:
        log_in(other, "supervisor")
        foreign = csrf_of(other)
    changes = {"/logout": {}, "/password": {"old": "x"}, "/reason": {"reason": "x"},
               f"/cases/{finding}/steps": {"step": "note", "note": "x"}}  # fmt: skip
    for path, form in changes.items():
        for word in ({}, {"csrf": ""}, {"csrf": foreign}):
            assert lan.post(path, data={**form, **word}).status_code == 403, path
    sent = lan.post(f"/cases/{finding}/documents", files={"document": ("a.pdf", b"%PDF-1.4 %%EOF")})
    assert sent.status_code == 403
    assert lan.get("/").status_code == 200  # the session still stands


def test_after_logging_out_the_session_is_nobodys(lan: httpx.Client) -> None:
    kept = lan.cookies["hanhtrinh_session"]
    assert lan.post("/logout", data={"csrf": csrf_of(lan)}).headers["location"] == "/login"
    assert lan.get("/", headers={"Cookie": f"hanhtrinh_session={kept}"}).headers["location"].startswith("/login")


def test_a_password_of_another_has_to_be_changed_first(base: str, store: Connection) -> None:
    add_person(store, "fresh", "Fresh", "inspector", None, "set by somebody else")
    store.commit()
    with browser(base) as client:
        assert log_in(client, "fresh", "set by somebody else").headers["location"] == "/password"
        assert client.get(f"/vehicles/{PLATES['OP1']}").headers["location"] == "/password"
        assert client.get("/api/v1/me").status_code == 403
        kept, better = "set by somebody else", "quite another one"
        bad = (("wrong", better, better), (kept, better, "quite another two"), (kept, "short", "short"),
               (kept, kept, kept))  # fmt: skip
        for form in (dict(zip(("old", "new", "again"), one, strict=True)) for one in bad):
            assert client.post("/password", data={"csrf": csrf_of(client), **form}).status_code == 422, form
        good = {"old": "set by somebody else", "new": "quite another one", "again": "quite another one"}
        assert client.post("/password", data={"csrf": csrf_of(client), **good}).headers["location"] == "/login"
        assert client.get("/").headers["location"].startswith("/login")
        assert log_in(client, "fresh", "quite another one").headers["location"] == "/"


@pytest.mark.parametrize("strange", STRANGE)
def test_what_is_typed_is_shown_and_never_run(strange: str, lan: httpx.Client, store: Connection) -> None:
    finding = first_finding(store, "OP1")
    word, case, vehicle = csrf_of(lan), f"/cases/{finding}", f"/vehicles/{PLATES['OP1']}"
    typed = [("/search", ["q"]), ("/findings", ["vehicle", "driver"]), ("/findings", ["operator", "rule"]),
             ("/", ["week"]), ("/operators", ["after"]), (vehicle, ["day"]),
             ("/cases", ["state", "cursor"])]  # fmt: skip
    asked = [lan.get(path, params=dict.fromkeys(names, strange)) for path, names in typed]
    forms = [(f"{case}/steps", {"step": "note", "note": strange}), (f"{case}/steps", {"step": strange}),
             ("/reason", {"reason": strange})]  # fmt: skip
    asked += [lan.post(path, data={"csrf": word, **form}) for path, form in forms]
    asked.append(lan.get(case))
    for answer in asked:
        assert answer.status_code < 500
        assert "<script>alert" not in answer.text
        assert ">49<" not in answer.text
    assert store.execute("SELECT count(*) FROM finding").fetchone() != (0,)


def test_documents_are_what_they_are_and_go_out_as_downloads(lan: httpx.Client, store: Connection) -> None:
    finding = first_finding(store, "OP1")

    def send(name: str, content: bytes) -> httpx.Response:
        return lan.post(f"/cases/{finding}/documents", data={"csrf": csrf_of(lan)},
                        files={"document": (name, content, "application/pdf")})  # fmt: skip

    for name, content in (("a.pdf", b"<html><script>alert(1)</script>"), ("a.exe", b"MZ\x90"), ("a.pdf", b""),
                          ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")):  # fmt: skip
        assert send(name, content).status_code == 409, name
    assert send("../../..\\etc\\<b>giấy kiểm định.pdf", b"%PDF-1.4\n1 0 obj\n%%EOF\n").status_code == 303
    page = lan.get(f"/cases/{finding}").text
    assert "b giấy kiểm định.pdf" in page
    path = page.split(f"/cases/{finding}/documents/")[-1].split('"')[0]
    document = lan.get(f"/cases/{finding}/documents/{path}")
    assert document.headers["content-disposition"].startswith("attachment;")
    assert document.headers["x-content-type-options"] == "nosniff"
    assert document.headers["content-type"] == "application/pdf"
    assert document.content == b"%PDF-1.4\n1 0 obj\n%%EOF\n"
    assert lan.get(f"/cases/{finding}/documents/999999").status_code == 404


def test_a_document_that_is_too_large_is_refused_before_it_is_read(lan: httpx.Client, store: Connection) -> None:
    finding = first_finding(store, "OP1")
    sent = {"document": ("a.pdf", b"%PDF-1.4" + b"0" * (11 << 20), "application/pdf")}
    try:
        answer = lan.post(f"/cases/{finding}/documents", data={"csrf": "x"}, files=sent)
    except httpx.WriteError:
        return  # it was shut while the rest was on its way
    assert answer.status_code == 413


def test_who_looks_at_a_person_says_why_and_it_is_on_record(base: str, store: Connection) -> None:
    with browser(base) as client:
        client.cookies.clear()
        log_in(client, "inspector")
        path = f"/drivers/{LICENCES['OP2']}?week={WEEK}"
        asked = client.get(path)
        assert unquote(asked.headers["location"]) == f"/reason?next={path}"
        form = {"csrf": csrf_of(client), "reason": "đơn số 5", "next": path}
        assert client.post("/reason", data=form).headers["location"] == path
        assert client.get(path).status_code == 200
    (entry,) = [one for one in entries(store, 50, subject=LICENCES["OP2"]) if one.detail == "driver_page"][:1]
    assert (entry.login, entry.reason, entry.via) == ("inspector", "đơn số 5", "session")


def test_evidence_is_on_record_with_its_sum(lan: httpx.Client, store: Connection) -> None:
    finding = first_finding(store, "OP2")
    packed = lan.get(f"/findings/{finding}/evidence")
    assert packed.content.startswith(b"PK")
    (entry,) = entries(store, 1, what="evidence", subject=finding)
    assert entry.detail is not None
    assert entry.detail.startswith("manifest.json SHA-256 ")

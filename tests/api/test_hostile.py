"""What somebody tries who is let in, or was: an account that changed, other methods, copies and cursors of another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from storage.database import Connection
from tests.api.desk import browser, csrf_of, log_in
from tests.api.filled import LICENCES, PLATES, first_finding, token_of
from tests.api.walking import V1

Of = Callable[..., httpx.Client]
THEIRS = {PLATES["OP2"], LICENCES["OP2"]}


def test_another_role_holds_at_once_for_tokens_and_sessions(base: str, store: Connection) -> None:
    """Whoever leaves the inspectorate for a transport business sees another's no more, whatever he still holds."""
    token = {"Authorization": f"Bearer {token_of(store, 'moved', 'inspector', None)}"}
    page, answer = f"/vehicles/{PLATES['OP2']}", f"{base}{V1}/vehicles/{PLATES['OP2']}"
    with browser(base) as client:
        assert log_in(client, "moved").status_code == 303
        assert client.get(page).status_code == httpx.get(answer, headers=token).status_code == 200
        store.execute("UPDATE person SET role = 'operator', operator = 'OP1' WHERE login = 'moved'")
        assert client.get(page).status_code == httpx.get(answer, headers=token).status_code == 404
        assert client.get(f"/vehicles/{PLATES['OP1']}").status_code == 200
        store.execute("UPDATE person SET role = 'reader', operator = NULL WHERE login = 'moved'")
        case = f"/cases/{first_finding(store, 'OP1')}/steps"
        sent = {"step": "note", "note": "seen"}
        assert client.post(case, data={**sent, "csrf": csrf_of(client)}).status_code == 403
        assert httpx.post(f"{base}{V1}{case}", headers=token, json=sent).status_code == 403


def test_a_disabled_account_is_out_of_its_session_at_once(base: str, store: Connection) -> None:
    token_of(store, "left", "inspector", None)
    with browser(base) as client:
        assert log_in(client, "left").status_code == 303
        assert client.get("/operators").status_code == 200
        store.execute("UPDATE person SET disabled_at = now() WHERE login = 'left'")
        assert client.get("/operators").headers["location"].startswith("/login")


@pytest.mark.parametrize("path", [f"vehicles/{PLATES['OP2']}", f"drivers/{LICENCES['OP2']}", "operators/OP2"])
def test_a_tag_of_anothers_tells_no_more_than_none(path: str, client: Of) -> None:
    tag = client().get(f"{V1}/{path}").headers["ETag"]
    plain = client("one").get(f"{V1}/{path}")
    for sent in (tag, f"W/{tag}", "*"):
        answer = client("one").get(f"{V1}/{path}", headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content) == (404, plain.content), sent


@pytest.mark.parametrize("path", ["findings", "vehicles", "drivers", "weighings", "operators", "cases"])
def test_a_cursor_of_another_opens_no_row_of_his(path: str, client: Of) -> None:
    period = {"from": "2024-01-01", "to": "2024-12-31"} if path in ("findings", "weighings") else {}
    cursors: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = client().get(f"{V1}/{path}", params={**period, "limit": "1", **more}).json()
        if page["next"] is None:
            break
        cursors.append(page["next"])
        more = {"cursor": page["next"]}
    assert cursors
    for cursor in cursors:
        answer = client("one").get(f"{V1}/{path}", params={**period, "limit": "100", "cursor": cursor})
        assert answer.status_code in (200, 422)
        assert not [one for one in THEIRS if one in answer.text], cursor
        assert '"OP2"' not in answer.text


@pytest.mark.parametrize("path", [f"vehicles/{PLATES['OP2']}", "me", "findings"])
def test_other_methods_do_nothing(path: str, client: Of) -> None:
    for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "PROPFIND"):
        answer = client("one").request(method, f"{V1}/{path}")
        assert answer.status_code in (404, 405), (method, answer.status_code)
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_one_method_another(name: str, client: Of, store: Connection) -> None:
    case = f"{V1}/cases/{first_finding(store, 'OP1')}"
    before = client().get(case).json()["steps"]
    answer = client().request("GET", f"{case}/steps", headers={name: "POST"}, json={"step": "note", "note": "seen"})
    assert answer.status_code == 405
    assert client().get(case).json()["steps"] == before


def test_of_a_step_sent_many_times_at_once_one_is_taken(base: str, store: Connection, client: Of) -> None:
    """A double click, and two people who decide at the same moment."""
    row = store.execute("SELECT id FROM finding WHERE operator = 'OP1' AND rule = 'speeding' ORDER BY row DESC LIMIT 1")
    finding = str(row.fetchone()[0])  # type: ignore[index]
    headers = [client(login).headers for login in ("inspector", "supervisor")]

    def sent(step: str, by: int) -> int:
        return httpx.post(f"{base}{V1}/cases/{finding}/steps", headers=headers[by % 2], timeout=30,
                          json={"step": step, "note": "It stood."}).status_code  # fmt: skip

    with ThreadPoolExecutor(6) as several:
        for step in ("open", "send"):
            assert sorted(several.map(sent, [step] * 6, range(6))) == [200] + [409] * 5
        assert client("one").post(f"{V1}/cases/{finding}/steps",
                                  json={"step": "dispute", "note": "It stood."}).status_code == 200  # fmt: skip
    steps = [one["step"] for one in client().get(f"{V1}/cases/{finding}").json()["steps"]]
    assert steps == ["open", "send", "dispute"]


def test_a_document_that_is_two_things_goes_out_as_what_was_checked(client: Of, store: Connection) -> None:
    """A PDF that is a page too: never shown, never run, by no name and no type that its sender chose."""
    path = f"{V1}/cases/{first_finding(store, 'OP1')}/documents"
    content = b"%PDF-1.4\n<html><script>alert(document.cookie)</script></html>\nPK\x03\x04\n%%EOF\n"
    name = "../gi\u1ea5y\u202efdp.html"
    sent = client().post(path, files={"document": (name, content, "text/html")})
    assert sent.status_code == 200, sent.text
    number = max(one["number"] for one in client().get(path).json()["items"])
    answer = client().get(f"{path}/{number}")
    assert answer.content == content
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment;")
    assert disposition.endswith(".pdf")
    assert "%E2%80%AE" not in disposition


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04[Content_Types].xmlxl/vbaProject.bin", b"<svg onload='x'/>",
                                     b"<!doctype html>%PDF-1.4 %%EOF", b"\x1f\x8b" + b"0" * 999])  # fmt: skip
def test_what_is_no_document_is_refused_whatever_it_calls_itself(content: bytes, client: Of, store: Connection) -> None:
    path = f"{V1}/cases/{first_finding(store, 'OP1')}/documents"
    answer = client().post(path, files={"document": ("a.pdf", content, "application/pdf")})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_long_addresses_and_many_filters_are_refused(client: Of) -> None:
    for query in ("vehicle=" + "9" * 20_000, "&".join(["rule=speeding"] * 4_000), "a=" + "%00" * 5_000):
        answer = client().get(f"{V1}/findings?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (414, "application/problem+json")
    for text in ("%00", "%ED%A0%80", "%FF%FE", "%C0%AE"):
        for path in (f"vehicles/{text}", f"findings?road={text}", f"search?q={text}", f"findings?cursor={text}"):
            assert client().get(f"{V1}/{path}").status_code < 500, path

"""A case by the API: opened, sent, disputed and decided, each step by whom it is for."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import httpx
import pytest

from storage.cases.attachments import BYTES_MAX
from storage.database import Connection
from tests.api.filled import PAPER, first_finding
from tests.api.walking import V1

Of = Callable[..., httpx.Client]


def take(client: httpx.Client, finding: str, step: str, note: str | None = None) -> httpx.Response:
    return client.post(f"{V1}/cases/{finding}/steps", json={"step": step, "note": note})


def test_a_case_from_its_opening_to_its_decision(client: Of, store: Connection) -> None:
    row = store.execute("SELECT id FROM finding WHERE operator = 'OP1' AND rule = 'speeding' ORDER BY row DESC LIMIT 1")
    finding = str(row.fetchone()[0])  # type: ignore[index]
    inspector, supervisor, one, two = (client(login) for login in ("inspector", "supervisor", "one", "two"))
    assert take(one, finding, "open").status_code == 409
    assert inspector.get(f"{V1}/cases/{finding}").status_code == 404
    assert take(inspector, finding, "open").json()["state"] == "suspected"
    assert take(inspector, finding, "open").status_code == 409
    assert one.get(f"{V1}/cases/{finding}").status_code == 404  # it has not been asked yet
    assert take(one, finding, "dispute", "no").status_code == 404
    assert take(inspector, finding, "send").json()["state"] == "sent_to_operator"
    assert one.get(f"{V1}/cases/{finding}").json()["possible"] == ["accept", "dispute", "note", "attach"]
    assert two.get(f"{V1}/cases/{finding}").status_code == take(two, finding, "dispute", "no").status_code == 404
    refused = take(one, finding, "dispute")
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert take(one, finding, "dispute", "The vehicle stood.").json()["state"] == "disputed"
    assert take(inspector, finding, "uphold", "x").status_code == 409  # that is a supervisor's
    decided = take(supervisor, finding, "overturn", "It stood.").json()
    assert (decided["state"], decided["outcome"]) == ("decided", "overturned")
    steps = inspector.get(f"{V1}/cases/{finding}").json()["steps"]
    assert [(one["step"], one["login"]) for one in steps] == [
        ("open", "inspector"), ("send", "inspector"), ("dispute", "one"), ("overturn", "supervisor")
    ]  # fmt: skip
    assert [one["step"] for one in one.get(f"{V1}/cases/{finding}").json()["steps"]] == ["send", "dispute", "overturn"]


def test_cases_by_state_and_whose_they_are(client: Of, store: Connection) -> None:
    def found(login: str, **query: str) -> set[str]:
        return {one["finding"] for one in client(login).get(f"{V1}/cases", params=query).json()["items"]}

    of_one, of_two = first_finding(store, "OP1"), first_finding(store, "OP2")
    assert {of_one, of_two} <= found("inspector", state="sent_to_operator")
    assert found("inspector", state="confirmed") == found("inspector", late="true") == set()
    assert of_two not in found("one")
    assert found("two") == found("inspector", operator="OP2") == {of_two}
    assert client("one").get(f"{V1}/cases", params={"operator": "OP2"}).status_code == 404


@pytest.mark.parametrize("body", [{}, {"step": "fly"}, {"step": "note", "note": "x" * 4001}, {"step": None}, [], "x"])
def test_a_step_that_there_is_not_is_refused(body: object, client: Of, store: Connection) -> None:
    answer = client().post(f"{V1}/cases/{first_finding(store, 'OP1')}/steps", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "x" * 9 not in answer.text


def test_a_reader_takes_no_step(client: Of, store: Connection) -> None:
    assert take(client("reader"), first_finding(store, "OP1"), "note", "seen").status_code == 403
    assert take(client(None), first_finding(store, "OP1"), "note", "seen").status_code == 401
    assert take(client(), first_finding(store, "OP1"), "attach", "a document").status_code == 409


def test_documents_by_the_api(client: Of, store: Connection) -> None:
    finding, one, two = first_finding(store, "OP1"), client("one"), client("two")
    path = f"{V1}/cases/{finding}/documents"

    def send(who: httpx.Client, name: str, content: bytes) -> httpx.Response:
        return who.post(path, files={"document": (name, content, "application/pdf")})

    sent = send(one, "..\\../<i>giấy\u202e.PDF", PAPER + b"% one\n%%EOF\n")
    made = sent.json()
    assert (sent.status_code, made["name"], made["login"]) == (200, "i giấy.pdf", "one")
    assert made["sha256"] == sha256(PAPER + b"% one\n%%EOF\n").hexdigest()
    assert made in one.get(path).json()["items"]
    assert f",{made['sha256']}\r\n" in one.get(path, params={"format": "csv"}).text
    got = one.get(f"{path}/{made['number']}")
    assert (got.content, got.headers["content-type"]) == (PAPER + b"% one\n%%EOF\n", "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in got.headers["content-security-policy"]
    again = one.get(f"{path}/{made['number']}", headers={"If-None-Match": got.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert two.get(path).status_code == two.get(f"{path}/{made['number']}").status_code == 404
    assert send(two, "a.pdf", PAPER).status_code == 404
    assert send(one, "b.pdf", PAPER + b"% one\n%%EOF\n").status_code == 409  # it is there already
    for wrong in (
        b"",
        b"PK\x03\x04 a zip called pdf",
        b"%PDF-1.4 cut off",
        b"<svg onload='x()'/>",
        b"\x89PNG\r\n\x1a\n",
    ):
        refused = send(one, "a.pdf", wrong)
        assert (refused.status_code, refused.json()["faults"][0]["where"]) == (422, "document")
    assert one.post(path, data={"document": "text"}).status_code == one.post(path, json={}).status_code == 422
    assert send(client("reader"), "a.pdf", PAPER).status_code == 403
    assert send(one, "a.pdf", b"%PDF-1.4" + b" " * BYTES_MAX + b"%%EOF").status_code == 413
    elsewhere = f"{V1}/cases/{'0' * 32}/documents"
    assert one.get(elsewhere).status_code == client().post(elsewhere, files={"document": PAPER}).status_code == 404


def test_evidence_by_the_api_is_the_same_each_time(client: Of, store: Connection) -> None:
    path = f"{V1}/findings/{first_finding(store, 'OP1')}/evidence"
    first = client().get(path)
    assert (first.content[:2], first.headers["content-type"]) == (b"PK", "application/zip")
    again = client("one").get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client("two").get(path).status_code == 404
    double = store.execute("SELECT id FROM finding WHERE rule = 'double_login' AND withdrawn_at IS NULL").fetchone()
    assert double is not None
    assert client("one").get(f"{V1}/findings/{double[0]}/evidence").status_code == 403  # it shows a vehicle of OP2
    assert client().get(f"{V1}/findings/{'0' * 32}/evidence").status_code == 404

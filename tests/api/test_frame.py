"""Around every answer: headers, how much may be asked and sent, errors in one form, sessions of a browser."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from api.access import Caller, Need
from api.admission import _require
from api.buckets import Buckets, Rate
from api.frame import _network
from api.problems import Problem
from storage.database import connect
from storage.people.accounts import Person
from storage.people.sessions import Session, log_in
from storage.server.pool import Bounds, TooSlow, open_pool, reading
from tests.api.filled import NOW
from tests.api.running import running
from tests.api.walking import V1
from tests.people.samples import PASSWORD, person

Of = Callable[..., httpx.Client]
PROBLEM = "application/problem+json"


@pytest.mark.parametrize("path", ["/health", f"{V1}/me", "/nothing", f"{V1}/findings?limit=0", "/metrics"])
def test_every_answer_keeps_a_browser_safe(path: str, client: Of) -> None:
    headers = client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Referrer-Policy"] == "same-origin"
    assert len(headers["X-Request-Id"]) == 16
    assert "Strict-Transport-Security" not in headers  # this was no TLS
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", f"{V1}/nothing", 404),
        ("GET", f"{V1}/operators/", 404),
        ("POST", f"{V1}/operators", 405),
        ("DELETE", f"{V1}/findings", 405),
        ("TRACE", "/health", 405),
        ("GET", f"{V1}/findings?limit=501", 422),
        ("GET", f"{V1}/findings?from=2024-13-01", 422),
        ("GET", f"{V1}/findings?from=2024-02-01&to=2024-01-01", 422),
        ("GET", f"{V1}/findings?from=2020-01-01&to=2024-01-01", 422),
        ("GET", f"{V1}/findings?from=9999-12-31", 422),
        ("GET", f"{V1}/findings?vehicle=%00", 422),
        ("GET", f"{V1}/findings?driver=000000", 422),
        ("GET", f"{V1}/findings?operator=' OR 1=1 --", 200),
        ("GET", f"{V1}/findings/..%2f..%2fetc%2fpasswd", 404),
        ("GET", f"{V1}/findings/0", 422),
        ("GET", f"{V1}/findings/{'0' * 32}", 404),
        ("GET", f"{V1}/findings/changes?updated_after=2024-01-01T00:00:00", 422),
        ("GET", f"{V1}/findings/changes?updated_after=x", 422),
        ("GET", f"{V1}/drivers/790111111111/weeks/2024-W60", 422),
        ("GET", f"{V1}/quality?month=2024-11", 422),
        ("GET", f"{V1}/positions/near?lon=nan&lat=1", 422),
        ("GET", f"{V1}/vehicles/12C11111/tracks/2024-10-04?tolerance_m=inf", 422),
        ("GET", f"{V1}/search?q=", 422),
        ("GET", f"{V1}/search?q={'a' * 101}", 422),
        ("GET", f"{V1}/search?q={'a' * 9000}", 414),
    ],
)
def test_every_error_is_a_problem(method: str, path: str, status: int, client: Of) -> None:
    answer = client().request(method, path)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["status"] == status
        assert answer.json()["type"] == "about:blank"
        assert answer.json()["title"]
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_what_was_sent_is_not_said_back(client: Of) -> None:
    answer = client().get(f"{V1}/findings", params={"limit": "secret-in-the-wrong-place"})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["where"] == "query.limit"
    assert "secret" not in answer.text


def test_a_body_is_bounded_whether_it_says_so_or_not(base: str, client: Of) -> None:
    assert client().request("GET", "/health", content=b"x" * (1 << 20 | 1)).status_code == 413
    host = urlsplit(base)
    with socket.create_connection((host.hostname or "", host.port or 0), timeout=10) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 4")


def test_requests_of_an_account_and_of_an_address_are_counted(module_database: str, secrets: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {secrets['inspector']}"}
    other = {"Authorization": f"Bearer {secrets['supervisor']}"}
    with running(module_database, lambda: NOW, Rate(1, 3), Rate(1, 6)) as base:
        some = [httpx.get(f"{base}{V1}/me", headers=headers) for _ in range(4)]
        assert [one.status_code for one in some] == [200, 200, 200, 429]
        assert [one.headers["X-RateLimit-Remaining"] for one in some] == ["2", "1", "0", "0"]
        assert some[0].headers["X-RateLimit-Limit"] == "3"
        assert 0 < int(some[3].headers["Retry-After"]) <= 60
        assert some[3].headers["content-type"] == PROBLEM
        assert httpx.get(f"{base}{V1}/me", headers=other).status_code == 200
        assert httpx.get(f"{base}{V1}/nothing").status_code == 404  # counts too
        late = httpx.get(f"{base}{V1}/me", headers=other)
        assert (late.status_code, late.headers["X-RateLimit-Limit"]) == (429, "6")
        assert [httpx.get(f"{base}/health").status_code for _ in range(9)] == [200] * 9


def test_a_bucket_fills_with_time() -> None:
    buckets = Buckets(Rate(60, 2))
    taken = [buckets.take("a", at).allowed for at in (0.0, 0.0, 0.5, 1.0, 1.0, 3.0, 3.0, 3.0)]
    assert taken == [True, True, False, True, False, True, True, False]
    assert buckets.take("b", 3.0).left == 1
    assert buckets.take("a", 2.0).allowed is False  # a clock that went back gives nothing away
    assert buckets.take("a", 3.0).wait_s == 1


def test_one_subscriber_has_one_bucket() -> None:
    assert _network("2001:db8:1:2:3::4") == _network("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert _network("2001:db8:1:3::4") != _network("2001:db8:1:2::9")
    assert (_network("10.0.0.1"), _network("local")) == ("10.0.0.1", "local")


def test_a_session_of_the_desk_serves_too_until_its_password_has_to_be_changed(
    module_database: str, base: str, secrets: dict[str, str]
) -> None:
    with connect(module_database) as connection:
        person(connection, "browser", "supervisor")
        session = log_in(connection, "browser", PASSWORD, "127.0.0.1", NOW)
        connection.commit()
        assert session is not None
        cookie = {"hanhtrinh_session": session.token}
        answer = httpx.get(f"{base}{V1}/me", cookies=cookie)
        assert (answer.status_code, answer.json()["login"]) == (200, "browser")
        connection.execute("UPDATE person SET must_change = true WHERE login = 'browser'")
        connection.commit()
        answer = httpx.get(f"{base}{V1}/me", cookies=cookie)
        assert (answer.status_code, "change it" in answer.json()["detail"]) == (403, True)


def test_a_slow_statement_ends_and_says_so(module_database: str, secrets: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {secrets['inspector']}"}
    with running(module_database, lambda: NOW, bounds=Bounds(1, 0.5, 0.3)) as base, connect(module_database) as other:
        other.execute("LOCK TABLE operator IN ACCESS EXCLUSIVE MODE")
        answer = httpx.get(f"{base}{V1}/operators", headers=headers)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["content-type"] == PROBLEM
        other.rollback()
        assert httpx.get(f"{base}{V1}/operators", headers=headers).status_code == 200


def test_statements_that_are_slow_together_end_and_say_so(module_database: str) -> None:
    """Each within its own bound, all of them not; the connection is as good as new afterwards."""
    pool = open_pool(module_database, Bounds(1, statement_s=5, lent_s=1), "test")

    def many() -> None:
        with reading(pool) as connection:
            for _ in range(20):
                connection.execute("SELECT pg_sleep(0.4)")

    try:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            many()
        assert 1 <= time.monotonic() - began < 4
        for _ in range(50):  # what was cancelled was the statement of who had it then
            with reading(pool) as connection:
                assert connection.execute("SELECT pg_sleep(0.01), 1").fetchone() == ("", 1)
    finally:
        pool.close()


def test_a_slow_answer_is_told_in_the_log_without_whom_it_was_about(
    client: Of, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("api.frame._SLOW_S", 0.0)
    answer = client().get(f"{V1}/vehicles", params={"operator": "OP1", "limit": "1", "12C11111": "790111111111"})
    told = f"request {answer.headers['X-Request-Id']} to route list_vehicles took"
    # An answer's time is taken when it has gone out, which may be after it has come here.
    until = time.monotonic() + 10
    while not (lines := [one.getMessage() for one in caplog.records if told in one.getMessage()]):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert lines[0].endswith("asked with limit, operator")
    assert "OP1" not in lines[0]
    assert "12C11111" not in lines[0]


def test_a_database_that_started_anew_is_used_again(module_database: str, secrets: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {secrets['inspector']}"}
    with running(module_database, lambda: NOW, bounds=Bounds(8)) as base:
        assert httpx.get(f"{base}/ready").text == "store: answers\n"
        with psycopg.connect(module_database, autocommit=True) as other:
            ended = other.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE application_name = 'hanhtrinh serve' AND datname = current_database()"
            )
            assert ended.fetchone() != (0,)
        assert httpx.get(f"{base}{V1}/operators", headers=headers).status_code == 200


def test_reading_can_write_nothing(module_database: str, secrets: dict[str, str]) -> None:
    pool = open_pool(module_database, Bounds(1), "test")
    try:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), reading(pool) as connection:
            connection.execute("DELETE FROM finding_change")
    finally:
        pool.close()


def test_a_change_from_a_browser_needs_its_csrf_token() -> None:
    """Tried at the door itself, whatever routes with changes there are."""
    anybody = Person(1, "a", "A", "inspector", None)
    session = Session("t", "right", anybody, NOW)

    def tried(method: str, sent: str | None, by: Session | None) -> int:
        request = SimpleNamespace(method=method, headers=httpx.Headers(), query_params={})
        caller = Caller(anybody, frozenset({"write"}), by)
        try:
            _require(caller, Need("write"), request, sent or "")  # type: ignore[arg-type]
        except Problem as problem:
            return problem.status
        return 200

    assert tried("POST", None, session) == tried("POST", "wrong", session) == tried("DELETE", "", session) == 403
    assert tried("POST", "right", session) == tried("GET", None, session) == 200
    assert tried("POST", None, None) == 200  # no browser sends a token by itself


def test_metrics_count_by_route(base: str, client: Of) -> None:
    assert client().get(f"{V1}/operators/OP1").status_code == 200
    # A request is counted when its answer has gone out, which may be after it has come here.
    asked = (client().get("/metrics").text for _ in range(100))
    counted = 'hanhtrinh_api_requests_total{route="get_operator",status="200"}'
    measured = 'hanhtrinh_api_seconds_count{route="get_operator"}'
    assert any(counted in text and measured in text for text in asked)

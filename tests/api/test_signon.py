"""Logging in by an OpenID provider: a real one, in a process of its own, well behaved and not."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from api.signon import Provider
from storage.audit.chain import verify
from storage.audit.log import Entry, entries
from storage.database import Connection, connect
from storage.people.accounts import account_of, disable, enable
from storage.people.signon import TERM_S, bind, unbind
from tests.api.desk import HTML, csrf_of
from tests.api.provider import CLIENT, EMAIL, SECRET, SUBJECT, running_provider, tell
from tests.api.running import running
from tests.cli.command import called, refused
from tests.people.samples import person, registry

AHEAD = {"s": 0}  # by which the desk's clock is ahead


class SignOn(NamedTuple):
    """The desk, its provider, its store."""

    desk: str
    issuer: str
    store: Connection

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.desk, headers=HTML, timeout=30)

    def sent_back(self, client: httpx.Client, next_: str = "/") -> str:
        """Out to the provider; the address at which it sends the browser back."""
        out = client.get("/login/oidc", params={"next": next_})
        assert out.status_code == 303, out.text
        return httpx.get(out.headers["location"], timeout=30).headers["location"]

    def came(self, client: httpx.Client, next_: str = "/") -> httpx.Response:
        return client.get(self.sent_back(client, next_))

    def last(self) -> Entry:
        return entries(self.store, 1)[0]


@pytest.fixture(scope="module")
def sign_on(module_database: str) -> Iterator[SignOn]:
    with connect(module_database) as store, running_provider() as issuer:
        registry(store)
        lan = person(store, "lan", "inspector")
        person(store, "own", "operator", "OP1")
        bind(store, lan, issuer, SUBJECT, None)
        store.commit()
        store.autocommit = True

        def clock() -> int:
            return int(time.time()) + AHEAD["s"]

        def provided(desk: str) -> Provider:
            return Provider(issuer, CLIENT, SecretStr(SECRET), desk, "Sở Xây dựng")

        with running(module_database, clock=clock, provided=provided) as desk:
            yield SignOn(desk, issuer, store)


@pytest.fixture(autouse=True)
def well_behaved(sign_on: SignOn) -> Iterator[None]:
    """Each test begins with nobody bound but lan, whatever another bound before it."""
    tell(sign_on.issuer)
    AHEAD["s"] = 0
    yield
    sign_on.store.execute("DELETE FROM login_attempt")
    sign_on.store.execute("DELETE FROM sign_on")
    bind(sign_on.store, person_of(sign_on.store, "lan"), sign_on.issuer, SUBJECT, None)


def test_somebody_bound_is_let_in_and_it_is_on_record(sign_on: SignOn) -> None:
    with sign_on.browser() as client:
        assert "Đăng nhập bằng Sở Xây dựng" in client.get("/login").text
        page = sign_on.came(client, "/findings?rule=speeding")
        assert page.status_code == 200
        # Browsers send no strict cookie along a way that another site began: a page of ours goes on, not a redirect.
        assert '<meta http-equiv="refresh" content="0;url=/findings?rule=speeding">' in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        entry = sign_on.last()
        assert (entry.login, entry.what, entry.subject) == ("lan", "login", "lan")
        assert entry.detail == f"by {sign_on.issuer}, subject {SUBJECT}"
        assert client.get("/findings").status_code == 200
        assert client.post("/logout", data={"csrf": "x"}).status_code == 403
        assert client.post("/logout", data={"csrf": csrf_of(client)}).headers["location"] == "/login"
    with sign_on.store.transaction():
        assert verify(sign_on.store).fault is None


def test_cookies_are_for_the_server_alone(sign_on: SignOn) -> None:
    with sign_on.browser() as client:
        out = client.get("/login/oidc")
        (begun,) = out.headers.get_list("set-cookie")
        for part in ("HttpOnly", "SameSite=lax", "Path=/login/oidc", f"Max-Age={TERM_S}"):
            assert part in begun
        back = client.get(httpx.get(out.headers["location"], timeout=30).headers["location"])
        (session,) = [one for one in back.headers.get_list("set-cookie") if "_session=" in one]
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in session


def test_what_goes_out_is_a_code_flow_with_pkce_state_and_nonce(sign_on: SignOn) -> None:
    with sign_on.browser() as client:
        asked, again = (parse_qs(urlsplit(client.get("/login/oidc").headers["location"]).query) for _ in range(2))
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{sign_on.desk}/login/oidc/return"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 43  # 256 bits
        assert asked[name] != again[name]


def test_a_session_that_was_put_into_a_browser_is_never_taken_over(sign_on: SignOn) -> None:
    with sign_on.browser() as client:
        sign_on.came(client)
        first, kept = csrf_of(client), client.cookies["hanhtrinh_session"]
        sign_on.came(client)
        assert csrf_of(client) != first
    with sign_on.browser() as other:
        other.cookies.set("hanhtrinh_session", kept)
        assert other.get("/").headers["location"].startswith("/login")  # that of before has ended


@pytest.mark.parametrize(
    "strange", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site(strange: str, sign_on: SignOn) -> None:
    with sign_on.browser() as client:
        assert 'content="0;url=/"' in sign_on.came(client, strange).text


@pytest.mark.parametrize(
    "told",
    [
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"iss": None}},
        {"claims": {"aud": "another"}},
        {"claims": {"aud": ["another", "third"]}},
        {"claims": {"aud": [CLIENT, "another"]}},  # for whom it is then is not said
        {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
        {"claims": {"aud": None}},
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"ago": {"exp": 61}},
        {"claims": {"exp": None}},
        {"claims": {"exp": "never"}},
        {"ago": {"iat": -3600}},
        {"ago": {"nbf": -3600}},
        {"claims": {"sub": None}},
        {"claims": {"sub": ""}},
        {"claims": {"sub": 7}},
        {"claims": {"sub": "x" * 256}},
        {"alg": "none"},
        {"alg": "none", "key": "ec"},
        {"alg": "HS256"},
        {"key": "stranger"},
        {"key": "ec"},  # a signature by RSA in the name of another key
        {"alg": "ES256", "key": "rsa"},
        {"sent": "x"},
        {"sent": None},
        {"sent": "a.b.c"},
        {"answer": {"iss": "https://evil.example"}},
        {"answer": {"code": "another"}},
        {"answer": {"code": "", "error": "access_denied"}},
    ],
    ids=str,
)
def test_a_token_that_is_not_as_it_must_be_lets_nobody_in(told: dict[str, Any], sign_on: SignOn) -> None:
    tell(sign_on.issuer, **told)
    with sign_on.browser() as client:
        page = sign_on.came(client)
        assert page.status_code == 401, page.text
        assert "không xác nhận" in page.text
        assert "hanhtrinh_session" not in client.cookies
        assert client.get("/").headers["location"].startswith("/login")
    entry = sign_on.last()
    assert (entry.login, entry.what, entry.subject) == (None, "login_refused", None)
    assert entry.detail is not None
    assert entry.detail.startswith(f"by {sign_on.issuer}: ")


@pytest.mark.parametrize(
    "told",
    [
        {"alg": "ES256", "key": "ec"},
        {"claims": {"aud": [CLIENT]}},
        {"claims": {"aud": [CLIENT, "another"], "azp": CLIENT}},
        {"ago": {"exp": 30}},  # clocks differ a little
        {"claims": {"email": None, "email_verified": None}},
    ],
    ids=str,
)
def test_a_sound_token_of_another_make_does(told: dict[str, Any], sign_on: SignOn) -> None:
    tell(sign_on.issuer, **told)
    with sign_on.browser() as client:
        assert sign_on.came(client).status_code == 200
        assert client.get("/").status_code == 200


def test_a_code_is_taken_once_and_by_the_browser_that_began(sign_on: SignOn) -> None:
    with sign_on.browser() as client, sign_on.browser() as other:
        back = sign_on.sent_back(client)
        assert other.get(back).status_code == 403  # somebody else's address: nobody logs another browser in
        other.get("/login/oidc")
        assert other.get(back).status_code == 403  # with one begun of its own
        cookie = client.cookies["hanhtrinh_sign_on"]
        assert client.get(back).status_code == 200
        client.cookies.clear()
        client.cookies.set("hanhtrinh_sign_on", cookie, path="/login/oidc")
        assert client.get(back).status_code == 403
        assert "hanhtrinh_session" not in client.cookies


def test_a_wrong_state_ends_what_was_begun(sign_on: SignOn) -> None:
    with sign_on.browser() as client:
        back = sign_on.sent_back(client)
        assert client.get(re.sub(r"state=[^&]+", "state=another", back)).status_code == 403
        assert client.get(back).status_code == 403


def test_what_was_begun_ends_with_its_time(sign_on: SignOn) -> None:
    with sign_on.browser() as client:
        back = sign_on.sent_back(client)
        AHEAD["s"] = TERM_S + 5
        assert client.get(back).status_code == 403
        client.get("/login/oidc")
    held = sign_on.store.execute("SELECT count(*) FROM sign_on_begun WHERE began_at < now()").fetchone()
    assert held == (0,)  # what nobody came back for goes


def test_nobody_unknown_gets_an_account(sign_on: SignOn) -> None:
    tell(sign_on.issuer, claims={"sub": "stranger", "email": "stranger@langson.example"})
    before = sign_on.store.execute("SELECT count(*) FROM person").fetchone()
    with sign_on.browser() as client:
        page = sign_on.came(client)
        assert page.status_code == 403
        assert "Chưa có tài khoản nào được gắn" in page.text
        assert client.get("/").headers["location"].startswith("/login")
    entry = sign_on.last()
    assert (entry.login, entry.what) == (None, "login_refused")
    assert entry.detail == f"by {sign_on.issuer}, subject stranger: no account is bound to it"
    assert sign_on.store.execute("SELECT count(*) FROM person").fetchone() == before


def test_an_address_binds_for_good_to_who_first_comes_with_it(sign_on: SignOn) -> None:
    own = person_of(sign_on.store, "own")
    bind(sign_on.store, own, sign_on.issuer, None, "Own@Company1.example")
    mine = {"sub": "own-1", "email": "own@company1.EXAMPLE"}
    for claims, status in (
        ({**mine, "email_verified": False}, 403),
        ({**mine, "email_verified": None}, 403),
        ({**mine, "email_verified": "true"}, 403),
        ({"sub": "own-1", "email": "own@company2.example"}, 403),
        (mine, 200),
        ({"sub": "own-2", "email": "own@company1.example"}, 403),  # the address was given to somebody else
        ({"sub": "own-1", "email": "new@company1.example"}, 200),
    ):
        tell(sign_on.issuer, claims=claims)
        with sign_on.browser() as client:
            assert sign_on.came(client).status_code == status, claims
            if status == 200:
                me = client.get("/api/v1/me").json()
                assert (me["login"], me["role"], me["operator"]) == ("own", "operator", "OP1")
                assert client.get("/lists").status_code == 403  # rights are the account's


def test_whoever_is_shut_out_or_unbound_is_out_at_once(sign_on: SignOn) -> None:
    lan = person_of(sign_on.store, "lan")
    with sign_on.browser() as client:
        sign_on.came(client)
        disable(sign_on.store, lan, int(time.time()))
        assert client.get("/").headers["location"].startswith("/login")
        assert sign_on.came(client).status_code == 403
        assert sign_on.last().subject == "lan"
        enable(sign_on.store, lan)
        assert sign_on.came(client).status_code == 200
        unbind(sign_on.store, lan)
        assert client.get("/").headers["location"].startswith("/login")
        assert sign_on.came(client).status_code == 403
    bind(sign_on.store, lan, sign_on.issuer, SUBJECT, None)


def test_a_password_to_be_changed_hinders_only_who_has_one(sign_on: SignOn) -> None:
    sign_on.store.execute("UPDATE person SET must_change = true WHERE login = 'lan'")
    with sign_on.browser() as client:
        sign_on.came(client)
        assert client.get("/").status_code == 200
    sign_on.store.execute("UPDATE person SET must_change = false WHERE login = 'lan'")


def test_refusals_do_not_fill_the_log(sign_on: SignOn) -> None:
    tell(sign_on.issuer, alg="none")
    before = len(entries(sign_on.store, 1000, what="login_refused"))
    for _ in range(14):
        with sign_on.browser() as client:
            assert sign_on.came(client).status_code == 401
    assert len(entries(sign_on.store, 1000, what="login_refused")) - before == 10
    tell(sign_on.issuer)
    with sign_on.browser() as client:
        assert sign_on.came(client).status_code == 200  # and keep nobody out


def test_a_provider_that_is_away_leaves_the_desk_to_passwords(module_database: str, sign_on: SignOn) -> None:
    def nobody(desk: str) -> Provider:
        return Provider("http://127.0.0.1:9", CLIENT, None, desk, "x")

    with running(module_database, clock=lambda: 0, provided=nobody) as desk:
        for path in ("/login/oidc", "/login"):
            page = httpx.get(desk + path, headers=HTML, timeout=30)
            assert page.status_code == (503 if "oidc" in path else 200)
            assert 'name="password"' in page.text


def test_a_provider_that_names_another_issuer_is_not_asked(module_database: str, sign_on: SignOn) -> None:
    tell(sign_on.issuer, issuer="https://evil.example")

    def same(desk: str) -> Provider:
        return replace(Provider(sign_on.issuer, CLIENT, SecretStr(SECRET), desk, "x"))

    with running(module_database, clock=lambda: int(time.time()), provided=same) as desk:
        assert httpx.get(f"{desk}/login/oidc", headers=HTML, timeout=30).status_code == 503


def test_a_provider_that_hangs_holds_up_nobody_else(module_database: str, sign_on: SignOn) -> None:
    def same(desk: str) -> Provider:
        return Provider(sign_on.issuer, CLIENT, SecretStr(SECRET), desk, "x")

    with (
        running(module_database, clock=lambda: int(time.time()), provided=same) as desk,
        ThreadPoolExecutor(20) as many,
    ):
        tell(sign_on.issuer, sleep=20)
        tried = [many.submit(httpx.get, f"{desk}/login/oidc", headers=HTML, timeout=30) for _ in range(20)]
        time.sleep(2)  # all have come, and the threads of the desk were theirs
        assert httpx.get(f"{desk}/login", headers=HTML, timeout=10).status_code == 200
        assert {one.result().status_code for one in tried} == {503}


def test_without_a_provider_there_is_no_such_way(base: str) -> None:
    with httpx.Client(base_url=base, headers=HTML, timeout=30) as client:
        assert "/login/oidc" not in client.get("/login").text
        assert client.get("/login/oidc").status_code == 404
        assert client.get("/login/oidc/return", params={"code": "x", "state": "y"}).status_code == 404


def test_the_doctor_asks_the_provider(database: str, sign_on: SignOn) -> None:
    def said(**more: str) -> list[str]:
        done = called("doctor", DATABASE_URL=database, **more)
        return [line for line in done.out.splitlines() if "OpenID provider" in line]

    whole = {"OIDC_CLIENT": CLIENT, "OIDC_DESK": "https://desk.langson.example"}
    assert said() == []
    assert said(OIDC_ISSUER=sign_on.issuer, **whole)[0].startswith(
        f"ok   OpenID provider: {sign_on.issuer} answers, with 2 "
    )
    for wrong in (f"{sign_on.issuer}/", "http://127.0.0.1:9"):
        assert said(OIDC_ISSUER=wrong, **whole)[0].startswith("BAD  OpenID provider: ")
    assert "HANHTRINH_OIDC_CLIENT is not" in said(OIDC_ISSUER=sign_on.issuer)[0]
    tell(sign_on.issuer, issuer="https://evil.example")
    assert "not of" in said(OIDC_ISSUER=sign_on.issuer, **whole)[0]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("OIDC_ISSUER", "http://provider.example"),  # without TLS
        ("OIDC_ISSUER", "http://localhost.evil.example"),
        ("OIDC_ISSUER", "https://provider.example/?x=1"),
        ("OIDC_DESK", "http://desk.example"),
        ("OIDC_DESK", "https://desk.example/path"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(name: str, wrong: str, database: str) -> None:
    refused(called("people", "list", DATABASE_URL=database, **{name: wrong}), f"HANHTRINH_{name}")


def test_half_a_setting_starts_no_desk(database: str) -> None:
    done = called("serve", DATABASE_URL=database, OIDC_ISSUER="https://provider.example", OIDC_CLIENT="desk")
    refused(done, "HANHTRINH_OIDC_DESK")


def test_a_secret_is_never_shown() -> None:
    assert SECRET not in repr(Provider("https://a.example", CLIENT, SecretStr(SECRET), "https://b.example", "x"))


def person_of(store: Connection, login: str) -> Any:
    account = account_of(store, login)
    assert account is not None
    return account.person


def test_an_address_of_another_is_not_taken_by_a_known_person(sign_on: SignOn) -> None:
    """Somebody who has an account cannot get a second one bound by its address."""
    other = person(sign_on.store, "minh", "supervisor")
    bind(sign_on.store, other, sign_on.issuer, None, EMAIL)
    with sign_on.browser() as client:
        sign_on.came(client)
        assert client.get("/api/v1/me").json()["login"] == "lan"
    assert sign_on.store.execute("SELECT subject FROM sign_on WHERE email = %s", (EMAIL,)).fetchone() == (None,)

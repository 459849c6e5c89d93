"""Sessions: begun by the right password only, ended in time, never guessed, never fixed from outside."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.database import Connection, connect, scalar, transaction
from storage.people import passwords
from storage.people.accounts import Person, add_person, change_password, disable, enable
from storage.people.sessions import POLICY, Policy, Session, csrf_matches, log_in, log_out, session_of
from storage.people.throttle import Limits, count_attempt, retry_after
from tests.people.samples import NOW, PASSWORD, person

HERE, THERE = "198.51.100.1", "198.51.100.2"
FEW = POLICY._replace(limits=Limits(login_max=3, address_max=5, window_s=900))


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        yield connection


@pytest.fixture
def lan(store: Connection) -> Person:
    return person(store, "lan", "inspector")


def logged_in(store: Connection, now: int = NOW, **fields: object) -> Session:
    session = log_in(store, "lan", PASSWORD, HERE, now, **fields)  # type: ignore[arg-type]
    assert session is not None
    return session


def test_a_session_is_found_by_its_token_and_by_nothing_that_is_stored(store: Connection, lan: Person) -> None:
    session = logged_in(store)
    assert session.person == lan
    assert session.expires == NOW + 30 * 60
    assert session_of(store, session.token, NOW + 1) == session
    kept = str(store.execute("SELECT session::text FROM session").fetchall())
    assert session.token not in kept
    assert session.csrf not in kept
    for wrong in ("", session.token[:-1], session.token + "x", session.csrf, "\0", "\ud800", "x" * 100_000):
        assert session_of(store, wrong, NOW + 1) is None


def test_it_ends_when_nothing_is_asked_and_in_any_case_after_half_a_day(store: Connection, lan: Person) -> None:
    idle = logged_in(store)
    assert session_of(store, idle.token, NOW + 1799) is not None
    assert session_of(store, idle.token, NOW + 1799 + 1800) is None
    busy = logged_in(store)
    for now in range(NOW, NOW + 12 * 3600, 1700):
        standing = session_of(store, busy.token, now)
        assert standing is not None
        assert standing.expires == min(now + 1800, NOW + 12 * 3600)
    assert session_of(store, busy.token, NOW + 12 * 3600) is None
    short = logged_in(store, policy=Policy(idle_s=10, most_s=15))
    assert session_of(store, short.token, NOW + 9, Policy(10, 15)) is not None
    assert session_of(store, short.token, NOW + 10, Policy(10, 15)) is None


def test_each_login_gives_a_new_token_and_ends_the_one_that_was_sent(store: Connection, lan: Person) -> None:
    planted = logged_in(store)
    own = logged_in(store, previous=planted.token)
    assert own.token != planted.token
    assert own.csrf != planted.csrf
    assert session_of(store, planted.token, NOW) is None
    assert session_of(store, own.token, NOW) == own


def test_the_csrf_token_is_bound_to_its_session(store: Connection, lan: Person) -> None:
    one, other = logged_in(store), logged_in(store)
    assert csrf_matches(one, one.csrf)
    for wrong in ("", other.csrf, one.token, "ä", "\ud800"):
        assert not csrf_matches(one, wrong)


def test_logged_out_is_over(store: Connection, lan: Person) -> None:
    session = logged_in(store)
    assert log_out(store, session.token)
    assert not log_out(store, session.token)
    assert session_of(store, session.token, NOW) is None


def test_who_is_disabled_is_out_at_once_and_may_come_back(store: Connection, lan: Person) -> None:
    session = logged_in(store)
    assert disable(store, lan, NOW)
    assert not disable(store, lan, NOW)
    assert session_of(store, session.token, NOW) is None
    assert log_in(store, "lan", PASSWORD, HERE, NOW) is None
    assert enable(store, lan)
    assert session_of(store, session.token, NOW) is None
    assert log_in(store, "LAN ", PASSWORD, HERE, NOW) is not None


def test_another_password_ends_every_session(store: Connection, lan: Person) -> None:
    session = logged_in(store)
    assert not change_password(store, lan, "not his password", "a new long password")
    assert session_of(store, session.token, NOW) is not None
    assert change_password(store, lan, PASSWORD, "a new long password")
    assert session_of(store, session.token, NOW) is None
    assert log_in(store, "lan", PASSWORD, HERE, NOW) is None
    assert log_in(store, "lan", "a new long password", HERE, NOW) is not None


def test_a_password_set_by_another_is_to_be_changed(store: Connection) -> None:
    minh = add_person(store, "Minh", "Trần  Minh", "supervisor", None, "mật khẩu rất dài")
    assert minh.login == "minh"
    assert minh.name == "Trần Minh"
    decomposed = unicodedata.normalize("NFD", "mật khẩu rất dài")
    session = log_in(store, "minh", decomposed, HERE, NOW)
    assert session is not None
    assert session.must_change
    assert change_password(store, minh, "mật khẩu rất dài", "mật khẩu khác hẳn")
    again = log_in(store, "minh", "mật khẩu khác hẳn", HERE, NOW)
    assert again is not None
    assert not again.must_change


def test_a_login_that_nobody_has_costs_as_much(store: Connection, lan: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    verify = type(passwords._HASHER).verify

    def counted(self: object, kept: str, plain: str) -> bool:
        looked_at.append(kept.rpartition("$")[0].rpartition("$")[0])
        return verify(passwords._HASHER, kept, plain)

    monkeypatch.setattr(type(passwords._HASHER), "verify", counted)
    for login in ("lan", "nobody", "no\0body", "\ud800", "' OR 1=1 --", ""):
        assert log_in(store, login, "wrong", HERE, NOW) is None
    assert len(looked_at) == 6
    assert len(set(looked_at)) == 1  # version and parameters


def test_after_some_failures_even_the_right_password_waits(store: Connection, lan: Person) -> None:
    for second in range(3):
        assert log_in(store, "lan", "wrong", HERE, NOW + second, policy=FEW) is None
    assert retry_after(store, "lan", THERE, NOW + 3, FEW.limits) == 897
    assert log_in(store, "lan", PASSWORD, THERE, NOW + 3, policy=FEW) is None
    assert log_in(store, "lan", PASSWORD, THERE, NOW + 900, policy=FEW) is not None
    assert retry_after(store, "lan", THERE, NOW + 900, FEW.limits) == 0


def test_an_address_that_tries_many_logins_waits_and_others_do_not(store: Connection, lan: Person) -> None:
    for number in range(5):
        assert log_in(store, f"guess{number}", "wrong", HERE, NOW, policy=FEW) is None
    assert log_in(store, "lan", PASSWORD, HERE, NOW, policy=FEW) is None
    assert log_in(store, "lan", PASSWORD, THERE, NOW, policy=FEW) is not None
    kept = str(store.execute("SELECT login_attempt::text FROM login_attempt").fetchall())
    assert "guess" not in kept
    assert HERE not in kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("198.51.100.1", "::ffff:198.51.100.1", True),
        ("198.51.100.1", "198.51.100.2", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("unknown", "other", False),
    ],
)
def test_what_counts_as_one_address(store: Connection, one: str, other: str, same: bool) -> None:
    for number in range(5):
        assert count_attempt(store, f"guess{number}", one, NOW, FEW.limits) <= 0
    assert (count_attempt(store, "lan", other, NOW, FEW.limits) > 0) == same


def test_a_password_of_any_characters_is_taken_as_often_as_it_is_typed(store: Connection) -> None:
    for number, password in enumerate(
        ("ộ" * 3 + "bcdefghij" * 25, "\ud800\0 half a surrogate", "🚚 vì sao không được")
    ):
        add_person(store, f"p{number}", "P", "reader", None, unicodedata.normalize("NFD", password))
        for form in ("NFC", "NFD"):
            assert log_in(store, f"p{number}", unicodedata.normalize(form, password), HERE, NOW) is not None
    with pytest.raises(passwords.WeakPassword, match="at most"):
        add_person(store, "long", "P", "reader", None, "abcdefgh" * 100_000)


def test_who_logs_in_often_is_not_throttled(store: Connection, lan: Person) -> None:
    for _ in range(8):
        assert log_in(store, "lan", PASSWORD, HERE, NOW, policy=FEW) is not None


@pytest.mark.native_server
def test_attempts_at_once_from_several_processes_do_not_slip_through(
    store: Connection, lan: Person, emptied: str
) -> None:
    def attempt(_: int) -> bool:
        with connect(emptied) as own, transaction(own):
            return log_in(own, "lan", "wrong", HERE, NOW, policy=FEW) is not None

    store.commit()
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(attempt, range(16)))
    assert scalar(store, "SELECT max(attempts) FROM login_attempt") == 16
    assert log_in(store, "lan", PASSWORD, THERE, NOW, policy=FEW) is None


@pytest.mark.parametrize(
    "password", ["", "short", "aaaaaaaaaaaaaaaa", "minhminh-1", "minh12345678", "x" * 9 + "yz" * 200]
)
def test_a_weak_password_is_refused(store: Connection, password: str) -> None:
    with pytest.raises(passwords.WeakPassword):
        add_person(store, "minh", "Minh", "reader", None, password)

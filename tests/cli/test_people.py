"""`hanhtrinh people`: accounts are made and ended, secrets are told once and are nowhere in the store."""

from __future__ import annotations

import getpass
import io
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.audit.log import entries
from storage.database import Connection, connect
from storage.people.sessions import log_in
from storage.people.tokens import token_owner
from tests.cli.command import Done, called, refused
from tests.people.samples import registry

LAN = ("add", "lan", "--name", "Nguyễn Thị Lan", "--role", "inspector")


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        registry(connection)
        yield connection


@pytest.fixture
def people(store: Connection, emptied: str) -> People:
    return People(store, emptied)


class People:
    """The command, on the store of the test."""

    def __init__(self, store: Connection, url: str) -> None:
        self.store, self._url = store, url

    def __call__(self, *arguments: str | Path) -> Done:
        self.store.rollback()
        return called("people", *arguments, DATABASE_URL=self._url)

    def lets_in(self, password: str, login: str = "lan") -> bool:
        session = log_in(self.store, login, password, "198.51.100.1", int(time.time()))
        self.store.commit()
        return session is not None

    def stored(self) -> str:
        names = ("person", "session", "api_token", "login_attempt", "audit")
        return "".join(str(self.store.execute(f"SELECT t::text FROM {name} t").fetchall()) for name in names)  # noqa: S608


def test_an_account_is_bound_to_somebody_at_a_provider(people: People) -> None:
    people(*LAN)
    people("add", "minh", "--name", "Minh", "--role", "supervisor")
    provider = ("--issuer", "https://login.example")
    refused(people("bind", "lan", "--email", "lan@langson.example"), "no provider is set")
    refused(people("bind", "lan", *provider), "--subject or by --email")
    refused(people("bind", "lan", "--subject", "s", "--email", "a@b.c", *provider), "--subject or by --email")
    refused(people("bind", "lan", "--email", "nobody", *provider), "no e-mail address")
    refused(people("bind", "lan", "--subject", "x" * 256, *provider), "1 to 255")
    refused(people("bind", "nobody", "--subject", "s", *provider), "there is no account")
    assert people("bind", "lan", "--email", " Lan@LangSon.example", *provider).code == 0
    assert "lan@langson.example, not seen yet" in people("list").out
    refused(people("bind", "minh", "--email", "lan@langson.example", *provider), "another account is bound")
    assert people("bind", "lan", "--subject", "7f3c", *provider).code == 0
    refused(people("bind", "minh", "--subject", "7f3c", *provider), "another account is bound")
    assert people("unbind", "lan").code == 0
    refused(people("unbind", "lan"), "bound to nobody")
    assert people("bind", "minh", "--subject", "7f3c", *provider).code == 0
    told = [one.detail for one in entries(people.store, 4, what="account")]
    assert told == ["bound to 7f3c of https://login.example", "bound to nobody", "bound to 7f3c of https://login.example",
                    "bound to lan@langson.example of https://login.example"]  # fmt: skip


def test_an_account_is_made_with_a_password_that_is_told_once(people: People) -> None:
    done = people(*LAN)
    password = done.out.strip()
    assert (done.code, len(password)) == (0, 23)
    assert done.err == "lan: added as inspector; the password is to be changed at the first login\n"
    assert people.lets_in(password)
    listed = people("list")
    assert "Nguyễn Thị Lan" in listed.out
    assert "to be changed" in listed.out
    assert password not in people.stored() + listed.out + done.err
    (log,) = [one for one in entries(people.store, 9) if one.what == "account"]
    assert (log.subject, log.detail, log.via, log.login) == ("lan", "added as inspector", "command", None)
    assert log.address.startswith("command line, user ")


def test_an_operators_account(people: People, tmp_path: Path) -> None:
    out = tmp_path / "password"
    one = ("add", "own", "--name", "Own", "--role", "operator")
    refused(people(*one), "names its operator")
    refused(people(*one, "--operator", "OP9"), "no operator 'OP9'", "hanhtrinh import")
    refused(people(*LAN, "--operator", "OP1"), "names its operator, and no other account does")
    done = people(*one, "--operator", "OP1", "--out", out)
    assert (done.code, done.out) == (0, "")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert people.lets_in(out.read_text(encoding="utf-8").strip(), "own")


def test_a_password_is_taken_from_a_file_or_asked_for(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text("mật khẩu thứ nhất\nmore\n", encoding="utf-8")
    done = people(*LAN, "--password-file", file)
    assert (done.code, done.out) == (0, "")
    assert people.lets_in("mật khẩu thứ nhất")
    monkeypatch.setattr(sys, "stdin", io.StringIO("the second password\n"))
    assert people("password", "lan", "--password-file", "-").out == ""
    assert people.lets_in("the second password")
    assert not people.lets_in("mật khẩu thứ nhất")
    typed = iter(["the third password", "the fourth password", "the third password", "the third password"])
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(typed))
    refused(people("password", "lan", "--ask"), "the two are not the same")
    done = people("password", "lan", "--ask")
    assert done.code == 0
    assert "the third password" not in done.out + done.err
    assert people.lets_in("the third password")


def test_what_is_refused_says_why(people: People, tmp_path: Path) -> None:
    file = tmp_path / "password"
    assert people(*LAN).code == 0
    refused(people(*LAN), "login 'lan' is taken")
    refused(people("add", "Ａ!", "--name", "A", "--role", "reader"), "write 2 to 64 of a-z")
    for content, said in (
        ("", "at least 12"),
        ("short", "at least 12"),
        ("x" * 300, "at most"),
        ("xyxyxyxyxyxy", "few"),
    ):
        file.write_text(content, encoding="utf-8")
        refused(people("password", "lan", "--password-file", file), said)
    refused(people("password", "lan", "--password-file", tmp_path / "none"), "cannot be read")
    refused(people("password", "lan", "--ask", "--out", file), "take one of")
    for command in ("disable", "enable", "password", "tokens"):
        refused(people(command, "nobody"), "there is no account 'nobody'", "people list")
    refused(people("enable", "lan"), "is not disabled")
    refused(people("revoke", "7"), "no token 7 holds")
    assert people(*LAN, "--password", "x").code == 2  # there is no such option


def test_a_disabled_person_is_out_until_enabled(people: People) -> None:
    password = people(*LAN).out.strip()
    secret = people("token", "lan", "--scope", "read", "--label", "report").out.strip()
    assert people("disable", "lan").err == "lan: is shut out\n"
    assert people("disable", "lan").err == "lan: was shut out before\n"
    assert not people.lets_in(password)
    refused(people("token", "lan", "--scope", "read", "--label", "x"), "is disabled")
    assert people("enable", "lan").code == 0
    assert people.lets_in(password)
    assert token_owner(people.store, secret, int(time.time())) is None
    assert [one.detail for one in entries(people.store, 9, what="account")][:3] == ["enabled", "disabled", "disabled"]


def test_a_token_is_told_once_holds_for_its_days_and_is_revoked(people: People, tmp_path: Path) -> None:
    people(*LAN)
    done = people("token", "lan", "--scope", "export", "--scope", "read", "--label", "weekly report", "--days", "30")
    secret = done.out.strip()
    assert done.err == "lan: token 1 holds for 30 days; `hanhtrinh people revoke 1` ends it\n"
    now = int(time.time())
    owner = token_owner(people.store, secret, now)
    assert owner is not None
    assert (owner[0].login, owner[1]) == ("lan", {"read", "export"})
    assert token_owner(people.store, secret, now + 31 * 86_400) is None
    people.store.commit()
    listed = people("tokens", "lan")
    assert "weekly report" in listed.out
    assert "read, export" in listed.out
    assert secret not in people.stored() + listed.out
    assert people("revoke", "1").err == "token 1 of lan: void\n"
    refused(people("revoke", "1"), "no token 1 holds")
    assert token_owner(people.store, secret, now) is None
    out = tmp_path / "token"
    assert people("token", "lan", "--scope", "read", "--label", "x", "--out", out).out == ""
    assert token_owner(people.store, out.read_text(encoding="utf-8").strip(), now) is not None


def test_a_reader_gets_no_token_that_writes(people: People) -> None:
    people("add", "bao", "--name", "Bảo", "--role", "reader")
    refused(people("token", "bao", "--scope", "write", "--label", "x"), "may have no token with scope write")
    secret = people("token", "bao", "--scope", "read", "--label", "x").out.strip()
    people.store.execute("UPDATE api_token SET scopes = ARRAY['read', 'write']")  # of a role that was taken away
    owner = token_owner(people.store, secret, int(time.time()))
    assert owner is not None
    assert owner[1] == {"read"}

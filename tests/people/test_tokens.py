"""API tokens: found by their secret only, void when they should be, and no more than their person may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.database import Connection, connect
from storage.people.accounts import Person, PersonRefused, disable
from storage.people.tokens import issue_token, revoke_token, token_owner, tokens_of
from tests.people.samples import NOW, person

DAY = 86_400


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        yield connection


@pytest.fixture
def lan(store: Connection) -> Person:
    return person(store, "lan", "inspector")


def test_a_secret_names_its_person_and_scopes_until_it_ends(store: Connection, lan: Person) -> None:
    number, secret = issue_token(store, lan, ["export", "read"], "report\0", NOW, 30)
    assert token_owner(store, secret, NOW) == (lan, {"read", "export"})
    assert token_owner(store, secret, NOW + 30 * DAY - 1) is not None
    assert token_owner(store, secret, NOW + 30 * DAY) is None
    kept = str(store.execute("SELECT t::text FROM api_token t").fetchall())
    assert secret not in kept
    for wrong in ("", secret[:-1], secret + "x", "ht_", "\0", "\ud800", secret * 1000):
        assert token_owner(store, wrong, NOW) is None
    assert revoke_token(store, number, NOW) == lan
    assert token_owner(store, secret, NOW) is None


def test_its_use_is_seen_to_an_hour(store: Connection, lan: Person) -> None:
    _, secret = issue_token(store, lan, ["read"], "report", NOW, 30)
    assert tokens_of(store, lan)[0].used_at is None
    for now, seen in ((NOW + 5, NOW + 5), (NOW + 3600, NOW + 5), (NOW + 3605, NOW + 3605)):
        token_owner(store, secret, now)
        assert tokens_of(store, lan)[0].used_at == seen


def test_it_ends_with_its_person(store: Connection, lan: Person) -> None:
    _, secret = issue_token(store, lan, ["read"], "report", NOW, 30)
    disable(store, lan, NOW)
    assert token_owner(store, secret, NOW) is None
    assert tokens_of(store, lan)[0].revoked_at == NOW


@pytest.mark.parametrize(("scopes", "days"), [([], 1), (["admin"], 1), (["read"], 0), (["read"], 367)])
def test_what_is_refused(store: Connection, lan: Person, scopes: list[str], days: int) -> None:
    with pytest.raises(PersonRefused):
        issue_token(store, lan, scopes, "report", NOW, days)

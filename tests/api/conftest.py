"""A desk's store with two operators, and the app over it, running as it does for its users."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from storage.database import Connection, connect
from tests.api.desk import browser, log_in
from tests.api.filled import NOW, fill, token_of
from tests.api.running import running

TOKENS = {
    "inspector": ("inspector", None),
    "supervisor": ("supervisor", None),
    "reader": ("reader", None),
    "one": ("operator", "OP1"),
    "two": ("operator", "OP2"),
}


@pytest.fixture(scope="module")
def secrets(module_database: str) -> dict[str, str]:
    """Secrets by login; the database holds what tests.api.filled puts into it."""
    with connect(module_database) as connection:
        fill(connection)
        found = {login: token_of(connection, login, *who) for login, who in TOKENS.items()}
        connection.commit()
    return found


@pytest.fixture(scope="module")
def store(module_database: str, secrets: dict[str, str]) -> Iterator[Connection]:
    """A connection to what the app reads, each statement a transaction of its own."""
    with connect(module_database) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture(scope="module")
def base(module_database: str, secrets: dict[str, str]) -> Iterator[str]:
    """URL of the running app."""
    with running(module_database, clock=lambda: NOW) as url:
        yield url


@pytest.fixture
def lan(base: str) -> Iterator[httpx.Client]:
    """An inspector who has just logged in at the desk."""
    with browser(base) as client:
        assert log_in(client, "inspector").status_code == 303
        yield client


@pytest.fixture(scope="module")
def client(base: str, secrets: dict[str, str]) -> Iterator[Callable[..., httpx.Client]]:
    """A client of whoever has a login; None: of nobody."""
    made: dict[str | None, httpx.Client] = {}

    def of(login: str | None = "inspector") -> httpx.Client:
        if login not in made:
            headers = {} if login is None else {"Authorization": f"Bearer {secrets[login]}"}
            made[login] = httpx.Client(base_url=base, headers=headers, timeout=30)
        return made[login]

    yield of
    for one in made.values():
        one.close()

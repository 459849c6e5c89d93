"""Files are made few at a time, and nobody else waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api import listings, turns
from api.turns import LONG
from tests.api.filled import DATE
from tests.api.held import Held
from tests.api.walking import V1

Client = Callable[..., httpx.Client]
MANY = 24  # more than a process of tests has threads for
PATH, PERIOD = f"{V1}/findings", {"from": DATE.isoformat(), "to": DATE.isoformat()}


def workbook(base: str, headers: httpx.Headers) -> httpx.Response:
    return httpx.get(base + PATH, params={**PERIOD, "format": "xlsx"}, headers=headers, timeout=120)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held(listings.write_workbook)
    monkeypatch.setattr(listings, "write_workbook", made)
    yield made
    made.may_end.set()


def test_many_workbooks_at_once_keep_nobody_else_waiting(held: Held, client: Client, base: str) -> None:
    headers = client().headers
    with ThreadPoolExecutor(MANY) as people:
        asked = [people.submit(workbook, base, headers) for _ in range(MANY)]
        for _ in range(LONG):
            assert held.begun.acquire(timeout=60)
        for _ in range(3):
            assert client().get(PATH, params=PERIOD).status_code == 200
            assert client().get(PATH, params={**PERIOD, "vehicle": "12C00001"}).status_code == 200
        held.may_end.set()
        answers = [one.result() for one in asked]
    assert {one.status_code for one in answers} == {200}
    assert len({len(one.content) for one in answers}) == 1
    assert held.most == LONG


def test_a_turn_that_does_not_come_is_told(held: Held, client: Client, base: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(turns, "_WAIT_S", 0.2)
    headers = client().headers
    with ThreadPoolExecutor(LONG) as people:
        asked = [people.submit(workbook, base, headers) for _ in range(LONG)]
        for _ in range(LONG):
            assert held.begun.acquire(timeout=60)
        late = client().get(PATH, params={**PERIOD, "format": "xlsx"})
        assert (late.status_code, late.headers["content-type"]) == (503, "application/problem+json")
        assert "Retry-After" in late.headers
        held.may_end.set()
        assert [one.result().status_code for one in asked] == [200] * LONG
    assert client().get(PATH, params={**PERIOD, "format": "xlsx"}).status_code == 200  # turns were given back


def test_who_reads_slowly_takes_no_turn(client: Client, base: str) -> None:
    headers = client().headers
    with httpx.Client(base_url=base, headers=headers, timeout=60) as slow:
        streams = [slow.stream("GET", PATH, params={**PERIOD, "format": "csv"}) for _ in range(2 * LONG)]
        opened = [one.__enter__() for one in streams]
        assert client().get(PATH, params={**PERIOD, "format": "xlsx"}).status_code == 200
        assert {one.status_code for one in opened} == {200}
        for one in streams:
            one.__exit__(None, None, None)


def test_all_methods_of_a_path_are_told(client: Client) -> None:
    refused = client().request("DELETE", f"{V1}/cases/x/documents")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, POST")

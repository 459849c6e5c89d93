"""Questions begin in the order in which they came, few at once; what takes long holds up nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI

from api import turns
from api.pages import evidence as page
from api.turns import LONG, QUESTIONS, open_turns, question
from storage.database import Connection, scalar
from tests.api.held import Held

Client = Callable[..., httpx.Client]
MANY = 24


def test_questions_begin_in_order_few_at_once() -> None:
    begun: list[int] = []
    now = most = 0

    async def ask(app: FastAPI, number: int) -> None:
        nonlocal now, most
        async with question(app):
            begun.append(number)
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.001 * (number % 3))
            now -= 1

    async def all_of_them() -> None:
        app = FastAPI()
        open_turns(app)
        await asyncio.gather(*(ask(app, number) for number in range(5 * QUESTIONS)))

    asyncio.run(all_of_them())
    assert begun == list(range(5 * QUESTIONS))
    assert most == QUESTIONS


@pytest.mark.parametrize("fails", [False, True])
def test_a_question_that_takes_long_is_counted_no_longer(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    """And gives its turn back once, however it ends."""
    monkeypatch.setattr(turns, "_COUNTED_S", 0.05)

    async def hang(app: FastAPI, end: asyncio.Event) -> None:
        async with question(app):
            await end.wait()
            if fails:
                raise LookupError

    async def all_of_them() -> None:
        app, end = FastAPI(), asyncio.Event()
        open_turns(app)
        hanging = [asyncio.create_task(hang(app, end)) for _ in range(3 * QUESTIONS)]
        async with asyncio.timeout(10), question(app):
            end.set()
        done = await asyncio.gather(*hanging, return_exceptions=True)
        assert all(isinstance(one, LookupError) is fails for one in done)
        for left in range(QUESTIONS, 0, -1):
            assert app.state.questions._value == left
            await app.state.questions.acquire()

    asyncio.run(all_of_them())


def test_many_packages_at_once_keep_nobody_else_waiting(
    client: Client, base: str, store: Connection, lan: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor anybody at the door of packages: who may not have one is told so at once."""
    id_ = scalar(store, "SELECT min(id) FROM finding WHERE withdrawn_at IS NULL")
    path = f"/findings/{id_}/evidence"
    held = Held(page.packed_evidence)
    monkeypatch.setattr(page, "packed_evidence", held)
    cookies = dict(lan.cookies)
    with ThreadPoolExecutor(MANY) as people:
        asked = [people.submit(httpx.get, base + path, cookies=cookies, timeout=120) for _ in range(MANY)]
        for _ in range(LONG):
            assert held.begun.acquire(timeout=60)
        for _ in range(3):
            assert client().get("/api/v1/findings").status_code == 200
        assert httpx.get(base + path, timeout=30).status_code == 303  # to the log-in page
        held.may_end.set()
        answers = [one.result() for one in asked]
    assert {one.status_code for one in answers} == {200}
    assert len({one.content for one in answers}) == 1
    assert held.most == LONG

"""Who is served when: few questions at once, in the order in which they came; and what takes long in a line of its own.

More threads answer no sooner: one core works for all of them, and of a dozen that want it any may be the next, so that
some wait twice as long as others. Whoever waits here holds neither a thread nor a connection. A question that turns
out to take long, as when the database is slow, is no longer counted: the next one begins beside it. What is known to
take long, a package or a file, would leave no thread for anybody else: it waits for its like.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.problems import Problem

QUESTIONS = 2  # at once, of each worker: one works while the other waits for the database
_COUNTED_S = 0.1  # for how long a question is one of them
LONG = 2  # at once, of each worker: more would not be done sooner
_WAIT_S = 30.0  # of what takes long for its turn; a proxy would give up at 60


def open_turns(app: FastAPI) -> None:
    """For one process, in its event loop."""
    app.state.questions, app.state.turns = asyncio.Semaphore(QUESTIONS), asyncio.Semaphore(LONG)


@asynccontextmanager
async def question(app: FastAPI) -> AsyncIterator[None]:
    """A turn for one answer."""
    turns: asyncio.Semaphore = app.state.questions
    await turns.acquire()
    held = [turns]

    def give_back() -> None:
        if held:
            held.pop().release()

    counted = asyncio.get_running_loop().call_later(_COUNTED_S, give_back)
    try:
        yield
    finally:
        counted.cancel()
        give_back()


def piece(app: FastAPI) -> asyncio.Semaphore:
    """A turn for a piece of what takes long, to be entered: however long one waits for the next, something is sent."""
    turns: asyncio.Semaphore = app.state.turns
    return turns


@asynccontextmanager
async def long_turn(app: FastAPI) -> AsyncIterator[None]:
    """A turn for what takes long. Problem 503: none came."""
    turns = piece(app)
    try:
        async with asyncio.timeout(_WAIT_S):
            await turns.acquire()
    except TimeoutError:
        wait = f"{_WAIT_S:.0f}"
        raise Problem(503, f"many files are being made: ask again in {wait} s", {"Retry-After": wait}) from None
    try:
        yield
    finally:
        turns.release()

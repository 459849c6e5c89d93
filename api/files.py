"""Tables as files: a CSV sent as it is made, a workbook made and then sent. Few at a time, whoever asks for them.

Making one costs seconds of one core. Were it done where every request is answered, a dozen at once would leave no
thread for anybody else: a file waits for its turn without holding one.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import BinaryIO

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.exports.listing import CSV, XLSX
from api.problems import Problem

AT_ONCE = 2  # of each worker: more would not be done sooner, for one core makes them all
_WAIT_S = 30.0  # of a workbook for its turn; a proxy would give up at 60


class CsvFile(StreamingResponse):
    """Each piece takes its turn: who reads slowly keeps nobody waiting."""

    def __init__(self, pieces: Iterator[bytes], headers: dict[str, str]) -> None:
        super().__init__(pieces, headers=headers, media_type=CSV)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.body_iterator = _in_turn(self._pieces, scope["app"].state.turns)
        await super().__call__(scope, receive, send)


class WorkbookFile(FileResponse):
    """write: writes the workbook to a file, given a folder for what it needs meanwhile. Problem 503: no turn came."""

    def __init__(self, write: Callable[[BinaryIO, str], None], headers: dict[str, str]) -> None:
        super().__init__("", headers=headers, media_type=XLSX)
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handle, path = tempfile.mkstemp(prefix="hanhtrinh-", suffix=".xlsx")
        self.path = path
        try:
            with os.fdopen(handle, "wb") as file:
                async with _turn(scope["app"].state.turns):
                    await run_in_threadpool(self._made, file)
            await super().__call__(scope, receive, send)
        finally:
            os.unlink(path)

    def _made(self, file: BinaryIO) -> None:
        with tempfile.TemporaryDirectory(prefix="hanhtrinh-") as folder:
            self._write(file, folder)


async def _in_turn(pieces: Iterator[bytes], turns: asyncio.Semaphore) -> AsyncIterator[bytes]:
    while True:
        async with turns:
            piece = await run_in_threadpool(next, pieces, None)
        if piece is None:
            return
        yield piece


@asynccontextmanager
async def _turn(turns: asyncio.Semaphore) -> AsyncIterator[None]:
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

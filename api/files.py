"""Tables as files: a CSV sent as it is made, a workbook made and then sent. Few at a time, whoever asks for them.

Making one costs seconds of one core: a file waits for its turn (api.turns).
"""

from __future__ import annotations

import os
import tempfile
from asyncio import Semaphore
from collections.abc import AsyncIterator, Callable, Iterator
from typing import BinaryIO

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.exports.listing import CSV, XLSX
from api.turns import long_turn, piece


class CsvFile(StreamingResponse):
    """Each piece takes its turn: who reads slowly keeps nobody waiting."""

    def __init__(self, pieces: Iterator[bytes], headers: dict[str, str]) -> None:
        super().__init__(pieces, headers=headers, media_type=CSV)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.body_iterator = _in_turn(self._pieces, piece(scope["app"]))
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
                async with long_turn(scope["app"]):
                    await run_in_threadpool(self._made, file)
            await super().__call__(scope, receive, send)
        finally:
            os.unlink(path)

    def _made(self, file: BinaryIO) -> None:
        with tempfile.TemporaryDirectory(prefix="hanhtrinh-") as folder:
            self._write(file, folder)


async def _in_turn(pieces: Iterator[bytes], turns: Semaphore) -> AsyncIterator[bytes]:
    while True:
        async with turns:
            made = await run_in_threadpool(next, pieces, None)
        if made is None:
            return
        yield made

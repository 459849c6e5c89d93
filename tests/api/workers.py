"""Processes that answer what `listening` hands them, as those of `hanhtrinh serve` do, and who asks them."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from multiprocessing.process import BaseProcess
from typing import Any, cast

import uvicorn

from cli.dealing import READY
from cli.taking import Connection, Seat

WAIT_S = 30
SPAWN = multiprocessing.get_context("spawn")  # as uvicorn starts its workers


async def app(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
    """Who answers whom. /busy: after a second in which nothing else in the process is done."""
    if scope["path"] == "/busy":
        time.sleep(1)
    body = json.dumps({"pid": os.getpid(), "client": scope["client"]}).encode()
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": body})


def server() -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(app, loop="cli.taking:Loop", http=Connection, lifespan="off", log_config=None, access_log=False)
    )


def answer(listener: socket.socket, files: int | None = None) -> None:
    """files: how many more the process may open."""
    one = server()
    one.config.load()
    if files is not None:
        may = max(map(int, os.listdir("/proc/self/fd"))) + 8 + files  # some for the loop
        resource.setrlimit(resource.RLIMIT_NOFILE, (may, may))
    one.run(sockets=[listener])


def started(listener: socket.socket, files: int | None = None) -> BaseProcess:
    process: BaseProcess = SPAWN.Process(target=answer, args=(listener, files), daemon=True)
    process.start()
    return process


@contextmanager
def workers(listener: socket.socket, count: int) -> Iterator[list[BaseProcess]]:
    """So many, all of which take connections. Those that are put into the list are ended with them."""
    processes = [started(listener) for _ in range(count)]
    try:
        until_all_take(listener, processes)
        yield processes
    finally:
        for one in processes:
            one.kill()
            one.join()


def until_all_take(listener: socket.socket, processes: Iterable[BaseProcess]) -> None:
    until, missing = time.monotonic() + WAIT_S, {one.pid for one in processes}
    with connections() as opened:
        while missing and time.monotonic() < until:
            opened.append(connected(listener))
            missing.discard(asked(opened[-1]))
            time.sleep(0.01)
        assert not missing


@contextmanager
def connections() -> Iterator[list[HTTPConnection]]:
    """Those that are put into the list have ended after the block, and the dealer knows."""
    opened: list[HTTPConnection] = []
    try:
        yield opened
    finally:
        for one in opened:
            ended(one)


def connected(listener: socket.socket) -> HTTPConnection:
    host, port = listener.getsockname()[:2]
    connection = HTTPConnection(host, port, timeout=WAIT_S)
    connection.connect()
    return connection


def ended(connection: HTTPConnection) -> None:
    """End it, once the worker has: which tells the dealer before."""
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_WR)
            while connection.sock.recv(4096):
                pass
    connection.close()


def asked(connection: HTTPConnection, path: str = "/") -> int:
    """The process that answered. Raises OSError or HTTPException where none does. Who asked is known to it."""
    connection.request("GET", path)
    return answered(connection)


def answered(connection: HTTPConnection) -> int:
    here = connection.sock.getsockname()[:2]
    answer = json.loads(connection.getresponse().read())
    assert answer["client"] == list(here)
    return cast(int, answer["pid"])


def shares(opened: Iterable[HTTPConnection]) -> list[int]:
    """How many each process has, the fewest first."""
    return sorted(Counter(map(asked, opened)).values())


def until_readable(opened: list[HTTPConnection], count: int) -> None:
    until = time.monotonic() + WAIT_S
    with selectors.DefaultSelector() as waiting:
        for one in opened:
            waiting.register(one.sock, selectors.EVENT_READ)
        while len(waiting.select(0)) < count:
            assert time.monotonic() < until
            time.sleep(0.05)


def seated(listener: socket.socket) -> Seat:
    """A seat of this process, as a worker comes by it; it takes connections."""
    take, (asking,) = cast(Any, listener.__reduce__())
    before = os.sched_getaffinity(0)
    try:
        seat = cast(Seat, take(asking.dup()))
    finally:
        os.sched_setaffinity(0, before)  # it is no worker's
    seat.send(READY)
    return seat


@contextmanager
def two_cores() -> Iterator[set[int]]:
    """All that this thread, and processes that it starts, have: as many as there are where there are fewer."""
    before = os.sched_getaffinity(0)
    some = set(sorted(before)[:2])
    os.sched_setaffinity(0, some)
    try:
        yield some
    finally:
        os.sched_setaffinity(0, before)


def shared_out(pids: Iterable[int], cores: Iterable[int]) -> bool:
    """Whether each process keeps to one core, and each core has as many of them as the others, or one more.

    It is the first thread that is looked at: those that it starts keep to the same.
    """
    kept = [os.sched_getaffinity(pid) for pid in pids]
    counts = [kept.count({core}) for core in cores]
    return sum(counts) == len(kept) and max(counts) - min(counts) <= 1

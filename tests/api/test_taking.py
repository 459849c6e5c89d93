"""A worker of several that ends, or may open no more files: what was handed to it is answered or ended, not lost."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import struct
import sys
import termios
import time
from http.client import HTTPConnection, HTTPException

import uvloop

from cli.listening import listening
from cli.taking import Loop, Seat
from tests.api.workers import (
    WAIT_S,
    answered,
    asked,
    connected,
    connections,
    ended,
    seated,
    server,
    shares,
    started,
    until_all_take,
    until_readable,
    workers,
)


def test_what_comes_while_a_worker_ends_is_answered() -> None:
    with listening("127.0.0.1", 0, 2) as listener, workers(listener, 1) as (only,), connections() as opened:
        opened += [connected(listener) for _ in range(30)]
        opened[0].request("GET", "/busy")
        for one in opened[1:]:
            one.request("GET", "/")
        assert only.pid is not None
        os.kill(only.pid, signal.SIGTERM)
        assert {answered(one) for one in opened} == {only.pid}
        only.join(WAIT_S)
        assert only.exitcode == -signal.SIGTERM  # by itself, as uvicorn ends
        # Who comes later waits for another.
        late = connected(listener)
        opened.append(late)
        late.request("GET", "/")
        another = started(listener)
        try:
            assert answered(late) == another.pid
        finally:
            another.kill()
            another.join()


def test_what_was_handed_over_and_not_taken_is_taken_at_the_end() -> None:
    """The worker is in this process, and looks at its seat for the first time when it is told to end."""

    async def work() -> None:
        one = server()
        one.config.load()
        one.lifespan = one.config.lifespan_class(one.config)
        with listening("127.0.0.1", 0, 2) as listener:
            seat = seated(listener)
            clients = [connected(listener) for _ in range(5)]
            late, silent = connected(listener), connected(listener)
            for client in clients:
                client.request("GET", "/")
            until = time.monotonic() + WAIT_S
            while in_hand(seat) < 7:
                assert time.monotonic() < until
            await one.startup(sockets=[seat])
            ending = asyncio.create_task(one.shutdown(sockets=[seat]))
            for client in clients:
                assert await asyncio.to_thread(answered, client) == os.getpid()
            late.request("GET", "/")  # it had connected before the end, and is waited for a second
            assert await asyncio.to_thread(answered, late) == os.getpid()
            await ending
            assert silent.sock.recv(1) == b""  # ended in order
            for client in (*clients, late, silent):
                client.close()

    uvloop.run(work(), loop_factory=Loop)


def in_hand(seat: Seat) -> int:
    """Handed over and not taken: each came with one byte."""
    return int.from_bytes(fcntl.ioctl(seat, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_connections_that_fail_at_once_are_not_counted_as_open() -> None:
    with listening("127.0.0.1", 0, 2) as listener, workers(listener, 2) as (first, second), connections() as opened:
        for _ in range(301):
            reset(connected(listener))
        until = time.monotonic() + WAIT_S
        while True:
            with connections() as again:
                again += [connected(listener) for _ in range(20)]
                if shares(again) == [10, 10]:
                    break
            assert time.monotonic() < until
        opened += [connected(listener) for _ in range(20)]
        assert sorted(map(asked, opened)) == sorted([first.pid, second.pid] * 10)


def reset(connection: HTTPConnection) -> None:
    """End it by RST, as whoever is in a hurry."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_a_worker_without_files_loses_few_and_goes_on() -> None:
    with listening("127.0.0.1", 0, 2) as listener, connections() as opened:
        only = started(listener, files=20)
        try:
            until_all_take(listener, [only])
            opened += [connected(listener) for _ in range(60)]
            for one in opened:
                one.request("GET", "/")
            began = time.monotonic()
            until_readable(opened, 15)
            lost = 0
            for one in opened:
                try:
                    answered(one)
                except (OSError, HTTPException):
                    lost += 1
                ended(one)
            assert 0 < lost <= time.monotonic() - began + 2
        finally:
            only.kill()
            only.join()

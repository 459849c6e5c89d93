"""Several workers at one address: each has its share of the connections, and who dies takes none along that wait."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess

import pytest

from cli.listening import listening
from cli.reference import InputError

COUNT, WAIT_S = 60, 30
SPAWN = multiprocessing.get_context("spawn")  # as uvicorn starts its workers


def tell_who(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(str(os.getpid()).encode())


@contextmanager
def workers(listener: socket.socket, count: int) -> Iterator[list[BaseProcess]]:
    started: list[BaseProcess] = [SPAWN.Process(target=tell_who, args=(listener,), daemon=True) for _ in range(count)]
    for one in started:
        one.start()
    try:
        until = time.monotonic() + WAIT_S
        while len(Counter(answers(listener, 8))) < count and time.monotonic() < until:
            time.sleep(0.05)
        yield started
    finally:
        for one in started:
            one.kill()
            one.join()


def answers(listener: socket.socket, count: int) -> list[int]:
    found = []
    for _ in range(count):
        with suppress(ConnectionRefusedError), socket.create_connection(listener.getsockname()[:2], WAIT_S) as one:
            found.append(int(one.recv(20)))
    return found


def test_connections_are_shared_out() -> None:
    with listening("127.0.0.1", 0, 2) as listener, workers(listener, 2) as started:
        by_worker = Counter(answers(listener, COUNT))
        assert by_worker.keys() == {one.pid for one in started}
        # By chance one of them has fewer than 10 of 60 in one case of ten million.
        assert min(by_worker.values()) >= 10


def test_what_a_dead_worker_had_goes_to_the_others() -> None:
    with listening("127.0.0.1", 0, 2) as listener, workers(listener, 2) as started:
        first, second = started
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        first.join()
        assert answers(listener, COUNT) == [second.pid] * COUNT


@pytest.mark.parametrize(("mine", "another"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_an_address_at_which_a_program_listens_is_its_own(mine: int, another: int) -> None:
    with listening("127.0.0.1", 0, mine) as listener, workers(listener, mine):
        port = listener.getsockname()[1]
        with pytest.raises(InputError, match=r"in use.*name another"), listening("127.0.0.1", port, another):
            pass
    with listening("127.0.0.1", port, another) as again:
        assert again.getsockname()[1] == port


def test_the_sixth_version_too() -> None:
    if not socket.has_ipv6:
        pytest.fail("this machine has no IPv6")
    with listening("::1", 0, 2) as listener, workers(listener, 2):
        assert len(Counter(answers(listener, COUNT))) == 2

"""Several workers at one address: each has its share of the connections, and who dies takes along what he had."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections import Counter
from http.client import HTTPException
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from cli.listening import listening
from cli.reference import InputError
from tests.api.workers import (
    WAIT_S,
    answered,
    asked,
    connected,
    connections,
    ended,
    shares,
    started,
    until_all_take,
    until_readable,
    workers,
)

COUNT = 50


@pytest.mark.parametrize(("count", "expected"), [(2, [25, 25]), (3, [16, 17, 17])])
def test_connections_are_shared_out(count: int, expected: list[int]) -> None:
    with listening("127.0.0.1", 0, count) as listener, workers(listener, count), connections() as opened:
        opened += [connected(listener) for _ in range(COUNT)]
        assert shares(opened) == expected


def test_new_ones_go_where_others_have_ended() -> None:
    with listening("127.0.0.1", 0, 2) as listener, workers(listener, 2) as (first, _), connections() as opened:
        opened += [connected(listener) for _ in range(COUNT)]
        for one in [one for one in opened if asked(one) == first.pid][:12]:
            opened.remove(one)
            ended(one)
        new = [connected(listener) for _ in range(12)]
        opened += new
        assert {asked(one) for one in new} == {first.pid}
        assert shares(opened) == [25, 25]


def test_of_equals_one_after_the_other() -> None:
    with listening("127.0.0.1", 0, 3) as listener, workers(listener, 3):
        served = []
        for _ in range(9):
            with connections() as opened:
                opened.append(connected(listener))
                served.append(asked(opened[0]))
        assert served[:3] * 3 == served
        assert len(set(served)) == 3


def test_what_a_dead_worker_had_is_lost_and_the_rest_goes_on() -> None:
    with listening("127.0.0.1", 0, 2) as listener, workers(listener, 2) as processes, connections() as opened:
        first, second = processes
        opened += [connected(listener) for _ in range(20)]
        by_one = [one for one in opened if asked(one) == first.pid]
        assert len(by_one) == 10
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        first.join()
        for one in by_one:
            with pytest.raises((OSError, HTTPException)):
                asked(one)
            opened.remove(one)
            one.close()
        new = [connected(listener) for _ in range(10)]
        opened += new
        assert {asked(one) for one in opened} == {second.pid}
        # Another in its place has the fewest: all that comes is its, until it has as many.
        processes.append(started(listener))
        until_all_take(listener, processes[2:])
        new = [connected(listener) for _ in range(20)]
        opened += new
        assert {asked(one) for one in new} == {processes[2].pid}


def test_a_worker_that_hangs_holds_up_nobody_else() -> None:
    with listening("127.0.0.1", 0, 2) as listener, workers(listener, 2) as (first, second), connections() as opened:
        hang(first)
        try:
            opened += [connected(listener) for _ in range(800)]
            for one in opened:
                one.request("GET", "/")
            until_readable(opened, 500)  # as many as it has are kept for it, up to the some 280 that its seat holds
        finally:
            resume(first)
        by_worker = Counter(map(answered, opened))
        assert by_worker[second.pid] >= 500
        assert by_worker[first.pid] == 800 - by_worker[second.pid] > 0


def hang(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    until = time.monotonic() + WAIT_S
    while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < until


def resume(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGCONT)


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
    with listening("::1", 0, 2) as listener, workers(listener, 2), connections() as opened:
        opened += [connected(listener) for _ in range(COUNT)]
        assert shares(opened) == [25, 25]

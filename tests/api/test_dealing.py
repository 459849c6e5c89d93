"""The dealer with seats of this process: who is dealt to, and what he does where something is full or at its end."""

from __future__ import annotations

import os
import resource
import select
import socket
import threading
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.dealing import ANY, CORE, ENDED, READY, SEAT, Dealer, receive
from cli.listening import Shared, listening
from cli.taking import take_seat
from tests.api.workers import WAIT_S, seated, two_cores

REST_S = 0.1


def who_asks(listener: socket.socket) -> socket.socket:
    return socket.create_connection(listener.getsockname()[:2], WAIT_S)


def taken(seats: list[socket.socket]) -> tuple[int, socket.socket]:
    """Which of them has been dealt to, and what."""
    readable, _, _ = select.select(seats, [], [], WAIT_S)
    (seat,) = readable
    said, connection = receive(seat)
    assert said == b"t"
    assert connection is not None
    return seats.index(seat), connection


def nothing(seat: socket.socket) -> bool:
    try:
        receive(seat)
    except BlockingIOError:
        return True
    return False


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["open", "open", "open", "end", "join", "leave"]), st.integers(0, 99)),
                min_size=20, max_size=60))  # fmt: skip
def test_each_goes_to_one_that_has_the_fewest(steps: list[tuple[str, int]]) -> None:
    with listening("127.0.0.1", 0, 2) as listener, ExitStack() as stack:
        seats: list[socket.socket] = [stack.enter_context(seated(listener))]
        has = [0]
        for step, chance in steps:
            which = chance % len(seats)
            if step == "open":
                with who_asks(listener):
                    chosen, connection = taken(seats)
                    connection.close()
                assert has[chosen] == min(has)
                has[chosen] += 1
            elif step == "end" and has[which]:
                seats[which].send(ENDED)
                has[which] -= 1
            elif step == "join" and len(seats) < 4:
                seats.append(stack.enter_context(seated(listener)))
                has.append(0)
            elif step == "leave" and len(seats) > 1:
                seats.pop(which).close()
                has.pop(which)


def test_while_nobody_takes_any_they_wait() -> None:
    with listening("127.0.0.1", 0, 2) as listener, who_asks(listener) as first, who_asks(listener) as second:
        assert waiting(listener) == 2  # in the backlog
        with seated(listener) as seat:
            for one in (first, second):
                _, connection = taken([seat])
                with connection:
                    assert connection.getpeername() == one.getsockname()
                    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                    assert not connection.get_inheritable()
        # Whoever took them is gone: the next wait again, for who comes in his place.
        assert first.recv(1) == b""
        with who_asks(listener) as third, seated(listener) as seat:
            _, connection = taken([seat])
            with connection:
                assert connection.getpeername() == third.getsockname()


def waiting(listener: socket.socket) -> int:
    """Connections in the backlog: tcpi_unacked of a listening socket, tcp(7)."""
    info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return int.from_bytes(info[24:28], "little")


def test_a_full_seat_is_passed_over_and_where_all_are_full_connections_are_kept() -> None:
    with listening("127.0.0.1", 0, 2) as listener, ExitStack() as stack:
        seats = [stack.enter_context(small_seat(listener)) for _ in range(2)]
        clients = [stack.enter_context(who_asks(listener)) for _ in range(60)]
        until = time.monotonic() + WAIT_S
        while not 0 < waiting(listener) < 60:
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(3 * REST_S)  # the dealer tries again meanwhile, and loses none
        dealt = set()
        while len(dealt) < len(clients):
            readable, _, _ = select.select(seats, [], [], WAIT_S)
            for seat in readable:
                _, connection = receive(seat)
                assert connection is not None
                with connection:
                    dealt.add(connection.getpeername())
        assert dealt == {one.getsockname() for one in clients}


def small_seat(listener: socket.socket) -> socket.socket:
    """Of which the dealer's end holds few messages."""
    _, (asking,) = listener.__reduce__()  # type: ignore[misc]
    mine, his = socket.socketpair()
    with his, asking.dup() as ours:
        his.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        socket.send_fds(ours, [SEAT], [his.fileno()])
    core_given(mine)
    mine.setblocking(False)
    mine.send(READY)
    return mine


def core_given(seat: socket.socket) -> int:
    seat.settimeout(WAIT_S)
    (core,) = CORE.unpack(seat.recv(CORE.size, socket.MSG_WAITALL))
    return int(core)


class Counting(socket.socket):
    tries = 0

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        self.tries += 1
        return super().accept()


def test_without_files_it_rests_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with Counting() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        listener.setblocking(False)
        with dealer(listener) as seat, socket.socket() as client:
            with who_asks(listener):  # from here on there is a seat
                taken([seat])[1].close()
            listener.tries = 0
            before = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))  # none beyond those that every process has
            began = time.monotonic()
            try:
                client.connect(listener.getsockname())
                time.sleep(5 * REST_S)
                took_s, tries = time.monotonic() - began, listener.tries
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, before)
            assert 1 < tries <= took_s / REST_S + 2
            _, connection = taken([seat])
            connection.close()
    assert [record.getMessage() for record in caplog.records] == ["no connection is accepted: Too many open files"]


@contextmanager
def dealing(listener: socket.socket, cores: Collection[int] = ()) -> Iterator[socket.socket]:
    """Where the dealer is asked for seats."""
    asked, asking = socket.socketpair()
    thread = threading.Thread(target=Dealer(listener, asked, cores).run)
    thread.start()
    with asking:
        try:
            yield asking
        finally:
            asking.send(b"q")
            thread.join()


def seat_of(asking: socket.socket) -> socket.socket:
    mine, his = socket.socketpair()
    with his:
        socket.send_fds(asking, [SEAT], [his.fileno()])
    return mine


@contextmanager
def dealer(listener: socket.socket) -> Iterator[socket.socket]:
    """Deals to the seat that is given, the only one."""
    with dealing(listener) as asking:
        mine = seat_of(asking)
        assert core_given(mine) == ANY
        mine.setblocking(False)
        mine.send(READY)
        yield mine
    with mine:
        assert mine.recv(1) == b""  # the dealer is gone


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 4), st.lists(st.tuples(st.sampled_from(["join", "join", "leave"]), st.integers(0, 99)),
                                   max_size=30))  # fmt: skip
def test_a_core_is_given_that_the_fewest_keep_to(count: int, steps: list[tuple[str, int]]) -> None:
    cores = [3, 5, 200, 1000][:count]
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        asking = stack.enter_context(dealing(listener, cores))
        seats: list[tuple[socket.socket, int]] = []
        for step, chance in steps:
            if step == "join":
                before = [sum(core == one for _, core in seats) for one in cores]
                seat = stack.enter_context(seat_of(asking))
                seats.append((seat, core_given(seat)))
                assert before[cores.index(seats[-1][1])] == min(before)
            elif seats:
                seats.pop(chance % len(seats))[0].close()


def test_who_comes_before_another_goes_takes_his_place() -> None:
    """As when workers are replaced one after another: each is started, then the one ends in whose place it comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener, dealing(listener, [0, 1]) as asking, ExitStack() as stack:
        seats = [stack.enter_context(seat_of(asking)) for _ in range(2)]
        before = [core_given(seat) for seat in seats]
        after = []
        for old in seats:
            seat = stack.enter_context(seat_of(asking))
            after.append(core_given(seat))
            old.close()
        assert sorted(before) == sorted(after) == [0, 1]


def test_a_worker_keeps_to_a_core_where_there_are_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    with two_cores() as cores, ExitStack() as stack:
        enough = stack.enter_context(listening("127.0.0.1", 0, 2))
        with monkeypatch.context() as patch:
            patch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
            fewer = stack.enter_context(listening("127.0.0.1", 0, 2))
        kept = [kept_to(enough) for _ in range(2)]
        assert [len(one) for one in kept] == [1, 1]
        assert set.union(*kept) == cores
        assert kept_to(fewer) == cores


def kept_to(listener: socket.socket) -> set[int]:
    """Cores of a thread that has taken a seat."""
    _, (asking,) = cast(Any, listener.__reduce__())

    def take() -> set[int]:
        take_seat(asking.dup()).close()
        return os.sched_getaffinity(0)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(take).result()


def test_a_core_that_is_not_there_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with Shared(socket.create_server(("127.0.0.1", 0)), [ANY - 1]) as listener:
        assert kept_to(listener) == os.sched_getaffinity(0)
    assert [record.getMessage() for record in caplog.records] == ["core 65534 cannot be kept to: Invalid argument"]


def test_no_file_is_left_open() -> None:
    with listening("127.0.0.1", 0, 2) as warm, seated(warm):
        pass
    before = len(os.listdir("/proc/self/fd"))
    with listening("127.0.0.1", 0, 2) as listener, seated(listener) as seat:
        for _ in range(20):
            with who_asks(listener):
                _, connection = taken([seat])
                connection.close()
        with who_asks(listener):  # dealt, and not taken
            select.select([seat], [], [], WAIT_S)
    assert len(os.listdir("/proc/self/fd")) == before

"""The dealer with seats of this process: who is dealt to, and what he does where something is full or at its end."""

from __future__ import annotations

import os
import resource
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.dealing import ENDED, READY, SEAT, Dealer, receive
from cli.listening import listening
from tests.api.workers import WAIT_S, seated

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
    mine.setblocking(False)
    mine.send(READY)
    return mine


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
def dealer(listener: socket.socket) -> Iterator[socket.socket]:
    """Deals to the seat that is given, the only one."""
    asked, asking = socket.socketpair()
    mine, his = socket.socketpair()
    thread = threading.Thread(target=Dealer(listener, asked).run)
    thread.start()
    with asking, mine:
        with his:
            socket.send_fds(asking, [SEAT], [his.fileno()])
        mine.setblocking(False)
        mine.send(READY)
        yield mine
        asking.send(b"q")
        thread.join()
        assert mine.recv(1) == b""  # the dealer is gone


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

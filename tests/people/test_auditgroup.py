"""Rows of the audit log written together: one chain, in order, none lost that was told of, none told of before."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.audit import group
from storage.audit.chain import Verdict, verify
from storage.audit.group import Recorder, recording
from storage.audit.log import By, What, record, row_of
from storage.database import Connection, connect, scalar
from storage.errors import StoreUnavailable
from storage.server.pool import TooSlow
from tests.people.recorder import THREADS

pytestmark = pytest.mark.native_server
BY = By(None, "198.51.100.1", "req-1", "token")
TEXT = st.text(max_size=12) | st.sampled_from(["a\0b", "\ud800", "5:x,-,", "{,}", '"', "NULL", "", "🚚"])
_WAIT_S = 30


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture
def recorder(emptied: str) -> Iterator[Recorder]:
    with recording(emptied, 10, "test, audit log") as opened:
        yield opened


def rows(*subjects: str) -> list[tuple[object, ...]]:
    return [row_of(BY, What.SEARCH, subject) for subject in subjects]


def subjects(store: Connection) -> list[str]:
    return [subject for (subject,) in store.execute("SELECT subject FROM audit ORDER BY number")]


def held(emptied: str) -> Connection:
    """Somebody else who has the lock of the chain until he commits or goes."""
    other = connect(emptied)
    record(other, BY, What.LOGIN, "other")
    return other


def await_blocked(store: Connection) -> None:
    """Until the writer waits for the lock."""
    until = time.monotonic() + _WAIT_S
    blocked = ("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'test, audit log' "
               "AND wait_event_type = 'Lock'")  # fmt: skip
    while scalar(store, blocked) != 1:
        assert time.monotonic() < until
        time.sleep(0.01)


@given(st.lists(st.lists(st.lists(TEXT, max_size=4), max_size=6), min_size=1, max_size=4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_handed_in_by_several_at_once_makes_one_chain_in_order(
    recorder: Recorder, store: Connection, emptied: str, handed: list[list[list[str]]]
) -> None:
    before = walked(emptied).rows

    def hand_in(worker: int) -> None:
        for number, texts in enumerate(handed[worker]):
            own = [
                row_of(BY._replace(request=f"{worker}:{number}:{place}"), What.SEARCH, text, text, text)
                for place, text in enumerate(texts)
            ]
            recorder.hand_in(own).result(_WAIT_S)

    with ThreadPoolExecutor(len(handed)) as pool:
        list(pool.map(hand_in, range(len(handed))))
    written = [tuple(map(int, request.split(":"))) for (request,) in
               store.execute("SELECT request FROM audit WHERE number > %s ORDER BY number", (before,))]  # fmt: skip
    wanted = [
        (worker, number, place)
        for worker, some in enumerate(handed) for number, texts in enumerate(some) for place in range(len(texts))
    ]  # fmt: skip
    assert sorted(written) == wanted
    for worker in range(len(handed)):  # each one's in the order in which he handed them in
        assert [one for one in written if one[0] == worker] == [one for one in wanted if one[0] == worker]
    for place in range(1, len(written)):  # and those of one request side by side
        if written[place][2]:
            assert written[place - 1] == (*written[place][:2], written[place][2] - 1)
    verdict = walked(emptied)
    assert (verdict.fault, verdict.rows) == (None, before + len(wanted))


def walked(emptied: str) -> Verdict:
    with connect(emptied) as own:
        return verify(own)


def test_nothing_is_told_before_it_is_committed(recorder: Recorder, store: Connection, emptied: str) -> None:
    with held(emptied) as other:
        waiting = [recorder.hand_in(rows(f"{number}")) for number in range(20)]
        await_blocked(store)
        assert not wait(waiting, 0.2).done
        assert subjects(store) == []
        other.rollback()
    for number, one in enumerate(waiting):
        one.result(_WAIT_S)
        assert str(number) in subjects(store)
    assert subjects(store) == [str(number) for number in range(20)]


def test_those_who_wait_meanwhile_are_one_group(recorder: Recorder, store: Connection, emptied: str) -> None:
    """One statement of all that waited: its rows have one transaction."""
    with held(emptied) as other:
        first = recorder.hand_in(rows("first"))
        await_blocked(store)
        others = [recorder.hand_in(rows(f"{number}")) for number in range(30)]
        other.rollback()
    wait([first, *others], _WAIT_S)
    transactions = [one for (one,) in store.execute("SELECT xmin::text FROM audit ORDER BY number")]
    assert len(set(transactions[1:])) == 1
    assert transactions[0] != transactions[1]


def test_what_comes_soon_after_a_group_is_written_with_what_comes_beside_it(
    recorder: Recorder, store: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until somebody waits for a row; for one that is being written already nothing else is hurried."""
    first = recorder.hand_in(rows("first"))
    first.result(_WAIT_S)
    monkeypatch.setattr(group, "_GATHER_S", 3600.0)
    others = [recorder.hand_in(rows(f"{number}")) for number in range(30)]
    recorder.hurry(first)
    assert not wait(others, 0.2).done
    recorder.hurry(others[-1])
    wait(others, _WAIT_S)
    transactions = [one for (one,) in store.execute("SELECT xmin::text FROM audit ORDER BY number")]
    assert len(set(transactions[1:])) == 1
    assert subjects(store) == ["first", *map(str, range(30))]


def test_for_what_nobody_waits_is_written_soon(recorder: Recorder, store: Connection) -> None:
    for number in range(5):
        recorder.hand_in(rows(str(number))).result(_WAIT_S)
    assert subjects(store) == [str(number) for number in range(5)]


def test_a_row_that_is_refused_takes_no_other_with_it(recorder: Recorder, store: Connection, emptied: str) -> None:
    bad = (None, None, None, *row_of(BY, What.SEARCH, "bad")[3:])  # it does not say by what means
    with held(emptied) as other:
        first = recorder.hand_in(rows("0"))
        await_blocked(store)
        good, refused, also = recorder.hand_in(rows("1")), recorder.hand_in([bad]), recorder.hand_in(rows("2", "3"))
        other.rollback()
    for one in (first, good, also):
        one.result(_WAIT_S)
    with pytest.raises(psycopg.errors.NotNullViolation):
        refused.result(_WAIT_S)
    assert subjects(store) == ["0", "1", "2", "3"]


def test_a_server_that_hung_up_is_asked_anew(recorder: Recorder, store: Connection, emptied: str) -> None:
    gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test, audit log'"
    recorder.hand_in(rows("1")).result(_WAIT_S)
    store.execute(gone)
    until = time.monotonic() + _WAIT_S
    while scalar(store, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'test, audit log'"):
        assert time.monotonic() < until
    recorder.hand_in(rows("2")).result(_WAIT_S)
    with held(emptied) as other:
        lost = recorder.hand_in(rows("lost"))
        await_blocked(store)
        store.execute(gone)
        with pytest.raises(StoreUnavailable):
            lost.result(_WAIT_S)
        other.rollback()
    recorder.hand_in(rows("3")).result(_WAIT_S)
    assert subjects(store) == ["1", "2", "3"]


def test_a_lock_that_is_held_for_too_long_is_told(store: Connection, emptied: str) -> None:
    with recording(emptied, 0.3, "test, audit log") as recorder:
        with held(emptied) as other:
            with pytest.raises(TooSlow):
                recorder.hand_in(rows("late")).result(_WAIT_S)
            other.rollback()
        recorder.hand_in(rows("in time")).result(_WAIT_S)
    assert subjects(store) == ["in time"]


def test_at_the_end_what_was_handed_in_is_written(store: Connection, emptied: str) -> None:
    waiting: list[Future[None]] = []
    with recording(emptied, 10, "test") as recorder:
        waiting += [recorder.hand_in(rows(str(number))) for number in range(200)]
    assert all(one.done() and one.exception() is None for one in waiting)
    assert subjects(store) == [str(number) for number in range(200)]
    with pytest.raises(StoreUnavailable):
        recorder.hand_in(rows("after"))


def test_nothing_to_write_waits_for_nobody(recorder: Recorder, emptied: str) -> None:
    with held(emptied):
        assert recorder.hand_in([]).result(0) is None


def test_a_killed_process_loses_nothing_that_it_told_of(store: Connection, emptied: str) -> None:
    """Two processes side by side; one is killed in the middle, again and again, the other goes on."""
    told: list[str] = []
    steady = _started(emptied, "steady")
    for kill in range(4):
        victim = _started(emptied, f"victim{kill}")
        assert victim.stdout is not None
        told += [victim.stdout.readline().strip() for _ in range(40 + 25 * kill)]
        victim.send_signal(signal.SIGKILL)
        told += victim.stdout.read().split("\n")[:-1]  # the last line may be cut
        victim.wait(_WAIT_S)
        assert victim.stdin is not None
        victim.stdin.close()
        victim.stdout.close()
    steady.send_signal(signal.SIGKILL)
    assert steady.stdout is not None
    told += steady.stdout.read().split("\n")[:-1]
    steady.communicate()
    until = time.monotonic() + _WAIT_S
    while scalar(store, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'test'"):
        assert time.monotonic() < until
        time.sleep(0.05)
    kept = subjects(store)
    assert len(set(kept)) == len(kept)
    assert len(told) > 300
    assert set(told) <= set(kept)
    assert len(kept) - len(told) <= 5 * THREADS  # no more than was being written
    assert walked(emptied).fault is None


def _started(url: str, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.people.recorder", url, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock, Thread

import pytest

from journey.registry import Registration, Registry
from storage.commit import commit_batch
from storage.database import Connection, connect, scalar, transaction
from storage.registry import save_registry
from storage.turns import ALL, Turn
from storage.windows import DAYS_MAX, last_touch, lock_drivers, mark_checked, take, waiting
from tests.storage.samples import DAY, NOON, fix, frame, stretch


def fill(connection: Connection, start: int, vehicles: int, days: int) -> None:
    fixes = [fix(f"V{vehicle:03}", NOON + day * 86_400 + start)
             for vehicle in range(vehicles) for day in range(days)]  # fmt: skip
    commit_batch(connection, stretch("s", start, start + 1, frame(fixes)))


def settle(connection: Connection, limit: int, turn: Turn = ALL) -> list[tuple[str, int]]:
    """One round: what it was given, as plates and days from the first."""
    with transaction(connection):
        windows = take(connection, limit, turn)
        mark_checked(connection, windows)
    return [(one.plate, one.day - DAY) for one in windows]


def register(connection: Connection, operator_of: dict[str, str]) -> None:
    vehicles = tuple(Registration(plate, operator, "truck", "goods") for plate, operator in operator_of.items())
    save_registry(connection, Registry(vehicles=vehicles))


def test_whole_vehicles_the_longest_waiting_first(connection: Connection) -> None:
    fill(connection, 0, 7, 2)
    assert settle(connection, 4) == [("V000", 0), ("V000", 1), ("V001", 0), ("V001", 1)]
    fill(connection, 1, 1, 2)
    assert {plate for plate, _ in settle(connection, 10)} == {f"V{number:03}" for number in range(2, 7)}
    assert settle(connection, 10) == [("V000", 0), ("V000", 1)]
    assert settle(connection, 10) == []


def test_a_month_is_taken_in_parts_the_oldest_first(connection: Connection) -> None:
    fill(connection, 0, 1, DAYS_MAX + 31)
    newest = ("V000", DAYS_MAX + 30)
    assert settle(connection, 600) == [*(("V000", day) for day in range(DAYS_MAX)), newest]
    assert settle(connection, 600) == [("V000", day) for day in range(DAYS_MAX, DAYS_MAX + 30)]
    assert waiting(connection) == 0


def test_a_backlog_of_one_operator_holds_nobody_up(connection: Connection) -> None:
    """A hundred days each of twenty vehicles waited first; then two days of a vehicle of each other operator came."""
    late = {f"V{number:03}": "BACKLOG" for number in range(20)}
    register(connection, late | {"W000": "OTHER", "W001": "THIRD"})
    fill(connection, 0, 20, 100)
    others = [fix(plate, NOON + day * 86_400) for plate in ("W000", "W001", "UNREGISTERED") for day in (0, 1)]
    commit_batch(connection, stretch("other", 0, 1, frame(others)))
    first = settle(connection, 30)
    assert {plate for plate, _ in first if plate not in late} == {"W000", "W001", "UNREGISTERED"}
    assert len(first) < 30 + DAYS_MAX


def test_a_fresh_window_does_not_wait_behind_a_backlog(connection: Connection) -> None:
    """Not even behind the older days of its own vehicle."""
    fill(connection, 0, 20, 100)
    given = [one for _ in range(4) for one in settle(connection, 30)]
    assert {plate for plate, day in given if day == 99} == {f"V{number:03}" for number in range(20)}
    # And the backlog goes on beside what is live.
    assert sum(day < 99 for _, day in given) >= 40


def test_the_least_lately_judged_comes_first_however_often_it_is_touched(connection: Connection) -> None:
    fill(connection, 0, 3, 1)
    assert settle(connection, 1) == [("V000", 0)]
    fill(connection, 1, 3, 1)
    commit_batch(connection, stretch("other", 0, 1, frame([fix("V001", NOON + 7)])))
    assert [settle(connection, 1) for _ in range(3)] == [[("V001", 0)], [("V002", 0)], [("V000", 0)]]


def test_late_windows_alone(connection: Connection) -> None:
    fill(connection, 0, 2, 3)
    settle(connection, 100)
    fixes = [fix(plate, NOON + day * 86_400 + 9) for plate, day in (("V000", 2), ("V001", 2), ("V001", 0))]
    commit_batch(connection, stretch("other", 0, 1, frame(fixes)))
    assert [settle(connection, 9, Turn(late=True)) for _ in range(2)] == [[("V001", 0), ("V001", 2)], []]
    assert settle(connection, 9) == [("V000", 2)]


def test_quiet_live_windows_are_given_between_passes_and_busy_ones_once_a_pass(connection: Connection) -> None:
    fill(connection, 0, 3, 1)
    settle(connection, 9)
    with transaction(connection):
        ended = last_touch(connection)
    fill(connection, 1, 3, 1)
    with transaction(connection):
        quiet = last_touch(connection)
    commit_batch(connection, stretch("other", 0, 1, frame([fix("V001", NOON + 7)])))
    assert settle(connection, 9, Turn(late=True)) == []
    assert settle(connection, 9, Turn(late=True, quiet=quiet)) == [("V000", 0), ("V002", 0)]
    assert settle(connection, 9, Turn(before=ended + 1)) == [("V001", 0)]
    # Touched again within the pass: its turn is over until it has gone quiet, or the next pass begins.
    commit_batch(connection, stretch("other", 1, 2, frame([fix("V001", NOON + 8)])))
    assert settle(connection, 9, Turn(before=ended + 1)) == []
    with transaction(connection):
        now = last_touch(connection)
    assert settle(connection, 9, Turn(before=ended + 1, quiet=now)) == [("V001", 0)]
    assert waiting(connection) == 0


def test_a_window_touched_meanwhile_stays_waiting(connection: Connection, second: Connection) -> None:
    fill(connection, 0, 1, 2)
    windows = take(connection, 10)
    fixes = frame([fix("V000", NOON + 5)])
    # The commit does not wait for the worker.
    commit_batch(second, stretch("other", 0, 1, fixes))
    mark_checked(connection, windows)
    connection.commit()
    left = take(connection, 10)
    assert [(one.plate, one.day) for one in left] == [("V000", DAY)]
    assert left[0].touched > windows[0].touched


def test_what_is_given_back_waits_again(connection: Connection, second: Connection) -> None:
    fill(connection, 0, 1, 1)
    assert len(take(connection, 1)) == 1
    assert take(second, 1) == []
    second.commit()
    assert waiting(second) == 1
    connection.rollback()
    second.commit()
    assert len(take(second, 1)) == 1


def test_marking_less_or_older_changes_nothing(connection: Connection) -> None:
    fill(connection, 0, 1, 1)
    windows = take(connection, 1)
    mark_checked(connection, [])
    mark_checked(connection, windows)
    mark_checked(connection, [windows[0]._replace(touched=0)])
    connection.commit()
    assert waiting(connection) == 0


@pytest.mark.native_server
def test_several_workers_never_share_a_vehicle(database: str, connection: Connection) -> None:
    fill(connection, 0, 40, 3)
    barrier = Barrier(4)
    guard = Lock()
    busy: set[str] = set()
    done: Counter[tuple[str, int]] = Counter()

    def work(seed: int) -> None:
        chance = random.Random(seed)
        with connect(database) as own:
            barrier.wait(30)
            while True:
                with transaction(own):
                    windows = take(own, chance.choice([1, 4, 10]))
                    plates = {one.plate for one in windows}
                    with guard:
                        assert not plates & busy
                        busy.update(plates)
                    own.execute("SELECT pg_sleep(0.005)")
                    mark_checked(own, windows)
                    with guard:
                        busy.difference_update(plates)
                        done.update((one.plate, one.day) for one in windows)
                if not windows:
                    return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert waiting(connection) == 0
    assert len(done) == 120
    assert set(done.values()) == {1}


def test_a_driver_is_one_worker_at_a_time(connection: Connection, second: Connection) -> None:
    lock_drivers(connection, ["790123456789", "790123456790"])
    connection.commit()
    lock_drivers(connection, ["790123456790"])
    order = []

    def other() -> None:
        lock_drivers(second, ["790123456789", "790123456790"])
        order.append("second")
        second.commit()

    thread = Thread(target=other)
    thread.start()
    thread.join(0.3)
    order.append("first")
    # Data of the driver comes in all the same.
    waits = scalar(connection, "SELECT count(*) FROM pg_locks WHERE NOT granted")
    assert waits >= 1
    connection.commit()
    thread.join(30)
    assert order == ["first", "second"]


@pytest.mark.native_server
def test_commits_and_workers_do_not_lock_each_other_out(database: str, connection: Connection) -> None:
    """Every commit touches the same days in another order than the workers were handed them."""
    stop = Event()

    def work() -> None:
        with connect(database) as own:
            while not stop.is_set():
                with transaction(own):
                    windows = take(own, 50)
                    mark_checked(own, random.sample(windows, len(windows)))

    with ThreadPoolExecutor(2) as pool:
        workers = [pool.submit(work) for _ in range(2)]
        for start in range(40):
            fill(connection, start, 10, 20)
        stop.set()
        for worker in workers:
            worker.result()
    with transaction(connection):
        mark_checked(connection, take(connection, 1000))
    assert waiting(connection) == 0

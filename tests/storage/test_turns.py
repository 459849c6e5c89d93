"""A round takes the windows that it would take if it looked at all, and the queues say what vehicle_day says."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random
from threading import Event

import numpy as np
import pytest

from journey.registry import Registration, Registry
from storage.database import Connection, connect, scalar, transaction
from storage.names import vehicle_ids
from storage.registry import save_registry
from storage.turns import Turn, choose
from storage.windows import DAYS_MAX, VehicleDays, mark_checked, take, touch, touch_again, waiting
from tests.storage.all_waiting import choose_of_all, queue_kept, queue_of_all

FIRST = 20_000
BEGIN = date(1970, 1, 1) + timedelta(FIRST)


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        yield connection


def touch_pairs(connection: Connection, pairs: list[tuple[int, int]]) -> None:
    vehicle, day = (np.array(column, np.int64) for column in zip(*sorted(set(pairs)), strict=True))
    with transaction(connection):
        touch(connection, VehicleDays(vehicle, day), VehicleDays(vehicle[:0], day[:0]))


def some_pairs(chance: Random, vehicles: list[int], days: int) -> list[tuple[int, int]]:
    pairs = []
    for vehicle in chance.sample(vehicles, chance.randint(1, len(vehicles))):
        first = chance.randint(0, days - 1)
        pairs += [(vehicle, FIRST + day) for day in range(first, chance.randint(first, days - 1) + 1)]
    return pairs


def register(chance: Random, connection: Connection, plates: list[str]) -> None:
    """Operators of very different size; some vehicles with none, some that change hands amid the days."""
    rows = []
    for plate in plates:
        operator = chance.choice(["BIG", "BIG", "BIG", "BIG", *(f"OP{number}" for number in range(8)), None])
        if operator is not None:
            since = chance.choice([None, BEGIN, BEGIN + timedelta(4)])
            until = chance.choice([None, BEGIN + timedelta(6)])
            rows.append(Registration(plate, operator, "truck", "goods", valid_from=since, valid_to=until))
    save_registry(connection, Registry(vehicles=tuple(rows)), replace=True)


def turns(chance: Random, top: int) -> Turn:
    return Turn(chance.random() < 0.3, chance.choice([0, chance.randint(0, top)]),
                chance.choice([1 << 62, chance.randint(0, top + 1)]))  # fmt: skip


@pytest.mark.native_server
@pytest.mark.parametrize("seed", range(40))
def test_as_if_it_looked_at_all(store: Connection, emptied: str, seed: int) -> None:
    chance = Random(seed)
    plates = [f"V{number:03}" for number in range(chance.choice([1, 5, 60]))]
    days = chance.choice([1, 10, 60])
    with transaction(store):
        vehicles = sorted(vehicle_ids(store, plates).values())
    register(chance, store, plates)
    compared = 0
    with connect(emptied) as other:
        for _ in range(12):
            event = chance.random()
            if event < 0.6 or not compared:
                touch_pairs(store, some_pairs(chance, vehicles, days))
            elif event < 0.7:
                register(chance, store, plates)
            elif event < 0.75:
                with transaction(store):
                    touch_again(store, None)
            with transaction(store):
                assert queue_kept(store) == queue_of_all(store)
                top = int(scalar(store, "SELECT last_value FROM touch"))
            for limit in (1, 3, 17, 64, 600):
                turn, most = turns(chance, top), min(DAYS_MAX, max(1, limit // 2))
                held = take(other, chance.choice([1, 10])) if chance.random() < 0.5 else []
                with transaction(store):
                    ours = choose(store, limit, most, turn)
                with transaction(store):
                    assert ours == choose_of_all(store, limit, most, turn)
                assert not {one.vehicle_id for one in held} & ours.keys()
                compared += bool(ours)
                other.rollback()
            with transaction(store):
                mark_checked(store, take(store, chance.choice([1, 20, 200]), turns(chance, top)))
    assert compared


def test_what_is_emptied_or_forgotten_waits_no_more(store: Connection) -> None:
    with transaction(store):
        ids = sorted(vehicle_ids(store, ["V1", "V2"]).values())
    touch_pairs(store, [(ids[0], FIRST), (ids[0], FIRST + 1), (ids[1], FIRST)])
    store.execute("DELETE FROM vehicle_day WHERE day = %s::int", (FIRST,))
    assert queue_kept(store) == queue_of_all(store)
    assert list(queue_kept(store)) == [ids[0]]
    store.execute("TRUNCATE vehicle_day")
    assert queue_kept(store) == {}
    store.commit()


@pytest.mark.native_server
def test_queues_stay_true_beside_commits_and_workers(store: Connection, emptied: str) -> None:
    """Commits of different days of the same vehicles, none of which shares a row with another, and two workers."""
    with transaction(store):
        vehicles = sorted(vehicle_ids(store, [f"V{number:03}" for number in range(30)]).values())
    stop = Event()

    def send(seed: int) -> None:
        chance = Random(seed)
        with connect(emptied) as own:
            for _ in range(60):
                some = chance.sample(vehicles, 10)
                touch_pairs(own, [(vehicle, FIRST + seed + 3 * chance.randint(0, 3)) for vehicle in some])

    def judge() -> None:
        with connect(emptied) as own:
            while not stop.is_set():
                with transaction(own):
                    mark_checked(own, take(own, 25))

    with ThreadPoolExecutor(5) as pool:
        workers = [pool.submit(judge) for _ in range(2)]
        senders = [pool.submit(send, seed) for seed in range(3)]
        try:
            for sender in senders:
                sender.result()
        finally:
            stop.set()
        for worker in workers:
            worker.result()
    with transaction(store):
        assert queue_kept(store) == queue_of_all(store)
    while waiting(store):
        with transaction(store):
            mark_checked(store, take(store, 100))
    assert queue_kept(store) == {}

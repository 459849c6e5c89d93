"""Several workers on one store, killed in the middle while records come in: as if one had judged all of it in peace."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from cli.checking.windows import check
from cli.root import code_version
from storage.database import Connection, connect, scalar, transaction
from storage.migrate import migrate
from storage.registry import save_registry
from storage.windows import touch_again, waiting
from tests.casefolder import LAW, read_inputs
from tests.checking.test_long_tracks import agrees, legs, send
from tests.cli.command import COMMAND, environment, hanhtrinh
from tests.whatif.sample import case

pytestmark = pytest.mark.native_server
PLATES = [f"29B{number:05}" for number in range(8)]
PATIENCE_S = 60
ALL = {
    "findings": "SELECT id, content FROM finding WHERE withdrawn_at IS NULL ORDER BY id",
    "activities": """SELECT v.plate, d.licence, a.start_time, a.end_time, a.kind FROM activity a
                     JOIN vehicle v ON v.id = a.vehicle_id LEFT JOIN driver d ON d.id = a.driver_id ORDER BY 1, 3""",
    "sums": """SELECT v.plate, s.day, s.fixes, s.usable, s.flags, s.driving_s, s.standing_s, s.unknown_s, s.driving_m
               FROM day_summary s JOIN vehicle v ON v.id = s.vehicle_id ORDER BY 1, 2""",
}


@contextmanager
def worker(url: str, folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """`hanhtrinh check --follow` in a process of its own; killed at the end, if it still runs."""
    arguments = [COMMAND, "check", "--follow", "--every", "0.1", "--port", "0", *options]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(arguments, env=environment(DATABASE_URL=url), cwd=folder, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def judging(connection: Connection) -> int:
    """How many workers are connected."""
    with transaction(connection):
        query = """SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'hanhtrinh check'"""
        return int(scalar(connection, query))


def case_of(random: Random) -> dict[str, Any]:
    """Days of several vehicles that share their drivers."""
    registry = {"operators": [{"id": "OP1", "name": "One"}], "drivers": [],
                "vehicles": [{"plate": plate, "operator": "OP1", "kind": "truck", "business": "goods"}
                             for plate in PLATES]}  # fmt: skip
    return case([row for plate in PLATES for row in legs(random, plate)], registry=registry)


def batches(frame: pl.DataFrame, random: Random, number: int) -> list[pl.DataFrame]:
    """Each holds some stretches of seven hours, of any vehicle and time."""
    part_of: defaultdict[tuple[str, int], int] = defaultdict(lambda: random.randrange(number))
    of_rows = pl.Series([part_of[plate, t // 25_200] for plate, t in frame.select("vehicle", "time").iter_rows()])
    return [frame.filter(of_rows == part) for part in range(number)]


def contents(connection: Connection) -> dict[str, list[Any]]:
    with transaction(connection):
        found = {name: connection.execute(query.encode()).fetchall() for name, query in ALL.items()}
    # One that was cut in two, where a part of its track was judged by itself, is one.
    whole: list[Any] = []
    for plate, licence, start, end, kind in found["activities"]:
        if whole and (*whole[-1][:2], *whole[-1][3:]) == (plate, licence, start, kind):
            start = whole.pop()[2]
        whole.append((plate, licence, start, end, kind))
    return found | {"activities": whole}


@pytest.mark.parametrize("seed", [1, 2])
def test_two_workers_of_which_one_is_killed_again_and_again(
    database: str, connection: Connection, empty_database: str, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    inputs = case_of(random)
    frame, _, registry = read_inputs(inputs)
    parts = batches(frame, random, 16)
    save_registry(connection, registry)
    running = [worker(database, tmp_path) for _ in range(2)]
    processes = [one.__enter__() for one in running]
    try:
        until(lambda: judging(connection) == 2, "both workers begin")
        for position, part in enumerate(parts):
            send(connection, part, position)
            if position % 4 == 3:  # at any point of a round
                time.sleep(random.uniform(0, 0.4))
                victim = random.randrange(2)
                processes[victim].kill()
                processes[victim].wait()
                until(lambda: judging(connection) == 1, "the server has noticed")
                running[victim] = worker(database, tmp_path)
                processes[victim] = running[victim].__enter__()
            if position % 4 == 1:
                until(lambda: judging(connection) == 2, "the other has begun")
        until(lambda: judging(connection) == 2 and waiting(connection) == 0, "no window waits")
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(PATIENCE_S) for process in processes] == [0, 0], (tmp_path / "log").read_text()
    finally:
        for one in running:
            one.__exit__(None, None, None)
    assert waiting(connection) == 0
    agrees(connection, inputs)
    with transaction(connection):
        assert scalar(connection, "SELECT count(*) - count(DISTINCT id) FROM finding WHERE withdrawn_at IS NULL") == 0
    killed = contents(connection)
    # A single worker, over the same data.
    with connect(empty_database) as other:
        migrate(other)
        other.commit()
        save_registry(other, registry)
        for position, part in enumerate(parts):
            send(other, part, position)
        check(other, LAW, "test")
        assert contents(other) == killed
    # And whatever is judged once more says the same.
    with transaction(connection):
        touch_again(connection, None)
    done = check(connection, LAW, code_version())
    assert (done.added, done.changed, done.withdrawn) == (0, 0, 0)


def test_workers_side_by_side_until_nothing_waits(database: str, connection: Connection, tmp_path: Path) -> None:
    inputs = case_of(Random(4))
    frame, _, registry = read_inputs(inputs)
    save_registry(connection, registry)
    send(connection, frame, 0)
    left = waiting(connection)
    done = hanhtrinh("check", "--workers", "2", cwd=tmp_path, DATABASE_URL=database)
    assert (done.code, waiting(connection)) == (0, 0), done
    assert f"checked {left} vehicle-days" in done.err
    agrees(connection, inputs)
    assert "nothing waits" in hanhtrinh("check", "--workers", "2", cwd=tmp_path, DATABASE_URL=database).err


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """Process numbers of the workers of a parent."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    children = [child for task in tasks for child in task.read_text().split()]
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the children of a process are read from /proc")
def test_a_parent_starts_a_lost_worker_again_and_ends_all_of_them(
    database: str, connection: Connection, tmp_path: Path
) -> None:
    random = Random(3)
    inputs = case_of(random)
    frame, _, registry = read_inputs(inputs)
    first, second = batches(frame, random, 2)
    save_registry(connection, registry)
    with worker(database, tmp_path, "--workers", "2") as parent:
        until(lambda: judging(connection) == 2, "both workers begin")
        before = workers_of(parent)
        send(connection, first, 0)
        os.kill(before[0], signal.SIGKILL)
        until(lambda: len(set(workers_of(parent)) - {before[0]}) == 2, "another takes its place")
        send(connection, second, 1)
        until(lambda: waiting(connection) == 0, "no window waits")
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(PATIENCE_S) == 0, (tmp_path / "log").read_text()
    until(lambda: judging(connection) == 0, "nobody is left")
    agrees(connection, inputs)
    assert "a worker ended with -9" in (tmp_path / "log").read_text()

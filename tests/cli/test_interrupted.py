"""A replay that is stopped at any moment, by whatever, leaves a sound store and goes on where it stood."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cli.fleet import FleetSpec, generate, write
from storage.database import Connection, connect, scalar
from tests.cli.command import COMMAND, called, environment, hanhtrinh

SPEC = FleetSpec(vehicles=12, days=1, seed=9, sampling_s=(30, 30))
BATCH = "60"
PATIENCE_S = 60
type Content = list[list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some thousand fixes in the order of their arrival, late ones and copies among them."""
    folder = tmp_path_factory.mktemp("fleet")
    write(generate(SPEC), folder, ["feed.csv"])
    return folder / "feed.csv"


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        connection.autocommit = True
        yield connection


def begun(feed: Path, database: str) -> subprocess.Popen[str]:
    """A replay under way, in a process group of its own as a terminal makes one."""
    return subprocess.Popen(
        [COMMAND, "replay", feed], env=environment(DATABASE_URL=database, BATCH_FIXES=BATCH), cwd=feed.parent,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def batches(store: Connection) -> int:
    return int(scalar(store, "SELECT count(*) FROM batch"))


def until(store: Connection, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until the store holds so many batches."""
    deadline = time.monotonic() + PATIENCE_S
    while batches(store) < count:
        assert process.poll() is None, "the replay ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.001)


def interrupt(process: subprocess.Popen[str], store: Connection) -> None:
    os.killpg(process.pid, signal.SIGINT)


def kill(process: subprocess.Popen[str], store: Connection) -> None:
    process.kill()


def cut_off(process: subprocess.Popen[str], store: Connection) -> None:
    """The server ends every other connection."""
    store.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )


def stop(how: Callable[[subprocess.Popen[str], Connection], None], feed: Path, database: str, store: Connection,
         times: int) -> list[tuple[int, str, str]]:  # fmt: skip
    """Begin a replay and stop it, again and again, each time a few batches on."""
    chance = random.Random(11)
    ended = []
    for _ in range(times):
        process = begun(feed, database)
        until(store, batches(store) + chance.randint(1, 8), process)
        time.sleep(chance.uniform(0, 0.02))
        how(process, store)
        out, err = process.communicate(timeout=PATIENCE_S)
        ended.append((process.returncode, out, err))
    return ended


def sound(store: Connection) -> int:
    """The batches lie end to end and hold what they say; the fixes stored with their copies, so far."""
    spans = store.execute("SELECT position_from, position_to FROM batch_position ORDER BY batch_id").fetchall()
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]
    assert scalar(store, "SELECT position FROM source_offset") == spans[-1][1]
    stored: int = scalar(store, "SELECT (SELECT count(*) FROM fix) + (SELECT count(*) FROM fix_copy)")
    assert stored == scalar(store, "SELECT sum(fixes) FROM batch")
    assert scalar(store, "SELECT count(*) FROM fix") == scalar(store, "SELECT sum(inserted) FROM batch")
    return stored


def content(store: Connection) -> Content:
    """All that is stored, batches apart."""
    columns = "v.plate, f.time, f.delay_s, lon_e7, lat_e7, speed_dkmh, d.licence, heading, ignition, flags, scaled"
    return [
        store.execute(
            f"SELECT {columns} FROM {table} f JOIN vehicle v ON v.id = vehicle_id "  # noqa: S608
            f"LEFT JOIN driver d ON d.id = driver_id ORDER BY {columns}"
        ).fetchall()
        for table in ("fix", "fix_copy")
    ]


def finished(feed: Path, database: str, store: Connection) -> None:
    """Taken to its end, the store holds each line once, as if it had never been stopped."""
    done = called("replay", feed, DATABASE_URL=database, BATCH_FIXES="5000")
    assert done.code == 0, done
    sent = len(feed.read_bytes().splitlines()) - 1
    assert sound(store) == sent
    assert scalar(store, "SELECT count(*) FROM rejection") == 0


@pytest.fixture(scope="module")
def undisturbed(feed: Path, module_database: str) -> Content:
    """What the store holds after a replay that nobody stopped."""
    assert called("replay", feed, DATABASE_URL=module_database).code == 0
    with connect(module_database) as connection:
        return content(connection)


def test_an_interrupted_replay_goes_on(feed: Path, emptied: str, store: Connection, undisturbed: Content) -> None:
    for code, out, err in stop(interrupt, feed, emptied, store, 1):
        assert (code, out) == (130, "")
        assert err.endswith("hanhtrinh: interrupted; what was committed stands\n")
        assert "Traceback" not in err
        sound(store)
    finished(feed, emptied, store)
    assert content(store) == undisturbed


def test_a_killed_replay_goes_on(feed: Path, emptied: str, store: Connection, undisturbed: Content) -> None:
    ended = stop(kill, feed, emptied, store, 3)
    assert [code for code, _, _ in ended] == [-signal.SIGKILL] * 3
    finished(feed, emptied, store)
    assert content(store) == undisturbed


def test_a_replay_that_lost_its_database_goes_on(
    feed: Path, emptied: str, store: Connection, undisturbed: Content
) -> None:
    for code, _, err in stop(cut_off, feed, emptied, store, 1):
        assert code == 1
        assert "hanhtrinh: the connection to the database is lost: reconnect, and resume where the store stands" in err
        assert "Traceback" not in err
        sound(store)
    finished(feed, emptied, store)
    assert content(store) == undisturbed


def test_an_interrupt_leaves_the_embedded_server_stopped(feed: Path, data_folder: Path) -> None:
    """A terminal interrupts the whole group: the server must not be part of it, and ends in good order."""
    process = subprocess.Popen(
        [COMMAND, "--data", data_folder, "replay", feed], env=environment(BATCH_FIXES=BATCH), cwd=feed.parent,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + PATIENCE_S
    url = f"postgresql://postgres@/hanhtrinh?host={data_folder / 'postgres'}"
    while True:
        assert time.monotonic() < deadline
        assert process.poll() is None
        try:
            with psycopg.connect(url) as connection:
                if scalar(connection, "SELECT count(*) FROM batch"):
                    break
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, "Traceback" in err) == (130, False)
    assert not (data_folder / "postgres" / "postmaster.pid").exists()
    done = hanhtrinh("--data", data_folder, "replay", feed, cwd=feed.parent)
    assert done.code == 0
    sent = len(feed.read_bytes().splitlines()) - 1
    row = next(line for line in done.out.splitlines() if "all 12" in line)
    fixes, duplicates = (int(cell) for cell in row.strip("│").split("│")[1:3])
    assert fixes + duplicates == sent

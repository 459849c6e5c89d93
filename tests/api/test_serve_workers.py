"""`hanhtrinh serve --workers 2` while workers are replaced, killed, or left without the process that started them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from cli.listening import listening
from cli.serve import _HUNG_S
from tests.api.test_serve import WAIT_S, serving
from tests.api.workers import shared_out, two_cores
from tests.cli.command import COMMAND, environment


def workers_of(pid: int) -> set[int]:
    """Processes that it has started to answer."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(one) for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()}


def until_shared_out(pid: int, cores: set[int]) -> None:
    """Until each of its workers has taken its seat, and keeps to a core of its own."""
    until = time.monotonic() + WAIT_S
    while not shared_out(workers_of(pid), cores):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_nobody_is_refused_while_workers_are_replaced(database: str, tmp_path: Path) -> None:
    with two_cores() as cores, serving(tmp_path, "--workers", "2", DATABASE_URL=database) as (process, url):
        until_shared_out(process.pid, cores)
        before, answers, enough = workers_of(process.pid), Counter[str](), threading.Event()

        def ask() -> None:
            while not enough.is_set():
                try:  # over a connection of its own each time
                    answers[str(httpx.get(f"{url}/health", timeout=WAIT_S).status_code)] += 1
                except httpx.TransportError as error:
                    answers[repr(error)] += 1
                time.sleep(0.01)

        asking = [threading.Thread(target=ask) for _ in range(3)]
        for one in asking:
            one.start()
        process.send_signal(signal.SIGHUP)
        until = time.monotonic() + WAIT_S
        while before & workers_of(process.pid) or len(workers_of(process.pid)) != 2:
            assert time.monotonic() < until
            time.sleep(0.05)
        enough.set()
        for one in asking:
            one.join()
        assert answers.keys() == {"200"}
        until_shared_out(process.pid, cores)


def test_a_killed_worker_is_replaced_and_gets_its_share(database: str, tmp_path: Path) -> None:
    with two_cores() as cores, serving(tmp_path, "--workers", "2", DATABASE_URL=database) as (process, url):
        before = workers_of(process.pid)
        os.kill(min(before), signal.SIGKILL)
        while min(before) in workers_of(process.pid):  # what it is handed until it is dead goes with it
            time.sleep(0.001)
        for _ in range(20):
            assert httpx.get(f"{url}/ready").status_code == 200
        until = time.monotonic() + WAIT_S
        while len(workers_of(process.pid) - before) != 1:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert httpx.get(f"{url}/ready").status_code == 200
        until_shared_out(process.pid, cores)
    assert "Traceback" not in (tmp_path / "serve.log").read_text()


def test_workers_end_with_the_process_that_started_them(database: str, tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2", DATABASE_URL=database) as (process, url):
        orphans = workers_of(process.pid)
        assert len(orphans) == 2
        process.kill()
        process.wait()
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/health")
        with listening("127.0.0.1", httpx.URL(url).port or 0, 1):
            pass  # the address is free at once
        until = time.monotonic() + WAIT_S
        while any(Path(f"/proc/{one}").exists() for one in orphans):
            assert time.monotonic() < until
            time.sleep(0.05)


def test_one_that_asks_while_the_whole_ends_is_answered_and_the_next_refused(database: str, tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2", DATABASE_URL=database) as (process, url):
        address = (httpx.URL(url).host, httpx.URL(url).port or 0)
        with socket.create_connection(address, WAIT_S) as silent:
            process.send_signal(signal.SIGTERM)
            silent.sendall(b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n")
            assert silent.recv(4096).startswith(b"HTTP/1.1 200")
            assert process.wait(WAIT_S) == 0
        with pytest.raises(ConnectionRefusedError), socket.create_connection(address, WAIT_S):
            pass


def test_an_interrupt_while_workers_load_ends_the_whole(database: str, tmp_path: Path) -> None:
    """It reaches them all, as from a terminal: those that have died of it are not waited for as if they hung."""
    log = tmp_path / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", "0", "--workers", "2"], cwd=tmp_path, env=environment(DATABASE_URL=database),
            stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    until = time.monotonic() + WAIT_S
    while "serving at" not in log.read_text() or len(workers_of(process.pid)) != 2:
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(1)  # until they are asked for a sign of life, which they give once they have loaded
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(_HUNG_S / 2) == 0

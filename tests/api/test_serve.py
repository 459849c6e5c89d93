"""`hanhtrinh serve` as its user runs it: one process or several, its monitor, how it ends, what it refuses."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from storage.database import connect
from tests.api.filled import fill
from tests.api.walking import V1
from tests.cli.command import COMMAND, called, environment, hanhtrinh, refused

WAIT_S = 60


@contextmanager
def serving(folder: Path, *arguments: str, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process and its URL, once it is ready; it is told to stop at the end where it still runs."""
    log = folder / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", "0", *arguments], cwd=folder, env=environment(**settings), stderr=out,
            stdout=out,
        )  # fmt: skip
    try:
        yield process, _ready(process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(WAIT_S)


def _ready(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"serving at (http://[0-9.:]+)/", log.read_text())
        try:
            if found and httpx.get(f"{found[1]}/ready").status_code == 200:
                return found[1]
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("workers", [1, 2])
def test_it_serves_and_ends_when_it_is_told_to(workers: int, database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        fill(connection)
    added = called("people", "add", "lan", "--name", "Lan", "--role", "inspector", DATABASE_URL=database)
    assert added.code == 0, added.err
    token = called("people", "token", "lan", "--scope", "read", "--label", "test", DATABASE_URL=database)
    (secret,) = re.findall(r"ht_[\w-]{43}", token.out)
    with serving(tmp_path, "--workers", str(workers), DATABASE_URL=database) as (process, url):
        headers = {"Authorization": f"Bearer {secret}"}
        for _ in range(8):
            assert httpx.get(f"{url}{V1}/operators", headers=headers).json()["items"][0]["id"] == "OP1"
        assert httpx.get(f"{url}/health").text == "alive\n"
        asked = (httpx.get(f"{url}/metrics").text for _ in range(100))
        counted = r'hanhtrinh_api_requests_total{route="list_operators",status="200"} 8\.0'
        assert any(re.search(counted, text) for text in asked)  # of all workers together
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
    assert "Traceback" not in (tmp_path / "serve.log").read_text()


def test_the_embedded_store_is_stopped_with_it(tmp_path: Path, data_folder: Path) -> None:
    with serving(tmp_path, DATA_FOLDER=str(data_folder)) as (process, url):
        assert httpx.get(f"{url}/ready").text == "store: answers\n"
        assert any(data_folder.rglob("postmaster.pid"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
    assert not any(data_folder.rglob("postmaster.pid"))


def test_what_cannot_be_served_is_refused(database: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(called("serve", "--port", port, DATABASE_URL=database), "in use", "name another")
    refused(called("serve", "--host", "no.such.host.invalid", DATABASE_URL=database), "name another")
    away = hanhtrinh("serve", cwd=tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (away.code, away.out) == (1, "")
    assert "is the server running" in away.err

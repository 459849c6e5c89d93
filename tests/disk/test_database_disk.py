"""The disk of the database full, for real: nothing acknowledged is lost, nothing new acknowledged, and it goes on."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from ingest.sources.http import Settings as Http
from storage.access import issue
from storage.database import connect, scalar
from storage.registry import save_registry
from tests.brokers.process import HOST, Server, free_port, wait_until
from tests.chaos.process import Ingest
from tests.cli.command import COMMAND, called, environment
from tests.disk.small import Ballast, mounted
from tests.live.records import REGISTRY, many_each
from tests.live.test_ingest import value

pytestmark = pytest.mark.operations
WAIT_S = 120
EACH = 500  # fixes of a message
FULL = "a disk of the database is full"


class Sender:
    """Posts messages in order, and knows which were acknowledged."""

    def __init__(self, port: int, token: str) -> None:
        self._url = f"http://{HOST}:{port}/v1/fixes"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.payloads = iter(many_each(0, 100_000, EACH))
        self.acknowledged = 0
        self.left: bytes | None = None

    def post(self) -> int:
        """The next message, or the one before where that was not acknowledged; the status, 0: no answer."""
        payload = self.left or next(self.payloads)
        try:
            status = httpx.post(self._url, content=payload, headers=self._headers, timeout=60).status_code
        except httpx.TransportError:
            status = 0
        self.left = None if status == 200 else payload
        self.acknowledged += status == 200
        return status


def test_every_process_at_a_full_disk(small: tuple[str, Ballast], tmp_path: Path) -> None:
    url, ballast = small
    with connect(url) as connection:
        save_registry(connection, REGISTRY)
        token = issue(connection, "OP1")
        connection.commit()
    added = called("people", "add", "lan", "--name", "Lan", "--role", "inspector", DATABASE_URL=url)
    assert added.code == 0, added
    port, check_port, api_port = free_port(), free_port(), free_port()
    settings = Http(name="http", transport="http", port=port, unread_s=2, answer_s=2, rate_per_s=1000)
    ingest = Ingest(tmp_path / "ingest", url, [settings])
    sender = Sender(port, token)

    def answers(of: int, path: str) -> tuple[int, str]:
        try:
            answer = httpx.get(f"http://{HOST}:{of}{path}", timeout=30)
        except httpx.TransportError:
            return 0, ""
        return answer.status_code, answer.text

    def process(name: str, of: int, *arguments: str) -> Server:
        (tmp_path / name).mkdir()
        return Server([str(COMMAND), *arguments, "--port", str(of)], tmp_path / name,
                      lambda: answers(of, "/ready")[0] == 200, environment(DATABASE_URL=url))  # fmt: skip

    check = process("check", check_port, "check", "--follow", "--every", "0.5")
    serve = process("serve", api_port, "serve")
    with ingest, check.running_for(), serve.running_for():
        ingest.wait_ready()
        assert sender.post() == 200
        ballast.fill()
        for _ in range(100):  # what is left in pages that are there already takes some
            if sender.post() != 200:
                break
        before = sender.acknowledged
        assert sender.left is not None
        assert sender.post() != 200
        # Intake holds: it runs, says what to do, and counts how often it waited.
        wait_until(lambda: FULL in ingest.get("/ready")[1], "ingest to say it", WAIT_S)
        assert ingest.get("/ready")[0] == 503
        assert "docs/runbooks/disk.md" in ingest.get("/ready")[1]
        assert ingest.get("/health")[0] == 200
        assert value(ingest.get("/metrics")[1], "hanhtrinh_ingest_store_waits_total", connection="http") > 0
        assert value(ingest.get("/metrics")[1], "hanhtrinh_ingest_rejected_total") == 0
        # Judging waits likewise, or had nothing left to judge; reading goes on; no command ends in a traceback.
        assert answers(check_port, "/health")[0] == 200
        assert answers(api_port, "/ready")[0] == 200
        assert answers(api_port, "/login")[0] == 200
        (tmp_path / "one.ndjson").write_bytes(
            b"\n".join(many_each(200_000, 230_000, 1)).replace(b"[", b"").replace(b"]", b"")
        )
        for arguments in (["replay", str(tmp_path / "one.ndjson")], ["counts"]):
            done = called(*arguments, DATABASE_URL=url)
            assert "Traceback" not in done.err, done
            assert done.code == 0 or FULL in done.err, done
        assert called("replay", str(tmp_path / "one.ndjson"), DATABASE_URL=url).code == 1
        with connect(url) as connection:
            assert scalar(connection, "SELECT count(*) FROM fix") >= before * EACH

        # Room again: everything goes on by itself, and the sender's repeat is stored once.
        ballast.drop()
        wait_until(lambda: sender.post() == 200, "ingest to go on", WAIT_S)
        for _ in range(3):
            assert sender.post() == 200
        wait_until(lambda: ingest.ready(), "ingest to be ready", WAIT_S)
        done = called("replay", str(tmp_path / "one.ndjson"), DATABASE_URL=url)
        assert done.code == 0, done

        def judged() -> bool:
            with connect(url) as connection:
                return bool(scalar(connection, "SELECT count(*) FROM vehicle_day WHERE touched > checked") == 0)

        wait_until(judged, "all to be judged", WAIT_S)
        assert answers(check_port, "/ready")[0] == 200
        assert ingest.stop() == 0
        texts = [ingest.text(), check.log.read_text(), serve.log.read_text()]
    with connect(url) as connection:
        assert scalar(connection, "SELECT count(*) FROM fix") == sender.acknowledged * EACH + 30_000
    assert not [text for text in texts if re.search("Traceback", text)]


def test_an_embedded_server_that_dies_of_it_loses_nothing(data_folder: Path, tmp_path: Path) -> None:
    """Its log lies on the same disk: the server may stop itself. Any command of ours starts it again."""
    with mounted(data_folder.parent / "disk", 220) as disk:
        data, ballast = disk / "data", Ballast(disk)
        started = called("--data", data, "db", "migrate")
        assert started.code == 0, started
        port = free_port()
        ingest = Ingest(
            tmp_path / "ingest", "", [Http(name="http", transport="http", port=port, unread_s=2, answer_s=2)],
            environment={"HANHTRINH_DATA_FOLDER": str(data)},
        )  # fmt: skip
        del ingest._environment["HANHTRINH_DATABASE_URL"]
        with ingest:
            ingest.wait_ready()
            files = next(path for path in (data / "postgres", data) if (path / "PG_VERSION").exists())
            url = _url(files)
            with connect(url) as connection:
                save_registry(connection, REGISTRY)
                token = issue(connection, "OP1")
                connection.commit()
            sender = Sender(port, token)
            assert sender.post() == 200
            ballast.fill()
            for _ in range(150):
                if sender.post() != 200:
                    break
            assert sender.left is not None
            assert ingest.get("/health")[0] == 200
            wait_until(lambda: "store away" in ingest.get("/ready")[1], "ingest to wait", WAIT_S)
            ballast.drop()
            done = called("--data", data, "db", "status")
            assert done.code == 0, done
            wait_until(lambda: sender.post() == 200, "ingest to go on", WAIT_S)
            with connect(url) as connection:
                assert scalar(connection, "SELECT count(*) FROM fix") == sender.acknowledged * EACH
            assert ingest.stop() == 0
            assert "Traceback" not in ingest.text()


def _url(files: Path) -> str:
    return f"postgresql://postgres@/hanhtrinh?host={files}"

"""The real processes of a deployment on one store: ingest over HTTP, check --follow and serve."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from storage.access import issue
from storage.database import connect
from tests.brokers.certificates import Certificates
from tests.brokers.process import HOST, Server, free_port
from tests.chaos.process import Ingest
from tests.cli.command import COMMAND, called, environment
from tests.live.rigs.http import Rig

WAIT_S = 60
TOKEN = re.compile(r"ht_[\w-]{43}")


class System(NamedTuple):
    ports: dict[str, int]  # of the monitor of each job of prometheus.yml
    logs: dict[str, Path]
    rig: Rig
    secrets: tuple[str, ...]  # the senders' and the API's
    api: httpx.Client

    def send(self, payloads: list[bytes]) -> None:
        asyncio.run(self.rig.publish(payloads))

    def metrics(self, job: str) -> str:
        return httpx.get(f"http://{HOST}:{self.ports[job]}/metrics").text


@contextmanager
def running(
    folder: Path, url: str, certificates: Certificates, behind_tls_proxy: bool = False, **settings: str
) -> Iterator[System]:
    """The three processes, ready. Args: url: a store with a registry. settings: of the command, such as LOG_FORM."""
    rig = Rig(certificates, folder)
    with connect(url) as store:
        rig.use_keys(lambda sender: issue(store, sender))
        store.commit()
    added = called("people", "add", "lan", "--name", "Trần Thị Lan", "--role", "inspector", DATABASE_URL=url)
    assert added.code == 0, added.err
    token = called("people", "token", "lan", "--scope", "read", "--label", "test", DATABASE_URL=url).out
    (secret,) = TOKEN.findall(token)
    environ = environment(DATABASE_URL=url, DISK_FOLDER=str(folder), BACKUP_FOLDER=str(folder), **settings)
    ports = {"check": free_port(), "api": free_port()}
    with ExitStack() as stack:
        stack.callback(rig.close)
        tls = {"cert_file": certificates.server.certificate, "key_file": certificates.server.key}
        connection = rig.settings(batch_age_s=0.1, behind_tls_proxy=behind_tls_proxy)
        ingest = Ingest(folder / "ingest", url, [connection], environment=environ)
        head, tables = ingest.file.read_text().split("[[connection]]", 1)
        ingest.file.write_text(f"{head}certificates = ['{tls['cert_file']}']\n[[connection]]{tables}")
        stack.enter_context(ingest)
        logs = {"ingest": ingest.log}
        for name, arguments in (
            ("check", ["check", "--follow", "--every", "0.2", "--port", str(ports["check"])]),
            ("api", ["serve", "--port", str(ports["api"])]),
        ):
            (folder / name).mkdir()
            server = Server([str(COMMAND), *arguments], folder / name, _answers(ports[name]), environ)
            server.start()
            stack.callback(server.stop)
            logs[name] = server.log
        ingest.wait_ready()
        headers = {"Authorization": f"Bearer {secret}"}
        client = stack.enter_context(httpx.Client(base_url=f"http://{HOST}:{ports['api']}/api/v1", headers=headers))
        yield System({"ingest": ingest.port, **ports}, logs, rig, (*rig.tokens, secret), client)


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def _answers(port: int) -> Callable[[], bool]:
    def ready() -> bool:
        try:
            return httpx.get(f"http://{HOST}:{port}/ready").status_code == 200
        except httpx.TransportError:
            return False

    return ready

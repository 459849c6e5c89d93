"""The real `hanhtrinh ingest` as a process of its own, started from a settings file, killed and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from ingest.sources.settings import ConnectionSettings
from tests.brokers.process import free_port

COMMAND = Path(sys.executable).with_name("hanhtrinh")
_READY_S = 60


def toml(settings: ConnectionSettings) -> str:
    """A [[connection]] table that gives these settings."""
    lines = ["[[connection]]"]
    tables = []
    for name, value in settings.model_dump(mode="json", exclude_defaults=True).items():
        if isinstance(value, dict):
            tables += [f"[connection.{name}]", *(f"{key} = {_value(item)}" for key, item in value.items())]
        elif value is not None:
            lines.append(f"{name} = {_value(value)}")
    if "transport" not in settings.model_dump(exclude_defaults=True):
        lines.append(f"transport = {_value(settings.transport)}")
    return "\n".join(lines + tables) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else '"' + str(value).replace("\\", "\\\\") + '"'


class Ingest:
    """`hanhtrinh ingest` over connections; `environment` is added to its own."""

    def __init__(
        self, folder: Path, url: str, connections: Sequence[ConnectionSettings], instance: str = "1",
        environment: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.file, self.log = folder / f"ingest-{instance}.toml", folder / f"ingest-{instance}.log"
        head = f'instance = "{instance}"\n[monitor]\nport = {self.port}\n'
        self.file.write_text(head + "".join(toml(one) for one in connections), encoding="utf-8")
        self._environment = {**os.environ, "HANHTRINH_DATABASE_URL": url, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, "ingest", "--settings", self.file], env=self._environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def wait_ready(self) -> None:
        deadline = time.monotonic() + _READY_S
        while not self.ready():
            if time.monotonic() > deadline or not self.runs:
                raise AssertionError(f"not ready: {self.text()[-2000:]}")
            time.sleep(0.05)

    def ready(self) -> bool:
        return self.get("/ready")[0] == 200

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page of the monitor; 0 where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
        except (URLError, OSError):
            return 0, ""

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)

    def text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def __enter__(self) -> Ingest:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.runs:
            self.kill()

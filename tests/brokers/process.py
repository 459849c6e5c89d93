"""A server program under test: started in a folder, killed, started again, and never left behind."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

HOST = "127.0.0.1"
_READY_TIMEOUT_S = 90
_STOP_TIMEOUT_S = 30
_POLL_S = 0.02
# Below the range from which the kernel gives ports to clients: while a broker is down, nobody takes its port, and no
# client that tries again can by chance connect to itself.
_PORTS = range(20_000, 32_000)
_given: set[int] = set()


class BrokerMissingError(RuntimeError):
    """A broker's program is not installed."""


def program(name: str) -> str:
    """Path of an installed program. Raises BrokerMissingError."""
    path = shutil.which(name, path=f"/usr/lib/rabbitmq/bin:{os.environ['PATH']}:/usr/sbin:/sbin")
    if path is None:
        raise BrokerMissingError(f"{name} is missing: run scripts/install-brokers")
    return path


def free_port() -> int:
    """A TCP port on which nothing listens, given once only."""
    for port in random.sample(_PORTS, 1000):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
    raise RuntimeError(f"no free TCP port in {_PORTS}")


def accepts(port: int) -> bool:
    """Whether something listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = _READY_TIMEOUT_S) -> None:
    """Return as soon as a condition holds. Raises TimeoutError that says what was waited for."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s} s in vain: {what}")
        time.sleep(_POLL_S)


class Server:
    """A program in a process group of its own, with its output in `log`; dies with the process that started it."""

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.log = folder / "log"
        self.folder = folder
        self._arguments = list(arguments)
        self._ready = ready
        self.environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int:
        """Of the running program. Raises RuntimeError where it does not run."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def start(self) -> None:
        """Start the program and return when it is ready. Raises RuntimeError with the end of its log if it is not."""
        if self._process is not None:
            raise RuntimeError("already started: kill() or stop() it first")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        # Reads from a pipe that nobody writes to: it ends with this process, however that ends.
        self._guard = subprocess.Popen(
            ["sh", "-c", 'read -r _; kill -s KILL -- "-$0"', str(self._process.pid)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_until(lambda: not self.running or self._ready(), f"{self._arguments[0]} to be ready")
            if not self.running:
                raise RuntimeError(f"{self._arguments[0]} ended at once with {self._process.returncode}")
        except (RuntimeError, TimeoutError) as error:
            self.kill()
            raise RuntimeError(f"{error}; its log ends:\n{self.log.read_text(errors='replace')[-4000:]}") from error

    def signal(self, number: Signals) -> None:
        """Send a signal to the program."""
        if self._process is None:
            raise RuntimeError("not started")
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL to all of it, as a power cut would; returns when it is gone."""
        self._end(SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if that does not help."""
        self._end(SIGTERM)

    @contextlib.contextmanager
    def running_for(self) -> Iterator[None]:
        """Started for the block, and stopped after it."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def start_again(self) -> None:
        """Start it on the same data and the same ports, after kill() or stop()."""
        self.start()

    def _end(self, number: Signals) -> None:
        if self._process is None:
            return
        # The guard goes first, while the number of the group is still taken.
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self._process.pid, number)
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, SIGKILL)
            self._process.wait()
        self._process = self._guard = None

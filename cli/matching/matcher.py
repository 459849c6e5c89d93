"""The matcher: a child process that is asked slice by slice, and started again where it ends or hangs."""

from __future__ import annotations

import logging
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.matching.answers import Point, Row, request, rows
from cli.matching.tiles import Tiles, written_config

_TIMEOUT_S = 30.0  # a slice takes milliseconds, one of a whole day at one fix a second some seconds
_FAULTS_MAX = 10  # in a row: then the fault is not the slices'
_CHUNK = 1 << 16
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Matcher:
    """Matches slices to the roads of tiles. The child is started by the first slice.

    faults: slices without an answer since the last with one.
    """

    tiles: Tiles
    config: Path
    timeout_s: float = _TIMEOUT_S
    faults: int = 0
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def match(self, points: Sequence[Point]) -> list[Row] | None:
        """Rows, one a point; None where the matcher finds no roads for the slice, or fails: that is logged."""
        if self.faults >= _FAULTS_MAX:
            return None
        try:
            answer = self._ask(request(points))
        except (OSError, TimeoutError) as error:
            self._end()
            self.faults += 1
            log.error("a slice of %d fixes could not be matched (%s): it is judged by all roads near it", len(points),
                      error)  # fmt: skip
            if self.faults == _FAULTS_MAX:
                log.error("the matcher failed %d times in a row: nothing more is matched in this run; "
                          "hanhtrinh roads build makes its tiles anew", self.faults)  # fmt: skip
            return None
        self.faults = 0
        return rows(points, answer)

    def _ask(self, asked: bytes) -> bytes:
        """One line there, one line back. Raises OSError, TimeoutError."""
        if self.child is None:
            self.child = _started(self.config)
        pipe_in, pipe_out = self.child.stdin, self.child.stdout
        assert pipe_in is not None and pipe_out is not None  # noqa: S101, PT018 - both were asked for
        until = time.monotonic() + self.timeout_s
        left, answer = memoryview(asked + b"\n"), bytearray()
        while not answer.endswith(b"\n"):
            wait_s = until - time.monotonic()
            ready = select.select([pipe_out], [pipe_in] if left else [], [], max(wait_s, 0))
            if wait_s <= 0 or not (ready[0] or ready[1]):
                raise TimeoutError(f"no answer in {self.timeout_s:.0f} s")
            if ready[1]:
                left = left[os.write(pipe_in.fileno(), left[:_CHUNK]) :]
            if ready[0]:
                if not (chunk := os.read(pipe_out.fileno(), _CHUNK)):
                    raise OSError(f"the matcher ended with {self.child.wait()}")
                answer += chunk
        return bytes(answer)

    def _end(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.communicate()
            self.child = None


def _started(config: Path) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "cli.matching.child", str(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,  # Ctrl-C is for the parent, which ends its child after the round
    )
    assert child.stdin is not None  # noqa: S101
    os.set_blocking(child.stdin.fileno(), False)
    return child


@contextmanager
def matcher(tiles: Tiles, timeout_s: float = _TIMEOUT_S) -> Iterator[Matcher]:
    """A matcher over tiles, ended with the block."""
    with ExitStack() as stack:
        found = Matcher(tiles, stack.enter_context(written_config(tiles)), timeout_s)
        stack.callback(found._end)
        yield found

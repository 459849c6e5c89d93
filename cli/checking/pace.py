"""How often a live window is judged: soon when it has gone quiet, else in passes that leave room for the intake.

A vehicle on the road touches its day with every fix, and a day is judged whole. Judged as often as it is touched, a
province's days would take all the time there is, and the intake's with it. So live windows are judged in passes, each
once a pass, and between two passes lies twice as long a time as the last one took, or longer: a third of a worker's
time goes there at the most, the rest is for late and quiet windows, the intake and the database. A window that nothing
touches any more needs no second look later: it is judged at once, pass or not.
"""

from __future__ import annotations

import time
from collections import deque

from storage.database import Connection, transaction
from storage.turns import Turn
from storage.windows import last_touch

QUIET_S = 30.0  # without a touch; recorders send every 10 to 30 s on the road
REST = 2.0  # of the time of a pass


class Pace:
    """One worker's. Times are of a clock that only rises, s."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._touches: deque[tuple[float, int]] = deque()  # when we looked, and the last touch then
        self._before: int | None = None  # touches after the end of the pass before are of this pass

    def begin(self, connection: Connection) -> Turn:
        """The turn of a pass that begins now: whoever was judged for a touch after the pass before has had his turn."""
        quiet = self._look(connection)
        return Turn(quiet=quiet) if self._before is None else Turn(quiet=quiet, before=self._before)

    def end(self, connection: Connection, pass_s: float) -> float:
        """How long no pass begins after this one, s. Args: pass_s: how long it lasted."""
        with transaction(connection):
            self._before = last_touch(connection) + 1
        return max(self._every_s, REST * pass_s)

    def meanwhile(self, connection: Connection) -> Turn:
        """The turn of a look between two passes."""
        return Turn(late=True, quiet=self._look(connection))

    def _look(self, connection: Connection) -> int:
        """Note where the touches are; gives where they were when what has not been touched since counts as quiet."""
        with transaction(connection):
            number = last_touch(connection)
        now = time.monotonic()
        if not self._touches or now - self._touches[-1][0] >= 1.0:
            self._touches.append((now, number))
        while len(self._touches) > 1 and now - self._touches[1][0] >= QUIET_S:
            self._touches.popleft()
        seen, quiet = self._touches[0]
        return quiet if now - seen >= QUIET_S else 0

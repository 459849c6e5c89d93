"""Days of weigh stations reviewed by the check that follows: ended ones, one at a time, between its rounds."""

from __future__ import annotations

import time
from collections.abc import Callable

from cli.stations.reviewing import review_waiting
from journey.localtime import day_of
from rules.law import Law
from storage.database import Connection

_LOOK_S = 600.0
_REST = 9.0  # of the time that a day took: reviewing has a tenth of a worker at the most
_AFTER_S = 3600  # a day is left to its stragglers for an hour


class StationReviews:
    """Of one worker. A day that another worker makes is left to that one."""

    def __init__(self, law: Law, clock: Callable[[], float] = time.monotonic) -> None:
        self._law, self._clock = law, clock
        self._next = 0.0

    def look(self, connection: Connection) -> int:
        """Review the oldest day that waits, where it is time to; how many days were made."""
        began = self._clock()
        if began < self._next:
            return 0
        made = review_waiting(connection, self._law, day_of(int(time.time()) - _AFTER_S), most=1, patient=False)
        took = self._clock() - began
        self._next = began + took + (_REST * took if made else _LOOK_S)
        return made

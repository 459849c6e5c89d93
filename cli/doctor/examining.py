"""What an examination tells: one line a thing looked at."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class State(IntEnum):
    GOOD = 0
    WARNING = 1  # it works, and somebody should look
    BAD = 2  # it does not work, or will not for long


GOOD, WARNING, BAD = State.GOOD, State.WARNING, State.BAD


class Told(NamedTuple):
    state: State
    what: str  # what was looked at, in a word or two
    said: str  # how it is
    mend: str = ""  # what to do; empty: nothing

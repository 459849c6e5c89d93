"""Real brokers for tests: each module starts one of its own, in a folder, on free ports; kills and restarts it."""

from __future__ import annotations

import os
from itertools import count

_numbers = count(1)


def unique(name: str) -> str:
    """A name of a topic, queue, client or group that no other test of this run has; letters, digits, `-` and `.`."""
    return f"{name}-{os.getpid()}-{next(_numbers)}"

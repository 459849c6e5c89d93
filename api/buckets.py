"""Token buckets: how many requests one caller or one address may make. Kept in this process alone.

Several processes count apart, so that the whole is at most as many times the rate: it keeps a program that runs wild
from hurting the others, and is no account of who asked what (that is the audit log).
"""

from __future__ import annotations

from collections import OrderedDict
from math import ceil
from threading import Lock
from typing import NamedTuple

_KEPT = 20_000  # buckets; the one that was used longest ago goes first, and it is full again by then


class Rate(NamedTuple):
    """Requests a minute in the long run, and how many at once."""

    per_minute: int
    burst: int


class Taken(NamedTuple):
    """What is left after a request. reset_s: until the bucket is full; wait_s: until the next one is let in, 0: now."""

    allowed: bool
    limit: int
    left: int
    reset_s: int
    wait_s: int


class Buckets:
    """One bucket a key. Time is an argument: seconds of any clock that never goes back."""

    def __init__(self, rate: Rate) -> None:
        self._rate, self._lock = rate, Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and when that was so

    def take(self, key: str, now_s: float) -> Taken:
        """One request of a key."""
        per_s, burst = self._rate.per_minute / 60, float(self._rate.burst)
        with self._lock:
            left, at = self._buckets.pop(key, (burst, now_s))
            now_s = max(at, now_s)
            left = min(burst, left + (now_s - at) * per_s)
            allowed = left >= 1
            if allowed:
                left -= 1
            self._buckets[key] = left, now_s
            if len(self._buckets) > _KEPT:
                self._buckets.popitem(last=False)
        wait_s = 0 if allowed else ceil((1 - left) / per_s)
        return Taken(allowed, self._rate.burst, int(left), ceil((burst - left) / per_s), wait_s)

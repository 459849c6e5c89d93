"""What benchmarks.province_day sees while it runs: what is stored and judged when, what waits, what it takes."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import LiteralString

import numpy as np

from benchmarks.processes import Taken, taken
from storage.database import Connection, scalar, transaction

_PROBED = """
    SELECT v.plate, floor(extract(epoch FROM f."time"))::bigint, d.touched, d.checked
    FROM vehicle v
    CROSS JOIN LATERAL (SELECT "time" FROM fix WHERE vehicle_id = v.id AND "time" >= to_timestamp(%(begin)s)
                        AND "time" < to_timestamp(%(end)s) ORDER BY "time" DESC LIMIT 1) f
    CROSS JOIN LATERAL (SELECT max(touched) AS touched, min(checked) AS checked FROM vehicle_day
                        WHERE vehicle_id = v.id AND day = %(day)s + ((extract(epoch FROM f."time")::bigint - %(begin)s)
                                                                      / 86400)::int) d
    WHERE v.plate = ANY(%(plates)s)
"""
_STORED = "SELECT coalesce(sum(fixes), 0)::bigint FROM batch"
_WAITING = "SELECT count(*) FROM vehicle_day WHERE touched > checked"


@dataclass(slots=True)
class Delays:
    """Of some vehicles, from the moment in which a message was due to those in which it was seen stored and judged."""

    begin: int
    end: int
    day: int
    due: dict[str, deque[tuple[int, float]]]  # by plate: time of the latest fix of each message, when it was due
    stored: list[float] = field(default_factory=list)
    judged: list[float] = field(default_factory=list)
    _open: dict[str, tuple[int, float]] = field(default_factory=dict)  # by plate: the touch awaited, since when

    def look(self, connection: Connection) -> None:
        at = {"plates": list(self.due), "begin": self.begin, "end": self.end, "day": self.day}
        with transaction(connection):
            rows = connection.execute(_PROBED, at).fetchall()
        now = time.time()
        for plate, latest, touched, checked in rows:
            waiting, since = self.due[plate], None
            while waiting and waiting[0][0] <= latest:
                _, since = waiting.popleft()
                self.stored.append(max(0.0, now - since))
            if (one := self._open.get(plate)) is not None and checked >= one[0]:
                self.judged.append(now - one[1])
                del self._open[plate]
            if since is not None and plate not in self._open:
                self._open[plate] = touched, since


@dataclass(slots=True)
class Sample:
    at_s: float
    sent: int  # messages
    stored: int  # fixes
    waiting: int  # windows
    behind: float  # messages at the broker
    of: dict[str, Taken]


def look(connection: Connection, at_s: float, sent: int, behind: float, pids: dict[str, int]) -> Sample:
    with transaction(connection):
        stored, waiting = _one(connection, _STORED), _one(connection, _WAITING)
    return Sample(at_s, sent, stored, waiting, behind, {name: taken(pid) for name, pid in pids.items()})


def _one(connection: Connection, query: LiteralString) -> int:
    return int(scalar(connection, query))


def told(name: str, seconds: list[float]) -> str:
    """Delays in words."""
    if not seconds:
        return f"{name}: never seen"
    p50, p95, most = np.percentile(seconds, (50, 95, 100))
    return f"{name}: p50 {p50:.1f} s, p95 {p95:.1f} s, at most {most:.1f} s ({len(seconds):,} seen)"


def memory_told(samples: list[Sample], name: str) -> str:
    """The peak of the first and of the last quarter, and of all."""
    resident = [one.of[name].memory_mb for one in samples]
    quarter = max(1, len(resident) // 4)
    return (f"at most {max(resident[:quarter]):,.0f} MB in the first quarter, {max(resident[-quarter:]):,.0f} MB in "
            f"the last, peak {max(resident):,.0f} MB")  # fmt: skip

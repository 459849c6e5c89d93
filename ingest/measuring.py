"""What a connection's commits add to the metrics."""

from __future__ import annotations

import asyncio

from ingest.gathering import Gathered
from journey.metrics import IngestMetrics
from storage.commit import Committed


class Meter:
    """The metrics of one connection."""

    def __init__(self, name: str, metrics: IngestMetrics) -> None:
        self._name, self._metrics = name, metrics
        self._newest: dict[str, int] = {}

    def committed(self, gathered: Gathered, done: Committed, seconds: float) -> None:
        """Count a transaction. Args: seconds: what it took. Call it in the event loop."""
        name, metrics = self._name, self._metrics
        metrics.messages.labels(name).inc(len(gathered.messages))
        metrics.commit_seconds.labels(name).observe(seconds)
        metrics.batch_records.labels(name).observe(gathered.records)
        if gathered.began is not None:
            metrics.batch_seconds.labels(name).observe(asyncio.get_running_loop().time() - gathered.began)
        for entry in done.entries:
            operator = entry.account.operator
            fates = (("stored", entry.stored), ("duplicate", entry.duplicates), ("rejected", entry.rejected))
            metrics.received.labels(name, operator).inc(entry.received)
            for fate, count in fates:
                metrics.records.labels(name, operator, fate).inc(count)
            metrics.conflicts.labels(name, operator).inc(entry.conflicts)
            metrics.flagged.labels(name, operator).inc(entry.flagged)
            if entry.newest_fix is not None:
                self._newest[operator] = max(entry.newest_fix, self._newest.get(operator, 0))
                metrics.newest_fix.labels(name, operator).set(self._newest[operator])
        for (sender, reason), count in done.rejected.items():
            metrics.rejected.labels(name, sender, reason).inc(count)

"""What the processes tell of the store and the machine in their metrics, beside what they count of their own work."""

from __future__ import annotations

import shutil
import time
from bisect import bisect_left
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from cryptography import x509
from prometheus_client import CollectorRegistry, ProcessCollector

from cli.stations.gauges import tell_stations
from journey.localtime import DAY_S, day_of, name_week, week_of, week_start
from journey.metrics import CheckMetrics, MachineMetrics
from journey.settings import Settings
from storage.database import Connection, transaction
from storage.proofs import Proof, last_proofs
from storage.upkeep.standing import Queue, failing_jobs, queue, undelivered, unpublished

_SLOWLY_S = 60.0


class QueueAge:
    """How long the window that waits longest has waited, as far as it was seen.

    Windows carry the number of their last touch, not its time; numbers rise. What waits at a look was touched by then.
    """

    def __init__(self) -> None:
        self._numbers: list[int] = []  # the highest number at each look at which it had risen
        self._times: list[float] = []
        self._since: float | None = None

    def look(self, standing: Queue, now: float) -> None:
        """Args: now: of a clock that only rises, s."""
        if standing.oldest is None or standing.newest is None:
            self._since = None
            self._numbers.clear()
            self._times.clear()
            return
        if not self._numbers or standing.newest > self._numbers[-1]:
            self._numbers.append(standing.newest)
            self._times.append(now)
        first = bisect_left(self._numbers, standing.oldest)
        del self._numbers[:first], self._times[:first]
        self._since = self._times[0]

    def seconds(self, now: float) -> float:
        """It goes on rising while nobody can look."""
        return 0.0 if self._since is None else now - self._since


class StoreWatch:
    """Looks at the store for a check that follows. Its age of the queue rises by itself between two looks."""

    def __init__(self, metrics: CheckMetrics, grace_days: int) -> None:
        self._metrics, self._grace_days, self._age = metrics, grace_days, QueueAge()
        self._proof_told: Proof | None = None
        self._slowly_from = 0.0  # when stations and the schedule are looked at again
        metrics.oldest_waiting.set_function(lambda: self._age.seconds(time.monotonic()))

    def look(self, connection: Connection) -> None:
        with transaction(connection):
            standing = queue(connection)
            overdue_s = list_overdue_s(connection, int(time.time()), self._grace_days)
            proofs = last_proofs(connection, 1, conclusive=True)
            if time.monotonic() >= self._slowly_from:
                tell_stations(connection, self._metrics, int(time.time()))
                self._tell_schedule(connection, time.time())
                self._slowly_from = time.monotonic() + _SLOWLY_S
        self._age.look(standing, time.monotonic())
        self._metrics.waiting.set(standing.windows)
        self._metrics.list_overdue.set(overdue_s)
        if proofs:
            self._tell(proofs[0])

    def _tell_schedule(self, connection: Connection, now: float) -> None:
        for job, since in failing_jobs(connection).items():
            self._metrics.job_failing.labels(job).set(0 if since is None else now - since)
        for recipient, since in undelivered(connection).items():
            self._metrics.undelivered.labels(recipient).set(0 if since is None else now - since)

    def _tell(self, proof: Proof) -> None:
        self._metrics.proof_ended.set(proof.ended_at)
        if proof == self._proof_told:
            return
        self._metrics.proof_findings.clear()  # of rules that there were
        for rule, counts in proof.rules.items():
            for what, number in (("planted", counts.planted), ("missing", counts.planted - counts.found),
                                 ("extra", counts.extra)):  # fmt: skip
                self._metrics.proof_findings.labels(rule, what).set(number)
        self._proof_told = proof


def list_overdue_s(connection: Connection, now: int, grace_days: int) -> int:
    """Since when the list of the latest closed week could have been published and was not, s; 0: nothing is overdue."""
    end = week_start(week_of(now - grace_days * DAY_S))
    start = end - 7 * DAY_S
    if not unpublished(connection, name_week(start), day_of(start), day_of(end)):
        return 0
    return now - (end + grace_days * DAY_S)


def watch_machine(registry: CollectorRegistry, settings: Settings, certificates: Iterable[Path] = ()) -> None:
    """Tell of memory, of the disks that the settings name, and of certificates, each as it is when it is asked for."""
    ProcessCollector(registry=registry)
    metrics = MachineMetrics(registry)
    embedded = () if settings.database_url is not None else (settings.data_folder,)
    for folder in (*embedded, *(() if settings.disk_folder is None else (settings.disk_folder,))):
        metrics.disk_free.labels(str(folder)).set_function(partial(_bytes, folder, "free"))
        metrics.disk.labels(str(folder)).set_function(partial(_bytes, folder, "total"))
    if settings.backup_folder is not None:
        metrics.backup_made.labels(str(settings.backup_folder)).set_function(
            partial(backup_made, settings.backup_folder)
        )
    for file in sorted(set(certificates)):
        metrics.certificate_end.labels(str(file)).set_function(partial(end_or_zero, file))


def _bytes(folder: Path, what: str) -> float:
    return float(getattr(shutil.disk_usage(folder), what))


def backup_made(folder: Path) -> float:
    """When the newest backup of a folder was made that has its account beside it, Unix s; 0: there is none."""
    try:
        accounts = [path for path in folder.glob("*.dump.json") if path.with_suffix("").is_file()]
        return max((path.stat().st_mtime for path in accounts), default=0.0)
    except OSError:
        return 0.0


def certificate_end(file: Path) -> float:
    """When the first certificate of a PEM file to end ends, Unix s. Raises OSError, ValueError where there is none."""
    return min(one.not_valid_after_utc.timestamp() for one in x509.load_pem_x509_certificates(file.read_bytes()))


def end_or_zero(file: Path) -> float:
    try:
        return certificate_end(file)
    except (OSError, ValueError):
        return 0.0

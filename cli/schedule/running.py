"""Running what is due: one scheduler at a time, what it did on record, a stop between two jobs."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from psycopg.errors import InsufficientPrivilege

from cli.delivery.running import deliver
from cli.delivery.settings import Delivery
from cli.logs import without_rows
from cli.reference import InputError
from cli.schedule.jobs import run
from cli.schedule.plan import Slot, due
from cli.schedule.settings import Schedule
from journey.settings import Settings
from rules.law import Law
from storage.database import Connection, connect, transaction
from storage.errors import MigrationRefused, PublishedDamaged, PublishedMeanwhile, StoreBusy, StoreUnavailable
from storage.jobs import DONE, FAILED, add_run, last_runs
from storage.migrate import require_fit
from storage.server.locks import SCHEDULE, held

_LOOK_S = 15.0
log = logging.getLogger(__name__)
type Stop = Callable[[], bool]
# What a job may meet outside itself; it is on record, and tried again. Anything else is a fault of this program.
_OUTSIDE = (InputError, MigrationRefused, PublishedDamaged, PublishedMeanwhile, StoreBusy, InsufficientPrivilege)


@dataclass(slots=True)
class Pass:
    """What came of one look. busy: another scheduler is at work, and nothing was done here."""

    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    busy: bool = False


def run_due(url: str, law: Law, settings: Settings, schedule: Schedule, stop: Stop = lambda: False) -> Pass:
    """Run what is due, until `stop`, which is asked between two jobs.

    Raises StoreUnavailable, and MigrationRefused where the schema is no longer the one that this program knows.
    """
    passed = Pass()
    with held(url, SCHEDULE) as lock:
        if lock is None:
            passed.busy = True
            return passed
        with connect(url, "hanhtrinh schedule") as connection:
            _require_fit(connection)
            for slot in _due(connection, settings, schedule):
                if stop():
                    break
                lock.require()
                _require_fit(connection)
                _run(url, connection, law, settings, schedule, slot, passed, stop)
    return passed


def _require_fit(connection: Connection) -> None:
    with transaction(connection):
        require_fit(connection)


def _run(
    url: str, connection: Connection, law: Law, settings: Settings, schedule: Schedule, slot: Slot, passed: Pass,
    stop: Stop,
) -> None:  # fmt: skip
    said, began_at = f"{slot.job} {slot.name}", time.time()
    try:
        detail = run(url, connection, law, settings, schedule, slot, stop)
    except (*_OUTSIDE, OSError) as error:
        reason = _of_system(error) if isinstance(error, OSError) else without_rows(str(error))
        connection.rollback()
        with transaction(connection):
            add_run(connection, slot.job, slot.name, FAILED, began_at, reason)
        passed.failed.append(f"{said}: {reason}")
        log.warning("%s: %s", said, reason)
        return
    with transaction(connection):
        add_run(connection, slot.job, slot.name, DONE, began_at, detail)
    passed.done.append(f"{said}: {detail}")
    log.info("%s: %s", said, detail)


def _of_system(error: OSError) -> str:
    """What the machine refused: most often a temporary folder that is full, or none that can be written to."""
    where = f"{error.filename}: " if error.filename else "a temporary file: "
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return f"{where}{error.strerror or error}" + ("; make room (docs/runbooks/disk.md)" if full else "")


def keep_running(
    url: str, law: Law, settings: Settings, schedule: Schedule, delivery: Delivery | None, stop: Stop,
    wait: Callable[[float], object],
) -> None:  # fmt: skip
    """Look for what is due, deliver, wait, until `stop`. An absent store is waited for."""
    every_s = schedule.deliver.every_s if schedule.deliver is not None else _LOOK_S
    delivered_at: float | None = None
    while not stop():
        try:
            run_due(url, law, settings, schedule, stop)
            if (
                delivery is not None
                and not stop()
                and (delivered_at is None or time.monotonic() - delivered_at >= every_s)
            ):
                deliver(url, delivery, stop=stop)
                delivered_at = time.monotonic()
        except StoreUnavailable as error:
            log.warning("the schedule waits for the store: %s", error)
        wait(min(_LOOK_S, every_s))


def _due(connection: Connection, settings: Settings, schedule: Schedule) -> list[Slot]:
    with transaction(connection):
        return due(schedule, settings.list_grace_days, time.time(), last_runs(connection))

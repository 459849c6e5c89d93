"""`hanhtrinh db keep`: what a store of years needs done each day."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cli.reference import InputError
from cli.root import law_of, opened, settings_of
from cli.store.backup import manifest_of
from journey.localtime import date_of, day_of, show
from journey.settings import Settings
from rules.law import Law
from storage.database import Connection, transaction
from storage.upkeep.backup import require_whole
from storage.upkeep.hours import refresh_all
from storage.upkeep.parts import make_parts
from storage.upkeep.retention import MARGIN_DAYS, closed_before, drop, droppable, horizon_of, placed

_AHEAD_DAYS = 60
_YEAR_DAYS = 366
_LAW = "retention.state_journeys"


def keep(
    context: typer.Context,
    dropping: Annotated[bool, typer.Option("--drop", help="remove fixes older than HANHTRINH_KEEP_DAYS")] = False,
    backup: Annotated[Path | None, typer.Option(help="with --drop: the backup that holds them")] = None,
) -> None:
    """Make partitions ahead, bring the hourly sums of dashboards up to date, and say what has outlived its term.

    Run it once a day as the owner of the tables; again is nothing. Where there is TimescaleDB it makes and compresses
    chunks by itself.

    Nothing is removed without --drop and a backup (`hanhtrinh db backup`), which is read and compared with its manifest
    first. Findings, activities, day sums, lists and weighings stay; weighings placed on tracks (`station join`) are
    journeys, and go with the fixes. Days of which the fixes go, and some before which
    they lie, are closed: what still arrives for them is stored, and judged no more. To look at such a day again,
    restore the backup into a new data folder.

    Example: hanhtrinh db keep --drop --backup /backup/hanhtrinh-2026-11-25.dump
    """
    settings = settings_of(context)
    law = law_of(settings)
    if dropping and (backup is None or settings.keep_days is None):
        raise InputError("--drop needs HANHTRINH_KEEP_DAYS, the age from which fixes go, and --backup FILE, which "
                         "holds them")  # fmt: skip
    days = None if settings.keep_days is None else _lawful(settings, law)
    now = int(time.time())
    with opened(settings) as connection:
        if not keep_up(connection, now, lambda name: print(f"{name}: made")):
            print("partitions: none is missing")
        if days is None:
            print("term: none is set (HANHTRINH_KEEP_DAYS); every fix is kept")
        elif dropping and backup is not None:
            _drop(connection, horizon_of(now, days), backup)
        else:
            _tell(connection, horizon_of(now, days), days)


def keep_up(connection: Connection, now: int, told: Callable[[str], object]) -> int:
    """Partitions ahead, and the hourly sums of dashboards; again is nothing. Returns how many partitions were made.

    Args: now: s UTC. told: hears of each partition.
    """
    today = day_of(now)
    made = make_parts(connection, today - 7, today + _AHEAD_DAYS, told)
    refresh_all(connection, now)
    return made


def _lawful(settings: Settings, law: Law) -> int:
    """The days that the settings keep fixes. Raises InputError where the law asks for more."""
    (*_, dated) = law.dated(_LAW)
    years = int(dated.value["searchable"])
    days = settings.keep_days or 0
    if days < years * _YEAR_DAYS:
        raise InputError(f"HANHTRINH_KEEP_DAYS is {days}: {dated.citation} has them searchable for {years} year, so at "
                         f"least {years * _YEAR_DAYS} days")  # fmt: skip
    return days


def _tell(connection: Connection, horizon: int, days: int) -> None:
    with transaction(connection):
        old, closed = droppable(connection, horizon), closed_before(connection)
        weighings = sum(rows for table, _, rows in placed(connection, horizon) if table == "weighing_place")
    print(f"term: {days} days, fixes before {show(horizon)}; {len(old)} parts have outlived it"
          + ("; --drop removes them" if old else ""))  # fmt: skip
    if weighings:
        print(f"weighings on tracks: {weighings} of days before it have outlived it too; the weighings themselves stay")
    if closed > 0:
        print(f"closed: days before {date_of(closed)}; what arrives for them is stored and not judged")


def _drop(connection: Connection, horizon: int, backup: Path) -> None:
    manifest = manifest_of(backup)
    with transaction(connection):
        old = [*droppable(connection, horizon), *placed(connection, horizon)]
    if not old:
        print(f"no part of the fixes and no placed weighing lies wholly before {show(horizon)}: nothing is dropped")
        return
    require_whole(backup, manifest)
    for table, part, rows in drop(connection, horizon, backup.name, manifest):
        print(f"{table} from {show(part.start)} to {show(part.end)}: {rows} rows dropped, {backup.name} holds them")
    print(f"closed: days before {date_of(day_of(horizon) + MARGIN_DAYS)}")

"""`hanhtrinh import` and `hanhtrinh replay`: reference data and recorded files into the store."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from cli.reference import InputError, read_folder
from cli.root import law_of, opened, settings_of
from cli.visible import visible
from ingest.admission import admit, prepare
from ingest.gathering import Gathered
from ingest.pipeline import Intake, Limits, Totals, Watch
from ingest.protocols import PROTOCOLS
from ingest.sources.replay import BLOCK, Replay, open_replay, protocol_of
from journey.settings import Settings
from rules.law import Law
from storage.commit import Committed, commit_batch, source_offset
from storage.database import Connection, transaction
from storage.registry import RegistryChanges, load_registry, save_registry
from storage.rejections import list_rejections
from storage.tracks import Counts, counts
from storage.windows import waiting

_SHOWN = 5
_RECORD_BYTES = 80  # of a short record: a block of a file holds about one batch
_VEHICLES_SHOWN = 40
console = Console(stderr=True)


def import_reference(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="folder with registry.json and, where there are, stations.json, "
                                                "permits.json, roads.geojson")],
    replace: Annotated[bool, typer.Option(help="remove what the folder does not name")] = False,
) -> None:  # fmt: skip
    """Take registry, stations, permits and roads into the store. Again with the same files: nothing changes.

    Findings that rest on what changed are judged anew at the next check.

    Example: hanhtrinh import registry-2026-11/
    """
    with opened(settings_of(context)) as connection:
        changes = store_reference(connection, folder, replace)
    rows = ", ".join(f"{count} {name} rows" for name, count in changes.rows.items() if count)
    parts = [part for part in (rows, "the box" if changes.box else "") if part]
    _say(f"{folder}: {' and '.join(parts) or 'nothing'} changed; {changes.touched} vehicle-days to judge anew")


def store_reference(connection: Connection, folder: Path, replace: bool = False) -> RegistryChanges:
    return save_registry(connection, read_folder(folder), replace)


def replay(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="recorded files")],
    form: Annotated[str, typer.Option("--format", help=f"format of the files: {', '.join(PROTOCOLS)}; by default "
                                                        "by name (.csv, .ndjson, .ufms)")] = "",
) -> None:  # fmt: skip
    """Take recorded files through the same path as live data: decode, flag, commit.

    Resumable: stopped at any moment and started again, it goes on behind the last commit; a file that is stored
    already is left alone.

    Example: hanhtrinh replay recorded/*.csv
    """
    settings = settings_of(context)
    with opened(settings) as connection:
        replay_files(connection, settings, law_of(settings), files, form)
        print_counts(connection)


def replay_files(
    connection: Connection, settings: Settings, law: Law, files: Sequence[Path], form: str = "", quiet: bool = False
) -> Totals:
    """Replay files one after another, with a progress bar; reports rejected records by name. quiet: says nothing."""
    with transaction(connection):
        admission = prepare(load_registry(connection), law)

    def settle(gathered: Gathered) -> Committed:
        return commit_batch(connection, admit(gathered, admission))

    total = Totals()
    for path in files:
        source = _open(connection, path, form, min(BLOCK, settings.batch_fixes * _RECORD_BYTES))
        if source.start >= source.size:
            if not quiet:
                _say(f"{path}: stored already, nothing to do")
            continue
        with _progress(quiet) as progress:
            task = progress.add_task(path.name, total=source.size, completed=source.start, fixes=0, rate=0)

            taken = 0

            def show(gathered: Gathered, committed: Committed, seconds: float) -> None:
                nonlocal taken
                taken += committed.fixes
                elapsed = progress.tasks[task].elapsed or 1e-9  # noqa: B023 - used within this turn
                position = gathered.positions()[0].end
                progress.update(task, completed=position, fixes=taken, rate=round(taken / elapsed))  # noqa: B023

            limits = Limits(records=settings.batch_fixes, age_s=inf)
            intake = Intake(source, source.decode, settle, limits, Watch(committed=show))
            done = asyncio.run(intake.run())
        total.join(done)
        if not quiet:
            _report(connection, source, done)
    return total


def print_counts(connection: Connection) -> None:
    """Fixes, duplicates, conflicts and flags of what is stored."""
    with transaction(connection):
        rows, left = counts(connection), waiting(connection)
    table = Table(title="stored", title_justify="left")
    table.add_column("vehicle")
    for name in ("fixes", "duplicates", "conflicts"):
        table.add_column(name, justify="right")
    table.add_column("flags")
    for row in rows[:_VEHICLES_SHOWN]:
        table.add_row(
            escape(visible(row.plate[:24])), str(row.fixes), str(row.duplicates), str(row.conflicts), _flags([row])
        )
    if len(rows) > 1:
        sums = (str(sum(getattr(row, name) for row in rows)) for name in ("fixes", "duplicates", "conflicts"))
        table.add_section()
        table.add_row(f"all {len(rows)}", *sums, _flags(rows))
    Console().print(table)
    if left:
        _say(f"{left} vehicle-days wait for `hanhtrinh check`: their jump and frozen flags are not counted yet")


def _flags(rows: Sequence[Counts]) -> str:
    total = Counter[str]()
    for row in rows:
        total.update(row.flags)
    return ", ".join(f"{name} {number}" for name, number in sorted(total.items()))


def show_counts(context: typer.Context) -> None:
    """Print fixes, duplicates, conflicts and flags of what is stored, by vehicle.

    Example: hanhtrinh counts
    """
    with opened(settings_of(context)) as connection:
        print_counts(connection)


def _open(connection: Connection, path: Path, form: str, block: int) -> Replay:
    protocol = form or protocol_of(path)
    if protocol is None:
        raise InputError(f"{path}: its name does not say its format; name it: --format {'|'.join(PROTOCOLS)}")
    if protocol not in PROTOCOLS:
        raise InputError(f"--format {protocol}: no such format; there are {', '.join(PROTOCOLS)}")

    def committed(source: str) -> int | None:
        with transaction(connection):
            return source_offset(connection, source)

    try:
        return open_replay(path, protocol, committed, block)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _progress(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[fixes]} fixes, {task.fields[rate]}/s"),
        TimeRemainingColumn(),
        console=console,
        disable=quiet,
    )


def _report(connection: Connection, source: Replay, done: Totals) -> None:
    _say(
        f"{source.path}: {done.fixes} fixes ({done.inserted} new, {done.duplicates} duplicates), "
        f"{done.weighings} weighings, {done.rejections} rejected"
    )
    if done.rejections:
        with transaction(connection):
            kept = list_rejections(connection, _SHOWN, source=source.name)
        for one in reversed(kept):
            _say(f"  rejected: {one.rejection.where}: {one.rejection.detail}")
        if done.rejections > len(kept):
            _say(f"  and {done.rejections - len(kept)} more; all bytes are kept with their reasons")


def _say(text: str) -> None:
    """A line as it is: names of files may hold anything, and are not broken over lines."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)

"""`hanhtrinh schedule`: what comes by the calendar is run, once each, and what was missed is caught up."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.delivery.running import deliver
from cli.delivery.settings import read_delivery
from cli.logs import begin_logging
from cli.root import law_of, opened, settings_of
from cli.schedule.plan import open_slots
from cli.schedule.running import keep_running, run_due
from cli.schedule.settings import EXAMPLE, read_schedule
from journey.localtime import show as show_time
from storage.database import open_store, transaction
from storage.jobs import last_runs

app = typer.Typer(name="schedule", help="Run lists, amendments, proposals, upkeep and delivery by the calendar.",
                  no_args_is_help=True)  # fmt: skip
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
File = Annotated[Path, typer.Option("--settings", help="TOML file that says what is run when")]


@app.command()
def run(
    context: typer.Context,
    file: File = Path("schedule.toml"),
    once: Annotated[
        bool, typer.Option("--once", help="run what is due, then end: exit 1 where something failed")
    ] = False,
    example: Annotated[bool, typer.Option("--example", help="print a commented settings file and end")] = False,
) -> None:
    """Run what is due by the calendar: weekly lists, amendments, monthly proposals, upkeep, delivery.

    Without --once it goes on until SIGTERM or Ctrl-C; a job under way is finished. Several may run: each job is done
    once. What was missed is caught up. `hanhtrinh check --follow` has to run beside it, or check before it.

    Example: hanhtrinh schedule run --example > schedule.toml; hanhtrinh schedule run
    """
    if example:
        print(EXAMPLE.read_text(encoding="utf-8"), end="")
        return
    schedule, settings = read_schedule(file), settings_of(context)
    delivery = None if schedule.deliver is None else read_delivery(schedule.deliver.settings)
    law = law_of(settings)
    begin_logging(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        if threading.current_thread() is threading.main_thread():
            signal.signal(number, lambda *_: stop.set())
    with open_store(settings) as url:
        with opened(settings):  # the schema is brought up to date
            pass
        if not once:
            keep_running(url, law, settings, schedule, delivery, stop.is_set, stop.wait)
            return
        passed = run_due(url, law, settings, schedule, stop.is_set)
        done, failed = list(passed.done), list(passed.failed)
        if delivery is not None and not stop.is_set():
            sent = deliver(url, delivery, stop=stop.is_set)
            done, failed = done + sent.delivered, failed + sent.failed
    if passed.busy:
        console.print("another scheduler is at work: nothing was run here")
    for said in done:
        print(said)
    for said in failed:
        console.print(f"failed: {said}")
    if failed:
        sys.exit(1)


@app.command()
def show(context: typer.Context, file: File = Path("schedule.toml")) -> None:
    """Print what was run, and what has fallen due and is not done; one a line.

    Example: hanhtrinh schedule show
    """
    schedule, settings = read_schedule(file), settings_of(context)
    with opened(settings) as connection, transaction(connection):
        runs = last_runs(connection)
    for one in sorted(runs.values(), key=lambda each: each.ended_at):
        print(one.job, one.slot, one.outcome, show_time(one.ended_at), one.detail, sep="\t")
    for slot in open_slots(schedule, settings.list_grace_days, time.time(), runs):
        print(slot.job, slot.name, "open", f"from {show_time(int(slot.tried))}", sep="\t")

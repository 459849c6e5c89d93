"""`hanhtrinh prove`: a fleet of known answers through this installation; planted = found, extra = 0, by rule."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.proof.running import WAIT_S, prove
from cli.root import law_of, opened, settings_of
from cli.tables import print_table
from journey.localtime import show
from storage.database import open_store, transaction
from storage.proofs import OUTAGE, PASSED, Proof, last_proofs
from storage.proofstore import make_proof_store, proof_exists

app = typer.Typer(name="prove", help="Prove this installation on a fleet whose findings are known.",
                  no_args_is_help=True)  # fmt: skip
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
_OUTAGE_EXIT = 3
_SHOWN = (
    "rule",
    "grade",
    "vehicle",
    "driver",
    "band",
    "at",
    "at_from",
    "at_to",
    "why",
)  # of a difference, in this order


@app.command()
def setup(context: typer.Context) -> None:
    """Make the proof's own database beside the store (its name and `_proof`), or bring it up to date.

    Needs the right to make databases; `prove run` does the same at its start. Give the ingest a connection with
    `proof = true` (docs/schedule.md), and the daily run a table [prove] in the schedule.

    Example: hanhtrinh prove setup
    """
    settings = settings_of(context)
    with open_store(settings) as url:
        with opened(settings):
            pass
        make_proof_store(url, rights=True)
    print("the proof's database is there and up to date")


@app.command()
def run(
    context: typer.Context,
    address: Annotated[str | None, typer.Option("--to", help="HTTP connection of the running ingest with proof = true, "
                                                             "such as http://127.0.0.1:8090; absent: the records "
                                                             "go in as recorded files")] = None,
    judge: Annotated[bool, typer.Option("--judge", help="judge here, where no `check --follow` runs")] = False,
    wait: Annotated[float, typer.Option(min=0.1, help="minutes that storing and judging may take")] = WAIT_S / 60,
) -> None:  # fmt: skip
    """Send a synthetic fleet with planted findings the real way in, wait until it is judged, and compare.

    Its operator SELF-PROOF, vehicles, drivers, stations and roads stand in a database of their own, so that nothing of
    it can be listed, counted or found; the result is kept in the store. Exit 1: something else was found than planted;
    3: something is missing because of an outage of ours, which is told.

    Example: hanhtrinh prove run --to http://127.0.0.1:8090
    """
    settings = settings_of(context)
    law = law_of(settings)
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    with open_store(settings) as url:
        with opened(settings):
            pass
        one = prove(url, law, settings, address, judge=judge, wait_s=wait * 60, say=console.print, stop=stop.is_set)
    _print(one)
    if one.outcome != PASSED:
        sys.exit(_OUTAGE_EXIT if one.outcome == OUTAGE else 1)


@app.command()
def status(
    context: typer.Context,
    wait: Annotated[float, typer.Option(min=0, help="wait so many minutes for one that ends from now on")] = 0.0,
) -> None:
    """Print the last self-proof by rule. Exit 1: it failed, or there was none; 3: an outage kept it from passing.

    Example: hanhtrinh prove status --wait 30
    """
    began, until = time.time(), time.monotonic() + wait * 60
    with opened(settings_of(context)) as connection:
        while True:
            with transaction(connection):
                last = last_proofs(connection, 1)
            if not wait or (last and last[0].ended_at >= int(began)) or time.monotonic() > until:
                break
            time.sleep(1)
        there = proof_exists(connection)
    if not last or (wait and last[0].ended_at < int(began)):
        console.print(
            "no self-proof has ended" + ("" if there else ": `hanhtrinh prove setup`, then `hanhtrinh prove run`")
        )
        sys.exit(1)
    _print(last[0])
    if last[0].outcome != PASSED:
        sys.exit(_OUTAGE_EXIT if last[0].outcome == OUTAGE else 1)


def _print(one: Proof) -> None:
    table = Table("rule", "planted", "found", "extra")
    for rule, counts in one.rules.items():
        table.add_row(rule, *map(str, counts))
    table.add_row("all", *map(str, one.all))
    print_table(table)
    for each in one.differences[:20]:
        print(f"{each['what']}: " + ", ".join(f"{name} {each[name]}" for name in _SHOWN if name in each))
    times = [f"{word} after {seconds:.0f} s" for word, seconds in (("stored", one.stored_s), ("judged", one.judged_s))
             if seconds is not None]  # fmt: skip
    print(f"{show(one.ended_at)}: {one.outcome}: {one.detail}" + (f" ({', '.join(times)})" if times else ""))

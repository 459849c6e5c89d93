"""`hanhtrinh list deliver` and `list deliveries`: lists, and papers of months, go out once, and that is on record."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.delivery.parcel import outgoing
from cli.delivery.running import Round, deliver, described, open_deliveries
from cli.delivery.settings import EXAMPLE, Delivery, read_delivery
from cli.logs import begin_logging
from cli.root import opened, settings_of
from journey.localtime import show
from storage.database import open_store, transaction
from storage.errors import StoreUnavailable
from storage.lists.deliveries import DELIVERED, stands

_LOOK_S = 15.0
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
log = logging.getLogger(__name__)
File = Annotated[Path, typer.Option("--settings", help="TOML file that names the recipients")]


def list_deliver(
    context: typer.Context,
    file: File = Path("delivery.toml"),
    once: Annotated[
        bool, typer.Option("--once", help="try what is due, then end: exit 1 where something failed")
    ] = False,
    now: Annotated[bool, typer.Option("--now", help="with --once: try what waits after a failure too")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what is not delivered, and send nothing")] = False,
    example: Annotated[bool, typer.Option("--example", help="print a commented settings file and end")] = False,
) -> None:
    """Deliver lists, amendments, papers of months: to folders, over SFTP, by e-mail, over HTTP; each recipient once.

    A failure is on record and tried again, at growing intervals, without end. Without --once it goes on until SIGTERM
    or Ctrl-C; an attempt under way is finished.

    Example: hanhtrinh list deliver --example > delivery.toml; hanhtrinh list deliver --once
    """
    if example:
        print(EXAMPLE.read_text(encoding="utf-8"), end="")
        return
    delivery = read_delivery(file)
    settings = settings_of(context)
    if dry_run:
        with opened(settings) as connection, transaction(connection):
            for due in open_deliveries(connection, delivery):
                print(
                    due.one.title,
                    due.one.stem,
                    due.recipient.name,
                    due.recipient.channel,
                    *described(due, _clock),
                    sep="\t",
                )
        return
    begin_logging(settings)
    with open_store(settings) as url:
        with opened(settings):  # the schema is brought up to date
            pass
        if once:
            _tell(deliver(url, delivery, now))
        else:
            _keep_delivering(url, delivery)


def list_deliveries(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Option("--settings", help="TOML file of recipients: names what is open too")
    ] = None,
) -> None:
    """Print the log of delivery, one line for each list and recipient: when, the receipt, or why it failed.

    Example: hanhtrinh list deliveries --settings delivery.toml
    """
    delivery = None if file is None else read_delivery(file)
    with opened(settings_of(context)) as connection, transaction(connection):
        known = stands(connection)
        tried = [(one, recipient, stand) for one in outgoing(connection) for (of, recipient), stand in known.items()
                 if of == one.of]  # fmt: skip
        for one, recipient, stand in tried:
            if stand.step == DELIVERED or delivery is None:
                print(one.title, one.stem, recipient, stand.sending.channel, stand.step,
                      show(stand.at), f"attempt {stand.attempt}", stand.detail, sep="\t")  # fmt: skip
        for due in [] if delivery is None else open_deliveries(connection, delivery):
            print(
                due.one.title,
                due.one.stem,
                due.recipient.name,
                due.recipient.channel,
                "open",
                *described(due, _clock),
                sep="\t",
            )


def _tell(done: Round) -> None:
    if done.busy:
        console.print("another process delivers now: nothing was done here")
    for said in done.delivered:
        print(said)
    for said in done.failed:
        console.print(f"not delivered: {said}")
    if done.waiting:
        console.print(f"{done.waiting} deliveries wait for their next attempt; --now tries them at once")
    if done.failed or done.waiting:
        sys.exit(1)


def _keep_delivering(url: str, delivery: Delivery) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            deliver(url, delivery, stop=stop.is_set)
        except StoreUnavailable as error:
            log.warning("delivery waits for the store: %s", error)
        stop.wait(_LOOK_S)


def _clock(at: float) -> str:
    return show(int(at))

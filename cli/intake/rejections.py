"""`hanhtrinh rejections`: what could not be taken in: looked at, driven in again, removed when it is old."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.reference import InputError
from cli.root import law_of, opened, settings_of
from cli.secretfile import write_secret
from cli.tables import print_table
from cli.visible import show_bytes, visible
from ingest.admission import prepare
from ingest.protocols import PROTOCOLS
from ingest.redriving import redrive as drive_in
from journey.localtime import DAY_S, midnight, show
from journey.model import Reason
from rules.law import Law
from storage.database import Connection, transaction
from storage.registry import load_registry
from storage.rejections import (
    REJECTED_AGAIN,
    KeptRejection,
    Selection,
    find_rejection,
    latest_rejection,
    list_rejections,
    open_ids,
    outcomes,
)
from storage.rejections import prune as remove

_AT_ONCE = 500  # of one transaction
_DETAIL_CHARS = 120
_YEAR_DAYS = 366
_LAW = "retention.service_server"

app = typer.Typer(name="rejections", help="What could not be taken in, with its bytes and the reason.",
                  no_args_is_help=True)  # fmt: skip
ConnectionName = Annotated[str | None, typer.Option("--connection", help="of this connection, or recorded file")]
Sender = Annotated[str | None, typer.Option(help="of this sender")]
Why = Annotated[Reason | None, typer.Option(help="with this reason")]
Since = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="that arrived on this local day or later")]


@app.command("list")
def list_kept(
    context: typer.Context,
    source: ConnectionName = None,
    sender: Sender = None,
    reason: Why = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="most rows")] = 50,
) -> None:
    """Print rejections, the latest first. The same bytes for the same reason are one row, with a count.

    Example: hanhtrinh rejections list --connection north --reason not_theirs --since 2026-11-23
    """
    with opened(settings_of(context)) as connection:
        kept = list_rejections(connection, limit, source, reason, sender=sender, since=_time(since))
    table = Table("id", "first seen", "last seen", "count", "source", "sender", "reason", "place", "detail", "bytes",
                  "redriven")  # fmt: skip
    for one in kept:
        told = one.rejection
        table.add_row(
            str(one.id), show(one.first_seen), show(one.last_seen), str(one.seen), visible(told.source),
            visible(told.sender or ""), str(told.reason), visible(told.where), visible(told.detail)[:_DETAIL_CHARS],
            str(len(told.payload)), visible(one.outcome or "")[:_DETAIL_CHARS],
        )  # fmt: skip
    print_table(table)


@app.command("show")
def show_one(
    context: typer.Context,
    id_: Annotated[int, typer.Argument(metavar="ID", help="as `rejections list` prints it")],
    file: Annotated[Path | None, typer.Option("--bytes", help="write the bytes to this file (mode 600)")] = None,
) -> None:
    """Print all that is known of a rejection, and its bytes: as text where they are UTF-8, else as a dump.

    Example: hanhtrinh rejections show 17 --bytes 17.bin
    """
    with opened(settings_of(context)) as connection:
        kept = find_rejection(connection, id_)
    if kept is None:
        raise _unknown(id_)
    for name, value in _told(kept):
        print(f"{name:<12} {visible(value)}")
    if file is None:
        print(f"\n{show_bytes(kept.rejection.payload)}")
    else:
        write_secret(file, kept.rejection.payload)
        print(f"{'written to':<12} {file}")


@app.command()
def redrive(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="as `rejections list` prints them")] = None,
    source: ConnectionName = None,
    sender: Sender = None,
    reason: Why = None,
    since: Since = None,
    protocol: Annotated[str | None, typer.Option("--as", help="decode by this format instead of the one that was "
                                                               "expected")] = None,
) -> None:  # fmt: skip
    """Drive rejections in again: decode, admit by the registry as it is now, store, under their own sender.

    For what was mended since: a registry that lacked a sender or a vehicle, a connection with the wrong format, an
    update of this program. What was taken in before is left alone; what is rejected again is marked so and changes
    nothing. The books have a redrive as an arrival of its own, under `redrive:` and the connection. Run
    `hanhtrinh check` afterwards.

    Example: hanhtrinh rejections redrive --reason unknown_sender --sender NCC1
    """
    settings = settings_of(context)
    selection = Selection(source, sender, reason, _time(since))
    if bool(ids) == (selection != Selection()):
        raise InputError("name either ids, or what to choose them by: --connection, --sender, --reason, --since")
    if protocol is not None and protocol not in PROTOCOLS:
        raise InputError(f"--as {protocol}: no such format; there are {', '.join(PROTOCOLS)}")
    with opened(settings) as connection:
        done = _drive(connection, law_of(settings), sorted(set(ids or ())), selection, protocol)
    for text, count in sorted(done.items()):
        print(f"{count} {visible(text)}")
    if not done:
        print("nothing to drive in: no such rejection is open")


@app.command()
def prune(
    context: typer.Context,
    older_than: Annotated[int | None, typer.Option(metavar="DAYS", min=1, help="age; by default the setting "
                                                                               "HANHTRINH_REJECTION_DAYS")] = None,
) -> None:  # fmt: skip
    """Remove rejections that did not arrive (again) for so many days, bytes and all. By default they are kept for ever.

    A rejection can be recorder data that only could not be read: operators and their providers must keep that for at
    least 1 year, the traffic police for 1 year searchable and 3 years in backup (Circular 71/2024/TT-BCA, Art. 9(9),
    11(5), 12(4)). How much was removed, of whom and why it was rejected stays known, so that the books still add up.

    Example: hanhtrinh rejections prune --older-than 1100
    """
    settings = settings_of(context)
    days = older_than or settings.rejection_days
    if days is None:
        raise InputError("no age is set, so all are kept: name --older-than DAYS or set HANHTRINH_REJECTION_DAYS")
    now = time.time()
    required = law_of(settings).at(_LAW, int(now))
    if required is not None and days < required.value * _YEAR_DAYS:
        print(f"warning: recorder data must be kept for at least {required.value} year ({required.citation})",
              file=sys.stderr)  # fmt: skip
    with opened(settings) as connection:
        gone = remove(connection, int(now) - days * DAY_S, now)
    print(f"{gone.rejections} rejections ({gone.bytes} bytes) removed that did not arrive for {days} days")


def _drive(
    connection: Connection, law: Law, ids: list[int], selection: Selection, protocol: str | None
) -> Counter[str]:
    """Drive in again, a few hundred a transaction; how often what came of it. Says which ids were taken in before."""
    done = Counter[str]()
    with transaction(connection):
        known = outcomes(connection, ids)
        upto = latest_rejection(connection)  # what comes to be on the way is not driven in again at once
        admission = prepare(load_registry(connection), law)
    for id_ in ids:
        if id_ not in known:
            raise _unknown(id_)
        if (before := known[id_]) and not before.startswith(REJECTED_AGAIN):
            done[f"left alone: {before} before"] += 1
    after = 0
    while True:
        if ids:
            page, ids = ids[:_AT_ONCE], ids[_AT_ONCE:]
        else:
            with transaction(connection):
                page = [] if selection == Selection() else open_ids(connection, selection, after, upto, _AT_ONCE)
        if not page:
            return done
        after = page[-1]
        done.update(_short(text) for text in drive_in(connection, page, admission, protocol).values())


def _short(outcome: str) -> str:
    """An outcome without what is of one rejection only: "rejected again: not_theirs"."""
    return ":".join(outcome.split(":")[: 2 if outcome.startswith(REJECTED_AGAIN) else 1])


def _told(kept: KeptRejection) -> list[tuple[str, str]]:
    told = kept.rejection
    rows = [
        ("id", str(kept.id)),
        ("source", told.source),
        ("sender", "this system" if told.sender is None else told.sender),
        ("place", told.where),
        ("reason", str(told.reason)),
        ("detail", told.detail),
        ("format", told.protocol or "not known"),
        ("received", "not known" if told.received is None else show(told.received)),
        ("first seen", show(kept.first_seen)),
        ("last seen", show(kept.last_seen)),
        ("count", str(kept.seen)),
        ("bytes", str(len(told.payload))),
    ]
    if kept.redriven_at is not None:
        rows += [("redriven", show(kept.redriven_at)), ("outcome", kept.outcome or "")]
    return rows


def _unknown(id_: int) -> InputError:
    return InputError(f"there is no rejection {id_}; `hanhtrinh rejections list` prints those there are")


def _time(day: str | None) -> int | None:
    """The first instant of a local day, s UTC."""
    if day is None:
        return None
    try:
        return midnight(date.fromisoformat(day))
    except ValueError:
        raise InputError(f"--since {day!r} is no date; write it as YYYY-MM-DD") from None

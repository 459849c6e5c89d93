"""`hanhtrinh list`: publishing a week's list and its amendments, and verifying what was published."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api import verify as verifier
from cli.delivery.commands import list_deliver, list_deliveries
from cli.lists.amending import amend as amend_week
from cli.lists.amending import differences
from cli.lists.publishing import SNAPSHOT, terms_of, write_published
from cli.lists.publishing import publish as publish_week
from cli.lists.sealing import make_key
from cli.lists.stamping import NotStamped, stamp_published, verify_stamps
from cli.lists.weekly import bounds
from cli.outfile import write_whole
from cli.reference import InputError
from cli.root import law_of, opened, settings_of
from journey.localtime import show
from storage.database import Connection, transaction
from storage.lists.published import Published, every_published, published_of
from storage.windows import waiting

app = typer.Typer(
    name="list", help="Publish, amend, deliver and verify weekly enforcement lists.", no_args_is_help=True
)
app.command("deliver")(list_deliver)
app.command("deliveries")(list_deliveries)
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

Week = Annotated[str, typer.Option(help="ISO week, such as 2026-W12")]
Folder = Annotated[Path, typer.Option(help="where the files go; one folder for all lists")]
Anyway = Annotated[bool, typer.Option("--anyway", help="publish though records wait to be judged, or were judged by "
                                                       "another rulebook; the cover says so")]  # fmt: skip
Unsigned = Annotated[bool, typer.Option("--unsigned", help="publish without a signature, where there is no key")]
StampedBy = Annotated[str | None, typer.Option("--timestamp-url", help="time-stamping authority (RFC 3161) that is "
                                               "asked afterwards; HANHTRINH_TIMESTAMP_URL by default")]  # fmt: skip
MadeAt = Annotated[int | None, typer.Option(help="moment of publication, Unix seconds; now by default")]


@app.command()
def publish(
    context: typer.Context,
    week: Week,
    folder: Folder = Path("lists"),
    anyway: Anyway = False,
    unsigned: Unsigned = False,
    made_at: MadeAt = None,
    timestamp_url: StampedBy = None,
) -> None:
    """Publish the list of a week: numbered, sealed, and from then on never changed.

    A week is closed some days after its end (HANHTRINH_LIST_GRACE_DAYS, 5 by default), for late data. Published again,
    the list and its amendments are written as they went out, to the byte. What changes later becomes an amendment.

    Example: hanhtrinh list publish --week 2026-W12 --folder lists/
    """
    settings = settings_of(context)
    bounds(week)
    with opened(settings) as connection:
        with transaction(connection):
            known = published_of(connection, week)
        one, new = known[0] if known else None, False
        if one is None:
            terms = terms_of(settings, anyway, unsigned, made_at)
            one, new = publish_week(connection, law_of(settings), week, terms)
        with transaction(connection):
            every = published_of(connection, week)
        _stamp(connection, timestamp_url or settings.timestamp_url, every)
        _print(write_published(connection, folder, every))
        if new:
            console.print(f"published {_title(one)}")
            return
        with transaction(connection):
            connection.execute(SNAPSHOT)
            differ = len(differences(connection, every[-1], int(time.time())))
        said = f"{week} was published as {one.title} on {show(one.made_at)}: the same files were written again"
        console.print(f"{said}; nothing has changed since" if not differ else
                      f"{said}. {differ} findings differ by now: run `hanhtrinh list amend --week {week}`")  # fmt: skip


@app.command()
def amend(
    context: typer.Context,
    week: Week,
    folder: Folder = Path("lists"),
    anyway: Anyway = False,
    unsigned: Unsigned = False,
    made_at: MadeAt = None,
    timestamp_url: StampedBy = None,
) -> None:
    """Publish what differs by now from a week's published list: added, withdrawn, changed, each with the reason.

    The list itself and the amendments before stay as they are. Where nothing differs, nothing is published.

    Example: hanhtrinh list amend --week 2026-W12 --folder lists/
    """
    settings = settings_of(context)
    bounds(week)
    with opened(settings) as connection:
        one = amend_week(connection, law_of(settings), week, terms_of(settings, anyway, unsigned, made_at))
        if one is None:
            console.print(f"{week}: nothing differs from what was published; no amendment")
            return
        _stamp(connection, timestamp_url or settings.timestamp_url, [one])
        _print(write_published(connection, folder, [one]))
        console.print(f"published {_title(one)}")


@app.command()
def due(context: typer.Context) -> None:
    """Print the published weeks of which the store says something else by now, and how many findings differ.

    Example: hanhtrinh list due
    """
    with opened(settings_of(context)) as connection, transaction(connection):
        connection.execute(SNAPSHOT)
        left = waiting(connection)
        last = {one.week: one for one in every_published(connection)}
        for week, one in sorted(last.items()):
            found = [entry.change for entry in differences(connection, one, int(time.time()))]
            if found:
                counts = (f"{found.count(kind)} {kind}" for kind in ("added", "withdrawn", "changed"))
                print(week, ", ".join(counts), sep="\t")
    if left:
        console.print(f"{left} vehicle-days wait to be judged: more may differ after `hanhtrinh check`")


@app.command("show")
def show_published(context: typer.Context) -> None:
    """Print everything that was published, one a line: number, week, kind, moment, signed or not.

    Example: hanhtrinh list show
    """
    with opened(settings_of(context)) as connection, transaction(connection):
        for one in every_published(connection):
            kind = f"amendment {one.amendment}" if one.amendment else "list"
            print(one.title, one.week, kind, show(one.made_at), "signed" if one.signature else "unsigned", sep="\t")


@app.command()
def stamp(context: typer.Context, folder: Folder = Path("lists"), timestamp_url: StampedBy = None) -> None:
    """Have everything that was published stamped by a time-stamping authority, as far as it has no stamp yet.

    A stamp shows that a manifest existed at a time, by somebody other than the publisher. It lies beside the manifest.

    Example: hanhtrinh list stamp --timestamp-url https://tsa.example/tsr --folder lists/
    """
    settings = settings_of(context)
    url = timestamp_url or settings.timestamp_url
    if url is None:
        raise InputError("name an authority: --timestamp-url or HANHTRINH_TIMESTAMP_URL")
    with opened(settings) as connection:
        with transaction(connection):
            every = every_published(connection)
        stamped = stamp_published(connection, url, every)
        write_published(connection, folder, every)
    console.print(f"{len(stamped)} stamped by {url}; {len(every)} have a stamp")


@app.command()
def key(context: typer.Context) -> None:
    """Make the key that signs lists, in the file that HANHTRINH_LIST_KEY names; print the public key, to be announced.

    The private key stays in that file, which its owner alone may read; keep a copy where the store's backups are not.

    Example: hanhtrinh list key
    """
    path = settings_of(context).list_key
    if path is None:
        raise InputError("no file is named for the key: set HANHTRINH_LIST_KEY, such as /etc/hanhtrinh/list.key")
    public = make_key(path)
    write_whole(path.with_name(f"{path.name}.pub"), f"{public}\n".encode(), "HANHTRINH_LIST_KEY")
    print(public)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="where published lists lie")],
    keys: Annotated[list[str] | None, typer.Option("--key", help="the publisher's public key: 64 hexadecimal digits or "
                                                                 "a file that holds them; several after a change")]
    = None,
    timestamp_ca: Annotated[list[Path] | None, typer.Option(help="roots (PEM) of the time-stamping authorities: stamps "
                                                              "are verified against them")] = None,
) -> None:  # fmt: skip
    """Verify published lists: every byte, every signature, the chain. Exit 1 where something is wrong; each is named.

    Needs no store. The folder's verify.py does the same with nothing but Python.

    Example: hanhtrinh list verify lists/ --key list.key.pub
    """
    try:
        found = verifier.verify(folder, [verifier.read_key(one) for one in keys or ()])
        if timestamp_ca:
            verify_stamps(folder, timestamp_ca, found)
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InputError(str(error)) from None
    print(verifier.report(found))
    if found.faults:
        sys.exit(1)


def _stamp(connection: Connection, url: str | None, some: list[Published]) -> None:
    """What is published stays so where no stamp can be had; it can be had later."""
    if url is None:
        return
    try:
        stamp_published(connection, url, some)
    except NotStamped as error:
        console.print(f"warning: no time stamp: {error}; what was published stands: try `hanhtrinh list stamp` later")


def _title(one: Published) -> str:
    kind = f"amendment {one.amendment}" if one.amendment else "list"
    return f"{one.title} ({kind} of {one.week})"


def _print(paths: list[Path]) -> None:
    for path in paths:
        print(path)

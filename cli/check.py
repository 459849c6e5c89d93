"""`hanhtrinh check`: stored records to findings."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli.checking import Checked
from cli.checking import check as judge
from cli.comparison import compare_week, read_question
from cli.following import follow
from cli.reference import InputError
from cli.root import LOG_FORMAT, code_version, law_of, opened, settings_of
from ingest.configuration import Monitor
from journey.settings import Settings
from rules.law import Law
from storage.database import Connection, open_store, transaction
from storage.windows import touch_again, waiting

console = Console(stderr=True)


def check(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="judge every stored vehicle-day anew: after a change of law, "
                                                     "method or code")] = False,
    follow_: Annotated[bool, typer.Option("--follow", help="go on judging what is touched, until told to stop; "
                                                           "/metrics, /health and /ready at --port")] = False,
    port: Annotated[int, typer.Option(help="with --follow: port on 127.0.0.1 for the monitor")] = 9109,
    every: Annotated[float, typer.Option(min=0.1, help="with --follow: seconds between two looks")] = 10.0,
    week: Annotated[str | None, typer.Option(help="compare instead: judge this ISO week (2026-W12) by another rulebook "
                                                  "and print what it changes; nothing is stored")] = None,
    law_at: Annotated[str | None, typer.Option(help="with --week: the law as it stood on a date, YYYY-MM-DD")] = None,
    method: Annotated[str | None, typer.Option(help="with --week: a method file, by name in rules/law or by a path "
                                                    "ending in .yaml")] = None,
    out: Annotated[Path | None, typer.Option(help="with --week: write all differences to a file, .csv or "
                                                  ".ndjson")] = None,
) -> None:  # fmt: skip
    """Judge every vehicle-day that new or changed records touched, and store the findings.

    Run it as often as you like, in several processes if need be: what has been judged is not judged again.

    With --week nothing is judged for the record: the week's stored records are judged by another rulebook, and the
    findings shown beside the stored ones.

    With --follow it goes on until SIGTERM or Ctrl-C, which let the round under way finish.

    Example: hanhtrinh check --week 2026-W12 --law-at 2024-12-31
    """
    settings = settings_of(context)
    if week is not None:
        if all_:
            raise InputError("--all and --week exclude each other: give one of them")
        asked = read_question(week, law_at, method, out)
        law = law_of(settings)
        with opened(settings) as connection:
            compare_week(connection, law, asked)
        return
    given = [f"--{name}" for name, value in (("law-at", law_at), ("method", method), ("out", out)) if value is not None]
    if given:
        raise InputError(f"{given[0]} needs --week: only a comparison takes another rulebook; HANHTRINH_METHOD sets "
                         "the method of the record")  # fmt: skip
    if follow_:
        _follow(settings, port, every)
        return
    with opened(settings) as connection:
        law = law_of(settings)
        if all_:
            with transaction(connection):
                touch_again(connection, None)
        check_all(connection, law)


def _follow(settings: Settings, port: int, every_s: float) -> None:
    logging.basicConfig(level=settings.log_level.upper(), format=LOG_FORMAT)
    law = law_of(settings)
    with open_store(settings) as url:
        with opened(settings):  # the schema is brought up to date, or the fault told, before anything is judged
            pass
        asyncio.run(follow(url, law, code_version(), Monitor(port=port), every_s))


def check_all(connection: Connection, law: Law) -> Checked:
    """Work through all waiting windows with a progress bar."""
    with transaction(connection):
        left = waiting(connection)
    if not left:
        console.print("nothing waits: every stored record has been judged")
        return Checked()
    columns = (TextColumn("check"), BarColumn(), TextColumn("{task.completed}/{task.total} vehicle-days"),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("check", total=left)
        done = judge(connection, law, code_version(), lambda done: progress.update(task, completed=done.windows))
    console.print(
        f"checked {done.windows} vehicle-days: {done.added} findings added, {done.changed} changed, "
        f"{done.withdrawn} withdrawn (law {law.version}, {law.method_name})",
        soft_wrap=True,
    )
    return done

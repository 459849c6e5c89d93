"""`hanhtrinh check`: stored records to findings."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli.checking.following import Said, Stop, Told, follow, keep_judging
from cli.checking.windows import Checked
from cli.checking.windows import check as judge
from cli.checking.workers import run_workers
from cli.comparing.comparison import compare_week, read_question
from cli.logs import begin_logging
from cli.matching.confirming import opened_matcher, renewing_matcher
from cli.matching.matcher import Matcher
from cli.reference import InputError
from cli.root import code_version, law_of, opened, settings_of
from cli.stations.reviewing import review_waiting
from ingest.configuration import Monitor
from journey.settings import Settings
from rules.law import Law
from storage.database import Connection, open_store, transaction
from storage.windows import touch_again, waiting

console = Console(stderr=True)
_NO_END = 1 << 30  # a local day number that never comes


def check(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="judge every stored vehicle-day anew: after a change of law, "
                                                     "method or code")] = False,
    follow_: Annotated[bool, typer.Option("--follow", help="go on judging what is touched, until told to stop; "
                                                           "/metrics, /health and /ready at --host, --port")] = False,
    port: Annotated[int, typer.Option(help="with --follow: port of the monitor")] = 9109,
    host: Annotated[str, typer.Option(help="with --follow: address of the monitor")] = "127.0.0.1",
    every: Annotated[float, typer.Option(min=0.1, help="with --follow: seconds between two looks; for days that came "
                                                       "late there are two a second")] = 10.0,
    workers: Annotated[int, typer.Option(min=1, help="processes that judge side by side; one for each core that is "
                                                     "free")] = 1,
    week: Annotated[str | None, typer.Option(help="compare instead: judge this ISO week (2026-W12) by another rulebook "
                                                  "and print what it changes; nothing is stored")] = None,
    law_at: Annotated[str | None, typer.Option(help="with --week: the law as it stood on a date, YYYY-MM-DD")] = None,
    method: Annotated[str | None, typer.Option(help="with --week: a method file, by name in rules/law or by a path "
                                                    "ending in .yaml")] = None,
    out: Annotated[Path | None, typer.Option(help="with --week: write all differences to a file, .csv or "
                                                  ".ndjson")] = None,
) -> None:  # fmt: skip
    """Judge every vehicle-day that new or changed records touched, and store the findings.

    Run it as often as you like, in several processes or with --workers: what has been judged is not judged again.

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
        _follow(settings, Monitor(host=host, port=port), every, workers)
        return
    with opened(settings) as connection:
        law = law_of(settings)
        if all_:
            with transaction(connection):
                touch_again(connection, None)
        with renewing_matcher(connection, settings.tiles_folder) as match:
            check_all(connection, law, None if workers == 1 else partial(_side_by_side, settings, workers), match)


def _follow(settings: Settings, monitor: Monitor, every_s: float, workers: int) -> None:
    begin_logging(settings)
    law = law_of(settings)
    with opened_matcher(settings.tiles_folder):  # tiles that are missing or of another version are told at once
        pass
    with open_store(settings) as url:
        with opened(settings):  # the schema is brought up to date, or the fault told, before anything is judged
            pass
        judge_all: Callable[[Stop, Told], object]
        if workers == 1:
            judge_all = partial(keep_judging, url, law, code_version(), every_s, settings.tiles_folder)
        else:
            judge_all = partial(run_workers, url, settings, workers, every_s)
        asyncio.run(follow(monitor, judge_all, url, settings))


def _side_by_side(settings: Settings, workers: int, on_round: Callable[[Checked], object]) -> Checked:
    """All that waits by several workers. Ctrl-C and SIGTERM let each finish its round."""
    done, stop = Checked(), Event()

    def told(said: Said) -> None:
        done.add(said.done)
        on_round(done)

    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with open_store(settings) as url:
            lost = run_workers(url, settings, workers, None, stop.is_set, told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if stop.is_set():
        raise KeyboardInterrupt
    if lost:
        ended = ", ".join(map(str, lost))
        console.print(f"{len(lost)} of {workers} workers were lost (ended with {ended}): what they had waits; run "
                      "check again", soft_wrap=True)  # fmt: skip
        raise typer.Exit(1)
    return done


def check_all(
    connection: Connection,
    law: Law,
    judge_all: Callable[[Callable[[Checked], object]], Checked] | None = None,
    match: Matcher | None = None,
) -> Checked:
    """Work through all waiting windows with a progress bar. Args: judge_all: another way to do it than in here."""
    with transaction(connection):
        left = waiting(connection)
    if not left:
        console.print("nothing waits: every stored record has been judged")
        _review(connection, law)
        return Checked()
    columns = (TextColumn("check"), BarColumn(), TextColumn("{task.completed}/{task.total} vehicle-days"),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("check", total=left)

        def on_round(done: Checked) -> None:
            progress.update(task, completed=done.windows)

        done = judge_all(on_round) if judge_all else judge(connection, law, code_version(), on_round, match=match)
    console.print(
        f"checked {done.windows} vehicle-days: {done.added} findings added, {done.changed} changed, "
        f"{done.withdrawn} withdrawn (law {law.version}, {law.method_name})",
        soft_wrap=True,
    )
    _review(connection, law)
    return done


def _review(connection: Connection, law: Law) -> None:
    """Days of stations may wait where no window does: a check was killed in between, or a stop was reported."""
    if made := review_waiting(connection, law, _NO_END):
        console.print(f"reviewed weigh stations of {made} days: `hanhtrinh station reviews`", soft_wrap=True)

"""`hanhtrinh check`: stored records to findings."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli.checking import Checked
from cli.checking import check as judge
from cli.root import code_version, law_of, opened, settings_of
from rules.law import Law
from storage.database import Connection, transaction
from storage.windows import waiting

console = Console(stderr=True)


def check(context: typer.Context) -> None:
    """Judge every vehicle-day that new or changed records touched, and store the findings.

    Run it as often as you like, in several processes if need be: what has been judged is not judged again.

    Example: hanhtrinh check
    """
    settings = settings_of(context)
    with opened(settings) as connection:
        check_all(connection, law_of(settings))


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
        f"{done.withdrawn} withdrawn (law {law.version}, {law.method_name})"
    )
    return done

"""`hanhtrinh export`: a week's findings as a draft of its enforcement list."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.exports import rendered
from api.exports.publication import file_stem
from cli.lists.weekly import bounds, read_weekly
from cli.outfile import write_all
from cli.root import law_of, opened, settings_of
from rules.law import Law
from storage.database import Connection, transaction
from storage.windows import waiting

console = Console(stderr=True)


def export(
    context: typer.Context,
    week: Annotated[str, typer.Option(help="ISO week, such as 2026-W12")],
    folder: Annotated[Path, typer.Option(help="where the files go")] = Path("lists"),
    made_at: Annotated[int | None, typer.Option(help="moment of making, Unix seconds; now by default. The same "
                                                    "moment and data give the same bytes")] = None,
) -> None:  # fmt: skip
    """Write the enforcement list of a week as a draft: every certain finding, by operator, as PDF, XLSX, CSV, JSON.

    A draft has no number, and the next one may say something else. `hanhtrinh list publish` makes it a published list.

    Example: hanhtrinh export --week 2026-W12 --folder lists/
    """
    settings = settings_of(context)
    with opened(settings) as connection:
        for path in export_week(connection, law_of(settings), week, folder, made_at):
            print(path)


def export_week(connection: Connection, law: Law, week: str, folder: Path, made_at: int | None = None) -> list[Path]:
    """Write the week's list in every format; returns the files. Warns where records wait to be judged."""
    bounds(week)
    with transaction(connection):
        left = waiting(connection)
        weekly = read_weekly(connection, law, week, int(time.time()) if made_at is None else made_at)
    if left:
        warning = f"warning: {left} vehicle-days wait to be judged: run `hanhtrinh check` before you publish"
        console.print(warning, soft_wrap=True)
    return write_all(folder, rendered(weekly, file_stem(week)))

"""`hanhtrinh station reviews`: who seems to have avoided a scale, for a person to look at."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from cli.local_days import From, To, local_days
from cli.root import law_of, opened, settings_of
from cli.stations.reviewing import review_days
from journey.localtime import day_start, show
from rules.stations.day import GRADE
from rules.stations.reasons import EXCUSES, REASONS
from storage.database import transaction
from storage.stations.reviews import PAGE_MAX, ReviewRow, WantedReviews, review_counts, review_page

console = Console(stderr=True)


class Kind(StrEnum):
    UNWEIGHED = "unweighed"
    DETOUR = "detour"
    WAIT = "wait"
    SILENT = "silent"


def reviews(
    context: typer.Context,
    first: From,
    last: To,
    kind: Annotated[Kind | None, typer.Option(help="only these: passed unweighed, drove round, waited until it "
                                                   "closed, weighed while the recorder was silent")] = None,
    excused: Annotated[bool, typer.Option("--excused", help="also what the record itself makes innocent")] = False,
) -> None:  # fmt: skip
    """List who seems to have avoided a scale, one JSON line each with evidence and innocent reasons: for review only.

    Nobody is accused by this: the grade is `possible`, no list takes it. Days that changed since are made anew, others
    printed as they are stored; `check` makes them too. Counts by kind go to standard error.

    Example: hanhtrinh station reviews --from 2026-03-01 --to 2026-03-31 --kind detour
    """
    bounds, settings = local_days(first, last), settings_of(context)
    law = law_of(settings)
    with opened(settings) as connection:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("days", total=None)
            done = review_days(connection, law, *bounds,
                               on_day=lambda made, of: progress.update(task, completed=made, total=of))  # fmt: skip
        wanted = WantedReviews(day_start(bounds[0]), day_start(bounds[1]), kind, excused=excused)
        after = None
        with transaction(connection):
            while rows := review_page(connection, wanted, PAGE_MAX, after):
                for row in rows:
                    typer.echo(json.dumps(line_of(row), ensure_ascii=False))
                after = rows[-1].key
            counts = review_counts(connection, *bounds)
    console.print(f"{done.days} days made, {done.left} left as they were", highlight=False)
    for name, (left, innocent) in counts.items():
        console.print(f"{name}: {left} to look at, {innocent} made innocent by the record", highlight=False)


def review_of(row: ReviewRow) -> dict[str, Any]:
    """As the answer key of a fleet names it."""
    return {"kind": row.kind, "vehicle": row.plate, "operator": row.operator, "station": row.station, "at": row.at,
            "excuse": row.excuse}  # fmt: skip


def line_of(row: ReviewRow) -> dict[str, Any]:
    return {
        "kind": row.kind, "grade": GRADE, "vehicle": row.plate, "operator": row.operator, "station": row.station,
        "at": row.at, "local_time": show(row.at), "excuse": None if row.excuse is None else EXCUSES[row.excuse],
        "evidence": row.body["evidence"], "innocent": [REASONS[one] for one in row.body["reasons"]],
        "law": row.body["law"],
    }  # fmt: skip

"""`hanhtrinh check --week`: a stored week judged by another rulebook, beside what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli.comparing.differences import compare
from cli.comparing.output import as_csv, as_ndjson, print_differences
from cli.comparing.rejudging import week_findings
from cli.outfile import write_whole
from cli.reference import InputError
from journey.localtime import parse_week
from journey.model import Finding
from rules import law as rulebook
from rules.checks import verify
from rules.law import Law
from rules.whatif import figure_changes, frozen_at
from storage.database import Connection, transaction
from storage.findings import load_findings, rulebooks
from storage.windows import waiting

# One snapshot for all that is read, and none of it can be written.
_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_FORMATS = {".csv": as_csv, ".ndjson": as_ndjson}
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Question:
    """What to compare. start, end: the week, s UTC."""

    week: str
    start: int
    end: int
    law_at: date | None
    method: str | None
    out: Path | None

    @property
    def name(self) -> str:
        """The other rulebook in a few words."""
        parts = [f"law of {self.law_at}"] if self.law_at else []
        return ", ".join([*parts, *([Path(self.method).stem] if self.method else [])]) or "judged anew"


def read_question(week: str, law_at: str | None, method: str | None, out: Path | None) -> Question:
    """The options checked. Raises InputError."""
    try:
        start, end = parse_week(week)
    except ValueError as error:
        raise InputError(f"--week {error}") from None
    try:
        day = None if law_at is None else date.fromisoformat(law_at)
    except ValueError:
        raise InputError(f"--law-at {law_at!r} is no date: write it like 2025-01-01") from None
    if out is not None and out.suffix not in _FORMATS:
        raise InputError(f"--out {out}: end the file's name in {' or '.join(_FORMATS)}")
    return Question(week, start, end, day, method, out)


def other_law(law: Law, asked: Question) -> Law:
    """The rulebook asked for. Args: law: that of the record."""
    if asked.method is not None:
        law = rulebook.load(method=asked.method)
        verify(law)
    return law if asked.law_at is None else frozen_at(law, asked.law_at)


def compare_week(connection: Connection, law: Law, asked: Question) -> None:
    """Print, and write where asked, what the other rulebook changes. The record is only read."""
    other = other_law(law, asked)
    with transaction(connection):
        connection.execute(_READ_ONLY)
        stored = load_findings(connection, asked.start, asked.end)
        left, books = waiting(connection), rulebooks(connection, asked.start, asked.end)
        derived = _judge(connection, other, asked)
    changes = figure_changes(law, other, asked.start, asked.end)
    differences = compare(stored, derived, changes)
    if asked.out is not None:
        write_whole(asked.out, _FORMATS[asked.out.suffix](differences))
    print_differences(Console(highlight=False), differences, changes, stored, derived, asked.name)
    _warn(left, books - {(law.version, law.method_name)})


def _judge(connection: Connection, law: Law, asked: Question) -> list[Finding]:
    columns = (TextColumn(f"{asked.week}, {asked.name}"), BarColumn(),
               TextColumn("{task.completed}/{task.total} vehicles"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("judge", total=None)
        return week_findings(
            connection, law, asked.start, asked.end,
            lambda done, of: progress.update(task, completed=done, total=of),
        )  # fmt: skip


def _warn(waiting_days: int, books: set[tuple[str, str]]) -> None:
    if waiting_days:
        console.print(
            f"warning: {waiting_days} vehicle-days wait to be judged: run `hanhtrinh check` first, else the difference "
            "holds their records too",
            soft_wrap=True,
        )
    for version, method in sorted(books):
        console.print(
            f"warning: stored findings of this week were made under law {version}, {method}, which is not the "
            "rulebook of today: run `hanhtrinh check --all` first, else the difference holds that change too",
            soft_wrap=True,
        )

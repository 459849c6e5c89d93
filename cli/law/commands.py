"""`hanhtrinh law`: the rulebook shown, compared between two dates, checked, and printed as a page."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.law.basis import basis
from cli.law.changes import Change, changes
from cli.law.page import page
from cli.law.text import items
from cli.reference import InputError
from journey.localtime import ZONE, midnight
from rules import law as rulebook
from rules.checks import verify
from rules.lawfile import LawError

STALE_DAYS = 180  # after which somebody should look whether the law is still the law
_METHODS = "method*.yaml"

app = typer.Typer(name="law", help="The law applied: dated, cited, compared.", no_args_is_help=True)


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@app.command()
def show(
    prefix: Annotated[str, typer.Argument(metavar="[PATH-PREFIX]", help="parameters whose path begins so")] = "",
    at: Annotated[str | None, typer.Option(metavar="DATE", help="only what is in force on this date")] = None,
) -> None:
    """Print figures of law with the day from which they are in force and their source; all regimes without --at.

    Example: hanhtrinh law show --at 2023-06-01 penalties_overload
    """
    law = rulebook.load()
    paths = [path for path in sorted(law.parameters) if path.startswith(prefix)]
    if not paths:
        raise InputError(f"no parameter begins with {prefix!r}; known: {', '.join(sorted(law.parameters))}")
    time = None if at is None else midnight(_date(at))
    table = Table("parameter", "in force from", "", "value", "source", "verified")
    for path in paths:
        found = law.parameters[path] if time is None else tuple(filter(None, [law.at(path, time)]))
        for dated in found:
            for place, item in enumerate(items(dated, law)):
                head = ("", "") if place else (path, dated.effective_from)
                table.add_row(*head, item.label, item.figure, item.source, "" if dated.verified else "no")
    _print(table)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="DATE", help="the earlier date")],
    after: Annotated[str, typer.Argument(metavar="DATE", help="the later date")],
    form: Annotated[Format, typer.Option("--format", help="form of the output")] = Format.TABLE,
) -> None:
    """Print every figure that differs between two dates: new, gone, changed, or the same under another source.

    Example: hanhtrinh law diff 2024-12-31 2025-01-01 --format csv
    """
    found = changes(rulebook.load(), midnight(_date(before)), midnight(_date(after)))
    if form == Format.JSON:
        print(json.dumps([change._asdict() for change in found], ensure_ascii=False, indent=1))
    elif form == Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(Change._fields)
        writer.writerows(found)
    else:
        table = Table("", "parameter", "", before, after, f"source {before}", f"source {after}")
        for change in found:
            table.add_row(*change)
        _print(table)


@app.command()
def check(
    today: Annotated[str | None, typer.Option(metavar="DATE", help="taken as today's date")] = None,
) -> None:
    """Load all law and method files, and list what nobody has looked at for 180 days and what is not verified.

    Exits 0 where everything loads and nothing is stale, else 1. What is not verified is listed and is no fault.

    Example: hanhtrinh law check --today 2026-12-01
    """
    day = datetime.now(ZONE).date() if today is None else _date(today)
    try:
        law = rulebook.load()
        for file in sorted(rulebook.FOLDER.glob(_METHODS)):
            verify(rulebook.load(method=str(file)))
    except LawError as error:
        print(f"hanhtrinh: {error}", file=sys.stderr)
        sys.exit(1)
    values = [dated for path in sorted(law.parameters) for dated in law.parameters[path]]
    print(f"{len(law.parameters)} parameters, {len(values)} values, law version {law.version}")
    doubtful = [dated for dated in values if not dated.verified]
    print(f"{len(doubtful)} values are not verified:")
    for dated in doubtful:
        unknown = ", not known" if dated.value is None else ""
        print(f"  {dated.path} from {dated.effective_from}{unknown} ({dated.citation})")
    stale = stale_parameters(law, day)
    for path, days in stale:
        print(f"warning: {path} was last checked {days} days ago: read its source again and renew last_checked")
    if stale:
        sys.exit(1)


@app.command("page")
def print_page(
    of_rules: Annotated[bool, typer.Option("--basis", help="the page docs/legal.md instead: what each rule rests on")]
    = False,
) -> None:  # fmt: skip
    """Print the page docs/law.md: every parameter, its regimes side by side, in Markdown.

    Example: hanhtrinh law page > docs/law.md
    """
    sys.stdout.write(basis(rulebook.load()) if of_rules else page(rulebook.load()))


def stale_parameters(law: rulebook.Law, today: date) -> list[tuple[str, int]]:
    """Parameters that nobody has looked at for more than STALE_DAYS, with the days since."""
    ages = [(path, (today - about.last_checked).days) for path, about in sorted(law.about.items())]
    return [(path, days) for path, days in ages if days > STALE_DAYS]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no date; write it as YYYY-MM-DD") from None


def _print(table: Table) -> None:
    Console(highlight=False, markup=False).print(table)

"""`hanhtrinh risk`: how operators stand by several formulas of risk, side by side, each score with its arithmetic."""

from __future__ import annotations

import sys
import time
from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from cli.reference import InputError
from cli.risk.output import FORMATS, print_operator, print_ratings
from cli.risk.rating import read_ratings, yesterday
from cli.root import opened, settings_of
from journey.localtime import date_of, day_of
from rules.risk.file import formula_names, read_formula
from storage.database import transaction
from storage.windows import waiting

# One snapshot for all that is read, and none of it can be written.
_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_TABLE = "table"
console = Console(stderr=True)


def risk(
    context: typer.Context,
    operator: Annotated[str | None, typer.Option(help="id of an operator: its scores, line by line")] = None,
    formula: Annotated[list[str] | None, typer.Option(help="eu, exposure or ocrs; several, or all by default")] = None,
    as_of: Annotated[str | None, typer.Option(help="last local day that counts, YYYY-MM-DD; yesterday by default")]
    = None,
    form: Annotated[str, typer.Option("--format", help="table, csv or json")] = _TABLE,
) -> None:  # fmt: skip
    """Rate the risk of operators by what is stored: the EU's formula, Great Britain's, and points per 1000 km.

    Findings count that could be listed today: certain ones that no case keeps back. Where nothing is known of an
    operator it has no score. A rating says whom to look at; it proves nothing against anybody. Nothing is stored.

    Example: hanhtrinh risk --operator OP1 --as-of 2026-03-31
    """
    names = formula or formula_names()
    formulas = [read_formula(name) for name in dict.fromkeys(names)]
    now = int(time.time())
    day = yesterday(now) if as_of is None else _day(as_of, now)
    if form != _TABLE and form not in FORMATS:
        raise InputError(f"--format {form}: there are {', '.join((_TABLE, *FORMATS))}")
    with opened(settings_of(context)) as connection, transaction(connection):
        connection.execute(_READ_ONLY)
        ratings = read_ratings(connection, formulas, day, now)
        left = waiting(connection)
    if operator is not None:
        one = next((one for one in ratings.rated if one.operator == operator), None)
        if one is None:
            raise InputError(f"--operator {operator}: neither registered nor in the record; without --operator all are "
                             "named")  # fmt: skip
        ratings = ratings.of(one)
    if form != _TABLE:
        sys.stdout.buffer.write(FORMATS[form](ratings))
        sys.stdout.buffer.flush()
    elif operator is not None:
        print_operator(Console(highlight=False, markup=False), ratings)
    else:
        print_ratings(Console(highlight=False, markup=False), ratings)
    if left:
        said = f"{left} vehicle-days wait to be judged: run `hanhtrinh check`; they may be missing here"
        console.print(f"warning: {said}", soft_wrap=True, highlight=False, markup=False)


def _day(text: str, now: int) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--as-of {text!r} is no date: write it like 2026-03-31") from None
    if day > date_of(day_of(now)):
        raise InputError(f"--as-of {day}: lies ahead")
    return day

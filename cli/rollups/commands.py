"""`hanhtrinh rollup`: a month of the stored record rolled up into proposals, with the dates that follow a decision."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.monthly import earlier_proposals, held_back, roll_up_stored
from api.reports.proposals import render
from cli.outfile import write_whole
from cli.reference import InputError
from cli.reports.commands import frame_of
from cli.rollups.files import as_csv, as_ndjson
from cli.rollups.output import print_month
from cli.rollups.proposals import read_proposals
from cli.rollups.report import Dates, MonthReport
from cli.root import law_of, opened, settings_of
from journey.localtime import date_of, day_of, parse_month
from rules.law import Law
from rules.months import bounds
from rules.procedure import licence_review, procedure
from rules.rollups import proposed_vehicles, rows_at_end
from storage.database import Connection, transaction
from storage.findings import rulebooks
from storage.registry import load_registry
from storage.windows import waiting

# One snapshot for all that is read, and none of it can be written.
_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_PAPER = ".pdf"
_FORMATS: dict[str, Callable[[MonthReport], bytes]] = {".csv": as_csv, ".ndjson": as_ndjson}
console = Console(stderr=True)


def rollup(
    context: typer.Context,
    month: Annotated[str, typer.Option(help="local calendar month, such as 2026-03")],
    signed: Annotated[str | None, typer.Option(help="day on which the decisions are signed, YYYY-MM-DD: adds the dates "
                                                    "that follow from it")] = None,
    out: Annotated[Path | None, typer.Option(help="write all lines to a file, .csv or .ndjson, in the form of evaluate "
                                                  "--rollup; with --signed each proposal has its dates. Or .pdf: the "
                                                  "proposals with a draft of each decision")] = None,
    made_at: Annotated[int | None, typer.Option(help="moment of making, Unix seconds, at which cases "
                                                    "are looked at; now by default")] = None,
) -> None:  # fmt: skip
    """Propose badges to revoke and licences to review by what is stored of a month. Nothing is stored.

    Day sums, findings and weighings of the record are added up; no fix is read. Run `hanhtrinh check` before.

    Example: hanhtrinh rollup --month 2026-03 --signed 2026-04-03 --out 2026-03.csv
    """
    first = _month(month)
    day = None if signed is None else _signed(signed, first)
    if out is not None and out.suffix not in (*_FORMATS, _PAPER):
        raise InputError(f"--out {out}: end the file's name in {', '.join((*_FORMATS, _PAPER))}")
    settings = settings_of(context)
    law, at = law_of(settings), int(time.time()) if made_at is None else made_at
    with opened(settings) as connection, transaction(connection):
        connection.execute(_READ_ONLY)
        report = read_month(connection, law, first, at, day)
        left, books = waiting(connection), rulebooks(connection, *bounds(first))
        content = None
        if out is not None and out.suffix == _PAPER:
            warnings = (f"CHƯA ĐẦY ĐỦ: còn {left} ngày-xe chưa được xét khi lập.",) if left else ()
            frame = frame_of(law, (), at, warnings)
            content = render(read_proposals(connection, report, law, frame))
    if out is not None:
        write_whole(out, _FORMATS[out.suffix](report) if content is None else content)
    print_month(Console(highlight=False, markup=False), report, law)
    _warn(report, left, books - {(law.version, law.method_name)})


def read_month(connection: Connection, law: Law, month: date, at: int, signed: date | None = None) -> MonthReport:
    """A month rolled up, with what its reader needs besides. Inside the open transaction.

    Args: at: s UTC; what cases keep back then is not counted.
    """
    registry = load_registry(connection)
    rolled = roll_up_stored(connection, month, registry, law, at=at)
    return MonthReport(
        month,
        rolled,
        earlier_proposals(connection, month, sorted(proposed_vehicles(rolled)), registry, law, at),
        {one.id: one.name for one in registry.operators},
        {plate: row.operator for plate, row in rows_at_end(registry.vehicles, month).items()},
        None if signed is None else _dates(law, signed),
        held_back(connection, month, at),
    )


def _dates(law: Law, signed: date) -> Dates:
    # Of an earlier revocation only the month proposed is known: any day within the law's time stands for it.
    second = procedure(law, signed, signed - timedelta(days=1))
    return Dates(procedure(law, signed), second if second.again else None, licence_review(law, signed))


def _month(text: str) -> date:
    try:
        return parse_month(text)
    except ValueError as error:
        raise InputError(f"--month {error}") from None


def _signed(text: str, month: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--signed {text!r} is no date: write it like 2026-04-03") from None
    end = date_of(day_of(bounds(month)[1]))
    if day < end:
        raise InputError(f"--signed {day} lies before the month is over: a decision rests on the whole month, so that "
                         f"{end} is the first day for it")  # fmt: skip
    return day


def _warn(report: MonthReport, waiting_days: int, books: set[tuple[str, str]]) -> None:
    warnings = []
    if bounds(report.month)[1] > time.time():
        warnings.append(f"{report.name} is not over: the figures are those up to now")
    if waiting_days:
        warnings.append(f"{waiting_days} vehicle-days wait to be judged: run `hanhtrinh check` before you act on this")
    warnings += [
        f"stored findings of this month were made under law {version}, {method}, which is not the rulebook of today: "
        "run `hanhtrinh check --all` first"
        for version, method in sorted(books)
    ]
    for warning in warnings:
        console.print(f"warning: {warning}", soft_wrap=True, highlight=False, markup=False)

"""`hanhtrinh reconcile`: the books of intake, by operator and hour, and whether they agree with the tables."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.table import Table

from api.exports.csv_table import csv_bytes
from cli.outfile import write_whole
from cli.reference import InputError
from cli.root import opened, settings_of
from cli.tables import print_table
from cli.visible import visible
from ingest.redriving import BOOKS
from journey.localtime import ZONE, midnight, show
from storage.database import Connection, transaction
from storage.intake import IntakeRow, agreement, intake_rows, operator_names

_UNKNOWN = "(not known)"
_HEADER = ("operator", "name", "hour", "hour_unix", "received", "stored", "duplicate", "conflict", "flagged",
           "rejected", "redriven")  # fmt: skip
_FAULT = 1


class Sums(NamedTuple):
    """received = stored + duplicate + rejected. conflict: of the duplicates; flagged: fixes with a flag as they came;
    redriven: of those received, rejections that were driven in again."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    conflict: int = 0
    flagged: int = 0
    rejected: int = 0
    redriven: int = 0

    def plus(self, other: Sums) -> Sums:
        return Sums(*(one + another for one, another in zip(self, other, strict=True)))


def reconcile(
    context: typer.Context,
    day: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="this local day; today by default")] = None,
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="from this local day on")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="to this local day, included")] = None,
    operator: Annotated[str | None, typer.Option(help="only this operator's id")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="compare all books with the tables; minutes where they are "
                                                          "large")] = False,
    out: Annotated[Path | None, typer.Option(help="write the rows to this CSV file too")] = None,
) -> None:  # fmt: skip
    """Print what arrived, by operator and local hour of its commit, and what became of it.

    received = stored + duplicate + rejected. A conflict is a duplicate that says something else than the copy that
    stood; redriven ones are rejections that were driven in again, and are in the other columns too. The operator is the
    vehicle's at the record's time; where that is not known, the sender.

    With --verify: exit 1, with the faults in words, where books and tables do not add up.

    Example: hanhtrinh reconcile --from 2026-11-01 --to 2026-11-30 --operator OP1 --verify --out november.csv
    """
    start, end = _span(day, first, last)
    with opened(settings_of(context)) as connection:
        with transaction(connection):
            rows, names = intake_rows(connection, start, end), operator_names(connection)
        if operator is not None:
            if operator not in names:
                raise InputError(f"--operator {operator}: the registry names no such operator")
            rows = [row for row in rows if row.entry.account.operator == operator]
        sums = sum_up(rows)
        print_table(_table(sums, names))
        if out is not None:
            write_whole(out, csv_bytes([_HEADER, *_cells(sums, names)]))
        faults = _verify(connection) if verify else []
    for fault in faults:
        print(f"hanhtrinh: {fault}", file=sys.stderr)
    if faults:
        sys.exit(_FAULT)


def sum_up(rows: Sequence[IntakeRow]) -> dict[str, dict[int, Sums]]:
    """Sums by operator (empty: not known) and hour (Unix s), over senders and connections, in order of both."""
    found: dict[str, dict[int, Sums]] = defaultdict(lambda: defaultdict(Sums))
    for hour, connection, entry in rows:
        redriven = entry.received if connection.startswith(BOOKS) else 0
        added = Sums(entry.received, entry.stored, entry.duplicates, entry.conflicts, entry.flagged, entry.rejected,
                     redriven)  # fmt: skip
        by_hour = found[entry.account.operator]
        by_hour[hour] = by_hour[hour].plus(added)
    return {operator: dict(sorted(found[operator].items())) for operator in sorted(found)}


def _verify(connection: Connection) -> list[str]:
    found = agreement(connection)
    faults = found.faults()
    if not faults:
        print(f"books and tables agree: {found.received} received = {found.stored} stored + {found.duplicates} "
              f"duplicates + {found.rejected} rejected")  # fmt: skip
    return [f"books and tables do not agree: {fault}" for fault in faults]


def _span(day: str | None, first: str | None, last: str | None) -> tuple[int, int]:
    """[start, end) in Unix s of the days asked for. Raises InputError."""
    if day is not None and (first is not None or last is not None):
        raise InputError("--day is one day, --from and --to are a span: name one of them")
    today = datetime.now(ZONE).date()
    begin = _date("--from", first) if first is not None else _date("--day", day) if day is not None else today
    stop = _date("--to", last) if last is not None else today if first is not None else begin
    if last is not None and first is None:
        raise InputError("--to wants --from: the first day of the span")
    if stop < begin:
        raise InputError(f"--to {stop} is before --from {begin}")
    return midnight(begin), midnight(stop + timedelta(days=1))


def _date(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is no date; write it as YYYY-MM-DD") from None


def _cells(sums: dict[str, dict[int, Sums]], names: dict[str, str]) -> Iterator[list[Any]]:
    for operator, hours in sums.items():
        for hour, row in hours.items():
            yield [operator, names.get(operator, ""), datetime.fromtimestamp(hour, ZONE).isoformat(), hour, *row]


def _table(sums: dict[str, dict[int, Sums]], names: dict[str, str]) -> Table:
    table = Table("operator", "name", "hour")
    for name in Sums._fields:
        table.add_column(name, justify="right")
    total = Sums()
    for operator, hours in sums.items():
        shown, of_operator = visible(operator) or _UNKNOWN, Sums()
        for hour, row in hours.items():
            table.add_row(shown, visible(names.get(operator, "")), show(hour)[:16], *map(str, row))
            of_operator = of_operator.plus(row)
        table.add_section()
        table.add_row(shown, "", "all hours", *map(str, of_operator))
        table.add_section()
        total = total.plus(of_operator)
    table.add_row("all operators", "", "", *map(str, total))
    return table

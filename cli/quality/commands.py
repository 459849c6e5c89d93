"""`hanhtrinh quality`: how well the data of a month served, by operator or by vehicle."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.reports import form_pdf, form_xlsx
from cli.outfile import write_whole
from cli.quality.forms import form_of, period_line
from cli.quality.output import FORMATS, Line, Report, print_quality
from cli.reference import InputError
from cli.reports.commands import frame_of
from cli.root import law_of, opened, settings_of
from journey.localtime import day_of, parse_month
from journey.registry import Registry
from rules.law import Law
from rules.months import bounds
from rules.service_rates import Service, registered_days, total
from storage.database import Connection, transaction
from storage.registry import load_registry
from storage.sums.service import VehicleService, days_without_service, service_sums
from storage.windows import waiting

# One snapshot for all that is read, and none of it can be written.
_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_FORMS = {".xlsx": form_xlsx.render, ".pdf": form_pdf.render}
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class _Left:
    """What the figures do not hold: vehicle-days that wait for a check, and those judged before there were sums."""

    waiting: int
    unsummed: int


def quality(
    context: typer.Context,
    month: Annotated[str, typer.Option(help="local calendar month, such as 2026-03")],
    operator: Annotated[str | None, typer.Option(help="id of an operator: its vehicles, one line each")] = None,
    out: Annotated[Path | None, typer.Option(help="write all lines, with the counts that the shares are made of, to a "
                                                  "file, .csv or .ndjson; or the data-duty table, .xlsx or .pdf")]
    = None,
    made_at: Annotated[int | None, typer.Option(help="moment of making an .xlsx or .pdf, Unix seconds; now by default")]
    = None,
) -> None:  # fmt: skip
    """Say how well the data of a month served: presence, intervals, delays, positions, clocks. Nothing is stored.

    Sums of the days that `hanhtrinh check` has judged are added up; no fix is read. A dash: nothing is known.

    Example: hanhtrinh quality --month 2026-03 --out quality.csv
    """
    try:
        first = parse_month(month)
    except ValueError as error:
        raise InputError(f"--month {error}") from None
    if out is not None and out.suffix not in (*FORMATS, *_FORMS):
        raise InputError(f"--out {out}: end the file's name in {', '.join((*FORMATS, *_FORMS))}")
    settings = settings_of(context)
    law = law_of(settings)
    with opened(settings) as connection, transaction(connection):
        connection.execute(_READ_ONLY)
        report = read_quality(connection, first, operator, int(time.time()))
        left = _Left(waiting(connection), days_without_service(connection, report.first, report.stop))
    if out is not None:
        write_whole(
            out, FORMATS[out.suffix](report) if out.suffix in FORMATS else _form(report, law, left, out, made_at)
        )
    print_quality(Console(highlight=False, markup=False), report, law)
    _warn(left)


def _form(report: Report, law: Law, left: _Left, out: Path, made_at: int | None) -> bytes:
    missing = left.waiting + left.unsummed
    warnings = (f"CHƯA ĐẦY ĐỦ: còn {missing} ngày-xe chưa được xét khi lập.",) if missing else ()
    frame = frame_of(law, (period_line(report),), int(time.time()) if made_at is None else made_at, warnings)
    return _FORMS[out.suffix](form_of(report, law, frame))


def read_quality(connection: Connection, month: date, operator: str | None, now: int) -> Report:
    """The days of a month that are over, added up. Inside the open transaction. Raises InputError."""
    start, end = bounds(month)
    first, stop = day_of(start), min(day_of(end), day_of(now))
    if stop <= first:
        raise InputError(f"--month {month:%Y-%m}: no day of it is over yet; name an earlier month")
    registry = load_registry(connection)
    registered = registered_days(registry.vehicles, first, stop)
    vehicles: dict[tuple[str | None, str], Service] = {key: _of_vehicle(None, days) for key, days in registered.items()}
    for row in service_sums(connection, first, stop):
        key = row.operator, row.plate
        vehicles[key] = _of_vehicle(row, registered.get((row.operator or "", row.plate), 0))
    known = {key: one for key, one in vehicles.items() if key[0] is not None}
    nobodys = [one for key, one in vehicles.items() if key[0] is None]
    if operator is not None:
        known = {key: one for key, one in known.items() if key[0] == operator}
        if not known:
            raise InputError(f"--operator {operator}: it has neither a vehicle with a recorder nor data in that month; "
                             "without --operator all are named")  # fmt: skip
        lines = [Line(name, plate, one) for (name, plate), one in known.items()]
    else:
        by_operator: dict[str | None, list[Service]] = {}
        for (name, _), one in known.items():
            by_operator.setdefault(name, []).append(one)
        lines = [Line(name, None, total(some)) for name, some in by_operator.items()]
    return Report(
        month, first, stop, lines, total(known.values()),
        None if operator is not None or not nobodys else total(nobodys), _names(registry),
    )  # fmt: skip


def _names(registry: Registry) -> dict[str, str]:
    return {one.id: one.name for one in registry.operators}


def _of_vehicle(row: VehicleService | None, registered: int) -> Service:
    one = Service(vehicles=int(registered > 0), registered_days=registered)
    if row is None:
        return one
    for name, value in row.sums._asdict().items():
        setattr(one, name, value)
    one.delays, one.silences = row.delays, row.silences
    one.drift_vehicles = int(one.drifted > 0)
    if registered or row.operator is None:  # else a towed unit, of which no recorder is asked
        one.vehicles_with_data = int(one.fixes > 0)
    if registered:
        one.online_days = row.online_days
    return one


def _warn(left: _Left) -> None:
    warnings = []
    if left.waiting:
        warnings.append(
            f"{left.waiting} vehicle-days wait to be judged: run `hanhtrinh check`; they may be missing here"
        )
    if left.unsummed:
        warnings.append(f"{left.unsummed} vehicle-days with fixes were judged before these sums were kept: they are "
                        "missing here; run `hanhtrinh check --all`")  # fmt: skip
    for warning in warnings:
        console.print(f"warning: {warning}", soft_wrap=True, highlight=False, markup=False)

"""`hanhtrinh station month`: what each station weighed in a month, how much of it in breach, and when it said nothing.

Circular 41/2024/TT-BGTVT Art. 18(3) asks weigh works for this before day 25: number weighed, in breach, share.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.outfile import write_whole
from cli.reference import InputError
from cli.root import law_of, opened, settings_of
from cli.stations.report import WRITERS, month_forms
from journey.localtime import parse_month
from rules.months import bounds
from storage.database import transaction
from storage.stations.months import station_months


class Form(StrEnum):
    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def month(
    context: typer.Context,
    month: Annotated[str, typer.Option(help="local calendar month, such as 2026-03")],
    out: Annotated[Path | None, typer.Option(help="the printed report with its annex: a file .pdf or .xlsx")] = None,
    form: Annotated[Form, typer.Option("--format", help="text, csv or json (one line a station)")] = Form.TEXT,
) -> None:
    """Count a month by station: weighings, those in breach, their share, hours in which nothing was weighed.

    In breach is a weighing with at least one finding of overload that is certain. A record sent twice counts once.

    With --out the report that Circular 41/2024 Art. 18 asks for: also running hours, silences, and stops reported
    (`hanhtrinh station stop`). The schedule writes it each month beside the proposals.

    Example: hanhtrinh station month --month 2026-03 --out tram-can-2026-03.pdf
    """
    try:
        start, end = bounds(parse_month(month))
    except ValueError:
        raise InputError(f"--month {month!r} is no month; write it as YYYY-MM") from None
    settings = settings_of(context)
    if out is not None:
        if out.suffix not in WRITERS:
            raise InputError(f"--out {out}: end the file's name in {' or '.join(WRITERS)}")
        with opened(settings) as connection, transaction(connection):
            forms = month_forms(connection, law_of(settings), parse_month(month), int(time.time()))
        write_whole(out, WRITERS[out.suffix](forms))
        typer.echo(out)
        return
    with opened(settings) as connection, transaction(connection):
        lines = station_months(connection, start, end)
    if form is Form.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(("station", "name", "weighed", "in_breach", "share_percent", "unread", "hours_without"))
        writer.writerows((*line[:4], "" if line.share is None else f"{line.share:.2f}", *line[4:6]) for line in lines)
        return
    for line in lines:
        if form is Form.JSON:
            typer.echo(json.dumps({**line._asdict(), "share_percent": line.share}, ensure_ascii=False))
            continue
        share = "-" if line.share is None else f"{line.share:.2f} %"
        typer.echo(f"{line.station}  {line.name}: weighed {line.weighed}, in breach {line.in_breach} ({share}), "
                   f"plates not read {line.unread}, hours without a weighing {line.hours_without}")  # fmt: skip
    if not lines:
        typer.echo("no station is on file, and nothing was weighed: run hanhtrinh import, then replay or ingest")

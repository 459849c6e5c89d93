"""`hanhtrinh export`: a week's findings as an enforcement list."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.exports import EXPORTS
from api.exports.coverage import VehicleCoverage
from api.exports.weekly import WeeklyList, build
from cli.reference import InputError
from cli.root import code_version, law_of, opened, settings_of
from journey.localtime import day_of, parse_week
from rules.law import Law
from storage.database import Connection, transaction
from storage.findings import load_findings
from storage.registry import load_registry
from storage.weekly import vehicle_sums
from storage.windows import waiting

AUTHORITY = "Ủy ban nhân dân tỉnh Lạng Sơn\nSở Giao thông vận tải"
PLACE = "Lạng Sơn"
console = Console(stderr=True)


def export(
    context: typer.Context,
    week: Annotated[str, typer.Option(help="ISO week, such as 2026-W12")],
    folder: Annotated[Path, typer.Option(help="where the files go")] = Path("lists"),
    made_at: Annotated[int | None, typer.Option(help="moment of making, Unix seconds; now by default. The same "
                                                    "moment and data give the same bytes")] = None,
) -> None:  # fmt: skip
    """Write the enforcement list of a week: every certain finding, by operator, as XLSX and CSV.

    Example: hanhtrinh export --week 2026-W12 --folder lists/
    """
    settings = settings_of(context)
    with opened(settings) as connection:
        for path in export_week(connection, law_of(settings), week, folder, made_at):
            print(path)


def export_week(connection: Connection, law: Law, week: str, folder: Path, made_at: int | None = None) -> list[Path]:
    """Write the week's list in every format; returns the files. Warns where records wait to be judged."""
    try:
        start, end = parse_week(week)
    except ValueError as error:
        raise InputError(f"--week {error}") from None
    with transaction(connection):
        left = waiting(connection)
        weekly = _weekly(connection, law, week, start, end, int(time.time()) if made_at is None else made_at)
    if left:
        warning = f"warning: {left} vehicle-days wait to be judged: run `hanhtrinh check` before you publish"
        console.print(warning, soft_wrap=True)
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for export in EXPORTS.values():
            path = folder / f"danh-sach-{week}{export.suffix}"
            _write(path, export.render(weekly))
            paths.append(path)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}; name another --folder") from None
    return paths


def _weekly(connection: Connection, law: Law, week: str, start: int, end: int, made_at: int) -> WeeklyList:
    registry = load_registry(connection)
    coverage = [
        VehicleCoverage(row.plate, row.operator, row.fixes, row.driving_s, row.standing_s, row.unknown_s, row.driving_m)
        for row in vehicle_sums(connection, day_of(start), day_of(end))
    ]
    return build(
        load_findings(connection, start, end),
        coverage,
        registry.operators,
        registry.vehicles,
        week=week,
        made_at=made_at,
        authority=AUTHORITY,
        place=PLACE,
        law_version=law.version,
        method=law.method_name,
        method_title=law.method_title,
        code_version=code_version(),
    )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a reader never sees half a list."""
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(content)
    os.replace(partial, path)

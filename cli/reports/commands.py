"""`hanhtrinh report`: the standard report forms of a vehicle, a driver or an operator, for any period."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from api.reports import form_csv, form_pdf, form_xlsx
from api.reports.form import Form
from api.reports.words import Frame
from cli.lists.weekly import AUTHORITY, PLACE
from cli.outfile import write_whole
from cli.reference import InputError
from cli.reports.reading import FORMS, maker, open_source
from cli.root import code_version, law_of, opened, settings_of
from journey import plates
from journey.localtime import number_of
from journey.registry import Registry
from rules.law import Law
from storage.database import transaction
from storage.registry import load_registry
from storage.sums.reports import Subject
from storage.windows import waiting

_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_MINUTE_S = 60
WRITERS: dict[str, Callable[[Form], bytes]] = {
    ".xlsx": form_xlsx.render,
    ".csv": form_csv.render,
    ".pdf": form_pdf.render,
}
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def report(
    context: typer.Context,
    form: Annotated[str, typer.Argument(help=f"one of {', '.join(FORMS)}")],
    begin: Annotated[str, typer.Option("--from", help="first local day, YYYY-MM-DD")],
    end: Annotated[str, typer.Option("--to", help="last local day, included")],
    out: Annotated[Path, typer.Option(help="file to write, .xlsx, .csv or .pdf")],
    vehicle: Annotated[str | None, typer.Option(help="plate")] = None,
    driver: Annotated[str | None, typer.Option(help="licence number")] = None,
    operator: Annotated[str | None, typer.Option(help="id of an operator")] = None,
    least_stop: Annotated[int, typer.Option("--stops-from", help="minutes from which a stand counts as a stop")] = 5,
    made_at: Annotated[int | None, typer.Option(help="moment of making, Unix seconds; now by default. The same "
                                                    "moment and data give the same bytes")] = None,
) -> None:  # fmt: skip
    """Write a standard report form: journey, speed, over the limit, continuous driving, stops, summaries, loss of data.

    Made of stored records and of what `hanhtrinh check` judged; nothing is stored. A dash is what is not known.

    Example: hanhtrinh report over-limit --operator OP1 --from 2026-03-01 --to 2026-03-31 --out over.xlsx
    """
    given = {"vehicle": vehicle, "driver": driver, "operator": operator}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise InputError("name one of --vehicle, --driver and --operator")
    make = maker(form, named[0])
    days = _days(begin, end)
    if out.suffix not in WRITERS:
        raise InputError(f"--out {out}: end the file's name in {', '.join(WRITERS)}")
    subject = Subject(plates.plate(vehicle) if vehicle else None, _licence(driver), operator)
    settings = settings_of(context)
    law = law_of(settings)
    with opened(settings) as connection, transaction(connection):
        connection.execute(_READ_ONLY)
        left = waiting(connection)
        registry = load_registry(connection)
        lines = (*_whose(subject, registry), _period(begin, end))
        warnings = (f"CHƯA ĐẦY ĐỦ: còn {left} ngày-xe chưa được xét khi lập.",) if left else ()
        with _progress(days[1] - days[0], named[0] == "vehicle") as tell:
            frame = frame_of(law, lines, int(time.time()) if made_at is None else made_at, warnings)
            source = open_source(connection, law, registry, subject, days, least_stop * _MINUTE_S, frame, tell)
            content = WRITERS[out.suffix](make(source))
    write_whole(out, content)
    print(out)
    if left:
        console.print(f"warning: {left} vehicle-days wait to be judged: run `hanhtrinh check` before you use this")


def _licence(driver: str | None) -> str | None:
    if driver is None:
        return None
    licence = plates.licence(driver)
    if licence is None:
        raise InputError(f"--driver {driver!r} is no licence number")
    return licence


def frame_of(law: Law, lines: tuple[str, ...], made_at: int, warnings: tuple[str, ...] = ()) -> Frame:
    """What stands around a form made now, by this program and rulebook."""
    running = f"Bộ quy tắc {law.version} · {law.method_name} · {code_version()}"
    return Frame(lines, AUTHORITY, PLACE, made_at, running, warnings)


def _days(begin: str, end: str) -> tuple[int, int]:
    days = []
    for option, text in (("--from", begin), ("--to", end)):
        try:
            days.append(number_of(date.fromisoformat(text)))
        except ValueError:
            raise InputError(f"{option} {text!r} is no date: write it like 2026-03-01") from None
    if days[1] < days[0]:
        raise InputError(f"--to {end} lies before --from {begin}")
    return days[0], days[1] + 1


def _whose(subject: Subject, registry: Registry) -> tuple[str, ...]:
    operators = {one.id: one.name for one in registry.operators}
    if subject.operator is not None:
        if subject.operator not in operators:
            raise InputError(f"--operator {subject.operator}: no operator of this id is registered")
        return (f"Đơn vị: {operators[subject.operator]} ({subject.operator})",)
    if subject.licence is not None:
        names = {one.licence: one.name for one in registry.drivers}
        return (f"Lái xe: {names.get(subject.licence, '–')}; số giấy phép lái xe: {subject.licence}",)
    owners = [row.operator for row in registry.vehicles if row.plate == subject.plate]
    named = "; ".join(dict.fromkeys(operators.get(one, one) for one in owners)) or "không có trong sổ đăng ký"
    return (f"Biển số xe: {subject.plate}; đơn vị: {named}",)


def _period(begin: str, end: str) -> str:
    first, last = (date.fromisoformat(text).strftime("%d/%m/%Y") for text in (begin, end))
    return f"Từ 00:00 ngày {first} đến 24:00 ngày {last} (giờ Việt Nam)"


@contextmanager
def _progress(days: int, whole: bool) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal: of the days of a vehicle, else of what is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("days read" if whole else "vehicles read", total=days if whole else None)
        yield lambda number: progress.advance(task, number)

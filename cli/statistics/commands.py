"""`hanhtrinh statistics`: state statistics of a month, a quarter or a year, against the period before."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.exports import wording
from api.reports.provinces import province
from api.reports.statistics import Counts, Section, Statistics
from api.reports.statistics_files import as_csv, as_pdf, as_xlsx
from api.reports.words import Frame
from cli.outfile import write_whole
from cli.reference import InputError
from cli.reports.commands import frame_of
from cli.root import law_of, opened, settings_of
from cli.statistics.area_counts import area_sections
from cli.statistics.periods import Period, days_of, longer_than_a_month, periods
from journey.localtime import day_start, number_of
from rules.law import Law
from storage.database import Connection, transaction
from storage.sums import statistics as stored
from storage.windows import waiting

_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_WARNED = "recorder.silence_warned_after"
_OF_ROADS = "Tính theo đường nơi lần quá tốc độ bắt đầu; vi phạm khác không gắn với đường. Không có số km theo đường."
WRITERS: dict[str, Callable[[Statistics], bytes]] = {".csv": as_csv, ".xlsx": as_xlsx, ".pdf": as_pdf}
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def statistics(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="file to write, .xlsx, .csv or .pdf")],
    month: Annotated[str | None, typer.Option(help="local calendar month, such as 2026-03")] = None,
    quarter: Annotated[str | None, typer.Option(help="quarter, such as 2026-Q1")] = None,
    year: Annotated[int | None, typer.Option(help="year, such as 2026", min=1970, max=9998)] = None,
    made_at: Annotated[int | None, typer.Option(help="moment of making, Unix seconds; now by default. The same "
                                                    "moment and data give the same bytes")] = None,
) -> None:  # fmt: skip
    """Write the state's statistics: breaches by vehicle type, road, province and time, km over the limit, silences.

    What `hanhtrinh check` judged is added up; nothing is stored. A dash is what is not known.

    Example: hanhtrinh statistics --quarter 2026-Q1 --out q1.pdf
    """
    if sum(value is not None for value in (month, quarter, year)) != 1:
        raise InputError("name one of --month, --quarter and --year")
    if out.suffix not in WRITERS:
        raise InputError(f"--out {out}: end the file's name in {', '.join(WRITERS)}")
    now, before = periods(month, quarter, year)
    settings = settings_of(context)
    law = law_of(settings)
    with opened(settings) as connection, transaction(connection):
        connection.execute(_READ_ONLY)
        left = waiting(connection)
        warnings = [f"CHƯA ĐẦY ĐỦ: còn {left} ngày-xe chưa được xét khi lập."] if left else []
        if day_start(number_of(now[2])) > time.time():
            warnings.append("KỲ CHƯA KẾT THÚC: số liệu tính đến thời điểm lập.")
        frame = frame_of(law, (), int(time.time()) if made_at is None else made_at, tuple(warnings))
        read = read_statistics(connection, law, now, before, frame)
    write_whole(out, WRITERS[out.suffix](read))
    print(out)
    if left:
        console.print(f"warning: {left} vehicle-days wait to be judged: run `hanhtrinh check` before you use this")


def read_statistics(connection: Connection, law: Law, now: Period, before: Period, frame: Frame) -> Statistics:
    """Both periods added up. Inside the open transaction."""
    least = law.at(_WARNED, day_start(number_of(now[2])) - 1)
    warned = int(least.value) if least and least.value else None
    days, days_before = days_of(now), days_of(before)
    long = longer_than_a_month(now)
    whole = [_whole(connection, law, period, frame.made_at) for period in (now, before)]

    def section(name: str, by: str, named: Callable[[str], str], note: str = "", compared: bool = True) -> Section:
        found = _counted(connection, by, days, warned or 0, frame.made_at)
        if compared and whole[1].known:
            earlier = _totals(stored.breaches(connection, by, *days_before, frame.made_at))
            for key in found.keys() | earlier:
                found.setdefault(key, Counts()).before = earlier.get(key, 0)
        return Section(name, tuple((named(key), found[key]) for key in sorted(found)), note)

    sections = (
        section("Loại phương tiện", "kind", lambda key: wording.KINDS.get(key, key) or wording.UNREGISTERED),
        section("Đường", "road", lambda key: key or "Không rõ, hoặc không gắn với đường", _OF_ROADS),
        section("Tỉnh đăng ký", "province", province),
        *area_sections(connection, law, days, days_before if whole[1].known else None, whole[0], frame.made_at),
        section("Tháng", "month", lambda key: f"{key[5:]}/{key[:4]}", compared=False) if long else
        section("Ngày", "day", lambda key: f"{key[8:]}/{key[5:7]}/{key[:4]}", compared=False),
    )  # fmt: skip
    left = stored.left_out(connection, *days, frame.made_at)
    return Statistics(now[0], before[0], whole[0], whole[1], sections, warned, frame, left.held, left.confirmed)


def _totals(rows: Iterable[stored.Breaches]) -> Counter[str]:
    return Counter({row.key: row.number for row in rows if row.rule is None})


def _whole(connection: Connection, law: Law, period: Period, at: int) -> Counts:
    days = days_of(period)
    least = law.at(_WARNED, day_start(days[1]) - 1)
    return _counted(connection, "all", days, int(least.value) if least and least.value else 0, at).get("", Counts())


def _counted(connection: Connection, by: str, days: tuple[int, int], least_s: int, at: int) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for row in stored.breaches(connection, by, *days, at):
        one = found.setdefault(row.key, Counts())
        if row.rule is None:
            one.breaching, one.over_mm = row.vehicles, row.over_mm
        else:
            one.rules[row.rule] = row.number
    if by == "road":
        return found
    for driven in stored.driven(connection, by, *days):
        if driven.fixes or driven.driven_mm:
            one = found.setdefault(driven.key, Counts())
            one.driven_mm, one.sending, one.silences, one.silent_s = driven.driven_mm, driven.vehicles, 0, 0
    for silent in stored.silences(connection, by, day_start(days[0]), day_start(days[1]), least_s):
        one = found.setdefault(silent.key, Counts())
        one.silences, one.silent_s = silent.number, silent.seconds
    return found

"""A store of 1,000 vehicles and 30 days: rate and bytes as it grows, and how soon questions are answered."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.province import day_fixes, licence, plate, registry
from cli.checking.windows import check
from cli.root import code_version, opened
from journey.localtime import DAY_S, day_start
from journey.settings import Settings
from journey.track import encode
from rules import law as rulebook
from rules.law import Law
from rules.quality import figures_box, fix_flags
from storage.commit import Batch, commit_batch
from storage.database import Connection, scalar, transaction
from storage.pages.daytrack import day_track
from storage.pages.desk import driver_week, operator_findings, operator_service
from storage.pages.positions import last_positions, nearest_fixes
from storage.registry import save_registry
from storage.upkeep.parts import make_parts

VEHICLES = int(os.environ.get("HANHTRINH_BENCH_VEHICLES", "1000"))
DAYS = int(os.environ.get("HANHTRINH_BENCH_DAYS", "30"))
OPERATORS = 40
FIRST_DAY = 20_518  # Friday 2026-03-06
BATCH = 50_000
ASKED = 200  # times each question


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="hanhtrinh-bench-", dir=os.environ.get("HANHTRINH_BENCH_FOLDER")))
    settings = Settings(data_folder=folder)
    law = rulebook.load()
    try:
        with opened(settings) as connection:
            save_registry(connection, registry(VEHICLES, OPERATORS))
            make_parts(connection, FIRST_DAY, FIRST_DAY + DAYS)
            fill(connection, law)
            judge(connection, law)
            with transaction(connection):
                connection.execute("ANALYZE")
        # The server was stopped: what it kept in memory is gone, what the kernel keeps of its files as far as we may.
        dropped = _drop_caches()
        with opened(settings) as connection:
            print(f"questions: cold after a restart of the server{' and an empty page cache' if dropped else ''}")
            _ask(connection)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill(connection: Connection, law: Law) -> None:
    """Store the fixes of all vehicles and days; print rate and bytes."""
    box = figures_box(law)
    rates = []
    for day in range(FIRST_DAY, FIRST_DAY + DAYS):
        frame = day_fixes(0, VEHICLES, day)
        spent = 0.0
        for start in range(0, len(frame), BATCH):
            part = frame[start : start + BATCH]
            began = time.perf_counter()
            flags = pl.Series(fix_flags(encode(part).frame, box, law), dtype=pl.Int16)
            commit_batch(connection, Batch("bench", part.with_columns(flags=flags)))
            spent += time.perf_counter() - began
        rates.append(len(frame) / spent)
    fixes = VEHICLES * 3000 * DAYS
    with transaction(connection):
        stored = int(scalar(connection, "SELECT sum(inserted) FROM batch"))
        size = int(scalar(connection, "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('fix')"))
    if stored != fixes:
        raise AssertionError(f"{stored} stored of {fixes} sent")
    first, last = np.mean(rates[:3]), np.mean(rates[-3:])
    print(
        f"{'store, days ' + str(DAYS):<28} {fixes / sum(VEHICLES * 3000 / rate for rate in rates):>12,.0f} fixes/s  "
        f"{fixes:,} fixes; first three days {first:,.0f}, last three {last:,.0f} ({last / first - 1:+.0%}), "
        f"slowest day {min(rates):,.0f}; {size / fixes:.1f} bytes a fix with the key, {size / 2**30:.1f} GiB",
        flush=True,
    )


def judge(connection: Connection, law: Law) -> None:
    """Judge all of it; print the rate."""
    began = time.perf_counter()
    done = check(connection, law, code_version())
    seconds = time.perf_counter() - began
    print(
        f"{'check, from that store':<28} {VEHICLES * 3000 * DAYS / seconds:>12,.0f} fixes/s  "
        f"{done.windows:,} vehicle-days in {seconds:,.0f} s, {done.added:,} findings",
        flush=True,
    )


def _drop_caches() -> bool:
    try:
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")
    except OSError:
        return False
    return True


def _ask(connection: Connection) -> None:
    draw = random.Random(1)
    start, end = day_start(FIRST_DAY + 1), day_start(FIRST_DAY + DAYS)
    monday = FIRST_DAY + 3  # the first in it
    weeks = max(1, (DAYS - 3) // 7)

    def number() -> int:
        return draw.randrange(VEHICLES)

    def instant() -> int:
        return draw.randrange(start, end)

    def of_week() -> object:
        at = day_start(monday + 7 * draw.randrange(weeks))
        return operator_findings(connection, f"OP{draw.randrange(OPERATORS):03d}", at, at + 7 * DAY_S, 1000)

    questions: dict[str, Callable[[], object]] = {
        "last position of a vehicle": lambda: last_positions(connection, instant(), 7 * DAY_S, [plate(number())]),
        "last positions of all": lambda: last_positions(connection, instant(), 7 * DAY_S),
        "a vehicle's day for a map": lambda: day_track(
            connection, plate(number()), FIRST_DAY + draw.randrange(DAYS), 10.0, 900
        ),
        "a driver's week": lambda: driver_week(connection, licence(number()), monday + 7 * draw.randrange(weeks)),
        "an operator's week, findings": of_week,
        "quality of operators, month": lambda: operator_service(connection, FIRST_DAY, FIRST_DAY + DAYS),
        "nearest fixes": lambda: nearest_fixes(connection, 106.0 + 0.0005 * number(), 21.4, instant(), 900, 2000, 20),
    }
    for name, question in questions.items():
        times = ASKED if "all" not in name and "month" not in name else ASKED // 10
        state = draw.getstate()
        cold = _timed(connection, question, times)
        draw.setstate(state)
        warm = _timed(connection, question, times)
        print(
            f"{name:<30} cold p50 {np.percentile(cold, 50):7.1f} ms p95 {np.percentile(cold, 95):7.1f} ms   "
            f"warm p50 {np.percentile(warm, 50):7.1f} ms p95 {np.percentile(warm, 95):7.1f} ms   {times} times",
            flush=True,
        )


def _timed(connection: Connection, question: Callable[[], object], times: int) -> list[float]:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        with transaction(connection):
            question()
        spent.append(1000 * (time.perf_counter() - began))
    return spent


if __name__ == "__main__":
    main()

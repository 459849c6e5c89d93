"""A whole day of a province at once after an outage, beside the live load: how long until all of it is judged.

The day comes as files, as providers deliver what they held back; `hanhtrinh replay` takes them in and `hanhtrinh check
--follow` judges, while live fixes go on: one in ten seconds of each vehicle.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import LiteralString

import numpy as np
import polars as pl

from benchmarks.province import day_fixes, registry
from cli.root import opened
from journey.settings import Settings
from storage.commit import Batch, commit_batch
from storage.database import Connection, connect, open_store, scalar, transaction
from storage.registry import save_registry
from storage.upkeep.parts import make_parts

VEHICLES = int(os.environ.get("HANHTRINH_BENCH_VEHICLES", "1000"))
PROVINCE = 5_000
DAY = 20_518
FIXES = 8_640  # of a vehicle: the whole day, one in ten seconds
FILES = 4
HANHTRINH = str(Path(sys.executable).with_name("hanhtrinh"))
_WAITING = "SELECT count(*) FROM vehicle_day WHERE day = %s AND touched > checked"
_FINDINGS = "SELECT count(*) FROM finding WHERE day = %s AND withdrawn_at IS NULL"
_TOUCHED = """
    SELECT vehicle_id, touched FROM vehicle_day WHERE day = %s AND touched > checked ORDER BY touched DESC LIMIT 50
"""
_JUDGED = """
    SELECT bool_and(d.checked >= t.touched) FROM unnest(%s::int[], %s::bigint[]) AS t (vehicle_id, touched)
    JOIN vehicle_day d ON d.vehicle_id = t.vehicle_id AND d.day = %s
"""


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="hanhtrinh-bench-", dir=os.environ.get("HANHTRINH_BENCH_FOLDER")))
    settings = Settings(data_folder=folder / "data")
    try:
        files = _write_day(folder)
        with opened(settings) as connection, open_store(settings) as url:
            save_registry(connection, registry(VEHICLES, 40))
            make_parts(connection, DAY, DAY + 2)
            environment = {**os.environ, "HANHTRINH_DATABASE_URL": url, "HANHTRINH_LOG_LEVEL": "warning"}
            with _following(environment), _live(url) as live:
                began = time.perf_counter()
                taken = subprocess.Popen([HANHTRINH, "replay", *map(str, files)], env=environment,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
                while taken.poll() is None:
                    time.sleep(0.2)
                absorbed = time.perf_counter() - began
                while _one(connection, _WAITING, (DAY,)):
                    time.sleep(0.2)
                judged = time.perf_counter() - began
            if taken.returncode:
                raise AssertionError(f"replay ended with {taken.returncode}")
            stored = _one(connection, "SELECT sum(fixes) FROM day_summary WHERE day = %s", (DAY,))
            findings = int(
                _one(connection, "SELECT count(*) FROM finding WHERE day = %s AND withdrawn_at IS NULL", (DAY,))
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    fixes = VEHICLES * FIXES
    if stored != fixes:
        raise AssertionError(f"{stored} judged of {fixes} sent")
    whole = judged * PROVINCE / VEHICLES
    print(
        f"{'catch-up of a day':<28} {fixes / judged:>12,.0f} fixes/s  {fixes:,} fixes of {VEHICLES:,} vehicles stored "
        f"in {absorbed:,.0f} s, the last verdict after {judged:,.0f} s, {findings:,} findings; at this rate a day of "
        f"{PROVINCE:,} vehicles takes {whole / 60:,.1f} min",
        flush=True,
    )
    print(f"{'live beside it':<28} {live.told()}", flush=True)


def _one(connection: Connection, query: LiteralString, parameters: tuple[object, ...]) -> int:
    with transaction(connection):
        return int(scalar(connection, query, parameters) or 0)


def _write_day(folder: Path) -> list[Path]:
    paths = []
    share = VEHICLES // FILES
    for number in range(FILES):
        frame = day_fixes(number * share, share, DAY, FIXES)
        paths.append(folder / f"provider{number}.csv")
        frame.select(
            "vehicle", "driver", "time", "lon", "lat", speed_kmh=pl.col("speed_dkmh") / 10, heading="heading",
            ignition=pl.col("ignition").cast(pl.Int8), received="received",
        ).write_csv(paths[-1])  # fmt: skip
    return paths


@contextmanager
def _following(environment: dict[str, str]) -> Iterator[None]:
    command = [HANHTRINH, "check", "--follow", "--every", "0.5", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        if process.wait(120):
            raise AssertionError(f"check --follow ended with {process.returncode}")


class _Live:
    """Live fixes of the next day, once a second; how long each batch took to be stored, and until it was judged."""

    def __init__(self, url: str) -> None:
        self.stop = Event()
        self.stored: list[float] = []
        self.judged: list[float] = []
        self._url = url
        self.thread = Thread(target=self._run)

    def _run(self) -> None:
        with connect(self._url, "bench live") as connection:
            frames = day_fixes(0, VEHICLES, DAY + 1, 720).sort("time")
            each = max(1, VEHICLES // 10)
            place, pending = 0, None
            while not self.stop.is_set():
                due = time.perf_counter() + 1
                part = frames[place : place + each].with_columns(flags=pl.lit(0, pl.Int16))
                began = time.perf_counter()
                commit_batch(connection, Batch("live", part))
                self.stored.append(time.perf_counter() - began)
                place += each
                pending = pending or self._touched(connection)
                if pending and self._is_judged(connection, pending[1]):
                    self.judged.append(time.perf_counter() - pending[0])
                    pending = None
                while time.perf_counter() < due and not self.stop.is_set():
                    time.sleep(0.05)
                    if pending and self._is_judged(connection, pending[1]):
                        self.judged.append(time.perf_counter() - pending[0])
                        pending = None
            if pending:
                self.judged.append(time.perf_counter() - pending[0])

    def _touched(self, connection: Connection) -> tuple[float, list[tuple[int, int]]]:
        with transaction(connection):
            return time.perf_counter(), connection.execute(_TOUCHED, (DAY + 1,)).fetchall()

    def _is_judged(self, connection: Connection, windows: list[tuple[int, int]]) -> bool:
        columns = [list(column) for column in zip(*windows, strict=True)] if windows else [[], []]
        with transaction(connection):
            return bool(scalar(connection, _JUDGED, (*columns, DAY + 1)))

    def told(self) -> str:
        stored, judged = np.array(self.stored), np.array(self.judged or [np.nan])
        return (
            f"{max(1, VEHICLES // 10)} fixes a second: stored after p50 {np.percentile(stored, 50):.2f} s, p95 "
            f"{np.percentile(stored, 95):.2f} s, at most {stored.max():.2f} s; judged after p50 "
            f"{np.percentile(judged, 50):.1f} s, at most {judged.max():.1f} s ({len(judged)} times)"
        )


@contextmanager
def _live(url: str) -> Iterator[_Live]:
    live = _Live(url)
    live.thread.start()
    try:
        yield live
    finally:
        live.stop.set()
        live.thread.join()


if __name__ == "__main__":
    main()

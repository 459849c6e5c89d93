"""A vehicle-day that arrives five days late while live data comes in: from its commit to the findings amended.

A fleet's week is stored and judged, but for a day of some vehicles and the last half day of all. `hanhtrinh check
--follow` runs in a process of its own; here the last half day is committed in batches, two a second. In between one
late day after another is committed; what is told is how long it takes until it is judged: its findings added, and
those on the silence in its place withdrawn. Aim: 2 s.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import polars as pl

from cli.checking.windows import check
from cli.fleet import FleetSpec, frame, generate, write
from cli.intake.recorded import store_reference
from cli.root import code_version, opened
from journey.localtime import DAY_S, day_of, day_start
from journey.settings import Settings
from journey.track import encode
from rules import law as rulebook
from rules.law import Law
from rules.quality import figures_box, fix_flags
from storage.commit import Batch, commit_batch
from storage.database import Connection, connect, open_store, scalar, transaction

VEHICLES, DAYS, LATE_DAYS, TIMES = 100, 7, 5, 9
LIVE_EVERY_S, LIVE_FIXES = 0.5, 1_000
_PATIENCE_S = 120
_WORKS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hanhtrinh check'"
_JUDGED = """
    SELECT count(*) FROM vehicle_day d JOIN vehicle v ON v.id = d.vehicle_id
    WHERE v.plate = %s AND d.day = %s AND d.touched <= d.checked
"""
_CHANGES = """
    SELECT count(*) FILTER (WHERE added_at >= to_timestamp(%(since)s)),
           count(*) FILTER (WHERE withdrawn_at >= to_timestamp(%(since)s))
    FROM finding f JOIN vehicle v ON v.id = f.vehicle_id WHERE v.plate = ANY(%(plates)s)
"""


def main() -> None:
    law = rulebook.load()
    with tempfile.TemporaryDirectory(prefix="hanhtrinh-bench-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        fleet = generate(FleetSpec(vehicles=VEHICLES, days=DAYS))
        write(fleet, folder / "fleet", ())
        fixes = frame(fleet)
        last = day_of(int(fixes["time"].max()))  # type: ignore[arg-type]
        day = last - LATE_DAYS
        of_day = pl.col("time").is_between(day_start(day), day_start(day + 1) - 1)
        per_plate = fixes.filter(of_day)["vehicle"].value_counts().sort("count", "vehicle", descending=True)
        plates = per_plate["vehicle"].head(TIMES).to_list()
        late = of_day & pl.col("vehicle").is_in(plates)
        live = pl.col("time") >= day_start(last) + DAY_S // 2
        settings = Settings(data_folder=folder / "data")
        with opened(settings) as connection, open_store(settings) as url:
            store_reference(connection, folder / "fleet")
            _commit(connection, fixes.filter(~late & ~live), law)
            check(connection, law, code_version())
            _measure(connection, url, law, fixes.filter(late), fixes.filter(live & ~late).sort("time"), day)


def _measure(connection: Connection, url: str, law: Law, late: pl.DataFrame, live: pl.DataFrame, day: int) -> None:
    command = [str(Path(sys.executable).with_name("hanhtrinh")), "check", "--follow", "--port", "0"]
    environment = {**os.environ, "HANHTRINH_DATABASE_URL": url, "HANHTRINH_LOG_LEVEL": "warning"}
    ended = threading.Event()
    streaming = threading.Thread(target=_stream, args=(url, live, law, ended))
    with subprocess.Popen(command, env=environment) as worker:
        try:
            _until(connection, _WORKS, ())
            streaming.start()
            since, seconds = time.time(), []
            plates = late["vehicle"].unique(maintain_order=True).to_list()
            for plate in plates:
                some = late.filter(pl.col("vehicle") == plate)
                _commit(connection, some, law)
                began = time.perf_counter()
                _until(connection, _JUDGED, (plate, day))
                seconds.append(time.perf_counter() - began)
            with transaction(connection):
                ((added, withdrawn),) = connection.execute(_CHANGES, {"since": since, "plates": plates}).fetchall()
        finally:
            ended.set()
            worker.terminate()
    streaming.join()
    if not added + withdrawn:
        raise AssertionError("no finding was amended")
    print(
        f"{'a day five days late':<28} {statistics.median(seconds):>12.2f} s        "
        f"median of {len(seconds)} vehicle-days of {len(late) // len(plates)} fixes, slowest {max(seconds):.2f} s; "
        f"{added} findings added, {withdrawn} withdrawn, {LIVE_FIXES / LIVE_EVERY_S:,.0f} live fixes/s beside it",
        flush=True,
    )


def _until(connection: Connection, query: str, parameters: tuple[object, ...]) -> None:
    end = time.perf_counter() + _PATIENCE_S
    while True:
        with transaction(connection):
            if scalar(connection, query, parameters):
                return
        if time.perf_counter() > end:
            raise AssertionError(f"after {_PATIENCE_S} s there is still none: {query}")
        time.sleep(0.02)


def _stream(url: str, live: pl.DataFrame, law: Law, ended: threading.Event) -> None:
    """Commit batches of live data until told to end; it begins anew where it is through, as repeats."""
    with connect(url) as connection:
        while not ended.is_set():
            for start in range(0, len(live), LIVE_FIXES):
                _commit(connection, live[start : start + LIVE_FIXES], law)
                if ended.wait(LIVE_EVERY_S):
                    return


def _commit(connection: Connection, fixes: pl.DataFrame, law: Law) -> None:
    flags = pl.Series(fix_flags(encode(fixes).frame, figures_box(law), law), dtype=pl.Int16)
    commit_batch(connection, Batch("bench", fixes.with_columns(flags=flags)))


if __name__ == "__main__":
    main()

"""The audit log: rows written one a transaction by several connections at once, and the chain walked."""

from __future__ import annotations

import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from journey.settings import Settings
from storage.audit.chain import verify
from storage.audit.log import By, What, record
from storage.database import connect, open_store, transaction
from storage.migrate import migrate

CONNECTIONS = (1, 4, 50)
ROWS = 4000


def main() -> None:
    data = Path(tempfile.mkdtemp(prefix="hanhtrinh-bench-"))
    try:
        with open_store(Settings(data_folder=data, database_url=None)) as url, connect(url) as connection:
            migrate(connection)
            for number in CONNECTIONS:
                write(url, number)
            began = time.perf_counter()
            with transaction(connection):
                verdict = verify(connection)
            seconds = time.perf_counter() - began
    finally:
        shutil.rmtree(data, ignore_errors=True)
    if verdict.fault is not None or verdict.rows < ROWS * len(CONNECTIONS):
        raise AssertionError(verdict)
    print(f"{'audit chain walked':<28} {verdict.rows / seconds:>12,.0f} rows/s  {verdict.rows:,} rows", flush=True)


def write(url: str, connections: int) -> None:
    def one(worker: int) -> list[float]:
        took = []
        with connect(url) as own:
            for number in range(ROWS // connections):
                began = time.perf_counter()
                with transaction(own):
                    record(own, By(None, "198.51.100.1", f"{worker}-{number}"), What.LOOK_UP_VEHICLE, "12C12345", "why")
                took.append(time.perf_counter() - began)
        return took

    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        took = sorted(seconds for some in pool.map(one, range(connections)) for seconds in some)
    seconds = time.perf_counter() - began
    print(
        f"{f'audit, {connections} connections':<28} {len(took) / seconds:>12,.0f} rows/s  each its own transaction, "
        f"on disk; median {took[len(took) // 2] * 1000:.1f} ms, p95 {took[int(len(took) * 0.95)] * 1000:.1f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()

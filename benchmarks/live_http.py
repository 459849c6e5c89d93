"""HTTP end to end: requests of 100 fixes from a process of its own, each answered when it is committed.

A sender waits for its answer before it sends again, so what bounds it is connections over the time of an answer.
Clients, database server and we share the machine. Aim: 20,000 fixes/s.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import tempfile
from multiprocessing.synchronize import Event
from pathlib import Path

import polars as pl

from benchmarks.fleet import read
from benchmarks.live import SENDER, Taken, check, store, take_in, tell
from ingest.pipeline import Limits
from ingest.sources import Context
from ingest.sources.http import Settings, opened

FIXES, EACH = 300_000, 100
CONNECTIONS = (64, 256)
_PATIENCE_S = 600  # should the clients fail, which say why
_HEAD = (
    "POST /v1/fixes HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer bench\r\n"
    "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
)


def main(folder: Path) -> None:
    fixes = read(folder).head(FIXES)
    bodies = _bodies(fixes)
    for connections in CONNECTIONS:
        with (
            tempfile.TemporaryDirectory(prefix="hanhtrinh-bench-", ignore_cleanup_errors=True) as temporary,
            store(folder, Path(temporary)) as (connection, url),
        ):
            taken = asyncio.run(_take(url, bodies, connections))
            check(connection, taken.totals, len(fixes))
        tell(f"HTTP, {EACH} a request, {connections} open", taken, len(fixes), len(bodies), "requests")


def _bodies(fixes: pl.DataFrame) -> list[bytes]:
    """Requests of json_v1, one fix a line."""
    lines = fixes.select(
        "vehicle", "driver", "time", "lon", "lat", pl.col("speed_dkmh").truediv(10).alias("speed_kmh"), "heading",
        "ignition", "door", "aircon", "received",
    ).write_ndjson().encode().splitlines()  # fmt: skip
    bodies = [b"\n".join(lines[start : start + EACH]) for start in range(0, len(lines), EACH)]
    return [_HEAD.format(len(body)).encode() + body for body in bodies]


async def _take(url: str, bodies: list[bytes], connections: int) -> Taken:
    settings = Settings(name="bench", transport="http", port=0, rate_per_s=100_000)
    async with opened(settings, Context("1", lambda streams: {}, lambda token: SENDER)) as source:
        processes = multiprocessing.get_context("spawn")
        ready, go = processes.Event(), processes.Event()
        clients = processes.Process(target=_send, args=(source.address, bodies, connections, ready, go))
        clients.start()
        await asyncio.to_thread(ready.wait)
        limits = Limits(settings.batch_records, settings.batch_bytes, settings.batch_age_s)
        async with asyncio.timeout(_PATIENCE_S):
            taken = await take_in(source, url, len(bodies), limits, go.set)
        await asyncio.to_thread(clients.join)
    if clients.exitcode:
        raise AssertionError(f"the clients ended with {clients.exitcode}")
    return taken


def _send(address: tuple[str, int], bodies: list[bytes], connections: int, ready: Event, go: Event) -> None:
    """Over so many connections, each with one request at a time. Raises AssertionError at an answer other than 200."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while bodies:
            writer.write(bodies.pop())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                raise AssertionError(head)
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        writer.close()

    async def all_of_them() -> None:
        opened_ones = [await asyncio.open_connection(*address) for _ in range(connections)]
        ready.set()
        go.wait()
        await asyncio.gather(*(one(*both) for both in opened_ones))

    asyncio.run(all_of_them())


if __name__ == "__main__":
    main(Path(sys.argv[1]))

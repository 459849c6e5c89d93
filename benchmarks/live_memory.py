"""The memory of `hanhtrinh ingest` over an hour's worth of messages: 5,000 vehicles, a fix every 10 s, one a message.

The real process takes 1.8 million messages from Kafka as fast as it can; its resident memory is read every second.
Aim: flat, under 400 MB.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from benchmarks.live_kafka import PARTITIONS, _produce
from ingest.sources.kafka import Settings
from journey.registry import Provider, Registry
from journey.settings import Settings as Project
from storage.database import connect, open_store, scalar, transaction
from storage.migrate import migrate
from storage.registry import save_registry
from tests.brokers import kafka as brokers
from tests.chaos.process import Ingest

VEHICLES, PER_VEHICLE, STEP_S = 5_000, 360, 10
BEGIN = 1_760_000_000  # s UTC
COUNT = VEHICLES * PER_VEHICLE


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hanhtrinh-bench-", ignore_cleanup_errors=True) as temporary:
        work = Path(temporary)
        with (
            brokers.start(work / "kafka") as broker,
            open_store(Project(data_folder=work / "data")) as url,
            connect(url) as connection,
        ):
            migrate(connection)
            save_registry(connection, Registry(providers=(Provider("BENCH", "provider for all"),)))
            topic = broker.create_topic("bench", PARTITIONS)
            _produce(broker.address, topic, _payloads())
            settings = Settings(
                name="live", transport="kafka", servers=(broker.address,), topics=(topic,), sender="BENCH"
            )
            began, resident = time.perf_counter(), []
            with Ingest(work / "ingest", url, [settings]) as ingest:
                while True:
                    time.sleep(1)
                    resident.append(_resident_mb(ingest.pid))
                    with transaction(connection):
                        stored = scalar(connection, "SELECT coalesce(sum(fixes), 0) FROM batch")
                    if stored >= COUNT:
                        break
                seconds = time.perf_counter() - began
                ingest.stop()
    quarter = len(resident) // 4
    print(
        f"{'memory of ingest':<32} {max(resident):>12,.0f} MB peak   {COUNT:,} messages in {seconds:.0f} s; at most "
        f"{max(resident[:quarter]):,.0f} MB in the first quarter, {max(resident[-quarter:]):,.0f} MB in the last",
        flush=True,
    )


def _payloads() -> Iterator[bytes]:
    for step in range(PER_VEHICLE):
        for vehicle in range(VEHICLES):
            yield orjson.dumps(
                {
                    "vehicle": f"12C{vehicle:05}",
                    "driver": f"79{vehicle:010}",
                    "time": BEGIN + step * STEP_S + vehicle % STEP_S,
                    "lon": 106.5 + vehicle * 1e-5 + step * 1e-4,
                    "lat": 21.5,
                    "speed_kmh": vehicle % 900 / 10,
                    "heading": 12.5,
                    "ignition": True,
                }
            )


def _resident_mb(pid: int) -> float:
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


if __name__ == "__main__":
    main()

"""AMQP end to end: what waits in a queue, received, decoded, admitted, committed and acknowledged.

The queue is filled first, so that the sender bounds nothing; then the clock runs until all is committed. Broker,
database server and we share the machine. Aim: 5,000 messages/s of the national format, one fix each.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import aiormq
import polars as pl

from benchmarks.fleet import read
from benchmarks.live import SENDER, Taken, check, store, take_in, tell
from cli.fleet.ufms import write_frames
from ingest.pipeline import Limits
from ingest.sources import Context
from ingest.sources.amqp import Settings, opened
from tests.brokers import rabbitmq

MESSAGES = 150_000
_CONTEXT = Context("1", lambda streams: {})
_POLL_S = 0.1


def main(folder: Path) -> None:
    messages = _messages(read(folder).head(MESSAGES))
    memory = {"vm_memory_high_watermark.absolute": "2GB"}  # else it takes in slowly while it writes to disk
    with tempfile.TemporaryDirectory(prefix="hanhtrinh-bench-", ignore_cleanup_errors=True) as temporary:
        data = Path(temporary)
        with rabbitmq.start(data / "broker", settings=memory) as broker, store(folder, data) as (connection, url):
            (data / "password").write_text(broker.users["admin"].password, encoding="utf-8")
            settings = Settings(
                name="bench",
                transport="amqp",
                host=broker.host,
                port=broker.port,
                username="admin",
                password_file=data / "password",
                senders=(SENDER,),
            )
            asyncio.run(_fill(settings, broker.url(), messages))
            taken = asyncio.run(_take(settings, url, len(messages)))
            check(connection, taken.totals, len(messages))
    tell("AMQP, 1 a message", taken, len(messages), len(messages))


def _messages(fixes: pl.DataFrame) -> list[bytes]:
    """One BaseMessage a fix."""
    columns = fixes.with_columns(speed_kmh=pl.col("speed_dkmh") / 10)
    messages = []
    for row in columns.iter_slices(1):
        frame = BytesIO()
        write_frames(row, frame)
        data = frame.getvalue()
        messages.append(data[1:] if data[0] < 128 else data[2:])
    return messages


async def _fill(settings: Settings, url: str, messages: list[bytes]) -> None:
    async with opened(settings, _CONTEXT):
        pass  # declares and binds
    async with aiormq.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=False)
        kept = aiormq.spec.Basic.Properties(delivery_mode=2)
        for message in messages:
            await channel.basic_publish(message, exchange=f"tracking.{SENDER}", routing_key="track1", properties=kept)
        waiting = 0
        while waiting < len(messages):
            await asyncio.sleep(_POLL_S)
            waiting = (await channel.queue_declare(settings.queue_name, passive=True)).message_count or 0


async def _take(settings: Settings, url: str, messages: int) -> Taken:
    async with opened(settings, _CONTEXT) as source:
        return await take_in(source, url, messages, Limits(), lambda: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""A process that takes a Kafka connection in, to be killed: `python -m tests.live.kafka_process SETTINGS DATABASE`.

Prints a line for every hundredth message received, and for each time it had to open the connection anew.
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count

from ingest.pipeline import Intake, Limits, Watch
from ingest.protocols import PROTOCOLS
from ingest.settling import Settler
from ingest.sources import Context, SourceUnavailable
from ingest.sources.kafka import Settings, opened
from journey.model import Decoded, RawMessage
from rules import law as rulebook
from storage.commit import source_offsets
from storage.database import connect
from storage.errors import OffsetMismatch, StoreUnavailable

numbers = count(1)


def decode(message: RawMessage) -> Decoded:
    if (number := next(numbers)) % 100 == 0:
        print("received", number, flush=True)
    return PROTOCOLS[message.protocol](message.payload, message.received)


async def take_in(settings: Settings, database: str) -> None:
    settler = Settler(lambda: connect(database), rulebook.load())
    limits = Limits(settings.batch_records, settings.batch_bytes, settings.batch_age_s)
    while True:
        context = Context(
            str(os.getpid()),
            lambda streams: settler.work(lambda connection: source_offsets(connection, streams)),
        )
        try:
            async with opened(settings, context) as source:
                intake = Intake(source, decode, settler.settle, limits, Watch())
                context.flush = intake.flush
                await intake.run()
        except (OffsetMismatch, SourceUnavailable, StoreUnavailable) as error:
            print(type(error).__name__, error, flush=True)


if __name__ == "__main__":
    asyncio.run(take_in(Settings.model_validate_json(sys.argv[1]), sys.argv[2]))

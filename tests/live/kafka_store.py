"""Stands in for the store where a Kafka connection is tried alone: where it stands, what it was told of losses."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from ingest.sources import Context, SourceUnavailable
from ingest.sources.kafka import Kafka
from journey.model import RawMessage

SECONDS = 60


class Store:
    """Where a store would stand, and what a source told of losses."""

    def __init__(self) -> None:
        self.stands: dict[str, int] = {}
        self.lost: list[tuple[str, int]] = []

    def context(self) -> Context:
        return Context(
            "1", lambda streams: {one: self.stands[one] for one in streams if one in self.stands}, lost=self.add_lost
        )

    def add_lost(self, stream: str, count: int) -> None:
        self.lost.append((stream, count))

    async def take(self, source: Kafka, count: int) -> list[RawMessage]:
        """Receive and commit `count` messages."""
        messages = await some(source, count)
        self.stands |= {message.source: message.position for message in messages if message.position is not None}
        await source.acknowledge(messages)
        return messages


async def some(source: Kafka, count: int) -> list[RawMessage]:
    got: list[RawMessage] = []
    async with asyncio.timeout(SECONDS):
        while len(got) < count:
            got += await source.receive(count - len(got))
    return got


async def told(source: Kafka) -> str:
    """Why a source is unavailable."""
    with pytest.raises(SourceUnavailable) as error:
        await some(source, 1_000_000)
    return str(error.value)


def play(game: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(game, 2 * SECONDS))

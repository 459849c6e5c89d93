"""AMQP 0-9-1 (RabbitMQ), in the shape of the national feed: an exchange a provider, one message a publish.

One durable queue is bound to the exchange of every sender; the exchange that a message was published to says who sent
it. Which exchange a sender may publish to is kept by the broker's permissions. Prefetch is the back-pressure: so many
messages at most are out unacknowledged, and after a commit one frame acknowledges all of them.

One opened source is one channel. A delivery tag means something on its own channel only, so nothing reconnects behind
our back: a lost channel is SourceUnavailable, and the broker gives what was not acknowledged to the next one.

This is aiormq, the lower half of aio-pika, which makes five objects more of each message. A message that is published
without delivery mode 2 is lost when the broker stops, and one that is published before a queue is bound reaches no one:
both are the publisher's matter.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import aiormq
from aiormq.abc import AbstractChannel, DeliveredMessage
from yarl import URL

from ingest.sources import Context, SourceUnavailable
from ingest.sources._amqp_faults import OPEN_S, explained, where, words
from ingest.sources._amqp_reading import Gate, Reading
from ingest.sources._amqp_settings import Settings
from ingest.sources.settings import SENDER
from journey.model import RawMessage

__all__ = ["NAME", "Settings", "opened"]

NAME = "amqp"
_FRAMES = 1_000  # frames that wait between aiormq's two readers: with its own 10 half the time goes into switching
_CLOSE_S = 5


class Amqp:
    """One channel that consumes one queue. Satisfies ingest.pipeline.Source."""

    def __init__(self, settings: Settings, channel: AbstractChannel, gate: Gate) -> None:
        self.name = settings.name
        self.begins: dict[str, int] = {}
        self._settings, self._channel, self._gate = settings, channel, gate
        self._senders = dict.fromkeys(settings.exchange_names, settings.sender)
        patterns = [re.escape(one).replace(re.escape(SENDER), "(.+)") for one in settings.exchanges if SENDER in one]
        self._patterns = [re.compile(pattern) for pattern in patterns]
        for name in list(self._senders):
            self._senders[name] = self._sender(name)
        self._arrived: list[RawMessage] = []
        self._news = asyncio.Event()
        self._lost: str | None = None
        self._done = 0  # every delivery tag up to this one is acknowledged
        self._ahead: set[int] = set()  # and these behind it

    async def consume(self) -> None:
        """Begin to be sent messages."""
        self._channel.closing.add_done_callback(self._on_closed)
        self._channel.on_consumer_cancel_callbacks.add(lambda frame: self._on_cancelled())
        await self._channel.basic_qos(prefetch_count=self._settings.prefetch)
        await self._channel.basic_consume(self._settings.queue_name, self._take)

    async def receive(self, most: int) -> Sequence[RawMessage]:
        while not self._arrived and self._lost is None:
            self._news.clear()
            await self._news.wait()
        if self._lost is not None:
            raise SourceUnavailable(self._lost)
        messages, self._arrived = self._arrived[:most], self._arrived[most:]
        self._gate.left(sum(len(message.payload) for message in messages))
        return messages

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        fresh = sorted({one.ticket for one in messages if one.ticket > self._done} - self._ahead)
        self._ahead.update(fresh)
        while self._done + 1 in self._ahead:
            self._done += 1
            self._ahead.discard(self._done)
        # One frame for all up to here; those behind a gap one by one. A tag that is told twice closes the channel.
        together = [tag for tag in fresh if tag <= self._done]
        for tag in together[-1:]:
            await self._acknowledge(tag, multiple=True)
        for tag in fresh[len(together) :]:
            await self._acknowledge(tag, multiple=False)

    async def _acknowledge(self, tag: int, *, multiple: bool) -> None:
        if self._lost is not None:
            raise SourceUnavailable(self._lost)
        with explained(self._settings):
            async with asyncio.timeout(OPEN_S):
                await self._channel.basic_ack(tag, multiple=multiple)

    async def _take(self, message: DeliveredMessage) -> None:
        tag, exchange = message.delivery_tag, message.exchange or ""
        settings = self._settings
        sender = self._senders.get(exchange)
        if sender is None:
            sender = self._senders[exchange] = self._sender(exchange)
        self._arrived.append(
            RawMessage(
                settings.name, None, message.body, int(time.time()), f"exchange {exchange}, delivery {tag}", sender,
                settings.protocol, tag,
            )
        )  # fmt: skip
        self._gate.entered(len(message.body))
        self._news.set()

    def _sender(self, exchange: str) -> str:
        """Who sent what was published to an exchange.

        One that the settings do not tell of has no sender of ours, and must not pass for one: who may write to the
        default exchange could put anything into our queue. The registry knows no such name, so it is all rejected.
        """
        if exchange in self._settings.exchanges and self._settings.sender is not None:
            return self._settings.sender
        found = (pattern.fullmatch(exchange) for pattern in self._patterns)
        return next((match[1] for match in found if match), f"exchange {exchange!r}")

    def _on_closed(self, closing: asyncio.Future[object]) -> None:
        error = None if closing.cancelled() else closing.exception()
        self._lose(f"the channel was closed: {words(error)}; it is opened anew")

    def _on_cancelled(self) -> None:
        self._lose(f"the broker ended our consumption of queue {self._settings.queue_name}: was the queue deleted?")

    def _lose(self, why: str) -> None:
        if self._lost is None:
            self._lost = f"{where(self._settings)}: {why}"
        self._news.set()


@asynccontextmanager
async def opened(settings: Settings, context: Context) -> AsyncIterator[Amqp]:
    """The queue, being consumed. Raises SourceUnavailable that says what stands against it."""
    gate = Gate(settings.batch_bytes)
    with explained(settings):
        connection = aiormq.connect(
            _url(settings, context), context=_tls(settings), transport_factory=Reading(gate)
        ).connection
    try:
        with explained(settings):
            async with asyncio.timeout(OPEN_S):
                await connection.connect()
                channel = await connection.channel(publisher_confirms=False, frame_buffer_size=_FRAMES)
                await _prepare(settings, channel)
                source = Amqp(settings, channel, gate)
                await source.consume()
        yield source
    finally:
        gate.open()
        with suppress(TimeoutError, OSError, aiormq.AMQPError):
            async with asyncio.timeout(_CLOSE_S):
                await connection.close()


async def _prepare(settings: Settings, channel: AbstractChannel) -> None:
    queue = settings.queue_name
    if not settings.declare:
        await channel.queue_declare(queue, passive=True)
        return
    await channel.queue_declare(queue, durable=True)
    for exchange in settings.exchange_names:
        await channel.exchange_declare(exchange, exchange_type=settings.exchange_type, durable=True)
        await channel.queue_bind(queue, exchange, settings.routing_key)


def _url(settings: Settings, context: Context) -> URL:
    return URL.build(
        scheme="amqp" if settings.tls is None else "amqps",
        host=settings.host,
        port=settings.port,
        user=settings.username,
        password=settings.password().get_secret_value(),
        path=f"/{settings.virtual_host}",
        query={"heartbeat": settings.heartbeat_s, "name": f"hanhtrinh {settings.name} {context.instance}"},
    )


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.tls is None:
        return None
    made = ssl.create_default_context(cafile=settings.tls.ca_file)
    if settings.tls.cert_file is not None:
        made.load_cert_chain(settings.tls.cert_file, settings.tls.key_file)
    return made

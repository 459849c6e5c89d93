"""What is peculiar to AMQP: exchanges name the sender, one acknowledgement for many, prefetch, the end of a channel."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator, Sequence

import aio_pika
import pytest

from ingest.sources import Context, SourceUnavailable
from ingest.sources.amqp import Amqp, Settings, opened
from journey.model import RawMessage
from tests.live.rigs import amqp

CONTEXT = Context("test", lambda streams: {})
TIMEOUT_S = 30


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[amqp.Rig]:
    yield from amqp.make(request)


async def take(source: Amqp, count: int) -> list[RawMessage]:
    messages: list[RawMessage] = []
    async with asyncio.timeout(TIMEOUT_S):
        while len(messages) < count:
            messages += await source.receive(count - len(messages))
    return messages


async def left(settings: Settings) -> list[bytes]:
    """What is still in the queue, by order."""
    async with opened(settings, CONTEXT) as source:
        ready = (await source._channel.queue_declare(settings.queue_name, passive=True)).message_count or 0
        return sorted(message.payload for message in await take(source, ready + len(source._arrived)))


def numbered(count: int) -> list[bytes]:
    return [b"%05d" % number for number in range(count)]


def payloads(messages: Sequence[RawMessage]) -> list[bytes]:
    return [message.payload for message in messages]


def test_a_message_says_who_sent_it_and_where_it_was(rig: amqp.Rig) -> None:
    async def run() -> None:
        await rig.publish([b"one"], "OP2")
        async with opened(rig.settings(), CONTEXT) as source:
            (message,) = await take(source, 1)
            exchange = rig.exchange.replace("{sender}", "OP2")
            assert message._replace(received=None) == RawMessage(
                "live", None, b"one", None, f"exchange {exchange}, delivery 1", "OP2", "json_v1", 1
            )

    asyncio.run(run())


def test_what_comes_around_the_exchanges_has_no_sender_of_ours(rig: amqp.Rig) -> None:
    """Who may write to the default exchange can put anything into a queue: it must not pass for anyone's."""

    async def run() -> None:
        await rig.publish([])
        async with await aio_pika.connect(rig.broker.url()) as connection, connection.channel() as channel:
            await channel.default_exchange.publish(aio_pika.Message(b"smuggled"), rig.queue)
        async with opened(rig.settings(), CONTEXT) as source:
            assert (await take(source, 1))[0].sender == "exchange ''"

    asyncio.run(run())


def test_an_existing_queue_is_only_read(rig: amqp.Rig) -> None:
    async def run() -> None:
        await rig.publish([b"one"], "UNLISTED")
        async with opened(rig.settings(declare=False, senders=()), CONTEXT) as source:
            assert (await take(source, 1))[0].sender == "UNLISTED"

    asyncio.run(run())


def test_a_plain_exchange_has_the_sender_of_the_settings(rig: amqp.Rig) -> None:
    async def run() -> None:
        name = rig.exchange.replace("{sender}", "OP1")
        await rig.publish([b"one"])
        async with opened(rig.settings(exchanges=[name], senders=(), sender="ALONE"), CONTEXT) as source:
            assert (await take(source, 1))[0].sender == "ALONE"

    asyncio.run(run())


@pytest.mark.parametrize("order", ["forward", "backward", "every other", "twice"])
def test_acknowledged_in_any_order_and_no_other(rig: amqp.Rig, order: str) -> None:
    async def run() -> None:
        await rig.publish(numbered(20))
        async with opened(rig.settings(), CONTEXT) as source:
            messages = await take(source, 20)
            batches = {
                "forward": [messages[:4], messages[4:12]],
                "backward": [messages[8:12], messages[4:8], messages[:4]],
                "every other": [messages[::2], messages[1:12:2]],
                "twice": [messages[2:6], messages[2:6], messages[:4], messages[:12]],
            }[order]
            for batch in batches:
                await source.acknowledge(batch)
        done = {message.payload for batch in batches for message in batch}
        assert await left(rig.settings()) == sorted(set(numbered(20)) - done)

    asyncio.run(run())


def test_prefetch_bounds_what_is_out(rig: amqp.Rig) -> None:
    async def run() -> None:
        await rig.publish(numbered(30))
        async with opened(rig.settings(prefetch=10), CONTEXT) as source:
            first = await take(source, 10)
            waiting = asyncio.ensure_future(source.receive(100))
            state = await source._channel.queue_declare(rig.queue, passive=True)
            assert state.message_count == 20
            assert not waiting.done()
            await source.acknowledge(first)
            rest = list(await waiting)
            rest += await take(source, 10 - len(rest))
            assert payloads(rest) == numbered(20)[10:]

    asyncio.run(run())


def test_large_messages_are_not_piled_up(rig: amqp.Rig) -> None:
    """Prefetch counts messages: bytes that nobody takes are bounded too, and what waits outside comes later."""

    async def run() -> None:
        size = 300_000
        await rig.publish([b"%05d" % number + bytes(size) for number in range(20)])
        async with opened(rig.settings(batch_bytes=1 << 20), CONTEXT) as source:
            async with asyncio.timeout(TIMEOUT_S):
                while source._gate._free.is_set():
                    await asyncio.sleep(0)
            await asyncio.sleep(0.3)  # time for more to come, if it could
            assert sum(len(one.payload) for one in source._arrived) < (1 << 20) + 5 * size
            messages = await take(source, 20)
            await source.acknowledge(messages)
            assert [int(one.payload[:5]) for one in messages] == list(range(20))

    asyncio.run(run())


def test_a_message_beyond_every_bound_is_handed_on(rig: amqp.Rig) -> None:
    async def run() -> None:
        await rig.publish([bytes(17 << 20), b"", b"after"])
        async with opened(rig.settings(), CONTEXT) as source:
            messages = await take(source, 3)
            assert [len(one.payload) for one in messages] == [17 << 20, 0, 5]
            await source.acknowledge(messages)

    asyncio.run(run())


def test_a_deleted_queue_ends_the_source(rig: amqp.Rig) -> None:
    async def run() -> None:
        await rig.publish([b"one"])
        async with opened(rig.settings(), CONTEXT) as source:
            messages = await take(source, 1)
            waiting = asyncio.ensure_future(source.receive(1))
            async with await aio_pika.connect(rig.broker.url()) as connection, connection.channel() as channel:
                await channel.queue_delete(rig.queue)
            with pytest.raises(SourceUnavailable, match="was the queue deleted"):
                await asyncio.wait_for(waiting, TIMEOUT_S)
            with pytest.raises(SourceUnavailable):
                await source.acknowledge(messages)

    asyncio.run(run())


def test_a_lost_channel_is_told_to_who_receives_and_who_acknowledges(rig: amqp.Rig) -> None:
    async def run() -> None:
        await rig.publish(numbered(3))
        async with opened(rig.settings(), CONTEXT) as source:
            messages = await take(source, 3)
            await source._channel.basic_ack(99)  # no such delivery: the broker closes the channel
            for call in (source.receive(1), source.acknowledge(messages)):
                with pytest.raises(SourceUnavailable, match="unknown delivery tag 99"):
                    await asyncio.wait_for(call, TIMEOUT_S)
        assert await left(rig.settings()) == numbered(3)

    asyncio.run(run())


def test_a_broker_that_says_nothing_any_more_is_lost(rig: amqp.Rig) -> None:
    async def run() -> None:
        await rig.publish(numbered(3))
        async with opened(rig.settings(heartbeat_s=1), CONTEXT) as source:
            messages = await take(source, 3)
            rig.broker.signal(signal.SIGSTOP)
            try:
                with pytest.raises(SourceUnavailable, match="does not answer"):
                    await asyncio.wait_for(source.receive(1), TIMEOUT_S)
                with pytest.raises(SourceUnavailable):
                    await source.acknowledge(messages)
            finally:
                rig.broker.signal(signal.SIGCONT)

    asyncio.run(run())


def test_a_cancelled_receiver_is_cancelled(rig: amqp.Rig) -> None:
    async def run() -> None:
        await rig.publish([])
        async with opened(rig.settings(), CONTEXT) as source:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(source.receive(1), 0.05)
            await rig.publish([b"one"])
            assert payloads(await take(source, 1)) == [b"one"]

    asyncio.run(run())


def test_bad_settings_are_explained_without_the_secret(rig: amqp.Rig, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(settings: Settings, words: str) -> None:
        with pytest.raises(SourceUnavailable) as caught:
            async with asyncio.timeout(TIMEOUT_S), opened(settings, CONTEXT):
                pass
        assert words in str(caught.value)
        assert "-secret" not in f"{caught.value!r} {settings!r} {caught.value.__cause__!r}"

    caplog.set_level(logging.DEBUG)
    for settings, words in rig.bad_settings():
        asyncio.run(fail(settings, words))
    assert "-secret" not in caplog.text


def test_over_tls_with_a_certificate_of_ours(rig: amqp.Rig) -> None:
    async def run() -> None:
        ours = rig.certificates.authority.client("inspectorate")
        tls = {
            "ca_file": rig.certificates.authority.certificate,
            "cert_file": ours.certificate,
            "key_file": ours.key,
        }
        await rig.publish(numbered(3))
        async with opened(rig.settings(port=rig.broker.tls_port, tls=tls), CONTEXT) as source:
            messages = await take(source, 3)
            assert payloads(messages) == numbered(3)
            await source.acknowledge(messages)
        assert await left(rig.settings()) == []

    asyncio.run(run())

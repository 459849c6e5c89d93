"""What is peculiar to MQTT: the library's insides, the window in flight, QoS 0, retained messages, shared topics."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from ingest.pipeline import Source
from ingest.sources import SourceUnavailable, mqtt
from ingest.sources.mqtt import Settings, opened
from journey.model import RawMessage
from tests.brokers import mosquitto, unique
from tests.brokers.certificates import Certificates
from tests.live.rigs.mqtt import CLIENT, CONTEXT, Rig, make, publisher, send

SECONDS = 30
VERSIONS = ("5", "3.1.1")


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    yield from make(request)


def numbered(count: int, start: int = 0) -> list[bytes]:
    return [b"%d" % number for number in range(start, start + count)]


async def some(source: Source, count: int, most: int = 20_000) -> list[RawMessage]:
    """The next `count` messages or more."""
    got: list[RawMessage] = []
    async with asyncio.timeout(SECONDS):
        while len(got) < count:
            got += await source.receive(most)
    return got


async def taken(settings: Settings, count: int) -> list[RawMessage]:
    """What a new connection of the session brings, acknowledged."""
    async with opened(settings, CONTEXT) as source:
        got = await some(source, count)
        await source.acknowledge(got)
        return got


def payloads(messages: Sequence[RawMessage]) -> list[bytes]:
    return [message.payload for message in messages]


# The library as it is pinned.


def test_aiomqtt_by_itself_acknowledges_what_nobody_has_seen(rig: Rig) -> None:
    """Why messages are kept from it. Should this fail with another version, _mqtt_session.py may become simpler."""
    assert version_of("aiomqtt") == "2.5.1"

    async def play() -> int:
        client = {
            "hostname": rig.broker.host,
            "port": rig.broker.port,
            "username": "admin",
            "password": "admin-secret",
            "identifier": unique("plain"),
            "clean_session": False,
        }
        async with aiomqtt.Client(**client) as first:
            await first.subscribe(rig.topic("OP1"), qos=1)
            await rig.publish(numbered(10))
            async with asyncio.timeout(SECONDS):
                while len(first.messages) < 10:
                    await asyncio.sleep(0.01)
            await anext(first.messages)
            await anext(first.messages)
        async with aiomqtt.Client(**client) as second:
            await second.subscribe(unique("other"), qos=1)  # answered behind all that the session has to send
            return len(second.messages)

    assert asyncio.run(play()) == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_not_acknowledged_comes_again_in_order_and_nothing_else(rig: Rig, version: Any) -> None:
    settings = rig.settings(version=version)

    async def play() -> None:
        async with opened(settings, CONTEXT) as source:
            await rig.publish(numbered(1000))
            got = await some(source, 1000)
            assert payloads(got) == numbered(1000)
            await source.acknowledge(got[:300])
            await source.acknowledge(got[300:400])
        async with opened(settings, CONTEXT) as source:
            assert payloads(await some(source, 600)) == numbered(600, 400)

    asyncio.run(play())


def test_acknowledgements_arrive_though_messages_come_in_while_we_leave(rig: Rig) -> None:
    """A closed socket with unread messages in it is reset, which can overtake what was sent."""
    count = 20_000

    async def play() -> None:
        publishing = asyncio.create_task(rig.publish(numbered(count)))
        left = numbered(count)
        while left:
            async with opened(rig.settings(), CONTEXT) as source:
                got = await some(source, 1, most=500)
                assert payloads(got) == left[: len(got)], "something came again or out of order"
                left = left[len(got) :]
                if len(left) < count // 2:
                    rest = await some(source, len(left))
                    assert payloads(rest) == left
                    await source.acknowledge(got + rest)
                    break
                await source.acknowledge(got)
        await publishing

    asyncio.run(play())


def test_a_process_that_ends_without_a_word_gets_all_again(rig: Rig) -> None:
    async def play() -> None:
        with suppress(ZeroDivisionError):
            async with opened(rig.settings(), CONTEXT) as source:
                await rig.publish(numbered(50))
                await some(source, 50)
                raise ZeroDivisionError
        assert payloads(await taken(rig.settings(), 50)) == numbered(50)

    asyncio.run(play())


def test_the_second_client_of_a_name_takes_over_and_the_first_is_told(rig: Rig) -> None:
    async def play() -> None:
        async with opened(rig.settings(), CONTEXT) as first:
            await rig.publish(numbered(5))
            got = await some(first, 5)
            async with opened(rig.settings(), CONTEXT) as second:
                with pytest.raises(SourceUnavailable, match="does another process connect as hanhtrinh-live-1"):
                    await first.receive(1)
                with pytest.raises(SourceUnavailable):
                    await first.acknowledge(got)
                assert payloads(await some(second, 5)) == numbered(5)

    asyncio.run(play())


def test_a_connection_without_answers_is_given_up(rig: Rig) -> None:
    settings = rig.settings(proxied=True).model_copy(update={"keepalive_s": 1})

    async def play() -> None:
        async with opened(settings, CONTEXT) as source:
            await asyncio.to_thread(rig.network.stall)
            with pytest.raises(SourceUnavailable, match="the connection ended"):
                await some(source, 1)
            await asyncio.to_thread(rig.network.heal)

    asyncio.run(play())


# What is not asked for.


def test_little_is_held_that_was_not_asked_for_and_the_connection_lives(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "_HELD_BYTES_MAX", 1 << 20)
    settings = rig.settings().model_copy(update={"keepalive_s": 1})
    messages, each = 400, 100_000

    async def play() -> None:
        await rig.publish([b"%05d" % number + bytes(each) for number in range(messages)])
        async with opened(settings, CONTEXT) as source:
            await asyncio.sleep(4)  # pings must go unanswered for longer than the library bears
            assert isinstance(source, mqtt.Mqtt)
            assert 0 < source._held_bytes < 6 << 20, "a read may bring so much more"
            got = await some(source, messages, most=7)
            assert [int(message.payload[:5]) for message in got] == list(range(messages))
            await source.acknowledge(got)
            assert source._held_bytes == 0

    asyncio.run(play())


def test_a_message_beyond_every_format_is_handed_on(rig: Rig) -> None:
    large = bytes(20 << 20)

    async def play() -> None:
        await rig.publish([b"before", large, b"behind"])
        assert payloads(await taken(rig.settings(), 3)) == [b"before", large, b"behind"]

    asyncio.run(play())


# Topics and senders.


def test_senders_by_topic_or_by_the_settings(rig: Rig) -> None:
    base = unique("feed")
    settings = rig.settings(topics=[f"{base}/from/{{sender}}/#", f"{base}/ours/+"], sender="OURS")

    async def play() -> list[tuple[str | None, str, bytes]]:
        async with opened(settings, CONTEXT) as source:
            for topic in ("from/OP1/fix", "from/OP2", "from//fix", "ours/a"):
                await asyncio.to_thread(send, rig.broker, f"{base}/{topic}", [topic.encode()])
            got = await some(source, 4)
            await source.acknowledge(got)
            return [(one.sender, one.place, one.payload) for one in got]

    assert asyncio.run(play()) == [
        ("OP1", f"{base}/from/OP1/fix", b"from/OP1/fix"),
        ("OP2", f"{base}/from/OP2", b"from/OP2"),
        ("", f"{base}/from//fix", b"from//fix"),
        ("OURS", f"{base}/ours/a", b"ours/a"),
    ]


def test_a_topic_of_older_settings_is_of_nobody_known(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    settings = rig.settings(topics=[unique("new")], sender="OP1")

    async def play() -> None:
        await rig.publish([b"1", b"2"])
        got = await taken(settings, 2)
        assert [one.sender for one in got] == [f"topic {rig.topic('OP1')}"] * 2

    asyncio.run(play())
    assert sum("no longer name" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_processes_of_a_group_divide_the_messages(rig: Rig, version: Any) -> None:
    settings = rig.settings(version=version, share=unique("group"), topics=[f"{unique('shared')}/{{sender}}"])
    topic = settings.topics[0].replace("{sender}", "OP1")

    async def play() -> None:
        async with (
            opened(settings, replace(CONTEXT, instance=unique("a"))) as one,
            opened(settings, replace(CONTEXT, instance=unique("b"))) as other,
        ):
            await asyncio.to_thread(send, rig.broker, topic, numbered(100))
            got: Counter[bytes] = Counter()
            parts = set()
            while len(got) < 100:
                done, waiting = await asyncio.wait(
                    {
                        asyncio.create_task(source.receive(100), name=name)
                        for name, source in zip("ab", (one, other), strict=True)
                    },
                    timeout=SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in done:
                    got += Counter(payloads(task.result()))
                    parts.add(task.get_name())
                for task in waiting:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
            assert got == Counter(numbered(100))
            assert parts == {"a", "b"}

    asyncio.run(play())


# Against the rules, and left behind.


@pytest.mark.parametrize("version", VERSIONS)
def test_messages_at_qos_0_are_taken_and_not_acknowledged(rig: Rig, version: Any) -> None:
    async def play() -> None:
        async with opened(rig.settings(version=version), CONTEXT) as source:
            await rig.publish([b"certain"])
            await rig.publish([b"uncertain"], qos=0)
            got = await some(source, 2)
            assert payloads(got) == [b"certain", b"uncertain"]
            assert [one.ticket is None for one in got] == [False, True]
            await source.acknowledge(got[1:])
            await source.acknowledge(got)
            await rig.publish([b"next"])
            assert payloads(await some(source, 1)) == [b"next"]

    asyncio.run(play())


def test_a_retained_message_comes_once_a_session(rig: Rig) -> None:
    settings = rig.settings(topics=[f"{unique('retained')}/{{sender}}"])
    topic = settings.topics[0].replace("{sender}", "OP1")

    async def play() -> None:
        await asyncio.to_thread(send, rig.broker, topic, [b"kept"], retain=True)
        assert payloads(await taken(settings, 1)) == [b"kept"]
        async with opened(settings, CONTEXT) as source:
            await asyncio.to_thread(send, rig.broker, topic, [b"fresh"])
            assert payloads(await some(source, 1)) == [b"fresh"]
        await asyncio.to_thread(send, rig.broker, topic, [b""], retain=True)

    asyncio.run(play())


def test_a_session_that_the_broker_forgot_is_told(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        async with opened(rig.settings(), CONTEXT):
            pass

    caplog.clear()
    asyncio.run(play())
    assert not caplog.records
    with publisher(rig.broker, CLIENT):
        pass
    asyncio.run(play())
    assert "has no session of client hanhtrinh-live-1" in caplog.text


# The window in flight.


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[mosquitto.Mosquitto]:
    """A broker that sends 20 messages ahead, as Mosquitto does if nobody sets it otherwise."""
    with mosquitto.start(tmp_path / "narrow", settings={"max_inflight_messages": 20}) as broker:
        yield broker


@pytest.mark.parametrize(("version", "first"), [("5", 600), ("3.1.1", 20)])
def test_with_mqtt_5_the_window_is_ours_and_else_the_brokers(
    narrow: mosquitto.Mosquitto, rig: Rig, version: Any, first: int
) -> None:
    settings = rig.settings(version=version, port=narrow.port)

    async def play() -> None:
        async with opened(settings, CONTEXT) as source:
            await asyncio.to_thread(send, narrow, rig.topic("OP1"), numbered(600))
            part = await some(source, first)
            assert payloads(part) == numbered(first)
            left = numbered(600)
            while left:
                assert payloads(part) == left[: len(part)]
                left = left[len(part) :]
                await source.acknowledge(part)
                part = await some(source, 1) if left else []

    asyncio.run(play())


def test_receive_maximum_bounds_what_is_in_flight(rig: Rig) -> None:
    settings = rig.settings(receive_maximum=7)

    async def play() -> None:
        async with opened(settings, CONTEXT) as source:
            await rig.publish(numbered(100))
            got = await some(source, 7)
            assert payloads(got) == numbered(7)
            await source.acknowledge(got)
            assert payloads(await some(source, 1))[0] == b"7"

    asyncio.run(play())


# TLS.


def test_over_tls_with_a_certificate_of_ours(certificates: Certificates, rig: Rig, tmp_path: Path) -> None:
    ours, strange = certificates.authority.client("intake"), certificates.strange.client("intake")
    trusted = {"ca_file": certificates.authority.certificate}
    rights = {"acl": "user intake\ntopic readwrite #\n"}
    with mosquitto.start(tmp_path / "m", certificates=certificates, require_certificate=True, **rights) as broker:
        base = {"host": "localhost", "port": broker.tls_port, "username": None, "password_file": None}
        good = {**trusted, "cert_file": ours.certificate, "key_file": ours.key}
        bad = {**trusted, "cert_file": strange.certificate, "key_file": strange.key}

        async def play() -> None:
            async with opened(rig.settings(tls=good, **base), CONTEXT) as source:
                async with aiomqtt.Client(
                    "localhost", broker.tls_port or 0, tls_context=mqtt.tls_context(rig.settings(tls=good).tls)
                ) as client:
                    for payload in numbered(3000):
                        await client.publish(rig.topic("OP1"), payload + bytes(2000), qos=1)
                got = await some(source, 3000)
                assert [int(one.payload[:-2000]) for one in got] == list(range(3000))
                await source.acknowledge(got)
            for tls in (bad, trusted):
                with pytest.raises(SourceUnavailable, match="does it want another certificate"):
                    async with opened(rig.settings(tls=tls, **base), CONTEXT):
                        pass

        asyncio.run(play())


def test_no_secret_in_what_is_logged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def play() -> None:
        async with opened(rig.settings(), CONTEXT) as source:
            await rig.publish([b"1"])
            await source.acknowledge(await some(source, 1))

    asyncio.run(play())
    assert "admin-secret" not in caplog.text
    assert "admin-secret" not in repr(rig.settings())

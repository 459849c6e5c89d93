"""The files of `hanhtrinh access` in real brokers: each sender writes to its own, nobody to another's, we read all."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import aio_pika
import aiomqtt
import pytest
from aio_pika.exceptions import AMQPConnectionError, ChannelClosed

from journey.registry import Operator, Provider, Registry
from storage import access
from storage.access import CONSUMER
from storage.database import Connection, connect
from storage.registry import save_registry
from tests.brokers import mosquitto as mosquitto_broker
from tests.brokers import rabbitmq as rabbitmq_broker
from tests.cli.command import called

TIMEOUT_S = 60
# Names that mean something to a topic, an ACL file, a password file, a pattern or a regular expression.
NASTY = ["NCC 1", "a  b", "a.b", "a-b", "aXb", "..", "user", ",x", "a@b"]
FOR_MOSQUITTO_ONLY = ["50%u%c", "x*y", "[x]", "^$", "\\d", '"q"', "công ty", "$SYS", "(a|b)", "!a", ".*", "x" * 119]
FOR_RABBITMQ_ONLY = ["a+b", "#1", "a/b", "+", "p:q"]
FOR_NOBODY = [" lead", "trail ", "a\nuser root", "a\tb", "a\u202eb"]


def run[T](coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(coroutine, TIMEOUT_S))


@pytest.fixture
def held(emptied: str) -> Iterator[tuple[Connection, dict[str, str]]]:
    """A registry with every such sender, and the secret of each."""
    names = [*NASTY, *FOR_MOSQUITTO_ONLY, *FOR_RABBITMQ_ONLY, *FOR_NOBODY]
    operators = tuple(Operator(name, "Operator") for name in names[::2])
    providers = tuple(Provider(name, "Provider") for name in names[1::2])
    with connect(emptied) as connection:
        save_registry(connection, Registry(operators=operators, providers=providers))
        connection.commit()
        yield connection, {name: access.issue(connection, name) for name in [*names, CONSUMER]}


def written(emptied: str, *arguments: str | Path) -> str:
    """Run a command of access; what it said."""
    done = called("access", *arguments, DATABASE_URL=emptied)
    assert done.code == 0, done
    return done.err


def left_out(said: str) -> int:
    return said.count(": left out: ")


@contextlib.contextmanager
def mosquitto_of(folder: Path, made: Path) -> Iterator[mosquitto_broker.Mosquitto]:
    """A Mosquitto that runs on the written files, with the written settings."""
    lines = (made / "mosquitto.conf").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    assert {"max_inflight_messages", "max_queued_messages", "message_size_limit"} <= set(settings)
    with mosquitto_broker.start(folder, settings=settings) as broker:
        yield broker


async def publish_mqtt(broker: mosquitto_broker.Mosquitto, user: str, secret: str, topic: str) -> None:
    client = aiomqtt.Client("localhost", broker.port, username=user, password=secret)
    with contextlib.suppress(aiomqtt.MqttError):  # Mosquitto 2.0.11 acknowledges what it refuses, and hangs up
        async with client:
            await client.publish(topic, user.encode(), qos=1)


def test_mosquitto_keeps_senders_apart(held: tuple[Connection, dict[str, str]], emptied: str, tmp_path: Path) -> None:
    _, secrets = held
    made = tmp_path / "made"
    said = written(emptied, "mosquitto", made)
    assert left_out(said) == len(FOR_RABBITMQ_ONLY) + len(FOR_NOBODY)
    names, refused = [*NASTY, *FOR_MOSQUITTO_ONLY], [*FOR_RABBITMQ_ONLY, *FOR_NOBODY]

    async def received() -> list[tuple[str, str]]:
        ours = aiomqtt.Client("localhost", broker.port, username=CONSUMER, password=secrets[CONSUMER])
        async with ours as hearing:
            await hearing.subscribe("$share/hanhtrinh/tracking/+/#", qos=1)
            topics = ("tracking/NCC 2/x", "tracking", "tracking/{}x/x", "x/tracking/{}/x")
            tries = [(name, topic.format(name)) for name in names for topic in topics]
            tries += [(name, topic) for name in refused for topic in ("tracking/a/x", f"tracking/{name}/x")]
            tries.append((CONSUMER, "tracking/a/x"))  # ours only reads
            await asyncio.gather(*(publish_mqtt(broker, name, secrets[name], topic) for name, topic in tries))
            for name in names:
                await publish_mqtt(broker, name, secrets[name], f"tracking/{name}/deep/er")
            await publish_mqtt(broker, NASTY[0], secrets[NASTY[0]], f"tracking/{NASTY[0]}/last")
            found: list[tuple[str, str]] = []
            async for message in hearing.messages:
                found.append((str(message.topic), bytes(message.payload).decode()))  # type: ignore[arg-type]
                if found[-1][0].endswith("/last"):
                    break
            return found

    with mosquitto_of(tmp_path / "broker", made) as broker:
        expected = [(f"tracking/{name}/deep/er", name) for name in names]
        assert run(received()) == [*expected, (f"tracking/{NASTY[0]}/last", NASTY[0])]


def test_a_sender_reads_nothing_from_mosquitto(
    held: tuple[Connection, dict[str, str]], emptied: str, tmp_path: Path
) -> None:
    _, secrets = held
    made = tmp_path / "made"
    written(emptied, "mosquitto", made)

    async def heard() -> tuple[str, bool]:
        ours = aiomqtt.Client("localhost", broker.port, username=CONSUMER, password=secrets[CONSUMER])
        theirs = aiomqtt.Client("localhost", broker.port, username="a.b", password=secrets["a.b"])
        async with ours as hearing, theirs as curious:
            await hearing.subscribe("tracking/+/#", qos=1)
            with contextlib.suppress(aiomqtt.MqttError):
                await curious.subscribe("#", qos=1)
                await curious.subscribe("tracking/a.b/#", qos=1)
            await publish_mqtt(broker, "aXb", secrets["aXb"], "tracking/aXb/1")
            await publish_mqtt(broker, "a.b", secrets["a.b"], "tracking/a.b/1")
            topics = [str((await anext(hearing.messages)).topic) for _ in range(2)]
            # A message to the curious one would have been queued before this round trip through the same broker.
            with contextlib.suppress(aiomqtt.MqttError):
                await curious.publish("tracking/a.b/2", b"", qos=1)
            assert str((await anext(hearing.messages)).topic) == "tracking/a.b/2"
            return ",".join(topics), len(curious.messages) > 0

    with mosquitto_of(tmp_path / "broker", made) as broker:
        assert run(heard()) == ("tracking/aXb/1,tracking/a.b/1", False)


def test_mosquitto_refuses_a_revoked_sender_after_a_reload(
    held: tuple[Connection, dict[str, str]], emptied: str, tmp_path: Path
) -> None:
    connection, secrets = held
    made = tmp_path / "made"
    written(emptied, "mosquitto", made)

    async def log_in(name: str, secret: str) -> None:
        async with aiomqtt.Client("localhost", broker.port, username=name, password=secret):
            pass

    with mosquitto_of(tmp_path / "broker", made) as broker:
        run(log_in("a.b", secrets["a.b"]))
        run(log_in("aXb", secrets["aXb"]))
        written(emptied, "revoke", "a.b")
        newer = access.issue(connection, "aXb")
        written(emptied, "mosquitto", made)
        broker.reload()
        for name, secret in (("a.b", secrets["a.b"]), ("aXb", secrets["aXb"])):
            with pytest.raises(aiomqtt.MqttError, match=r"(?i)not authori"):
                run(log_in(name, secret))
        run(log_in("aXb", newer))


@contextlib.asynccontextmanager
async def channel_of(broker: rabbitmq_broker.RabbitMQ, user: str, secret: str) -> Any:
    connection = await aio_pika.connect(host=broker.host, port=broker.port, login=user, password=secret)
    async with connection:
        yield await connection.channel()


async def publish_amqp(broker: rabbitmq_broker.RabbitMQ, user: str, secret: str, exchange: str, key: str) -> bool:
    """Whether the broker took a message in."""
    try:
        async with channel_of(broker, user, secret) as channel:
            to = await channel.get_exchange(exchange, ensure=False)
            await to.publish(aio_pika.Message(user.encode()), key, mandatory=False)
            return True
    except (ChannelClosed, AMQPConnectionError):
        return False


def test_rabbitmq_keeps_senders_apart_and_revoked_ones_out(
    held: tuple[Connection, dict[str, str]], emptied: str, tmp_path: Path
) -> None:
    connection, secrets = held
    made = tmp_path / "made"
    names = [*NASTY, *FOR_RABBITMQ_ONLY]
    assert left_out(written(emptied, "rabbitmq", made)) == len(FOR_MOSQUITTO_ONLY) + len(FOR_NOBODY)
    given = json.loads((made / "definitions.json").read_text(encoding="utf-8"))
    assert {user["name"] for user in given["users"]} == {*names, CONSUMER}

    async def taken() -> list[tuple[str, str]]:
        """Every sender to its own exchange, then to others': what our queue holds, and in which exchange it came."""
        for name in names:
            others = [f"tracking.{other}" for other in (*names, "") if other != name]
            assert await publish_amqp(broker, name, secrets[name], f"tracking.{name}", "track1"), name
            for exchange in others if name in ("a.b", "..", "+") else others[:1]:
                assert not await publish_amqp(broker, name, secrets[name], exchange, "track1"), (name, exchange)
            assert not await publish_amqp(broker, name, secrets[name], "hanhtrinh.unrouted", "track1")
            assert not await publish_amqp(broker, name, secrets[name], "", "hanhtrinh")
        assert await publish_amqp(broker, "a.b", secrets["a.b"], "tracking.a.b", "another key")
        assert not await publish_amqp(broker, CONSUMER, secrets[CONSUMER], "tracking.a.b", "track1")
        found = []
        async with channel_of(broker, CONSUMER, secrets[CONSUMER]) as channel:
            queue = await channel.get_queue("hanhtrinh")
            for _ in range(len(names) + 1):
                message = await queue.get(timeout=TIMEOUT_S)
                found.append((message.exchange, message.body.decode()))
                await message.ack()
            assert await queue.get(fail=False) is None
        return found

    async def reads(name: str) -> bool:
        try:
            async with channel_of(broker, name, secrets[name]) as channel:
                await (await channel.get_queue("hanhtrinh", ensure=False)).get(fail=False)
                return True
        except ChannelClosed:
            return False

    with rabbitmq_broker.start(tmp_path / "broker") as broker:
        broker.control("import_definitions", str(made / "definitions.json"))
        assert run(taken()) == [*((f"tracking.{name}", name) for name in names), ("tracking.a.b", "a.b")]
        assert run(reads(CONSUMER))
        assert not run(reads("a.b"))

        written(emptied, "revoke", "a.b")
        newer = access.issue(connection, "aXb")
        said = written(emptied, "rabbitmq", made)
        assert "close_all_user_connections 'a.b'" in said
        broker.control("import_definitions", str(made / "definitions.json"))
        for secret in (secrets["a.b"], ""):
            assert not run(publish_amqp(broker, "a.b", secret, "tracking.a.b", "track1"))
        assert not run(publish_amqp(broker, "aXb", secrets["aXb"], "tracking.aXb", "track1"))
        assert run(publish_amqp(broker, "aXb", newer, "tracking.aXb", "track1"))

"""The brokers of the tests themselves: each keeps a message through SIGKILL and lets in only whom it should."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aio_pika
import aiomqtt
import pytest
from aio_pika.exceptions import AMQPConnectionError, ChannelClosed, ProbableAuthenticationError
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ACLOperation
from kafka.errors import KafkaError, TopicAuthorizationFailedError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.brokers import certificates as pems
from tests.brokers import kafka as kafka_broker
from tests.brokers import mosquitto as mosquitto_broker
from tests.brokers import process, unique
from tests.brokers import rabbitmq as rabbitmq_broker

TIMEOUT_S = 60


def run[T](coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(coroutine, TIMEOUT_S))


def trusting(authority: pems.Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority.certificate)


def mqtt(broker: mosquitto_broker.Mosquitto, user: str, password: str, **options: Any) -> aiomqtt.Client:
    return aiomqtt.Client("localhost", **{"port": broker.port, "username": user, "password": password, **options})


def test_mosquitto_keeps_the_messages_of_a_session(mosquitto: mosquitto_broker.Mosquitto) -> None:
    topic = unique("kept")
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 3600
    kept: dict[str, Any] = {"identifier": unique("client"), "clean_start": False, "properties": properties}
    kept["protocol"] = aiomqtt.ProtocolVersion.V5

    async def publish() -> None:
        async with mqtt(mosquitto, "admin", "admin-secret", **kept) as client:
            await client.subscribe(topic, qos=1)
        async with mqtt(mosquitto, "admin", "admin-secret", protocol=aiomqtt.ProtocolVersion.V311) as client:
            await client.publish(topic, b"fix", qos=1)

    async def receive() -> object:
        async with mqtt(mosquitto, "admin", "admin-secret", **kept) as client:
            return (await anext(client.messages)).payload

    run(publish())
    mosquitto.save()
    mosquitto.kill()
    assert not process.accepts(mosquitto.port)
    mosquitto.start_again()
    assert run(receive()) == b"fix"


def test_mosquitto_refuses_a_wrong_password(mosquitto: mosquitto_broker.Mosquitto) -> None:
    async def connect(password: str) -> None:
        async with mqtt(mosquitto, "provider", password):
            pass

    run(connect("provider-secret"))
    with pytest.raises(aiomqtt.MqttError, match=r"(?i)not authori"):
        run(connect("wrong"))


def test_mosquitto_lets_a_provider_write_only_below_its_own_topic(mosquitto: mosquitto_broker.Mosquitto) -> None:
    name = unique("write")

    async def publish(topic: str) -> None:
        async with mqtt(mosquitto, "provider", "provider-secret") as provider:
            await provider.publish(topic, b"fix", qos=1)

    async def received() -> list[str]:
        async with mqtt(mosquitto, "admin", "admin-secret") as all_hearing:
            await all_hearing.subscribe(f"providers/+/{name}/#", qos=1)
            with contextlib.suppress(aiomqtt.MqttError):  # Mosquitto 2.0.11 acknowledges it, and hangs up
                await publish(f"providers/other/{name}/stolen")
            await publish(f"providers/provider/{name}/own")
            return [str((await anext(all_hearing.messages)).topic)]

    assert run(received()) == [f"providers/provider/{name}/own"]


def test_mosquitto_reads_new_users_on_reload(tmp_path: Path) -> None:
    async def connect(broker: mosquitto_broker.Mosquitto) -> None:
        async with mqtt(broker, "new", "new-secret"):
            pass

    with mosquitto_broker.start(tmp_path / "mosquitto") as broker:
        with pytest.raises(aiomqtt.MqttError, match=r"(?i)not authori"):
            run(connect(broker))
        broker.set_access({**broker.users, "new": "new-secret"})
        broker.reload()
        run(connect(broker))


def test_mosquitto_asks_for_a_certificate_by_the_trusted_authority(
    tmp_path: Path, certificates: pems.Certificates
) -> None:
    def publishes(port: int | None, trusted: pems.Authority, client: pems.Pair | None) -> bool:
        shown = [] if client is None else ["--cert", str(client.certificate), "--key", str(client.key)]
        where = ["-h", "localhost", "-p", str(port), "--cafile", str(trusted.certificate)]
        what = ["-q", "1", "-t", "providers/somebody/x", "-m", "fix"]
        return subprocess.run([process.program("mosquitto_pub"), *where, *shown, *what], check=False).returncode == 0

    authority, strange = certificates.authority, certificates.strange
    with mosquitto_broker.start(
        tmp_path / "mosquitto", users={}, certificates=certificates, require_certificate=True
    ) as broker:
        own = authority.client("somebody")
        assert publishes(broker.tls_port, authority, own)
        assert not publishes(broker.tls_port, authority, None)
        assert not publishes(broker.tls_port, authority, strange.client("somebody"))
        assert not publishes(broker.tls_port, strange, own)


def test_rabbitmq_keeps_a_durable_queue(rabbitmq: rabbitmq_broker.RabbitMQ) -> None:
    name = unique("kept")

    async def publish() -> None:
        async with await aio_pika.connect(rabbitmq.url()) as connection:
            channel = await connection.channel()
            await channel.declare_queue(name, durable=True)
            message = aio_pika.Message(b"fix", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, name)

    async def receive() -> bytes:
        async with await aio_pika.connect(rabbitmq.url()) as connection:
            queue = await (await connection.channel()).get_queue(name)
            message = await queue.get()
            assert message is not None
            await message.ack()
            return message.body

    run(publish())
    rabbitmq.save()
    rabbitmq.kill()
    assert not process.accepts(rabbitmq.port)
    rabbitmq.start_again()
    assert run(receive()) == b"fix"


def test_rabbitmq_refuses_a_wrong_password_and_a_strange_exchange(rabbitmq: rabbitmq_broker.RabbitMQ) -> None:
    async def publish_to(exchange: str) -> None:
        async with await aio_pika.connect(rabbitmq.url()) as connection:
            await (await connection.channel()).declare_exchange(exchange, "topic")
        async with await aio_pika.connect(rabbitmq.url("provider")) as connection:
            found = await (await connection.channel()).get_exchange(exchange, ensure=False)
            await found.publish(aio_pika.Message(b"fix"), "track1", mandatory=False)

    run(publish_to(unique("tracking.provider")))
    with pytest.raises(ChannelClosed, match="ACCESS_REFUSED"):
        run(publish_to(unique("other")))
    with pytest.raises(ProbableAuthenticationError):
        run(aio_pika.connect(rabbitmq.url("provider", "wrong")))


def test_rabbitmq_speaks_tls_to_who_trusts_its_authority(
    rabbitmq: rabbitmq_broker.RabbitMQ, certificates: pems.Certificates
) -> None:
    async def connect(authority: pems.Authority) -> None:
        login: dict[str, Any] = {"host": "localhost", "login": "admin", "password": "admin-secret"}
        login |= {"port": rabbitmq.tls_port, "ssl": True, "ssl_context": trusting(authority)}
        await (await aio_pika.connect(**login)).close()

    run(connect(certificates.authority))
    with pytest.raises(AMQPConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        run(connect(certificates.strange))


def test_kafka_keeps_its_log(kafka: kafka_broker.Kafka) -> None:
    topic = kafka.create_topic(unique("kept"), partitions=2)
    with KafkaProducer(bootstrap_servers=kafka.address, acks="all") as producer:
        producer.send(topic, b"fix").get(TIMEOUT_S)
    kafka.kill()
    assert not process.accepts(kafka.port)
    kafka.start_again()
    with KafkaConsumer(
        topic,
        bootstrap_servers=kafka.address,
        group_id=unique("group"),
        auto_offset_reset="earliest",
        consumer_timeout_ms=TIMEOUT_S * 1000,
    ) as consumer:
        assert next(consumer).value == b"fix"


def test_kafka_lets_a_user_write_only_where_it_may(kafka: kafka_broker.Kafka, certificates: pems.Certificates) -> None:
    own, other = kafka.create_topic(unique("own")), kafka.create_topic(unique("other"))
    kafka.allow("provider", ACLOperation.WRITE, own)
    with KafkaProducer(**kafka.secure("provider", certificates)) as producer:
        producer.send(own, b"fix").get(TIMEOUT_S)
        with pytest.raises(TopicAuthorizationFailedError):
            producer.send(other, b"fix").get(TIMEOUT_S)


def test_kafka_refuses_a_wrong_password(kafka: kafka_broker.Kafka, certificates: pems.Certificates) -> None:
    settings = {**kafka.secure("admin", certificates), "bootstrap_timeout_ms": 3000}
    with KafkaConsumer(**settings) as consumer:
        consumer.topics()
    with pytest.raises(KafkaError), KafkaConsumer(**{**settings, "sasl_plain_password": "wrong"}) as consumer:
        consumer.topics()


def test_kafka_speaks_tls_to_who_trusts_its_authority(
    kafka: kafka_broker.Kafka, certificates: pems.Certificates
) -> None:
    """With a bare socket: kafka-python 3.0.12 leaves those open whose handshake failed."""

    def shake_hands(authority: pems.Authority) -> None:
        with socket.create_connection(("localhost", kafka.secure_port or 0), timeout=TIMEOUT_S) as plain:
            trusting(authority).wrap_socket(plain, server_hostname="localhost").close()

    shake_hands(certificates.authority)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(certificates.strange)


def test_a_missing_program_names_its_installation() -> None:
    with pytest.raises(process.BrokerMissingError, match="run scripts/install-brokers"):
        process.program("no-such-broker")


def test_a_broker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, sys\n"
        "from tests.brokers import mosquitto\n"
        "with mosquitto.start(pathlib.Path(sys.argv[1])) as broker:\n"
        "    print(broker.port, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "mosquitto"], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    assert done.returncode == -signal.SIGKILL
    port = int(done.stdout)
    process.wait_until(lambda: not process.accepts(port), "the broker to end with its starter", 10)

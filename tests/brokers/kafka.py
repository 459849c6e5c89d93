"""Apache Kafka (KRaft, one node): a plain listener, one behind a proxy, and SASL PLAIN over TLS, with ACLs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)
from kafka.errors import KafkaError

from tests.brokers import proxy
from tests.brokers.certificates import Certificates
from tests.brokers.process import HOST, BrokerMissingError, Server, accepts, free_port, program

JARS = Path(__file__).parents[2] / ".brokers" / "kafka"
USERS = {"admin": "admin-secret", "provider": "provider-secret"}
# The client compiler alone and no parallel collector: a test's broker starts sooner and stays small.
_JAVA = ("-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
_CLUSTER = "aGFuaHRyaW5oLS10ZXN0cw"  # 16 bytes in base64, as Kafka wants it
_SCRAM = {
    "sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "listener.name.secure.scram-sha-512.sasl.jaas.config": (
        "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    ),
}


class Kafka(Server):
    """A started Kafka. The plain listeners allow everything; the secure one allows `admin`, and what allow() says."""

    host = HOST
    port: int
    secure_port: int | None
    network: proxy.Proxy
    users: Mapping[str, str]

    @property
    def address(self) -> str:
        """What clients call bootstrap servers."""
        return f"{HOST}:{self.port}"

    @property
    def proxied(self) -> str:
        """The same for clients whose network is to be cut with `network`: all they learn of Kafka leads through it."""
        return f"{HOST}:{self.network.port}"

    def secure(self, user: str, certificates: Certificates, password: str | None = None) -> dict[str, object]:
        """Settings of kafka-python for the SASL PLAIN listener with TLS."""
        return {
            "bootstrap_servers": f"localhost:{self.secure_port}",
            "security_protocol": "SASL_SSL",
            "ssl_cafile": str(certificates.authority.certificate),
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": user,
            "sasl_plain_password": password or self.users[user],
        }

    def create_topic(self, name: str, partitions: int = 1, **configs: str) -> str:
        """Create a topic and return its name when producers and consumers can use it."""
        with _admin(self.port) as admin:
            admin.create_topics({name: {"num_partitions": partitions, "configs": configs}}, wait_for_metadata=True)
        return name

    def allow(self, user: str, operation: ACLOperation, topic: str) -> None:
        """Let a user WRITE to or READ from a topic; to READ it may use any group."""
        resources = [(ResourceType.TOPIC, topic)]
        resources += [(ResourceType.GROUP, "*")] if operation == ACLOperation.READ else []
        with _admin(self.port) as admin:
            admin.create_acls(
                [
                    ACL(f"User:{user}", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name))
                    for kind, name in resources
                ]
            )


def installed() -> str:
    """The Java to run Kafka with. Errors: BrokerMissingError, which says what to run."""
    if not (JARS / "pom.xml").exists():
        raise BrokerMissingError(f"no Kafka in {JARS}: run scripts/install-brokers")
    return program("java")


@contextmanager
def start(
    folder: Path,
    *,
    users: Mapping[str, str] = USERS,
    certificates: Certificates | None = None,
    scram: bool = False,
    settings: Mapping[str, object] | None = None,
) -> Iterator[Kafka]:
    """Start it with its data in `folder`, and stop it at the end.

    users: names and passwords for the secure listener, which it has with certificates. scram: that listener speaks
    SCRAM-SHA-512 instead of PLAIN. settings: further lines of server.properties, or others than ours.
    """
    java = installed()
    folder.mkdir(parents=True)
    port, hidden_port, controller_port = free_port(), free_port(), free_port()
    secure_port = free_port() if certificates else None
    with proxy.start((HOST, hidden_port)) as network:
        options: dict[str, object] = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{HOST}:{controller_port}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAIN",
            "listeners": f"PLAIN://{HOST}:{port},PROXIED://{HOST}:{hidden_port},CONTROLLER://{HOST}:{controller_port}",
            "advertised.listeners": f"PLAIN://{HOST}:{port},PROXIED://{HOST}:{network.port}",
            "listener.security.protocol.map": "PLAIN:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
            "log.dirs": folder / "data",
            "num.partitions": 1,
            "default.replication.factor": 1,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 1,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            # A broker that was killed may register again only when its last session has run out.
            "broker.session.timeout.ms": 2000,
            "broker.heartbeat.interval.ms": 400,
            "auto.create.topics.enable": "false",
            "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
            "num.network.threads": 2,
            "num.io.threads": 2,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS;User:admin",
        }
        if certificates:
            options |= _secure(folder, secure_port, users, certificates)
            options |= _SCRAM if scram else {}
            options["listeners"] = f"{options['listeners']},SECURE://{HOST}:{secure_port}"
            options["advertised.listeners"] = f"{options['advertised.listeners']},SECURE://localhost:{secure_port}"
        lines = [f"{name}={value}" for name, value in {**options, **(settings or {})}.items()]
        (folder / "server.properties").write_text("\n".join(lines) + "\n", encoding="utf-8")
        shutil.copy(Path(__file__).with_name("kafka-log4j2.properties"), folder / "log4j2.properties")
        command = [java, *_JAVA, "-Dlog4j2.configurationFile=log4j2.properties", "-cp", f"{JARS}/*"]
        _format(command, folder, users if scram else {})
        server = Kafka([*command, "kafka.Kafka", "server.properties"], folder, lambda: _ready(port))
        server.port, server.secure_port, server.network, server.users = port, secure_port, network, users
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _secure(folder: Path, port: int | None, users: Mapping[str, str], certificates: Certificates) -> dict[str, object]:
    keystore = folder / "keystore.pem"
    keystore.write_text(certificates.server.key.read_text() + certificates.server.certificate.read_text())
    names = " ".join(f'user_{name}="{password}"' for name, password in users.items())
    module = f"org.apache.kafka.common.security.plain.PlainLoginModule required {names};"
    return {
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secure.plain.sasl.jaas.config": module,
        "listener.name.secure.ssl.keystore.type": "PEM",
        "listener.name.secure.ssl.keystore.location": keystore,
        "listener.name.secure.ssl.truststore.type": "PEM",
        "listener.name.secure.ssl.truststore.location": certificates.authority.certificate,
    }


def _format(command: list[str], folder: Path, users: Mapping[str, str]) -> None:
    """Args: users: of SCRAM, which the cluster's own metadata hold."""
    arguments = ["kafka.tools.StorageTool", "format", "--cluster-id", _CLUSTER, "--config", "server.properties"]
    for name, password in users.items():
        arguments += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"Kafka could not format {folder}: {done.stdout}{done.stderr}")


def _admin(port: int) -> KafkaAdminClient:
    return KafkaAdminClient(bootstrap_servers=f"{HOST}:{port}")


def _ready(port: int) -> bool:
    """Whether the broker answers and knows of itself."""
    if not accepts(port):
        return False
    try:
        with _admin(port) as admin:
            return bool(admin.describe_cluster()["brokers"])
    except KafkaError:
        return False

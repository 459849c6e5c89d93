"""docs/provider.md: each way to send, exactly as printed, to the real broker and the real `hanhtrinh ingest`.

Addresses, secrets and the authority come from the variables that the page names; nothing else is put in.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka.admin import ACLOperation

from ingest.protocols import ufms_pb2
from ingest.sources.amqp import Settings as AmqpSettings
from ingest.sources.http import Settings as Http
from ingest.sources.kafka import Settings as Kafka
from ingest.sources.mqtt import Settings as Mqtt
from ingest.sources.settings import ConnectionSettings, Tls
from journey.model import Reason
from journey.registry import Operator, Provider, Registration, Registry
from storage import access
from storage.access import CONSUMER
from storage.database import connect, scalar
from storage.registry import save_registry
from tests.brokers import kafka as kafka_broker
from tests.brokers import mosquitto as mosquitto_broker
from tests.brokers import rabbitmq as rabbitmq_broker
from tests.brokers.certificates import Certificates
from tests.brokers.process import free_port, wait_until
from tests.chaos.process import Ingest
from tests.cli.command import called, environment
from tests.pages.printed import ROOT, blocks, run, under

PAGE = ROOT / "docs" / "provider.md"
SENDER, STATION = "BINHANH", "KT12"
GIVEN, SAMPLES = "1. What you get from us", "2. Something to send"
AMQP, ARRIVED = "AMQP (the national feed's shape)", "6. Did it arrive?"


class Sending:
    """A provider's folder and variables, and the office's store."""

    def __init__(self, folder: Path, url: str, certificates: Certificates) -> None:
        self.folder, self.url, self.certificates = folder, url, certificates
        folder.mkdir()
        with connect(url) as store:
            save_registry(store, Registry(
                operators=(Operator("OP1", "operator"),),
                vehicles=(Registration("12C12345", "OP1", "truck", "goods"),),
                providers=(Provider(SENDER, "Bình Anh", ("OP1",)), Provider(STATION, "weigh stations")),
            ))  # fmt: skip
            self.secrets = {name: access.issue(store, name) for name in (SENDER, STATION, CONSUMER)}
            store.commit()
        self.variables = {
            "SENDER": SENDER,
            "SECRET_FILE": self.secret(SENDER, self.secrets[SENDER]),
            "STATION_SECRET_FILE": self.secret(STATION, self.secrets[STATION]),
            "KAFKA_SECRET_FILE": self.secret("kafka", "kafka-secret"),
            "CA_FILE": str(certificates.authority.certificate),
        }
        self.tls = Tls(ca_file=certificates.authority.certificate)
        self.password_file = Path(self.secret(CONSUMER, self.secrets[CONSUMER]))

    def secret(self, name: str, text: str) -> str:
        path = self.folder / f"{name}.secret"
        path.write_text(f"{text}\n", encoding="utf-8")
        return str(path)

    def send(self, *headings: str, **variables: str) -> str:
        """Run what the page prints under these headings, after its samples were made."""
        office = {name: text for name, text in environment(DATABASE_URL=self.url).items() if name.startswith("HANH")}
        given = {"HOME": str(self.folder), "LANG": "C.UTF-8", **office, **self.variables, **variables}
        return run(under(PAGE, SAMPLES, *headings), self.folder, given)

    def taken(self, connection: str) -> tuple[int, int, int, int]:
        """By the books of a connection: records received, stored, duplicate, rejected."""
        with connect(self.url) as store:
            row = store.execute(
                "SELECT sum(received)::int, sum(stored)::int, sum(duplicates)::int, sum(rejected)::int FROM intake "
                "WHERE connection = %s", (connection,),
            ).fetchone()  # fmt: skip
        assert row is not None
        return tuple(one or 0 for one in row)  # type: ignore[return-value]

    def stored(self) -> list[tuple[str, int, int]]:
        with connect(self.url) as store:
            return store.execute(
                "SELECT v.plate, f.speed_dkmh, f.lon_e7 FROM fix f JOIN vehicle v ON v.id = f.vehicle_id "
                "ORDER BY f.time"
            ).fetchall()  # type: ignore[return-value]


FIXES = [("12C12345", 615, 1_067_000_000), ("12C12345", 620, 1_067_011_000)]


@pytest.fixture
def provider(tmp_path: Path, database: str, certificates: Certificates) -> Sending:
    return Sending(tmp_path / "provider", database, certificates)


@pytest.fixture
def taking(provider: Sending, tmp_path: Path) -> Iterator[Callable[[ConnectionSettings], Ingest]]:
    """Starts the real ingest over a connection."""
    started: list[Ingest] = []

    def start(settings: ConnectionSettings) -> Ingest:
        ingest = Ingest(tmp_path / "ingest", provider.url, [settings])
        started.append(ingest)
        ingest.start()
        ingest.wait_ready()
        return ingest

    yield start
    for ingest in started:
        assert ingest.stop() == 0, ingest.text()


def test_http_as_printed(provider: Sending, taking: Callable[[ConnectionSettings], Ingest]) -> None:
    port, tls = free_port(), provider.certificates.server
    taking(Http(name="http", transport="http", port=port, tls={"cert_file": tls.certificate, "key_file": tls.key}))
    said = provider.send("HTTP", INGEST_URL=f"https://localhost:{port}")
    assert len(re.findall(r'\{"accepted":true,"id":"[^"]+"\}', said)) == 3
    assert provider.taken("http") == (5, 3, 2, 0)  # the fixes twice, and a weighing
    assert provider.stored() == FIXES
    with connect(provider.url) as store:
        assert scalar(store, "SELECT count(*) FROM weighing") == 1


def test_mqtt_as_printed(provider: Sending, taking: Callable[[ConnectionSettings], Ingest], tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert called("access", "mosquitto", made, DATABASE_URL=provider.url).code == 0
    lines = (made / "mosquitto.conf").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    with mosquitto_broker.start(
        tmp_path / "mosquitto", certificates=provider.certificates, settings=settings
    ) as broker:
        taking(Mqtt(
            name="mqtt", transport="mqtt", host="localhost", port=broker.tls_port, topics=["tracking/{sender}/fix"],
            username=CONSUMER, password_file=provider.password_file, tls=provider.tls,
        ))  # fmt: skip
        provider.send("MQTT", MQTT_HOST="localhost", MQTT_PORT=str(broker.tls_port))
        wait_until(lambda: provider.taken("mqtt") == (4, 2, 2, 0), "both sendings to be booked", 30)
        assert provider.stored() == FIXES
        # Where it is refused the program says so, instead of letting the data go.
        acl = made / "acl"
        acl.write_text(acl.read_text(encoding="utf-8").replace(f"write tracking/{SENDER}/#", "write nothing"))
        broker.reload()
        with pytest.raises(AssertionError, match="not acknowledged, keep it"):
            provider.send("MQTT", MQTT_HOST="localhost", MQTT_PORT=str(broker.tls_port))
        assert provider.taken("mqtt") == (4, 2, 2, 0)


def test_kafka_as_printed(provider: Sending, taking: Callable[[ConnectionSettings], Ingest], tmp_path: Path) -> None:
    users = {"admin": "admin-secret", SENDER: "kafka-secret"}
    with kafka_broker.start(
        tmp_path / "kafka", users=users, certificates=provider.certificates, scram=True
    ) as broker:  # fmt: skip
        broker.allow(SENDER, ACLOperation.WRITE, broker.create_topic(f"tracking.{SENDER}", partitions=2))
        taking(Kafka(
            name="kafka", transport="kafka", servers=[f"localhost:{broker.secure_port}"], topics=["tracking.{sender}"],
            username="admin", password_file=provider.secret("admin", "admin-secret"), sasl="SCRAM-SHA-512",
            tls=provider.tls,
        ))  # fmt: skip
        provider.send("Kafka", KAFKA_SERVERS=f"localhost:{broker.secure_port}")
        wait_until(lambda: provider.taken("kafka") == (2, 2, 0, 0), "it to be stored", 30)
    assert provider.stored() == FIXES


def test_amqp_as_printed(provider: Sending, taking: Callable[[ConnectionSettings], Ingest], tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert called("access", "rabbitmq", made, DATABASE_URL=provider.url).code == 0
    shutil.copy(str(ufms_pb2.__file__), provider.folder / "ufms_pb2.py")  # what the page says is handed over
    with rabbitmq_broker.start(tmp_path / "rabbitmq", certificates=provider.certificates) as broker:
        broker.control("import_definitions", str(made / "definitions.json"))
        taking(AmqpSettings(
            name="national", transport="amqp", host="localhost", port=broker.tls_port, username=CONSUMER,
            password_file=provider.password_file, queue="hanhtrinh", declare=False, tls=provider.tls,
        ))  # fmt: skip
        provider.send(AMQP, AMQP_HOST="localhost", AMQP_PORT=str(broker.tls_port))
        wait_until(lambda: provider.taken("national") == (2, 2, 0, 0), "it to be stored", 30)
    assert provider.stored() == FIXES


def test_files_and_what_the_office_looks_at_as_printed(provider: Sending) -> None:
    said = provider.send("Files", ARRIVED)
    assert "fixes.csv: OK" in said
    assert "OP1" in said  # the hour's line of reconcile
    assert provider.stored() == FIXES


def test_the_page_names_every_variable_that_its_examples_use() -> None:
    (given,) = under(PAGE, GIVEN)
    named = set(re.findall(r"(?:export |\s)([A-Z_]+)=", given.text))
    texts = "".join(block.text for block in blocks(PAGE) if block.heading != GIVEN)
    used = set(re.findall(r"\$\{?([A-Z_]+)", texts)) | set(re.findall(r'os\.environ\[["\']([A-Z_]+)', texts))
    assert used == named


def test_every_reason_of_a_rejection_is_explained() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(Reason) <= set(rows)


def test_a_block_that_is_never_run_is_told() -> None:
    """Every block of the page stands under a heading that a test above runs."""
    run_here = {GIVEN, SAMPLES, "HTTP", "MQTT", "Kafka", AMQP, "Files", ARRIVED}
    assert {block.heading for block in blocks(PAGE)} == run_here

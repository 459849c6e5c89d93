"""Fixtures of the brokers: one of each for a whole run, with certificates; tests keep apart by `unique` names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import certificates, kafka, mosquitto, rabbitmq

_TESTS = Path(__file__).parents[1]
_FOLDERS = {"brokers", "live", "chaos"}
_BROKERS = {"mosquitto", "rabbitmq", "kafka"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What lies in these folders needs the program of a broker, and so does what uses a fixture of one."""
    for item in items:
        if _FOLDERS & set(item.path.relative_to(_TESTS).parts[:1]) or _BROKERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.brokers)


@pytest.fixture(name="certificates", scope="session")
def _certificates(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def broker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("brokers")


@pytest.fixture(name="mosquitto", scope="session")
def _mosquitto(broker_folder: Path, certificates: certificates.Certificates) -> Iterator[mosquitto.Mosquitto]:
    with mosquitto.start(broker_folder / "mosquitto", certificates=certificates) as server:
        yield server


@pytest.fixture(name="rabbitmq", scope="session")
def _rabbitmq(broker_folder: Path, certificates: certificates.Certificates) -> Iterator[rabbitmq.RabbitMQ]:
    with rabbitmq.start(broker_folder / "rabbitmq", certificates=certificates) as server:
        yield server


@pytest.fixture(name="kafka", scope="session")
def _kafka(broker_folder: Path, certificates: certificates.Certificates) -> Iterator[kafka.Kafka]:
    with kafka.start(broker_folder / "kafka", certificates=certificates) as server:
        yield server

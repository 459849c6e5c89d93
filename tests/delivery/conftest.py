"""A store with two published lists and an amendment, and a log of delivery that each test finds empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from journey.localtime import DAY_S
from storage.database import connect
from tests.brokers.certificates import Certificates, make
from tests.lists.sample import CLOSED, A, B, Office, drive, office


@pytest.fixture(scope="module")
def published(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One list, 01/2025, and its amendment, 02/2025."""
    made = office(module_database, tmp_path_factory.mktemp("office"))
    made.take_in(drive(A, 1, "100"))
    assert made.publish().code == 0
    made.take_in(drive(B, 2, "100"))
    assert made.amend(CLOSED + DAY_S).code == 0
    return made


@pytest.fixture
def sender(published: Office) -> Iterator[Office]:
    yield published
    with connect(published.url) as connection:
        connection.execute("SET session_replication_role = replica")  # the log refuses it else
        connection.execute("TRUNCATE delivery, month_paper")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    from tests.delivery.servers import PASSWORD

    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path

"""What `hanhtrinh ingest` logs at its most talkative over every broker: no password, no token, no plate, no licence."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import connect
from storage.registry import save_registry
from tests.chaos.process import Ingest
from tests.chaos.test_kills import all_stored
from tests.live.records import REGISTRY, many_each
from tests.live.rigs import RIGS, Rig

RIGHT, WRONG, VARIABLE = "admin-secret", "planted-wrong-secret", "HANHTRINH_TEST_PLANTED"


@pytest.fixture
def rigs(request: pytest.FixtureRequest) -> Iterator[dict[str, Rig]]:
    for kafka in RIGS["kafka"](request):
        for mqtt in RIGS["mqtt"](request):
            for amqp in RIGS["amqp"](request):
                yield {"kafka": kafka, "mqtt": mqtt, "amqp": amqp}


def test_no_secret_and_nobody_in_any_line(rigs: dict[str, Rig], database: str, tmp_path: Path) -> None:
    """Connections that are let in, others that are not, good records and rubbish with people in it."""
    with connect(database) as connection:
        save_registry(connection, REGISTRY)
        connection.commit()
    kafka = rigs["kafka"]
    secure = {
        "servers": [f"localhost:{kafka.broker.secure_port}"],  # type: ignore[attr-defined]
        "tls": {"ca_file": kafka.certificates.authority.certificate},  # type: ignore[attr-defined]
        "username": "admin",
    }
    (tmp_path / "right").write_text(RIGHT + "\n", encoding="utf-8")
    refused = {"username": "admin", "password_file": None, "password_env": VARIABLE}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, WRONG)
        connections = [
            kafka.settings(name="kafka", batch_age_s=0.1, password_file=tmp_path / "right", **secure),
            rigs["mqtt"].settings(batch_age_s=0.1),
            rigs["amqp"].settings(name="amqp", batch_age_s=0.1),
            kafka.settings(name="kafka-refused", **{**secure, **refused}),
            rigs["amqp"].settings(name="amqp-refused", **refused),
        ]
        ingest = Ingest(tmp_path, database, connections, environment={"HANHTRINH_LOG_LEVEL": "debug", VARIABLE: WRONG})
    rubbish = [b'{"vehicle": "12C00001", "driver": "790123456789", "name": "Tran Thi Lan"', b"\xff12C00001"]

    async def play() -> None:
        for place, rig in enumerate(rigs.values()):
            await rig.publish([*many_each(place * 100, place * 100 + 100, 10), *rubbish])
        await all_stored(database, 300)
        async with asyncio.timeout(60):
            while not all(f"connection {name}-refused:" in ingest.text() for name in ("kafka", "amqp")):
                await asyncio.sleep(0.1)

    with ingest:
        asyncio.run(play())
        assert ingest.stop() == 0
    text = ingest.text()
    assert " DEBUG " in text
    for secret in (RIGHT, WRONG):
        for form in (secret, base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex()):
            assert form not in text
    for person in ("790123456789", "12C00001", "12C00012", "Tran Thi Lan"):
        assert person not in text

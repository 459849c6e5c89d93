"""Settings of a Kafka connection: what is refused at load, and who sends to which topic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.sources import transports
from ingest.sources.kafka import Settings

LEAST: dict[str, Any] = {
    "name": "north",
    "transport": "kafka",
    "servers": ["kafka.example.vn:9092"],
    "topics": ["tracking.{sender}"],
}


def test_it_is_found_by_its_name() -> None:
    assert transports()["kafka"].settings is Settings


def test_the_least_that_has_to_be_said() -> None:
    settings = Settings(**LEAST)
    assert (settings.group, settings.cluster, settings.sender, settings.tls) == (None, None, None, None)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"servers": []}, "at least 1 item"),
        ({"servers": ["kafka.example.vn"]}, "host:port is wanted"),
        ({"servers": ["kafka.example.vn:0"]}, "host:port is wanted"),
        ({"servers": ["kafka://kafka.example.vn:9092"]}, "host:port is wanted"),
        ({"topics": []}, "at least 1 item"),
        ({"topics": ["trackings and more"]}, "no name of a topic"),
        ({"topics": ["{sender}.{sender}"]}, "once"),
        ({"topics": ["a.{sender}", "a.{sender}"]}, "named twice"),
        ({"topics": ["positions"]}, "who sends to topic positions?"),
        ({"topics": ["positions", "tracking.{sender}"]}, "who sends to topic positions?"),
        ({"sender": "OP1"}, "leave `sender` out"),
        ({"username": "u"}, "username needs password_file or password_env"),
        ({"password_env": "KAFKA_TEST_PASSWORD"}, "a password needs a username"),
        ({"password_env": "KAFKA_TEST_ABSENT", "username": "u"}, "the environment has no KAFKA_TEST_ABSENT"),
        ({"password_env": "KAFKA_TEST_PASSWORD", "username": "u"}, "PLAIN shows the password to the network"),
        ({"password_file": Path("/absent"), "username": "u"}, "/absent cannot be read"),
        ({"password": "hidden", "username": "u"}, "Extra inputs are not permitted"),
        ({"sasl": "GSSAPI"}, "SCRAM-SHA-512"),
        ({"tls": {"ca_file": "/absent"}}, "ca_file /absent cannot be read"),
        ({"group": "a group"}, "should match pattern"),
        ({"cluster": "a:b"}, "should match pattern"),
        ({"session_s": 0}, "greater than or equal to 1"),
    ],
)
def test_refused(fields: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_TEST_PASSWORD", "hidden")
    with pytest.raises(ValidationError) as error:
        Settings(**(LEAST | fields))
    assert words in str(error.value)


@pytest.mark.parametrize("fields", [{"sasl": "SCRAM-SHA-256"}, {"tls": {}}])
def test_a_password_that_nobody_can_read_on_its_way(fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_TEST_PASSWORD", "hidden")
    settings = Settings(**(LEAST | {"username": "u", "password_env": "KAFKA_TEST_PASSWORD"} | fields))
    assert "hidden" not in repr(settings) + settings.model_dump_json()


def test_senders_stand_in_the_names_of_topics() -> None:
    settings = Settings(**(LEAST | {"topics": ["tracking.{sender}", "a.{sender}.b", "positions"], "sender": "OP9"}))
    names = ["tracking.OP1", "tracking.OP.2", "a.OP3.b", "positions"]
    assert [settings.sender_to(name) for name in names] == ["OP1", "OP.2", "OP3", "OP9"]

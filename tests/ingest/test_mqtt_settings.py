"""Settings of MQTT connections: what is refused at load, and with which words; topics and the senders in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.sources import transports
from ingest.sources._mqtt_topics import filter_of, problem_of, sender_in
from ingest.sources.mqtt import Settings
from tests.brokers import certificates


def settings(**fields: Any) -> Settings:
    given = {"name": "live", "transport": "mqtt", "host": "broker.example", "topics": ["tracking/{sender}/fix"]}
    return Settings(**(given | fields))


def test_it_is_found_by_its_name() -> None:
    assert transports()["mqtt"].settings is Settings


def test_the_port_follows_tls() -> None:
    assert settings().address == ("broker.example", 1883)
    assert settings(tls={}).address == ("broker.example", 8883)
    assert settings(tls={}, port=1).address == ("broker.example", 1)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"host": ""}, "host"),
        ({"port": 0}, "port"),
        ({"version": "3.1"}, "'5' or '3.1.1'"),
        ({"topics": []}, "topics"),
        ({"topics": ["a/#/b"], "sender": "OP1"}, "`#` for all at the end"),
        ({"topics": ["a/{sender}x"]}, "one whole level"),
        ({"topics": ["a/b"]}, "who sends?"),
        ({"topics": ["a/b", "c/{sender}"]}, "who sends?"),
        ({"sender": "OP1"}, "name one of them"),
        ({"share": "a/b"}, "share"),
        ({"username": "u", "password_file": "/nowhere"}, "/nowhere cannot be read"),
        ({"username": "u", "password_env": "HANHTRINH_TEST_NOT_SET"}, "the environment has no HANHTRINH_TEST_NOT_SET"),
        ({"username": "u", "password_env": "A", "password_file": "/nowhere"}, "not both"),
        ({"password_env": "HOME"}, "a password without `username`"),
        ({"password": "x"}, "password"),
        ({"tls": {"ca_file": "/nowhere"}}, "ca_file /nowhere cannot be read"),
        ({"tls": {"insecure": True}}, "insecure"),
        ({"tls": {"ca_file": __file__}}, "no certificates in PEM form"),
        ({"keepalive_s": 0}, "keepalive_s"),
        ({"receive_maximum": 65_536}, "receive_maximum"),
        ({"session_expiry_s": 0}, "session_expiry_s"),
    ],
)
def test_what_cannot_work_is_refused_at_load(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as told:
        settings(**fields)
    assert words in str(told.value)


def test_a_key_that_is_not_of_the_certificate_is_refused(tmp_path: Path) -> None:
    authority = certificates.make_authority(tmp_path / "authority", "authority")
    one, other = authority.client("one"), authority.client("other")
    assert settings(tls={"cert_file": one.certificate, "key_file": one.key}).tls
    with pytest.raises(ValidationError, match="not the key to them"):
        settings(tls={"cert_file": one.certificate, "key_file": other.key})


def test_no_secret_is_kept_in_settings(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("very-secret\n")
    assert "very-secret" not in repr(settings(username="u", password_file=tmp_path / "password"))


@pytest.mark.parametrize(
    ("topic", "right"),
    [
        ("a", True), ("a/+/c/#", True), ("+", True), ("#", True), ("{sender}", True), ("/a", True), ("a//b", True),
        ("", False), ("a+", False), ("a/b#", False), ("#/a", False), ("{sender}/{sender}", False), ("a{sender}", False),
        ("$share/g/a", False), ("a\0", False), ("x" * 65_536, False),
    ],
)  # fmt: skip
def test_topics_that_can_be_subscribed_to(topic: str, right: bool) -> None:
    assert (problem_of(topic) is None) == right


def test_a_filter_takes_any_sender() -> None:
    assert filter_of("tracking/{sender}/#") == "tracking/+/#"


@pytest.mark.parametrize(
    ("topic", "name", "found"),
    [
        ("t/{sender}/fix", "t/OP1/fix", (True, "OP1")),
        ("t/{sender}/fix", "t//fix", (True, "")),
        ("t/{sender}/fix", "t/OP1", (False, None)),
        ("t/{sender}/fix", "t/OP1/fix/x", (False, None)),
        ("t/{sender}/fix", "u/OP1/fix", (False, None)),
        ("{sender}/#", "OP1", (True, "OP1")),
        ("{sender}/#", "OP1/a/b", (True, "OP1")),
        ("+/+/{sender}", "a/b/OP1", (True, "OP1")),
        ("a/+", "a/b", (True, None)),
        ("a/#", "a", (True, None)),
        ("#", "a/b", (True, None)),
        ("a", "a/", (False, None)),
    ],
)
def test_whose_a_topic_is(topic: str, name: str, found: tuple[bool, str | None]) -> None:
    assert sender_in(topic, name) == found

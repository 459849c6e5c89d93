"""Settings of an AMQP connection: what is refused at load, and with which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.sources.amqp import Settings


def settings(**fields: Any) -> Settings:
    given = {
        "name": "north",
        "transport": "amqp",
        "host": "feed.example",
        "username": "inspectorate",
        "password_env": "FEED_PASSWORD",
        "senders": ["VIETTEL", "VNPT"],
    }
    return Settings(**{name: value for name, value in (given | fields).items() if value is not ...})


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_PASSWORD", "open-sesame")


def test_the_national_feed_by_default() -> None:
    made = settings()
    assert made.exchange_names == ["tracking.VIETTEL", "tracking.VNPT"]
    assert (made.queue_name, made.routing_key, made.protocol) == ("hanhtrinh.north", "track1", "ufms")


def test_exchanges_of_senders_beside_plain_ones() -> None:
    made = settings(exchanges=["tracking.{sender}", "ufms.all", "tracking.VNPT"], sender="DRVN")
    assert made.exchange_names == ["tracking.VIETTEL", "tracking.VNPT", "ufms.all"]


def test_an_existing_queue_needs_no_senders() -> None:
    assert settings(declare=False, senders=...).exchange_names == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"exchanges": []}, "name at least one"),
        ({"exchanges": ["a.{sender}.{sender}"]}, "may stand once"),
        ({"exchanges": ["ufms.all"], "senders": ...}, "needs `sender`"),
        ({"sender": "DRVN"}, "leave `sender` out"),
        ({"senders": ...}, "or set declare = false"),
        ({"exchanges": ["ufms.all"], "sender": "DRVN"}, "no exchange has {sender}"),
        ({"senders": ["A", " "]}, "one is empty"),
        ({"senders": ["A" * 120]}, "1 to 127 bytes"),
        ({"queue": "q" * 128}, "1 to 127 bytes"),
        ({"exchange_type": "headers"}, "'direct', 'topic' or 'fanout'"),
        ({"prefetch": 0}, "greater than or equal to 1"),
        ({"prefetch": 70_000}, "less than or equal to 65535"),
        ({"port": 0}, "greater than or equal to 1"),
        ({"password_env": ...}, "name password_file or password_env"),
        ({"password_env": "ABSENT"}, "the environment has no ABSENT"),
        ({"password_file": Path("/nowhere/password")}, "not both"),
        ({"protocol": "morse"}, "no such format"),
        ({"password": "open-sesame"}, "Extra inputs are not permitted"),
        ({"tls": {"ca_file": "/nowhere/ca.pem"}}, "cannot be read"),
        ({"tls": {"verify": False}}, "Extra inputs are not permitted"),
    ],
)
def test_refused_at_load(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**fields)
    assert words in str(caught.value)


def test_the_secret_is_nowhere_to_be_seen() -> None:
    made = settings()
    assert made.password().get_secret_value() == "open-sesame"
    assert "open-sesame" not in f"{made!r} {made} {made.model_dump_json()}"

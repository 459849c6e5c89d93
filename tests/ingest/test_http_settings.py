"""Settings of the HTTP entrance: what is refused at load, and with which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.sources.http import Settings
from tests.brokers.certificates import Certificates

OPEN = "0.0.0.0"  # noqa: S104


def settings(**fields: Any) -> Settings:
    return Settings(**({"name": "front", "transport": "http", "port": 8443} | fields))


def test_the_sender_waits_for_a_short_batch() -> None:
    assert settings().batch_age_s == 0.02


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"port": ...}, "Field required"),
        ({"port": 65_536}, "less than or equal to 65535"),
        ({"sender": "OP1"}, "the token of each request says who sends"),
        ({"host": OPEN}, "in the clear"),
        ({"host": "::"}, "in the clear"),
        ({"max_body_bytes": 17 << 20}, "less than or equal to 16777216"),
        ({"waiting_bytes": 1 << 20}, "greater than or equal to 16777216"),
        ({"connections": 0}, "greater than or equal to 1"),
        ({"rate_per_s": 0}, "greater than 0"),
        ({"slow_s": 0}, "greater than 0"),
        ({"tls": {"cert_file": "/nowhere/a.pem", "key_file": "/nowhere/a.key"}}, "No such file"),
        ({"token": "open-sesame"}, "Extra inputs are not permitted"),
    ],
)
def test_refused_at_load(fields: dict[str, Any], words: str) -> None:
    given = {"name": "front", "transport": "http", "port": 8443} | fields
    with pytest.raises(ValidationError) as caught:
        Settings(**{name: value for name, value in given.items() if value is not ...})
    assert words in str(caught.value)


def test_a_key_that_is_not_the_certificates(certificates: Certificates) -> None:
    strange: Path = certificates.authority.client("strange").key
    with pytest.raises(ValidationError, match="no certificate with its key"):
        settings(host=OPEN, tls={"cert_file": certificates.server.certificate, "key_file": strange})
    key = certificates.server.key
    assert settings(host=OPEN, tls={"cert_file": certificates.server.certificate, "key_file": key}).tls


def test_others_may_reach_it_in_the_clear_only_through_a_proxy() -> None:
    assert settings(host=OPEN, behind_tls_proxy=True).tls is None

"""The settings file of ingest: the example is sound, and a wrong setting is refused by its name."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ingest.configuration import EXAMPLE, ConfigurationError, read
from ingest.sources import transports
from tests.brokers import certificates
from tests.cli.command import called

KAFKA = """
[[connection]]
name = "one"
transport = "kafka"
servers = ["127.0.0.1:9092"]
topics = ["tracking.{sender}"]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ingest.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_transport_stands_in_the_example() -> None:
    content = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert sorted(one["transport"] for one in content["connection"]) == sorted(transports())
    for one in content["connection"]:
        known = set(transports()[one["transport"]].settings.model_fields)
        assert set(one) <= known


def test_the_example_is_accepted_once_its_files_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = certificates.make(tmp_path / "certificates")
    (tmp_path / "secret").write_text("abc", encoding="utf-8")
    text = EXAMPLE.read_text(encoding="utf-8")
    for name, path in (
        ("/run/secrets/mqtt", tmp_path / "secret"), ("/run/secrets/rabbitmq", tmp_path / "secret"),
        ("/etc/hanhtrinh/ca.pem", made.authority.certificate), ("/etc/hanhtrinh/server.pem", made.server.certificate),
        ("/etc/hanhtrinh/server.key", made.server.key),
    ):  # fmt: skip
        text = text.replace(name, str(path))
    monkeypatch.setenv("HANHTRINH_KAFKA_PASSWORD", "abc")
    configuration = read(written(tmp_path, text))
    assert [one.name for one in configuration.connections] == ["mqtt", "kafka", "national", "http"]
    assert (configuration.instance, configuration.monitor.port) == ("1", 9108)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "connection: none is named; write a table [[connection]]"),
        ("connection = 3", "connection: none is named"),
        ("a = [", "no TOML"),
        ("speed = 3\n" + KAFKA, "speed: no such setting"),
        ("instance = 2\n" + KAFKA, "instance: write letters and digits in quotes"),
        ("[monitor]\nport = 70000\n" + KAFKA, "monitor.port: Input should be less than or equal to 65535"),
        ("[monitor]\nhosts = 'x'\n" + KAFKA, "monitor.hosts: no such setting here"),
        (KAFKA + KAFKA, "connection one: the name stands twice"),
        (KAFKA.replace("kafka", "carrier pigeon"), "connection one: transport 'carrier pigeon': there are"),
        (KAFKA + 'password = "hidden"\n', "connection one: password: secrets stand in a file or the environment"),
        (KAFKA + 'protocol = "morse"\n', "connection one: protocol: no such format; there are cabspotting, csv_v1"),
        (KAFKA + "batch_records = 0\n", "connection one: batch_records: Input should be greater than or equal to 1"),
        (KAFKA + "topic = 3\n", "connection one: topic: no such setting here; mend its name or remove it"),
        (KAFKA.replace('topics = ["tracking.{sender}"]', ""), "connection one: topics: is missing; write it"),
        (KAFKA.replace("tracking.{sender}", "tracking"), "connection one: as a whole: who sends to topic tracking?"),
        (KAFKA + "[connection.dead_letters]\nshare = 2\n", "connection one: dead_letters.share: Input should be less"),
        (KAFKA + 'username = "u"\npassword_file = "/absent"\n', "/absent cannot be read: No such file"),
        (KAFKA + 'username = "u"\npassword_env = "ABSENT"\n', "the environment has no ABSENT"),
        (KAFKA + '[connection.tls]\nca_file = "/absent"\n', "ca_file /absent cannot be read"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        read(written(tmp_path, text))
    assert words in str(told.value)
    assert str(tmp_path / "ingest.toml") in str(told.value)
    assert "hidden" not in str(told.value)


def test_the_command_refuses_at_start(tmp_path: Path) -> None:
    path = written(tmp_path, KAFKA.replace("one", "two", 1) + "batch_age_s = 0\n")
    done = called("ingest", "--settings", path)
    assert done.code == 2
    assert f"{path}: connection two: batch_age_s: Input should be greater than 0" in done.err
    done = called("ingest", "--settings", tmp_path / "absent.toml")
    assert done.code == 2
    assert "hanhtrinh ingest --example" in done.err


def test_check_reads_the_settings_and_ends(tmp_path: Path) -> None:
    done = called("ingest", "--check", "--settings", written(tmp_path, KAFKA))
    assert (done.code, done.out) == (0, "one: kafka, json_v1\n")
    assert called("ingest", "--example").out == EXAMPLE.read_text(encoding="utf-8")

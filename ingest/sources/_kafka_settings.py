"""Settings of a Kafka connection: brokers, topics, group, who we are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from ingest.sources.settings import SENDER, ConnectionSettings, Tls, secret

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,248}$"
_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")


def pattern(template: str) -> str:
    """A regular expression for the topics of a template, with the sender as its group."""
    return re.escape(template).replace(re.escape(SENDER), "(.+)")


class Settings(ConnectionSettings):
    """A Kafka cluster, and topics of it. `tracking.{sender}` stands for all topics so called, each of its sender."""

    transport: Literal["kafka"]
    servers: Annotated[tuple[str, ...], Field(min_length=1)]  # host:port; one that answers names the others
    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    group: Annotated[str, Field(pattern=_NAME)] | None = None  # default: hanhtrinh.<connection>
    # In the streams' names; default: the connection's name. A cluster or topic made anew needs another one.
    cluster: Annotated[str, Field(pattern=_NAME)] | None = None
    username: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    sasl: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    tls: Tls | None = None
    poll_records: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000
    fetch_bytes: Annotated[int, Field(ge=1 << 16, le=1 << 30)] = 32 << 20  # of one answer of one broker
    partition_fetch_bytes: Annotated[int, Field(ge=1 << 16, le=1 << 30)] = 4 << 20
    session_s: Annotated[float, Field(ge=1, le=1800)] = 45.0  # a process that died is noticed after so long
    unreachable_s: Annotated[float, Field(ge=1, le=3600)] = (
        30.0  # no broker answers for so long: the connection is down
    )

    @field_validator("servers")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for server in value:
            match = _SERVER.fullmatch(server)
            if match is None or not 0 < int(match[2]) < 1 << 16:
                raise ValueError(f"{server}: host:port is wanted, such as kafka.example.vn:9093")
        return value

    @field_validator("topics")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for topic in value:
            if topic.count(SENDER) > 1 or not _TOPIC.fullmatch(topic.replace(SENDER, "x")):
                raise ValueError(
                    f"{topic}: no name of a topic, which has letters, digits, `.`, `_`, `-`; {SENDER} once"
                )
        if len(set(value)) < len(value):
            raise ValueError("a topic is named twice")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        named = [topic for topic in self.topics if SENDER not in topic]
        if named and self.sender is None:
            raise ValueError(f"who sends to topic {named[0]}? Name the `sender`, or have {SENDER} in the topic's name")
        if not named and self.sender is not None:
            raise ValueError(f"the sender stands in the name of every topic ({SENDER}): leave `sender` out")
        if secret(self.password_file, self.password_env) is None:
            if self.username is not None:
                raise ValueError("username needs password_file or password_env")
        elif self.username is None:
            raise ValueError("a password needs a username")
        elif self.sasl == "PLAIN" and self.tls is None:
            raise ValueError("PLAIN shows the password to the network: set tls, or sasl to SCRAM-SHA-512")
        return self

    def sender_to(self, topic: str) -> str | None:
        """Who sends to a topic: as its name says, or the only one."""
        for template in self.topics:
            if SENDER in template and (match := re.fullmatch(pattern(template), topic)):
                return match[1]
        return self.sender

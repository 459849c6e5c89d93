"""Settings of an MQTT connection: broker, session, topics, who we are there."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated, Literal, NoReturn, Self

from pydantic import Field, field_validator, model_validator

from ingest.sources._mqtt_topics import problem_of
from ingest.sources.settings import SENDER, ConnectionSettings, Tls, secret

_PORT, _TLS_PORT = 1883, 8883


class Settings(ConnectionSettings):
    """A broker, and what to subscribe to."""

    transport: Literal["mqtt"]
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None  # None: 1883, with TLS 8883
    version: Literal["5", "3.1.1"] = "5"
    topics: Annotated[tuple[str, ...], Field(min_length=1)]  # filters; a level {sender} names the sender
    share: Annotated[str, Field(pattern=r"^[^/+#\x00]+$")] | None = None  # processes of this group divide the messages
    username: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    tls: Tls | None = None
    keepalive_s: Annotated[int, Field(ge=5, le=65535)] = 30
    receive_maximum: Annotated[int, Field(ge=1, le=65535)] = 65535  # MQTT 5: messages sent and not yet acknowledged
    session_expiry_s: Annotated[int, Field(ge=3600, le=0xFFFFFFFF)] = 30 * 86_400  # MQTT 5: the broker forgets us then

    @field_validator("topics")
    @classmethod
    def _well_formed(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        for topic in topics:
            if problem := problem_of(topic):
                raise ValueError(f"topic {topic!r}: {problem}")
        return topics

    @model_validator(mode="after")
    def _whole(self) -> Self:
        naming = [topic for topic in self.topics if SENDER in topic.split("/")]
        if len(naming) < len(self.topics) and self.sender is None:
            raise ValueError(f"who sends? Name `sender`, or let a level of each topic be {SENDER}")
        if len(naming) == len(self.topics) and self.sender is not None:
            raise ValueError(f"`sender` and {SENDER} in the topics: name one of them")
        if (self.password_file or self.password_env) and self.username is None:
            raise ValueError("a password without `username`")
        secret(self.password_file, self.password_env)
        if self.tls is not None:
            tls_context(self.tls)
        return self

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port or (_PORT if self.tls is None else _TLS_PORT)


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Raises ValueError where the files are no certificates."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.cert_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file, password=_no_password)
    except OSError as error:
        files = ", ".join(str(file) for file in (tls.ca_file, tls.cert_file, tls.key_file) if file is not None)
        raise ValueError(f"tls: {files}: no certificates in PEM form, or not the key to them ({error})") from None
    return context


def _no_password() -> NoReturn:
    raise OSError("the key has a password: store it without")

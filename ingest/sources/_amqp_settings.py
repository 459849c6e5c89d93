"""Settings of an AMQP connection: broker, queue, exchanges, who we are there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from ingest.sources.settings import SENDER, ConnectionSettings, Tls, secret

_PREFETCH_MAX = 65_535  # the protocol has 16 bits for it
_NAME_BYTES_MAX = 127


class Settings(ConnectionSettings):
    """A broker, our queue on it, and the exchanges that it is bound to."""

    transport: Literal["amqp"]
    protocol: str = "ufms"
    host: str
    port: Annotated[int, Field(ge=1, le=65_535)] = 5672
    virtual_host: str = "/"
    username: str
    password_file: Path | None = None
    password_env: str | None = None
    tls: Tls | None = None
    exchanges: tuple[str, ...] = ("tracking.{sender}",)
    senders: tuple[str, ...] = ()  # whose exchanges are bound
    routing_key: Annotated[str, Field(max_length=255)] = "track1"
    queue: str = ""  # by default hanhtrinh.<name of the connection>
    declare: bool = True  # false: queue, exchanges and bindings exist, and we may only read
    exchange_type: Literal["direct", "topic", "fanout"] = "direct"
    prefetch: Annotated[int, Field(ge=1, le=_PREFETCH_MAX)] = 20_000
    heartbeat_s: Annotated[int, Field(ge=1, le=600)] = 20

    @property
    def queue_name(self) -> str:
        return self.queue or f"hanhtrinh.{self.name}"

    @property
    def exchange_names(self) -> list[str]:
        """The exchanges to bind, each once."""
        names = [
            one for exchange in self.exchanges for one in ([exchange.replace(SENDER, sender) for sender in self.senders]
                                                           if SENDER in exchange else [exchange])
        ]  # fmt: skip
        return list(dict.fromkeys(names))

    @model_validator(mode="after")
    def _sound(self) -> Self:
        named = [exchange for exchange in self.exchanges if SENDER in exchange]
        if not self.exchanges:
            raise ValueError("exchanges: name at least one, it says who sends")
        if any(exchange.count(SENDER) > 1 for exchange in named):
            raise ValueError(f"exchanges: {SENDER} may stand once in a name")
        if len(named) < len(self.exchanges) and self.sender is None:
            raise ValueError(f"exchanges: a name without {SENDER} needs `sender`, who alone sends there")
        if len(named) == len(self.exchanges) and self.sender is not None:
            raise ValueError(f"sender: every exchange names its sender by {SENDER}; leave `sender` out")
        if self.declare and named and not self.senders:
            raise ValueError(f"senders: say whose exchanges {', '.join(named)} stands for, or set declare = false")
        if self.senders and not named:
            raise ValueError(f"senders: no exchange has {SENDER} in its name")
        if any(not sender.strip() for sender in self.senders):
            raise ValueError("senders: one is empty")
        for name in (*self.exchange_names, self.queue_name):
            if not 0 < len(name.encode()) <= _NAME_BYTES_MAX:
                raise ValueError(f"{name!r} is no name of an exchange or queue: 1 to {_NAME_BYTES_MAX} bytes")
        self.password()
        return self

    def password(self) -> SecretStr:
        """Raises ValueError where it is not to be had."""
        found = secret(self.password_file, self.password_env)
        if found is None:
            raise ValueError("name password_file or password_env")
        return found

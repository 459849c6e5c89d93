"""What the settings of every connection have in common, and secrets that stand in a file or the environment only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from ingest.protocols import PROTOCOLS

SENDER = "{sender}"
_SECRET_BYTES_MAX = 4096


class Tls(BaseModel):
    """TLS of a connection that we make: the authority to trust, and our own certificate where the other side asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ca_file: Path | None = None  # None: the system's authorities
    cert_file: Path | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for name in ("ca_file", "cert_file", "key_file"):
            path: Path | None = getattr(self, name)
            if path is not None and not os.access(path, os.R_OK):
                raise ValueError(f"{name} {path} cannot be read")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together: name both or none")
        return self


class DeadLetterLimit(BaseModel):
    """When a connection is held: too many of its records are rejected to be an accident."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: Annotated[float, Field(gt=0, le=1)] = 0.5  # of the last `among` records or more
    among: Annotated[int, Field(ge=1)] = 1_000
    run: Annotated[int, Field(ge=1)] = 1_000  # messages in a row that hold nothing but rejected records


class ConnectionSettings(BaseModel):
    """One connection: where from, in which format, and who sends there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    transport: str
    protocol: str = "json_v1"
    proof: bool = (
        False  # what comes here goes into the self-proof's own database, and nothing else does (docs/schedule.md)
    )
    sender: str | None = None  # operator or provider that alone sends here; absent where the transport names it
    dead_letters: DeadLetterLimit = DeadLetterLimit()
    batch_records: Annotated[int, Field(ge=1, le=1_000_000)] = 50_000
    batch_bytes: Annotated[int, Field(ge=1 << 20, le=1 << 30)] = 64 << 20
    batch_age_s: Annotated[float, Field(gt=0, le=60)] = 1.0

    @field_validator("protocol")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in PROTOCOLS:
            raise ValueError(f"no such format; there are {', '.join(PROTOCOLS)}")
        return value


def secret(file: Path | None, variable: str | None) -> SecretStr | None:
    """A secret from a file or an environment variable, surrounding white space left out; None where neither is named.

    Raises ValueError that says which of them lacks what.
    """
    if file is not None and variable is not None:
        raise ValueError("name either a file or an environment variable for the secret, not both")
    if file is not None:
        try:
            with file.open("rb") as opened:
                content = opened.read(_SECRET_BYTES_MAX + 1)
        except OSError as error:
            raise ValueError(f"{file} cannot be read: {error.strerror}") from None
        value = content.decode(errors="strict").strip()
        if not value or len(content) > _SECRET_BYTES_MAX:
            raise ValueError(f"{file} holds no secret: one line is wanted")
        return SecretStr(value)
    if variable is not None:
        if not (value := os.environ.get(variable, "").strip()):
            raise ValueError(f"the environment has no {variable}: set it, or name a file")
        return SecretStr(value)
    return None

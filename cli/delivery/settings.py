"""The settings file of delivery: TOML, strict, every fault told by recipient and name. Secrets stand in files only."""

from __future__ import annotations

import tomllib
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from cli.reference import InputError

EXAMPLE = Path(__file__).with_name("example.toml")
_OTHERS = 0o077  # rights of anybody but the owner
_SECRET_BYTES_MAX = 16_384
_CHANNELS = ("drop", "sftp", "email", "http")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Retry(_Strict):
    """After a failure the next attempt waits first_s, doubled with each further one, at most most_s."""

    first_s: Annotated[float, Field(gt=0)] = 60
    most_s: Annotated[float, Field(gt=0)] = 21_600

    def wait_s(self, failures: int) -> float:
        return min(self.first_s * 2.0 ** min(failures - 1, 60), self.most_s)


class _Recipient(_Strict):
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    since: date  # lists published on that local day or later
    what: Annotated[tuple[Literal["lists", "papers"], ...], Field(min_length=1)] = ("lists",)  # papers: of months
    only: tuple[Annotated[str, Field(pattern=r"^\.[a-z]+$")], ...] = ()
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 120


class Drop(_Recipient):
    """A folder of this machine, such as a mounted share. It is not made: a share that is not mounted has none."""

    channel: Literal["drop"]
    folder: Path


class Sftp(_Recipient):
    """host_key: the server's public key, as in a known_hosts file, without the host. No other is accepted."""

    channel: Literal["sftp"]
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: str
    folder: str = "."
    host_key: Annotated[str, Field(pattern=r"^(ssh|ecdsa|sk)-\S+ \S+")]
    password_file: Path | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.password_file is None) == (self.key_file is None):
            raise ValueError("name either password_file or key_file (a private key without a passphrase)")
        return self


class Email(_Recipient):
    """tls: starttls, or implicit (from the first byte); none is for a relay on this machine alone."""

    channel: Literal["email"]
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    ca_file: Path | None = None  # None: the system's authorities
    user: str | None = None
    password_file: Path | None = None
    sender: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")]
    to: Annotated[tuple[Annotated[str, Field(pattern=r"^[^@\s<>,]+@[^@\s<>,]+$")], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.tls == "none" and not _loopback(self.host):
            raise ValueError("tls = none sends in the clear; it is for a relay on this machine (127.0.0.1) alone")
        if (self.user is None) != (self.password_file is None):
            raise ValueError("user and password_file go together: name both or none")
        return self


class Push(_Recipient):
    """A POST of one zip. token_file: sent as a bearer token."""

    channel: Literal["http"]
    url: str
    ca_file: Path | None = None
    token_file: Path | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("url: write it like https://host/path")
        if parts.scheme == "http" and not _loopback(parts.hostname):
            raise ValueError("url: http sends in the clear; write https")
        if parts.username or parts.password:
            raise ValueError("url: secrets stand in a file: use token_file")
        return self


Recipient = Annotated[Drop | Sftp | Email | Push, Field(discriminator="channel")]
_ADAPTER: TypeAdapter[Drop | Sftp | Email | Push] = TypeAdapter(Recipient)


class Delivery(NamedTuple):
    retry: Retry
    recipients: tuple[Drop | Sftp | Email | Push, ...]


def read_delivery(path: Path) -> Delivery:
    """The settings of a file. Raises InputError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; `hanhtrinh list deliver --example` prints one to "
                         "begin with") from None  # fmt: skip
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no TOML: {error}") from None
    if unknown := sorted(set(content) - {"retry", "recipient"}):
        raise InputError(f"{path}: {unknown[0]}: no such setting; there are [retry] and [[recipient]]")
    rows = content.get("recipient", [])
    if not isinstance(rows, list) or not rows:
        raise InputError(f"{path}: recipient: none is named; write a table [[recipient]] for each")
    try:
        retry = Retry.model_validate(content.get("retry", {}))
    except ValidationError as error:
        raise InputError(f"{path}: retry: {_told(error)}") from None
    recipients = tuple(_recipient(path, place, row) for place, row in enumerate(rows, 1))
    names = [one.name for one in recipients]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{path}: recipient {twice[0]}: the name stands twice; give each its own")
    return Delivery(retry, recipients)


def read_secret(path: Path) -> str:
    """A secret of a file that only its owner reads, white space around it left out. Raises ValueError."""
    try:
        mode, content = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    if mode & _OTHERS:
        raise ValueError(f"{path}: others may read this secret: chmod 600 it")
    value = content.decode(errors="replace").strip()
    if not value or len(content) > _SECRET_BYTES_MAX:
        raise ValueError(f"{path} holds no secret")
    return value


def _recipient(path: Path, place: int, row: Any) -> Drop | Sftp | Email | Push:
    name = row.get("name", place) if isinstance(row, dict) else place
    try:
        return _ADAPTER.validate_python(row)
    except ValidationError as error:
        raise InputError(f"{path}: recipient {name}: {_told(error)}") from None


def _told(error: ValidationError) -> str:
    """The first fault. What was given is not quoted: it may be a secret in the wrong place."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part not in _CHANNELS)
    text = first["msg"].removeprefix("Value error, ")
    if first["type"].startswith("union_tag"):
        return f"channel: there are {', '.join(_CHANNELS)}"
    if first["type"] == "extra_forbidden":
        text = "no such setting here; mend its name or remove it"
        if any(word in place for word in ("password", "token", "secret")):
            text = "secrets stand in a file: use password_file, key_file or token_file"
    elif first["type"] == "missing":
        text = "is missing; write it"
    return f"{place}: {text}" if place else text


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

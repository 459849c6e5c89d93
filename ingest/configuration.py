"""The settings file of `hanhtrinh ingest`: TOML, strict, every fault told by its name and what to mend."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.sources import transports
from ingest.sources.settings import ConnectionSettings

EXAMPLE = Path(__file__).with_name("example.toml")


class ConfigurationError(ValueError):
    """The settings file cannot be used. The text names the file, the setting and what to mend.

    faults: all that was found, of which the text is the first.
    """

    def __init__(self, text: str, *others: str) -> None:
        super().__init__(text)
        self.faults = (text, *others)


class Monitor(BaseModel):
    """Where /metrics, /health and /ready are served."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 9108
    certificates: tuple[Path, ...] = ()  # PEM files whose end is told too, beside those of the connections


class Configuration(NamedTuple):
    instance: str  # tells the processes that share these connections apart
    monitor: Monitor
    connections: tuple[ConnectionSettings, ...]


def read(path: Path) -> Configuration:
    """The settings of a file. Raises ConfigurationError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read: {error.strerror}; `hanhtrinh ingest --example` prints one to begin with"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: no TOML: {error}") from None
    if unknown := sorted(set(content) - {"instance", "monitor", "connection"}):
        raise ConfigurationError(
            f"{path}: {unknown[0]}: no such setting; there are instance, monitor and [[connection]]"
        )
    instance = content.get("instance", "1")
    if not isinstance(instance, str) or not instance.isalnum():
        raise ConfigurationError(f'{path}: instance: write letters and digits in quotes, such as "1"')
    rows = content.get("connection", [])
    if not isinstance(rows, list) or not rows:
        raise ConfigurationError(f"{path}: connection: none is named; write a table [[connection]] for each")
    connections, faults = [], []
    for place, row in enumerate(rows, 1):
        try:
            connections.append(_connection(path, place, row))
        except ConfigurationError as error:
            faults.append(str(error))
    if faults:
        raise ConfigurationError(*faults)
    names = [one.name for one in connections]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"{path}: connection {twice[0]}: the name stands twice; give each its own")
    return Configuration(instance, _monitor(path, content.get("monitor", {})), tuple(connections))


def certificates_of(configuration: Configuration) -> set[Path]:
    """Every file of certificates that the settings name: own ones and authorities."""
    tls = [getattr(one, "tls", None) for one in configuration.connections]
    named = [getattr(one, name, None) for one in tls for name in ("ca_file", "cert_file")]
    return {*configuration.monitor.certificates, *(path for path in named if isinstance(path, Path))}


def _monitor(path: Path, content: Any) -> Monitor:
    try:
        return Monitor.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(f"{path}: monitor.{_told(error)}") from None


def _connection(path: Path, place: int, row: Any) -> ConnectionSettings:
    known = transports()
    if not isinstance(row, dict):
        raise ConfigurationError(f"{path}: connection {place}: write it as a table: [[connection]]")
    called = row.get("name") if isinstance(row.get("name"), str) else place
    if row.get("transport") not in known:
        raise ConfigurationError(
            f"{path}: connection {called}: transport {row.get('transport')!r}: there are {', '.join(sorted(known))}"
        )
    try:
        return known[row["transport"]].settings.model_validate(row)
    except ValidationError as error:
        raise ConfigurationError(f"{path}: connection {called}: {_told(error)}") from None


def _told(error: ValidationError) -> str:
    """The first fault. What was given is not quoted: it may be a secret in the wrong place."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "as a whole"
    text = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        text = "no such setting here; mend its name or remove it"
        if "password" in place or "token" in place:
            text = "secrets stand in a file or the environment: use password_file or password_env"
    elif first["type"] == "missing":
        text = "is missing; write it"
    return f"{place}: {text}"

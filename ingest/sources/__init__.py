"""Transports, one file each: where messages come from and how they are acknowledged.

A file of a live transport has NAME, `Settings` (a ConnectionSettings with its `transport`) and
`opened(settings, context)`, an async context manager that yields an ingest.pipeline.Source. It is found by listing this
folder.

What every source promises: a message that was not acknowledged comes again, to this process or another of the same
connection; messages are received only as fast as they are asked for; nothing is logged that holds a secret.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ingest.pipeline import Source
    from ingest.sources.settings import ConnectionSettings


class SourceUnavailable(RuntimeError):  # noqa: N818
    """The broker cannot be reached, refuses us, or went away; the message says what to do about it, without secrets."""


async def _nothing() -> None:
    return None


@dataclass(slots=True)
class Context:
    """What a source may ask of the process that runs it.

    instance: tells the processes of one connection apart. stands_at: where the store stands in streams (blocking: call
    it in a thread); streams of which nothing is committed are left out. flush: on its return all that was received is
    committed and acknowledged; the pipeline sets it. sender_of: the sender that a bearer token was issued to, None for
    none (blocking). behind: told how many messages wait at the broker, by sources that know. lost: told how many
    messages a broker discarded before they were taken, and of which stream.
    """

    instance: str
    stands_at: Callable[[Sequence[str]], dict[str, int]]
    sender_of: Callable[[str], str | None] = lambda token: None
    behind: Callable[[int], None] = lambda messages: None
    lost: Callable[[str, int], None] = lambda stream, count: None
    flush: Callable[[], Awaitable[None]] = _nothing


class Transport(NamedTuple):
    """A live transport."""

    settings: type[ConnectionSettings]
    opened: Callable[[Any, Context], AbstractAsyncContextManager[Source]]


def transports() -> dict[str, Transport]:
    """Every live transport, by name."""
    modules = [import_module(f"{__name__}.{info.name}") for info in iter_modules(__path__)]
    return {module.NAME: Transport(module.Settings, module.opened) for module in modules if hasattr(module, "NAME")}

"""Decoders: one file a format, each with NAME and decode. A new format is one new file in this folder.

A decoder is pure: bytes and the transport's receive time in, a Decoded out. It keeps what was sent and judges nothing:
swapped coordinates, impossible speeds and repeated fixes are marked by the rules. Files whose name begins with an
underscore are shared parts, those that end in _pb2 are generated.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey.model import Decoded


class Decode(Protocol):
    def __call__(self, payload: bytes, received: int | None) -> Decoded:
        """What a payload holds. `received`: when the transport had it (s, UTC), for records that do not say.

        Raises: DecodeError, and nothing else, where the payload as a whole cannot be read.
        """


def _formats() -> Iterator[tuple[str, Decode]]:
    for info in iter_modules(__path__):
        if not info.name.startswith("_") and not info.name.endswith("_pb2"):
            module = import_module(f"{__name__}.{info.name}")
            yield module.NAME, module.decode


PROTOCOLS: dict[str, Decode] = dict(_formats())

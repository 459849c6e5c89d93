"""Formats of what is published: a file of this folder with NAME, MEDIA_TYPE, SUFFIX and render is one format.

One of an amendment says so by `OF = "amendment"`; without it a file is a format of the weekly list.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Export:
    """One format: name, media type, suffix of its files (with the dot), how a list (or an amendment)
    becomes bytes."""

    name: str
    media_type: str
    suffix: str
    render: Callable[[Any], bytes]
    of: str = "list"


def _discover() -> dict[str, Export]:
    found: dict[str, Export] = {}
    for entry in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{entry.name}")
        if hasattr(module, "render"):
            export = Export(module.NAME, module.MEDIA_TYPE, module.SUFFIX, module.render, getattr(module, "OF", "list"))
            if found.setdefault(export.name, export) is not export:
                raise ValueError(f"two exports are named {export.name!r}: give {entry.name}.py another NAME")
    return found


EXPORTS = MappingProxyType(_discover())


def rendered(content: Any, stem: str, of: str = "list") -> dict[str, bytes]:
    """A list or an amendment in each of its formats, by the name of the file."""
    return {f"{stem}{one.suffix}": one.render(content) for one in EXPORTS.values() if one.of == of}

"""Formats of the published lists: a file of this folder with NAME, MEDIA_TYPE, SUFFIX and render is one format."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Export:
    """One format: its name, its media type, the suffix of its files (with the dot), and how a list becomes bytes."""

    name: str
    media_type: str
    suffix: str
    render: Callable[[Any], bytes]


def _discover() -> dict[str, Export]:
    found: dict[str, Export] = {}
    for entry in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{entry.name}")
        if hasattr(module, "render"):
            export = Export(module.NAME, module.MEDIA_TYPE, module.SUFFIX, module.render)
            if found.setdefault(export.name, export) is not export:
                raise ValueError(f"two exports are named {export.name!r}: give {entry.name}.py another NAME")
    return found


EXPORTS = MappingProxyType(_discover())

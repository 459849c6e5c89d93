"""The desk: pages rendered here, one file a group of pages; a file of this folder with ROUTER is served at the root."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from fastapi import APIRouter


def _discover() -> tuple[APIRouter, ...]:
    modules = [import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__)]
    return tuple(module.ROUTER for module in modules if hasattr(module, "ROUTER"))


PAGES = _discover()

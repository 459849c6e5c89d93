"""One file a board, each with NAME and `board()`; the folder is the list."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from grafana_foundation_sdk.models.dashboard import Dashboard

JSON = Path(__file__).parents[1] / "grafana"


def every_board() -> Iterator[tuple[Path, Dashboard]]:
    """Each board, and the file that holds it as Grafana reads it."""
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module = import_module(f"{__name__}.{name}")
        yield JSON / f"{module.NAME}.json", module.board().build()

"""Scripts and styles of the desk, from this folder alone, each under a name that changes with what it holds."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).with_name("static")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class Asset(NamedTuple):
    content: bytes
    media_type: str
    digest: str


@cache
def assets() -> dict[str, Asset]:
    """Everything that is served, by file name: no path that somebody sends is ever opened."""
    found = {}
    for file in sorted(_FOLDER.rglob("*")):
        if file.suffix in _TYPES:
            content = file.read_bytes()
            found[file.name] = Asset(content, _TYPES[file.suffix], sha256(content).hexdigest()[:12])
    return found


def asset(name: str) -> str:
    """The address of a file. Raises KeyError for one that is not there."""
    return f"/static/{name}?v={assets()[name].digest}"

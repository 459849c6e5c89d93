"""Tiles: what the matcher reads, made of an OpenStreetMap file, in a folder named by what is in them.

FOLDER/<version>/ holds the tiles and an account of them (about.json), FOLDER/current points at those in use. A build
works beside them and is put in place by renames, so that a reader has the old tiles or the new ones, and a broken
build leaves the old.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import valhalla

from cli.reference import InputError

CURRENT = "current"
_ABOUT, _CONFIG = "about.json", "valhalla.json"
_PROGRAM = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
# How far the way along the roads may differ from the straight line without telling against a road. Of 1 to 20 m, tried
# with errors of 5, 10, 20 m and fixes 5, 10, 30 s apart (benchmarks.matching), this names the right limit most often.
# The matcher's own is 3.
_DETOUR_M = 10


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles in place. version: hash of every tile; matcher: the program that made and reads them.

    source: SHA-256 of the file that they were made of.
    """

    folder: Path
    version: str
    matcher: str
    source: str


def matcher_version() -> str:
    return f"valhalla {version('pyvalhalla')}"


def build(source: Path, folder: Path) -> Tiles:
    """Tiles of an OpenStreetMap file (.osm.pbf), put in place as the current ones.

    Raises InputError: the file cannot be read, or holds no road.
    """
    if not source.is_file():
        raise InputError(f"{source}: no such file; name an OpenStreetMap extract (.osm.pbf)")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=folder) as name:
        work = Path(name) / "tiles"
        work.mkdir()
        config = Path(name) / _CONFIG
        config.write_text(json.dumps(_config(work, threads=os.cpu_count() or 1)), encoding="utf-8")
        done = subprocess.run([_PROGRAM, "-c", config, source], capture_output=True, text=True, check=False)  # noqa: S603
        tiles = sorted(work.rglob("*.gph"))
        if done.returncode or not tiles:
            said = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line or "rror:" in line]
            why = said[-1].strip() if said else "it holds no road" if not done.returncode else f"{done.returncode}"
            raise InputError(f"{source}: no tiles can be made of it ({why}); the tiles in use are as they were")
        hashed = _hash(work, tiles)
        for stray in work.iterdir():  # what the build leaves besides tiles
            if not any(tile.is_relative_to(stray) for tile in tiles):
                shutil.rmtree(stray) if stray.is_dir() else stray.unlink()
        place = folder / hashed
        source_hash = _of_file(source)
        about = {"version": hashed, "matcher": matcher_version(), "source": source.name, "sha256": source_hash}
        (work / _ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
        if (place / _ABOUT).exists():  # the same tiles, of a file with other bytes
            os.replace(work / _ABOUT, place / _ABOUT)
        else:
            shutil.rmtree(place, ignore_errors=True)
            os.rename(work, place)
    _point(folder, hashed)
    return Tiles(place.resolve(), hashed, matcher_version(), source_hash)


def current(folder: Path) -> Tiles | None:
    """The tiles in use; None where none were built. Raises InputError where they are for another matcher."""
    about = folder / CURRENT / _ABOUT
    if not about.is_file():
        return None
    said = json.loads(about.read_text(encoding="utf-8"))
    if said["matcher"] != matcher_version():
        raise InputError(f"{folder}: the tiles were made by {said['matcher']}, here is {matcher_version()}; "
                         "build them again: hanhtrinh roads build")  # fmt: skip
    return Tiles((folder / CURRENT).resolve(), said["version"], said["matcher"], said["sha256"])


def made_of(folder: Path | None, sha256: str) -> str | None:
    """The version of the tiles in use where they were made of the file with this hash."""
    about = None if folder is None else folder / CURRENT / _ABOUT
    if about is None or not about.is_file():
        return None
    said = json.loads(about.read_text(encoding="utf-8"))
    return str(said["version"]) if said["sha256"] == sha256 else None


@contextmanager
def written_config(tiles: Tiles) -> Iterator[Path]:
    """Settings of the matcher for tiles, wherever they lie now."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(_config(tiles.folder), file)
        file.flush()
        yield Path(file.name)


def _config(folder: Path, threads: int = 1) -> dict[str, Any]:
    config: dict[str, Any] = valhalla.get_config(tile_dir=str(folder), tile_extract="", verbose=False)
    config["mjolnir"] |= {"concurrency": threads, "logging": {"type": "std_err", "color": False, "file_name": ""}}
    # A slice is bounded by its own length; a vehicle goes some 4 km in the longest silence that a run bears.
    config["meili"]["default"] |= {"breakage_distance": 6000, "max_search_radius": 100, "beta": _DETOUR_M}
    config["service_limits"]["trace"] |= {"max_distance": 5_000_000.0, "max_shape": 200_000}
    return config


def _point(folder: Path, name: str) -> None:
    fresh = folder / f".{CURRENT}-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name)
    os.replace(fresh, folder / CURRENT)


def _hash(folder: Path, tiles: list[Path]) -> str:
    digest = hashlib.sha256()
    for tile in tiles:
        digest.update(f"{tile.relative_to(folder)}\0{_of_file(tile)}\n".encode())
    return digest.hexdigest()[:16]


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

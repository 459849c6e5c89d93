"""The generated fleet that every benchmark works on: 1,000 vehicles, more than 5 million fixes, in order of arrival."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl

from cli.fleet import FleetSpec, frame, generate

VEHICLES, DAYS = 1000, 6
FIXES = "fixes.arrow"


def prepare(folder: Path) -> Path:
    """The fleet's files in a folder, made in a process of its own so that its memory is not counted; made once."""
    if not (folder / FIXES).exists():
        subprocess.run([sys.executable, "-m", "benchmarks.fleet", str(folder)], check=True)
    return folder


def read(folder: Path) -> pl.DataFrame:
    return pl.read_ipc(folder / FIXES)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fleet = generate(FleetSpec(vehicles=VEHICLES, days=DAYS, planted_share=0.05))
    (folder / "registry.json").write_text(json.dumps(fleet.registry), encoding="utf-8")
    (folder / "roads.geojson").write_text(json.dumps(fleet.roads), encoding="utf-8")
    partial = folder / f".{FIXES}.part"
    frame(fleet).write_ipc(partial)
    os.replace(partial, folder / FIXES)


if __name__ == "__main__":
    _make(Path(sys.argv[1]))

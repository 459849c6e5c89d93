"""Small stores with one finding: a truck too fast on a road, or a driver whose long drive has a silence in it."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from storage.database import connect
from storage.findings import load_findings
from tests.cli.command import called
from tests.cli.samples import HEADER, LICENCE, PERMITS, REGISTRY, START, STATIONS, WEIGHING, roads, write

FOREVER = 4_000_000_000


def fast_folder(folder: Path, plate: str = "12C12345", operator: str = "Company 1", road: str = "Road") -> None:
    """Ten minutes at lawful speed with one minute at 95 km/h in them, northwards; and a weighing that is over."""
    lines = [HEADER]
    for step in range(60):
        speed = "95.5" if 30 <= step <= 36 else "60.0"
        time = START + 10 * step
        lines.append(f'"{plate}",{LICENCE},{time},106.7,{21.5 + step * 0.0015:.6f},{speed},0,1,{time + 2}')
    write(folder / "positions.csv", "\n".join(lines) + "\n")
    _reference(folder, plate, operator, road)
    weighing = WEIGHING | {"plate": plate, "axle_kg": [7000, 14_000], "gross_kg": 21_000, "time": START + 90}
    write(folder / "weighings.ndjson", json.dumps(weighing) + "\n")


def silent_folder(folder: Path) -> None:
    """Two drives of 115 minutes with 14 minutes of silence between them: over four hours only if it was driving."""
    lines = [HEADER]
    for step in [*range(231), *range(258, 489)]:
        time = START + 30 * step
        lines.append(f"12C-123.45,{LICENCE},{time},106.7,{21.5 + (step % 100) * 0.004:.6f},50.0,,1,{time + 2}")
    write(folder / "positions.csv", "\n".join(lines) + "\n")
    _reference(folder, "12C12345", "Company 1", "Road")
    write(folder / "weighings.ndjson", json.dumps(WEIGHING) + "\n")


def _reference(folder: Path, plate: str, operator: str, road: str) -> None:
    registry: dict[str, Any] = deepcopy(REGISTRY)
    registry["operators"][0]["name"] = operator
    registry["vehicles"][0]["plate"] = plate
    stations = [STATIONS[0] | {"name": road, "lon": 106.7, "lat": 21.51}]
    for name, content in (("registry.json", registry), ("stations.json", stations), ("permits.json", PERMITS),
                          ("roads.geojson", roads(name=road))):  # fmt: skip
        write(folder / name, json.dumps(content))


def judged(folder: Path, database: str) -> dict[str, str]:
    """Take a folder in and judge it. Returns the id of a finding by rule."""
    for command in (("import", folder), ("replay", folder / "positions.csv", folder / "weighings.ndjson"), ("check",)):
        done = called(*command, DATABASE_URL=database)
        assert done.code == 0, done
    with connect(database) as connection:
        return {one.rule: one.id for one in load_findings(connection, 0, FOREVER)}

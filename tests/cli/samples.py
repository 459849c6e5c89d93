"""A small folder of records and reference data, all of it good."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

START = 1_741_000_200  # 2025-03-03 18:10:00 local
HEADER = "vehicle,driver,time,lon,lat,speed_kmh,heading,ignition,received"
PLATE, LICENCE = "12C12345", "790123456789"

REGISTRY: dict[str, Any] = {
    "box": [102, 8, 110, 24],
    "operators": [{"id": "OP1", "name": "Company 1"}],
    "vehicles": [
        {"plate": "12C-123.45", "operator": "OP1", "kind": "truck", "business": "goods", "payload_kg": 8000,
         "kerb_kg": 7000, "valid_from": "2020-01-01"},
    ],
    "drivers": [{"licence": LICENCE, "name": "Driver 1", "operator": "OP1"}],
}  # fmt: skip
STATIONS = [{"id": "KT12", "name": "Station 12", "automatic_one_stage": True, "instrument_error_permille": 0}]
PERMITS = [{"plate": "12C12345", "gross_kg": 20_000, "valid_from": "2025-01-01", "valid_to": "2025-02-28"}]
WEIGHING = {"station": "KT12", "lane": 1, "time": START, "plate": "12C-123.45", "trailer": None,
            "axle_kg": [6000, 6000], "spacing_mm": [3600], "gross_kg": 12_000, "persons": 1, "containers": 0,
            "ticket": "T1"}  # fmt: skip


def position(step: int, plate: str = "12C-123.45", speed: str = "60.0", time: int | None = None) -> str:
    """A line of a positions.csv: northwards along a meridian, ten seconds a step."""
    instant = START + 10 * step if time is None else time
    return f"{plate},{LICENCE},{instant},106.7,{21.5 + step * 0.0015:.6f},{speed},0,1,{instant + 2}"


def roads(geometry: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    line = {"type": "LineString", "coordinates": [[106.7, 21.4], [106.7, 21.9]]}
    standing = {"id": "R1", "name": "Road", "kind": "undivided", "urban": False, "maxspeed": None}
    feature = {"type": "Feature", "properties": {**standing, **properties}, "geometry": geometry or line}
    return {"type": "FeatureCollection", "features": [feature]}


def write_folder(folder: Path) -> None:
    """Twelve fixes at lawful speed and one lawful weighing."""
    write(folder / "positions.csv", "\n".join((HEADER, *(position(step) for step in range(12)))) + "\n")
    write(folder / "weighings.ndjson", json.dumps(WEIGHING) + "\n")
    for name, content in (("registry.json", REGISTRY), ("stations.json", STATIONS), ("permits.json", PERMITS),
                          ("roads.geojson", roads())):  # fmt: skip
        write(folder / name, json.dumps(content))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

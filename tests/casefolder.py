"""A case held in memory, judged by the engine through the same readers as `hanhtrinh evaluate`."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from cli.evaluate import read_positions, read_weighings
from cli.reference import read_folder
from journey.model import Finding, Weighing
from journey.registry import Registry
from rules import law as rulebook
from rules.engine import Evaluation, evaluate, know

LAW = rulebook.load()
COLUMNS = ("vehicle", "driver", "time", "lon", "lat", "speed_kmh", "heading", "ignition", "received")


def read_inputs(inputs: dict[str, Any]) -> tuple[pl.DataFrame, list[Weighing], Registry]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(inputs["positions"])
        (folder / "positions.csv").write_text(text.getvalue(), encoding="utf-8")
        for file, key in (("registry.json", "registry"), ("stations.json", "stations"), ("permits.json", "permits"),
                          ("roads.geojson", "roads")):  # fmt: skip
            if inputs[key] is not None:
                (folder / file).write_text(json.dumps(inputs[key]), encoding="utf-8")
        lines = "".join(json.dumps(row) + "\n" for row in inputs["weighings"])
        (folder / "weighings.ndjson").write_text(lines, encoding="utf-8")
        return (
            read_positions(folder / "positions.csv"),
            read_weighings(folder / "weighings.ndjson"),
            read_folder(folder),
        )


def kept(findings: list[Finding]) -> list[Finding]:
    """Those that a store keeps: of vehicles registered at the time, and of weighings."""
    return [one for one in findings if one.operator is not None or one.rule.startswith("overload_")]


def judge(inputs: dict[str, Any]) -> Evaluation:
    fixes, weighings, registry = read_inputs(inputs)
    return evaluate(fixes, weighings, know(registry, LAW), LAW)

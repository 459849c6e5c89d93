"""The worked cases beside the checkout agree, by the same comparison as the script that stands with them."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from cli.evaluate import read_positions, read_weighings
from cli.reference import read_folder
from rules import law as rulebook
from rules.engine import Evaluation, evaluate, know

ROOT = Path(__file__).parents[1]
CASES = ROOT.parent / "shared" / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/expected.ndjson"))
LAW = rulebook.load()
pytestmark = pytest.mark.skipif(not FOLDERS, reason="../shared/cases is not beside the checkout: no case was compared")


@pytest.fixture(scope="module")
def compare() -> ModuleType:
    """The functions of the script `compare`, loaded from its file."""
    loader = importlib.machinery.SourceFileLoader("cases_compare", str(CASES / "compare"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)  # nothing is written beside the cases
        loader.exec_module(module)
    return module


def judge(folder: Path) -> Evaluation:
    known = know(read_folder(folder), LAW)
    fixes, weighings = read_positions(folder / "positions.csv"), read_weighings(folder / "weighings.ndjson")
    return evaluate(fixes, weighings, known, LAW)


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_agrees(compare: ModuleType, folder: Path) -> None:
    result = judge(folder)
    found = [json.loads(orjson.dumps(finding.as_dict())) for finding in result.findings]
    expected = lines((folder / "expected.ndjson").read_text(encoding="utf-8"))
    assert compare.compare_findings(expected, found) is None
    if (folder / "summary.json").exists():
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        assert compare.compare_summary(summary, json.loads(json.dumps(result.summary))) is None


def test_the_comparison_sees_a_difference(compare: ModuleType) -> None:
    folder = next(folder for folder in FOLDERS if (folder / "expected.ndjson").stat().st_size)
    expected = lines((folder / "expected.ndjson").read_text(encoding="utf-8"))
    found = [finding.as_dict() for finding in judge(folder).findings]
    assert compare.compare_findings(expected, json.loads(json.dumps(found[1:]))) is not None
    found[0]["measured"] += 1
    assert "measured" in compare.compare_findings(expected, json.loads(json.dumps(found)))


def test_the_script_agrees_through_the_installed_command() -> None:
    """Three cases or more, those whose number ends in 2."""
    command = Path(sys.executable).with_name("hanhtrinh")
    environment = {**os.environ, "PATH": f"{command.parent}:/usr/bin:/bin", "HANHTRINH": str(command)}
    chosen = [folder.name for folder in FOLDERS if "2-" in folder.name]
    assert len(chosen) >= 3
    done = subprocess.run(
        [sys.executable, CASES / "compare", "--only", "2-"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout == f"{len(chosen)} of {len(chosen)} cases agree\n", done.stderr
    assert done.returncode == 0

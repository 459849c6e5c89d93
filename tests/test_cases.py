"""The worked cases agree: those in `tests/cases`, and the public ones where `../shared` stands beside the checkout.

Every case is judged by the engine and by the oracle, and compared as `tests/agreement.py` says; the findings and
summaries also by the comparison of the script that stands with the public cases, where that is there.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
import re
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
from tests.agreement import expected, findings_differ, lines, rollups_differ, summaries_differ
from tests.cli.command import called
from tests.oracle import oracle
from tests.oracle.rollups import rollups

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "cases"
OURS = ROOT / "tests" / "cases"
PUBLIC_FOLDERS = sorted(path.parent for path in SHARED.glob("*/expected.ndjson"))
OUR_FOLDERS = sorted(path.parent for path in OURS.glob("*/expected.ndjson"))
FOLDERS = PUBLIC_FOLDERS + OUR_FOLDERS
LAW = rulebook.load()
each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
with_script = pytest.mark.skipif(not PUBLIC_FOLDERS, reason="../shared/cases is not beside the checkout")


@pytest.fixture(scope="module")
def compare() -> ModuleType:
    """The functions of the script `compare`, loaded from its file."""
    loader = importlib.machinery.SourceFileLoader("cases_compare", str(SHARED / "compare"))
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


def found_in(result: Evaluation) -> list[dict[str, Any]]:
    return [json.loads(orjson.dumps(finding.as_dict())) for finding in result.findings]


def summary_of(folder: Path) -> dict[str, Any] | None:
    path = folder / "summary.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


@each_folder
def test_a_case_agrees(folder: Path) -> None:
    result = judge(folder)
    assert findings_differ(expected(folder, "expected.ndjson"), found_in(result)) is None
    if summary := summary_of(folder):
        assert summaries_differ(summary, json.loads(json.dumps(result.summary))) is None


@each_folder
def test_the_oracle_agrees(folder: Path) -> None:
    inputs = oracle.load_case(folder)
    assert findings_differ(expected(folder, "expected.ndjson"), oracle.evaluate(inputs)) is None
    if summary := summary_of(folder):
        # The oracle writes no notes.
        assert summaries_differ({**summary, "notes": []}, oracle.summary(inputs)) is None


@pytest.mark.parametrize(
    "folder", [one for one in FOLDERS if (one / "rollup.ndjson").exists()], ids=lambda folder: folder.name
)
def test_the_printed_rollups_agree(folder: Path) -> None:
    want = expected(folder, "rollup.ndjson")
    done = called("evaluate", "--rollup", folder)
    assert done.code == 0, done.err
    assert rollups_differ(want, lines(done.out)) is None
    assert rollups_differ(want, rollups(oracle.load_case(folder))) is None


@with_script
@each_folder
def test_the_comparison_of_the_script_agrees(compare: ModuleType, folder: Path) -> None:
    result = judge(folder)
    assert compare.compare_findings(expected(folder, "expected.ndjson"), found_in(result)) is None
    if summary := summary_of(folder):
        assert compare.compare_summary(summary, json.loads(json.dumps(result.summary))) is None


def test_the_comparison_sees_a_difference() -> None:
    folder = OURS / "79-axle-groups"
    want, result = expected(folder, "expected.ndjson"), judge(folder)
    found = found_in(result)
    assert findings_differ(want, found[1:]) is not None
    assert "missing" in str(findings_differ(want, found[:-1]))
    assert "not expected" in str(findings_differ(want[:-1], found))
    found[0]["measured"] += 1
    assert "measured" in str(findings_differ(want, found))
    summary = summary_of(folder)
    assert summary is not None
    assert "notes lack" in str(summaries_differ(summary, {**result.summary, "notes": []}))
    month = expected(OURS / "86-rollup-month-border", "rollup.ndjson")
    assert rollups_differ(month, month) is None
    assert rollups_differ(month, [*month[:-1], {**month[-1], "km": month[-1]["km"] + 0.003}]) is not None
    assert rollups_differ(month, [*month[:-1], {**month[-1], "n": 9}]) is not None
    assert rollups_differ(month, month[1:]) is not None


def test_the_table_of_clauses_names_every_case_and_no_other() -> None:
    table = (OURS / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b\d\d-[a-z0-9-]*[a-z][a-z0-9-]*", table))
    assert {folder.name for folder in OUR_FOLDERS} <= named
    if PUBLIC_FOLDERS:
        assert named <= {folder.name for folder in FOLDERS}
    for folder in OUR_FOLDERS:
        assert (folder / "README.md").read_text(encoding="utf-8").startswith(f"# {folder.name}\n")


@with_script
def test_the_script_agrees_through_the_installed_command() -> None:
    """Three cases or more, those whose number ends in 2."""
    command = Path(sys.executable).with_name("hanhtrinh")
    environment = {**os.environ, "PATH": f"{command.parent}:/usr/bin:/bin", "HANHTRINH": str(command)}
    chosen = [folder.name for folder in PUBLIC_FOLDERS if "2-" in folder.name]
    assert len(chosen) >= 3
    done = subprocess.run(
        [sys.executable, SHARED / "compare", "--only", "2-"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout == f"{len(chosen)} of {len(chosen)} cases agree\n", done.stderr
    assert done.returncode == 0

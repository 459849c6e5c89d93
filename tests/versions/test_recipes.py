"""docs/developer.md: each recipe as printed, in a copy of the source."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.pages.printed import ROOT, blocks, run, under
from tests.versions.program import Program

PAGE = ROOT / "docs" / "developer.md"
RULE, FORMAT, EXPORT = "A rule", "A format", "An export"
OFFICE = {
    "operators": [{"id": "OP1", "name": "=Công ty", "tax_code": "4900000001"}],
    "vehicles": [{"plate": "12C12345", "operator": "OP1", "kind": "truck", "business": "goods",
                  "valid_from": "2020-01-01"}],
    "drivers": [],
}  # fmt: skip


def copy_of(folder: Path) -> Program:
    program = Program(folder, next_migration=False)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return program


def test_a_rule_as_printed(tmp_path: Path) -> None:
    program = copy_of(tmp_path / "source")
    said = run(under(PAGE, RULE), program.folder, program.environment())
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    (finding,) = [line for line in lines if line.get("rule") == "persons"]
    assert (finding["measured"], finding["limit"], finding["operator"]) == (4, 3, "OP1")
    assert "Example decree 0/2020" in said


def test_a_format_as_printed(tmp_path: Path) -> None:
    program = copy_of(tmp_path / "source")
    said = run(under(PAGE, FORMAT), program.folder, program.environment())
    assert "1 passed" in said


def test_an_export_as_printed(tmp_path: Path, database: str) -> None:
    program = copy_of(tmp_path / "source")
    (program.folder / "office").mkdir()
    (program.folder / "office" / "registry.json").write_text(json.dumps(OFFICE))
    said = run(under(PAGE, EXPORT), program.folder, program.environment(DATABASE_URL=database))
    assert "operator,name,findings\r\nOP1,'=Công ty,0\r\n" in said.replace("\n", "\r\n").replace("\r\r", "\r")


def test_every_block_is_run() -> None:
    assert {block.heading for block in blocks(PAGE)} == {RULE, FORMAT, EXPORT}

"""The program inside a package: it runs on old Pythons, and makes the sums anew instead of believing the hashes."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import called
from tests.evidence.checker import read_json, unpack, verify
from tests.evidence.small import fast_folder, judged

PROGRAM = Path(__file__).parents[2] / "api" / "evidence" / "verify.py"
STANDARD = {"csv", "hashlib", "io", "json", "math", "pathlib", "re", "sys", "zipfile"}


@pytest.fixture(scope="module")
def packages(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("small")
    fast_folder(folder / "records")
    files = {}
    for rule, finding in judged(folder / "records", module_database).items():
        assert called("evidence", finding, "--out", folder / "one.zip", DATABASE_URL=module_database).code == 0
        files[rule] = unpack(folder / "one.zip", folder / rule)
    assert {"speeding", "overload_gross", "overload_payload", "overload_axle"} <= set(files)
    return files


def rewritten(files: dict[str, bytes], folder: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """A package in which one file was changed and every hash was set right again: what a careful forger makes."""
    files = files | {name: change(files[name])}
    manifest: dict[str, Any] = json.loads(files["manifest.json"])
    for one in manifest["files"]:
        one |= {"bytes": len(files[one["name"]]), "sha256": hashlib.sha256(files[one["name"]]).hexdigest()}
    finding = json.dumps(json.loads(files["finding.json"]), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    manifest["finding"]["content"] = hashlib.sha256(finding.encode()).hexdigest()[:32]
    files["manifest.json"] = json.dumps(manifest).encode()
    files["manifest.sha256"] = f"{hashlib.sha256(files['manifest.json']).hexdigest()}  manifest.json\n".encode()
    folder.mkdir()
    for path, content in files.items():
        (folder / path).write_bytes(content)
    return folder


def test_it_needs_python_3_8_and_its_library_alone() -> None:
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == STANDARD
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


@pytest.mark.parametrize("rule", ["speeding", "overload_gross", "overload_payload", "overload_axle"])
@pytest.mark.parametrize("field", ["measured", "excess", "band"])
def test_a_finding_rewritten_with_its_hashes_does_not_add_up(
    packages: dict[str, dict[str, bytes]], rule: str, field: str, tmp_path: Path
) -> None:
    def worse(content: bytes) -> bytes:
        finding = json.loads(content)
        finding[field] = "50+" if field == "band" else finding[field] + 1
        return json.dumps(finding).encode()

    code, said = verify(rewritten(packages[rule], tmp_path / "forged", "finding.json", worse))
    assert code == 1
    assert f"FAILED finding.json: {field}" in said


@pytest.mark.parametrize("field", ["limit", "start", "end", "at"])
def test_no_figure_of_a_speeding_is_taken_on_trust(
    packages: dict[str, dict[str, bytes]], field: str, tmp_path: Path
) -> None:
    def other(content: bytes) -> bytes:
        finding = json.loads(content)
        finding[field] -= 1
        return json.dumps(finding).encode()

    code, said = verify(rewritten(packages["speeding"], tmp_path / "forged", "finding.json", other))
    assert code == 1
    assert f"FAILED finding.json: {field}" in said


@pytest.mark.parametrize("field", ["peak_speed", "mean_speed", "fixes"])
def test_no_detail_of_a_speeding_is_taken_on_trust(
    packages: dict[str, dict[str, bytes]], field: str, tmp_path: Path
) -> None:
    def other(content: bytes) -> bytes:
        finding = json.loads(content)
        finding["detail"][field] += 1
        return json.dumps(finding).encode()

    code, said = verify(rewritten(packages["speeding"], tmp_path / "forged", "finding.json", other))
    assert code == 1
    assert f"FAILED finding.json: detail.{field}" in said


def test_fixes_rewritten_with_their_hashes_do_not_add_up(packages: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    folder = rewritten(
        packages["speeding"], tmp_path / "forged", "fixes.csv", lambda data: data.replace(b",95.5,", b",99.5,")
    )
    code, said = verify(folder)
    assert code == 1
    assert "FAILED finding.json: excess: 25.5 stated, 29.5 made anew" in said


def test_fixes_that_cannot_be_read_are_no_crash(packages: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    folder = rewritten(packages["speeding"], tmp_path / "forged", "fixes.csv", lambda data: data[:300])
    code, said = verify(folder)
    assert code == 1
    assert "cannot be made anew" in said
    assert "Traceback" not in said


def test_a_package_rewritten_as_a_whole_is_known_by_the_hash_that_was_kept(
    packages: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    kept = hashlib.sha256(packages["speeding"]["manifest.json"]).hexdigest()
    folder = rewritten(
        packages["speeding"], tmp_path / "forged", "law.json", lambda data: data.replace(b"Circular", b"Decree")
    )
    assert verify(folder)[0] == 0  # nothing in it can tell
    code, said = verify(folder, folder, kept)
    assert code == 1
    assert "FAILED manifest.json: its SHA-256 is not" in said


def test_it_says_what_it_did_not_check(packages: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    folder = rewritten(packages["speeding"], tmp_path / "same", "verify.py", lambda data: data)
    code, said = verify(folder)
    assert code == 0, said
    assert "NOT checked: flags" in said
    assert "whether the law is quoted rightly" in " ".join(said.split())
    assert read_json(folder, "manifest.json")["format"] == "hanhtrinh-evidence-1"

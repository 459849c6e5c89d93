"""`scripts/pin-images`: digests go behind tags and nowhere else, all or none, and can be taken away again."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "pin-images"
FILES = ("docker-compose.yml", "Dockerfile")
OTHERS = 10  # images of other projects in both files
NOBODY = "127.0.0.1:1/nobody:1.0"  # a registry that does not answer


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def copies(tmp_path: Path) -> list[Path]:
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    assert run("--unpin", *(tmp_path / name for name in FILES)).returncode == 0
    return [tmp_path / name for name in FILES]


def named(copies: list[Path]) -> list[str]:
    found = [re.findall(r"^(?:\s*image: |FROM )(\S+:\S+)", path.read_text(), re.MULTILINE) for path in copies]
    return sorted({one for names in found for one in names if not one.startswith("hanhtrinh:")})


def digests(names: list[str], folder: Path, salt: str = "") -> Path:
    lines = [f"{name} sha256:{hashlib.sha256((name + salt).encode()).hexdigest()}" for name in names]
    (folder / "digests.txt").write_text("# of another machine\n" + "\n".join(lines) + "\n")
    return folder / "digests.txt"


def test_every_image_of_others_is_pinned_and_nothing_else_changes(copies: list[Path], tmp_path: Path) -> None:
    before = {path: path.read_text() for path in copies}
    names = named(copies)
    assert len(names) == OTHERS
    given = digests(names, tmp_path)
    done = run("--from", given, *copies)
    assert done.returncode == 0, done.stderr
    table = dict(line.split() for line in given.read_text().splitlines()[1:])
    assert named(copies) == sorted(f"{name}@{digest}" for name, digest in table.items())
    for path, text in before.items():
        assert re.sub(r"@sha256:\w{64}", "", path.read_text()) == text
    services = yaml.safe_load(copies[0].read_text())["services"]
    assert services["ingest"]["image"].count("@") == 0  # it is built here
    assert run("--from", given, *copies).stdout == ""  # nothing is left to do
    hadolint = [Path(sys.executable).with_name("hadolint"), copies[1]]
    assert subprocess.run(hadolint, check=False).returncode == 0


def test_a_pinned_image_is_pinned_anew_and_freed_again(copies: list[Path], tmp_path: Path) -> None:
    before = [path.read_text() for path in copies]
    names = named(copies)
    assert run("--from", digests(names, tmp_path), *copies).returncode == 0
    once = [path.read_text() for path in copies]
    assert run("--from", digests(names, tmp_path, "later"), *copies).returncode == 0
    twice = [path.read_text() for path in copies]
    assert all(one != other for one, other in zip(once, twice, strict=True))
    assert [text.count("@sha256:") for text in once] == [text.count("@sha256:") for text in twice]
    assert run("--unpin", *copies).returncode == 0
    assert [path.read_text() for path in copies] == before


@pytest.mark.parametrize("spoil", ["leave one out", "cut a digest"])
def test_where_a_digest_is_missing_no_file_is_changed(copies: list[Path], tmp_path: Path, spoil: str) -> None:
    given = digests(named(copies), tmp_path)
    lines = given.read_text().splitlines()
    given.write_text("\n".join([*lines[:-1], *([lines[-1][:-1]] if spoil == "cut a digest" else [])]))
    before = [path.read_text() for path in copies]
    done = run("--from", given, *copies)
    assert done.returncode == 1
    assert "nothing was changed" in done.stderr
    assert [path.read_text() for path in copies] == before


def test_a_registry_that_does_not_answer_changes_nothing_and_is_told(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(f"FROM {NOBODY}\n")
    done = run(file)
    assert done.returncode == 1
    assert "pin-images: " in done.stderr
    assert "nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_text() == f"FROM {NOBODY}\n"


def test_stages_and_our_own_image_are_no_images_of_others(tmp_path: Path) -> None:
    file, text = tmp_path / "Dockerfile", "FROM a/b:1.0 AS build\nFROM build\nFROM build AS c\nimage: hanhtrinh:0.1.0\n"
    file.write_text(text)
    given = digests(["a/b:1.0"], tmp_path)
    assert run("--from", given, file).returncode == 0
    assert re.sub(r"@sha256:\w{64}", "", file.read_text()) == text
    assert file.read_text().count("@sha256:") == 1

"""Commands and programs as they are printed in a page of the documentation, to be run as its reader runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_HEADING = re.compile(r"#{1,6} (.+)")
_NAMED = re.compile(r"(?:#|//|--) (\S+\.\w+)(?::|$)")  # the first line of a program says the name of its file
_PATIENCE_S = 120


class Block(NamedTuple):
    """A fenced block. heading: the nearest one above it. file: the name that its first line gives; empty: none."""

    heading: str
    language: str
    text: str
    file: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    heading, language, lines = "", None, list[str]()
    for line in page.read_text(encoding="utf-8").splitlines():
        if language is None and line.startswith("```"):
            language, lines = line[3:].strip(), []
        elif language is not None and line == "```":
            named = _NAMED.match(lines[0]) if lines else None
            found.append(Block(heading, language, "\n".join(lines) + "\n", named[1] if named else ""))
            language = None
        elif language is not None:
            lines.append(line)
        elif match := _HEADING.match(line):
            heading = match[1]
    assert language is None, f"{page}: a block is not closed"
    return found


def under(page: Path, *headings: str) -> list[Block]:
    """The blocks below these headings, in the page's order. Each must have some."""
    found = [block for block in blocks(page) if block.heading in headings]
    assert {block.heading for block in found} == set(headings), (page, headings)
    return found


def run(printed: list[Block], folder: Path, environment: Mapping[str, str]) -> str:
    """Write every program to its file, run every block of shell, in order; gives what they printed.

    The programs of this Python, `hanhtrinh` among them, are found first.
    """
    said = []
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for block in printed:
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block.text], cwd=folder, env={**environment, "PATH": path},
                capture_output=True, text=True, timeout=_PATIENCE_S, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
            said.append(done.stdout)
    return "".join(said)

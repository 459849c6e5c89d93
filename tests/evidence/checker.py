"""A package as whoever receives it handles it: unpacked, and checked by a bare Python."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import typst


def unpack(package: Path, folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as packed:
        packed.extractall(folder)
        return {name: packed.read(name) for name in packed.namelist()}


def verify(folder: Path, *arguments: str | Path) -> tuple[int, str]:
    """Run a package's own program with nothing but the standard library. Returns its status and all it said."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py", *arguments], capture_output=True, text=True, check=False,
        timeout=60, cwd="/", env={"PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def read_json(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def has_page(pdf: bytes, number: int, folder: Path) -> bool:
    """Whether a PDF can be read and has so many pages."""
    (folder / "asked.pdf").write_bytes(pdf)
    main = folder / "asked.typ"
    main.write_text(f'#image("asked.pdf", page: {number})', encoding="utf-8")
    try:
        typst.compile(str(main), format="png", ppi=20.0)
    except typst.TypstError as error:
        if "page" not in str(error):
            raise
        return False
    return True

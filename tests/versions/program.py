"""This program as another version of it: its source in a folder of its own, by default with one migration more."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from storage.migrate import load_migrations
from tests.cli.command import Done, environment
from tests.pages.printed import ROOT

_PACKAGES = ("journey", "rules", "ingest", "storage", "api", "cli")
_TABLE = "CREATE TABLE of_the_next (a int); COMMENT ON TABLE of_the_next IS 'Made by the next version.';"


class Program:
    """`hanhtrinh` of a folder. `next_migration`: the name of the one that it has more than this one, or would have."""

    def __init__(self, folder: Path, next_migration: bool = True) -> None:
        for name in _PACKAGES:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        self.folder = folder
        self.next_migration = f"{len(load_migrations()) + 1:04}_next.sql"
        if next_migration:
            (folder / "storage" / "migrations" / self.next_migration).write_text(_TABLE)

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-c", "from cli.main import main; main()"]

    def environment(self, **settings: str) -> dict[str, str]:
        return {**environment(**settings), "PYTHONPATH": str(self.folder), "PYTHONSAFEPATH": "1"}

    def run(self, *arguments: str, **settings: str) -> Done:
        done = subprocess.run(
            [*self.command, *arguments], cwd=self.folder, env=self.environment(**settings), capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

"""A small fleet whose records reach the store as files, and commands upon it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import sql

from journey.localtime import DAY_S, midnight
from storage.database import connect
from tests.cli.command import Done, called
from tests.whatif.sample import case, fixes

WEEK = "2025-W10"
START = midnight(date(2025, 3, 3))
CLOSED = START + 12 * DAY_S  # five days after the week's end
A, B, C = "12C00001", "12C00002", "12C00003"
LICENCES = {A: "790000000001", B: "790000000002", C: "790000000003"}
TABLES = ("list", "list_file", "list_entry")
NAME = '=HYPERLINK("http://x";"Công ty")'


@dataclass(slots=True)
class Office:
    """A department with its store, its folder of lists and its key."""

    url: str
    folder: Path
    files: int = 0
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def lists(self) -> Path:
        return self.folder / "lists"

    def run(self, *arguments: str | Path) -> Done:
        return called(*arguments, DATABASE_URL=self.url, **self.settings)

    def done(self, *arguments: str | Path) -> Done:
        done = self.run(*arguments)
        assert done.code == 0, done
        return done

    def publish(self, made_at: int = CLOSED, *more: str) -> Done:
        return self.run("list", "publish", "--week", WEEK, "--folder", self.lists, "--made-at", str(made_at), *more)

    def amend(self, made_at: int, *more: str) -> Done:
        return self.run("list", "amend", "--week", WEEK, "--folder", self.lists, "--made-at", str(made_at), *more)

    def take_in(self, rows: list[dict[str, str]], check: bool = True) -> None:
        """Records as a provider's file, through decode and commit; then judged."""
        self.files += 1
        path = self.folder / f"feed-{self.files}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        self.done("replay", path)
        if check:
            self.done("check")

    def bytes_of_lists(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.lists.iterdir()}


def office(url: str, folder: Path) -> Office:
    """With a registry of three vehicles, roads, and a signing key."""
    inputs = case([])
    vehicle = inputs["registry"]["vehicles"][0]
    inputs["registry"]["operators"] = [{"id": "OP1", "name": NAME, "tax_code": "+84900"}]
    inputs["registry"]["vehicles"] = [vehicle | {"plate": plate} for plate in LICENCES]
    reference = folder / "reference"
    reference.mkdir()
    (reference / "registry.json").write_text(json.dumps(inputs["registry"]), encoding="utf-8")
    (reference / "roads.geojson").write_text(json.dumps(inputs["roads"]), encoding="utf-8")
    made = Office(url, folder, settings={"LIST_KEY": str(folder / "list.key")})
    made.done("import", reference)
    made.done("list", "key")
    return made


def rows_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that was ever published, by table."""
    with connect(url) as connection:
        return {
            name: connection.execute(sql.SQL("SELECT * FROM {} ORDER BY 1, 2").format(sql.Identifier(name))).fetchall()
            for name in TABLES
        }


def csv_rows(folder: Path, ordinal: int) -> list[dict[str, str]]:
    """Rows of an amendment's CSV."""
    content = (folder / f"danh-sach-{WEEK}-sua-doi-{ordinal}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def drive(plate: str, day: int, speed: str, begin_s: int = 8 * 3600, seconds: int = 600) -> list[dict[str, str]]:
    """A drive on a day of the week (0: Monday), one fix in ten seconds."""
    return fixes(START + day * DAY_S + begin_s, seconds, speed, plate, 10, LICENCES[plate])

"""Recipients as a settings file states them, the command that delivers to them, and the log as rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from storage.database import connect
from tests.cli.command import Done
from tests.lists.sample import Office

NAMES = [
    f"danh-sach-2025-W10{part}{suffix}"
    for part in ("", "-sua-doi-1")
    for suffix in (".csv", ".json", ".manifest.json", ".manifest.sig", ".pdf", ".xlsx")
] + ["danh-sach-2025-W10.so-dem.csv", "danh-sach-2025-W10.so-dem.json"]


def write(path: Path, *recipients: dict[str, Any], first_s: float = 60) -> Path:
    """A settings file. Each recipient gets everything since 2025 unless it says otherwise."""
    lines = [f"[retry]\nfirst_s = {first_s}\n"]
    for one in recipients:
        lines.append("[[recipient]]")
        for name, value in ({"name": one["channel"], "since": "2025-01-01"} | one).items():
            shown = value if name == "since" else orjson.dumps(value, default=str).decode()
            lines.append(f"{name} = {shown}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def deliver(office: Office, settings: Path, *more: str) -> Done:
    return office.run("list", "deliver", "--once", "--settings", settings, *more)


def log(office: Office) -> list[tuple[Any, ...]]:
    """position, recipient, attempt, step of each row, in order."""
    with connect(office.url) as connection:
        return connection.execute("SELECT position, recipient, attempt, step FROM delivery ORDER BY id").fetchall()


def details(office: Office, step: str) -> list[str]:
    with connect(office.url) as connection:
        rows = connection.execute("SELECT detail FROM delivery WHERE step = %s ORDER BY id", (step,)).fetchall()
    return [detail for (detail,) in rows]

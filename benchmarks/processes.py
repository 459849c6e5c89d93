"""What processes take of the machine, by /proc: memory that is theirs, processor time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Taken(NamedTuple):
    """memory_mb: resident; of several processes their proportional share, so that shared pages count once."""

    memory_mb: float
    processor_s: float


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found, open_ = [], [pid]
    while open_:
        found.append(open_.pop())
        open_ += children.get(found[-1], [])
    return found


def taken(pid: int) -> Taken:
    """By a process and its descendants, those that have ended and were waited for included."""
    memory_kb, ticks = 0, 0
    for one in tree(pid):
        memory_kb += _share_kb(one)
        if fields := _stat(one):
            ticks += sum(int(value) for value in fields[11:15])
    return Taken(memory_kb / 1024, ticks / _TICKS)


def _stat(pid: int) -> list[str]:
    """The fields of stat after the name: state, parent, ..."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
    except OSError:
        return []


def _share_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))

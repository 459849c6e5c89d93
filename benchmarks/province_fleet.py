"""The known-answer fleet of a province's day, and what its providers send of it, as messages with the moment of each.

Made once into a folder, so that while the clock runs nothing is made any more. `messages.bin` holds, message after
message in the order of sending: the due second of the day, the provider, the length, then so many bytes of NDJSON.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from cli.fleet import Fleet, FleetSpec, generate
from cli.fleet.output import as_sent, write_reference

HEAD = struct.Struct("<iii")
FIXES_A_MESSAGE = 500
OPERATORS = 40
PROBES = 40
_DAY = date(2026, 3, 2)


class Message(NamedTuple):
    due_s: int  # of the day
    provider: int
    payload: bytes


def spec_of(vehicles: int, hours: int) -> FleetSpec:
    """Every vehicle sends each ten seconds, parked or not, where its recorder is on."""
    return FleetSpec(vehicles=vehicles, days=-(-hours // 24), start=_DAY, sampling_s=(10, 10), parked_s=10,
                     operators=min(OPERATORS, vehicles), seed=8)  # fmt: skip


def make(folder: Path, vehicles: int, hours: int) -> None:
    """All files of a fleet; where they lie there already, nothing. hours: of its days, from the first midnight."""
    spec = spec_of(vehicles, hours)
    mark, says = folder / "made.json", json.dumps({**asdict(spec), "hours": hours}, default=str)
    if mark.exists() and mark.read_text(encoding="utf-8") == says:
        return
    fleet = generate(spec)
    write_reference(fleet, folder)
    end = spec.begin + hours * 3600
    fixes = fleet.fixes
    # What is sent after the end (copies, hours offline) comes at the end, in the order in which it would have come.
    due = pl.min_horizontal(pl.col("received"), pl.lit(end)) - spec.begin
    provider = pl.Series("provider", fleet.provider, dtype=pl.Int32).gather(fixes["vehicle"])
    fixes = fixes.with_columns(due=due, provider=provider).filter(pl.col("time") < end)
    each = max(1, round(FIXES_A_MESSAGE * 10 * spec.operators / vehicles))  # seconds a message
    fixes = fixes.with_columns(part=pl.col("due") // each)
    _write_probes(fleet, fixes, each, folder / "probes.json")
    with (folder / "messages.part").open("wb") as out:
        sent = 0
        for (slot, number), some in fixes.group_by(["part", "provider"], maintain_order=True):
            for piece in some.iter_slices(4 * FIXES_A_MESSAGE):
                lines = as_sent(fleet, piece.drop("part", "provider", "due"), scaled=True).drop("received")
                payload = lines.write_ndjson().encode()
                out.write(HEAD.pack(min((int(slot) + 1) * each, hours * 3600), int(number), len(payload)) + payload)
                sent += len(piece)
    (folder / "messages.part").rename(folder / "messages.bin")
    weighed = [one for one in fleet.weighings if one["time"] < end]
    (folder / "sent.json").write_text(json.dumps({"fixes": sent, "weighings": len(weighed)}), encoding="utf-8")
    mark.write_text(says, encoding="utf-8")


def _write_probes(fleet: Fleet, fixes: pl.DataFrame, each: int, path: Path) -> None:
    """Of some vehicles the latest fix of each message: its time, and the second of the day in which it is sent."""
    step = max(1, len(fleet.plates) // PROBES)
    chosen = list(range(0, len(fleet.plates), step))[:PROBES]
    latest = (
        fixes.filter(pl.col("vehicle").is_in(chosen))
        .group_by("vehicle", "part")
        .agg(pl.col("time").max())
        .sort("vehicle", "part")
    )
    probes = {
        fleet.plates[number]: latest.filter(pl.col("vehicle") == number)
        .select("time", due=(pl.col("part") + 1) * each)
        .rows()
        for number in chosen
    }
    path.write_text(json.dumps(probes), encoding="utf-8")


def messages(folder: Path) -> Iterator[Message]:
    with (folder / "messages.bin").open("rb", buffering=1 << 20) as file:
        while head := file.read(HEAD.size):
            due_s, provider, length = HEAD.unpack(head)
            yield Message(due_s, provider, file.read(length))


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

"""The client of `benchmarks.desk`: 50 connections kept open, each one person's, in a process of its own.

Closed loop: each connection asks again as soon as it has its answer, so the server is full and the rate is what it can
do. Open loop: each person asks at instants drawn beforehand (a Poisson process), and an answer's time counts from the
instant at which it was to be asked, so that what waits behind a slow answer is not forgotten.

    python -m benchmarks.deskload < plan.json
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")
_LATE_S = 20.0  # after a phase's end, what is still to be asked is given up, and told
_WARM_S = 2.0  # at the beginning of each phase, not counted


class Refused(RuntimeError):  # noqa: N818
    """An answer that is neither 200 nor 503: what was measured is not what was meant."""


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, question: bytes) -> bool:
    """Send one request, read its answer whole; False: the server was too busy. Raises Refused."""
    writer.write(question)
    head = await reader.readuntil(b"\r\n\r\n")
    if head[9:12] not in (b"200", b"503"):
        raise Refused(f"{question[:200]!r}: {head[:300]!r}")
    place = head.lower().index(b"content-length:") + 15
    await reader.readexactly(int(head[place : head.index(b"\r", place)]))
    return head[9:12] == b"200"


def drawn(phase: dict[str, Any], plan: dict[str, Any], person: int) -> Iterator[tuple[str, bytes]]:
    """What a person asks, one question after another, for ever."""
    dice = random.Random(f"{phase['name']} {person}")
    names, weights = list(phase["mix"]), list(phase["mix"].values())
    while True:
        (kind,) = dice.choices(names, weights)
        path = dice.choice(plan["paths"][kind])
        yield kind, asked_as(path, plan["headers"][person][kind])


def asked_as(path: str, headers: str) -> bytes:
    """A request; headers: each with the end of its line."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n".encode()


async def person(number: int, phase: dict[str, Any], plan: dict[str, Any], took: dict[str, list[float]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", plan["port"], limit=1 << 22)
    dice = random.Random(f"{number} {phase['name']}")
    began = time.perf_counter()
    end, due = began + _WARM_S + phase["seconds"], began
    each_s = None if phase["rate"] is None else len(plan["headers"]) / phase["rate"]
    for kind, question in drawn(phase, plan, number):
        if each_s is None:
            due = time.perf_counter()
        else:
            due += dice.expovariate(1 / each_s)
        if due >= end:
            break
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if time.perf_counter() > end + _LATE_S:
            took["given up"].append(time.perf_counter() - due)
            continue
        answered = await ask(reader, writer, question)
        if due >= began + _WARM_S:
            took[kind if answered else "too busy"].append(time.perf_counter() - due)
    writer.close()


async def run(phase: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    took: dict[str, list[float]] = defaultdict(list)
    began, busy = time.perf_counter(), _busy_s()
    used = {name: tree_s(top) for name, top in plan["trees"].items()}
    async with asyncio.TaskGroup() as group:
        for number in range(len(plan["headers"])):
            group.create_task(person(number, phase, plan, took))
    passed = time.perf_counter() - began
    trees = {name: (tree_s(top) - used[name]) / passed for name, top in plan["trees"].items()}
    return {"name": phase["name"], "took": took, "seconds": passed - _WARM_S, "busy": (_busy_s() - busy) / passed,
            "trees": trees}  # fmt: skip


def _busy_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def tree_s(top: int) -> float:
    """Processor time of a process and of those that it started."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            number = int(stat.parent.name)
            parents[number], used[number] = int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICKS
    total, layer = 0.0, {top}
    while layer:
        total += sum(used.get(one, 0.0) for one in layer)
        layer = {number for number, parent in parents.items() if parent in layer}
    return total


def main() -> None:
    plan = json.load(sys.stdin)
    for phase in plan["phases"]:
        print(json.dumps(asyncio.run(run(phase, plan))), flush=True)


if __name__ == "__main__":
    main()

"""Closed loops of `benchmarks.desk` by wrk (apt-get install wrk), where it is installed: it costs a tenth of what a
client in Python costs a question, and client, server and database share the same cores.

Each of the 50 connections asks one question after another, each drawn from those of all people. What it asks has been
asked by benchmarks.deskload just before, which refuses any answer but 200; wrk counts what is not 200 as well.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.deskload import asked_as, tree_s

WRK = shutil.which("wrk")
_SCRIPT = Path(__file__).with_name("deskload.lua")
_QUESTIONS = 5_000  # different ones at most; every one carries its person's login or token
_WARM_S = 2


def closed(plan: dict[str, Any], kind: str, seconds: float) -> dict[str, Any]:
    """Ask one kind over a connection a person, without a pause. Times of the answer in s; processor in s a question.

    Raises AssertionError where an answer was not 200, and FileNotFoundError where there is no wrk.
    """
    dice = random.Random(kind)
    people, paths = plan["headers"], plan["paths"][kind]
    questions = [asked_as(dice.choice(paths), dice.choice(people)[kind]) for _ in range(_QUESTIONS)]
    with tempfile.NamedTemporaryFile(suffix=".http") as file:
        file.write(b"".join(one + b"\0" for one in questions))
        file.flush()
        _run(plan, file.name, len(people), _WARM_S)
        used = {name: tree_s(top) for name, top in plan["trees"].items()} | {"client": _children_s()}
        told = _run(plan, file.name, len(people), max(1, round(seconds)))
        now = {name: tree_s(top) for name, top in plan["trees"].items()} | {"client": _children_s()}
    if told["bad"]:
        raise AssertionError(f"{kind}: {told['bad']} of {told['answers']} answers were not 200")
    return {
        "rate": told["answers"] / (told["us"] / 1e6),
        "took": [told[name] / 1e6 for name in ("p50", "p95", "p99")],
        "kb": told["bytes"] / told["answers"] / 1000,
        "used": {name: (now[name] - used[name]) / told["answers"] for name in now},
        "load": os.getloadavg()[0],
    }


def _run(plan: dict[str, Any], file: str, connections: int, seconds: int) -> dict[str, Any]:
    command = [str(WRK), "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s",
               "--timeout", "30s", "--script", str(_SCRIPT), f"http://127.0.0.1:{plan['port']}/", "--", file,
               "1"]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return told


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

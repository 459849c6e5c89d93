"""Closed loops of `benchmarks.desk` by wrk (`apt-get install wrk`).

A client in Python costs twice as much a question and more, and client, server and database share the same cores.
"""

from __future__ import annotations

import json
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


def run(plan: dict[str, Any], kind: str, seconds: float) -> dict[str, Any]:
    """Ask one kind over a connection a person, without a pause.

    Answers a second, p50, p95 and p99 in ms, processor time in s a question. Raises AssertionError where an answer was
    not 200.
    """
    dice = random.Random(kind)
    people, paths = plan["headers"], plan["paths"][kind]
    questions = [asked_as(dice.choice(paths), dice.choice(people)[kind]) for _ in range(_QUESTIONS)]
    with tempfile.NamedTemporaryFile(suffix=".http") as file:
        file.write(b"".join(one + b"\0" for one in questions))
        file.flush()
        _wrk(plan, file.name, _WARM_S)
        before = _used_s(plan)
        told = _wrk(plan, file.name, max(1, round(seconds)))
        used = {name: (seconds - before[name]) / told["answers"] for name, seconds in _used_s(plan).items()}
    if told["bad"]:
        raise AssertionError(f"{kind}: {told['bad']} of {told['answers']} answers were not 200")
    rate = told["answers"] / told["us"] * 1e6
    return {"rate": rate, "ms": [told[name] / 1000 for name in ("p50", "p95", "p99")], "used": used}


def _used_s(plan: dict[str, Any]) -> dict[str, float]:
    """Processor time until now of what answers, and of all that wrk has been."""
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {name: tree_s(top) for name, top in plan["trees"].items()} | {"client": own.ru_utime + own.ru_stime}


def _wrk(plan: dict[str, Any], file: str, seconds: int) -> dict[str, Any]:
    command = [str(WRK), "--threads", "1", "--connections", str(len(plan["headers"])), "--duration", f"{seconds}s",
               "--timeout", "30s", "--script", str(_SCRIPT),
               f"http://127.0.0.1:{plan['port']}/", "--", file]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return told

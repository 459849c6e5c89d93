"""How soon desk and API answer 50 people at once, on the store of benchmarks.deskstore.

`hanhtrinh serve --workers 2` as a process of its own, real logins and tokens, every look-up on record. Each page alone
and a mix of them: full (every connection asks without a pause) and at the rates of 50 people who ask every 2 s, and of
four times as many.

    python -m benchmarks.desk [closed|open]

Each page alone in full load is asked by wrk too where that is installed (`apt-get install wrk`), first, and before them
/ready: what server, thread and database cost where next to nothing is asked of them, for a measure of the machine.

HANHTRINH_BENCH_SERVE names the `hanhtrinh` of another installation, to compare with.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from benchmarks import deskwrk
from benchmarks.deskstore import PASSWORD, PEOPLE, login, prepared, tokens
from benchmarks.province import licence, plate
from benchmarks.store import DAYS, FIRST_DAY, OPERATORS, VEHICLES
from journey.localtime import date_of
from journey.settings import Settings
from storage.database import connect, open_store

SECONDS = float(os.environ.get("HANHTRINH_BENCH_SECONDS", "10"))
WORKERS = 2
RATES = (25, 100)
_LEAST = "ready"
_AIMS_MS = {"search": 100, "operator": 150, "finding": 200, "api findings": 50}
_MIX = {"overview": 10, "search": 25, "operator": 10, "vehicle": 10, "finding": 25, "findings": 10, "api findings": 10}
_UP_S = 60


def main() -> None:
    wanted = sys.argv[1:] or ["closed", "open"]
    settings = prepared()
    with open_store(settings) as url, serving(url) as (process, port):
        plan = {
            "port": port, "paths": _paths(url), "headers": _headers(port, tokens(settings)),
            "trees": {"serve": process, "database": _postmaster(settings)},
        }  # fmt: skip
        if "closed" in wanted and deskwrk.WRK is not None:
            _measure_alone(plan)
        _measure({**plan, "phases": list(_phases(wanted))})


@contextmanager
def serving(url: str) -> Iterator[tuple[int, int]]:
    """`hanhtrinh serve` as in production, save that one address may ask as often as it likes; process and port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = os.environ.get("HANHTRINH_BENCH_SERVE", str(Path(sys.executable).with_name("hanhtrinh")))
    command = [program, "serve", "--port", str(port), "--workers",
               str(WORKERS), "--rate", "1000000"]  # fmt: skip
    environment = {**os.environ, "HANHTRINH_DATABASE_URL": url, "HANHTRINH_LOG_LEVEL": "warning"}
    process = subprocess.Popen(command, env=environment)
    try:
        _await(port)
        yield process.pid, port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_UP_S)


def _postmaster(settings: Settings) -> int:
    (file,) = settings.data_folder.rglob("postmaster.pid")
    return int(file.read_text(encoding="ascii").split()[0])


def _await(port: int) -> None:
    until = time.monotonic() + _UP_S
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError("`hanhtrinh serve` does not answer")


def _headers(port: int, secrets: list[str]) -> list[dict[str, str]]:
    """Of each person the headers of a question to desk and API."""
    headers = []
    for number in range(PEOPLE):
        desk = f"Cookie: hanhtrinh_session={_logged_in(port, login(number))}\r\nAccept: text/html\r\n"
        api = f"Authorization: Bearer {secrets[number]}\r\n"
        kinds = dict.fromkeys((*_MIX, "record", _LEAST), desk) | {
            "api findings": api,
            "record": desk + "HX-Request: true\r\n",
        }
        headers.append(kinds)
    return headers


def _logged_in(port: int, name: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/login")
    answer = connection.getresponse()
    answer.read()
    word = re.search(r"hanhtrinh_form=([^;]+)", answer.headers["Set-Cookie"])
    if word is None:
        raise LookupError("the form of the log-in sets no cookie")
    form = urlencode({"csrf": word[1], "login": name, "password": PASSWORD, "next": "/"})
    connection.request("POST", "/login", form, {
        "Content-Type": "application/x-www-form-urlencoded", "Cookie": f"hanhtrinh_form={word[1]}"
    })  # fmt: skip
    answer = connection.getresponse()
    answer.read()
    found = [re.match(r"hanhtrinh_session=([^;]+)", one) for one in answer.headers.get_all("Set-Cookie") or ()]
    for one in found:
        if one is not None:
            return one[1]
    raise LookupError(f"{name} could not log in: {answer.status}")


def _paths(url: str) -> dict[str, list[str]]:
    """Of each kind many addresses: of findings those of the last two weeks, of records such as rest on fixes."""
    dice = random.Random(1)
    numbers = [dice.randrange(VEHICLES) for _ in range(500)]
    last = FIRST_DAY + DAYS - 1
    with connect(url) as connection:
        latest = "SELECT id FROM finding WHERE withdrawn_at IS NULL {which} ORDER BY at DESC LIMIT 5000"
        findings = [id_ for (id_,) in connection.execute(latest.replace("{which}", "").encode())]
        derived = latest.replace("{which}", "AND run_id <> 'bench'")
        records = [id_ for (id_,) in connection.execute(derived.encode())]
    weeks = [(date_of(last - 7 * week - 6), date_of(last - 7 * week)) for week in range(8)]
    periods = [f"from={first}&to={end}" for first, end in weeks]
    words = [plate(one)[-4:] for one in numbers] + [plate(one)[:6] for one in numbers[:100]]
    words += [licence(one) for one in numbers[:100]] + [f"OP{one % OPERATORS:03d}" for one in numbers[:100]]
    return {
        _LEAST: ["/ready"],
        "overview": ["/"],
        "search": [f"/search?{urlencode({'q': one})}" for one in words],
        "operator": [f"/operators/OP{one:03d}" for one in range(OPERATORS)],
        "vehicle": [f"/vehicles/{plate(one)}" for one in numbers],
        "finding": [f"/findings/{one}" for one in findings],
        "findings": [f"/findings?{one}" for one in periods] + [f"/findings?operator=OP{one:03d}" for one in range(8)],
        "record": [f"/findings/{one}/record" for one in records],
        "api findings": [
            f"/api/v1/findings?{period}{more}"
            for period in periods for more in ("", "&rule=speeding", "&sort=-at", "&operator=OP007")
        ],
    }  # fmt: skip


def _phases(wanted: list[str]) -> Iterator[dict[str, Any]]:
    alone = {kind: {kind: 1} for kind in _AIMS_MS}
    if "closed" in wanted:
        for name, mix in {"mix": _MIX, **alone, "record": {"record": 1}}.items():
            yield {"name": f"{name}, closed", "mix": mix, "rate": None, "seconds": SECONDS}
    if "open" in wanted:
        for rate in RATES:
            for name, mix in {"mix": _MIX, **alone}.items():
                yield {"name": f"{name}, {rate}/s", "mix": mix, "rate": rate, "seconds": 2 * SECONDS}
        yield {"name": "record, 2/s", "mix": {"record": 1}, "rate": 2, "seconds": 2 * SECONDS}


def _measure_alone(plan: dict[str, Any]) -> None:
    """Each page that has an aim, by wrk, and how often its p95 is that of the least that can be asked."""
    least = deskwrk.run(plan, _LEAST, SECONDS)
    _print_line(f"{_LEAST}, wrk", least["rate"], _shown(least["ms"]), least["used"])
    for kind, aim in _AIMS_MS.items():
        done = deskwrk.run(plan, kind, SECONDS)
        compared = f"({done['ms'][1] / least['ms'][1]:.1f} of {_LEAST}, aim {aim} ms)"
        _print_line(f"{kind}, wrk", done["rate"], f"{_shown(done['ms'])} {compared}", done["used"])


def _measure(plan: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "benchmarks.deskload"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        json.dump(plan, client.stdin)
        client.stdin.close()
        for line in client.stdout:
            _print(json.loads(line))
    if client.returncode:
        raise AssertionError("the client broke off")


def _print(done: dict[str, Any]) -> None:
    every = [seconds for some in done["took"].values() for seconds in some]
    rate = len(every) / done["seconds"]
    shares = {**done["trees"], "client": done["busy"]}
    _print_line(done["name"], rate, _figures(every), {name: share / rate for name, share in shares.items()})
    if len(done["took"]) > 1:
        for kind, some in sorted(done["took"].items()):
            print(f"    {kind:<18} {len(some):>9}  {_figures(some)}", flush=True)


def _print_line(name: str, rate: float, figures: str, used_s: dict[str, float]) -> None:
    used = ", ".join(f"{program} {1000 * seconds:.2f} ms" for program, seconds in used_s.items())
    load = f"processor a question: {used}; load {os.getloadavg()[0]:.1f}"
    print(f"{name:<22} {rate:>7.1f}/s  {figures}  {load}", flush=True)


def _figures(seconds: list[float]) -> str:
    return _shown(np.percentile(seconds, [50, 95, 99]) * 1000)


def _shown(ms: Iterable[float]) -> str:
    p50, p95, p99 = ms
    return f"p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms"


if __name__ == "__main__":
    main()

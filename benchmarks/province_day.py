"""Hours of a province at many times their speed: live intake over Kafka, judged beside, held against the answer key.

    python -m benchmarks.province_day                                     # 24 h of 5,000 vehicles at 60: 35 minutes
    python -m benchmarks.province_day --vehicles 300 --hours 6            # 6 minutes

A fleet of known answers is made (once, into --folder). Its providers send it into Kafka, many fixes a message, each
message when its moment of the day has come; the real `hanhtrinh ingest` and `hanhtrinh check --follow` take it in and
judge it.
Aims: no growth of memory, nothing left over at the end, findings = answer key. The figures come at the end whatever
becomes of the aims, and lie in result.json; exit 1 where one is missed. Ctrl-C and SIGTERM end the run with the figures
so far.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Thread

import psycopg

from benchmarks.province_fleet import lines_of, spec_of
from benchmarks.province_watch import Delays, Sample, look, memory_told, told
from cli.fleet import FleetSpec, match
from cli.reference import read_folder
from cli.root import opened
from ingest.sources.kafka import Settings as Kafka
from journey.localtime import day_of
from journey.registry import Provider
from journey.settings import Settings
from storage.database import Connection, open_store, transaction
from storage.findings import load_findings
from storage.registry import save_registry
from storage.upkeep.parts import make_parts
from tests.brokers import kafka as brokers
from tests.brokers.process import free_port
from tests.chaos.process import COMMAND, Ingest

SENDER = "PROVINCE"
PARTITIONS = 8
SAMPLE_S, PROBE_S = 10.0, 1.0
LEFT_S = 900.0  # how long what was sent may take to be stored and judged
LATE_S = 60.0  # what recorders kept while offline and would send after the end comes at the end, all at once
EDGE_S = 1800  # of a day that is cut off: what is planted there may lie beyond the end
GROWTH = 1.10  # of ingest, last quarter against first half
# Check holds at most 64 vehicle-days (cli.checking.spans), which fill as the day goes on: at most so much is the aim.
CHECK_MB = 450
_BEHIND = re.compile(r"^hanhtrinh_ingest_behind_messages\{[^}]*\} ([0-9.e+]+)$", re.M)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--vehicles", type=int, default=5_000)
    asked.add_argument("--hours", type=int, default=24)
    asked.add_argument("--factor", type=float, default=60.0)
    asked.add_argument("--workers", type=int, default=1, help="of check")
    asked.add_argument("--folder", type=Path, help="of the fleet; default .benchmarks/province-VEHICLES-HOURS")
    given = asked.parse_args()
    folder = given.folder or Path(f".benchmarks/province-{given.vehicles}-{given.hours}")
    signal.signal(signal.SIGTERM, _interrupted)
    brokers.installed()  # said now, not after the minutes that the fleet takes
    say(f"{os.cpu_count()} cores; {given.vehicles:,} vehicles, {given.hours} h at {given.factor:g} times their speed")
    # In a process of its own, so that its memory is given back.
    subprocess.run([sys.executable, "-m", "benchmarks.province_fleet", str(folder), str(given.vehicles),
                    str(given.hours)], check=True)  # fmt: skip
    say(f"fleet in {folder}: {json.loads((folder / 'sent.json').read_text())}")
    sys.exit(run(folder, spec_of(given.vehicles, given.hours), given.hours, given.factor, given.workers))


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def run(folder: Path, spec: FleetSpec, hours: int, factor: float, workers: int) -> int:
    work = Path(tempfile.mkdtemp(prefix="hanhtrinh-bench-", dir=os.environ.get("HANHTRINH_BENCH_FOLDER")))
    end = spec.begin + hours * 3600
    try:
        with ExitStack() as stack:
            broker = stack.enter_context(brokers.start(work / "kafka"))
            settings = Settings(data_folder=work / "data")
            connection = stack.enter_context(opened(settings))
            url = stack.enter_context(open_store(settings))
            save_registry(connection, replace(read_folder(folder), providers=(Provider(SENDER, "sends for all"),)))
            make_parts(connection, day_of(spec.begin) - 7, day_of(spec.end) + 7)
            topic, weighed = broker.create_topic("fixes", PARTITIONS), broker.create_topic("weighings", 1)
            common = {"transport": "kafka", "servers": (broker.address,), "sender": SENDER}
            ingest = stack.enter_context(
                Ingest(work / "ingest", url, [
                    Kafka.model_validate({**common, "name": "fixes", "topics": (topic,)}),
                    Kafka.model_validate({**common, "name": "weighings", "topics": (weighed,),
                                          "protocol": "weighing_v1"}),
                ])
            )  # fmt: skip
            ingest.wait_ready()
            check = stack.enter_context(_check(work, url, workers))
            start = time.time() + 3
            sender = stack.enter_context(
                subprocess.Popen([sys.executable, "-m", "benchmarks.province_send", str(folder), broker.address, topic,
                                  weighed, str(PARTITIONS), str(start), str(factor)], stdout=subprocess.PIPE, text=True)
            )  # fmt: skip
            stack.callback(sender.kill)
            stack.callback(check.terminate)
            day = Day(connection, url, spec, end, start, factor, folder, ingest, sender,
                      {"ingest": ingest.pid, "check": check.pid, "sender": sender.pid, "kafka": broker.process_id,
                       "postgres": _postmaster(work / "data")})  # fmt: skip
            try:
                day.watch()
            except KeyboardInterrupt:
                say("interrupted: the figures so far")
            except (psycopg.Error, OSError, ChildProcessError) as error:
                say(f"the run broke off: {error}; the figures so far")
            connection.rollback()
            code = day.tell(folder)
            if code:
                print((work / "check.log").read_text(errors="replace")[-2000:], ingest.text()[-2000:], sep="\n")
            return code
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _check(work: Path, url: str, workers: int) -> subprocess.Popen[bytes]:
    log = (work / "check.log").open("wb")
    return subprocess.Popen([COMMAND, "check", "--follow", "--workers", str(workers), "--port", str(free_port())],
                            env={**os.environ, "HANHTRINH_DATABASE_URL": url}, stdout=log, stderr=log)  # fmt: skip


def _postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split()[0])


class Day:
    """One run."""

    def __init__(
        self, connection: Connection, url: str, spec: FleetSpec, end: int, start: float, factor: float, folder: Path,
        ingest: Ingest, sender: subprocess.Popen[str], pids: dict[str, int],
    ) -> None:  # fmt: skip
        self.connection, self.url, self.spec, self.end, self.start = connection, url, spec, end, start
        self.factor, self.ingest, self.sender, self.pids = factor, ingest, sender, pids
        self.length_s = (end - spec.begin) / factor
        probes = json.loads((folder / "probes.json").read_text(encoding="utf-8"))
        due = {plate: deque((when, start + at / factor) for when, at in rows) for plate, rows in probes.items()}
        self.delays = Delays(spec.begin, spec.end, day_of(spec.begin), due)
        self.sent: int = json.loads((folder / "sent.json").read_text(encoding="utf-8"))["fixes"]
        self.samples: list[Sample] = []
        self.messages, self.sender_late_s, self.sender_most_late_s = 0, 0.0, 0.0
        self.stored_after_s: float | None = None  # the end of the day
        self.judged_after_s: float | None = None

    def watch(self) -> None:
        """Until all is stored and judged, or that takes too long."""
        Thread(target=self._hear, daemon=True).start()
        due = time.time()
        while True:
            now = time.time()
            for name in ("ingest", "check"):
                if not Path(f"/proc/{self.pids[name]}/smaps_rollup").read_bytes():
                    raise ChildProcessError(f"{name} has ended")
            self.delays.look(self.connection)
            if now >= due:
                due = now + SAMPLE_S
                self._sample(now)
            past = now - self.start - self.length_s
            if past > 0 and self.sender.poll() is not None and self._left(past):
                return
            if past > LEFT_S:
                say(f"after {past:.0f} s not all is stored and judged: given up")
                return
            time.sleep(max(0.0, PROBE_S - (time.time() - now)))

    def _hear(self) -> None:
        assert self.sender.stdout is not None
        for line in self.sender.stdout:
            self.messages, self.sender_late_s = int(line.split()[0]), float(line.split()[1])
            self.sender_most_late_s = max(self.sender_most_late_s, self.sender_late_s)

    def _sample(self, now: float) -> None:
        behind = sum(float(value) for value in _BEHIND.findall(self.ingest.get("/metrics")[1]))
        one = look(self.connection, now - self.start, self.messages, behind, self.pids)
        before = self.samples[-1] if self.samples else None
        self.samples.append(one)
        rate = (one.stored - before.stored) / (one.at_s - before.at_s) if before else 0
        clock = time.strftime("%H:%M", time.gmtime(max(0, min(one.at_s * self.factor, self.end - self.spec.begin))))
        memory = ", ".join(f"{name} {taken.memory_mb:,.0f}" for name, taken in one.of.items())
        say(f"day {clock}  {one.stored:>11,} stored {rate:>7,.0f}/s  {behind:>6,.0f} messages behind  "
            f"{one.waiting:>5,} windows wait  sender late {self.sender_late_s:.1f} s  MB: {memory}")  # fmt: skip

    def _left(self, past: float) -> bool:
        fresh = look(self.connection, past, self.messages, 0, {})
        if self.stored_after_s is None and fresh.stored >= self.sent:
            self.stored_after_s = past
        if self.stored_after_s is not None and not fresh.waiting:
            self.judged_after_s = past
            return True
        return False

    def tell(self, folder: Path) -> int:
        """All figures; 0 where the aims are met."""
        with transaction(self.connection):
            findings = [
                one.as_dict() for one in load_findings(self.connection, self.spec.begin - 86_400, self.spec.end)
            ]
        key = lines_of(folder / "answers.ndjson")
        result = match(key, findings)  # type: ignore[arg-type]
        whole = self.end == self.spec.end
        expected = Counter(one["rule"] for one in key if whole or one["at_to"] < self.end - EDGE_S)
        missing = [one for one in result.missing if whole or one["at_to"] < self.end - EDGE_S]
        lost, extra = Counter(one["rule"] for one in missing), Counter(one["rule"] for one in result.extra)
        say("planted, found, extra by rule")
        for rule in sorted(expected | extra):
            print(f"  {rule:<20} {expected[rule]:>6} {expected[rule] - lost[rule]:>6} {extra[rule]:>6}")
        print(f"  {'all':<20} {expected.total():>6} {expected.total() - lost.total():>6} {extra.total():>6}")
        for one in (*missing[:5], *result.extra[:5]):
            print(f"  differs: {dict(one)}")
        live = [one for one in self.samples if 0 < one.at_s <= self.length_s] or self.samples
        first, last = live[0], live[-1]
        seconds = max(1.0, last.at_s - first.at_s)
        peak = max(((b.stored - a.stored) / (b.at_s - a.at_s) for a, b in pairwise(live)), default=0)
        average = self.sent / self.length_s
        print(
            f"intake: {self.sent:,} fixes in {self.length_s:,.0f} s, {average:,.0f}/s on average, {peak:,.0f}/s in the"
        )
        print(f"  busiest 10 s; the sender at most {self.sender_most_late_s:.1f} s late")
        for name in self.pids:
            used = (last.of[name].processor_s - first.of[name].processor_s) / seconds
            print(f"{name:<10} {used:.2f} cores; {memory_told(live, name)}")
        print(f"lag at the end: {last.behind:,.0f} messages at the broker, {last.waiting:,} windows waiting")
        print(
            f"  all stored {_after(self.stored_after_s)} the end of the day, all judged {_after(self.judged_after_s)}"
        )
        print(told("from due to stored", self.delays.stored))
        print(told("from due to judged", self.delays.judged))
        most_mb = max(one.of["check"].memory_mb for one in live)
        aims = {"findings = answer key": not missing and not result.extra,
                "all stored and judged": self.judged_after_s is not None,
                "no lag of intake at the day's end": not last.behind,
                f"what came late stored within {LATE_S} s": (self.stored_after_s or LEFT_S) <= LATE_S,
                "memory of ingest flat": not _grown(live, "ingest"),
                f"memory of check at most {CHECK_MB} MB": most_mb <= CHECK_MB}  # fmt: skip
        for aim, met in aims.items():
            print(f"{'met' if met else 'MISSED'}: {aim}")
        (folder / "result.json").write_text(json.dumps({
            "aims": aims, "stored_s": self.delays.stored, "judged_s": self.delays.judged,
            "samples": [{"at_s": one.at_s, "stored": one.stored, "waiting": one.waiting, "behind": one.behind,
                         "of": {name: taken._asdict() for name, taken in one.of.items()}} for one in self.samples],
        }), encoding="utf-8")  # fmt: skip
        return 0 if all(aims.values()) else 1


def _grown(samples: list[Sample], name: str) -> bool:
    """Whether the peak of the last quarter lies well above that of the first half."""
    resident = [one.of[name].memory_mb for one in samples]
    half, quarter = max(1, len(resident) // 2), max(1, len(resident) // 4)
    return max(resident[-quarter:]) > GROWTH * max(resident[:half])


def _after(seconds: float | None) -> str:
    return "never within the time, after" if seconds is None else f"{seconds:.0f} s after"


if __name__ == "__main__":
    main()

"""`make bench`: every benchmark in a process of its own, with the machine's core count."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks.fleet import prepare

FOLDER = Path(".benchmarks/fleet")


def main() -> None:
    folder = str(prepare(FOLDER))
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}", flush=True)
    for module, *arguments in (
        ("benchmarks.evaluate", folder, "none"),
        ("benchmarks.evaluate", folder, "roads"),
        ("benchmarks.confirm", folder),
        ("benchmarks.matching", "--fixes", "20000"),
        ("benchmarks.law", folder),
        ("benchmarks.roads",),
        ("benchmarks.weighings",),
        ("benchmarks.avoidance",),
        ("benchmarks.review_day",),
        ("benchmarks.commit", folder),
        ("benchmarks.replay",),
        ("benchmarks.late_day",),
        ("benchmarks.fixbytes", folder),
        ("benchmarks.store",),
        ("benchmarks.weekly_list",),
        ("benchmarks.catchup",),
        ("benchmarks.audit",),
        ("benchmarks.desk",),
        ("benchmarks.panels",),
        ("benchmarks.turns",),
        ("benchmarks.live_kafka", folder),
        ("benchmarks.live_mqtt", folder),
        ("benchmarks.live_amqp", folder),
        ("benchmarks.live_http", folder),
        ("benchmarks.live_memory",),
    ):
        subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    main()

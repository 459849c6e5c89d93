"""How soon the store answers every panel of every board, over a week of the store of benchmarks.deskstore.

As a reader of boards asks: as the role hanhtrinh_reader, read only, variables at what Grafana has at first (of several
all). The week is the last of the store that is whole.

    python -m benchmarks.panels [WORD OF A TITLE]
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import numpy as np
from psycopg.conninfo import make_conninfo

from benchmarks.deskstore import prepared
from benchmarks.stationstore import add_weighings
from benchmarks.store import DAYS, FIRST_DAY
from dashboards.boards import JSON
from dashboards.parts import STORE
from journey.localtime import DAY_S, day_start
from storage.database import Connection, connect, open_store, transaction
from storage.migrate import migrate
from storage.roles import apply_roles
from storage.upkeep.hours import refresh_all
from tests.operations.grafana import Range, expanded, panels

TIMES = 11
AIM_MS = 200
_END = day_start(FIRST_DAY + DAYS)
_WEEK = Range(_END - 7 * DAY_S, _END)


def main() -> None:
    wanted = " ".join(sys.argv[1:]).lower()
    settings = prepared()
    with open_store(settings) as url:
        with connect(url) as owner:
            migrate(owner)  # a store that was made by an older version
        add_weighings(url, settings)
        with connect(url) as owner:
            refresh_all(owner, _END)
            apply_roles(owner)
        reads = make_conninfo(url, options="-c role=hanhtrinh_reader -c default_transaction_read_only=on")
        with connect(reads) as reader:
            took = [one for path in sorted(JSON.glob("*.json")) for one in _board(reader, path.stem, wanted)]
    slow = sorted(name for name, p50, most in took if most > AIM_MS)
    print(f"{'panels':<28} {len(took):>12}  p50 {np.median([p50 for _, p50, _ in took]):.1f} ms, slowest "
          f"{max(most for _, _, most in took):.1f} ms; over {AIM_MS} ms: {len(slow)}; "
          f"load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip


def _board(reader: Connection, name: str, wanted: str) -> list[tuple[str, float, float]]:
    """Of each panel its name, the median and the longest of the times it took, ms; also of the board's variables."""
    board = json.loads((JSON / f"{name}.json").read_text(encoding="utf-8"))
    values: dict[str, Any] = {}
    took = []
    for one in board["templating"]["list"]:
        sql = expanded(one["query"], _WEEK, False, values)
        with transaction(reader):
            rows = reader.execute(sql.encode()).fetchall()
        values[one["name"]] = [row[0] for row in rows] if one.get("multi") else rows[0][0] if rows else ""
        took.append((f"{name}: ${one['name']}", *_timed(reader, sql)))
    for panel in panels(board, STORE.uid or ""):
        for target in panel["targets"]:
            title = f"{name}: {panel['title']}"
            empty = [one for one, value in values.items() if value in ([], "") and f"${one}" in target["rawSql"]]
            if empty:
                print(f"{title:<70} not asked: the store has nothing for {', '.join(empty)}")
            elif wanted in title.lower():
                took.append((title, *_timed(reader, expanded(target["rawSql"], _WEEK, False, values))))
    for title, p50, most in took:
        print(f"{title:<70} p50 {p50:8.1f} ms  max {most:8.1f} ms{'  OVER' if most > AIM_MS else ''}", flush=True)
    return took


def _timed(reader: Connection, sql: str) -> tuple[float, float]:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        with transaction(reader):
            reader.execute(sql.encode()).fetchall()
        spent.append(1000 * (time.perf_counter() - began))
    return float(np.median(spent)), max(spent)


if __name__ == "__main__":
    main()

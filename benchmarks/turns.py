"""What choosing whose turn it is costs (storage.turns), beside looking at all that waits; and keeping the queues.

    python -m benchmarks.turns [--explain]

Waiting windows: one of each vehicle, as on the road, or a month of each, as after an outage; an operator has 50
vehicles. A round of 200 windows. Touches: 5,000 vehicle-days in a statement, as of a commit, with triggers and without.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cli.root import opened
from journey.settings import Settings
from storage.database import Connection, transaction
from storage.turns import _CANDIDATES, ALL, FEW_DAYS, Turn, choose
from storage.windows import VehicleDays, touch
from tests.storage.all_waiting import CANDIDATES, choose_of_all

WAITING = (5_000, 50_000, 200_000)
MONTH = 30
ROUND = 200
TIMES = 21
TOUCHED = 5_000
_DAY = 20_518
_FILL = (
    "INSERT INTO operator (id) SELECT 'OP' || n FROM generate_series(0, %(vehicles)s / 50) n",
    "INSERT INTO vehicle (plate) SELECT 'B' || n FROM generate_series(1, %(vehicles)s) n",
    """INSERT INTO registration (vehicle_id, operator, kind, liquid_tank)
       SELECT id, 'OP' || row_number() OVER (ORDER BY id) / 50, 'truck', false FROM vehicle""",
    """INSERT INTO vehicle_day (vehicle_id, day, touched, checked)
       SELECT id, %(day)s + d, nextval('touch'), 0 FROM vehicle CROSS JOIN generate_series(1, %(days)s) d""",
    # Those on the road were judged before, at different times.
    "UPDATE vehicle_day SET checked = touched %% 1000, touched = touched + 1000 WHERE %(days)s = 1",
)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="hanhtrinh-bench-", dir=os.environ.get("HANHTRINH_BENCH_FOLDER")))
    try:
        with opened(Settings(data_folder=folder)) as connection:
            for waiting in WAITING:
                for days in (1, MONTH):
                    _round(connection, waiting // days, days, "--explain" in sys.argv)
            _touches(connection)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _round(connection: Connection, vehicles: int, days: int, explain: bool) -> None:
    with transaction(connection):
        connection.execute("SET LOCAL session_replication_role = replica")  # append-only tables refuse it else
        connection.execute("TRUNCATE vehicle, operator CASCADE")
    with transaction(connection):
        for statement in _FILL:
            connection.execute(statement.encode(), {"vehicles": vehicles, "days": days, "day": _DAY})
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE vehicle, registration, vehicle_day, vehicle_queue")
    connection.autocommit = False
    quiet = Turn(late=True, quiet=1)
    for name, turn in (("a pass", ALL), ("between two", quiet)):
        took = [_timed(connection, one, turn) for one in (choose_of_all, choose)]
        print(f"{vehicles * days:>7} windows of {vehicles:>6} vehicles, {name:<11}: all looked at "
              f"{took[0]:7.1f} ms, heads of queues {took[1]:6.1f} ms", flush=True)  # fmt: skip
    if explain:
        asked = {"limit": ROUND, "most": 40, "few": FEW_DAYS, **ALL._asdict()}
        for text, more in ((CANDIDATES, {}), (_CANDIDATES, {"reach": 1})):
            plan = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS off) {text}".encode(), {**asked, **more})
            print("\n".join(row[0] for row in plan), flush=True)
            connection.rollback()


def _timed(connection: Connection, one: Callable[..., object], turn: Turn) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        one(connection, ROUND, 40, turn)
        took.append(time.perf_counter() - began)
        connection.rollback()
    return float(np.median(took)) * 1000


def _touches(connection: Connection) -> None:
    """Of the last store: vehicles that wait already are touched again, and marked as judged."""
    ids = np.array([id_ for (id_,) in connection.execute("SELECT min(id) FROM vehicle")], np.int64)
    vehicles = ids[0] + np.arange(TOUCHED)
    days = VehicleDays(vehicles, np.full(TOUCHED, _DAY + MONTH))
    none = VehicleDays(vehicles[:0], vehicles[:0])
    connection.commit()
    for word in ("DISABLE", "ENABLE"):
        with transaction(connection):
            connection.execute(f"ALTER TABLE vehicle_day {word} TRIGGER USER".encode())
        took = []
        for _ in range(TIMES):
            began = time.perf_counter()
            with transaction(connection):
                touch(connection, days, none)
            took.append(time.perf_counter() - began)
        print(f"{TOUCHED} vehicle-days touched, queues {'kept' if word == 'ENABLE' else 'not kept':<8}: "
              f"{np.median(took) * 1000:.0f} ms", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()

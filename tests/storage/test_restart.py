"""A replay that is killed again and again loses nothing and doubles nothing."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from storage.commit import source_offset
from storage.database import connect, scalar
from tests.storage.samples import NOON, fix, frame

ROOT = Path(__file__).parents[2]
BATCHES, FIXES = 60, 200
REPLAY = f"""
import sys
from storage.commit import commit_batch, source_offset
from storage.database import connect
from tests.storage.samples import stretch
from tests.storage.test_restart import batch
with connect(sys.argv[1]) as connection:
    at = source_offset(connection, "replay") or 0
    connection.commit()
    print("at", at, flush=True)
    for start in range(at, {BATCHES}):
        commit_batch(connection, stretch("replay", start, start + 1, batch(start)))
"""


def batch(number: int):  # type: ignore[no-untyped-def]
    return frame([fix(f"V{place % 5}", NOON + number * FIXES + place) for place in range(FIXES)])


def test_killed_again_and_again(database: str) -> None:
    chance = random.Random(7)
    starts = []
    while True:
        replay = subprocess.Popen([sys.executable, "-c", REPLAY, database], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert replay.stdout is not None
        starts.append(int(replay.stdout.readline().split()[1]))
        assert len(starts) < 20, "it ends by itself once it is not killed any more"
        if len(starts) <= 6:
            time.sleep(chance.uniform(0, 0.12))
            replay.kill()
        replay.communicate()
        if replay.returncode == 0:
            break
    assert len(starts) > 1
    with connect(database) as connection:
        assert source_offset(connection, "replay") == BATCHES
        assert scalar(connection, "SELECT count(*) FROM fix") == BATCHES * FIXES
        assert scalar(connection, "SELECT count(DISTINCT time) FROM fix") == BATCHES * FIXES
        assert scalar(connection, "SELECT count(*) FROM fix_copy") == 0
        positions = connection.execute("SELECT position_from FROM batch_position ORDER BY batch_id").fetchall()
        assert [position for (position,) in positions] == list(range(BATCHES))

"""The commit path: flagged batches into the embedded PostgreSQL with the unique key. Aim: 60,000 fixes/s."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from benchmarks.fleet import read
from cli.root import opened
from journey.settings import Settings
from journey.track import encode
from rules import law as rulebook
from rules.quality import figures_box, fix_flags
from storage.commit import Batch, commit_batch
from storage.database import scalar, transaction

FIXES = 3_000_000
BATCH = 50_000


def main(folder: Path) -> None:
    law = rulebook.load()
    box = figures_box(law)
    fixes = read(folder).head(FIXES)
    data = Path(tempfile.mkdtemp(prefix="hanhtrinh-bench-"))
    try:
        with opened(Settings(data_folder=data)) as connection:
            slowest = 0.0
            began = time.perf_counter()
            for start in range(0, len(fixes), BATCH):
                part = fixes[start : start + BATCH]
                turn = time.perf_counter()
                flags = pl.Series(fix_flags(encode(part).frame, box, law), dtype=pl.Int16)
                commit_batch(connection, Batch("bench", part.with_columns(flags=flags)))
                slowest = max(slowest, time.perf_counter() - turn)
            seconds = time.perf_counter() - began
            with transaction(connection):
                stored = scalar(connection, "SELECT count(*) FROM fix") + scalar(
                    connection, "SELECT count(*) FROM fix_copy"
                )
                size = scalar(
                    connection, "SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_partition_tree('fix')"
                )
    finally:
        shutil.rmtree(data, ignore_errors=True)
    if stored != len(fixes):
        raise AssertionError(f"{stored} stored of {len(fixes)} sent")
    print(
        f"{'flag and commit':<28} {len(fixes) / seconds:>12,.0f} fixes/s  {len(fixes):,} fixes in {seconds:.2f} s, "
        f"batches of {BATCH:,}, slowest {slowest:.2f} s, {size / len(fixes):.0f} bytes a fix with the key",
        flush=True,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

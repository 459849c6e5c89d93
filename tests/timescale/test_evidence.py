"""Evidence over hypertables: the package of a finding from compressed chunks is the one that plain tables give."""

from __future__ import annotations

from pathlib import Path

from storage.database import connect
from tests.cli.command import called
from tests.evidence.checker import unpack, verify
from tests.evidence.small import fast_folder, judged
from tests.timescale.test_layout import compress

# What says by which run, at what time, over which program it was made.
_OF_THE_STORE = {"manifest.json", "manifest.sha256", "summary.pdf", "fixes.csv", "fixes.geojson", "weighing.json"}


def packed(database: str, finding: str, folder: Path) -> dict[str, bytes]:
    done = called("evidence", finding, "--out", folder.with_suffix(".zip"), DATABASE_URL=database)
    assert done.code == 0, done
    return unpack(folder.with_suffix(".zip"), folder)


def test_a_package_from_compressed_chunks_is_that_of_plain_tables(
    timescale_database: str, database: str, tmp_path: Path
) -> None:
    (tmp_path / "records").mkdir()
    fast_folder(tmp_path / "records")
    over, plain = judged(tmp_path / "records", timescale_database), judged(tmp_path / "records", database)
    assert over == plain
    for rule in ("speeding", "overload_gross"):
        before = packed(timescale_database, over[rule], tmp_path / f"{rule}-before")
        with connect(timescale_database) as connection:
            compress(connection)
        after = packed(timescale_database, over[rule], tmp_path / f"{rule}-after")
        assert after == before
        other = packed(database, plain[rule], tmp_path / f"{rule}-plain")
        assert set(other) == set(after)
        assert {name for name in after if after[name] != other[name]} <= _OF_THE_STORE
        code, said = verify(tmp_path / f"{rule}-after")
        assert code == 0, said
        assert "the sums are those of the finding" in said

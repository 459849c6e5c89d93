"""An evidence package made over hypertables, compressed or not, is the same file that PostgreSQL's own tables give."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.database import Connection, connect, scalar, transaction
from storage.migrate import migrate
from tests.cli.command import called
from tests.evidence.small import fast_folder, judged, silent_folder
from tests.timescale.test_layout import compress

FOLDERS = {"fast": fast_folder, "silent": silent_folder}


def moments_alike(one: Connection, other: Connection) -> None:
    """Give the second store the moments of the first, at which it was filled: only these are its own."""
    moments = (("run", "made_at", "id"), ("finding", "added_at", "id"), ("batch", "committed_at", "id"))
    with transaction(one), transaction(other):
        for table, moment, key in moments:
            for at, id_ in one.execute(f"SELECT {moment}, {key} FROM {table}").fetchall():  # type: ignore[arg-type]  # noqa: S608
                done = other.execute(f"UPDATE {table} SET {moment} = %s WHERE {key} = %s", (at, id_))  # type: ignore[arg-type]  # noqa: S608
                assert done.rowcount == 1, (table, id_)


def packed(url: str, ids: list[str], folder: Path, *more: str) -> dict[str, bytes]:
    found = {}
    for id_ in ids:
        done = called("evidence", id_, "--out", folder / "package.zip", *more, DATABASE_URL=url)
        assert done.code == 0, done
        found[id_] = (folder / "package.zip").read_bytes()
    return found


@pytest.mark.parametrize("name", FOLDERS)
def test_a_package_is_the_same_over_both(name: str, database: str, timescale_database: str, tmp_path: Path) -> None:
    FOLDERS[name](tmp_path)
    with connect(timescale_database) as connection:
        migrate(connection)
        connection.commit()
        hypertables = "SELECT count(*) FROM timescaledb_information.hypertables WHERE hypertable_name = 'fix'"
        assert scalar(connection, hypertables) == 1
    plain, hyper = judged(tmp_path, database), judged(tmp_path, timescale_database)
    assert plain == hyper
    with connect(database) as one, connect(timescale_database) as other:
        moments_alike(one, other)
    ids = sorted(plain.values())
    for more in ((), ("--language", "en")):
        expected = packed(database, ids, tmp_path, *more)
        assert packed(timescale_database, ids, tmp_path, *more) == expected
    with connect(timescale_database) as connection:
        compress(connection)
        chunks = "SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'fix' AND is_compressed"
        assert scalar(connection, chunks) > 0
    assert packed(timescale_database, ids, tmp_path, *more) == expected

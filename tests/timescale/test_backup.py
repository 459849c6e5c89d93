"""A store on compressed hypertables as a file, and back: the steps of storage.upkeep.backup that need one session."""

from __future__ import annotations

from pathlib import Path

from storage.commit import commit_batch
from storage.database import Connection, connect, transaction
from storage.upkeep import backup
from storage.upkeep.backup import count_rows, put_back
from storage.upkeep.hours import refresh_all
from storage.upkeep.status import table_sizes
from tests.storage.samples import NOON, fix, frame, stretch
from tests.timescale import test_layout as layout
from tests.timescale.server import Timescale

store = layout.store


def test_what_was_dumped_is_there_again(store: Connection, timescale_server: Timescale, tmp_path: Path) -> None:
    refresh_all(store, NOON + 50 * layout.DAY_S)
    before = layout.answers(store)
    with transaction(store):
        rows, hours, major = count_rows(store), layout.aggregated(store), store.info.server_version // 10_000
    url, file = store.info.dsn, tmp_path / "dump"
    store.close()
    with file.open("wb") as out:
        backup._run("pg_dump", major, url, "--format=custom", stdout=out)
    url = timescale_server.fresh()
    for step in ("SELECT timescaledb_pre_restore()", "SELECT timescaledb_post_restore()"):
        with connect(url) as connection:
            connection.autocommit = True
            connection.execute(step)
        if "pre" in step:
            put_back(major, url, file)
    with connect(url) as connection:
        with transaction(connection):
            assert count_rows(connection) == rows
            assert layout.aggregated(connection) == hours
            parts = {one.name: (one.parts, one.compressed) for one in table_sizes(connection) if one.parts}
        assert layout.answers(connection) == before
        assert parts["fix"] == (layout.DAYS, layout.DAYS)
        late = frame([fix(layout.VEHICLES[2], NOON + layout.DAY_S + 7)])
        assert commit_batch(connection, stretch("late", 0, 1, late)).inserted == 1
